"""What may be shown of values and schemas, in one line."""

from __future__ import annotations

import json

import pytest

from infer.asyncapi.contract import Contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.model import Direction
from infer.pages import look


def contract(payload: object) -> Contract:
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "t", "version": "1"},
        "channels": {"root": {"address": "/", "messages": {"m": {"name": "m", "payload": payload}}}},
        "operations": {"o": {"action": "receive", "channel": {"$ref": "#/channels/root"}}},
        "components": {"schemas": {"Tree": {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}}},
    }
    return read(Documents(lambda _: json.dumps(document)), "d")


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "date-time"}, "date-time"),
        ({"type": ["string", "null"]}, "string | null"),
        ({"enum": ["a", 1, None, True]}, '"a" | 1 | null | true'),
        ({"const": {"a": [1]}}, '{"a": [1]}'),
        ({"type": "array", "items": {"type": ["string", "null"]}}, "(string | null)[]"),
        ({"type": "object", "properties": {"a b": {"type": "number"}, "c": {}}, "required": ["c"]}, '{"a b"?: number, c: any}'),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "{[key]: integer}"),
        ({"type": "array", "items": [{"type": "string"}, {"type": ["boolean", "null"]}], "minItems": 1, "maxItems": 2}, "string, (boolean | null)?"),
        ({"$ref": "#/components/schemas/Tree"}, "{kids?: {kids?: {…}[]}[]}"),
    ],
)
def test_signatures(payload: object, shown: str) -> None:
    """A schema reads as TypeScript would have it; recursion ends."""
    made = contract(payload)
    event = made.namespaces["/"].events[Direction.C2S, "m"]
    assert look.signature(made, event.args) == shown


SECRET = "hunter2 correct horse"


def test_kinds_let_no_value_out() -> None:
    """Strings, numbers, booleans and bytes are told by their kinds."""
    shown = look.kinds("e", [SECRET, 4711, 0.125, True, None, b"abc", {"k": [SECRET, SECRET]}])
    assert shown == "string, integer, number, boolean, null, binary (3 B), {k: string[]}"


def test_values_keep_back_what_is_private() -> None:
    """What was asked for is shown; a token, a name and prose are not."""
    shown = look.values("e", [{"status": "open", "token": "open", "username": "ada", "count": 3, "note": SECRET}])
    assert shown == '{status: "open", token: string, username: string, count: 3, note: string}'
