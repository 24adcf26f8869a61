"""Messages read ahead, so that a shortcut (`infer.wire.quick`) may take many in at once.

They are those of one session that follow on one another, in one WebSocket or in HTTP bodies of nothing else, and seem to be
events or acknowledgements of the default parser; in a WebSocket heartbeats may lie between. What is no such message, and what
the shortcut leaves, goes the general way, in its turn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from infer.limits import Limits
from infer.model import Direction, Exchange, Frame, Transport
from infer.wire import engineio
from infer.wire.address import address_of
from infer.wire.packet import Packet
from infer.wire.quick import MESSAGES, Shortcut, quick_packet
from infer.wire.session import Session
from infer.wire.sessions import Sessions
from infer.wire.stats import Stats

_RUN: Final = 1 << 20
"""Characters that are read ahead at most, and what each message, and each body, counts for beside its own."""
_EACH: Final = 256
_EACH_BODY: Final = 2_048
_HEARTBEATS: Final = ("2", "3")
"""Messages that tell nothing but that the session goes on."""


class _Run(msgspec.Struct, eq=False):
    """Messages of one session, in order."""

    session: Session
    messages: list[Frame]
    bodies: int = 0
    """How many hold them; 0 where they are a WebSocket's."""
    length: int = 0
    """What they count for, where bodies hold them."""
    since: int = 0
    """The position from which on the session was not heard of otherwise."""
    beats: bool = False
    """Whether a heartbeat that lay between went the general way: further ones tell nothing more."""

    def joins(self, body: _Run) -> bool:
        """Whether a further body goes with these; it is taken in then."""
        if not self.bodies or body.session is not self.session or self.length > _RUN:
            return False
        self.messages += body.messages
        self.bodies += 1
        self.length += body.length
        return True


class Ahead:
    """See the module.

    `general` decodes a frame that was counted, whatever it is, and counts what became of it; `of_body` decodes a message
    that a body holds, None where it is no packet.
    """

    def __init__(
        self,
        *,
        sessions: Sessions,
        stats: Stats,
        limits: Limits,
        general: Callable[[Frame], Sequence[Packet]],
        of_body: Callable[[Session, Frame], Sequence[Packet] | None],
    ) -> None:
        self._sessions = sessions
        self._stats = stats
        self._limits = limits
        self._general = general
        self._of_body = of_body
        self.shortcut: Shortcut | None = None

    def packets(self, frames: Iterable[Frame]) -> Iterator[Packet]:
        """The packets of these frames, as far as the shortcut leaves them."""
        stats, sessions, longest, quick = self._stats, self._sessions, self._limits.frame_bytes, self.shortcut is not None
        run: _Run | None = None
        at: Exchange | None = None  # the WebSocket of the run, where it is of one
        messages: list[Frame] = []  # those of the run then
        length = 0
        try:
            for frame in frames:
                text: Any = frame.data
                exchange = frame.exchange
                if exchange is at and length <= _RUN and text[:2] in MESSAGES and len(text) <= longest:
                    messages.append(frame)
                    length += len(text) + _EACH
                    continue
                if run is not None and run.beats and exchange is at and text in _HEARTBEATS:
                    self._beat(run.session, frame)
                    run.since = len(messages)
                    continue
                body: _Run | None = None
                if exchange.transport is Transport.POLLING:
                    if self._ignored(frame):
                        continue
                    body = self._body(frame) if quick else None
                    if body is not None and run is not None and run.joins(body):
                        continue
                if run is not None and (exchange is not at or text not in _HEARTBEATS):
                    whole, run, at = run, None, None
                    yield from self._run(whole)
                if body is not None:
                    run = body
                    sessions.use(body.session)
                    continue
                if text[:2] in MESSAGES and len(text) <= longest and (exchange is sessions.speaking or sessions.turn_to(exchange)):
                    session = sessions.latest
                    if session is not None and session.parser == "default":
                        if quick:
                            messages, at, length = [frame], exchange, len(text) + _EACH
                            run = _Run(session, messages)
                        else:
                            yield from self._plainly(session, frame)
                        continue
                stats.frames += 1
                yield from self._general(frame)
                if run is not None:
                    run.since, run.beats = len(messages), True
        except Exception:  # of whoever gives the frames: those before it are whole
            if run is not None:
                yield from self._run(run)
            raise
        if run is not None:
            yield from self._run(run)

    def _ignored(self, frame: Frame) -> bool:
        """Whether an HTTP body holds no packet by the protocol's own rules, which is counted."""
        reason = engineio.nothing_in(frame)
        if reason is None:
            return False
        self._stats.frames += 1
        self._stats.ignored[reason] += 1
        return True

    def _body(self, frame: Frame) -> _Run | None:
        """The messages of an HTTP body, where these are all that there is to it."""
        data = frame.data if isinstance(frame.data, bytes) else frame.data.encode()
        if len(data) > self._limits.frame_bytes:
            return None
        address = address_of(frame.exchange.url)
        session = self._sessions.named(address)
        if session is None or session.parser != "default":
            return None
        texts = engineio.texts(data, address.protocol, self._limits.packets_per_payload)
        if texts is None or any(text[:2] not in MESSAGES for text in texts):
            return None
        session.note(frame.exchange, handshake=False)
        messages = [Frame(frame.exchange, frame.direction, frame.time, text) for text in texts]
        return _Run(session, messages, bodies=1, length=len(data) + _EACH * len(messages) + _EACH_BODY)

    def _plainly(self, session: Session, frame: Frame) -> Sequence[Packet]:
        """The packets of what seems to be such a message of a WebSocket, where there is no shortcut."""
        self._stats.frames += 1
        self._stats.decoded += 1
        if frame.time is not None:
            session.heard = frame.time
        return self._left(session, frame) or ()

    def _beat(self, session: Session, frame: Frame) -> None:
        """Count a heartbeat of a session that goes on."""
        stats = self._stats
        stats.frames += 1
        stats.decoded += 1
        stats.packets += 1
        if frame.time is not None:
            session.heard = frame.time

    def _run(self, run: _Run) -> Iterable[Packet]:
        """The packets of messages that the shortcut leaves."""
        session, messages = run.session, run.messages
        frames = run.bodies or len(messages)
        self._stats.frames += frames
        self._stats.decoded += frames  # as nearly always
        if run.since < len(messages):
            heard = messages[-1].time
            if heard is None:
                heard = next((frame.time for frame in reversed(messages[run.since :]) if frame.time is not None), session.heard)
            session.heard = heard
        number, left = self._offer(session, messages, 0)
        return self._rest(session, messages, number, left) if left or number < len(messages) else ()

    def _rest(self, session: Session, run: Sequence[Frame], at: int, left: Sequence[Frame]) -> Iterator[Packet]:
        """The packets of messages that were left, then those of the run from that position on."""
        heard = session.heard
        wrong: list[Frame] = []
        while True:
            for frame in left:
                packets = self._left(session, frame)
                if packets is None:
                    wrong.append(frame)
                else:
                    yield from packets
            if at >= len(run):
                break
            number, left = self._offer(session, run, at)
            at += number
        session.heard = heard  # of what was read ahead
        if wrong:
            self._diagnosed(wrong, run)

    def _offer(self, session: Session, run: Sequence[Frame], at: int) -> tuple[int, Sequence[Frame]]:
        """Offer the run to the shortcut from that position on, and count what it takes."""
        assert self.shortcut is not None
        number, left = self.shortcut(session, run, at)
        self._stats.packets += number - len(left)
        return number, left

    def _left(self, session: Session, frame: Frame) -> Sequence[Packet] | None:
        """What seems to be an event or an acknowledgement of the default parser, without the shortcut.

        Its frame was counted as decoded. None where it is a message of a body, and no packet.
        """
        assert isinstance(frame.data, str)
        packet = quick_packet(session, frame, frame.data, 1, self._limits.ack_id)
        if packet is not None:
            self._stats.packets += 1
            return (packet,)
        if frame.exchange.transport is Transport.POLLING:
            return self._of_body(session, frame)
        self._stats.decoded -= 1
        return self._general(frame)

    def _diagnosed(self, wrong: Sequence[Frame], run: Sequence[Frame]) -> None:
        """Count bodies in which there is nothing but such messages as were no packets."""
        held = Counter(map(_body_of, run))
        number = sum(held[body] == count for body, count in Counter(map(_body_of, wrong)).items())
        self._stats.decoded -= number
        self._stats.diagnosed += number


def _body_of(message: Frame) -> tuple[int, Direction]:
    return id(message.exchange), message.direction
