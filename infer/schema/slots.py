"""The evidence of a list of arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from infer.limits import Limits
from infer.model import Json
from infer.schema.evidence import Node, Scope
from infer.schema.node import DEFAULT
from infer.schema.sources import Sources

_RENEWED: Final = frozenset(1 << power for power in range(4, 40, 2))
"""Counts at which plans are made anew, since more questions are closed by then."""


class Args:
    """The evidence of argument lists: how many arguments there were, and each place."""

    __slots__ = ("_slots", "arities", "count", "scope", "settled", "sources")

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self.count = 0
        self.sources = Sources()
        self.scope = Scope(limits, plans=True)
        self.arities: dict[int, int] = {}
        """Lists by their length, those beyond `Limits.arguments` as of that length."""
        self._slots = self.scope.tops
        self.settled = True
        """Whether no plan has counted anything since `settle`."""

    @property
    def slots(self) -> list[Node]:
        """The evidence of each place."""
        self.settle()
        return self._slots

    def settle(self) -> None:
        """Put what plans have counted where it belongs (see `infer.schema.plans`), and begin with new ones."""
        if not self.settled:
            self.settled = True
            for slot in self._slots:
                slot.settle()
            self.scope.hold()

    def add(self, args: Sequence[Json], session: int) -> None:
        """Take in one list, seen in that session."""
        self.count += 1
        if self.count in _RENEWED:
            self.settle()
        self.settled = False
        self.scope.session = session
        self.sources.add(session)
        arity = min(len(args), self.scope.limits.arguments)
        self.arities[arity] = self.arities.get(arity, 0) + 1
        if arity > len(self._slots):
            self._grow(arity)
        for slot, value in zip(self._slots, args, strict=False):
            slot.add_object(value)
        if self.scope.cut:
            self.settle()

    def merge(self, other: Args) -> None:
        """Take the other's lists in; the other stays as it is."""
        self.count += other.count
        self.sources.merge(other.sources)
        self.settle()
        other.settle()
        for arity, count in other.arities.items():
            self._count_arity(arity, count)
        self._grow(len(other._slots))
        self.scope.look_up_to(other.scope.deepest)
        for own, more in zip(self._slots, other._slots, strict=False):
            own.merge(more)
        self.scope.hold()

    @property
    def least(self) -> int:
        """The smallest number of arguments seen."""
        return min(self.arities, default=0)

    def to_state(self) -> Any:
        """Builtin data."""
        return [
            self.count,
            self.sources.to_state(),
            dict(sorted(self.arities.items())),
            [s.to_state() for s in self.slots],
        ]

    @classmethod
    def from_state(cls, state: Any, limits: Limits = DEFAULT) -> Args:
        """The evidence of `to_state`, within those limits. Errors: as of `Node.fill`."""
        args = cls(limits)
        args.count, sources, arities, slots = state
        if sum(arities.values()) != args.count or len(slots) != max(arities, default=0):
            raise ValueError("arguments of no list")
        for arity, count in arities.items():
            args._count_arity(arity, count)
        args.sources = Sources.from_state(sources)
        args._grow(len(slots))
        for own, slot in zip(args._slots, slots, strict=False):
            own.fill(slot)
        args.scope.bound()
        args.scope.hold()
        return args

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Args) and self.to_state() == other.to_state()

    __hash__ = None  # type: ignore[assignment]

    def _count_arity(self, arity: int, count: int) -> None:
        arity = min(arity, self.scope.limits.arguments)
        self.arities[arity] = self.arities.get(arity, 0) + count

    def _grow(self, arity: int) -> None:
        while len(self._slots) < min(arity, self.scope.limits.arguments):
            self._slots.append(Node(self.scope))
