"""A finding: one thing that differs, with everything that a person or a machine wants to know of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

import msgspec

from infer.asyncapi.references import Place
from infer.diff.rules import Level, Rule
from infer.model import ABSENT, Absent, Direction, Origin

KEPT: Final = 5
"""Occurrences that are kept of one finding; all are counted."""


class Evidence(msgspec.Struct, frozen=True):
    """Where in the traffic it was seen."""

    origin: Origin
    transport: str
    time: float | None
    """Seconds since the epoch."""


class Weight(msgspec.Struct, frozen=True):
    """How many observed events (or acknowledgements, or connects) a change would break, of how many of that slot."""

    broken: int
    seen: int


def fingerprint(*fields: str | None) -> str:
    """16 hexadecimal digits over structured fields: no text, no line number has a part in it."""
    text = "\x1f".join("\x00" if part is None else str(part) for part in fields)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Finding(msgspec.Struct, frozen=True):
    """See the module. `namespace` is None where the whole document is concerned."""

    rule: Rule
    message: str
    """In words; it quotes names and shapes, never a value from traffic."""
    namespace: str | None = None
    event: str | None = None
    direction: Direction | None = None
    """Of the event; its acknowledgement travels the other way."""
    slot: str | None = None
    """`args[0]`, `ack[1]`, `args`, `ack`, `auth`, `error` or `query`."""
    path: str = ""
    """Pointer from the slot's schema to the part concerned: `properties/name`. References are not counted in it, nor
    alternatives that are told apart by their types."""
    detail: str = ""
    """What tells it from others at the same part: a property, an enumerated value, a keyword."""
    base: Place | None = None
    revision: Place | None = None
    witness: Any = ABSENT
    """A value of that part which one side takes and the other refuses; ABSENT where none is known. Of a change it is
    made up from the schemas; of traffic it is a real value, kept only where the user asked for values."""
    witness_taken_by: str | None = None
    """Of a change: `base` or `revision`, the side that takes the witness."""
    shape: str | None = None
    """Traffic: what kind of value the first occurrence was (`string of 12 characters`), to be shown in its stead."""
    instance: str | None = None
    """Traffic: pointer into the value, of the first occurrence."""
    evidence: tuple[Evidence, ...] = ()
    count: int = 0
    """Traffic: how often it was seen."""
    weight: Weight | None = None
    """Of a change, where traffic was given to weigh it."""
    concerns: Callable[[Any], bool] | None = None
    """Of a change: whether it concerns a value of the part; None where it concerns all of them."""
    level: Level = Level.OFF
    """As the table or the configuration has it; OFF before it is set."""
    suppressed: str | None = None
    """Why it does not count: the reason of a baseline entry or of an ignore."""

    def __post_init__(self) -> None:
        if self.level is Level.OFF:
            msgspec.structs.force_setattr(self, "level", self.rule.level)

    @property
    def place(self) -> Place | None:
        """Where to look first."""
        return self.revision or self.base

    @property
    def has_witness(self) -> bool:
        """Whether a witness is known."""
        return not isinstance(self.witness, Absent)

    @property
    def fingerprint(self) -> str:
        """What names it: see `fingerprint`."""
        return fingerprint(
            self.rule.id, self.namespace, self.event, self.direction, self.slot, self.path, self.detail
        )

    @property
    def subject(self) -> str:
        """What it is about: `/admin c2s "add user" args[0]`."""
        parts = [self.namespace, self.direction, None if self.event is None else f'"{self.event}"', self.slot]
        return " ".join(str(part) for part in parts if part is not None)

    @property
    def about(self) -> str:
        """The subject, with the pointer in the slot: `/admin c2s "add user" args[0]/properties/name`. Empty for the whole document."""
        return f"{self.subject}/{self.path}" if self.path else self.subject

    def at(self, level: Level) -> Finding:
        """The same finding with another level."""
        return msgspec.structs.replace(self, level=level)


def order(finding: Finding) -> tuple[Any, ...]:
    """Sort key: worst first, then by what it is about."""
    return (
        -finding.level.rank,
        finding.namespace or "",
        finding.event or "",
        finding.direction or "",
        finding.slot or "",
        finding.path,
        finding.rule.id,
        finding.detail,
    )
