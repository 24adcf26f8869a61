"""What is going on, event by event: counts, rates and latencies for the dashboard, from what the catalog has counted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

import msgspec

from infer.catalog import Catalog, EventEntry
from infer.live.messages import Row
from infer.model import Server

_KINDS: Final = 2_000
"""Kinds of event that are followed here; the catalog has the rest."""
_ROWS: Final = 200
_STARTED: Final = 3.0
"""Seconds from the first event in which none is new: all are."""

Key = tuple[Server, str, str, str]
"""Server, namespace, direction and name."""


class _Seen(msgspec.Struct):
    count: int = 0
    """As of the look before; what was there when listening began is not counted."""
    before: int = 0
    """What was there then."""
    acks: int = 0
    """Likewise, acknowledgements."""
    first: float = 0.0


class Rates:
    """How much more there is of each event from one look to the next."""

    def __init__(self) -> None:
        self._seen: dict[Key, _Seen] = {}
        self._asked = time.monotonic()
        self._began: float | None = None

    def begin(self, catalog: Catalog) -> None:
        """Count from here on: what the catalog has comes from an earlier run."""
        for key, entry in _entries(catalog):
            if len(self._seen) < _KINDS:
                self._seen[key] = _Seen(before=entry.count, acks=entry.ack_given, first=self._asked)

    def rows(self, catalog: Catalog) -> tuple[list[Row], int]:
        """The rows, by host, namespace, direction and name; and how many there are beyond them."""
        now = time.monotonic()
        span, self._asked = max(now - self._asked, 1e-3), now
        rows = []
        more = 0
        for key, entry in _entries(catalog):
            seen = self._seen.get(key)
            if seen is None:
                if len(self._seen) >= _KINDS:
                    more += 1
                    continue
                self._began = now if self._began is None else self._began
                seen = self._seen[key] = _Seen(first=now)
            count = entry.count - seen.before
            if count <= 0:
                continue
            rate, seen.count = max(0, count - seen.count) / span, count
            late = self._began is not None and seen.first - self._began > _STARTED
            server, space, direction, name = key
            row = Row(
                server.host + server.path, space, direction, name, count, rate, entry.ack_given - seen.acks,
                entry.latency.quantile(0.5), now - seen.first if late else None,
            )  # fmt: skip
            rows.append(row)
        rows.sort(key=lambda row: (row.host, row.namespace, row.direction, row.event))
        return rows[:_ROWS], len(rows[_ROWS:]) + more


def _entries(catalog: Catalog) -> Iterator[tuple[Key, EventEntry]]:
    for server, found in catalog.servers.entries.items():
        for space, namespace in found.namespaces.entries.items():
            for (direction, name), entry in namespace.events.entries.items():
                yield (server, space, direction, name), entry
