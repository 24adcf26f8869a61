"""Circles of schemas about one value, undone: whatever follows references would follow them for ever.

A class that lists its subclasses, each of which is `allOf` it, is such a circle. To a subclass its class lends what is its own, not
the list of subclasses again; an alternative that is the schema itself is none. Circles that lead into a part of the value
(trees, lists) are none of this: values end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from infer.asyncapi.schemas import PREFIX, Definitions, Schema

_LISTS: Final = ("allOf", "anyOf", "oneOf")
_ONES: Final = ("else", "if", "not", "then")


def undo(definitions: Definitions) -> None:
    """Change the definitions of a contract that are part of such circles."""
    reached = _reached(definitions)
    circular = [name for name, names in reached.items() if name in names]
    whole = dict(definitions)
    for name in circular:
        alike = {other for other in reached[name] if name in reached.get(other, ())}
        definitions[name] = _lent(whole[name], whole, alike)
    _cut(definitions, circular)


def _lent(schema: Schema, definitions: Definitions, circle: set[str]) -> Schema:
    """The schema with what stands in an `allOf` for one of the circle put there, without what leads on in the circle."""
    made = dict(schema)
    for keyword in _LISTS:
        if keyword in made:
            made[keyword] = [
                _without(definitions[_target(part)], circle)
                if keyword == "allOf" and _target(part) in circle
                else _lent(part, definitions, circle)
                for part in made[keyword]
            ]
    return _like(schema, made)


def _without(schema: Schema, names: set[str]) -> Schema:
    """The schema less what in it leads to those definitions: of `allOf` the parts, of all else the keyword."""
    made: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword == "allOf":
            made[keyword] = [part for part in value if names.isdisjoint(_targets(part))]
        elif names.isdisjoint(_targets_of(keyword, value)):
            made[keyword] = value
    return _like(schema, made)


def _cut(definitions: Definitions, circular: list[str]) -> None:
    """Take away by what one of them still leads to itself, or back to one before it that leads to it."""
    before: list[str] = []
    for name in circular:
        before.append(name)
        reached = _reached(definitions)
        if name in reached.get(name, ()):
            back = {other for other in before if name in reached.get(other, ())}
            definitions[name] = _less(definitions[name], back)


def _less(schema: Schema, names: set[str]) -> Schema:
    """The schema without parts that are those definitions, and without conditions on them."""
    made: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in _LISTS:
            parts = [_less(part, names) for part in value if _target(part) not in names]
            if parts:
                made[keyword] = parts
        elif names.isdisjoint(_targets_of(keyword, value)):
            made[keyword] = value
    return _like(schema, made)


def _reached(definitions: Definitions) -> dict[str, set[str]]:
    """The definitions that each leads to without going into a part of the value; none that leads nowhere."""
    direct = {name: names for name, schema in definitions.items() if (names := set(_targets(schema)))}
    found: dict[str, set[str]] = {}
    for name, targets in direct.items():
        waiting, seen = list(targets), set[str]()
        while waiting:
            at = waiting.pop()
            if at not in seen:
                seen.add(at)
                waiting.extend(direct.get(at, ()))
        found[name] = seen
    return found


def _targets(schema: Schema) -> Iterator[str]:
    if "$ref" in schema:
        yield _target(schema)
        return
    for keyword, value in schema.items():
        yield from _targets_of(keyword, value)


def _targets_of(keyword: str, value: Any) -> Iterator[str]:
    parts = value if keyword in _LISTS else [value] if keyword in _ONES else value.values() if keyword == "dependentSchemas" else ()
    for part in parts:
        yield from _targets(part)


def _target(schema: Schema) -> str:
    return str(schema.get("$ref", "")).removeprefix(PREFIX)


def _like(schema: Schema, keywords: dict[str, Any]) -> Schema:
    return Schema(keywords, schema.place, schema.title, schema.description)
