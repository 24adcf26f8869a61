"""What nobody designed: huge, deep and hostile payloads give a schema that accepts them, from bounded state."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest

from infer.limits import Limits
from infer.schema import Args, Root, Rules, build


def nested(levels: int, wrap: str) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value] if wrap == "list" else {"a": value}
    return value


BAD: dict[str, Any] = {
    "10 MB of text": {"text": "x" * 10_000_000},
    "10 MB of numbers": [{"n": number, "label": "é"} for number in range(200_000)],
    "100,000 keys": {f"key{chr(97 + number % 26)}x{number:x}q": number for number in range(100_000)},
    "100,000 numbers as keys": {str(number): {"a": number} for number in range(100_000)},
    "long keys": {"k" * 100_000 + str(number): number for number in range(100)},
    "1,000 levels of objects": nested(1_000, "object"),
    "1,000 levels of lists": nested(1_000, "list"),
    "numbers beyond doubles": [2**53 + 1, 2**70, -(2**70), 1e308],
    "hostile keys": {
        "__proto__": {"x": 1},
        "$ref": "#/a",
        "a/b~c": 1,
        "": 2,
        "constructor": 3,
        "%25": 4,
        "\u0000": 5,
    },
    "hostile keys as a list": [
        {"$ref": number, "": None, "type": "object", "properties": {"a": 1}} for number in range(30)
    ],
}


@pytest.mark.parametrize("name", BAD)
def test_a_valid_schema_from_bounded_state(name: str) -> None:
    """The schema is one, accepts the payload, and neither it nor the state grows with the payload."""
    payload = BAD[name]
    args = Args()
    for session in range(2):
        args.add([payload], session)
    built = build({"it": Root(args, ("it",))}, Rules(evidence="full"), "#/definitions/", examples=2)
    whole = {
        "allOf": [built.schemas["it"]],
        "definitions": built.definitions,
        "$schema": "http://json-schema.org/draft-07/schema#",
    }
    assert len(json.dumps(args.to_state(), default=list)) < 300_000
    assert len(json.dumps(whole)) < 300_000
    jsonschema_rs.meta.validate(whole)
    validator = jsonschema_rs.validator_for(whole)
    assert validator.is_valid(payload)
    assert all(validator.is_valid(example) for example in built.examples["it"])


def test_what_is_no_json_is_taken_too() -> None:
    """Infinity (1e999 to most parsers) is a number, and a lone surrogate a character."""
    args = Args()
    args.add([{"a": float("inf"), "b": "\ud800", "\ud800": 1}], 1)
    schema = build({"it": Root(args, ("it",))}, Rules(), "#/").schemas["it"]
    assert schema is not None
    assert schema["properties"] == {"a": {"type": "number"}, "b": {"type": "string"}, "\ud800": {"type": "integer"}}


def test_caps_do_not_depend_on_the_order() -> None:
    """Half of the keys in one payload, half in the other, either way."""
    halves: list[dict[str, Any]] = [{f"k{chr(97 + n % 26)}{half}q{n:x}z": n for n in range(Limits().keys_per_object)} for half in "ab"]
    states = []
    for order in (halves, halves[::-1]):
        args = Args()
        for payload in order:
            args.add([payload], 1)
        states.append(args.to_state())
    assert states[0] == states[1]


def test_below_the_deepest_level_anything_is_accepted() -> None:
    """What is not looked at is not claimed."""
    args = Args()
    args.add([nested(Limits().nesting + 5, "object")], 1)
    schema = build({"it": Root(args, ("it",))}, Rules(), "#/").schemas["it"]
    assert schema is not None
    validator = jsonschema_rs.validator_for(schema)
    value: Any = {"a": "other"}
    for _ in range(Limits().nesting):
        value = {"a": value}
    assert validator.is_valid(value)
