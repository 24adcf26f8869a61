"""Events may be called anything: their names come back as they were on the wire, through every tool."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import chain, product
from pathlib import Path
from typing import Any, Final

import pytest

import infer
from infer.asyncapi import VERSIONS
from infer.asyncapi.opening import open_contract
from infer.diff.checker import Checker
from infer.model import Direction
from tests.conformance.tools import ask
from tests.e2e.commands import sio_infer
from tests.e2e.processes import ROOT

NAMES: Final = (
    "on", "off", "no", "yes", "null", "~", "1", "1.0", "0x10", "1e3", "true", "2026-01-01", "=", "<<", "*a", "&a", "!a", "a: b", "a #b",
    "a/b", "a~b", "a%20b", "#/a", "a b", " a", "a ", "", "\t", "a\nb", "-", "- a", "?", "[/red]", "{a}", "a{b}", "$ref", "__proto__",
    "constructor", "hasOwnProperty", "has own property", "toString", 'weird "quotes"', "it's", "`tick`", "back\\slash", "😀", "日本語", "e\u0301", "\u00e9", "\u202eabc", "\u2028", "\x7f",
    "\x1b[31m", "<script>", "x" * 300, "addUser", "add user", "add_user", "add-user", "AddUser", "ADD USER", "add user from client",
)  # fmt: skip

NAMESPACES: Final = (
    "/{}", "/{", "/a{b}", "/${x}", "/%7B", "/%257B", "/#c", "/=23c", "/a b", "/a%20b", "/%zz", "/<b>", '/"q"', "/'", "/`", "/|", "/^", "/a\\b",
    "/x", "/x/", "/x//", "//", "/[x]", "/~1", "/é", "/日本語", "/\x07", "/hasOwnProperty", "/has own property", "/__proto__",
    "/$ref", "/constructor", "/a b-1234", "/#-1234", "/root", "/Root",
)  # fmt: skip


def chat(path: Path, more: Iterable[tuple[str, str]]) -> Path:
    """The recorded chat, with further messages: who sends each, and its text."""
    document: dict[str, Any] = json.loads((ROOT / "recordings" / "chat-first.har").read_text(encoding="utf-8"))
    (socket,) = (entry for entry in document["log"]["entries"] if "_webSocketMessages" in entry)
    messages = socket["_webSocketMessages"]
    time = messages[-1]["time"]
    messages += ({"type": side, "time": time, "opcode": 1, "data": data} for side, data in more)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recorded chat, with one more event of each name from each side."""
    said = ["42" + json.dumps([name, {"number": number, name: 1}]) for number, name in enumerate(NAMES)]
    return chat(tmp_path_factory.mktemp("names") / "names.har", product(("send", "receive"), said))


@pytest.fixture(scope="module")
def documents(capture: Path) -> list[Path]:
    """Written by the command, in every version and syntax, with an example of each event."""
    made = []
    for version in VERSIONS:
        for form in ("yaml", "json"):
            made.append(capture.with_name(f"{version}.{form}"))
            made[-1].write_bytes(sio_infer(capture, "--asyncapi", version, "--format", form, "--examples", "1"))
    return made


def test_the_official_parser_sees_them(node: str, documents: list[Path]) -> None:
    """Every name as it was, and nothing amiss with the document."""
    verdicts = ask(node, "parse", *documents)
    for path in documents:
        verdict = verdicts[str(path)]
        assert [found for found in verdict["diagnostics"] if found["severity"] < 2] == [], path.name
        assert set(NAMES) <= set(verdict["names"]), path.name


def test_we_see_them(documents: list[Path]) -> None:
    """Our own reader, which the diff is built on."""
    for path in documents:
        contract = open_contract(str(path))
        (root,) = (space for space in contract.namespaces.values() if space.name == "/")
        for direction in ("c2s", "s2c"):
            assert set(NAMES) <= {event.name for event in root.events.values() if event.direction.value == direction}


def test_names_of_methods_stay_properties(documents: list[Path]) -> None:
    """Likewise such as parsers follow, in whatever form the document has to say so: an integer conforms, and text or nothing does not."""
    for path in documents:
        contract = open_contract(str(path))
        checker = Checker(contract)
        for name in ("$ref", "__proto__", "hasOwnProperty", "<<"):
            schema = contract.namespaces["/"].events[Direction.S2C, name].args.schema()
            assert checker.accepts(schema, [{"number": 1, name: 1}]), name
            assert not checker.accepts(schema, [{"number": 1, name: "text"}]), name
            assert not checker.accepts(schema, [{"number": 1}]), name


def test_python_sees_them_too(capture: Path) -> None:
    """The same through the Python API."""
    catalog = infer.infer([str(capture)])
    (namespace,) = catalog.namespaces
    assert set(NAMES) <= {name for _, name in namespace.events}


@pytest.fixture(scope="module")
def spaces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recorded chat, with an event in each namespace, and in forty that are one."""
    names = (*NAMESPACES, *(f"/of #{number}/" for number in range(40)))
    return chat(tmp_path_factory.mktemp("spaces") / "spaces.har", (("receive", f'42{name},["here",{{"of":1}}]') for name in names))


@pytest.mark.parametrize("version", VERSIONS)
def test_namespaces_may_be_called_anything(node: str, spaces: Path, tmp_path: Path, version: str) -> None:
    """The parser has nothing against the document, our reader knows each by its name, and the traffic conforms."""
    path = tmp_path / "asyncapi.yml"
    path.write_bytes(sio_infer(spaces, "--asyncapi", version))
    verdict = ask(node, "parse", path)[str(path)]
    assert [found for found in verdict["diagnostics"] if found["severity"] < 2] == []
    found = {name: space.template for name, space in open_contract(str(path)).namespaces.items()}
    assert found == {**dict.fromkeys(("/", *NAMESPACES), False), "/of #{id}/": True}
    assert sio_infer("diff", path, spaces) is not None


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recorded chat, with events of forty rooms, in forty namespaces, and one for a person."""
    updates = [(f'42["room:{number}:update",{{"seats":{number}}}]', f'42/tenant-{number},["hello"]') for number in range(40)]
    said = (*chain.from_iterable(updates), '42["user:bob@example.com:left"]', '42["step:1"]', '42["step:2"]')
    return chat(tmp_path_factory.mktemp("rooms") / "rooms.har", (("receive", data) for data in said))


@pytest.mark.parametrize("version", VERSIONS)
def test_names_with_data_become_templates(node: str, rooms: Path, tmp_path: Path, version: str) -> None:
    """One event and one namespace for many, a person's address for nobody; and the traffic conforms to that."""
    path = tmp_path / "asyncapi.yml"
    path.write_bytes(sio_infer(rooms, "--asyncapi", version))
    verdict = ask(node, "parse", path)[str(path)]
    assert [found for found in verdict["diagnostics"] if found["severity"] < 2] == []
    contract = open_contract(str(path))
    assert set(contract.namespaces) == {"/", "/tenant-{id}"}
    assert contract.namespaces["/tenant-{id}"].template
    names = {event.name: event.template for event in contract.namespaces["/"].events.values()}
    assert names["room:{id}:update"]
    assert names["user:{email}:left"]
    assert names["step:1"] is names["step:2"] is False
    assert "bob" not in path.read_text()
    assert sio_infer("diff", path, rooms) is not None
