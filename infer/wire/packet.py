"""The values of this room: packets of both layers, and what stands where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import msgspec

from infer.model import ABSENT, Absent, Direction, Json, Origin, Transport

if TYPE_CHECKING:
    from infer.wire.session import Session


class EngineType(IntEnum):
    """Engine.IO packet types, the same in protocols 3 and 4."""

    OPEN = 0
    CLOSE = 1
    PING = 2
    PONG = 3
    MESSAGE = 4
    UPGRADE = 5
    NOOP = 6


class SocketType(IntEnum):
    """Socket.IO packet types; what is CONNECT_ERROR since protocol 5 was ERROR before."""

    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6


ENGINE_TYPES: Final = tuple(EngineType)
SOCKET_TYPES: Final = tuple(SocketType)


class Fault(msgspec.Struct, frozen=True, gc=False):
    """Why bytes are no packet: a code of `infer.wire.diagnostics` and a sentence without any value."""

    code: str
    message: str


class EnginePacket(msgspec.Struct, frozen=True, gc=False):
    """One Engine.IO packet; `bytes` is a binary message."""

    type: EngineType
    data: str | bytes


class SocketPacket(msgspec.Struct, frozen=True, gc=False):
    """One Socket.IO packet as a parser gives it.

    `attachments` is how many binary messages must follow before `data` is whole; placeholders stand in for them.
    """

    type: SocketType
    namespace: str = "/"
    id: int | None = None
    data: Json | Absent = ABSENT
    attachments: int = 0
    query: str | None = None
    """Query string of the namespace in a CONNECT of protocol 4."""
    note: Fault | None = None
    """Something about a packet that could be decoded all the same."""


class Packet(msgspec.Struct, frozen=True, eq=False, gc=False, kw_only=True):
    """A packet where and when it was seen, its attachments put in place.

    `type` is None for Engine.IO's own packets. `args` are an event's arguments without its name, or an
    acknowledgement's; `data` the payload of CONNECT and CONNECT_ERROR.
    """

    session: Session
    transport: Transport
    direction: Direction
    time: float | None
    origin: Origin
    engine: EngineType
    type: SocketType | None = None
    namespace: str = "/"
    event: str | None = None
    args: Sequence[Json] | None = None
    id: int | None = None
    data: Json | Absent = ABSENT
    attachments: tuple[int, ...] = ()
    """Sizes in bytes."""
    size: int = 0
    """Characters of the text plus bytes of the attachments."""
    offset: str | None = None
    """Connection state recovery's offset, which the server appended to the arguments and which is not one of them."""
