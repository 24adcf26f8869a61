"""How much of a contract the traffic has shown: a tree of what is declared, with how often each was seen.

Traffic is a lower bound, so what was not seen is no violation; it is what nobody has tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import msgspec


class Part(StrEnum):
    """What a line of the tree stands for."""

    CONTRACT = "contract"
    NAMESPACE = "namespace"
    EVENT = "event"
    ARGUMENT = "argument"
    ACK = "ack"
    AUTH = "auth"
    REFUSAL = "refusal"
    PROPERTY = "property"
    VALUE = "value"
    VARIANT = "variant"


class Coverage(msgspec.Struct):
    """A declared part, how often it was seen, and its own parts."""

    part: Part
    name: str
    """As declared: `/admin`, `c2s "say"`, `args[0]`, a property, an enumerated value as JSON, a variant's title."""
    seen: int = 0
    """How often; of what lies within an argument, only whether (1) or not."""
    children: list[Coverage] = msgspec.field(default_factory=list)

    def leaves(self) -> Iterator[Coverage]:
        """The parts that are counted: each that is declared, this one only where it is no heading."""
        if self.part is not Part.CONTRACT:
            yield self
        for child in self.children:
            yield from child.leaves()

    @property
    def total(self) -> int:
        """How many parts are declared."""
        return sum(1 for _ in self.leaves())

    @property
    def covered(self) -> int:
        """How many of them were seen."""
        return sum(leaf.seen > 0 for leaf in self.leaves())

    @property
    def share(self) -> float:
        """Covered of total, 0 to 1; 1 where nothing is declared."""
        return self.covered / self.total if self.total else 1.0
