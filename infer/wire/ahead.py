"""Messages read ahead, so that a shortcut (`infer.wire.quick`) may take many in at once.

They are those of one WebSocket that follow on one another and seem to be events or acknowledgements of the default parser;
heartbeats may lie between. What is no such message, and what the shortcut leaves, goes the general way, in its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from infer.limits import Limits
from infer.model import Exchange, Frame
from infer.wire.packet import Packet
from infer.wire.quick import MESSAGES, Shortcut, quick_packet
from infer.wire.session import Session
from infer.wire.sessions import Sessions
from infer.wire.stats import Stats

_RUN: Final = 1 << 20
"""Characters that are read ahead at most, and what each message counts for beside its own."""
_EACH: Final = 256
_HEARTBEATS: Final = ("2", "3")
"""Messages that tell nothing but that the session goes on."""


class Ahead:
    """See the module. `general` decodes a frame that was counted, whatever it is."""

    def __init__(self, *, sessions: Sessions, stats: Stats, limits: Limits, general: Callable[[Frame], Sequence[Packet]]) -> None:
        self._sessions = sessions
        self._stats = stats
        self._limits = limits
        self._general = general
        self.shortcut: Shortcut | None = None

    def packets(self, frames: Iterable[Frame]) -> Iterator[Packet]:
        """The packets of these frames, as far as the shortcut leaves them."""
        stats, sessions, longest, quick = self._stats, self._sessions, self._limits.frame_bytes, self.shortcut is not None
        run: list[Frame] = []
        of: Session | None = None
        at: Exchange | None = None  # that of the run
        length = since = 0
        beats = False  # whether a heartbeat that lay in the run went the general way: further ones tell nothing more
        try:
            for frame in frames:
                text: Any = frame.data
                exchange = frame.exchange
                if exchange is at and length <= _RUN and text[:2] in MESSAGES and len(text) <= longest:
                    run.append(frame)
                    length += len(text) + _EACH
                    continue
                if beats and exchange is at and text in _HEARTBEATS:
                    self._beat(of, frame)
                    since = len(run)
                    continue
                if of is not None and (exchange is not at or text not in _HEARTBEATS):
                    whole, speaker, run, of, at, beats = run, of, [], None, None, False
                    yield from self._run(speaker, whole, since)
                if text[:2] in MESSAGES and len(text) <= longest and (exchange is sessions.speaking or sessions.turn_to(exchange)):
                    session = sessions.latest
                    if session is not None and session.parser == "default":
                        if quick:
                            run, of, at, length, since = [frame], session, exchange, len(text) + _EACH, 0
                        else:
                            stats.frames += 1
                            if frame.time is not None:
                                session.heard = frame.time
                            yield from self._left(session, frame)
                        continue
                stats.frames += 1
                yield from self._general(frame)
                since, beats = len(run), of is not None
        except Exception:  # of whoever gives the frames: those before it are whole
            if of is not None:
                yield from self._run(of, run, since)
            raise
        if of is not None:
            yield from self._run(of, run, since)

    def _beat(self, session: Session | None, frame: Frame) -> None:
        """Count a heartbeat of a session that goes on."""
        stats = self._stats
        stats.frames += 1
        stats.decoded += 1
        stats.packets += 1
        if session is not None and frame.time is not None:
            session.heard = frame.time

    def _run(self, session: Session, run: Sequence[Frame], since: int) -> Iterable[Packet]:
        """The packets of messages that the shortcut leaves; `since` that position the session was not heard of otherwise."""
        count = len(run)
        self._stats.frames += count
        if since < count:
            heard = run[-1].time
            if heard is None:
                heard = next((frame.time for frame in reversed(run[since:]) if frame.time is not None), session.heard)
            session.heard = heard
        number, left = self._offer(session, run, 0)
        return self._rest(session, run, number, left) if left or number < count else ()

    def _rest(self, session: Session, run: Sequence[Frame], at: int, left: Sequence[Frame]) -> Iterator[Packet]:
        """The packets of messages that were left, then those of the run from that position on."""
        heard = session.heard
        while True:
            for frame in left:
                yield from self._left(session, frame)
            if at >= len(run):
                break
            number, left = self._offer(session, run, at)
            at += number
        session.heard = heard  # of what was read ahead

    def _offer(self, session: Session, run: Sequence[Frame], at: int) -> tuple[int, Sequence[Frame]]:
        """Offer the run to the shortcut from that position on, and count what it takes."""
        assert self.shortcut is not None
        number, left = self.shortcut(session, run, at)
        taken = number - len(left)
        stats = self._stats
        stats.decoded += taken
        stats.packets += taken
        return number, left

    def _left(self, session: Session, frame: Frame) -> Sequence[Packet]:
        """What seems to be an event or an acknowledgement of the default parser, without the shortcut."""
        assert isinstance(frame.data, str)
        packet = quick_packet(session, frame, frame.data, 1, self._limits.ack_id)
        if packet is None:
            return self._general(frame)
        self._stats.decoded += 1
        self._stats.packets += 1
        return (packet,)
