"""Examples of what stands at a place: of typical shape, with nothing of the traffic but the members of its enums.

The shape is what was seen most: the usual kind of value, the keys that most objects have. Every string that is no
member of an enum, and every number, is a stand-in; so an example tells no more than the schema beside it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from infer.schema.decide import Union, fixed_length, is_tuple, shared_format
from infer.schema.graph import Form, Place, Type
from infer.schema.rules import Rules

_FORMATS: Final = {
    "date": "2026-01-31", "date-time": "2026-01-31T12:00:00Z", "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com/", "uri-template": "https://example.com/{id}", "email": "user@example.com",
    "ipv4": "192.0.2.1", "ipv6": "2001:db8::1",
}  # fmt: skip
"""Stand-ins, of names and addresses that are reserved for documentation (RFC 2606, 5737, 3849)."""
_DEEPEST: Final = 6
"""Levels of an example; below it has only what it must have."""


class Examples:
    """Makes examples of places whose types are decided."""

    def __init__(self, rules: Rules, unions: Mapping[int, Union], enums: Mapping[int, list[str]]) -> None:
        self.rules = rules
        self.unions = unions
        self.enums = enums

    def of(self, place: Place, turn: int = 0, depth: int = 0) -> Any:
        """An example: the usual one at turn 0, one with all keys at 1, one with no optional key at 2 and so on.

        Where objects fall apart by a tag, each turn shows another. Errors: `RecursionError` where the values are nested
        without an end (a type that must hold itself).
        """
        if depth > 10 * _DEEPEST:
            raise RecursionError
        counts = {kind: sum(found.count for node in place.nodes if (found := node.kind(kind))) for kind in place.kinds}
        if "null" in counts and (len(counts) == 1 or depth > _DEEPEST):
            return None
        counts.pop("null", None)
        if not counts or "deeper" in counts:
            return {}
        kind = max(sorted(counts), key=lambda kind: counts[kind])
        if kind == "string":
            return self._string(place, turn)
        if kind == "number":
            return 0.5 if place.fractions else 1
        if kind == "object":
            assert place.type is not None
            return self._object(place.type, turn, depth + 1)
        if kind == "array":
            return self._list(place, turn, depth + 1)
        return True if kind == "boolean" else "binary"

    def _string(self, place: Place, turn: int) -> str:
        form = shared_format(place.strings, place.name) if self.rules.on("format") else None
        if form is not None:
            return _FORMATS[form]
        members = self.enums.get(id(place))
        if not members:
            return "string"
        seen = place.strings.values or {}
        usual = sorted(members, key=lambda member: (-seen[member].count if member in seen else 0, member))
        return usual[turn % len(usual)]

    def _list(self, place: Place, turn: int, depth: int) -> list[Any]:
        if self.rules.on("tuple") and is_tuple(place):
            assert place.positions is not None
            return [self.of(position.found(), turn, depth) for position in place.positions]
        length = (fixed_length(place) if self.rules.on("length") else None) or int(depth <= _DEEPEST)
        items = place.items
        return (
            [self.of(items.found(), turn, depth) for _ in range(length)]
            if items is not None and items.found().kinds
            else []
        )

    def _object(self, kind: Type, turn: int, depth: int) -> dict[str, Any]:
        if kind.values is not None:
            return {"key": self.of(kind.values.found(), turn, depth)} if depth <= _DEEPEST else {}
        union = self.unions.get(id(kind))
        if union is None:
            return self._form(kind.forms[None], turn, depth)
        usual = sorted(union.branches, key=lambda tag: (-union.branches[tag].count, tag))
        tag = usual[turn % len(usual)]
        return {**self._form(union.branches[tag], turn // len(usual), depth), union.tag: tag}

    def _form(self, form: Form, turn: int, depth: int) -> dict[str, Any]:
        least = 1.0 if turn > 1 or depth > _DEEPEST else 0.0 if turn else 0.5
        keys = [key for key in sorted(form.keys) if form.present[key] >= least * form.count]
        return {key: self.of(form.at(key), turn, depth) for key in keys}
