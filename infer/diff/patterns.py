"""How two regular expressions relate: which strings the one takes and the other refuses."""

from __future__ import annotations

from enum import Enum


class Relation(Enum):
    """Of the new pattern to the old one."""

    SAME = "same"
    NARROWER = "narrower"
    WIDER = "wider"
    OTHER = "other"
    """Each takes what the other refuses."""
    UNKNOWN = "unknown"


def relation(old: str | None, new: str | None) -> Relation:
    """How the strings of the new pattern relate to those of the old one; None takes all strings."""
    if old == new:
        return Relation.SAME
    if old is None:
        return Relation.NARROWER
    if new is None:
        return Relation.WIDER
    return Relation.UNKNOWN
