"""What of a schema the values show: properties, enumerated values, variants; and what they show beyond it.

Looking at every value would cost more than decoding it. So there is a second, narrower schema that takes only values
which show nothing new, neither declared nor undeclared; whoever holds values to a contract asks it first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from infer.asyncapi.contract import Contract
from infer.asyncapi.references import Place
from infer.asyncapi.schemas import Schema, nothing
from infer.diff.checker import BINARY, Checker, everywhere, reachable
from infer.diff.coverage import Coverage, Part
from infer.diff.explain import Step
from infer.diff.view import are_told_apart, is_false, variant_name
from infer.model import Json

MAX_DEPTH: Final = 64
"""Levels of a value that are looked into; validation itself goes all the way."""
_SAYS_MORE: Final = ("additionalProperties", "unevaluatedProperties", "patternProperties")
_IN_PLACE: Final = ("allOf", "anyOf", "oneOf")
_TURNS: Final = frozenset({"contains", "dependentSchemas", "else", "if", "not", "propertyNames", "then", "unevaluatedItems"})
"""Keywords within which a narrower schema does not mean a narrower whole, or that are left as they are."""
_OPEN: Final = ".open"
"""Ends the name of a definition that may have further properties, for others that stand beside it say which; no name has a dot."""
_NOWHERE: Final = Place("", 0, 0, "")
_NOTHING: Final = nothing(_NOWHERE)


class Undeclared(msgspec.Struct, frozen=True):
    """A property that is not declared where others are, in an object that says nothing of further ones."""

    name: str
    path: tuple[Step, ...]
    """Steps from the schema to the object's."""
    place: Place
    instance: tuple[Step, ...]
    """Steps into the value, to the property."""
    value: Json


class Cover:
    """The parts of one slot's schema, below a line of the coverage tree."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker
        self._contract = checker.contract
        self._parts: dict[tuple[int, str, str], Coverage] = {}
        self._built: set[int] = set()
        self.version = 0
        """Grows with everything that is seen for the first time."""

    def declare(self, schema: Schema, above: Coverage) -> None:
        """Put the parts of a schema below a line. What several places share is listed where it is met first."""
        schema = self._contract.resolve(schema)
        if id(schema) in self._built:
            return
        self._built.add(id(schema))
        for name, part in schema.get("properties", {}).items():
            if not is_false(part):
                self.declare(part, self._line(schema, Part.PROPERTY, name, name, above))
        members = schema.get("enum", ())
        for member in members if len(members) > 1 else ():
            text = _text(member)
            self._line(schema, Part.VALUE, text, text, above)
        for keyword in ("anyOf", "oneOf"):
            for index, branch in enumerate(schema.get(keyword, ())):
                if _is_null(self._contract.resolve(branch)):
                    continue
                name = variant_name(self._contract, branch, index)
                self.declare(branch, self._line(schema, Part.VARIANT, f"{keyword}/{index}", name, above))
        for keyword in ("allOf", "prefixItems"):
            for part in schema.get(keyword, ()):
                self.declare(part, above)
        for part in schema.get("patternProperties", {}).values():
            self.declare(part, above)
        for keyword in ("items", "additionalProperties"):
            if keyword in schema:
                self.declare(schema[keyword], above)

    def _line(self, schema: Schema, part: Part, key: str, name: str, above: Coverage) -> Coverage:
        line = self._parts[id(schema), part.value, key] = Coverage(part, name)
        above.children.append(line)
        return line

    def _see(self, schema: Schema, part: Part, key: str) -> None:
        line = self._parts.get((id(schema), part.value, key))
        if line is not None and not line.seen:
            line.seen = 1
            self.version += 1

    def _seen(self, schema: Schema, part: Part, key: str) -> bool:
        line = self._parts.get((id(schema), part.value, key))
        return line is None or line.seen > 0

    def visit(
        self, schema: Schema, value: Json, path: tuple[Step, ...] = (), instance: tuple[Step, ...] = (), *, whole: bool = True
    ) -> Iterator[Undeclared]:
        """Mark what the value shows, and tell what it shows beyond. Bytes in it must be `textual`."""
        if len(instance) > MAX_DEPTH or value == BINARY:
            return
        schema = self._contract.resolve(schema)
        if "enum" in schema:
            self._see(schema, Part.VALUE, _text(value))
        for keyword in _IN_PLACE:
            for index, branch in enumerate(schema.get(keyword, ())):
                if keyword == "allOf" or self._checker.accepts(branch, value):
                    self._see(schema, Part.VARIANT, f"{keyword}/{index}")
                    yield from self.visit(branch, value, (*path, keyword, index), instance, whole=False)
        if isinstance(value, dict):
            properties, rest = schema.get("properties", {}), schema.get("additionalProperties")
            for name, item in value.items():
                if name in properties:
                    self._see(schema, Part.PROPERTY, name)
                    yield from self.visit(properties[name], item, (*path, "properties", name), (*instance, name))
                elif rest is not None:
                    yield from self.visit(rest, item, (*path, "additionalProperties"), (*instance, name))
            if whole and not value.keys() <= properties.keys():
                names = self._names(schema, value)
                for name in [] if names is None else [name for name in value if name not in names]:
                    yield Undeclared(name, path, schema.place, (*instance, name), value[name])
        elif isinstance(value, list):
            prefix, rest = schema.get("prefixItems", ()), schema.get("items")
            for index, item in enumerate(value):
                if index < len(prefix):
                    yield from self.visit(prefix[index], item, (*path, "prefixItems", index), (*instance, index))
                elif rest is not None:
                    yield from self.visit(rest, item, (*path, "items"), (*instance, index))

    def _names(self, schema: Schema, value: Json) -> set[str] | None:
        """Names that the object may have by this schema and those at the same place; None where any may come."""
        names: set[str] = set()
        named = False
        waiting = [schema]
        while waiting:
            at = self._contract.resolve(waiting.pop())
            if any(keyword in at for keyword in _SAYS_MORE):
                return None
            named = named or not all(map(is_false, at.get("properties", {}).values()))
            names |= at.get("properties", {}).keys() | set(at.get("required", ()))
            for keyword in _IN_PLACE:
                parts = at.get(keyword, ())
                meant = parts if keyword == "allOf" else [each for each in parts if self._checker.accepts(each, value)]
                waiting += meant or parts  # of a value that is of no alternative it is not known which was meant
            waiting += [at[keyword] for keyword in ("if", "then", "else") if keyword in at]
            waiting += at.get("dependentSchemas", {}).values()
        return names if named else None

    def quiet(self, schema: Schema) -> tuple[Schema, Contract]:
        """The schema that takes only values which show nothing new, with its definitions."""
        contract = self._contract
        definitions = {
            name if seal else name + _OPEN: self._quiet(contract.definitions[name], seal=seal)
            for name in reachable(schema, contract)
            for seal in (True, False)
        }
        return self._quiet(schema, seal=True), Contract(contract.file, contract.place, contract.version, definitions=definitions)

    def is_exact(self, schema: Schema) -> bool:
        """Whether what `quiet` takes is always valid, so that nothing else need be asked.

        A narrower schema inside `not` takes more, and so may one inside a `oneOf` whose alternatives overlap.
        """
        for at in everywhere(schema, self._contract):
            if not at.keys().isdisjoint(_TURNS) or ("oneOf" in at and not are_told_apart(self._contract, at["oneOf"])):
                return False
        return True

    def _quiet(self, schema: Schema, *, seal: bool, depth: int = 0) -> Schema:
        if "$ref" in schema:
            return schema if seal else Schema({"$ref": f"{schema['$ref']}{_OPEN}"}, schema.place)
        if depth > MAX_DEPTH:
            return _NOTHING
        joint = seal and any(keyword in schema for keyword in ("allOf", "properties")) and any(k in schema for k in _IN_PLACE)
        made: dict[str, Any] = {}
        for keyword, value in schema.items():
            if keyword == "properties":
                made[keyword] = {
                    name: self._quiet(part, seal=True, depth=depth + 1) if self._seen(schema, Part.PROPERTY, name) else _NOTHING
                    for name, part in value.items()
                }
            elif keyword == "enum":
                made[keyword] = [each for each in value if self._seen(schema, Part.VALUE, _text(each))] or [_UNMET]
            elif keyword in {"anyOf", "oneOf"}:
                made[keyword] = [
                    self._quiet(branch, seal=seal and not joint, depth=depth + 1)
                    for index, branch in enumerate(value)
                    if self._seen(schema, Part.VARIANT, f"{keyword}/{index}")
                ] or [_NOTHING]
            elif keyword == "allOf":
                made[keyword] = [self._quiet(part, seal=False, depth=depth + 1) for part in value]
            elif keyword == "prefixItems":
                made[keyword] = [self._quiet(part, seal=True, depth=depth + 1) for part in value]
            elif keyword in {"items", "additionalProperties"}:
                made[keyword] = self._quiet(value, seal=True, depth=depth + 1)
            else:
                made[keyword] = value
        if seal and not any(keyword in schema for keyword in _SAYS_MORE):
            if joint:
                made["unevaluatedProperties"] = _NOTHING
            elif not all(map(is_false, schema.get("properties", {}).values())):
                made["properties"] |= {name: Schema({}, schema.place) for name in schema.get("required", ()) if name not in made["properties"]}
                made["additionalProperties"] = _NOTHING
        return Schema(made, schema.place)


_UNMET: Final = "\x00"
"""A member of an enumeration of which nothing was seen: schemas may not have empty ones."""


def _is_null(schema: Schema) -> bool:
    return schema.get("type") == "null"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
