"""How often the server emitted each event to a client, and how fast each side answered.

A `Pace` is told the observations of a run, as a `Story` of `infer.pages` is; a saved catalog has no sessions of its own,
so from it the pace is estimated.
"""

from __future__ import annotations

from typing import Final

import msgspec

from infer.catalog import Catalog, EventEntry
from infer.model import Direction, Event, Handshake, Observation

MAX_SESSIONS: Final = 4_096
"""Sessions whose length is kept; more would not change a mean."""
FASTEST: Final = 0.1
"""Seconds between two events of a kind: a burst is no rate, and a mock no load generator."""
SLOWEST: Final = 300.0

EventKey = tuple[str, Direction, str]
"""Namespace, direction, name."""


class Pace(msgspec.Struct):
    """See the module."""

    default: float = 5.0
    """Seconds between two events of whose pace nothing is known."""
    _spans: dict[int, tuple[float, float]] = msgspec.field(default_factory=dict)
    _seen: dict[EventKey, dict[int, int]] = msgspec.field(default_factory=dict)
    _entries: dict[EventKey, EventEntry] = msgspec.field(default_factory=dict)

    def __call__(self, observation: Observation) -> None:
        """Take one observation in."""
        if observation.time is None or isinstance(observation, Handshake):
            return
        session = observation.session
        if session not in self._spans and len(self._spans) >= MAX_SESSIONS:
            return
        first, last = self._spans.get(session, (observation.time, observation.time))
        self._spans[session] = (min(first, observation.time), max(last, observation.time))
        if isinstance(observation, Event):
            counts = self._seen.setdefault((observation.namespace, observation.direction, observation.name), {})
            counts[session] = counts.get(session, 0) + 1

    def learn(self, catalog: Catalog) -> None:
        """Take in what a catalog counted: acknowledgements, and rates where no observation told them."""
        for server in catalog.servers.entries.values():
            for name, namespace in server.namespaces.items():
                for (side, event), entry in namespace.events.items():
                    self._entries.setdefault((name, Direction(side), event), entry)

    def interval(self, key: EventKey) -> float:
        """Seconds between two of these events in one session."""
        counts = self._seen.get(key)
        if counts:
            time = sum(self._spans[session][1] - self._spans[session][0] for session in counts)
            if time > 0:
                return _bounded(time / sum(counts.values()))
        entry = self._entries.get(key)
        if entry is not None and entry.first is not None and entry.last is not None and entry.last > entry.first:
            return _bounded((entry.last - entry.first) * max(1, entry.sessions.count) / entry.count)
        return self.default

    def latency(self, key: EventKey) -> float:
        """Seconds until such an event is acknowledged: the median."""
        entry = self._entries.get(key)
        return (entry.latency.quantile(0.5) if entry is not None else None) or 0.0

    def answered(self, key: EventKey) -> float:
        """Share of such events that are acknowledged where that was asked for."""
        entry = self._entries.get(key)
        return 1.0 if entry is None or not entry.ack_asked else entry.ack_given / entry.ack_asked


def _bounded(seconds: float) -> float:
    return min(SLOWEST, max(FASTEST, seconds))
