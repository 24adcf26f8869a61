"""The laws of `sio-infer update`, over documents of real recordings that were edited at random, as people edit."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from infer import infer
from infer.asyncapi import DocumentOptions, document, dump
from infer.asyncapi.source import parse, plain
from infer.model import Observation
from tests.e2e.contracts import expectation
from tests.e2e.decoding import decoded
from tests.e2e.processes import ROOT
from tests.unit.update.observed import revision_of

APPLICATIONS = ("chat", "files", "legacy", "office", "orders", "poll", "telemetry", "ticker")
VERSIONS = ("3.0.0", "2.6.0")
NOTE = "# note"
PHASES = (Phase.explicit, Phase.generate)  # to make a smaller example of a document takes minutes


def recordings(name: str) -> list[str]:
    return [str(ROOT / "recordings" / file) for file in expectation(name)["recordings"][-1]]


@cache
def observed(name: str) -> tuple[Observation, ...]:
    return tuple(decoded([ROOT / "recordings" / file for file in expectation(name)["recordings"][-1]]).observations)


@cache
def draft(name: str, version: str) -> str:
    return dump(document(infer(recordings(name)), DocumentOptions(version=version)))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", APPLICATIONS)
def test_a_draft_takes_the_traffic_that_it_was_made_of(name: str, version: str) -> None:
    """Nothing is changed, added or contradicted."""
    revision = revision_of(draft(name, version), observed(name))
    assert revision.texts == {}
    assert revision.added == revision.widened == revision.contradicted == []


@st.composite
def layouts(draw: st.DrawFn, text: str) -> str:
    """The text with comments, blank lines, quotes and indents of a person, which mean nothing."""
    lines: list[str] = []
    if draw(st.booleans()):
        text = re.sub(r"(?m)^( +)", r"\1\1", text)
        text = re.sub(r"(?m)^( *)- (?=\S)", r"\1-   ", text)
    for number, written in enumerate(text.splitlines()):
        line = written
        choice = draw(st.sampled_from(["as it is"] * 12 + ["comment above", "comment beside", "blank line", "quotes"]))
        indent = line[: len(line) - len(line.lstrip())]
        if choice == "comment above":
            lines.append(f"{indent}{NOTE} {number} above: \"'{{]")
        elif choice == "comment beside":
            line = f"{line}   {NOTE} {number} beside"
        elif choice == "blank line":
            lines.append("")
        elif choice == "quotes":
            line = re.sub(r"^( *(?:- )?[\w$-]+: )(?!true$|false$)([A-Za-z][\w ]*)$", r'\1"\2"', line)
        lines.append(line)
    ending = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return ending.join(lines) + draw(st.sampled_from([ending, "", ending * 2]))


@st.composite
def edits(draw: st.DrawFn, whole: Any) -> Any:
    """The document with claims that the traffic does not bear out: some dropped, some narrowed, some put in."""
    whole = plain(parse(dump(whole, "json"), "a.json"))
    for _ in range(draw(st.integers(1, 5))):
        schemas = [part for part in _walk(whole["components"].get("schemas", {})) if isinstance(part, dict) and "type" in part]
        objects = [part for part in schemas if part.get("properties")]
        choice = draw(st.sampled_from(["event", "property", "type", "required", "closed", "enum", "ack"]))
        if choice == "event" and whole.get("operations"):
            del whole["operations"][draw(st.sampled_from(sorted(whole["operations"])))]
        elif choice == "property" and objects:
            at = draw(st.sampled_from(objects))
            name = draw(st.sampled_from(sorted(at["properties"])))
            del at["properties"][name]
            at["required"] = [each for each in at.get("required", []) if each != name]
        elif choice == "type" and schemas:
            scalars = [part for part in schemas if part["type"] in ("string", "integer", "number", "boolean")]
            at = draw(st.sampled_from(scalars or [{}]))
            at["type"] = draw(st.sampled_from(["string", "integer", "boolean", "null"]))
        elif choice == "required" and objects:
            at = draw(st.sampled_from(objects))
            at["required"] = sorted({*at.get("required", []), "never sent"})
        elif choice == "closed" and objects:
            at = draw(st.sampled_from(objects))
            at["properties"] = dict(list(at["properties"].items())[1:]) or {"other": {}}
            at["required"] = [each for each in at.get("required", []) if each in at["properties"]]
            at["additionalProperties"] = False
        elif choice == "enum":
            strings = [part for part in schemas if part.keys() <= {"title", "type"} and part["type"] == "string"]
            if strings:
                draw(st.sampled_from(strings))["enum"] = ["never sent"]
        elif choice == "ack":
            for message in whole["components"]["messages"].values():
                message.pop("x-ack", None)
            for operation in whole.get("operations", {}).values():
                operation.pop("reply", None)
    return whole


def _walk(value: Any) -> Any:
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _walk(inner)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=PHASES)
@given(data=st.data(), name=st.sampled_from(APPLICATIONS), version=st.sampled_from(VERSIONS))
def test_layout_alone_changes_nothing(data: st.DataObject, name: str, version: str) -> None:
    """Not a byte, wherever comments, blank lines and quotes stand."""
    assert revision_of(data.draw(layouts(draft(name, version))), observed(name)).texts == {}


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=PHASES)
@given(data=st.data(), name=st.sampled_from(("chat", "poll", "files")), version=st.sampled_from(VERSIONS))
def test_edited_documents_take_the_traffic_and_keep_what_was_written(data: st.DataObject, name: str, version: str) -> None:
    """The result takes everything, a second time changes nothing, and every line of a person is there, in its order.

    A line may go where it is of what had to change; a comment may not.
    """
    whole = data.draw(edits(document(infer(recordings(name)), DocumentOptions(version=version))))
    text = data.draw(layouts(dump(whole)))
    revision = revision_of(text, observed(name))
    result = revision.texts.get("asyncapi.yml", text)
    again = revision_of(result, observed(name))
    assert again.texts == {}
    assert again.contradicted == []
    before, after = text.splitlines(), result.splitlines()
    notes = [line.strip() for line in before if _is_note(line)]
    kept = [line.strip() for line in after if _is_note(line)]
    assert kept == [note for note in notes if note in kept]
    unique = {line for line in before if before.count(line) == after.count(line) == 1}
    assert [line for line in before if line in unique] == [line for line in after if line in unique]
    for note in notes:
        about = _about(note, before)
        if note not in kept:
            assert about not in after  # it went with what it was about
        elif about in unique:
            assert _about(note, after) == about
    changes = 4 * len(revision.added + revision.widened)
    assert sum(line not in after for line in before) <= changes


def _is_note(line: str) -> bool:
    return line.lstrip().startswith(NOTE)


def _about(note: str, lines: list[str]) -> str | None:
    """The line that a comment stands before."""
    place = next(place for place, line in enumerate(lines) if line.strip() == note)
    return next((line for line in lines[place + 1 :] if line.strip() and not _is_note(line)), None)
