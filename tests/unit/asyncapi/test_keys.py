"""Keys of a document: what no key may be, and examples that not every tool can read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest

from infer.asyncapi import DocumentOptions
from infer.asyncapi.keys import is_plain, spelled
from infer.asyncapi.names import joined, key_of, unique_keys
from infer.catalog import Catalog
from infer.diff import Conformance, patch
from infer.model import Handshake, Observation, Origin, Transport
from tests.unit.diff.documents import read_document
from tests.unit.diff.observations import SERVER, said


def document(*observed: Observation) -> dict[str, Any]:
    """The document of what was observed."""
    catalog = Catalog()
    for each in observed:
        catalog.add(each)
    return catalog.to_asyncapi(DocumentOptions())


def test_no_key_is_a_method_that_parsers_call() -> None:
    """Whether a name is that of the method, comes to it, or is put together to it."""
    names = ["hasOwnProperty", "has own property", "HasOwnProperty"]
    keys = [*unique_keys(names, "event").values(), *(key_of(name, "event") for name in names), joined("has", "ownProperty")]
    assert "hasOwnProperty" not in keys
    assert all(key.startswith("hasOwnProperty") for key in keys)
    assert len(set(unique_keys(names, "event").values())) == len(names)
    assert key_of("toString", "event") == "toString"


@pytest.mark.parametrize(
    ("value", "plain"),
    [({"a": ["$ref"]}, True), ({"a": [{"$ref": 1}]}, False), ({"hasOwnProperty": 1}, False), ({"a": 1, "b": {"<<": 1}}, False), ([1, [{"__proto__": 1}]], False), ("<<", True)],
)
def test_examples_with_names_that_parsers_follow_are_told(value: Any, plain: bool) -> None:
    """At any depth, as keys alone."""
    assert is_plain(value) is plain


def test_an_acknowledgement_is_no_event_that_is_called_so() -> None:
    """An event keeps its key whatever is acknowledged; a reply leads to the message of the acknowledgement."""
    made = document(said("c2s", "x", name="join", ack=["welcome"]), said("c2s", 1, name="joinAck", ack=[True]))
    messages, channel = made["components"]["messages"], made["channels"]["root"]["messages"]
    for event in ("join", "joinAck"):
        operation = made["operations"][f"root.receive.{event}"]
        names = [messages[channel[each["$ref"].rpartition("/")[2]]["$ref"].rpartition("/")[2]]["name"] for each in (*operation["messages"], *operation["reply"]["messages"])]
        assert names == [event, f"{event} (ack)"]
    assert len(channel) == len(messages) == 4


def test_credentials_with_names_that_come_to_one_key_are_several() -> None:
    """A scheme each, and the server demands all of them."""
    headers = (("x-auth-token", "a"), ("x-auth.token", "b"))
    made = document(Handshake(1, SERVER, 4, "default", Transport.WEBSOCKET, (("token", "c"),), headers, None, Origin("a.har")))
    schemes = made["components"]["securitySchemes"]
    assert sorted((each["in"], each["name"]) for each in schemes.values()) == [("header", "x-auth-token"), ("header", "x-auth.token"), ("query", "token")]
    (server,) = made["servers"].values()
    assert {each["$ref"].rpartition("/")[2] for each in server["security"]} == schemes.keys()


def test_events_that_come_to_one_key_are_channels_of_their_own() -> None:
    """Where a document's channels are events, and some are added to it."""
    declared: dict[str, Any] = {
        "asyncapi": "3.0.0",
        "info": {"title": "Chat", "version": "1"},
        "channels": {"hello": {"address": "hello", "messages": {"hello": {"payload": {"type": "string"}}}}},
        "operations": {"hello": {"action": "receive", "channel": {"$ref": "#/channels/hello"}, "messages": [{"$ref": "#/channels/hello/messages/hello"}]}},
    }
    conformance = Conformance(read_document(declared), learn=True)
    for name in ("add user", "addUser"):
        conformance.add(said("c2s", 1, name=name))
    added = [each["value"] for operations in patch(conformance).values() for each in operations if each["path"].startswith("/channels/")]
    assert sorted(each["address"] for each in added) == ["add user", "addUser"]


def test_keys_are_in_camel_case_and_of_bounded_length() -> None:
    """What is too long, of other scripts or of signs alone is told apart by a digest; an abbreviation stays one."""
    assert [key_of(name, "event") for name in ("new message", "NewMessage", "STATUS", "7up", "room:join-now")] == [
        "newMessage", "newMessage", "STATUS", "event7up", "roomJoinNow",
    ]  # fmt: skip
    one, other = key_of("x" * 200, "event"), key_of("x" * 199 + "y", "event")
    assert one != other
    assert len(one) == len(other) < 70
    assert key_of("x" * 60, "event") == "x" * 60
    assert key_of("メニュー", "event") != key_of("注文", "event")


SCHEMA: dict[str, Any] = {"type": "object", "properties": {"$ref": {"type": "integer"}, "a": {"type": "string"}}, "required": ["$ref"]}
GOOD, BAD = {"$ref": 1, "a": "x"}, {"$ref": "x", "a": "x"}
WITHIN = {
    "itself": (SCHEMA, lambda value: value),
    "a property": ({"properties": {"p": SCHEMA}}, lambda value: {"p": value}),
    "a property of that name": ({"properties": {"__proto__": SCHEMA}}, lambda value: {"__proto__": value}),
    "a pattern": ({"patternProperties": {"^p": SCHEMA}}, lambda value: {"pp": value}),
    "a pattern beside": ({"properties": {"<<": {"type": "null"}}, "patternProperties": {"^p": SCHEMA}}, lambda value: {"pp": value}),
    "items": ({"items": SCHEMA}, lambda value: [GOOD, value]),
    "a place of a list": ({"prefixItems": [True, SCHEMA]}, lambda value: [1, value]),
    "an alternative": ({"anyOf": [{"type": "null"}, SCHEMA]}, lambda value: value),
    "one of several": ({"oneOf": [{"type": "null"}, SCHEMA]}, lambda value: value),
    "all of several": ({"allOf": [{"type": "object"}, SCHEMA]}, lambda value: value),
    "what is added": ({"additionalProperties": SCHEMA}, lambda value: {"p": value}),
    "an open map": ({"properties": {"hasOwnProperty": True}, "additionalProperties": SCHEMA}, lambda value: {"p": value}),
    "a condition": ({"if": {"properties": {"$ref": {"const": "x"}}}, "then": False}, lambda value: value),
}


@pytest.mark.parametrize(("schema", "put"), WITHIN.values(), ids=WITHIN)
def test_a_schema_says_the_same_without_such_names(schema: dict[str, Any], put: Callable[[Any], Any]) -> None:
    """Wherever they stood, by JSON Schema's own validator."""
    made = spelled(schema)
    assert [jsonschema_rs.is_valid(each, put(value)) for each in (schema, made) for value in (GOOD, BAD)] == [True, False] * 2
    waiting = [made]
    while waiting:
        at = waiting.pop()
        if isinstance(at, dict):
            assert not {"$ref", "__proto__", "hasOwnProperty", "<<"} & at.keys()
            waiting += at.values()
        elif isinstance(at, list):
            waiting += at


def test_patterns_stand_in_one_order() -> None:
    """Whichever name was met first."""
    names = ["hasOwnProperty", "$ref", "<<", "__proto__"]
    made = [list(spelled({"properties": dict.fromkeys(order, True)})["patternProperties"]) for order in (names, names[::-1])]
    assert made[0] == made[1]
