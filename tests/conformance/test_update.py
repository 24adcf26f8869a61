"""Documents that `sio-infer update` changed, shown to the official AsyncAPI parser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infer import infer
from infer.asyncapi import DocumentOptions, document, dump
from tests.conformance.tools import ask
from tests.e2e.decoding import decoded
from tests.e2e.processes import ROOT
from tests.unit.update.observed import revision_of

RECORDINGS = ROOT / "recordings"


def emptied(whole: dict[str, Any]) -> dict[str, Any]:
    """A document that knows less: no acknowledgements, no properties, no event of the other direction."""
    for message in whole["components"]["messages"].values():
        message.pop("x-ack", None)
    whole["components"]["messages"] = {key: part for key, part in whole["components"]["messages"].items() if "Ack" not in key}
    for channel in whole["channels"].values():
        channel["messages"] = {key: part for key, part in channel.get("messages", {}).items() if "Ack" not in key}
    whole["operations"] = {key: part for key, part in whole["operations"].items() if ".send." not in key}
    for operation in whole["operations"].values():
        operation.pop("reply", None)
    for schema in whole["components"]["schemas"].values():
        if "properties" in schema:
            schema["properties"], schema["required"] = {}, []
    return whole


def test_the_official_parser_takes_updated_documents(node: str, tmp_path: Path) -> None:
    """No error: what was added refers to what is there, under names that are free."""
    paths = []
    for version in ("3.0.0", "3.1.0", "2.6.0"):
        for base, other in (("orders.har", "files-websocket.har"), ("chat-first.har", "office.cdp.jsonl")):
            whole = document(infer([str(RECORDINGS / base)]), DocumentOptions(version=version))
            text = dump(whole if version.startswith("2") else emptied(whole))
            revision = revision_of(text, decoded([RECORDINGS / base, RECORDINGS / other]).observations)
            assert revision.contradicted == []
            paths.append(tmp_path / f"{base}-{version}.yml")
            paths[-1].write_text(revision.texts["asyncapi.yml"], encoding="utf-8")
    for path, verdict in ask(node, "parse", *paths).items():
        assert verdict["parsed"], path
        assert [found for found in verdict["diagnostics"] if found["severity"] == 0] == []
