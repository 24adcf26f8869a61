"""Keys of a document: what no key may be, and examples that not every tool can read."""

from __future__ import annotations

from typing import Any

import pytest

from infer.asyncapi import DocumentOptions
from infer.asyncapi.keys import is_plain
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
    [({"a": ["$ref"]}, True), ({"a": [{"$ref": 1}]}, False), ({"hasOwnProperty": 1}, False), ([[{"__proto__": 1}]], False), ("<<", True)],
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
