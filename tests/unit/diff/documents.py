"""Small documents to compare: one event in one namespace, whose slots a test fills."""

from __future__ import annotations

import json
from typing import Any

from infer.asyncapi.contract import Contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents

Json = dict[str, Any]
ACTIONS = {"c2s": "receive", "s2c": "send"}


def read_document(document: Json, name: str = "contract.json") -> Contract:
    """The contract of a document that is plain data."""
    text = json.dumps(document, indent=1)
    return read(Documents(lambda _: text), name)


def document(
    *events: Json, namespaces: tuple[str, ...] = ("/",), channel: Json | None = None, schemas: Json | None = None, **top: Any
) -> Json:
    """An AsyncAPI 3.0 document of these events, all in the first namespace."""
    keys = {name: name.strip("/") or "root" for name in namespaces}
    channels: Json = {key: {"address": name, "messages": {}} for name, key in keys.items()}
    first = next(iter(channels))
    operations = {}
    for number, event in enumerate(events):
        key = f"m{number}"
        message = {field: value for field, value in event.items() if field != "direction"}
        channels[first]["messages"][key] = message
        operations[key] = {
            "action": ACTIONS[event["direction"]],
            "channel": {"$ref": f"#/channels/{first}"},
            "messages": [{"$ref": f"#/channels/{first}/messages/{key}"}],
        }
    channels[first] |= channel or {}
    made: Json = {"asyncapi": "3.0.0", "info": {"title": "T", "version": "1"}, "channels": channels, "operations": operations}
    if schemas:
        made["components"] = {"schemas": schemas}
    return made | top


def event(direction: str, *args: Json | bool, ack: list[Any] | None = None, name: str = "say", least: int | None = None) -> Json:
    """An event with its arguments' schemas, of which all or the first `least` are required."""
    made: Json = {"name": name, "direction": direction, "payload": arguments(*args, least=least)}
    if ack is not None:
        made["x-ack"] = {"args": arguments(*ack)}
    return made


def template(direction: str, *args: Json | bool, name: str = "room:{id}", **more: Any) -> Json:
    """An event whose name stands for many."""
    return event(direction, *args, name=name, **more) | {"x-socketio-template": True}


def arguments(*args: Json | bool, least: int | None = None) -> Json:
    """The schema of a list of arguments."""
    if not args:
        return {"type": "array", "maxItems": 0}
    least = len(args) if least is None else least
    return {"type": "array", "items": list(args), "minItems": least, "maxItems": len(args), "additionalItems": False}
