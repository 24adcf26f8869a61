"""The evidence of one value (`Evidence`) and of a list of arguments (`Args`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from infer.model import Json
from infer.schema.evidence import Node
from infer.schema.sources import Sources

ARGUMENTS: Final = 64
"""Arguments looked at; an event with more is a list in disguise."""


class Evidence(Node):
    """The evidence of one slot whose values are not arguments: `auth`, an error, a query."""

    @classmethod
    def from_state(cls, state: Any) -> Evidence:
        """The evidence of `to_state`."""
        evidence = cls()
        evidence.fill(state)
        return evidence


class Args:
    """The evidence of argument lists: how many arguments there were, and each place."""

    __slots__ = ("arities", "count", "slots", "sources")

    def __init__(self) -> None:
        self.count = 0
        self.sources = Sources()
        self.arities: dict[int, int] = {}
        """Lists by their length, those beyond `ARGUMENTS` as of that length."""
        self.slots: list[Node] = []

    def add(self, args: Sequence[Json], source: int) -> None:
        """Take in one list."""
        self.count += 1
        self.sources.add(source)
        arity = min(len(args), ARGUMENTS)
        self.arities[arity] = self.arities.get(arity, 0) + 1
        slots = self.slots
        while len(slots) < arity:
            slots.append(Node())
        for slot, value in zip(slots, args, strict=False):
            slot.add(value, source)

    def merge(self, other: Args) -> None:
        """Take the other's lists in; the other may not be used any further."""
        self.count += other.count
        self.sources.merge(other.sources)
        for arity, count in other.arities.items():
            self.arities[arity] = self.arities.get(arity, 0) + count
        for own, more in zip(self.slots, other.slots, strict=False):
            own.merge(more)
        self.slots.extend(other.slots[len(self.slots) :])

    @property
    def least(self) -> int:
        """The smallest number of arguments seen."""
        return min(self.arities, default=0)

    def to_state(self) -> Any:
        """Builtin data."""
        return [self.count, self.sources.to_state(), dict(sorted(self.arities.items())), [s.to_state() for s in self.slots]]

    @classmethod
    def from_state(cls, state: Any) -> Args:
        """The evidence of `to_state`."""
        args = cls()
        args.count, sources, args.arities, slots = state
        args.sources = Sources.from_state(sources)
        args.slots = [Node().fill(slot) for slot in slots]
        return args

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Args) and self.to_state() == other.to_state()

    __hash__ = None  # type: ignore[assignment]
