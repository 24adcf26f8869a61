"""Packets to observations: events with their acknowledgements, connects with their answers.

The law: what a session's packets give does not depend on their order, as long as an ack id stands for one event. An
acknowledgement may be seen before its event (responses overtake one another in a capture), and an event waits for its
own until it comes, until the session is settled, or until too many wait. A session that waits for nothing costs no
more than its place among those that are followed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Final

import msgspec

from infer.limits import Limits
from infer.model import (
    ABSENT,
    OTHER,
    Connect,
    Diagnostic,
    Direction,
    Disconnect,
    Event,
    Handshake,
    Observation,
    Origin,
    Report,
)
from infer.templates import public
from infer.wire.address import address_of
from infer.wire.packet import Packet, SocketType
from infer.wire.session import Session

_OWN: Final = 512
"""Bytes that a packet takes that waits, beside those of its text: millions of short ones must count too."""

AckKey = tuple[str, Direction, int]
"""Namespace, direction of the event, id."""


class Waiting(msgspec.Struct):
    """What a session waits for."""

    session: Session
    events: dict[AckKey, Packet] = msgspec.field(default_factory=dict)
    acks: dict[AckKey, Packet] = msgspec.field(default_factory=dict)
    requests: dict[str, deque[Packet]] = msgspec.field(default_factory=dict)
    """CONNECTs of the client by namespace, `answers` those of the server; no queue is empty."""
    answers: dict[str, deque[Packet]] = msgspec.field(default_factory=dict)

    def move(self, moved: Callable[[Origin], Origin]) -> None:
        """Have been seen where those places are elsewhere."""
        for packets in (self.events, self.acks):
            for key, packet in packets.items():
                packets[key] = msgspec.structs.replace(packet, origin=moved(packet.origin))
        for queues in (self.requests, self.answers):
            for name, queue in queues.items():
                queues[name] = deque(msgspec.structs.replace(packet, origin=moved(packet.origin)) for packet in queue)

    def __bool__(self) -> bool:
        return bool(self.events or self.acks or self.requests or self.answers)


class Correlator:
    """See the module."""

    def __init__(self, *, report: Report, limits: Limits | None = None, again: bool = False) -> None:
        """`again`: whether `announce_again` may be called, for which the headers of every session under way are kept."""
        self._report = report
        self._again = again
        self._limits = limits or Limits()
        self._sessions: dict[int, Session] = {}  # by session id; last used last
        self.latest: Session | None = None
        """The one that was heard of last: mostly the next one too."""
        self._waiting: dict[int, Waiting] = {}  # of those that wait for something; most wait for nothing
        self._bytes = 0  # of all packets that wait
        self._aside: list[Session] | None = None  # in part of a capture: sessions that made room, not announced yet

    def feed(self, packet: Packet) -> Sequence[Observation]:
        """The observations that this packet completes."""
        made: list[Observation] = []
        session = self._follow(packet.session, made)
        kind = packet.type
        if kind is SocketType.EVENT or kind is SocketType.BINARY_EVENT:
            self._open(session, made)
            self._event(session, packet, made)
        elif kind is SocketType.ACK or kind is SocketType.BINARY_ACK:
            self._open(session, made)
            self._ack(session, packet, made)
        elif kind is SocketType.CONNECT or kind is SocketType.CONNECT_ERROR:
            self._connect(session, packet, made)
        elif kind is SocketType.DISCONNECT:
            session = packet.session
            made.append(
                Disconnect(
                    session.id, session.server, public(packet.namespace), packet.direction, packet.time, packet.origin
                )
            )
        return made

    def settle(self) -> Sequence[Observation]:
        """Give up all waiting: no packet will follow."""
        made: list[Observation] = []
        for session in self._sessions.values():
            made.extend(self._end(session))
        self._sessions.clear()
        self.latest = None
        return made

    def read_apart(self) -> None:
        """Prepare for part of a capture: handshakes are left to `resume`, since others may have given them out."""
        self._aside = []

    def suspend(self) -> Sequence[Waiting]:
        """Let go of everything, since others read on: what the sessions wait for. No packet may follow."""
        return [
            *(Waiting(session) for session in self._aside or ()),
            *(self._waiting.get(session.id) or Waiting(session) for session in self._sessions.values()),
        ]

    def resume(self, later: Waiting, session: Session) -> Sequence[Observation]:
        """Take up what `session` waited for in later packets, which another correlator was fed; what that completes."""
        made: list[Observation] = []
        session = self._follow(session, made)
        for event in later.events.values():
            self._event(session, event, made)
        for ack in later.acks.values():
            self._ack(session, ack, made)
        for queues in (later.requests, later.answers):
            for queue in queues.values():
                for packet in queue:
                    self._connect(session, packet, made)
        return made

    def expire(self, before: float) -> Sequence[Observation]:
        """Forget the sessions not heard of since `before` (seconds since the epoch), and give up what waits as long.

        An event counts as unanswered then, an acknowledgement as one whose event was not seen.
        """
        made: list[Observation] = []
        for session in [session for session in self._sessions.values() if session.heard < before]:
            del self._sessions[session.id]
            made.extend(self._end(session))
            session.opening = None  # which would keep a WebSocket in sight that was closed
        self.latest = None
        for waiting in self._waiting.values():
            late = [key for key, event in waiting.events.items() if _older(event, before)]
            made.extend(self._unanswered(waiting, key) for key in late)
            for key in [key for key, ack in waiting.acks.items() if _older(ack, before)]:
                self._orphaned(waiting, key)
        return made

    def announce_again(self) -> None:
        """Give out the handshakes of the sessions under way once more: for who begins to count anew."""
        for session in self._sessions.values():
            session.announced = False

    def pending(self) -> Iterator[Observation]:
        """What `settle` would give, while everything goes on waiting: for a look in between."""
        for session in self._sessions.values():
            if not session.announced:
                yield from _handshake(session)
            waiting = self._waiting.get(session.id)
            if waiting is not None:
                yield from (_observe(event, None) for event in waiting.events.values())
                yield from map(_alone, _connects(waiting))

    # --- what is taken in elsewhere, undecoded (`infer.engines.lanes`)

    def may_turn_to(self, session: Session) -> bool:
        """Whether it could go on with a session as if a packet of it had come; not where that needs one: it is new, or its handshake is due."""
        if session.opened and not session.announced and (self._aside is None or not session.due):
            return False
        return session is self.latest or self.follows(session)

    def turn_to(self, session: Session) -> bool:
        """Go on with a session, as if a packet of it had come; False where it may not."""
        if not self.may_turn_to(session):
            return False
        self._follow(session, [])
        return True

    def follows(self, session: Session) -> bool:
        """Whether a packet of it came before: one that it may not turn to is only without its handshake."""
        return self._sessions.get(session.id) is session

    def open(self, session: Session) -> Sequence[Observation]:
        """Go on with a session that it follows, since an event or an acknowledgement came: its handshake where that is due."""
        made: list[Observation] = []
        self._open(self._follow(session, made), made)
        return made

    def may_pass(self, session: Session, key: AckKey, number: int, size: int) -> bool:
        """Whether an event may be answered without waiting here, with so many others, of that size in all with theirs.

        So it may where nothing of its key waits, and nothing would have to make room for it.
        """
        waiting = self._waiting.get(session.id)
        if self._bytes + size + (number + 1) * _OWN > self._limits.pending_bytes:
            return False
        if waiting is None:
            return number < self._limits.pending_per_session
        return key not in waiting.events and key not in waiting.acks and len(waiting.events) + number < self._limits.pending_per_session

    def asked(self, session: Session, key: AckKey) -> Packet | None:
        """The event of that key, which waits for its acknowledgement; None where there is none."""
        waiting = self._waiting.get(session.id)
        return None if waiting is None else waiting.events.get(key)

    def answered(self, session: Session, key: AckKey) -> None:
        """That event waits no longer."""
        self._freed(self._waiting[session.id].events.pop(key))

    # --- sessions

    def _follow(self, session: Session, made: list[Observation]) -> Session:
        """Put the session last among those that are followed; the one that was silent longest makes room."""
        latest = self.latest
        if latest is not None:
            if latest.id == session.id:
                return latest
            if not self._waiting.get(latest.id, True):
                del self._waiting[latest.id]
        followed = self._sessions.pop(session.id, None)
        if followed is None:
            followed = session
            if len(self._sessions) >= self._limits.sessions:
                made.extend(self._end(self._sessions.pop(next(iter(self._sessions)))))
        self._sessions[session.id] = self.latest = followed
        return followed

    def _open(self, session: Session, made: list[Observation]) -> None:
        """Give out the handshake once the opening exchange and the parser are known."""
        if not session.opened:
            return
        session.due = True
        if self._aside is None and not session.announced:
            session.announced = True
            made.extend(_handshake(session))
            if not self._again:
                session.opening = None

    def _end(self, session: Session) -> Sequence[Observation]:
        """Everything a session waited for, given up."""
        made: list[Observation] = []
        if self._aside is not None:
            self._aside.append(session)
        elif not session.announced:
            session.announced = True
            made.extend(_handshake(session))
        waiting = self._waiting.pop(session.id, None)
        if waiting is not None:
            self._give_up(waiting, made)
        return made

    # --- what waits

    def _event(self, session: Session, packet: Packet, made: list[Observation]) -> None:
        if packet.id is None:
            made.append(_observe(packet, None))
            return
        waiting = self._of(session)
        key = (packet.namespace, packet.direction, packet.id)
        ack = waiting.acks.pop(key, None)
        if ack is not None:
            made.append(_observe(packet, self._freed(ack)))
            return
        if key in waiting.events:
            made.append(self._unanswered(waiting, key))
        elif len(waiting.events) >= self._limits.pending_per_session:
            made.append(self._unanswered(waiting, next(iter(waiting.events))))
        waiting.events[key] = packet
        self._hold(packet, made)

    def _ack(self, session: Session, packet: Packet, made: list[Observation]) -> None:
        assert packet.id is not None  # the parser refuses an acknowledgement without
        waiting = self._of(session)
        key = (packet.namespace, OTHER[packet.direction], packet.id)
        event = waiting.events.pop(key, None)
        if event is not None:
            made.append(_observe(self._freed(event), packet))
            return
        if key in waiting.acks:
            self._orphaned(waiting, key)
        elif len(waiting.acks) >= self._limits.pending_per_session:
            self._orphaned(waiting, next(iter(waiting.acks)))
        waiting.acks[key] = packet
        self._hold(packet, made)

    def _connect(self, session: Session, packet: Packet, made: list[Observation]) -> None:
        """Pair requests and answers in their order; protocol 3 connects the root namespace unasked."""
        name = packet.namespace
        waiting = self._of(session)
        mine, theirs = waiting.requests, waiting.answers
        if packet.direction is Direction.S2C:
            if session.protocol < 4 and name == "/" and packet.type is SocketType.CONNECT:
                made.append(_answered(None, packet))
                return
            mine, theirs = theirs, mine
        if name in theirs:
            counterpart = self._first(theirs, name)
            pair = (packet, counterpart) if packet.direction is Direction.C2S else (counterpart, packet)
            made.append(_answered(*pair))
            return
        queue = mine.setdefault(name, deque())
        queue.append(packet)
        self._hold(packet, made)
        if len(queue) > self._limits.pending_per_session or len(mine) > self._limits.pending_per_session:
            made.append(_alone(self._first(mine, next(iter(mine)))))

    def _of(self, session: Session) -> Waiting:
        waiting = self._waiting.get(session.id)
        if waiting is None:
            waiting = self._waiting[session.id] = Waiting(session)
        return waiting

    def _hold(self, packet: Packet, made: list[Observation]) -> None:
        """Count a packet that waits; past the limit the sessions that were silent longest give up what they wait for."""
        self._bytes += packet.size + _OWN
        if self._bytes <= self._limits.pending_bytes:
            return
        for session in list(self._sessions.values()):
            waiting = self._waiting.get(session.id)
            if waiting is not None:
                self._give_up(waiting, made, self._limits.pending_bytes // 2)
            if self._bytes <= self._limits.pending_bytes // 2:
                break

    def _freed(self, packet: Packet) -> Packet:
        """The packet, which waits no longer."""
        self._bytes -= packet.size + _OWN
        return packet

    def _give_up(self, waiting: Waiting, made: list[Observation], until: int = -1) -> None:
        """What a session waits for, the oldest of each kind first, until no more bytes than that wait in all."""
        while waiting and self._bytes > until:
            if waiting.events:
                made.append(self._unanswered(waiting, next(iter(waiting.events))))
            elif waiting.acks:
                self._orphaned(waiting, next(iter(waiting.acks)))
            else:
                queues = waiting.requests or waiting.answers
                made.append(_alone(self._first(queues, next(iter(queues)))))

    def _unanswered(self, waiting: Waiting, key: AckKey) -> Observation:
        return _observe(self._freed(waiting.events.pop(key)), None)

    def _orphaned(self, waiting: Waiting, key: AckKey) -> None:
        ack = self._freed(waiting.acks.pop(key))
        self._report(Diagnostic("ack-without-event", "an acknowledgement whose event was not seen", ack.origin))

    def _first(self, queues: dict[str, deque[Packet]], name: str) -> Packet:
        """Take out what waits first in that queue."""
        packet = self._freed(queues[name].popleft())
        if not queues[name]:
            del queues[name]
        return packet


def _older(packet: Packet, before: float) -> bool:
    return packet.time is not None and packet.time < before


def _connects(waiting: Waiting) -> Iterator[Packet]:
    """Requests and answers that wait for one another."""
    return chain.from_iterable([*waiting.requests.values(), *waiting.answers.values()])


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
