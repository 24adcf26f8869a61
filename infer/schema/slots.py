"""The evidence of a list of arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec

from infer.limits import Limits
from infer.model import Json
from infer.schema.evidence import Node, Scope
from infer.schema.moulds import REFUSED, Mould, Payload, refused_at
from infer.schema.node import DEFAULT
from infer.schema.sources import Sources

_FIRST: Final = 32
"""Lists that are seen before a mould is made (`infer.schema.moulds`): making one costs as much as taking in some thirty."""
_PATIENCE: Final = 32
"""Lists that a mould may refuse before another is made; twice as many each time."""
_RENEWED: Final = frozenset(1 << power for power in range(4, 40, 2))
"""Counts at which plans are made anew, since more questions are closed by then."""


P = TypeVar("P", bound=Payload)


class Args:
    """The evidence of argument lists: how many arguments there were, and each place."""

    __slots__ = ("_arities", "_due", "_misses", "_mould", "_patience", "_slots", "count", "scope", "settled", "sources")

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self.count = 0
        self.sources = Sources()
        self.scope = Scope(limits, self._drop_mould)
        self._arities: dict[int, int] = {}
        self._slots = self.scope.tops
        self.settled = True
        """Whether neither the mould nor a plan has counted anything since `settle`."""
        self._mould: Mould | None = None
        self._due = _FIRST
        self._misses = 0
        self._patience = _PATIENCE

    @property
    def arities(self) -> dict[int, int]:
        """Lists by their length, those beyond `Limits.arguments` as of that length."""
        self.settle()
        return self._arities

    @property
    def slots(self) -> list[Node]:
        """The evidence of each place; that of the last one that `Limits.arguments` allows is of all that follow as well."""
        self.settle()
        return self._slots

    def settle(self) -> None:
        """Make the evidence fit to be read: all that was counted where it belongs, and all within the limits."""
        if not self.settled:
            self.settled = True
            self._gather()
            if self.scope.hold():
                self._use(None)

    def _gather(self) -> None:
        """Put what the mould and plans have counted where it belongs; plans begin anew."""
        if self._mould is not None:
            self._settle(self._mould)
        for slot in self._slots:
            slot.settle()

    def weight(self) -> int:
        """What places it asks for (`infer.budget`)."""
        self.settle()
        return self.scope.weight

    @property
    def is_cut(self) -> bool:
        """Whether the deepest levels are not looked into, for there is too much in them."""
        self.settle()
        return self.scope.is_cut

    def allow(self, places: int) -> None:
        """Hold no more than these."""
        if self.scope.allow(places):
            self._use(None)

    def add(self, args: Sequence[Json], session: int) -> None:
        """Take in one list, seen in that session."""
        if type(args) is not list and isinstance(args, Payload) and args.mould is self._mould:
            self.add_payload(args.value, session)
            return
        self.count += 1
        if self.count in _RENEWED:
            self.settle()
        self.settled = False
        if session != self.scope.session:
            self._turn_to(session)
        arity = min(len(args), self.scope.limits.arguments)
        self._count_arity(arity, 1)
        if arity > len(self._slots):
            self._drop_mould()
            self._grow(arity)
        for slot, value in zip(self._slots, args, strict=False):
            slot.add_object(value)
        if len(args) > arity:
            self._slots[-1].add_objects(args[arity:])
        self.settled = False  # what comes first may settle what was before it
        if self.scope.cut:
            self.settle()

    def decode(self, text: str, name: str | None, *, offset: bool = False) -> Any:
        """The arguments of an event of that name, given as the JSON of both (`["name",…]`), if there is a mould that takes them.

        They are for `add_payload`, before anything else is taken in; None if there is none. With `offset` the last argument,
        where it is a string, may be none. Without a name it is an acknowledgement, and its arguments alone.
        """
        if self.count >= self._due:
            self._make_mould(name)
        mould = self._mould
        if mould is None or (offset and mould.ends_in_text):
            return None
        try:
            payload = mould.decode(text)
        except REFUSED:
            payload = None
        if payload is None or mould.odd((payload,)):
            self._refused()
            return None
        return payload

    def payload(self, text: str, name: str, kind: type[P]) -> P | None:
        """The same arguments as a payload of that kind, which may be taken in at any time."""
        value = self.decode(text, name)
        return None if value is None or self._mould is None else kind(self._mould, value, text)

    def fits(self, args: Payload) -> bool:
        """Whether it is of the mould that there is now."""
        return args.mould is self._mould

    def add_payload(self, payload: Any, session: int) -> None:
        """Take in what `decode` gave."""
        mould = self._mould
        assert mould is not None
        self.count += 1
        self.settled = False
        if session != self.scope.session:
            self._turn_to(session)
        self._visit(mould, (payload,))
        self.settled = False
        if mould is not self._mould:  # it was dropped meanwhile
            self._settle(mould)
        if self.scope.cut:
            self.settle()

    def add_texts(self, texts: Sequence[str], name: str, session: int, *, offset: bool = False) -> list[int]:
        """Take in many events of that name seen in one session, see `decode`: the positions of those that no mould takes.

        Each text begins with `[` and ends in `]`. So all can be decoded at once, a line each: no string goes over the end
        of a line, no list can go on after `]` with `[`, and if there are as many as lines, each line is one.
        """
        left: list[int] = []
        parts = [(0, len(texts))]
        while parts:
            begin, end = parts.pop()
            if self.count >= self._due:
                self._make_mould(name)
            mould = self._mould
            if mould is None or (offset and mould.ends_in_text):
                left += range(begin, end)
                continue
            if end - begin == 1:
                value = self.decode(texts[begin], name, offset=offset)
                if value is None:
                    left.append(begin)
                else:
                    self.add_payload(value, session)
                continue
            middle = None
            try:
                values = mould.decode_lines("\n".join(texts[begin:end]))
            except REFUSED as error:
                values, middle = [], refused_at(error)
            if len(values) == end - begin:
                taken, odd = texts[begin:end], mould.odd(values)
                if odd:
                    self._refused(len(odd))
                    left += [begin + number for number in odd]
                    others = sorted({*range(len(values))}.difference(odd))
                    values, taken = [values[number] for number in others], [taken[number] for number in others]
                if values:
                    self.add_decoded(values, taken, name, session)
            elif middle is None or middle >= end - begin:
                middle = (begin + end) // 2
                parts += ((middle, end), (begin, middle))
            else:
                middle += begin
                parts += [part for part in ((middle + 1, end), (middle, middle + 1), (begin, middle)) if part[0] < part[1]]
        return left

    def decode_texts(self, texts: Sequence[str], name: str | None) -> list[Any] | None:
        """What `add_decoded` takes in, of texts as `add_texts` has them; None where there is no mould that takes them all.

        Without a name they are acknowledgements.
        """
        if self.count >= self._due:
            self._make_mould(name)
        if self._mould is None:
            return None
        try:
            values = self._mould.decode_lines("\n".join(texts))
        except REFUSED:
            return None
        return values if len(values) == len(texts) and not self._mould.odd(values) else None

    def add_decoded(self, values: Sequence[Any], texts: Sequence[str], name: str | None, session: int) -> None:
        """Take in what the mould made of these texts before anything else was; without it from where it is dropped."""
        mould = self._mould
        assert mould is not None
        if session != self.scope.session:
            self._turn_to(session)
        self.settled = False
        scope, taken = self.scope, 0
        if mould.is_steady:
            taken = len(values)
            self._visit(mould, values)
        else:
            for value in values:
                taken += 1
                self._visit(mould, (value,))
                if self._mould is not mould or scope.cut:
                    break
        self.count += taken
        self.settled = False
        if self._mould is not mould:
            self._settle(mould)
        if scope.cut:
            self.settle()
        for text in texts[taken:]:
            self.add(msgspec.json.decode(text)[name is not None :], session)

    def merge(self, other: Args) -> None:
        """Take the other's lists in; the other stays as it is."""
        self.settle()
        other.settle()
        self._use(None)
        self.count += other.count
        self.sources.merge(other.sources)
        for arity, count in other.arities.items():
            self._count_arity(arity, count)
        self._grow(len(other._slots))
        self.scope.look_up_to(other.scope.deepest)
        for at, more in enumerate(other._slots):
            self._slots[min(at, len(self._slots) - 1)].merge(more)
        self.scope.hold()

    @property
    def least(self) -> int:
        """The smallest number of arguments seen."""
        return min(self.arities, default=0)

    @property
    def is_single(self) -> bool:
        """Whether there was always one argument."""
        return self.arities.keys() == {1} and not self.is_open

    @property
    def is_open(self) -> bool:
        """Whether there may have been more arguments than there are slots."""
        return len(self.slots) == self.scope.limits.arguments

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
        for slot in slots[len(args._slots) :]:
            args._slots[-1].merge(Node(args.scope).fill(slot))
        args.scope.bound()
        args.scope.hold()
        return args

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Args) and self.to_state() == other.to_state()

    __hash__ = None  # type: ignore[assignment]

    def _visit(self, mould: Mould, values: Sequence[Any]) -> None:
        """Have the mould look at what it has decoded."""
        if not mould.visit(values):
            self._refused()

    def _refused(self, times: int = 1) -> None:
        """The mould was not as it should be."""
        self._misses += times
        if self._misses > self._patience:
            self._patience *= 2
            self._due = self.count

    def _turn_to(self, session: int) -> None:
        if self._mould is not None:
            self._mould.turn_from(self.scope.session)
        self.scope.turn_to(session)
        self.sources.add(session)

    def _make_mould(self, name: str | None) -> None:
        """Make the mould of what was seen, where it is of one kind; the next one is due when there are four times as many."""
        self._due = 4 * self.count
        if self._mould is not None and not self._misses and not self._mould.is_outdated:
            return
        self.settle()
        self._misses = 0
        self._use(None)
        if self.arities.keys() == {len(self._slots)} and len(self._slots) < self.scope.limits.arguments:
            self._use(Mould(name, self._slots, self.count))

    def _use(self, mould: Mould | None) -> None:
        """Take in by that mould from now on, or by none."""
        self._mould = mould
        self.scope.moulded = mould is not None and mould.is_steady

    def _drop_mould(self) -> None:
        """Do without the mould, since places become others: the next one is due as soon as after that many refusals."""
        if not self.settled:
            self._gather()
        if self._mould is not None:
            self._use(None)
            self._due = min(self._due, self.count + self._patience)
            self._patience *= 2

    def _settle(self, mould: Mould) -> None:
        payloads = mould.settle(self.scope.session)
        if payloads:
            self._count_arity(len(self._slots), payloads)

    def _count_arity(self, arity: int, count: int) -> None:
        arity = min(arity, self.scope.limits.arguments)
        self._arities[arity] = self._arities.get(arity, 0) + count

    def _grow(self, arity: int) -> None:
        while len(self._slots) < min(arity, self.scope.limits.arguments):
            self._slots.append(Node(self.scope))
