"""What only the order of traffic can tell: one session step by step, and when each event was sent.

A `Story` is told every observation of a run (`infer.engines`), in any order and of any number: it keeps the steps of a
few sessions and counts of time bins, whose width doubles when there are too many, so that its size has a bound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from infer.model import Connect, Direction, Disconnect, Event, Handshake, Json, Observation

MAX_SESSIONS: Final = 64
"""Sessions of which steps are kept; the one to show is chosen from these."""
MAX_STEPS: Final = 80
"""Steps kept of a session: about what a person scrolls through."""
MAX_BINS: Final = 8_192
MAX_KINDS: Final = 512
"""Kinds of event that have a row of bins; the timeline draws fewer."""
FINEST: Final = 0.05
"""Seconds: width of a bin until there are too many."""

EventKey = tuple[str, Direction, str]
"""Namespace, direction, name."""


class Step(msgspec.Struct, frozen=True):
    """Something that one side sent to the other."""

    time: float | None
    """Seconds since the epoch."""
    direction: Direction
    kind: Literal["connect", "refused", "event", "ack", "disconnect"]
    namespace: str
    name: str
    """Of the event, or of the one that is acknowledged; empty where there is none."""
    content: str
    """Arguments, as the `look` of the story shows them."""
    latency: float | None = None
    """Seconds from event to acknowledgement."""


class Session(msgspec.Struct):
    """The steps of a session, as far as they are kept."""

    steps: list[Step] = msgspec.field(default_factory=list)
    kinds: set[EventKey] = msgspec.field(default_factory=set)
    left_out: int = 0

    def in_order(self) -> list[Step]:
        """By time; those whose time is unknown stay behind the ones they were met after."""
        latest, keys = float("-inf"), []
        for place, step in enumerate(self.steps):
            latest = latest if step.time is None else step.time
            keys.append((latest, place))
        return [self.steps[place] for _, place in sorted(keys)]


class Story:
    """See the module. `look` turns arguments into the text that may be shown of them."""

    def __init__(self, look: Callable[[str, list[Json]], str]) -> None:
        self._look = look
        self._sessions: dict[int, Session] = {}
        self.width = FINEST
        """Seconds of a bin."""
        self.bins: dict[EventKey, Counter[int]] = {}
        """Events by the number of their bin, counted from the epoch."""
        self._occupied = 0
        """Bins that have a count, over all rows."""

    def __call__(self, observation: Observation) -> None:
        """Take one in."""
        if isinstance(observation, Handshake):
            return
        if isinstance(observation, Event):
            self._count(observation)
        session = self._session(observation.session)
        if session is None:
            return
        steps = self._steps(observation)
        if len(session.steps) + len(steps) > MAX_STEPS:
            session.left_out += len(steps)
            return
        session.steps += steps
        if isinstance(observation, Event):
            session.kinds.add((observation.namespace, observation.direction, observation.name))

    def telling(self) -> Session | None:
        """The session that shows the most kinds of event, in the fewest steps."""
        told = [session for session in self._sessions.values() if session.kinds]
        return max(told, key=lambda session: (len(session.kinds), -len(session.steps)), default=None)

    def _session(self, number: int) -> Session | None:
        session = self._sessions.get(number)
        if session is None and len(self._sessions) < MAX_SESSIONS:
            session = self._sessions[number] = Session()
        return session

    def _steps(self, seen: Connect | Disconnect | Event) -> list[Step]:
        space = seen.namespace
        if isinstance(seen, Disconnect):
            return [Step(seen.time, seen.direction, "disconnect", space, "", "")]
        if isinstance(seen, Connect):
            auth = self._look("auth", [seen.auth]) if isinstance(seen.auth, dict) and seen.auth else ""
            steps = [Step(seen.time, Direction.C2S, "connect", space, "", auth)]
            if seen.accepted is False:
                error = self._look("error", [seen.error]) if isinstance(seen.error, dict | str) else ""
                steps.append(Step(seen.time, Direction.S2C, "refused", space, "", error))
            return steps
        steps = [Step(seen.time, seen.direction, "event", space, seen.name, self._look(seen.name, list(seen.args)))]
        if seen.ack is not None:
            back = Direction.S2C if seen.direction is Direction.C2S else Direction.C2S
            time = None if seen.time is None else seen.time + (seen.latency or 0.0)
            steps.append(Step(time, back, "ack", space, seen.name, self._look(seen.name, list(seen.ack)), seen.latency))
        return steps

    def _count(self, event: Event) -> None:
        if event.time is None:
            return
        key = (event.namespace, event.direction, event.name)
        row = self.bins.get(key)
        if row is None:
            if len(self.bins) >= MAX_KINDS:
                return
            row = self.bins[key] = Counter()
        place = int(event.time / self.width)
        self._occupied += place not in row
        row[place] += 1
        while self._occupied > MAX_BINS:
            self._widen()

    def _widen(self) -> None:
        self.width *= 2
        for key, row in self.bins.items():
            wider: Counter[int] = Counter()
            for place, count in row.items():
                wider[place // 2] += count
            self.bins[key] = wider
        self._occupied = sum(map(len, self.bins.values()))
