"""Schemas that stand in no document: what a change demands, or demands no longer."""

from __future__ import annotations

from typing import Any, Final

from infer.asyncapi.references import Place
from infer.asyncapi.schemas import Schema
from infer.diff.view import View

ANYTHING: Final = Schema({}, Place("", 0, 0, ""))


def at(part: View) -> Schema:
    """The schema that says nothing, where nothing is said."""
    return Schema({}, part.place)


def null() -> Schema:
    """The schema of null alone."""
    return Schema({"type": "null"}, ANYTHING.place)


def only(value: Any) -> Schema:
    """The schema of that value alone."""
    return Schema({"const": value}, ANYTHING.place)


def of_types(types: frozenset[str]) -> dict[str, Any]:
    """The schema of those types, see `ALL_TYPES`."""
    options: list[dict[str, Any]] = [{"type": name} for name in sorted(types - {"binary", "number", "integer"})]
    if "number" in types:
        options.append({"type": "number"} if "integer" in types else {"type": "number", "not": _integer()})
    elif "integer" in types:
        options.append({"type": "integer"})
    if "binary" in types:
        options.append({"type": "string", "format": "binary"})
    return {"anyOf": [Schema(option, ANYTHING.place) for option in options]}


def _integer() -> Schema:
    return Schema({"type": "integer"}, ANYTHING.place)


def sealed(part: View) -> dict[str, Any]:
    """The demand that there be no properties but those that are named."""
    patterns = part.keywords.get("patternProperties", {})
    return {
        "properties": dict.fromkeys(part.properties, ANYTHING),
        "patternProperties": dict.fromkeys(patterns, ANYTHING),
        "additionalProperties": Schema({"not": ANYTHING}, part.place),
    }
