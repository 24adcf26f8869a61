"""Packets to observations: events with their acknowledgements, connects with their answers.

The law: what a session's packets give does not depend on their order, as long as an ack id stands for one event. An
acknowledgement may be seen before its event (responses overtake one another in a capture), and an event waits for its
own until it comes, until the session is settled, or until too many wait.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from infer.limits import Limits
from infer.model import ABSENT, Connect, Diagnostic, Direction, Disconnect, Event, Handshake, Observation, Report
from infer.templates import public
from infer.wire.address import address_of
from infer.wire.packet import Packet, SocketType
from infer.wire.session import Session

_OTHER: Final = {Direction.C2S: Direction.S2C, Direction.S2C: Direction.C2S}

AckKey = tuple[str, Direction, int]
"""Namespace, direction of the event, id."""


@dataclass(slots=True)
class Waiting:
    """What a session waits for."""

    session: Session
    events: dict[AckKey, Packet] = field(default_factory=dict)
    acks: dict[AckKey, Packet] = field(default_factory=dict)
    requests: dict[str, deque[Packet]] = field(default_factory=dict)
    """CONNECTs of the client by namespace, `answers` those of the server."""
    answers: dict[str, deque[Packet]] = field(default_factory=dict)


class Correlator:
    """See the module."""

    def __init__(self, *, report: Report, limits: Limits | None = None) -> None:
        self._report = report
        self._limits = limits or Limits()
        self._sessions: dict[int, Waiting] = {}  # by session id; last used last
        self._aside: list[Waiting] | None = None  # in part of a capture: sessions that made room, not announced yet

    def feed(self, packet: Packet) -> Sequence[Observation]:
        """The observations that this packet completes."""
        made: list[Observation] = []
        waiting = self._waiting(packet.session, made)
        kind = packet.type
        if kind is SocketType.EVENT or kind is SocketType.BINARY_EVENT:
            self._open(waiting, made)
            self._event(waiting, packet, made)
        elif kind is SocketType.ACK or kind is SocketType.BINARY_ACK:
            self._open(waiting, made)
            self._ack(waiting, packet, made)
        elif kind is SocketType.CONNECT or kind is SocketType.CONNECT_ERROR:
            self._connect(waiting, packet, made)
        elif kind is SocketType.DISCONNECT:
            session = packet.session
            made.append(
                Disconnect(
                    session.id, session.server, public(packet.namespace), packet.direction, packet.time, packet.origin
                )
            )
        return made

    def settle(self, until: float | None = None) -> Sequence[Observation]:
        """What is given up waiting for: all, or events that are older than `until` (seconds since the epoch)."""
        made: list[Observation] = []
        for waiting in list(self._sessions.values()):
            if until is None:
                made.extend(self._end(waiting))
            else:
                late = [key for key, event in waiting.events.items() if event.time is not None and event.time <= until]
                made.extend(_observe(waiting.events.pop(key), None) for key in late)
        if until is None:
            self._sessions.clear()
        return made

    def read_apart(self) -> None:
        """Prepare for part of a capture: handshakes are left to `resume`, since others may have given them out."""
        self._aside = []

    def suspend(self) -> Sequence[Waiting]:
        """Let go of everything, since others read on: what the sessions wait for. No packet may follow."""
        return [*(self._aside or ()), *self._sessions.values()]

    def resume(self, later: Waiting, session: Session) -> Sequence[Observation]:
        """Take up what `session` waited for in later packets, which another correlator was fed; what that completes."""
        made: list[Observation] = []
        waiting = self._waiting(session, made)
        for event in later.events.values():
            self._event(waiting, event, made)
        for ack in later.acks.values():
            self._ack(waiting, ack, made)
        for queues in (later.requests, later.answers):
            for queue in queues.values():
                for packet in queue:
                    self._connect(waiting, packet, made)
        return made

    def expire(self, before: float) -> Sequence[Observation]:
        """Forget the sessions not heard of since `before` (seconds since the epoch), and give up what waits as long.

        An event counts as unanswered then, an acknowledgement as one whose event was not seen.
        """
        made: list[Observation] = []
        for waiting in list(self._sessions.values()):
            if waiting.session.heard < before:
                del self._sessions[waiting.session.id]
                made.extend(self._end(waiting))
                continue
            late = [key for key, event in waiting.events.items() if _older(event, before)]
            made.extend(_observe(waiting.events.pop(key), None) for key in late)
            for key in [key for key, ack in waiting.acks.items() if _older(ack, before)]:
                self._orphan(waiting.acks.pop(key))
        return made

    def announce_again(self) -> None:
        """Give out the handshakes of the sessions under way once more: for who begins to count anew."""
        for waiting in self._sessions.values():
            waiting.session.announced = False

    def pending(self) -> Iterator[Observation]:
        """What `settle` would give, while everything goes on waiting: for a look in between."""
        for waiting in self._sessions.values():
            if not waiting.session.announced:
                yield from _handshake(waiting.session)
            for event in waiting.events.values():
                yield _observe(event, None)
            yield from _unanswered(waiting)

    def _waiting(self, session: Session, made: list[Observation]) -> Waiting:
        waiting = self._sessions.pop(session.id, None)
        if waiting is None:
            waiting = Waiting(session)
            if len(self._sessions) >= self._limits.sessions:
                made.extend(self._end(self._sessions.pop(next(iter(self._sessions)))))
        self._sessions[session.id] = waiting
        return waiting

    def _open(self, waiting: Waiting, made: list[Observation]) -> None:
        """Give out the handshake once the opening exchange and the parser are known."""
        if not waiting.session.opened:
            return
        waiting.session.due = True
        if self._aside is None and not waiting.session.announced:
            waiting.session.announced = True
            made.extend(_handshake(waiting.session))

    def _event(self, waiting: Waiting, packet: Packet, made: list[Observation]) -> None:
        if packet.id is None:
            made.append(_observe(packet, None))
            return
        key = (packet.namespace, packet.direction, packet.id)
        ack = waiting.acks.pop(key, None)
        if ack is not None:
            made.append(_observe(packet, ack))
            return
        earlier = waiting.events.pop(key, None)
        if earlier is None and len(waiting.events) >= self._limits.pending_per_session:
            earlier = waiting.events.pop(next(iter(waiting.events)))
        if earlier is not None:
            made.append(_observe(earlier, None))
        waiting.events[key] = packet

    def _ack(self, waiting: Waiting, packet: Packet, made: list[Observation]) -> None:
        assert packet.id is not None  # the parser refuses an acknowledgement without
        key = (packet.namespace, _OTHER[packet.direction], packet.id)
        event = waiting.events.pop(key, None)
        if event is not None:
            made.append(_observe(event, packet))
            return
        lost = waiting.acks.pop(key, None)
        if lost is None and len(waiting.acks) >= self._limits.pending_per_session:
            lost = waiting.acks.pop(next(iter(waiting.acks)))
        if lost is not None:
            self._orphan(lost)
        waiting.acks[key] = packet

    def _connect(self, waiting: Waiting, packet: Packet, made: list[Observation]) -> None:
        """Pair requests and answers in their order; protocol 3 connects the root namespace unasked."""
        name = packet.namespace
        mine, theirs = waiting.requests, waiting.answers
        if packet.direction is Direction.S2C:
            if waiting.session.protocol < 4 and name == "/" and packet.type is SocketType.CONNECT:
                made.append(_answered(None, packet))
                return
            mine, theirs = theirs, mine
        other = theirs.get(name)
        if other:
            counterpart = other.popleft()
            pair = (packet, counterpart) if packet.direction is Direction.C2S else (counterpart, packet)
            made.append(_answered(*pair))
            return
        queue = mine.setdefault(name, deque())
        queue.append(packet)
        if len(queue) > self._limits.pending_per_session or len(mine) > self._limits.pending_per_session:
            oldest = next(iter(mine))
            made.append(_alone(mine[oldest].popleft()))
            if not mine[oldest]:
                del mine[oldest]

    def _end(self, waiting: Waiting) -> Iterator[Observation]:
        """Everything a session waited for, given up."""
        if self._aside is not None:
            self._aside.append(Waiting(waiting.session))
        elif not waiting.session.announced:
            waiting.session.announced = True
            yield from _handshake(waiting.session)
        for event in waiting.events.values():
            yield _observe(event, None)
        for ack in waiting.acks.values():
            self._orphan(ack)
        yield from _unanswered(waiting)

    def _orphan(self, ack: Packet) -> None:
        self._report(Diagnostic("ack-without-event", "an acknowledgement whose event was not seen", ack.origin))


def _older(packet: Packet, before: float) -> bool:
    return packet.time is not None and packet.time < before


def _unanswered(waiting: Waiting) -> Iterator[Observation]:
    for queues in (waiting.requests, waiting.answers):
        for queue in queues.values():
            yield from map(_alone, queue)


def _observe(event: Packet, ack: Packet | None) -> Event:
    assert event.event is not None
    assert event.args is not None
    latency = None
    if ack is not None and ack.time is not None and event.time is not None:
        latency = max(0.0, ack.time - event.time)
    return Event(
        session=event.session.id,
        server=event.session.server,
        namespace=public(event.namespace),
        direction=event.direction,
        name=public(event.event),
        args=event.args,
        ack_asked=event.id is not None,
        ack=None if ack is None else ack.args,
        latency=latency,
        size=event.size,
        time=event.time,
        origin=event.origin,
    )


def _alone(packet: Packet) -> Connect:
    """A request without its answer, or an answer without its request."""
    return _answered(packet, None) if packet.direction is Direction.C2S else _answered(None, packet)


def _answered(request: Packet | None, answer: Packet | None) -> Connect:
    packet = request or answer
    assert packet is not None
    accepted = None if answer is None else answer.type is SocketType.CONNECT
    return Connect(
        session=packet.session.id,
        server=packet.session.server,
        namespace=public(packet.namespace),
        accepted=accepted,
        auth=ABSENT if request is None else request.data,
        error=answer.data if answer is not None and accepted is False else ABSENT,
        time=packet.time,
        origin=packet.origin,
    )


def _handshake(session: Session) -> Iterator[Handshake]:
    exchange = session.opening
    if exchange is None:
        return
    yield Handshake(
        session=session.id,
        server=session.server,
        protocol=session.protocol,
        parser=session.parser or "default",
        transport=exchange.transport,
        query=address_of(exchange.url).own_query,
        headers=exchange.request_headers,
        time=exchange.started,
        origin=exchange.origin,
    )
