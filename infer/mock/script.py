"""A recorded session, to be played again: what the server emitted when, and what it answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from infer.errors import UsageError
from infer.model import Connect, Direction, Event, Json, Observation


class Line(msgspec.Struct, frozen=True):
    """An event that the server emitted."""

    after: float
    """Seconds since the client connected to the namespace."""
    name: str
    args: Sequence[Json]
    ack_asked: bool


class Script(msgspec.Struct):
    """What the server does in each namespace, in order of time."""

    namespaces: set[str] = msgspec.field(default_factory=set)
    """Those that were entered, with or without events, by their names as recorded."""
    lines: dict[str, list[Line]] = msgspec.field(default_factory=dict)
    answers: dict[tuple[str, str], list[tuple[float, Sequence[Json]]]] = msgspec.field(default_factory=dict)
    """Latency and acknowledgement of each of the client's events by namespace and name, in order."""

    def add(self, other: Script) -> None:
        """Take in the namespaces that this one does not have."""
        further = other.namespaces - self.namespaces
        self.namespaces |= further
        self.lines |= {name: lines for name, lines in other.lines.items() if name in further}
        self.answers |= {key: told for key, told in other.answers.items() if key[0] in further}

    def answer(self, namespace: str, name: str, number: int) -> tuple[float, Sequence[Json]] | None:
        """The acknowledgement of the client's event of that name and number, from the first again after the last."""
        told = self.answers.get((namespace, name))
        return told[number % len(told)] if told else None


class Recorder:
    """Takes the observations of a run in; values are kept, as they are what is played."""

    def __init__(self) -> None:
        self._sessions: dict[int, list[Observation]] = defaultdict(list)

    def __call__(self, observation: Observation) -> None:
        """Take one in."""
        if isinstance(observation, Event | Connect):
            self._sessions[observation.session].append(observation)

    def script(self) -> Script:
        """Of the session with the most events; of the next ones, the namespaces that it did not enter.

        Errors: `UsageError` where no session has an event.
        """
        sessions = sorted(self._sessions.values(), key=_events, reverse=True)
        if not sessions or not _events(sessions[0]):
            raise UsageError("there is no session to replay", hint="record one with at least one event")
        script = script_of(sessions[0])
        for session in sessions[1:]:
            script.add(script_of(session))
        return script


def _events(session: list[Observation]) -> int:
    return sum(isinstance(seen, Event) for seen in session)


def script_of(session: Iterable[Observation]) -> Script:
    """The script of a session. Without times, what is emitted follows at once."""
    made = Script()
    seen = sorted(session, key=lambda one: one.time if one.time is not None else 0.0)
    connected: dict[str, float] = {}
    for one in seen:
        if isinstance(one, Connect) and one.accepted is not False:
            made.namespaces.add(one.namespace)
            if one.time is not None:
                connected.setdefault(one.namespace, one.time)
    for one in seen:
        if not isinstance(one, Event):
            continue
        made.namespaces.add(one.namespace)
        if one.direction is Direction.S2C:
            start = connected.get(one.namespace, one.time if one.time is not None else 0.0)
            connected.setdefault(one.namespace, start)
            after = max(0.0, one.time - start) if one.time is not None else 0.0
            made.lines.setdefault(one.namespace, []).append(Line(after, one.name, one.args, one.ack_asked))
        elif one.ack is not None:
            made.answers.setdefault((one.namespace, one.name), []).append((one.latency or 0.0, one.ack))
    return made
