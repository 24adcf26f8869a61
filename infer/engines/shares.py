"""Who reads what: runs of units that follow on one another, each read by one worker with one pipeline.

A pipeline that begins anew has to learn what is usual, so runs are long: a worker's share of all, up to `MOST`. Who is
done takes the next one; where none is left, the end of the run that has most left, while that is worth it. A run whose
worker dies is taken up again without the unit that it died of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from infer import captures
from infer.engines.parts import Part, Unit, lost

MOST: Final = 512 << 20
"""Bytes of a run, so that one that is lost does not cost all."""
ANEW: Final = 24 << 20
"""Bytes that could be read in the time that a pipeline costs that begins anew, its part's folding included."""


class Run(msgspec.Struct, eq=False):
    """Units that follow on one another, and how far their worker has come."""

    left: list[Unit]
    """Not given out yet."""
    given: list[Unit] = msgspec.field(default_factory=list)
    """Given out and not read yet."""
    read: list[Unit] = msgspec.field(default_factory=list)
    begun: bool = False
    part: Part | None = None

    @property
    def units(self) -> Sequence[Unit]:
        """All of them."""
        return [*self.read, *self.given, *self.left]

    @property
    def own(self) -> bool:
        """Whether only this process can read it: it is standard input."""
        return self.units[0].path == captures.STDIN


class Runs:
    """All runs, in the order of the input; those that were folded leave."""

    def __init__(self, units: Iterable[Unit], jobs: int, ahead: int) -> None:
        self._ahead = ahead
        self._runs = list(_cut(list(units), jobs))

    def __bool__(self) -> bool:
        return bool(self._runs)

    @property
    def first(self) -> Run:
        """The one whose turn it is to be folded."""
        return self._runs[0]

    @property
    def packed(self) -> Part | None:
        """A part that waits for its turn to be folded and is still packed."""
        return next((run.part for run in self._runs if run.part is not None and isinstance(run.part.catalog, bytes)), None)

    def fold_first(self) -> None:
        """Let the first go."""
        del self._runs[0]

    def take(self) -> Run | None:
        """A run to read, if there is any: the next, or what another worker leaves."""
        waiting = [run for run in self._runs[: self._ahead] if not run.begun and not run.own]
        run = waiting[0] if waiting else self._split() if len(self._runs) < self._ahead else None
        if run is not None:
            run.begun = True
        return run

    def lose(self, run: Run, why: str, hint: str) -> None:
        """Put in the place of a run what is left of it when its reader has died of the unit that it was at."""
        # a unit that was read does no harm; where all were, the last may have left what did
        culprit = (run.given or run.read)[0 if run.given else -1]
        at = run.units.index(culprit)
        pieces = [
            Run(left=list(run.units[:at])),
            Run(left=[], read=[culprit], begun=True, part=lost(culprit, why, hint)),
            Run(left=list(run.units[at + 1 :])),
        ]
        place = self._runs.index(run)
        self._runs[place : place + 1] = [piece for piece in pieces if piece.units]

    def _split(self) -> Run | None:
        """The end of a run that has much left, as much as lets both end at the same time; None where that gains nothing."""
        for run in sorted(self._runs, key=lambda run: size_of(run.left), reverse=True):
            spare = size_of(run.given) + size_of(run.left) - ANEW
            if run.own or spare < ANEW:
                continue
            at, size = len(run.left), 0
            while at and size + run.left[at - 1].size // 2 <= spare // 2:
                at -= 1
                size += run.left[at].size
            tail = Run(left=run.left[at:])
            if tail.left:
                del run.left[at:]
                self._runs.insert(self._runs.index(run) + 1, tail)
                return tail
        return None


def _cut(units: Sequence[Unit], jobs: int) -> Iterator[Run]:
    """Runs of about the same size, as many as there are jobs where they are no longer than `MOST`."""
    share = max(1, min(MOST, -(-size_of(units) // jobs)))
    run: list[Unit] = []
    number = passed = 0
    for unit in units:
        own = unit.path == captures.STDIN
        of = (passed + unit.size // 2) // share
        if run and (own or run[-1].path == captures.STDIN or of != number):
            yield Run(left=run)
            run = []
        number = of
        passed += unit.size
        run.append(unit)
    if run:
        yield Run(left=run)


def size_of(units: Iterable[Unit]) -> int:
    """Bytes of units in all, about."""
    return sum(unit.size for unit in units)
