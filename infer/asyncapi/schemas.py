"""Schemas of every dialect in one normal form: JSON Schema 2020-12 that knows where each part stands.

AsyncAPI's own schema is draft-07 with additions; zod-sockets and Asynction write `prefixItems` into it, OpenAPI's
dialect has `nullable`, draft-04 boolean `exclusiveMinimum`. Here they all become the one vocabulary that
`jsonschema-rs` checks and the comparison walks, with references into one table of definitions, so that recursion stays
finite. A keyword that the normal form does not know is kept and named (`Schema.unknown`): it may never count as passed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from infer.asyncapi.pointers import escape
from infer.asyncapi.references import Cursor, Place
from infer.asyncapi.source import Node

ONES: Final = frozenset(
    {"additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then",
     "unevaluatedItems", "unevaluatedProperties"}
)  # fmt: skip
LISTS: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
MAPS: Final = frozenset({"dependentSchemas", "patternProperties", "properties"})
_PLAIN: Final = frozenset(
    {"const", "dependentRequired", "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "maxContains",
     "maxItems", "maxLength", "maxProperties", "maximum", "minContains", "minItems", "minLength", "minProperties",
     "minimum", "multipleOf", "pattern", "required", "type", "uniqueItems"}
)  # fmt: skip
_COUNTS: Final = frozenset(
    {"maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum", "multipleOf"}
)
_ANNOTATIONS: Final = frozenset(
    {"$anchor", "$comment", "$defs", "$id", "$schema", "$vocabulary", "contentEncoding", "contentMediaType", "contentSchema",
     "default", "definitions", "deprecated", "description", "discriminator", "example", "examples", "externalDocs",
     "id", "readOnly", "title", "writeOnly", "xml"}
)  # fmt: skip
"""Say nothing about which values are valid. AsyncAPI's `discriminator` only names the property that tells."""
APPLICATORS: Final = ONES | LISTS | MAPS
KNOWN: Final = APPLICATORS | _PLAIN | {"$ref"}


class Schema(dict[str, Any]):
    """A schema in normal form: its keywords, and where it stands. Equality is that of the keywords."""

    __slots__ = ("description", "place", "title")

    def __init__(
        self, keywords: dict[str, Any], place: Place, title: str | None = None, description: str | None = None
    ) -> None:
        super().__init__(keywords)
        self.place = place
        self.title = title
        self.description = description

    @property
    def unknown(self) -> list[str]:
        """Keywords of it that are not understood."""
        return sorted(key for key in self if key not in KNOWN)

    def parts(self) -> Iterator[tuple[str, Schema]]:
        """Its subschemas, each with the pointer that leads to it; those behind references are not followed."""
        for keyword, value in self.items():
            if keyword in ONES:
                yield keyword, value
            elif keyword in LISTS:
                yield from ((f"{keyword}/{index}", part) for index, part in enumerate(value))
            elif keyword in MAPS:
                yield from ((f"{keyword}/{escape(name)}", part) for name, part in value.items())


Definitions = dict[str, Schema]
"""Schemas that references point to, by the name in `#/$defs/<name>`."""

PREFIX: Final = "#/$defs/"


class Normaliser:
    """Schemas of one contract to normal form, their references into the one table of definitions."""

    def __init__(self) -> None:
        self.definitions: Definitions = {}
        self._names: dict[tuple[str, str], str] = {}
        self._alike: Counter[str] = Counter()
        """How many names after one were tried, so that of many alike each is not tried again."""

    def schema(self, cursor: Cursor) -> Schema:
        """The normal form of the schema at the cursor. Errors: `SpecError` for references that lead nowhere."""
        value = cursor.node.value
        if isinstance(value, bool):
            return Schema({}, cursor.place) if value else nothing(cursor.place)
        cursor.mapping("a schema")
        assert isinstance(value, dict)
        if cursor.reference is not None:
            return self._reference(cursor)
        if "schemaFormat" in value and "schema" in value:
            return self.formatted(cursor, cursor.text("schemaFormat"))
        return self._keywords(cursor)

    def formatted(self, cursor: Cursor, media_type: str | None) -> Schema:
        """A schema under a `schemaFormat`; of a format that is no JSON Schema, one that says it is not understood."""
        inner = cursor.child("schema") or cursor
        name = (media_type or "application/vnd.aai.asyncapi").lower()
        if "aai.asyncapi" in name or "schema+json" in name or "schema+yaml" in name or "oai.openapi" in name:
            return self.schema(inner)
        return Schema({f"schemaFormat {name.partition(';')[0][:60]}": True}, cursor.place)

    def _reference(self, cursor: Cursor) -> Schema:
        at = cursor.resolved()
        key = (at.document.name, at.pointer)
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = self._named(at.pointer)
            self.definitions[name] = Schema({}, at.place)  # stands while the schema refers to itself
            self.definitions[name] = self.schema(at)
        return Schema({"$ref": PREFIX + name}, cursor.place)

    def _named(self, pointer: str) -> str:
        base = "".join(char if char.isascii() and char.isalnum() else "_" for char in pointer.rpartition("/")[2])[:60] or "root"
        name = base
        while name in self.definitions:
            self._alike[base] += 1
            name = f"{base}_{self._alike[base] + 1}"
        return name

    def _keywords(self, cursor: Cursor) -> Schema:
        made: dict[str, Any] = {}
        tuple_items = isinstance(_value(cursor, "items"), list)
        for key, child in cursor.items():
            if key in _ANNOTATIONS or key.startswith("x-"):
                continue
            if key == "items" and tuple_items:
                made["prefixItems"] = [self.schema(item) for _, item in child.items()]
            elif key == "additionalItems":
                if tuple_items:  # it says nothing without them: draft-07 validation, 6.4.2
                    made["items"] = self.schema(child)
                elif child.node.value is False and cursor.child("items") is None:
                    made |= {"prefixItems": [], "maxItems": 0}  # but zod-sockets writes the empty tuple so
            elif key in ONES:
                made[key] = self.schema(child)
            elif key in LISTS:
                made[key] = [self.schema(item) for _, item in child.items()]
            elif key in MAPS:
                made[key] = {name: self.schema(item) for name, item in child.mapping(key).items()}
            elif key == "dependencies":
                self._dependencies(child, made)
            elif key != "nullable":
                if not _is_sound(key, child.node):
                    child.refuse(f"the keyword {key!r} has a value that it cannot have", "JSON Schema's validation vocabulary says which")
                made[key] = child.value
        _settle(made, nullable=_value(cursor, "nullable") is True)
        return Schema(made, cursor.place, cursor.text("title"), cursor.text("description"))

    def _dependencies(self, cursor: Cursor, made: dict[str, Any]) -> None:
        """Draft-07's one keyword, which 2019-09 split in two."""
        for name, child in cursor.items():
            if isinstance(child.node.value, list):
                made.setdefault("dependentRequired", {})[name] = child.value
            else:
                made.setdefault("dependentSchemas", {})[name] = self.schema(child)


def _settle(made: dict[str, Any], *, nullable: bool) -> None:
    """Rewrite what older dialects say in another way."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(made.get(exclusive), bool) and made.pop(exclusive) and bound in made:
            made[exclusive] = made.pop(bound)
    if nullable and "type" in made:
        types = made["type"] if isinstance(made["type"], list) else [made["type"]]
        made["type"] = [*types, *([] if "null" in types else ["null"])]
        if "enum" in made and None not in made["enum"]:
            made["enum"] = [*made["enum"], None]
    if made.get("type") == "file":  # some generators' word for an attachment
        made["type"], made["format"] = "string", "binary"


def _value(cursor: Cursor, key: str) -> Any:
    child = cursor.child(key)
    return None if child is None else child.node.value


def nothing(place: Place) -> Schema:
    """The schema that takes no value."""
    return Schema({"not": Schema({}, place)}, place)


def _is_sound(keyword: str, node: Node) -> bool:
    """Whether the value is of a kind that whoever reads schemas may rely on (JSON Schema validation, section 6)."""
    value = node.value
    if keyword in _COUNTS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if keyword == "required" or (keyword == "type" and isinstance(value, list)):
        return isinstance(value, list) and all(isinstance(item.value, str) for item in value)
    if keyword in {"$ref", "format", "pattern", "type"}:
        return isinstance(value, str)
    return keyword != "enum" or isinstance(value, list)
