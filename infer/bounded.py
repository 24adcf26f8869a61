"""A mapping with a cap that does not depend on the order in which its keys arrive.

Past the cap it keeps the keys whose hashes are smallest (a bottom-k sample), and counts what it let go. A key that is
among the smallest of the whole is among the smallest of every part, so nothing that is kept at the end was ever let go
before: any split of the input, merged in any order, gives the same entries, complete, and the same count of the rest.

The cap may be lowered later: what is kept then is what would have been kept from the start.

Keys that hold data (`room:1`, `room:2` …) form a group under their template (`room:{id}`). The cap counts groups, and a
group of more keys than its template tells apart becomes one entry under the template. How many keys a group has is the
size of a set union, so that this too is the same in any order.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

import msgspec

from infer.errors import UsageError
from infer.model import Server
from infer.tally import TALLY


class Entry(Protocol):
    """What a bounded mapping can hold: something that merges and knows how much it counted."""

    count: int

    @property
    def parts(self) -> tuple[Any, ...]:
        """What it is made of that a budget is shared out to (`infer.budget`)."""

    def merge(self, other: Self, /) -> None:
        """Take the other's observations in."""


K = TypeVar("K", bound="tuple[str, ...] | str | Server")
V = TypeVar("V", bound=Entry)

Template = Callable[[K], tuple[K, int] | None]
"""The template of a key, and how many keys of it are told apart; None for a key without data. A template is its own."""


class Count(msgspec.Struct):
    """The plainest entry: a number."""

    count: int = 0
    parts: ClassVar[tuple[()]] = ()

    def merge(self, other: Count) -> None:
        """Add the other's number."""
        self.count += other.count


class Bounded(Generic[K, V]):
    """At most `cap` groups of entries, made by `factory` when first asked for; `overflow` counts what was let go."""

    __slots__ = ("_groups", "_heap", "_most", "cap", "changes", "entries", "factory", "overflow", "template")

    def __init__(self, cap: int, factory: Callable[[], V], template: Template[K] | None = None) -> None:
        self.cap = cap
        self.factory = factory
        self.template = template
        self.entries: dict[K, V] = {}
        self.overflow = 0
        self.changes = 0
        """How often entries were let go or put together: as long as it stays the same, so do the entries that are there."""
        self._most = cap
        self._groups: dict[K, set[K]] = {}
        self._heap: list[tuple[int, K]] | None = None  # largest hash first; made when the cap is first met

    def at(self, key: K) -> V | None:
        """The entry of `key`, made where it is new; None where it has no place (counted as one in `overflow`)."""
        entry = self.entries.get(key)
        if entry is not None:
            return entry
        place = self._place(key)
        if place is None:
            self.overflow += 1
            return None
        entry = self.entries.get(place)
        if entry is None:
            entry = self.entries[place] = self.factory()
            TALLY.entries += 1
        return entry

    def put(self, key: K, entry: V) -> None:
        """Take in an entry that was filled elsewhere."""
        place = key if key in self.entries else self._place(key)
        if place is None:
            self.overflow += entry.count
        elif place in self.entries:
            self.entries[place].merge(entry)
        else:
            self.entries[place] = entry
            TALLY.entries += 1

    def merge(self, other: Bounded[K, V]) -> None:
        """Take the other's entries and overflow in; caps must agree, or the result would depend on the order."""
        if other.cap != self.cap:
            raise UsageError(
                f"a limit of {other.cap} entries cannot be merged with one of {self.cap}",
                hint="infer both with the same limits",
            )
        self.shrink(other._most)
        self.overflow += other.overflow
        for key, entry in other.entries.items():
            self.put(key, entry)

    def shrink(self, most: int) -> None:
        """Have no more than so many groups from now on, where the cap allows more."""
        if most >= self._most:
            return
        self._most = most
        leaving = len(self._groups) - most
        if leaving > 0:
            self.changes += 1
            for group in heapq.nlargest(leaving, self._groups, key=_rank):
                self._let_go(group)
        self._heap = None

    def groups(self) -> Iterator[tuple[list[V], int]]:
        """The entries of each group, and for how many keys each of them may stand."""
        for group, members in self._groups.items():
            times = max(1, self._group(group)[1]) if group in members else 1
            yield [self.entries[member] for member in members], times

    def items(self) -> list[tuple[K, V]]:
        """Keys with their entries, in the order of the keys."""
        return sorted(self.entries.items(), key=lambda item: item[0])

    def values(self) -> list[V]:
        """The entries, in the order of their keys."""
        return [entry for _, entry in self.items()]

    def is_template(self, key: K) -> bool:
        """Whether the key stands for many."""
        return self.template is not None and (found := self.template(key)) is not None and found[0] == key

    def __iter__(self) -> Iterator[K]:
        return iter(sorted(self.entries))

    def __len__(self) -> int:
        return len(self.entries)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bounded) and (self.cap, self.overflow, self.entries) == (
            other.cap,
            other.overflow,
            other.entries,
        )

    __hash__ = None  # type: ignore[assignment]

    def keep(self, wanted: Callable[[K], bool]) -> None:
        """Drop the entries whose key is not wanted; they do not count as overflow."""
        self.changes += 1
        for key in [key for key in self.entries if not wanted(key)]:
            del self.entries[key]
            group = self._group(key)[0]
            self._groups[group].discard(key)
            if not self._groups[group]:
                del self._groups[group]
        self._heap = None

    def _group(self, key: K) -> tuple[K, int]:
        """The group of a key, and how many keys it may tell apart."""
        found = self.template(key) if self.template is not None else None
        return found or (key, 1)

    def _place(self, key: K) -> K | None:
        """Under which key the entry of a key that is not there goes: its own, its template, or nowhere."""
        group, siblings = self._group(key)
        if group not in self._groups and not self._make_room(group):
            return None
        members = self._groups.setdefault(group, set())
        if group in members:  # they are one already
            return group
        members.add(key)
        if group != key and len(members) <= siblings:
            return key
        if group != key or len(members) > 1:
            members.discard(group)
            self._fold(group, members)
        return group

    def _fold(self, group: K, members: set[K]) -> None:
        """Make one entry of all that the group has."""
        self.changes += 1
        whole = self.factory()
        for member in members:
            entry = self.entries.pop(member, None)
            if entry is not None:
                whole.merge(entry)
        members.clear()
        members.add(group)
        self.entries[group] = whole

    def _make_room(self, group: K) -> bool:
        """Whether the group may enter, after the one with the largest hash has left for it where that is needed."""
        if len(self._groups) < self._most:
            self._heap = None
            return True
        if not self._most:
            return False
        if self._heap is None:
            self._heap = [(-_rank(kept), kept) for kept in self._groups]
            heapq.heapify(self._heap)
        rank = _rank(group)
        if rank > -self._heap[0][0]:
            return False
        self.changes += 1
        _, leaving = heapq.heapreplace(self._heap, (-rank, group))
        self._let_go(leaving)
        return True

    def _let_go(self, group: K) -> None:
        self.overflow += sum(self.entries.pop(member).count for member in self._groups.pop(group))


def _rank(key: object) -> int:
    """A hash that is the same in every process (`repr` also takes lone surrogates apart)."""
    return int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest(), "big")
