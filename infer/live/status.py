"""What is going on, event by event: counts, rates and latencies for the dashboard."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

from infer.histogram import Histogram
from infer.live.messages import Row
from infer.model import Event, Observation

_KINDS: Final = 2_000
"""Kinds of event that are counted here; the catalog has the rest."""
_ROWS: Final = 200
_STARTED: Final = 3.0
"""Seconds from the first event in which none is new: all are."""


@dataclass(slots=True)
class _Tally:
    count: int = 0
    before: int = 0
    """The count at the status before."""
    acks: int = 0
    latency: Histogram = field(default_factory=Histogram)
    first: float = 0.0


class Rates:
    """Counts of events since listening began."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str, str, str], _Tally] = {}
        self._more = 0
        self._asked = time.monotonic()
        self._began: float | None = None

    def add(self, observation: Observation) -> None:
        """Count one observation."""
        if not isinstance(observation, Event):
            return
        server = observation.server
        key = (server.host + server.path, observation.namespace, observation.direction.value, observation.name)
        tally = self._tallies.get(key)
        if tally is None:
            if len(self._tallies) >= _KINDS:
                self._more += 1
                return
            now = time.monotonic()
            self._began = now if self._began is None else self._began
            tally = self._tallies[key] = _Tally(first=now)
        tally.count += 1
        if observation.ack is not None:
            tally.acks += 1
            if observation.latency is not None:
                tally.latency.add(observation.latency)

    def rows(self) -> tuple[list[Row], int]:
        """The rows, by host, namespace, direction and name; and how many there are beyond them."""
        now = time.monotonic()
        span, self._asked = max(now - self._asked, 1e-3), now
        rows = []
        for key, tally in sorted(self._tallies.items()):
            rate, tally.before = (tally.count - tally.before) / span, tally.count
            late = self._began is not None and tally.first - self._began > _STARTED
            median = tally.latency.quantile(0.5)
            rows.append(Row(*key, tally.count, rate, tally.acks, median, now - tally.first if late else None))
        return rows[:_ROWS], len(rows[_ROWS:]) + self._more
