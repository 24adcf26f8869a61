"""The values that flow between the rooms: frozen, without behaviour of their own.

    Exchange + Frame   left edge: what a capture reader or the live addon saw
    Observation        what the decoder understood: Handshake | Connect | Event | Disconnect
    Diagnostic         what it could not understand, with its place

A frame is the unit of transport, an observation the unit of meaning. `wire/` has the packets that lie between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, StrEnum
from typing import Any, Final, TypeAlias

import msgspec

Json: TypeAlias = Any
"""A decoded argument: JSON's values, with `bytes` where a binary attachment stood."""


class Direction(StrEnum):
    """Who sent it."""

    C2S = "c2s"
    S2C = "s2c"


OTHER: Final = {Direction.C2S: Direction.S2C, Direction.S2C: Direction.C2S}
"""Who is spoken to by each."""


class Transport(StrEnum):
    """The Engine.IO transport that carried it."""

    POLLING = "polling"
    WEBSOCKET = "websocket"


class Absent(Enum):
    """The type of `ABSENT`, which says that a value was not sent at all (`None` is JSON's null)."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class Origin(msgspec.Struct, frozen=True, gc=False, order=True):
    """Where something was seen: a capture, its entry and the frame in it, each counted from 0.

    `entry` is the position of the HTTP exchange in the capture (an entry of a HAR, a flow of a flow file); `frame` the
    position of a WebSocket message in that entry, None for an HTTP body.
    """

    source: str
    entry: int | None = None
    frame: int | None = None

    def message(self, number: int) -> Origin:
        """That of a WebSocket message of the exchange seen here."""
        return Origin(self.source, self.entry, number)

    def moved(self, source: str, entries: int) -> Origin:
        """The same place where the entries of that capture are counted from so many earlier."""
        if self.source != source or self.entry is None:
            return self
        return Origin(self.source, self.entry + entries, self.frame)

    def __str__(self) -> str:
        """`chat.har entry 12 frame 3`."""
        entry = "" if self.entry is None else f" entry {self.entry}"
        frame = "" if self.frame is None else f" frame {self.frame}"
        return f"{self.source}{entry}{frame}"


class Server(msgspec.Struct, frozen=True, gc=False, order=True):
    """A Socket.IO server as its clients address it: two paths on a host are two servers."""

    secure: bool
    host: str
    """Host name in lower case, with the port where it is not the scheme's own."""
    path: str
    """Path of the Engine.IO endpoint, with both slashes: `/socket.io/`."""


class Exchange(msgspec.Struct, frozen=True, eq=False, weakref=True):
    """One HTTP exchange: a request with its response, or a WebSocket from its handshake to its end.

    All frames of the exchange share the one instance: identity is what tells exchanges apart.
    """

    url: str
    """As captured, save what is no UTF-8 (as in headers); scheme `ws`, `wss`, `http` or `https`."""
    method: str
    request_headers: tuple[tuple[str, str], ...]
    """Names in lower case, in the order sent; empty where the capture was sanitised."""
    response_headers: tuple[tuple[str, str], ...]
    status: int | None
    """HTTP status; None where no response was seen."""
    transport: Transport
    """WEBSOCKET where the connection was (or asked to be) upgraded, else POLLING: any other HTTP exchange too."""
    started: float | None
    """Seconds since the epoch."""
    origin: Origin


class Frame(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What one side handed to the transport at once: a WebSocket message or an HTTP body.

    `data` is `str` for a WebSocket text message, `bytes` for a binary one and for HTTP bodies: content encodings
    (gzip, base64 of a HAR, permessage-deflate) are already undone, the protocol's own are not.
    """

    exchange: Exchange
    direction: Direction
    time: float | None
    """Seconds since the epoch: when the body began to leave (c2s) or had arrived (s2c); None where unknown."""
    data: str | bytes
    number: int | None = None
    """Of a WebSocket message, its position among the exchange's."""

    @property
    def origin(self) -> Origin:
        """Where it was seen."""
        of = self.exchange.origin
        return of if self.number is None else of.message(self.number)


class Handshake(msgspec.Struct, frozen=True, gc=False):
    """A session was seen to open, or (in a capture that starts later) to be under way."""

    session: int
    """A 63-bit hash of the server and the sid: the same in any capture of that session, telling nothing of the sid."""
    server: Server
    protocol: int
    """Engine.IO protocol: 3 or 4."""
    parser: str
    transport: Transport
    query: tuple[tuple[str, str], ...]
    """The application's own query parameters, in the order sent; Engine.IO's own are left out."""
    headers: tuple[tuple[str, str], ...]
    time: float | None
    origin: Origin


class Connect(msgspec.Struct, frozen=True, gc=False):
    """A namespace was asked for and, unless `accepted` is None, answered."""

    session: int
    server: Server
    namespace: str
    accepted: bool | None
    auth: Json | Absent
    """CONNECT's payload (protocol 5) or its query string as an object (protocol 4), without recovery's own keys."""
    error: Json | Absent
    """Payload of CONNECT_ERROR (protocol 5) or ERROR (protocol 4)."""
    time: float | None
    origin: Origin


class Disconnect(msgspec.Struct, frozen=True, gc=False):
    """A side left a namespace."""

    session: int
    server: Server
    namespace: str
    direction: Direction
    time: float | None
    origin: Origin


class Event(msgspec.Struct, frozen=True, gc=False):
    """An event with the acknowledgement that answered it.

    It is made when the answer came, or when none will be waited for any longer.
    """

    session: int
    server: Server
    namespace: str
    direction: Direction
    """Of the event; its acknowledgement travels the other way."""
    name: str
    args: Sequence[Json]
    ack_asked: bool
    ack: Sequence[Json] | None
    """Arguments of the acknowledgement; None where none was seen."""
    latency: float | None
    """Seconds from the event to its acknowledgement, where both times are known."""
    size: int
    """Characters of the packet's text plus bytes of its attachments."""
    time: float | None
    origin: Origin


Observation: TypeAlias = Handshake | Connect | Disconnect | Event


class Diagnostic(msgspec.Struct, frozen=True, gc=False):
    """Something in a capture or on the wire that could not be taken as it stood.

    `code` is stable and in kebab-case (`ack-without-event`); `message` says what was met, without quoting a value from
    traffic.
    """

    code: str
    message: str
    origin: Origin


Report: TypeAlias = Callable[[Diagnostic], None]
"""Where a reader or decoder puts its diagnostics."""

Wanted: TypeAlias = Callable[[Exchange], bool]
"""Whether the frames of an exchange are wanted: a reader asks once for each."""
