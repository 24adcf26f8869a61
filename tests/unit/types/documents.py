"""Documents in which everything is awkward, and the contracts in documents."""

from __future__ import annotations

import json
from typing import Any

from infer.asyncapi.contract import Contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents

Json = dict[str, Any]
HOSTILE_NAMES = (
    "", " ", "constructor", "__proto__", "toString", "delete", "*/ export {}; /*", '"quoted"', "back\\slash", "line\nbreak", "\u2028",
    "\u202eevil", "tab\t", "${a}", "`", "emoji 🎉", "Привет", "名前", "a-b", "a_b", "aB", "\ud800", "</script>", "0", "nul\x00",
)  # fmt: skip
BINARY = {"type": "string", "format": "binary"}


def contract(channels: dict[str, list[Json]], schemas: Json | None = None) -> Contract:
    """The contract of namespaces with messages. A message has `name`, `action`, perhaps `payload`, `ack`, `description`."""
    return parsed(document(channels, schemas))


def parsed(whole: Json) -> Contract:
    """The contract of a document in plain data."""
    text = json.dumps(whole)
    return read(Documents(lambda _: text), "test.json")


def document(channels: dict[str, list[Json]], schemas: Json | None = None) -> Json:
    """An AsyncAPI document of such messages."""
    made: Json = {"asyncapi": "3.0.0", "info": {"title": "t", "version": "1"}, "channels": {}, "operations": {}}
    for at, (address, messages) in enumerate(channels.items()):
        here = f"#/channels/c{at}"
        entries = {}
        for number, message in enumerate(messages):
            entry: Json = {key: message[key] for key in ("name", "payload", "description", "x-socketio-template", "x-sio-infer") if key in message}
            if "ack" in message:
                entry["x-ack"] = {"args": message["ack"]}
            entries[f"m{number}"] = entry
            made["operations"][f"o{at}-{number}"] = {
                "action": message.get("action", "send"),
                "channel": {"$ref": here},
                "messages": [{"$ref": f"{here}/messages/m{number}"}],
            }
        made["channels"][f"c{at}"] = {"address": address, "messages": entries}
    made["components"] = {"schemas": schemas or {}}
    return made


def items(*places: Json, least: int | None = None) -> Json:
    """The schema of an argument list."""
    count = len(places)
    return {"type": "array", "items": list(places), "minItems": count if least is None else least, "maxItems": count, "additionalItems": False}


def obj(**properties: Json) -> Json:
    """The schema of an object, all of its properties required."""
    return {"type": "object", "properties": properties, "required": list(properties)}


STRING, NUMBER, NULL = {"type": "string"}, {"type": "number"}, {"type": "null"}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def hostile() -> Json:
    """A document with hostile names of everything, both ways, and every construct of schemas."""
    channels: dict[str, list[Json]] = {}
    for space in ("/", "/a-b", "/a_b", "/constructor", "/*/ evil", "/名前", "/1", "/empty", "/ServerToClientEvents"):
        channels[space] = []
    channels["/"] = [{"name": name, "payload": obj(**{name: STRING}), "description": name} for name in HOSTILE_NAMES]
    channels["/"] += [{"name": name, "action": "receive", "ack": STRING} for name in HOSTILE_NAMES]
    channels["/a-b"] = [{"name": key, "payload": ref(key), "action": "receive"} for key in SCHEMAS]
    channels["/a_b"] = [{"name": key, "payload": schema} for key, schema in SCHEMAS.items()]
    channels["/1"] = [{"name": f"event {number}", "payload": NUMBER, "ack": items(NUMBER, STRING)} for number in range(500)]
    channels["/1"].append({"name": "room:{id}:`$", "x-socketio-template": True, "payload": STRING})
    channels["/tenant-{id}"] = [{"name": "a"}]
    return document(channels, SCHEMAS)


SCHEMAS: Json = {
    "string": STRING,
    "any": {},
    "Any": {"type": "object"},
    "class": obj(**{"class": STRING, "a-b": NUMBER, "*/": STRING}),
    "a_b": obj(a=STRING),
    "AB": obj(b=STRING),
    "ab": {"type": "object", "title": "AB", "properties": {"c": {"type": "object", "title": "AB", "properties": {"d": NUMBER}}}},
    "Binary": BINARY,
    "Array": {"type": "array", "items": {"type": ["string", "null"]}},
    "Tree": obj(value=NUMBER, children={"type": "array", "items": ref("Tree")}),
    "Json": {"anyOf": [STRING, NUMBER, NULL, {"type": "array", "items": ref("Json")}, {"type": "object", "additionalProperties": ref("Json")}]},
    "Loop": {"anyOf": [ref("Loop"), STRING]},
    "Ping": {"allOf": [ref("Pong"), obj(a=STRING)]},
    "Pong": {"oneOf": [ref("Ping"), obj(b=STRING)]},
    "Nest": {"type": "array", "items": ref("Nest")},
    "Pair": items(NUMBER, ref("Pair"), least=1),
    "Tagged": {"oneOf": [obj(kind={"const": "a"}, a=STRING), obj(kind={"const": "b"}, b=NUMBER)]},
    "Both": {"allOf": [obj(a=STRING), {"anyOf": [obj(b=STRING), obj(c=STRING)]}]},
    "Enum": {"type": "string", "enum": ["a", 'q"', "*/", "\u2028", "\ud800"]},
    "Mixed": {"enum": ["a", 1, 1.5, True, None, [], {}]},
    "Map": {"type": "object", "additionalProperties": NUMBER},
    "Open": {**obj(a=STRING), "additionalProperties": NUMBER},
    "Closed": {"type": "object", "additionalProperties": False},
    "Pattern": {"type": "object", "patternProperties": {"^x-": STRING}},
    "Required": {"type": "object", "required": ["not described", "a"], "properties": {"a": STRING}},
    "Never": {"not": {}},
    "Triple": {"type": "array", "items": NUMBER, "minItems": 3, "maxItems": 3},
    "Bounded": {"type": "number", "minimum": 0, "maximum": 5},
    "Untyped": {"properties": {"a": STRING}},
    "Nullable": {"type": ["object", "null"], "title": "Nullable", "properties": {"a": STRING}},
}  # fmt: skip
