"""One session: what is known of it, and the binary packets whose attachments are still to come.

A session is known by its server and its sid, whatever connections and transports carry it. Within one WebSocket and
within one HTTP body packets stand in order; across them only their times tell. So a header whose attachments are not
in the same body, and attachments without a header, wait as fragments until they can be put together in order of time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Final

import msgspec

from infer.model import Direction, Exchange, Frame, Json, Server
from infer.wire import jsontext
from infer.wire.packet import Fault, SocketPacket

_CONTAINERS: Final = (list, dict)

SessionKey = int
"""What the decoder knows a session by: see `key_of`; below 0 where no sid was seen."""

Place = tuple[int, Direction]
"""A WebSocket, or an HTTP body while it is read, by the identity of its exchange; and who speaks."""

Recovery = Mapping[str, bool]
"""Whether the server offers connection state recovery, by namespace; absent where its CONNECT was not seen."""


@lru_cache(maxsize=1024)
def _shared(recovery: tuple[tuple[str, bool], ...]) -> Recovery:
    """Most sessions of a server have the same: it is held once."""
    return dict(recovery)


class Partial(msgspec.Struct):
    """A packet whose attachments are coming in."""

    packet: SocketPacket
    frame: Frame
    size: int
    """Characters of its text plus bytes of the attachments so far."""
    attachments: list[bytes] = msgspec.field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether all attachments are there."""
        return len(self.attachments) >= self.packet.attachments

    def add(self, attachment: bytes) -> None:
        """Take the next attachment in."""
        self.attachments.append(attachment)
        self.size += len(attachment)

    def close(self) -> None:
        """Have nothing in place of the attachments that did not come: all else that it says was said."""
        self.attachments += [b""] * (self.packet.attachments - len(self.attachments))


class Fragment(msgspec.Struct):
    """A header that waits (`partial`), or an attachment without one (`binary`)."""

    frame: Frame
    partial: Partial | None = None
    binary: bytes = b""

    @property
    def bytes(self) -> int:
        """How much memory it holds, about."""
        return len(self.binary) if self.partial is None else self.partial.size


class Knowledge(msgspec.Struct, frozen=True):
    """What must be known of a session to decode its further frames."""

    parser: str | None
    recovery: Recovery


class Session(msgspec.Struct, eq=False):
    """What is known of one session. Thousands are followed, most of which wait for nothing and hold nothing of their own."""

    id: int
    """See `infer.model.Handshake.session`."""
    key: SessionKey
    """What the decoder knows it by."""
    server: Server
    protocol: int
    """Of Engine.IO."""
    opened: bool = False
    """Whether its open packet was seen."""
    announced: bool = False
    """Whether its handshake was given out as an observation."""
    parser: str | None = None
    heard: float = 0.0
    """Time of its latest frame in seconds since the epoch; 0 where none had a time."""
    opening: Exchange | None = None
    """The exchange that opened it; where that was not captured, the earliest that was. None once it is of no more use."""
    recovery: Recovery = msgspec.field(default_factory=lambda: _shared(()))
    due: bool = False
    """Whether its handshake may be given out: it was opened, and has spoken since."""
    told: Knowledge | None = None
    """What earlier frames, fed to another decoder, say of it."""
    guessed: bool = False
    """Whether a packet was taken as it was for want of knowing the parser or the recovery: seen elsewhere, they could tell."""
    _partials: dict[Place, Partial] | None = None
    _fragments: dict[Direction, list[Fragment]] | None = None

    def move(self, moved: Callable[[Exchange], Exchange]) -> None:
        """Have been seen in what those exchanges are elsewhere."""
        if self.opening is not None:
            self.opening = moved(self.opening)
        for fragment in self.fragments:
            fragment.frame = msgspec.structs.replace(fragment.frame, exchange=moved(fragment.frame.exchange))
            if fragment.partial is not None:
                fragment.partial.frame = fragment.frame

    def note(self, exchange: Exchange, *, handshake: bool) -> None:
        """Take the exchange for the opening one where it is, or where none earlier is known."""
        if handshake:
            self.opening, self.opened = exchange, True
        elif not self.opened and (self.opening is None or _before(exchange, self.opening)):
            self.opening = exchange

    def join(self, later: Session) -> None:
        """Take in what was learned of the same session from frames that come later."""
        known = self.opening
        if (known is None and not self.opened) or (later.opened and not self.due):
            self.opening, self.opened = later.opening, later.opened
        elif not self.opened and known is not None and later.opening is not None and _before(later.opening, known):
            self.opening = later.opening
        self.due |= later.due
        self.announced |= later.announced
        if later.parser not in (None, "json") or self.parser is None:
            self.parser = later.parser
        self.learn_recovery(later.recovery)
        self.heard = max(self.heard, later.heard)

    @property
    def knowledge(self) -> Knowledge:
        """What frames of this session are decoded by."""
        return Knowledge(self.parser, self.recovery)

    @property
    def is_named(self) -> bool:
        """Whether it has a sid, by which other frames can be told to be of it."""
        return self.key >= 0

    def learn_recovery(self, more: Recovery) -> None:
        """Know of recovery in these namespaces, too."""
        self.recovery = _shared(tuple({**self.recovery, **more}.items()))

    def partial(self, place: Place) -> Partial | None:
        """The packet that is not whole yet at that place, if there is one."""
        return self._partials.get(place) if self._partials else None

    def begin(self, place: Place, partial: Partial) -> None:
        """Have a packet there that is not whole yet."""
        if self._partials is None:
            self._partials = {}
        self._partials[place] = partial

    def end(self, place: Place) -> Partial | None:
        """Take out the packet there."""
        if self._partials is None:
            return None
        partial = self._partials.pop(place, None)
        self._partials = self._partials or None
        return partial

    def end_all(self) -> list[Partial]:
        """Take out all packets that are not whole yet."""
        partials, self._partials = self._partials, None
        return list(partials.values()) if partials else []

    @property
    def fragments(self) -> list[Fragment]:
        """All that wait."""
        return [fragment for waiting in (self._fragments or {}).values() for fragment in waiting]

    def wait(self, fragment: Fragment) -> list[Fragment]:
        """Put a fragment beside those of its direction, which are given, in the order seen."""
        if self._fragments is None:
            self._fragments = {}
        waiting = self._fragments.setdefault(fragment.frame.direction, [])
        waiting.append(fragment)
        return waiting

    def fragments_until(self, until: float | None) -> list[list[Fragment]]:
        """Take out the fragments not later than `until` (None: all): those of each direction in order of time."""
        due: list[list[Fragment]] = []
        left: dict[Direction, list[Fragment]] = {}
        for direction, fragments in (self._fragments or {}).items():
            fragments.sort(key=lambda fragment: (fragment.frame.time is None, fragment.frame.time or 0.0))
            due.append([fragment for fragment in fragments if _is_due(fragment, until)])
            if len(due[-1]) < len(fragments):
                left[direction] = [fragment for fragment in fragments if not _is_due(fragment, until)]
        self._fragments = left or None
        return due


def _is_due(fragment: Fragment, until: float | None) -> bool:
    """Whether it is not later than that; what has no time never is."""
    time = fragment.frame.time
    return until is None or time is None or time <= until


def place_of(frame: Frame) -> Place:
    """Where that was said, and by whom."""
    return id(frame.exchange), frame.direction


def _before(exchange: Exchange, other: Exchange) -> bool:
    if exchange.started is None or other.started is None:
        return False
    return exchange.started < other.started


def session_id(server: Server, sid: str) -> int:
    """A 63-bit hash: the same in every capture, and no way back to the sid, which is a credential."""
    text = f"{server.host}{server.path}\x00{sid}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") >> 1


@lru_cache(maxsize=8)
def key_of(server: Server, sid: str) -> SessionKey:
    """The session's id, and whether it is of the secure server of that host: of a thousand sids none need be held."""
    return session_id(server, sid) << 1 | server.secure


def fill(data: Json, attachments: list[bytes]) -> Json | Fault:
    """The data with each placeholder `{"_placeholder": true, "num": n}` replaced by its attachment.

    A fault where one points to no attachment, or where the data is too deep.
    """
    try:
        return _filled(data, attachments)
    except IndexError:
        return Fault("placeholder-invalid", "a placeholder points to no attachment of its packet")
    except RecursionError:
        return jsontext.TOO_DEEP


def _filled(value: Json, attachments: list[bytes]) -> Json:
    if isinstance(value, list):
        return [_filled(item, attachments) if isinstance(item, _CONTAINERS) else item for item in value]
    if isinstance(value, dict):
        if value.get("_placeholder") is True:
            number = value.get("num")
            if not isinstance(number, int) or isinstance(number, bool) or number < 0:
                raise IndexError
            return attachments[number]
        return {key: _filled(item, attachments) if isinstance(item, _CONTAINERS) else item for key, item in value.items()}
    return value


def in_order(fragments: list[Fragment]) -> Iterator[Partial | Fragment]:
    """Put fragments together: partials that are whole or must stay without, and attachments that no header claimed.

    `fragments` are of one direction, in order of time. A partial that is not whole and comes last may yet be filled.
    """
    partial: Partial | None = None
    for fragment in fragments:
        if fragment.partial is not None:
            if partial is not None:
                yield partial
            partial = fragment.partial
        elif partial is not None:
            partial.add(fragment.binary)
        else:
            yield fragment
        if partial is not None and partial.whole:
            yield partial
            partial = None
    if partial is not None:
        yield partial
