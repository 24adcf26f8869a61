"""What would make a declared document take the traffic, as JSON Patch (RFC 6902).

A finding is answered where it arose, by the least that ends it: a property or event is declared, a demand that values
did not meet is loosened or dropped. What is added was inferred from the values as a draft is, by the same rules for
what may be let out of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import jsonpatch
import msgspec

from infer.asyncapi.contract import Contract
from infer.asyncapi.pointers import keys_of
from infer.asyncapi.references import Place
from infer.asyncapi.source import plain
from infer.diff.additions import add, answer
from infer.diff.conformance import Conformance
from infer.diff.ledger import FURTHER, Entry
from infer.diff.slots import DATA
from infer.schema import Evidence as Learned
from infer.schema import Root, Rules, build
from infer.schema.build import DRAFT_7
from infer.schema.scalars import Strings

Json = dict[str, Any]
_RULES: Final = Rules(off=frozenset({"share"}), evidence="none")
_OF_REFUSED: Final = Rules(off=frozenset({"nullable", "share"}), evidence="none")
"""Beside what is declared, null alone is just null."""
_REFUSED: Final = frozenset({"type-mismatch", "binary-mismatch", "variant-mismatch"})
_LISTS: Final = ("items", "prefixItems")
_OF_SCHEMAS: Final = frozenset({"$ref", "allOf", "anyOf", "const", "enum", "items", "oneOf", "properties", "type"})
"""Keywords that a schema has and a message has not."""
_OF_VALUES: Final = frozenset({"$ref", "allOf", "anyOf", "const", "else", "enum", "if", "not", "oneOf", "then"})
"""Keywords that are about values of any type."""
_DROPPED: Final = {"pattern-mismatch": "pattern", "format-mismatch": "format"}


def patch(conformance: Conformance) -> dict[str, list[Json]]:
    """Operations by the file that they are for (references may lead into others), ready to be written as JSON.

    The conformance must have been asked to `learn`. What is only a warning is answered too.
    """
    changed = edited(conformance)
    return {name: jsonpatch.make_patch(old, new).patch for name, (old, new) in changed.items()}


def edited(conformance: Conformance, wanted: Callable[[Entry], bool] = lambda _: True) -> dict[str, tuple[Any, Any]]:
    """The documents that change, as plain data before and after, by their names; `wanted` findings are answered."""
    contract = conformance.contract
    if contract.root is None:
        return {}
    editor = _Editor(contract)
    spots = [(entry, editor.node(entry.finding.base)) for entry in conformance.entries() if wanted(entry)]
    variants = {id(node): _names(_schema(entry, "variant")) for entry, node in spots if _kind(entry) == "variant-mismatch"}
    for entry, node in spots:
        told = _kind(entry) == "undeclared-property" and entry.finding.detail in variants.get(id(node), ())
        if node is not None and not told:  # what a new variant has is declared there
            _answer(editor, entry, node)
    for wrap in editor.last:
        wrap()
    add(conformance.undeclared, contract, editor.new(contract.file))
    return {name: (old, new) for name, (old, new) in editor.documents.items() if old != new}


class _Editor(msgspec.Struct):
    """The documents of a contract, as they were and as they are to be."""

    contract: Contract
    documents: dict[str, tuple[Any, Any]] = msgspec.field(default_factory=dict)
    last: list[Callable[[], None]] = msgspec.field(default_factory=list)
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
        for key in keys_of(place.pointer):
            at = at[int(key)] if isinstance(at, list) else at[key]
        return at if isinstance(at, dict) else None


def _kind(entry: Entry) -> str:
    return entry.finding.rule.kind.name


def _names(schema: Json) -> set[str]:
    """The properties that a schema has, or its alternatives."""
    return {name for each in _alternatives(schema) for name in each.get("properties", ())}


def _answer(editor: _Editor, entry: Entry, node: Json) -> None:
    """Edit the node at which a finding arose, so that it does not arise again."""
    finding = entry.finding
    kind, detail = _kind(entry), finding.detail
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
        _extend(node, entry)
    elif kind in _DROPPED:
        node.pop(_DROPPED[kind], None)
    elif kind in {"bound-mismatch", "schema-mismatch"}:
        _loosen(node, detail)
    elif kind == "variant-mismatch" and "oneOf" in node and "anyOf" not in node:
        node["anyOf"] = [*node.pop("oneOf"), *_alternatives(_schema(entry, "variant"))]
    elif kind in _REFUSED:
        editor.last.append(lambda: _widen(node, _schema(entry, "variant")))
    elif kind == "undeclared-ack":
        payload = _schema(entry, "ack")
        node["x-ack"] = {"args": payload or {"type": "array", "maxItems": 0}}
        if finding.base is not None and finding.event is not None:
            answer(editor.contract, editor.new(editor.contract.file), finding.base, finding.event, payload or None)
    elif kind == "too-few-args":
        editor.last.append(lambda: _shorten(node, entry.shortest or 0))
    elif kind == "too-many-args":
        editor.last.append(lambda: _lengthen(node, _schema(entry, "further")))


def _schema(entry: Entry, name: str) -> Json:
    """The schema of what did not conform."""
    assert entry.learned is not None
    rules = _OF_REFUSED if _kind(entry) in _REFUSED else _RULES
    made = build({"": Root(entry.learned, (entry.finding.event or "", name))}, rules, "").schemas[""]
    return {key: value for key, value in (made or {}).items() if key not in {"title", "$schema"}}


def _extend(node: Json, entry: Entry) -> None:
    """Take the values that were met among those of an enum; drop it where one of them may not be let out."""
    known = node.pop("enum", None) or [node.get("const")]
    node.pop("const", None)
    strings = entry.learned.kind("string") if isinstance(entry.learned, Learned) else None
    if isinstance(strings, Strings) and strings.values and entry.learned is not None and strings.count == entry.learned.count:
        node["enum"] = [*known, *sorted(strings.values)]  # which evidence keeps only where the secrecy policy lets them out


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
    own, more = (_types(each) for each in (node, schema))
    plain = schema.keys() == {"type"} and not node.keys() & _OF_VALUES and node.get("format") != "binary"
    if own and more and plain:  # keywords of one type say nothing about the others
        types = [*own, *(kind for kind in more if kind not in own)]
        types = [kind for kind in types if kind != "integer" or "number" not in types]
        node["type"] = types[0] if len(types) == 1 else types
        return
    for keyword in ("anyOf", "oneOf"):
        if node.keys() <= {keyword, "title", "description"}:
            node["anyOf"] = [*node.pop(keyword), *_alternatives(schema)]
            return
    before = dict(node)
    node.clear()
    node["anyOf"] = [before, *_alternatives(schema)]


def _alternatives(schema: Json) -> list[Json]:
    """The schema as alternatives among others: its own, where it is nothing else."""
    keyword = next(iter(schema)) if len(schema) == 1 else ""
    alternatives: list[Json] = schema[keyword] if keyword in {"anyOf", "oneOf"} else [schema]
    return alternatives


def _types(schema: Json) -> list[str]:
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


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
