"""JSON Schemas to TypeScript types.

The law: every value that a schema accepts and a program can tell apart is of its type; keywords without a counterpart
(bounds, patterns, `not`) widen, they never narrow. Texts come indented from the left margin and are shifted where they
are put, so that no part needs to know how deep it stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any, Final

import msgspec

from infer.asyncapi.contract import Contract
from infer.asyncapi.schemas import PREFIX, Schema
from infer.report.text import printable
from infer.types.names import Names

BINARY: Final = "Binary"
_INDENT: Final = "  "
_PAIRS: Final = 4
"""Lists of fixed length are tuples up to this length; longer ones read better as lists."""
_SCALARS: Final = {"boolean": "boolean", "integer": "number", "null": "null", "number": "number", "string": "string"}

KEYWORDS: Final = frozenset({
    "any", "as", "boolean", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete",
    "do", "else", "enum", "export", "extends", "false", "finally", "for", "function", "if", "implements", "import",
    "in", "instanceof", "interface", "let", "never", "new", "null", "number", "object", "package", "private",
    "protected", "public", "return", "static", "string", "super", "switch", "symbol", "this", "throw", "true",
    "try", "type", "typeof", "undefined", "unknown", "var", "void", "while", "with", "yield", "ArrayBuffer",
    "ArrayBufferView", "Buffer", "Uint8Array",
})  # fmt: skip
"""No type may be called so; the last are the types that ours are made of."""


class Rank(IntEnum):
    """How tightly a type's text holds together: what joins looser ones puts them in parentheses."""

    ATOM = 0
    INTERSECTION = 1
    UNION = 2


class Type(msgspec.Struct, frozen=True):
    """The text of a type."""

    text: str
    rank: Rank = Rank.ATOM

    def within(self, rank: Rank) -> str:
        """The text as a part of what holds as tightly as `rank`."""
        return f"({self.text})" if self.rank > rank else self.text


UNKNOWN: Final = Type("unknown")
NEVER: Final = Type("never")
NULL: Final = Type("null")


class Types:
    """The types of one contract; named ones are declared when they are first asked for.

    `bodies` has the declarations, in the order of their first mention.
    """

    def __init__(self, contract: Contract, names: Names) -> None:
        self.declarations: list[str] = []
        self.binary = False
        """Whether any type mentions binary data."""
        self._contract = contract
        self._names = names
        self._named: dict[str, str] = {}
        self._hoisted: dict[tuple[str, str, str], str] = {}
        self._waiting: list[str] = []
        self._bare: dict[str, frozenset[str]] = {}

    def of(self, schema: Schema) -> Type:
        """The type of a schema."""
        if "$ref" in schema:
            return self._reference(str(schema["$ref"]).removeprefix(PREFIX))
        if "const" in schema:
            return _literal(schema["const"])
        if "enum" in schema:
            return union(_literal(member) for member in schema["enum"])
        if "not" in schema and not schema["not"]:
            return NEVER
        parts = [self._own(schema)]
        parts.extend(self.of(part) for part in schema.get("allOf", ()))
        parts.extend(union(self.of(branch) for branch in schema[key]) for key in ("anyOf", "oneOf") if key in schema)
        return intersection(parts)

    def settle(self) -> None:
        """Declare what was mentioned and is not declared yet."""
        while self._waiting:
            name = self._waiting.pop(0)
            schema = self._contract.definitions[name]
            place = len(self.declarations)  # before what it mentions itself
            self.declarations.insert(place, self._declaration(self._named[name], schema, name))

    # names

    def _reference(self, name: str) -> Type:
        schema = self._contract.definitions[name]
        if _is_plain(schema):
            return self.of(schema)
        if name not in self._named:
            self._named[name] = self._names.claim(name, "Type")
            self._waiting.append(name)
        return Type(self._named[name])

    def _declaration(self, own: str, schema: Schema, definition: str) -> str:
        note = comment(schema.description)
        if _is_interface(schema):
            return f"{note}export interface {own} {self._members(schema)}"
        if definition in self._circle(definition):
            return f"{note}export type {own} = unknown;"
        return f"{note}export type {own} = {self.of(schema).text};"

    def _circle(self, name: str) -> frozenset[str]:
        """Definitions that this one *is*, by references, alternatives and conjunctions alone.

        TypeScript defers members and items, but refuses an alias that stands for itself; nothing can be said of such a
        schema either.
        """
        known = self._bare.get(name)
        if known is None:
            found: set[str] = set()
            waiting = [self._contract.definitions[name]]
            while waiting:
                schema = waiting.pop()
                if "$ref" in schema:
                    target = str(schema["$ref"]).removeprefix(PREFIX)
                    if target not in found and not _is_interface(self._contract.definitions[target]):
                        found.add(target)
                        waiting.append(self._contract.definitions[target])
                for keyword in ("allOf", "anyOf", "oneOf"):
                    waiting.extend(schema.get(keyword, ()))
            known = self._bare[name] = frozenset(found)
        return known

    def _hoist(self, schema: Schema) -> Type:
        """A titled object in the middle of another schema, declared on its own; equal ones are one."""
        title, note, members = schema.title or "", comment(schema.description), self._members(schema)
        name = self._hoisted.get((title, note, members))
        if name is None:
            name = self._hoisted[title, note, members] = self._names.claim(title, "Type")
            self.declarations.append(f"{note}export interface {name} {members}")
        return Type(name)

    # structure

    def _own(self, schema: Schema) -> Type:
        """What a schema says without its combinators."""
        types = schema.get("type") or _implied(schema)
        if not types:
            return UNKNOWN
        if isinstance(types, str):
            return self._typed(schema, types)
        parts = []
        for kind in types:  # no comprehension: each would be a frame more on the stack, for each level of a schema
            parts.append(self._typed(schema, kind))  # noqa: PERF401
        return union(parts)

    def _typed(self, schema: Schema, kind: Any) -> Type:
        if kind == "string" and schema.get("format") == "binary":
            self.binary = True
            return Type(BINARY)
        if kind == "array":
            return self._array(schema)
        if kind == "object":
            return self._object(schema)
        return Type(_SCALARS.get(str(kind), "unknown"))

    def _array(self, schema: Schema) -> Type:
        items = schema.get("items")
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        if "prefixItems" in schema:
            places = [self.of(item) for item in schema["prefixItems"]]
            texts = [place.text if at < least else f"{place.within(Rank.ATOM)}?" for at, place in enumerate(places)]
            if not (_is_false(items) or (most is not None and most <= len(places))):
                texts.append(f"...{(UNKNOWN if items is None else self.of(items)).within(Rank.ATOM)}[]")
            return Type(f"[{', '.join(texts)}]")
        item = UNKNOWN if items is None else self.of(items)
        if least == most and isinstance(least, int) and 0 < least <= _PAIRS and items is not None:
            return Type(f"[{', '.join([item.text] * least)}]")
        return Type(f"{item.within(Rank.ATOM)}[]")

    def _object(self, schema: Schema) -> Type:
        return self._hoist(schema) if _is_named(schema) else Type(self._members(schema))

    def _members(self, schema: Schema) -> str:
        """The members of an object type, in braces."""
        properties: Mapping[str, Schema] = schema.get("properties", {})
        required = schema.get("required", ())
        lines = []
        for key, part in properties.items():
            optional = "" if key in required else "?"
            note = "" if _is_named(part) else comment(part.description)
            lines.append(f"{note}{quoted(key)}{optional}: {self.of(part).text};")
        lines.extend(f"{quoted(key)}: unknown;" for key in required if key not in properties)
        index = self._index(schema, named=bool(lines))
        if index is not None:
            lines.append(f"[key: string]: {index.text};")
        return braces(lines)

    def _index(self, schema: Schema, *, named: bool) -> Type | None:
        """The type of values under other keys; None where it need not be said."""
        more = schema.get("additionalProperties")
        values = [self.of(part) for part in schema.get("patternProperties", {}).values()]
        if _is_false(more):
            if not values and not named:
                return NEVER
        elif more:
            values.append(self.of(more))
        elif values or not named:
            values.append(UNKNOWN)
        if not values:
            return None
        return UNKNOWN if named else union(values)  # an index must cover the named members too


def union(types: Iterable[Type]) -> Type:
    """Any of them."""
    parts = list(dict.fromkeys(types))
    if UNKNOWN in parts:
        return UNKNOWN
    parts = [part for part in parts if part not in (NEVER, NULL)] + ([NULL] if NULL in parts else [])
    if len(parts) < 2:
        return parts[0] if parts else NEVER
    texts = dict.fromkeys(part.within(Rank.INTERSECTION) if part.rank != Rank.UNION else part.text for part in parts)
    return Type(" | ".join(texts), Rank.UNION)


def intersection(types: Iterable[Type]) -> Type:
    """All of them."""
    parts = [part for part in dict.fromkeys(types) if part != UNKNOWN]
    if len(parts) < 2:
        return parts[0] if parts else UNKNOWN
    return Type(" & ".join(part.within(Rank.INTERSECTION) for part in parts), Rank.INTERSECTION)


def quoted(key: str) -> str:
    """A member's name: as it is where it is an ASCII identifier, else a string literal."""
    return key if key.isascii() and key.isidentifier() else string(key)


def string(text: str) -> str:
    """A string literal; what cannot be seen is escaped."""
    literal = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else "".join(f"\\u{unit:04x}" for unit in _units(c)) for c in literal)


def comment(text: str | None) -> str:
    """A JSDoc comment with its line feed; nothing for nothing."""
    if text is None or not text.strip():
        return ""
    lines = [printable(line.rstrip(), 2_000).replace("*/", "*\\/") for line in text.strip().splitlines()]
    if len(lines) == 1:
        return f"/** {lines[0]} */\n"
    return "/**\n" + "".join(f" * {line}".rstrip() + "\n" for line in lines) + " */\n"


def braces(lines: Iterable[str]) -> str:
    """Lines in braces, one level in."""
    inner = "".join(f"{_INDENT}{shifted(line)}\n" for line in lines)
    return f"{{\n{inner}}}" if inner else "{}"


def shifted(text: str) -> str:
    """A text whose further lines stand one level in."""
    return text.replace("\n", f"\n{_INDENT}")


def _units(character: str) -> Iterable[int]:
    data = character.encode("utf-16-be", "surrogatepass")
    return (int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2))


def _literal(value: Any) -> Type:
    if value is None or isinstance(value, bool):
        return Type(json.dumps(value))
    if isinstance(value, str):
        return Type(string(value))
    if isinstance(value, int | float):
        return Type(json.dumps(value) if abs(value) < 1e21 else "number")
    return Type("unknown[]") if isinstance(value, list) else Type(braces(["[key: string]: unknown;"]))


def _implied(schema: Schema) -> str | None:
    """The type that a schema without one is about."""
    if schema.keys() & {"properties", "additionalProperties", "patternProperties"}:
        return "object"
    return "array" if schema.keys() & {"items", "prefixItems"} else None


def _is_interface(schema: Schema) -> bool:
    """Whether a schema is of an object and nothing else."""
    return _is_alone(schema) and (schema.get("type") or _implied(schema)) in ("object", ["object"])


def _is_named(schema: Schema) -> bool:
    """Whether the objects of a schema in the middle of another are declared on their own: its document gave them a title."""
    return bool(schema.title and schema.get("properties")) and _is_alone(schema) and "object" in (schema.get("type") or "object")


def _is_alone(schema: Schema) -> bool:
    """Whether a schema says by its own keywords what it is of."""
    return not schema.keys() & {"$ref", "allOf", "anyOf", "const", "enum", "oneOf", "not"}


def _is_plain(schema: Schema) -> bool:
    """Whether a definition says so little that its type reads better where it is used than its name would."""
    return not schema.description and schema.keys() <= {"type", "format"} and schema.get("type") not in ("object", "array")


def _is_false(schema: Schema | None) -> bool:
    return schema is not None and "not" in schema and not schema["not"]
