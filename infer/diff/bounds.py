"""Bounds of lengths, sizes and numbers: which hold, and which of two is tighter."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from infer.diff.view import BOUNDS, is_false

Limit: TypeAlias = tuple[str, Any]
"""A keyword and its value."""


_IDLE: Final[dict[str, Any]] = {"minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False}
"""Bounds that bind nothing."""


def limits(keywords: dict[str, Any], family: str) -> dict[str, Limit]:
    """The bounds that hold, by what they limit; of an inclusive and an exclusive one the tighter."""
    found: dict[str, Limit] = {}
    for keyword in BOUNDS[family]:
        if keyword not in keywords:
            continue
        value = keywords[keyword]
        if value == _IDLE.get(keyword):
            continue
        limit = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}.get(keyword, keyword)
        if limit not in found or tightness(limit, found[limit], (keyword, value))[0]:
            found[limit] = (keyword, value)
    if family == "array" and is_false(keywords.get("items")):
        most = len(keywords.get("prefixItems", ()))
        if "maxItems" not in found or found["maxItems"][1] > most:
            found["maxItems"] = ("maxItems", most)
    return found


def tightness(limit: str, old: Limit | None, new: Limit | None) -> tuple[bool, bool]:
    """Whether the new limit refuses something that the old one takes, and the other way round."""
    if old is None or new is None:
        return new is not None, old is not None
    before, after = old[1], new[1]
    if limit == "uniqueItems":
        return bool(after), bool(before)
    if limit == "multipleOf":
        return not _divides(after, before), not _divides(before, after)
    if before == after:  # one of the two is exclusive
        return new[0].startswith("exclusive"), old[0].startswith("exclusive")
    higher = bool(after > before)
    return (higher, not higher) if limit.startswith("min") else (not higher, higher)


def _divides(divisor: float, number: float) -> bool:
    return (number / divisor).is_integer() if divisor else False


