"""A mapping with a cap that does not depend on the order in which its keys arrive.

Past the cap it keeps the keys whose hashes are smallest (a bottom-k sample), and counts what it let go. A key that is
among the smallest of the whole is among the smallest of every part, so nothing that is kept at the end was ever let go
before: any split of the input, merged in any order, gives the same entries, complete, and the same count of the rest.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Generic, Protocol, Self, TypeVar

from infer.errors import UsageError
from infer.model import Server


class Entry(Protocol):
    """What a bounded mapping can hold: something that merges and knows how much it counted."""

    count: int

    def merge(self, other: Self, /) -> None:
        """Take the other's observations in."""


K = TypeVar("K", bound="tuple[str, ...] | str | Server")
V = TypeVar("V", bound=Entry)


@dataclass(slots=True)
class Count:
    """The plainest entry: a number."""

    count: int = 0

    def merge(self, other: Count) -> None:
        """Add the other's number."""
        self.count += other.count


class Bounded(Generic[K, V]):
    """At most `cap` entries, made by `factory` when first asked for; `overflow` counts what was let go."""

    __slots__ = ("_heap", "cap", "entries", "factory", "overflow")

    def __init__(self, cap: int, factory: Callable[[], V]) -> None:
        self.cap = cap
        self.factory = factory
        self.entries: dict[K, V] = {}
        self.overflow = 0
        self._heap: list[tuple[int, K]] | None = None  # largest hash first; made when the cap is first met

    def at(self, key: K) -> V | None:
        """The entry of `key`, made where it is new; None where it has no place (counted as one in `overflow`)."""
        entry = self.entries.get(key)
        if entry is not None:
            return entry
        if not self._make_room(key):
            self.overflow += 1
            return None
        entry = self.entries[key] = self.factory()
        return entry

    def put(self, key: K, entry: V) -> None:
        """Take in an entry that was filled elsewhere."""
        own = self.entries.get(key)
        if own is not None:
            own.merge(entry)
        elif self._make_room(key):
            self.entries[key] = entry
        else:
            self.overflow += entry.count

    def merge(self, other: Bounded[K, V]) -> None:
        """Take the other's entries and overflow in; caps must agree, or the result would depend on the order."""
        if other.cap != self.cap:
            raise UsageError(
                f"a limit of {other.cap} entries cannot be merged with one of {self.cap}",
                hint="infer both with the same limits",
            )
        self.overflow += other.overflow
        for key, entry in other.entries.items():
            self.put(key, entry)

    def items(self) -> list[tuple[K, V]]:
        """Keys with their entries, in the order of the keys."""
        return sorted(self.entries.items(), key=lambda item: item[0])

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
        self.entries = {key: entry for key, entry in self.entries.items() if wanted(key)}
        self._heap = None

    def _make_room(self, key: K) -> bool:
        """Whether `key` may enter, after the entry with the largest hash has left for it where that is needed."""
        if len(self.entries) < self.cap:
            self._heap = None
            return True
        if self._heap is None:
            self._heap = [(-_rank(kept), kept) for kept in self.entries]
            heapq.heapify(self._heap)
        rank = _rank(key)
        if rank > -self._heap[0][0]:
            return False
        _, leaving = heapq.heapreplace(self._heap, (-rank, key))
        self.overflow += self.entries.pop(leaving).count
        return True


def _rank(key: object) -> int:
    """A hash that is the same in every process (`repr` also takes lone surrogates apart)."""
    return int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest(), "big")
