"""Whether every value of one schema is one of another: yes, no with a witness, or unknown with the keyword that hides it.

`jsonschema-rs` compares canonical forms, and its yes is a proof. A no is only given with a value that the first schema
takes and the second refuses, tried on both validators. All else is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

import jsonschema_rs
import msgspec
from jsonschema_rs import canonical

from infer.asyncapi.contract import Contract
from infer.asyncapi.schemas import Schema
from infer.diff.checker import Checker, bundle, everywhere
from infer.diff.values import candidates
from infer.model import ABSENT


class Answer(Enum):
    """One of three."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Verdict(msgspec.Struct, frozen=True):
    """An answer with what supports it."""

    answer: Answer
    witness: Any = ABSENT
    """Of a no: a value of the first schema that the second refuses."""
    keyword: str | None = None
    """Of an unknown: the keyword that stands in the way."""


def subtype(mine: Checker, first: Schema, theirs: Checker, second: Schema) -> Verdict:
    """Whether every value of the first schema is one of the second."""
    hidden = _hidden(mine, first) | _hidden(theirs, second)
    if not hidden and _covered(mine.contract, first, theirs.contract, second):
        return Verdict(Answer.YES)
    found = ABSENT if hidden else witness(mine, first, theirs, second)
    if found is not ABSENT:
        return Verdict(Answer.NO, found)
    keywords = sorted(hidden) or sorted((first.keys() | second.keys()) - {"type", "$ref"}) or ["$ref"]
    return Verdict(Answer.UNKNOWN, keyword=keywords[0])


def is_covered(mine: Checker, first: Schema, theirs: Checker, second: Schema) -> bool:
    """Whether it is proved that every value of the first schema is one of the second; no witness is looked for."""
    return not _hidden(mine, first) | _hidden(theirs, second) and _covered(mine.contract, first, theirs.contract, second)


def witness(
    mine: Checker, first: Schema, theirs: Checker, second: Schema, concerns: Callable[[Any], bool] | None = None
) -> Any:
    """A value of the first schema that the second refuses, of those that are of concern; ABSENT if none is found."""
    for value in candidates(mine, first, theirs, second):
        if not theirs.accepts(second, value) and (concerns is None or concerns(value)):
            return value
    return ABSENT


def _hidden(checker: Checker, schema: Schema) -> set[str]:
    """Keywords that are not understood."""
    return {keyword for at in everywhere(schema, checker.contract) for keyword in at.unknown}


def _covered(mine: Contract, first: Schema, theirs: Contract, second: Schema) -> bool:
    try:
        narrow, wide = (
            jsonschema_rs.canonicalize(bundle(schema, contract), draft=jsonschema_rs.Draft202012, validate_formats=True)
            for schema, contract in ((first, mine), (second, theirs))
        )
        return bool(wide.covers(narrow) == canonical.Containment.YES)
    except (ValueError, jsonschema_rs.ReferencingError):
        return False
