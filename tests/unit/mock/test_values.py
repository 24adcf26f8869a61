"""Values are what their schemas accept, whatever those demand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from infer.asyncapi.contract import Contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.diff.names import events
from infer.errors import SpecError
from infer.mock.values import Values
from infer.model import Direction


def contract(payload: Any, **schemas: Any) -> Contract:
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "t", "version": "1"},
        "channels": {"root": {"address": "/", "messages": {"m": {"name": "m", "payload": payload}}}},
        "operations": {"o": {"action": "send", "channel": {"$ref": "#/channels/root"}}},
        "components": {"schemas": schemas},
    }
    return read(Documents(lambda _: json.dumps(document)), "d")


TREE = {
    "type": "object",
    "properties": {"value": {"type": "integer"}, "kids": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
    "required": ["value", "kids"],
}
SCHEMAS: dict[str, Any] = {
    "nothing said": {},
    "no argument": {"type": "array", "maxItems": 0},
    "several": {"type": "array", "items": [{"type": "string"}, {"type": "integer"}], "minItems": 1, "maxItems": 2},
    "recursion": {"$ref": "#/components/schemas/Tree"},
    "formats": {"type": "object", "required": list("abcdefgh"), "properties": {
        name: {"type": "string", "format": form}
        for name, form in zip("abcdefgh", ["date-time", "date", "uuid", "uri", "email", "ipv4", "ipv6", "hostname"], strict=True)
    }},
    "binary": {"type": "object", "properties": {"image": {"type": "string", "format": "binary"}}, "required": ["image"]},
    "pattern": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{2}$"},
    "lengths": {"type": "string", "minLength": 30, "maxLength": 31},
    "bounds": {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "multipleOf": 0.25},
    "integers": {"type": "integer", "minimum": 7, "maximum": 8},
    "not": {"not": {"type": "string"}},
    "all of": {"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
                         {"type": "object", "properties": {"b": {"const": "x"}}, "required": ["b"]}]},
    "tagged": {"oneOf": [
        {"type": "object", "properties": {"t": {"const": "x"}, "q": {"type": "integer"}}, "required": ["t", "q"]},
        {"type": "object", "properties": {"t": {"const": "y"}}, "required": ["t"]},
    ]},
    "map": {"type": "object", "additionalProperties": {"type": ["integer", "null"]}, "minProperties": 2},
    "closed": {"type": "object", "properties": {"a": {"type": "null"}}, "required": ["a"], "additionalProperties": False},
    "unique": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2, "maxItems": 2, "uniqueItems": True},
    "tuple": {"type": "object", "required": ["p"], "properties": {"p": {
        "type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "items": False, "minItems": 2}}},
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEMAS)
def test_contract_accepts_every_value(name: str) -> None:
    """Made for the whole argument list, 50 times."""
    spoken = contract(SCHEMAS[name], Tree=TREE)
    event = spoken.namespaces["/"].events[Direction.S2C, "m"]
    values = Values(spoken)
    for _ in range(50):
        made = values.args(event.args)
        assert values.checker.accepts(event.args.schema(), made), made


def test_values_differ_and_come_again() -> None:
    """One seed, one series."""
    spoken = contract({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "number"}}, "required": ["a"]})
    signature = spoken.namespaces["/"].events[Direction.S2C, "m"].args
    series = [[Values(spoken, seed).args(signature) for _ in range(1)] for seed in (1, 1, 2)]
    assert series[0] == series[1] != series[2]
    values = Values(spoken)
    shown = [values.args(signature)[0] for _ in range(60)]
    assert {"b" in each for each in shown} == {True, False}
    assert all(not each["b"].is_integer() for each in shown if "b" in each), "a number is told from an integer"


def test_a_schema_without_values_says_where_it_stands() -> None:
    """A contradiction is a document's error, not a loop."""
    spoken = contract({"type": "integer", "minimum": 2, "maximum": 1})
    with pytest.raises(SpecError, match="no value found"):
        Values(spoken).args(spoken.namespaces["/"].events[Direction.S2C, "m"].args)


def test_templates_are_filled_and_found_again() -> None:
    """A name with data in it is emitted with other data, and known by its template."""
    spoken = contract({"type": "string"})
    namespace = spoken.namespaces["/"]
    known = namespace.events[Direction.S2C, "m"]
    namespace.events[Direction.S2C, "room:{id}.x"] = replace(known, name="room:{id}.x", template=True)
    name = Values(spoken).filled("room:{id}.x")
    assert name.startswith("room:")
    assert "{" not in name
    emitted = events(namespace, Direction.S2C)
    assert emitted.of(name) is namespace.events[Direction.S2C, "room:{id}.x"]
    assert emitted.of("room:7yx") is None
    assert events(namespace, Direction.C2S).of(name) is None
