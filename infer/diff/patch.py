"""What would make a declared document take the traffic, as JSON Patch (RFC 6902).

A finding is answered where it arose, by the least that ends it: a property or event is declared, a demand that values
did not meet is loosened or dropped. What is added was inferred from the values as a draft is, by the same rules for
what may be let out of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import jsonpatch

from infer.asyncapi import DocumentOptions, document
from infer.asyncapi.contract import Contract
from infer.asyncapi.names import unique_keys
from infer.asyncapi.references import Place
from infer.asyncapi.source import plain
from infer.diff.conformance import Conformance
from infer.diff.ledger import FURTHER, Entry
from infer.diff.slots import DATA
from infer.model import Direction
from infer.schema import Root, Rules, build
from infer.schema.build import DRAFT_7

Json = dict[str, Any]
_RULES: Final = Rules(off=frozenset({"share"}), evidence="none")
_LISTS: Final = ("items", "prefixItems")
_OF_SCHEMAS: Final = frozenset({"$ref", "allOf", "anyOf", "const", "enum", "items", "oneOf", "properties", "type"})
"""Keywords that a schema has and a message has not."""
_DROPPED: Final = {"pattern-mismatch": "pattern", "format-mismatch": "format"}


def patch(conformance: Conformance) -> dict[str, list[Json]]:
    """Operations by the file that they are for (references may lead into others), ready to be written as JSON.

    The conformance must have been asked to `learn`. What is only a warning is answered too.
    """
    contract = conformance.contract
    if contract.root is None:
        return {}
    editor = _Editor(contract)
    spots = [(entry, editor.node(entry.finding.base)) for entry in conformance.entries()]
    for entry, node in spots:
        if node is not None:
            _answer(editor, entry, node)
    for wrap in editor.last:
        wrap()
    _Additions(editor, conformance).add()
    return {name: jsonpatch.make_patch(old, new).patch for name, (old, new) in editor.documents.items() if old != new}


@dataclass(slots=True)
class _Editor:
    """The documents of a contract, as they were and as they are to be."""

    contract: Contract
    documents: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    last: list[Callable[[], None]] = field(default_factory=list)
    """Edits that put a node inside another, to be made when all others are."""

    def new(self, name: str) -> Any:
        """The document of that name as it is to be."""
        if name not in self.documents:
            assert self.contract.root is not None
            node = self.contract.root.documents.root(name).node
            self.documents[name] = plain(node), plain(node)
        return self.documents[name][1]

    def node(self, place: Place | None) -> Json | None:
        """The object that stands at a place; None where none does."""
        if place is None:
            return None
        at = self.new(place.file)
        for step in place.pointer.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            at = at[int(key)] if isinstance(at, list) else at[key]
        return at if isinstance(at, dict) else None


def _answer(editor: _Editor, entry: Entry, node: Json) -> None:
    """Edit the node at which a finding arose, so that it does not arise again."""
    finding = entry.finding
    kind, detail = finding.rule.kind.name, finding.detail
    name = detail if detail not in {DATA, FURTHER} else None
    if kind == "missing-property":
        node["required"] = [each for each in node.get("required", ()) if each != detail]
        if not node["required"]:
            del node["required"]
    elif kind == "undeclared-property" and name is not None:
        node.setdefault("properties", {})[name] = _schema(entry, name)
    elif kind == "unexpected-property":
        if name is not None:
            node.setdefault("properties", {})[name] = _schema(entry, name)
        else:
            for closing in ("additionalProperties", "unevaluatedProperties"):
                if node.get(closing) is False:
                    node[closing] = _schema(entry, "value")
    elif kind == "enum-mismatch":
        node.pop("enum", None)
        node.pop("const", None)
    elif kind in _DROPPED:
        node.pop(_DROPPED[kind], None)
    elif kind in {"bound-mismatch", "schema-mismatch"}:
        _loosen(node, detail)
    elif kind == "variant-mismatch" and "oneOf" in node and "anyOf" not in node:
        node["anyOf"] = [*node.pop("oneOf"), _schema(entry, "variant")]
    elif kind in {"type-mismatch", "binary-mismatch", "variant-mismatch"}:
        editor.last.append(lambda: _widen(node, _schema(entry, "variant")))
    elif kind == "undeclared-ack":
        node["x-ack"] = {"args": _schema(entry, "ack") or {"type": "array", "maxItems": 0}}
    elif kind == "too-few-args":
        editor.last.append(lambda: _shorten(node, entry.shortest or 0))
    elif kind == "too-many-args":
        editor.last.append(lambda: _lengthen(node, _schema(entry, "further")))


def _schema(entry: Entry, name: str) -> Json:
    """The schema of what did not conform."""
    assert entry.learned is not None
    made = build({"": Root(entry.learned, (entry.finding.event or "", name))}, _RULES, "").schemas[""]
    return {key: value for key, value in (made or {}).items() if key not in {"title", "$schema"}}


def _loosen(node: Json, keyword: str) -> None:
    """Drop a demand, whatever dialect it is written in."""
    if keyword == "maxItems":
        for closing in ("items", "additionalItems"):
            if node.get(closing) is False:
                del node[closing]
    node.pop(keyword, None)
    if keyword in {"minimum", "maximum"} and isinstance(node.get(f"exclusive{keyword.capitalize()}"), bool):
        del node[f"exclusive{keyword.capitalize()}"]


def _widen(node: Json, schema: Json) -> None:
    """Let the node take what it takes, or the schema."""
    for keyword in ("anyOf", "oneOf"):
        if node.keys() <= {keyword, "title", "description"}:
            node["anyOf"] = [*node.pop(keyword), schema]
            return
    before = dict(node)
    node.clear()
    node["anyOf"] = [before, schema]


def _shorten(node: Json, least: int) -> None:
    """Let the arguments be that few."""
    items = next((key for key in _LISTS if isinstance(node.get(key), list)), None)
    if items is not None:
        node["minItems"] = least
        return
    before = dict(node)
    node.clear()
    node |= _arguments([before], least)


def _lengthen(node: Json, schema: Json) -> None:
    """Let further arguments come, as the schema of their list has them."""
    more = schema["items"] if isinstance(schema.get("items"), list) else [schema]
    items = next((key for key in _LISTS if isinstance(node.get(key), list)), None)
    if items is not None:
        node[items] = [*node[items], *more]
        node["minItems"] = min(node.get("minItems", len(node[items])), len(node[items]) - len(more))
        node["maxItems"] = len(node[items])
    elif "payload" not in node and not node.keys() & _OF_SCHEMAS:  # a message without arguments
        node["payload"] = _arguments(more, 0)
    else:
        before = dict(node)
        node.clear()
        node |= _arguments([before, *more], 1)


def _arguments(items: list[Json], least: int) -> Json:
    """The schema of a list of arguments, in the form that all tools read."""
    return {
        "$schema": DRAFT_7,
        "type": "array",
        "items": items,
        "minItems": least,
        "maxItems": len(items),
        "additionalItems": False,
    }


@dataclass(slots=True)
class _Additions:
    """Events and namespaces that are not declared, as a draft of them has them."""

    editor: _Editor
    conformance: Conformance

    def add(self) -> None:
        """Put them into the document."""
        catalog = self.conformance.undeclared
        if not catalog.events and not catalog.namespaces:
            return
        contract = self.editor.contract
        old = contract.version.startswith("2")
        draft = document(catalog, DocumentOptions(version="2.6.0" if old else "3.0.0", rules=_RULES))
        top = self.editor.new(contract.file)
        for channel, direction, message in _events(draft):
            (self._into_v2 if old else self._into_v3)(top, channel, direction, message)

    def _channel(self, top: Json, namespace: str) -> tuple[Json, str]:
        """The channel of a namespace and the reference to it; made where there is none."""
        declared = self.editor.contract.namespaces.get(namespace)
        if declared is not None:
            node = self.editor.node(declared.place)
            if node is not None:
                return node, f"#{declared.place.pointer}"
        channels = top.setdefault("channels", {})
        if self.editor.contract.version.startswith("2"):
            return channels.setdefault(namespace, {}), ""
        for key, node in channels.items():
            if node.get("address") == namespace:
                return node, f"#/channels/{key}"
        key = _free(namespace.strip("/") or "root", channels)
        channels[key] = {"address": namespace}
        return channels[key], f"#/channels/{key}"

    def _into_v3(self, top: Json, namespace: str, direction: Direction, message: Json) -> None:
        channel, reference = self._channel(top, namespace)
        messages = channel.setdefault("messages", {})
        key = _free(message["name"], messages)
        messages[key] = message
        action = "receive" if (direction is Direction.C2S) != self._turned() else "send"
        operations = top.setdefault("operations", {})
        operations[_free(f"{reference.rpartition('/')[2]}.{action}.{key}", operations)] = {
            "action": action,
            "channel": {"$ref": reference},
            "messages": [{"$ref": f"{reference}/messages/{key}"}],
        }

    def _into_v2(self, top: Json, namespace: str, direction: Direction, message: Json) -> None:
        channel, _ = self._channel(top, namespace)
        verb = "publish" if (direction is Direction.C2S) != self._turned() else "subscribe"
        operation = channel.setdefault(verb, {})
        known = operation.get("message")
        if known is None:
            operation["message"] = message
        elif "oneOf" in known:
            known["oneOf"].append(message)
        else:
            operation["message"] = {"oneOf": [known, message]}

    def _turned(self) -> bool:
        """Whether the document describes the client."""
        return self.editor.contract.perspective == "client"


def _events(draft: Json) -> Iterator[tuple[str, Direction, Json]]:
    """Namespace, direction and message of each event of a draft, what they refer to put in place."""
    if draft["asyncapi"].startswith("2"):
        for key, channel in draft["channels"].items():
            for verb, direction in (("publish", Direction.C2S), ("subscribe", Direction.S2C)):
                message = channel.get(verb, {}).get("message")
                for each in message.get("oneOf", [message]) if message else ():
                    yield channel.get("x-socketio-namespace", key), direction, _inlined(draft, each)
        return
    for operation in draft["operations"].values():
        channel = _target(draft, operation["channel"]["$ref"])
        namespace = channel.get("x-socketio-namespace") or channel["address"]
        direction = Direction.C2S if operation["action"] == "receive" else Direction.S2C
        for each in operation["messages"]:
            yield namespace, direction, _inlined(draft, each)


def _inlined(draft: Json, value: Any) -> Any:
    if isinstance(value, list):
        return [_inlined(draft, item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value and isinstance(value["$ref"], str):
        return _inlined(draft, _target(draft, value["$ref"]))
    return {key: _inlined(draft, item) for key, item in value.items()}


def _target(draft: Json, reference: str) -> Any:
    at: Any = draft
    for step in reference.split("/")[1:]:
        at = at[step.replace("~1", "/").replace("~0", "~")]
    return at


def _free(name: str, taken: Json) -> str:
    """A key for that name which is not taken."""
    base = next(iter(unique_keys([name], "event").values()))
    return base if base not in taken else next(key for n in range(2, len(taken) + 3) if (key := f"{base}{n}") not in taken)
