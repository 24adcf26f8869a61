"""Frames of any number of sessions to packets.

The law: every frame that is fed gives packets, or diagnostics, or is counted as ignored with its reason, and nothing
raises. What a frame gives does not depend on the frames of other sessions, nor on the order of the session's exchanges.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

import orjson

from infer.limits import Limits
from infer.model import ABSENT, Diagnostic, Direction, Exchange, Frame, Json, Origin, Report, Transport
from infer.wire import engineio, jsonp, jsontext
from infer.wire.address import Address, address_of
from infer.wire.packet import EnginePacket, EngineType, Fault, Packet, SocketPacket, SocketType
from infer.wire.parsers import AUTO, RESERVED, named
from infer.wire.recovery import may_be_offset, offset_of, strip
from infer.wire.session import Fragment, Knowledge, Partial, Session, SessionKey, fill, in_order, session_id

_TOO_LARGE: Final = Fault("frame-too-large", "a frame is larger than the limit `frame_bytes`")
_TOO_MANY: Final = Fault("payload-too-many", "a payload holds more packets than the limit `packets_per_payload`")
_TOO_LARGE_PACKET: Final = Fault("frame-too-large", "a packet's attachments are together larger than the limit `packet_bytes`")
_MISSING: Final = Fault("attachment-missing", "a binary packet's attachments did not all come")
_UNEXPECTED: Final = Fault("attachment-unexpected", "a binary message that no packet announced")
_UNOPENED: Final = Fault("session-unopened", "a session whose opening was not captured")
_NO_OPEN: Final = Fault("open-invalid", "an Engine.IO open packet holds no session id")
_VERSION_0_9: Final = Fault("socketio-0.9", "a WebSocket of Socket.IO 0.9, which is not decoded")
_UNKNOWN: Final = Fault("packet-invalid", "a message is no packet of any known Socket.IO parser")


@dataclass(slots=True)
class Stats:
    """What became of the frames: `frames` is `decoded` + `diagnosed` + the sum of `ignored`."""

    frames: int = 0
    decoded: int = 0
    """Frames of which at least one packet or fragment was taken."""
    diagnosed: int = 0
    """Frames that gave diagnostics only."""
    ignored: Counter[str] = field(default_factory=Counter)
    """Frames without a packet by the protocol's own rules, by reason."""
    packets: int = 0


class Decoder:
    """See the module. `parser` is `auto` or the name of one; errors of the constructor: `UsageError`."""

    def __init__(self, *, report: Report, parser: str = AUTO, limits: Limits | None = None) -> None:
        self.stats = Stats()
        self._parsers = tuple(named(parser))
        self._auto = parser == AUTO
        self._report = report
        self._limits = limits or Limits()
        self._sessions: dict[SessionKey, Session] = {}  # last used last
        self._spilled: list[Packet] = []  # of sessions that had to make room
        # by a WebSocket's exchange, which is forgotten once the reader, too, is done with it; last used last
        self._sockets: WeakKeyDictionary[Exchange, Session | None] = WeakKeyDictionary()
        self._socket: tuple[Exchange, Session | None] | None = None  # of the frame before: mostly of this one too
        self._latest: Session | None = None  # last of `_sessions`
        self._known: dict[SessionKey, Knowledge] = {}  # of sessions that begin in frames fed to another decoder
        self._aside: list[Session] | None = None  # in part of a capture: sessions that made room, which others may know
        self._fragment_bytes = 0
        self._addresses: dict[int, tuple[Exchange, Address]] = {}

    def feed(self, frame: Frame) -> Sequence[Packet]:
        """The packets that this frame completes."""
        stats = self.stats
        stats.frames += 1
        plain = self._plain_event(frame)
        if plain is not None:
            stats.decoded += 1
            stats.packets += 1
            return (plain,)
        packets: list[Packet] = []
        faults: list[Fault] = []
        taken = False
        reason = _ignored(frame)
        if reason is None:
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
        for session in list(self._sessions.values()):
            if until is None:
                self._end(session, packets)
            else:
                self._together(session, until, packets)
        if until is None:
            self._sessions.clear()
            self._sockets.clear()
            self._addresses.clear()
            self._socket = None
        self.stats.packets += len(packets)
        return packets

    def expire(self, before: float) -> Sequence[Packet]:
        """Forget the sessions not heard of since `before` (seconds since the epoch), and give up fragments as old as that.

        For who listens for months: frames must come about in order of time. A session that is forgotten and speaks again
        is taken up again as the same one.
        """
        packets: list[Packet] = []
        for key, session in list(self._sessions.items()):
            if session.heard < before:
                del self._sessions[key]
                self._end(session, packets)
            else:
                self._together(session, before, packets)
        self._socket = None
        for exchange, followed in list(self._sockets.items()):
            if followed is None or followed.heard < before:
                del self._sockets[exchange]
        self.stats.packets += len(packets)
        return packets

    # --- a capture read in parts

    def suspend(self) -> tuple[Sequence[Packet], Sequence[Session]]:
        """Let go of everything, since others read on: packets of what can have no further frames, and the sessions that can.

        `resume` of another decoder takes the sessions up. No frame may follow.
        """
        packets: list[Packet] = []
        for session in list(self._sessions.values()):
            if session.is_named:
                for partial in session.partials.values():
                    self._wait(session, Fragment(partial.frame, partial))
                session.partials.clear()
            else:
                del self._sessions[session.key]
                self._end(session, packets)
        self.stats.packets += len(packets)
        return packets, [*(self._aside or ()), *self._sessions.values()]

    def resume(self, sessions: Sequence[Session]) -> Sequence[Packet]:
        """Take up sessions that another decoder followed through later frames; the packets of those that must make room."""
        for later in sessions:
            session = self._sessions.get(later.key)
            if session is None:
                session = later
                self._fragment_bytes += sum(part.bytes for parts in later.fragments.values() for part in parts)
            else:
                session.join(later)
                for parts in later.fragments.values():
                    for part in parts:
                        self._wait(session, part)
            self._use(session)
        packets = list(self._spilled)
        self._spilled.clear()
        self.stats.packets += len(packets)
        return packets

    def session(self, key: SessionKey) -> Session | None:
        """The session of that key, where it is followed."""
        return self._sessions.get(key)

    def read_apart(self, known: Mapping[SessionKey, Knowledge]) -> None:
        """Prepare for part of a capture, to be told of before the first frame: what earlier frames say of sessions is `known`."""
        self._known.update(known)
        self._aside = []

    def knowledge(self) -> dict[SessionKey, Knowledge]:
        """What is known of the sessions that are followed."""
        return {key: session.knowledge for key, session in self._sessions.items() if session.is_named}

    # --- transports

    def _message(self, frame: Frame, packets: list[Packet], faults: list[Fault]) -> tuple[bool, str | None]:
        """One WebSocket message is one packet."""
        session = self._session_of_message(frame)
        if session is None:
            return False, "not-socket.io"
        if frame.time is not None:
            session.heard = frame.time
        decoded = engineio.decode_message(frame.data, session.protocol)
        if isinstance(decoded, Fault):
            faults.append(decoded)
            return False, None
        return self._engine(session, frame, decoded, packets, faults), None

    def _plain_event(self, frame: Frame) -> Packet | None:
        """The packet of what most messages are; what the general way gives for the same, at a third of its cost.

        That is: one more message of the WebSocket that spoke last, of the default parser, whose text is an event of the
        root namespace without acknowledgement, attachments and offset. None for all others.
        """
        text = frame.data
        if text[:3] != "42[":
            return None
        assert isinstance(text, str)
        socket = self._socket
        if socket is None or socket[0] is not frame.exchange or len(text) > self._limits.frame_bytes:
            return None
        session = socket[1]
        if session is None or session is not self._latest or session.parser != "default":
            return None
        try:
            args = orjson.loads(text[2:])
        except ValueError:
            return None
        if not args or type(args[0]) is not str or args[0] in RESERVED:
            return None
        if type(args[-1]) is str and frame.direction is Direction.S2C and session.recovery.get("/") is not False and len(args) > 1:
            return None
        if frame.time is not None:
            session.heard = frame.time
        return Packet(
            session=session,
            transport=Transport.WEBSOCKET,
            direction=frame.direction,
            time=frame.time,
            origin=frame.origin,
            engine=EngineType.MESSAGE,
            type=SocketType.EVENT,
            event=args.pop(0),
            args=args,
            size=len(text) - 1,
        )

    def _body(self, frame: Frame, packets: list[Packet], faults: list[Fault]) -> tuple[bool, str | None]:
        """One HTTP body is one payload."""
        address = self._address(frame.exchange)
        data = frame.data if isinstance(frame.data, bytes) else frame.data.encode()
        unwrapped = (jsonp.unwrap_form if frame.direction is Direction.C2S else jsonp.unwrap_answer)(data)
        if isinstance(unwrapped, Fault):
            faults.append(unwrapped)
            return False, None
        taken = False
        session = self._session_of_sid(address, frame.exchange) if address.sid else None
        for number, decoded in enumerate(engineio.decode_payload(data if unwrapped is None else unwrapped, address.protocol)):
            if number >= self._limits.packets_per_payload:
                faults.append(_TOO_MANY)
                break
            if isinstance(decoded, Fault):
                faults.append(decoded)
                continue
            if session is None:
                session = self._session_of_open(address, frame, decoded)
            if session is None:
                faults.append(_NO_OPEN)
                return taken, None
            taken |= self._engine(session, frame, decoded, packets, faults)
        if session is not None:
            if frame.time is not None:
                session.heard = frame.time
            self._leave_body(session, frame, packets)
        return taken, None

    # --- sessions

    def _address(self, exchange: Exchange) -> Address:
        """The exchange's address, parsed once an exchange."""
        known = self._addresses.get(id(exchange))
        if known is None or known[0] is not exchange:
            if len(self._addresses) > 64:
                self._addresses.clear()
            known = self._addresses[id(exchange)] = (exchange, address_of(exchange.url))
        return known[1]

    def _session_of_message(self, frame: Frame) -> Session | None:
        """The session of a WebSocket message; None where the WebSocket is none of ours."""
        exchange = frame.exchange
        if self._socket is not None and self._socket[0] is exchange and self._socket[1] is self._latest:
            return self._latest
        if exchange in self._sockets:
            session = self._sockets.pop(exchange)
        else:
            session = self._session_of_socket(frame)
            if len(self._sockets) > 4 * self._limits.sessions:
                del self._sockets[next(iter(self._sockets))]
        if session is not None:
            self._use(session)
        else:
            self._latest = None
        self._sockets[exchange] = session
        self._socket = (exchange, session)
        return session

    def _session_of_socket(self, frame: Frame) -> Session | None:
        """The same, by its sid, its open packet, or the WebSocket itself."""
        address = self._address(frame.exchange)
        if address.sid:
            return self._session_of_sid(address, frame.exchange)
        decoded = engineio.decode_message(frame.data, address.protocol)
        if isinstance(decoded, EnginePacket) and decoded.type is EngineType.OPEN and frame.direction is Direction.S2C:
            session = self._session_of_open(address, frame, decoded)
            if session is not None:
                return session
        if not address.is_engineio:
            if isinstance(frame.data, str) and _FIRST_OF_0_9.match(frame.data):
                self._lost(_VERSION_0_9, frame.origin)
            return None
        began = f"{frame.exchange.started or 0.0:.3f} {frame.exchange.url}"
        return self._session((address.server, id(frame.exchange)), address, frame.exchange, began)

    def _session_of_sid(self, address: Address, exchange: Exchange) -> Session:
        assert address.sid
        session = self._session((address.server, address.sid), address, exchange, address.sid)
        session.note(exchange, handshake=False)
        return session

    def _session_of_open(self, address: Address, frame: Frame, decoded: EnginePacket) -> Session | None:
        """The session that an open packet names."""
        if decoded.type is not EngineType.OPEN or isinstance(decoded.data, bytes):
            return None
        opened, _ = jsontext.parse(decoded.data)
        sid = opened.get("sid") if isinstance(opened, dict) else None
        if not isinstance(sid, str) or not sid:
            return None
        if not address.is_engineio:
            # no query tells the version: only protocol 4 announces maxPayload
            address = address.of_protocol(4 if "maxPayload" in opened else 3)
        session = self._session((address.server, sid), address, frame.exchange, sid)
        session.note(frame.exchange, handshake=True)
        return session

    def _session(self, key: SessionKey, address: Address, exchange: Exchange, sid: str) -> Session:
        """The session of that key, made where it is new."""
        session = self._sessions.get(key)
        if session is None:
            session = Session(session_id(address.server, sid), key, address.server, address.protocol)
            session.note(exchange, handshake=False)
            known = self._known.get(key) if self._known else None
            if known is not None:
                session.told, session.parser, session.recovery = known, known.parser, dict(known.recovery)
        self._use(session)
        return session

    def _use(self, session: Session) -> None:
        """Put the session last among those that are followed; the one that was silent longest makes room."""
        if self._sessions.pop(session.key, None) is None and len(self._sessions) >= self._limits.sessions:
            self._end(self._sessions.pop(next(iter(self._sessions))), self._spilled)
        self._sessions[session.key] = self._latest = session

    def _end(self, session: Session, packets: list[Packet]) -> None:
        """Nothing more will come of a session: put together what waits, and say what was not seen."""
        for partial in session.partials.values():
            self._wait(session, Fragment(partial.frame, partial))
        session.partials.clear()
        self._together(session, None, packets)
        if self._aside is not None and session.is_named:
            self._aside.append(session)
        elif not session.opened and session.opening is not None:
            self._lost(_UNOPENED, session.opening.origin)

    # --- packets

    def _engine(
        self, session: Session, frame: Frame, decoded: EnginePacket, packets: list[Packet], faults: list[Fault]
    ) -> bool:
        """Take one Engine.IO packet; whether it was one."""
        if decoded.type is not EngineType.MESSAGE:
            packets.append(_own_packet(session, frame, decoded))
            return True
        data = decoded.data
        if isinstance(data, bytes):
            partial = session.partials.get((id(frame.exchange), frame.direction))
            if partial is not None:
                partial.add(data)
                if partial.whole:
                    del session.partials[id(frame.exchange), frame.direction]
                    self._finish(session, partial, packets)
                elif partial.size > self._limits.packet_bytes:
                    del session.partials[id(frame.exchange), frame.direction]
                    self._lost(_TOO_LARGE_PACKET, partial.frame.origin)
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
            broken = session.partials.pop((id(frame.exchange), frame.direction), None)
            if broken is not None:
                self._report(Diagnostic(_MISSING.code, _MISSING.message, broken.frame.origin))
            session.partials[id(frame.exchange), frame.direction] = partial
        else:
            self._finish(session, partial, packets)
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
                session.recovery[parsed.namespace] = offered
            return parsed.data
        if parsed.query is not None:
            return dict(address_of("?" + parsed.query).query)
        return strip(parsed.data)

    # --- fragments

    def _leave_body(self, session: Session, frame: Frame, packets: list[Packet]) -> None:
        """At the end of an HTTP body a packet that is not whole becomes a fragment."""
        partial = session.partials.pop((id(frame.exchange), frame.direction), None)
        if partial is not None:
            self._keep(session, Fragment(partial.frame, partial), packets)

    def _keep(self, session: Session, fragment: Fragment, packets: list[Packet]) -> None:
        """Let a fragment wait; past the limits the oldest are put together now."""
        waiting = self._wait(session, fragment)
        limits = self._limits
        if len(waiting) > limits.fragments_per_session:
            times = sorted(f.frame.time for f in waiting if f.frame.time is not None)
            self._together(session, times[len(times) // 2] if times else None, packets)
        if self._fragment_bytes > limits.fragment_bytes:
            for other in list(self._sessions.values()):
                self._together(other, None, packets)
                if self._fragment_bytes <= limits.fragment_bytes // 2:
                    break

    def _wait(self, session: Session, fragment: Fragment) -> list[Fragment]:
        """Put a fragment beside those that wait, in the order seen."""
        waiting = session.fragments.setdefault(fragment.frame.direction, [])
        waiting.append(fragment)
        self._fragment_bytes += fragment.bytes
        return waiting

    def _together(self, session: Session, until: float | None, packets: list[Packet]) -> None:
        """Put a session's fragments together as far as `until`; without, all of them."""
        for direction in list(session.fragments):
            due = session.fragments_until(until, direction)
            self._fragment_bytes -= sum(fragment.bytes for fragment in due)
            made = list(in_order(due))
            last = made[-1] if made and until is not None else None
            for one in made:
                if isinstance(one, Fragment):
                    self._lost(_UNEXPECTED, one.frame.origin)
                elif one.whole:
                    self._finish(session, one, packets)
                elif one is last:
                    self._wait(session, Fragment(one.frame, one))
                else:
                    self._lost(_MISSING, one.frame.origin)

    def _lost(self, fault: Fault, origin: Origin) -> None:
        self._report(Diagnostic(fault.code, fault.message, origin))


_WITH_ATTACHMENTS: Final = (None, "default", "json")
"""Parsers of sessions whose binary messages are, or may yet turn out to be, attachments."""
_FIRST_OF_0_9: Final = re.compile(r"[0-8]:(?:\d+\+?)?:(?:/[^:]*)?(?::|$)")
"""A message of Socket.IO 0.9: `1::`, `2::`, `5:1+::{"name":"q","args":[1]}`."""
_EVENTS: Final = (SocketType.EVENT, SocketType.BINARY_EVENT)
_ACKS: Final = (SocketType.ACK, SocketType.BINARY_ACK)


def _ignored(frame: Frame) -> str | None:
    """Why a frame holds no packet by the protocol's own rules; None where it may hold one."""
    exchange = frame.exchange
    if exchange.transport is Transport.WEBSOCKET:
        return None
    if not frame.data:
        return "empty"
    if exchange.status is not None and exchange.status != 200:
        return "http-status"
    if frame.direction is Direction.S2C and exchange.method == "POST":
        return "post-answer"  # `ok`, or Python's `OK`
    return None


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
