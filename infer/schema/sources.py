"""How many distinct sessions something was seen in, in bounded state that merges.

Exact up to `CAP` sessions; beyond, the bottom-k estimate: ids are hashes, so the largest of the k smallest tells how
densely they lie (Bar-Yossef et al., 2002; within about 13 % at k = 64).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

CAP: Final = 64
_SPACE: Final = 1 << 63
_MIX: Final = 0x9E3779B97F4A7C15  # odd, so that multiplying by it is a permutation; ids given by hand are spread by it


class Sources:
    """A set of session ids (non-negative, below 2**63), as its `CAP` smallest after mixing."""

    __slots__ = ("_last", "_lowest", "full")

    def __init__(self, lowest: Sequence[int] = (), *, full: bool = False) -> None:
        self._lowest = set(lowest)
        self.full = full
        """Whether ids were let go."""
        self._last = -1

    def add(self, session: int) -> None:
        """Count a session."""
        if session == self._last:
            return
        self._last = session
        self._put((session * _MIX) % _SPACE)

    def merge(self, other: Sources) -> None:
        """Take the other's sessions in."""
        self.full |= other.full
        if other._lowest <= self._lowest:
            return
        self._lowest |= other._lowest
        if len(self._lowest) > CAP:
            self.full = True
            self._lowest = set(sorted(self._lowest)[:CAP])

    @property
    def count(self) -> int:
        """How many sessions there are, about."""
        if not self.full:
            return len(self._lowest)
        return round((CAP - 1) * _SPACE / max(self._lowest))

    def to_state(self) -> list[int]:
        """Builtin data; a last -1 says that ids were let go."""
        return [*sorted(self._lowest), *([-1] if self.full else [])]

    @classmethod
    def from_state(cls, state: Sequence[int]) -> Sources:
        """The sources of `to_state`."""
        return cls([mixed for mixed in state if mixed >= 0], full=-1 in state)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sources) and (self.full, self._lowest) == (other.full, other._lowest)

    __hash__ = None  # type: ignore[assignment]

    def _put(self, mixed: int) -> None:
        if mixed in self._lowest:
            return
        if len(self._lowest) < CAP:
            self._lowest.add(mixed)
            return
        self.full = True
        largest = max(self._lowest)
        if mixed < largest:
            self._lowest.remove(largest)
            self._lowest.add(mixed)
