"""How many distinct sessions something was seen in, in bounded state that merges.

Exact up to `CAP` sessions; beyond, the bottom-k estimate: ids are hashes, so the largest of the k smallest tells how
densely they lie (Bar-Yossef et al., 2002; within about 13 % at k = 64).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Final

CAP: Final = 64
_SPACE: Final = 1 << 63
_LARGEST: Final = _SPACE - 1
_NONE: Final = array("q")
_CUT: Final = array("q", (-1,))
_MIX: Final = 0x9E3779B97F4A7C15  # odd, so that multiplying by it is a permutation; ids given by hand are spread by it


def _mixed(session: int) -> int:
    return (session * _MIX) & _LARGEST


class Sources:
    """A set of session ids (non-negative, below 2**63), as its `CAP` smallest after mixing.

    There is one at every place of every schema, so they are kept in order and as bare numbers: half a kilobyte at most.
    Numbers are never changed but replaced, and places that always come together share theirs.
    """

    __slots__ = ("_last", "_lowest", "full")

    def __init__(self, lowest: Iterable[int] = (), *, full: bool = False) -> None:
        self._lowest = array("q", sorted(lowest)) if lowest else _NONE
        self.full = full
        """Whether ids were let go."""
        self._last = -1

    def add(self, session: int) -> None:
        """Count a session."""
        if session == self._last:
            return
        self._last = session
        mixed = _mixed(session)
        lowest = self._lowest
        if len(lowest) == CAP and mixed > lowest[-1]:
            self.full = True
            return
        place = bisect_left(lowest, mixed)
        if place < len(lowest) and lowest[place] == mixed:
            return
        self._take(_LATEST.joined(lowest, array("q", (mixed,)), place))

    def add_all(self, sessions: Sequence[int]) -> None:
        """Count many."""
        if sessions:
            self._take(_LATEST.joined(self._lowest, _LATEST.mixed(sessions)))

    def merge(self, other: Sources) -> None:
        """Take the other's sessions in."""
        self.full |= other.full
        if self._lowest == other._lowest or not self._lowest:
            self._lowest = other._lowest
        elif other._lowest:
            self._take(_LATEST.joined(self._lowest, other._lowest))

    def _take(self, joined: tuple[array[int], bool]) -> None:
        self._lowest, cut = joined
        self.full |= cut

    @property
    def count(self) -> int:
        """How many sessions there are, about."""
        if not self.full:
            return len(self._lowest)
        return round((CAP - 1) * _SPACE / self._lowest[-1])

    def to_state(self) -> array[int]:
        """Bare numbers, not to be changed; a last -1 says that ids were let go."""
        return self._lowest + _CUT if self.full else self._lowest

    @classmethod
    def from_state(cls, state: Sequence[int]) -> Sources:
        """The sources of `to_state`; of other numbers, what could not have come of it is as near to that as may be."""
        if isinstance(state, array):
            sources = cls(full=bool(state) and state[-1] == _CUT[0])
            sources._lowest = state[:-1] if sources.full else state
            return sources
        lowest = sorted({mixed for mixed in state if mixed >= 0})
        return cls(lowest[:CAP], full=len(lowest) > CAP or (-1 in state and len(lowest) == CAP))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sources) and (self.full, self._lowest) == (other.full, other._lowest)

    __hash__ = None  # type: ignore[assignment]


class _Latest:
    """The numbers that were joined last, which are given again where the same are to be joined.

    The places of a payload ask one after the other, mostly for the same, and so come to share theirs.
    """

    __slots__ = ("_made", "_mixed")

    def __init__(self) -> None:
        self._made = _NONE, _NONE, (_NONE, False)
        self._mixed: tuple[list[int], array[int]] = [], _NONE

    def mixed(self, sessions: Sequence[int]) -> array[int]:
        """Ids after mixing."""
        given, made = self._mixed
        if given != sessions:
            made = array("q", map(_mixed, sessions))
            self._mixed = list(sessions), made
        return made

    def joined(self, lowest: array[int], more: array[int], place: int | None = None) -> tuple[array[int], bool]:
        """Both, and whether some had to be let go; `place` where all of `more` belong between two of the others."""
        one, other, made = self._made
        if other != more or one != lowest:
            both = array("q", sorted({*lowest, *more})) if place is None else lowest[:place] + more + lowest[place:]
            made = both[:CAP], len(both) > CAP
            self._made = lowest, more, made
        return made


_LATEST: Final = _Latest()
