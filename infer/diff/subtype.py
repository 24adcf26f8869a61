"""Whether every value of one schema is one of another: yes, no with a witness, or unknown with the keyword that hides it.

`jsonschema-rs` compares canonical forms, and its yes is a proof. A no is only given with a value that the first schema
takes and the second refuses, tried on both validators. All else is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import jsonschema_rs
from jsonschema_rs import canonical

from infer.asyncapi.contract import Contract
from infer.asyncapi.schemas import Schema
from infer.diff.checker import Checker, bundle, reachable
from infer.diff.values import candidates
from infer.model import ABSENT


class Answer(Enum):
    """One of three."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer with what supports it."""

    answer: Answer
    witness: Any = ABSENT
    """Of a no: a value of the first schema that the second refuses."""
    keyword: str | None = None
    """Of an unknown: the keyword that stands in the way."""


class Prover:
    """Answers about the schemas of two contracts."""

    def __init__(self, base: Contract, revision: Contract) -> None:
        self.base = Checker(base)
        self.revision = Checker(revision)

    def narrows(self, base: Schema, revision: Schema) -> Verdict:
        """Whether every value of the base is one of the revision."""
        return _subtype(self.base, base, self.revision, revision)

    def widens(self, base: Schema, revision: Schema) -> Verdict:
        """Whether every value of the revision is one of the base."""
        return _subtype(self.revision, revision, self.base, base)

    def lost(self, base: Schema, revision: Schema) -> Any:
        """A value of the base that the revision refuses, ABSENT where none is found."""
        return _witness(self.base, base, self.revision, revision)

    def gained(self, base: Schema, revision: Schema) -> Any:
        """A value of the revision that the base refuses, ABSENT where none is found."""
        return _witness(self.revision, revision, self.base, base)


def subtype(contract: Contract, first: Schema, second: Schema) -> Verdict:
    """Whether every value of the first schema is one of the second, both of one contract."""
    checker = Checker(contract)
    return _subtype(checker, first, checker, second)


def _subtype(mine: Checker, first: Schema, theirs: Checker, second: Schema) -> Verdict:
    hidden = _unknown(mine.contract, first) | _unknown(theirs.contract, second)
    if not hidden and _covered(mine.contract, first, theirs.contract, second):
        return Verdict(Answer.YES)
    witness = _witness(mine, first, theirs, second)
    if witness is not ABSENT and not hidden:
        return Verdict(Answer.NO, witness)
    keywords = sorted(hidden) or sorted((first.keys() | second.keys()) - {"type", "$ref"}) or ["$ref"]
    return Verdict(Answer.UNKNOWN, keyword=keywords[0])


def _covered(mine: Contract, first: Schema, theirs: Contract, second: Schema) -> bool:
    try:
        narrow, wide = (
            jsonschema_rs.canonicalize(bundle(schema, contract), draft=jsonschema_rs.Draft202012, validate_formats=True)
            for schema, contract in ((first, mine), (second, theirs))
        )
        return bool(wide.covers(narrow) == canonical.Containment.YES)
    except (ValueError, jsonschema_rs.ReferencingError):
        return False


def _witness(mine: Checker, first: Schema, theirs: Checker, second: Schema) -> Any:
    tried = candidates((mine.contract, first), (theirs.contract, second))
    found = (value for value in tried if mine.accepts(first, value) and not theirs.accepts(second, value))
    return next(found, ABSENT)


def _unknown(contract: Contract, schema: Schema) -> set[str]:
    """Keywords anywhere in the schema that are not understood."""
    found: set[str] = set()
    waiting = [schema, *(contract.definitions[name] for name in reachable(schema, contract))]
    while waiting:
        at = waiting.pop()
        found.update(at.unknown)
        waiting.extend(part for _, part in at.parts())
    return found
