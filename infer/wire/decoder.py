"""Frames of any number of sessions to packets.

The law: every frame that is fed gives packets, or diagnostics, or is counted as ignored with its reason, and nothing
raises. What a frame gives does not depend on the frames of other sessions, nor on the order of the session's exchanges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from infer.limits import Limits
from infer.model import ABSENT, Diagnostic, Direction, Frame, Json, Origin, Report, Transport
from infer.wire import engineio, jsonp, jsontext
from infer.wire.address import address_of, parameters
from infer.wire.ahead import Ahead
from infer.wire.assembly import Assembly
from infer.wire.packet import EnginePacket, EngineType, Fault, Packet, SocketPacket, SocketType
from infer.wire.parsers import AUTO, named
from infer.wire.quick import KINDS, Shortcut, quick_packet
from infer.wire.recovery import may_be_offset, offset_of, strip
from infer.wire.session import Fragment, Knowledge, Partial, Session, SessionKey, fill, place_of
from infer.wire.sessions import Sessions
from infer.wire.stats import Stats

_TOO_LARGE: Final = Fault("frame-too-large", "a frame is larger than the limit `frame_bytes`")
_TOO_MANY: Final = Fault("payload-too-many", "a payload holds more packets than the limit `packets_per_payload`")
_TOO_LARGE_PACKET: Final = Fault("frame-too-large", "a packet's attachments are together larger than the limit `packet_bytes`")
_UNOPENED: Final = Fault("session-unopened", "a session whose opening was not captured")
_NO_OPEN: Final = Fault("open-invalid", "an Engine.IO open packet holds no session id")
_UNKNOWN: Final = Fault("packet-invalid", "a message is no packet of any known Socket.IO parser")


class Decoder:
    """See the module. `parser` is `auto` or the name of one; errors of the constructor: `UsageError`."""

    def __init__(self, *, report: Report, parser: str = AUTO, limits: Limits | None = None) -> None:
        self.stats = Stats()
        self._parsers = tuple(named(parser))
        self._auto = parser == AUTO
        self._report = report
        self._limits = limits or Limits()
        self._spilled: list[Packet] = []  # of sessions that had to make room
        self._sessions = Sessions(limits=self._limits, report=report, made_room=lambda session: self._end(session, self._spilled))
        self._assembly = Assembly(limits=self._limits, report=report)
        self._ahead = Ahead(sessions=self._sessions, stats=self.stats, limits=self._limits, general=self._feed, of_body=self._message_of_body)
        self._aside: list[Session] | None = None  # in part of a capture: sessions that made room, which others may know

    def feed(self, frame: Frame) -> Sequence[Packet]:
        """The packets that this frame completes."""
        return list(self.packets((frame,)))

    def packets(self, frames: Iterable[Frame]) -> Iterator[Packet]:
        """The packets of these frames; those that a shortcut may take in are read ahead, of one session at a time."""
        return self._ahead.packets(frames)

    @property
    def shortcut(self) -> Shortcut | None:
        """What it takes in are no packets here, though counted."""
        return self._ahead.shortcut

    @shortcut.setter
    def shortcut(self, shortcut: Shortcut | None) -> None:
        self._ahead.shortcut = shortcut

    def _feed(self, frame: Frame) -> Sequence[Packet]:
        """The general way."""
        stats = self.stats
        packets: list[Packet] = []
        faults: list[Fault] = []
        taken = False
        reason = None
        if len(frame.data) > self._limits.frame_bytes:
            faults.append(_TOO_LARGE)
        elif frame.exchange.transport is Transport.WEBSOCKET:
            taken, reason = self._message(frame, packets, faults)
        else:
            taken, reason = self._body(frame, packets, faults)
        for fault in faults:
            self._report(Diagnostic(fault.code, fault.message, frame.origin))
        if taken:
            stats.decoded += 1
        elif faults:
            stats.diagnosed += 1
        else:
            stats.ignored[reason or "empty"] += 1
        if self._spilled:
            packets += self._spilled
            self._spilled.clear()
        stats.packets += len(packets)
        return packets

    def settle(self, until: float | None = None) -> Sequence[Packet]:
        """The packets that fragments make when put together in order of time.

        With `until` (seconds since the epoch) all frames up to that time have been fed, and what is still open waits on;
        without, nothing more will come.
        """
        packets: list[Packet] = []
        for session in self._sessions:
            if until is None:
                self._end(session, packets)
            else:
                self._together(session, until, packets)
        if until is None:
            self._sessions.clear()
        self.stats.packets += len(packets)
        return packets

    def expire(self, before: float) -> Sequence[Packet]:
        """Forget the sessions not heard of since `before` (seconds since the epoch), and give up fragments as old as that.

        For who listens for months: frames must come about in order of time. A session that is forgotten and speaks again
        is taken up again as the same one; what is known of it a WebSocket keeps as long as it is open.
        """
        packets: list[Packet] = []
        for session in self._sessions:
            if session.heard < before:
                self._sessions.let_go(session)
                self._end(session, packets)
            else:
                self._together(session, before, packets)
        self.stats.packets += len(packets)
        return packets

    # --- a capture read in parts

    def suspend(self) -> tuple[Sequence[Packet], Sequence[Session]]:
        """Let go of everything, since others read on: packets of what can have no further frames, and the sessions that can.

        `resume` of another decoder takes the sessions up. No frame may follow.
        """
        packets: list[Packet] = []
        for session in self._sessions:
            if session.is_named:
                self._assembly.put_aside(session)
            else:
                self._sessions.let_go(session)
                self._end(session, packets)
        self.stats.packets += len(packets)
        return packets, [*(self._aside or ()), *self._sessions]

    def resume(self, sessions: Sequence[Session]) -> Sequence[Packet]:
        """Take up sessions that another decoder followed through later frames; the packets of those that must make room."""
        for later in sessions:
            session = self._sessions.get(later.key) or later
            if session is not later:
                session.join(later)
            self._assembly.take_over(session, later.fragments, counted_only=session is later)
            self._sessions.use(session)
        packets = list(self._spilled)
        self._spilled.clear()
        self.stats.packets += len(packets)
        return packets

    def session(self, key: SessionKey) -> Session | None:
        """The session of that key, where it is followed."""
        return self._sessions.get(key)

    def read_apart(self, known: Mapping[SessionKey, Knowledge]) -> None:
        """Prepare for part of a capture, to be told of before the first frame: what earlier frames say of sessions is `known`."""
        self._sessions.know(known)
        self._aside = []

    def knowledge(self) -> dict[SessionKey, Knowledge]:
        """What is known of the sessions that are followed."""
        return {session.key: session.knowledge for session in self._sessions if session.is_named}

    # --- transports

    def _message(self, frame: Frame, packets: list[Packet], faults: list[Fault]) -> tuple[bool, str | None]:
        """One WebSocket message is one packet."""
        session = self._sessions.of_message(frame)
        if session is None:
            return False, "not-socket.io"
        if frame.time is not None:
            session.heard = frame.time
        decoded = engineio.decode_message(frame.data, session.protocol)
        if isinstance(decoded, Fault):
            faults.append(decoded)
            return False, None
        return self._engine(session, frame, decoded, packets, faults), None

    def _body(self, frame: Frame, packets: list[Packet], faults: list[Fault]) -> tuple[bool, str | None]:
        """One HTTP body is one payload."""
        address = address_of(frame.exchange.url)
        data = frame.data if isinstance(frame.data, bytes) else frame.data.encode()
        unwrapped = (jsonp.unwrap_form if frame.direction is Direction.C2S else jsonp.unwrap_answer)(data)
        if isinstance(unwrapped, Fault):
            faults.append(unwrapped)
            return False, None
        taken = False
        session = self._sessions.of_sid(address, frame.exchange) if address.sid else None
        for number, decoded in enumerate(engineio.decode_payload(data if unwrapped is None else unwrapped, address.protocol)):
            if number >= self._limits.packets_per_payload:
                faults.append(_TOO_MANY)
                break
            if isinstance(decoded, Fault):
                faults.append(decoded)
                continue
            if session is None:
                session = self._sessions.of_open(address, frame, decoded)
            if session is None:
                faults.append(_NO_OPEN)
                return taken, None
            taken |= self._engine(session, frame, decoded, packets, faults)
        if session is not None:
            if frame.time is not None:
                session.heard = frame.time
            self._leave_body(session, frame, packets)
        return taken, None

    def _message_of_body(self, session: Session, frame: Frame) -> Sequence[Packet] | None:
        """The packets of a text message that a body holds among others; None where it is none, which was told of."""
        packets: list[Packet] = []
        faults: list[Fault] = []
        taken = self._engine(session, frame, EnginePacket(EngineType.MESSAGE, frame.data[1:]), packets, faults)
        for fault in faults:
            self._report(Diagnostic(fault.code, fault.message, frame.origin))
        self.stats.packets += len(packets)
        return packets if taken else None

    # --- packets

    def _end(self, session: Session, packets: list[Packet]) -> None:
        """Nothing more will come of a session: put together what waits, and say what was not seen."""
        self._assembly.put_aside(session)
        self._together(session, None, packets)
        if self._aside is not None and session.is_named:
            self._aside.append(session)
        elif not session.opened and session.opening is not None:
            self._lost(_UNOPENED, session.opening.origin)

    def _engine(
        self, session: Session, frame: Frame, decoded: EnginePacket, packets: list[Packet], faults: list[Fault]
    ) -> bool:
        """Take one Engine.IO packet; whether it was one."""
        if decoded.type is not EngineType.MESSAGE:
            if decoded.type is EngineType.OPEN and frame.direction is Direction.S2C and not session.is_named:
                session.note(frame.exchange, handshake=True)  # the client spoke first, as the one in C++ does
            packets.append(_own_packet(session, frame, decoded))
            return True
        data = decoded.data
        if isinstance(data, bytes):
            if self._attach(session, frame, data, packets):
                return True
        elif session.parser == "default" and data[:1] in KINDS:
            quick = quick_packet(session, frame, data, 0, self._limits.ack_id)
            if quick is not None:
                packets.append(quick)
                return True
        parsed = self._parse(session, data)
        if parsed is None:
            if isinstance(data, bytes):
                self._keep(session, Fragment(frame, binary=data), packets)
                return True
            faults.append(_UNKNOWN)
            return False
        if isinstance(parsed, Fault):
            faults.append(parsed)
            return False
        if parsed.note is not None:
            faults.append(parsed.note)
        partial = Partial(parsed, frame, len(data))
        if parsed.attachments:
            place = place_of(frame)
            broken = session.end(place)
            if broken is not None:
                self._finish(session, self._assembly.closed(broken), packets)
            session.begin(place, partial)
        else:
            self._finish(session, partial, packets)
        return True

    def _attach(self, session: Session, frame: Frame, data: bytes, packets: list[Packet]) -> bool:
        """Put an attachment to the packet that waits for it; whether one does."""
        place = place_of(frame)
        partial = session.partial(place)
        if partial is None:
            return False
        partial.add(data)
        if partial.whole:
            session.end(place)
            self._finish(session, partial, packets)
        elif partial.size > self._limits.packet_bytes:
            session.end(place)
            self._lost(_TOO_LARGE_PACKET, partial.frame.origin)
        return True

    def _parse(self, session: Session, data: str | bytes) -> SocketPacket | Fault | None:
        """The packet, by the first parser that gives one; else the first fault; None where no parser takes it."""
        fault: Fault | None = None
        for parser in self._parsers:
            parsed = parser.decode(data, session.protocol, self._limits)
            if isinstance(parsed, SocketPacket):
                if parser.name != "json" or session.parser is None:
                    session.parser = parser.name  # JSON text also frames what msgpack of protocol 3 does not encode
                return parsed
            fault = fault or parsed
        if isinstance(data, bytes) and self._auto and session.parser in _WITH_ATTACHMENTS:
            session.guessed |= session.parser is None
            return None  # an attachment may begin with any byte
        return fault

    def _finish(self, session: Session, partial: Partial, packets: list[Packet]) -> None:
        """A packet with all its attachments."""
        parsed, frame = partial.packet, partial.frame
        data: Json = parsed.data
        if partial.attachments:
            filled = fill(data, partial.attachments)
            if isinstance(filled, Fault):
                self._lost(filled, frame.origin)
                return
            data = filled
        event: str | None = None
        args: list[Json] | None = None
        offset: str | None = None
        kind = parsed.type
        if kind in _EVENTS:
            name, *args = data
            event = jsontext.key_of(name)
            if frame.direction is Direction.S2C and parsed.id is None and args:
                offered = session.recovery.get(parsed.namespace)
                offset = offset_of(args, frame.time, offered=offered)
                session.guessed |= offered is None and may_be_offset(args)
                if offset is not None:
                    args.pop()
            data = ABSENT
        elif kind in _ACKS:
            args, data = data, ABSENT
        elif kind is SocketType.CONNECT:
            data = self._connect_data(session, parsed, frame)
        sizes = tuple(map(len, partial.attachments))
        packets.append(
            Packet(
                session=session,
                transport=frame.exchange.transport,
                direction=frame.direction,
                time=frame.time,
                origin=frame.origin,
                engine=EngineType.MESSAGE,
                type=kind,
                namespace=parsed.namespace,
                event=event,
                args=args,
                id=parsed.id,
                data=data,
                attachments=sizes,
                size=partial.size,
                offset=offset,
            )
        )

    def _connect_data(self, session: Session, parsed: SocketPacket, frame: Frame) -> Json:
        """What a CONNECT says: the client's auth, or (protocol 4) its query string as an object."""
        if frame.direction is Direction.S2C:
            if session.protocol >= 4 and len(session.recovery) < self._limits.pending_per_session:
                offered = isinstance(parsed.data, dict) and "pid" in parsed.data
                session.learn_recovery({parsed.namespace: offered})
            return parsed.data
        if parsed.query is not None:
            return parameters(parsed.query)
        return strip(parsed.data)

    # --- fragments

    def _leave_body(self, session: Session, frame: Frame, packets: list[Packet]) -> None:
        """At the end of an HTTP body a packet that is not whole becomes a fragment."""
        partial = session.end(place_of(frame))
        if partial is not None:
            self._keep(session, Fragment(partial.frame, partial), packets)

    def _keep(self, session: Session, fragment: Fragment, packets: list[Packet]) -> None:
        for of, whole in self._assembly.keep(session, fragment, self._sessions):
            self._finish(of, whole, packets)

    def _together(self, session: Session, until: float | None, packets: list[Packet]) -> None:
        for whole in self._assembly.together(session, until):
            self._finish(session, whole, packets)

    def _lost(self, fault: Fault, origin: Origin) -> None:
        self._report(Diagnostic(fault.code, fault.message, origin))


_WITH_ATTACHMENTS: Final = (None, "default", "json")
"""Parsers of sessions whose binary messages are, or may yet turn out to be, attachments."""
_EVENTS: Final = (SocketType.EVENT, SocketType.BINARY_EVENT)
_ACKS: Final = (SocketType.ACK, SocketType.BINARY_ACK)


def _own_packet(session: Session, frame: Frame, decoded: EnginePacket) -> Packet:
    """A packet of Engine.IO itself."""
    return Packet(
        session=session,
        transport=frame.exchange.transport,
        direction=frame.direction,
        time=frame.time,
        origin=frame.origin,
        engine=decoded.type,
        size=len(decoded.data),
    )
