"""Which session a frame is of: by the sid in its address, by an open packet, or by the WebSocket itself.

The law: bounded. Past the limit the session that was silent longest makes room, and a session that was let go and speaks
again is taken up again as the same one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final
from weakref import KeyedRef, ref

from infer.limits import Limits
from infer.model import Diagnostic, Direction, Exchange, Frame, Report
from infer.wire import engineio, jsontext
from infer.wire.address import Address, address_of
from infer.wire.packet import EnginePacket, EngineType
from infer.wire.session import Knowledge, Session, SessionKey, key_of, session_id

_FIRST_OF_0_9: Final = re.compile(r"[0-8]:(?:\d+\+?)?:(?:/[^:]*)?(?::|$)")
"""A message of Socket.IO 0.9: `1::`, `2::`, `5:1+::{"name":"q","args":[1]}`."""


class Sessions:
    """Those that are followed; `made_room` is told of one that is let go."""

    def __init__(self, *, limits: Limits, report: Report, made_room: Callable[[Session], None]) -> None:
        self._limits = limits
        self._report = report
        self._made_room = made_room
        self._sessions: dict[SessionKey, Session] = {}  # last used last
        # by the identity of a WebSocket's exchange, which takes its entry along when the reader, too, is done with it;
        # last used last
        self._sockets: dict[int, tuple[ref[Exchange], Session | None]] = {}
        self._known: dict[SessionKey, Knowledge] = {}  # of sessions that begin in frames fed to another decoder
        self.latest: Session | None = None
        """The session used last."""
        self.speaking: Exchange | None = None
        """The WebSocket whose message was the last, where that is of `latest`: mostly the next one is, too."""

    def __iter__(self) -> Iterator[Session]:
        """Those followed now, the one that was silent longest first; they may be let go meanwhile."""
        return iter(list(self._sessions.values()))

    def get(self, key: SessionKey) -> Session | None:
        """The session of that key, where it is followed."""
        return self._sessions.get(key)

    def named(self, address: Address) -> Session | None:
        """The session that an address names, where it is followed."""
        return self._sessions.get(key_of(address.server, address.sid)) if address.sid else None

    def know(self, known: Mapping[SessionKey, Knowledge]) -> None:
        """Take in what is known of sessions whose earlier frames go elsewhere."""
        self._known.update(known)

    def of_message(self, frame: Frame) -> Session | None:
        """The session of a WebSocket message; None where the WebSocket is none of ours."""
        exchange = frame.exchange
        if not self.turn_to(exchange):
            key = id(exchange)
            session = self._of_socket(frame)
            if len(self._sockets) > 4 * self._limits.sessions:
                del self._sockets[next(iter(self._sockets))]
            self._sockets[key] = KeyedRef(exchange, self._forget, key), session
            self.latest, self.speaking = session, exchange
        return self.latest

    def turn_to(self, exchange: Exchange) -> bool:
        """Take up the WebSocket, its session being `latest` then (None: it is none of ours); False where it is a new one."""
        if exchange is self.speaking:
            return True
        known = self._sockets.pop(id(exchange), None)
        if known is None:
            return False
        self._sockets[id(exchange)] = known
        session = known[1]
        if session is not None:
            self.use(session)
        self.latest, self.speaking = session, exchange
        return True

    def _forget(self, gone: KeyedRef[int, Exchange]) -> None:
        self._sockets.pop(gone.key, None)

    def _of_socket(self, frame: Frame) -> Session | None:
        """The same, by its sid, its open packet, or the WebSocket itself."""
        address = address_of(frame.exchange.url)
        if address.sid:
            return self.of_sid(address, frame.exchange)
        decoded = engineio.decode_message(frame.data, address.protocol)
        if isinstance(decoded, EnginePacket) and decoded.type is EngineType.OPEN and frame.direction is Direction.S2C:
            session = self.of_open(address, frame, decoded)
            if session is not None:
                return session
        if not address.is_engineio:
            if isinstance(frame.data, str) and _FIRST_OF_0_9.match(frame.data):
                self._report(Diagnostic("socketio-0.9", "a WebSocket of Socket.IO 0.9, which is not decoded", frame.origin))
            return None
        began = f"{frame.exchange.started or 0.0:.3f} {frame.exchange.url}"
        return self._session(~id(frame.exchange), session_id(address.server, began), address, frame.exchange)

    def of_sid(self, address: Address, exchange: Exchange) -> Session:
        """The session that an address names."""
        assert address.sid
        session = self._named(address, exchange, address.sid)
        session.note(exchange, handshake=False)
        return session

    def of_open(self, address: Address, frame: Frame, decoded: EnginePacket) -> Session | None:
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
        session = self._named(address, frame.exchange, sid)
        session.note(frame.exchange, handshake=True)
        return session

    def _named(self, address: Address, exchange: Exchange, sid: str) -> Session:
        key = key_of(address.server, sid)
        return self._session(key, key >> 1, address, exchange)

    def _session(self, key: SessionKey, number: int, address: Address, exchange: Exchange) -> Session:
        """The session of that key, made where it is new, with that id."""
        session = self._sessions.get(key)
        if session is None:
            session = Session(number, key, address.server, address.protocol)
            session.note(exchange, handshake=False)
            known = self._known.get(key) if self._known else None
            if known is not None:
                session.told, session.parser, session.recovery = known, known.parser, known.recovery
        self.use(session)
        return session

    def use(self, session: Session) -> None:
        """Put the session last among those that are followed; the one that was silent longest makes room."""
        if self._sessions.pop(session.key, None) is None and len(self._sessions) >= self._limits.sessions:
            self._made_room(self._sessions.pop(next(iter(self._sessions))))
        self._sessions[session.key] = self.latest = session
        self.speaking = None

    def let_go(self, session: Session) -> None:
        """Follow it no longer."""
        self._sessions.pop(session.key, None)
        self.speaking = None

    def clear(self) -> None:
        """Forget all."""
        self._sessions.clear()
        self._sockets.clear()
        self.speaking = None
