"""Documents read down to what the expectations write by hand, independently of the code under test.

A document's schemas become shapes: `string`, `binary`, `[integer]`, `{name: string, note?: string}`. What has
no shape (an enum, a bound, a union of objects) fails an assertion, so that it cannot pass unseen.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

from tests.e2e.processes import ROOT

EXPECTATIONS: Final = ROOT / "tests" / "expectations"
_ENGINE_IO: Final = {"EIO", "transport"}
_NO_ARGUMENTS: Final = {"type": "array", "maxItems": 0}
_SIDES: Final = {"receive": "c2s", "send": "s2c"}

Document = dict[str, Any]
Shape = Any


def expectation(name: str) -> dict[str, Any]:
    """The expectation of that name, with the parts that it leaves out."""
    expected: dict[str, Any] = yaml.safe_load((EXPECTATIONS / f"{name}.yml").read_text(encoding="utf-8"))
    expected.setdefault("query", {})
    for namespace in expected["namespaces"].values():
        namespace.setdefault("c2s", {})
        namespace.setdefault("s2c", {})
    return expected


def contract(document: Document) -> dict[str, Any]:
    """Server, query and namespaces of a document about one server, written as the expectations are."""
    (server,) = document["servers"].values()
    namespaces = {channel["address"]: _namespace(document, channel) for channel in document["channels"].values()}
    for operation in document["operations"].values():
        channel = resolve(document, operation["channel"])
        side = namespaces[channel["address"]][_SIDES[operation["action"]]]
        (message,) = (resolve(document, message) for message in operation["messages"])
        assert message["name"] not in side, f"two operations for {message['name']!r}"
        side[message["name"]] = _event(document, message, operation.get("reply"))
    return {
        "server": {key: server[key] for key in ("host", "pathname", "protocol", "x-socketio-parser") if key in server},
        "query": _query(document),
        "namespaces": namespaces,
    }


def schemas(document: Document) -> dict[tuple[str, str, str], tuple[Any, Any]]:
    """Schemas of arguments and acknowledgement by namespace, direction and event; None for none."""
    found = {}
    for operation in document["operations"].values():
        address = resolve(document, operation["channel"])["address"]
        (message,) = (resolve(document, message) for message in operation["messages"])
        answers = [resolve(document, message) for message in operation.get("reply", {}).get("messages", [])]
        key = (address, _SIDES[operation["action"]], message["name"])
        found[key] = (message.get("payload"), answers[0].get("payload") if answers else None)
    return found


def resolve(document: Document, node: Any) -> Any:
    """The node, or what its `$ref` stands for."""
    while isinstance(node, dict) and "$ref" in node:
        pointer, node = node["$ref"], document
        for part in pointer.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


def is_tuple(schema: Any) -> bool:
    """Whether a payload stands for several arguments; one argument that is a list has no list of `items`."""
    return isinstance(schema, dict) and isinstance(schema.get("items"), list)


def _namespace(document: Document, channel: dict[str, Any]) -> dict[str, Any]:
    slots = {"auth": "x-socketio-auth", "refusal": "x-socketio-connect-error"}
    present = {slot: _shape(document, channel[key]) for slot, key in slots.items() if key in channel}
    return present | {"c2s": {}, "s2c": {}}


def _query(document: Document) -> Shape:
    for channel in document["channels"].values():
        query = channel.get("bindings", {}).get("ws", {}).get("query")
        if query is not None:
            own = {key: value for key, value in query["properties"].items() if key not in _ENGINE_IO}
            return _shape(document, {**query, "properties": own})
    return {}


def _event(document: Document, message: dict[str, Any], reply: dict[str, Any] | None) -> dict[str, Any]:
    event = {"args": _args(document, message.get("payload"))}
    if reply is not None:
        (answer,) = (resolve(document, answer) for answer in reply["messages"])
        event["ack"] = _args(document, answer.get("payload"))
        stated = message["x-ack"]["args"]  # which cannot be left out, as a payload is where there is no argument
        assert _args(document, None if stated == _NO_ARGUMENTS else stated) == event["ack"], "x-ack and reply differ"
    return event


def _args(document: Document, payload: Any) -> list[Shape]:
    schema = resolve(document, payload)
    if schema is None:
        return []
    if not is_tuple(schema):
        return [_shape(document, schema)]
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["additionalItems"] is False
    assert schema["maxItems"] == len(schema["items"])
    shapes = [_shape(document, item) for item in schema["items"]]
    return [shape if index < schema["minItems"] else _optional(shape) for index, shape in enumerate(shapes)]


def _optional(shape: Shape) -> Shape:
    return f"{shape}?" if isinstance(shape, str) else {"?": shape}


def _shape(document: Document, node: Any) -> Shape:
    schema = {key: value for key, value in resolve(document, node).items() if key not in _ANNOTATIONS}
    if not schema:
        return "any"
    if "anyOf" in schema:
        return _union([_shape(document, branch) for branch in schema.pop("anyOf")])
    kind = schema.pop("type")
    if isinstance(kind, list):
        return _union([_shape(document, {**schema, "type": one} if one != "null" else {"type": one}) for one in kind])
    if kind == "object":
        required = schema.pop("required", [])
        properties = schema.pop("properties", {})
        assert not schema, f"more than keys: {schema}"
        return {key if key in required else f"{key}?": _shape(document, value) for key, value in properties.items()}
    if kind == "array":
        items = schema.pop("items", {})
        assert not schema, f"more than items: {schema}"
        return [_shape(document, items)]
    shape = schema.pop("format", kind)
    assert not schema, f"more than a type: {schema}"
    return shape


def _union(shapes: list[Shape]) -> str:
    return " | ".join(sorted(shapes, key=lambda shape: (shape == "null", shape)))


_ANNOTATIONS: Final = {"title", "description", "examples", "x-sio-infer", "$schema"}
