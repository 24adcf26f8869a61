"""What no application means to send, as text on the wire: the real command's document takes it, and conforms to it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from tests.e2e.commands import COMMAND, document, environment

OPEN: Final = '0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100000000}'
WIRE: Final = {
    "huge": '1e999,-1e999,{"n":1e999}',
    "nan": "NaN",
    "big": "9007199254740993,1e308,-170141183460469231731687303715884105729",
    "objects": '{"a":' * 1_000 + "1" + "}" * 1_000,
    "lists": "[" * 1_000 + "]" * 1_000,
    "records": "[1," * 1_000 + "1" + "]" * 1_000,
    "keys": "{" + ",".join(f'"k{chr(97 + number % 26)}x{number:x}q":1' for number in range(100_000)) + "}",
    "hostile": '{"__proto__":{"x":1},"$ref":"#/a","a/b~c":1,"":2}',
    "text": '{"text":"' + "x" * 10_000_000 + '"}',
}
"""The arguments of one event each. JavaScript writes none of the first two, a hostile sender may; a list of two kinds in
each of a thousand lists once took time twice over for each."""


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of them in one WebSocket."""
    data = [OPEN, *(f'42["{name}",{args}]' for name, args in WIRE.items())]
    entry = {
        "startedDateTime": "2026-01-01T00:00:00Z",
        "time": 1,
        "_resourceType": "websocket",
        "request": {"method": "GET", "url": "ws://h.test/socket.io/?EIO=4&transport=websocket", "headers": []},
        "response": {"status": 101, "headers": [], "content": {}},
        "_webSocketMessages": [{"type": "receive", "time": 1767225600.0, "opcode": 1, "data": text} for text in data],
    }
    path = tmp_path_factory.mktemp("bad") / "bad.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "creator": {"name": "test"}, "entries": [entry]}}))
    return path


@pytest.fixture(scope="module")
def schemas(capture: Path) -> dict[str, Any]:
    """The schemas of what was inferred of them."""
    found: dict[str, Any] = document(capture)["components"]["schemas"]
    return found


def items(schema: dict[str, Any]) -> list[Any]:
    """The types of a list of arguments."""
    return [item["type"] for item in schema["items"]]


def test_numbers_beyond_all_are_numbers(schemas: dict[str, Any]) -> None:
    """1e999 is more than a double holds; what is still a whole number is an integer, also beyond 2^53."""
    assert items(schemas["HugeArgs"]) == ["number", "number", "object"]
    assert schemas["HugeArgs"]["items"][2]["properties"] == {"n": {"type": "number"}}
    assert schemas["Nan"]["type"] == "number"
    assert items(schemas["BigArgs"])[:2] == ["integer", "number"]


def test_keys_that_mean_something_elsewhere_are_keys(schemas: dict[str, Any]) -> None:
    """Each is demanded, since each was there."""
    assert schemas["Hostile"]["required"] == ["", "$ref", "__proto__", "a/b~c"]


def test_endless_keys_are_a_map(schemas: dict[str, Any]) -> None:
    """Of whole numbers."""
    assert schemas["Keys"]["additionalProperties"] == {"type": "integer"}
    assert schemas["Keys"].get("properties", {}) == {}


def test_the_document_is_small(schemas: dict[str, Any]) -> None:
    """However deep, wide, or long the values are."""
    assert len(json.dumps(schemas)) < 20_000


def test_it_conforms_to_its_own_document(capture: Path, tmp_path: Path) -> None:
    """Held to what was inferred of it, nothing differs, and nothing ends for want of calls within calls."""
    contract = tmp_path / "contract.yml"
    subprocess.run([COMMAND, capture, "-q", "-o", contract], check=True, env=environment())
    held = subprocess.run([COMMAND, "diff", contract, capture], capture_output=True, check=False, env=environment())
    assert (held.returncode, held.stderr.count(b"error")) == (0, 0), held.stdout + held.stderr
    assert b"No differences" in held.stdout
