"""Socket.IO parsers: a message of Engine.IO to a packet of Socket.IO.

Three are built in; another comes in by the entry point group `sio_infer.parsers`: a callable without arguments that
returns a `Parser`. `auto` lets each try in turn, since the content tells them apart: the default parser's packets begin
with a digit, the JSON parser's with a brace, and MessagePack's are binary messages that no packet announced. The first
that gives a packet has it; where none does, the first that knew the message for a broken one of its own says why.

python-socketio's `Packet` decodes well-formed packets as the official parser does, and is the encoder that the tests
hold this room to. It is not the decoder, because a listener cannot choose what it hears: the class accepts types
beyond 6, events without a name, reserved names and 99,999,999 attachments, raises IndexError and TypeError at bad
placeholders, and drops the query string of a namespace.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Final, Protocol

import msgpack
import msgspec

from infer.errors import UsageError
from infer.limits import Limits
from infer.model import ABSENT, Absent, Json
from infer.wire import jsontext
from infer.wire.packet import SOCKET_TYPES, Fault, SocketPacket, SocketType

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP: Final = "sio_infer.parsers"
AUTO: Final = "auto"


class Parser(Protocol):
    """What turns a message into a Socket.IO packet. It keeps no state: attachments are put in place by the session."""

    name: str

    def decode(self, message: str | bytes, protocol: int, limits: Limits) -> SocketPacket | Fault | None:
        """The packet of an Engine.IO message; a fault where it is a broken one of this parser; None where it is none.

        `protocol` is Engine.IO's: 4 carries Socket.IO protocol 5, 3 carries its 3 and 4. It should not raise; what a
        plugged-in parser raises is taken for a fault.
        """


_WITH_LIST: Final = (SocketType.EVENT, SocketType.ACK, SocketType.BINARY_EVENT, SocketType.BINARY_ACK)

RESERVED: Final = frozenset({"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"})
"""Names that Socket.IO keeps for itself (packages/socket.io-parser/lib/index.ts); older protocols sent them."""


def check(packet: SocketPacket, protocol: int) -> SocketPacket | Fault:
    """The packet where its payload is one that its type may have, else the fault.

    From `isPayloadValid` of the official parser; protocol 4 and older check nothing, but an event needs its name.
    """
    data, kind = packet.data, packet.type
    if kind in (SocketType.EVENT, SocketType.BINARY_EVENT):
        if not isinstance(data, list) or not data:
            return Fault("packet-invalid", "an event's payload is a list that begins with its name")
        name = data[0]
        if isinstance(name, bool) or not isinstance(name, str | int | float):
            return Fault("packet-invalid", "an event's name is a string or a number")
        if protocol >= 4 and name in RESERVED:
            return Fault("packet-invalid", "an event's name is one that Socket.IO reserves")
    elif kind in (SocketType.ACK, SocketType.BINARY_ACK):
        if not isinstance(data, list):
            return Fault("packet-invalid", "an acknowledgement's payload is a list")
        if packet.id is None:
            return Fault("packet-invalid", "an acknowledgement has an id")
    elif kind is SocketType.DISCONNECT:
        if data is not ABSENT and protocol >= 4:
            return Fault("packet-invalid", "a DISCONNECT has no payload")
    elif protocol >= 4 and data is not ABSENT:
        fits = isinstance(data, dict) or (kind is SocketType.CONNECT_ERROR and isinstance(data, str))
        if not fits:
            return Fault("packet-invalid", f"a {kind.name} carries an object")
    return packet


class DefaultParser:
    """`<type>[<attachments>-][<namespace>,][<id>]<JSON>` (docs/socket.io-protocol/v5-current.md in socketio/socket.io)."""

    name = "default"

    def decode(self, message: str | bytes, protocol: int, limits: Limits) -> SocketPacket | Fault | None:
        """See `Parser.decode`. A text that begins with no digit is not this parser's."""
        if isinstance(message, bytes) or not "0" <= message[:1] <= "9":
            return None
        kind = ord(message[0]) - 48
        if kind > 6:
            return Fault("packet-invalid", "a Socket.IO packet begins with a type from 0 to 6")
        at, attachments = 1, 0
        if kind >= 5:
            dash = message.find("-", 1, 12)
            if dash < 0 or not _is_number(message[1:dash]):
                return Fault("packet-invalid", "a binary packet begins with the number of its attachments")
            at, attachments = dash + 1, int(message[1:dash])
            if attachments > limits.attachments:
                return Fault("packet-invalid", "a packet claims more attachments than the limit `attachments`")
        namespace, query = "/", None
        if message.startswith("/", at):
            # the comma is missing in CONNECT and DISCONNECT of JavaScript 1.x and older Python
            comma = message.find(",", at)
            namespace, at = (message[at:comma], comma + 1) if comma >= 0 else (message[at:], len(message))
            namespace, asked, query = jsontext.mend(namespace).partition("?")
            query = query if asked else None
        start = at
        while at < len(message) and message[at] in "0123456789":
            at += 1
            if at - start > 20:
                return Fault("packet-invalid", "an acknowledgement id is beyond the limit `ack_id`")
        number = int(message[start:at]) if at > start else None
        if number is not None and number > limits.ack_id:
            return Fault("packet-invalid", "an acknowledgement id is beyond the limit `ack_id`")
        data: Json | Absent = ABSENT
        note = None
        if at < len(message):
            data, note = jsontext.parse(message[at:])
            if note is not None and note is not jsontext.LONE_SURROGATE:
                return note
        return check(SocketPacket(SOCKET_TYPES[kind], namespace, number, data, attachments, query, note), protocol)


class JsonParser:
    """A packet is one JSON object `{type, nsp, id, data}` (package socket.io-json-parser); Buffers are lists of bytes."""

    name = "json"

    def decode(self, message: str | bytes, protocol: int, limits: Limits) -> SocketPacket | Fault | None:
        """See `Parser.decode`. A text that begins with no brace is not this parser's."""
        return None if isinstance(message, bytes) else _json_packet(message, protocol, limits)


class MsgpackParser:
    """A packet is one MessagePack map `{type, nsp, id, data}` (packages: socket.io-msgpack-parser, notepack.io).

    Before protocol 5 it sent CONNECT, DISCONNECT and ERROR as JSON.
    """

    name = "msgpack"

    def decode(self, message: str | bytes, protocol: int, limits: Limits) -> SocketPacket | Fault | None:
        """See `Parser.decode`. What is no map at its first byte is not this parser's."""
        if isinstance(message, str):
            return _json_packet(message, protocol, limits) if protocol < 4 else None
        if not message or not (0x80 <= message[0] <= 0x8F or message[0] in (0xDE, 0xDF)):
            return None
        note = None
        try:
            try:
                value = unpacked(message, "strict")
            except UnicodeDecodeError:
                value, note = unpacked(message, "replace"), _NO_UTF8
        except RecursionError:
            return jsontext.TOO_DEEP
        except (ValueError, TypeError):  # msgpack's own errors are ValueErrors
            return Fault("msgpack-invalid", "a binary message is not MessagePack")
        return _packet_of(value, protocol, limits, note)


_NO_UTF8: Final = Fault("utf8-invalid", "a string of MessagePack is not UTF-8; it stands with U+FFFD in what follows")


def unpacked(message: bytes, errors: str = "strict") -> Json:
    """The value that JSON makes of a MessagePack document."""
    unpacked = msgpack.unpackb(
        message, raw=False, strict_map_key=False, unicode_errors=errors, ext_hook=_extension
    )
    return _as_json(unpacked)


def _json_packet(message: str, protocol: int, limits: Limits) -> SocketPacket | Fault | None:
    """The packet of a JSON object; None where the text begins with no brace."""
    if not message.startswith("{"):
        return None
    value, note = jsontext.parse(message)
    if note is not None and note is not jsontext.LONE_SURROGATE:
        return note
    try:
        value = _buffers(value)
    except RecursionError:
        return jsontext.TOO_DEEP
    return _packet_of(value, protocol, limits, note)


def _packet_of(value: Json, protocol: int, limits: Limits, note: Fault | None) -> SocketPacket | Fault:
    """The packet of the object that the JSON and the MessagePack parser send."""
    if not isinstance(value, dict):
        return Fault("packet-invalid", "a packet is an object")
    kind, namespace, number = value.get("type"), value.get("nsp"), value.get("id")
    if isinstance(kind, bool) or not isinstance(kind, int) or not 0 <= kind <= 6 or not isinstance(namespace, str):
        return Fault("packet-invalid", "a packet has a type from 0 to 6 and a namespace")
    if number is not None and (isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= limits.ack_id):
        return Fault("packet-invalid", "an acknowledgement id is no number within the limit `ack_id`")
    namespace, asked, query = namespace.partition("?")
    data = value.get("data", ABSENT)
    if data is None and SOCKET_TYPES[kind] not in _WITH_LIST:  # Python's servers say so where JavaScript's say nothing
        data = ABSENT
    packet = SocketPacket(SOCKET_TYPES[kind], namespace or "/", number, data, 0, query if asked else None, note)
    return check(packet, protocol)


def _buffers(value: Json) -> Json:
    """The value with Node's `{"type": "Buffer", "data": [...]}` as bytes."""
    if isinstance(value, list):
        return [_buffers(item) for item in value]
    if isinstance(value, dict):
        if len(value) == 2 and value.get("type") == "Buffer" and isinstance(value.get("data"), list):
            try:
                return bytes(value["data"])
            except (TypeError, ValueError):
                pass
        return {key: _buffers(item) for key, item in value.items()}
    return value


_UNDEFINED: Final = object()


def _extension(kind: int, data: bytes) -> Json:
    """notepack.io's extension type 0: one byte is `undefined`, eight a date in milliseconds, else an ArrayBuffer."""
    if kind == 0 and len(data) == 1:
        return _UNDEFINED
    if kind == 0 and len(data) == 8:
        return _iso(int.from_bytes(data, "big", signed=True))
    return data


def _iso(milliseconds: int) -> str | None:
    """A date as JavaScript's JSON writes it, null where it is beyond all dates."""
    try:
        date = datetime.fromtimestamp(milliseconds // 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return f"{date.replace(tzinfo=None).isoformat(timespec='seconds')}.{milliseconds % 1000:03}Z"


def _as_json(value: Json) -> Json:
    """What JSON makes of the same value: `undefined` is null in a list and nothing in an object, keys are strings."""
    if value is _UNDEFINED:
        return None
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    if isinstance(value, dict):
        return {_key(key): _as_json(item) for key, item in value.items() if item is not _UNDEFINED}
    if isinstance(value, msgpack.Timestamp):
        return _iso(value.seconds * 1000 + value.nanoseconds // 1_000_000)
    return value


def _key(key: object) -> str:
    return "undefined" if key is _UNDEFINED else jsontext.key_of(key)


def _is_number(digits: str) -> bool:
    return digits.isascii() and digits.isdigit()


BUILT_IN: Final[tuple[Parser, ...]] = (DefaultParser(), JsonParser(), MsgpackParser())


class PluggedIn:
    """A parser that others wrote: what it raises, or gives that is no packet, is a fault of the message."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self.name = parser.name

    def decode(self, message: str | bytes, protocol: int, limits: Limits) -> SocketPacket | Fault | None:
        """See `Parser.decode`."""
        try:
            found = self._parser.decode(message, protocol, limits)
            if found is None or isinstance(found, Fault):
                return found
            msgspec.convert(msgspec.structs.asdict(found), SocketPacket)
            if found.attachments <= limits.attachments:
                return check(found, protocol)
        except Exception as error:  # noqa: BLE001 (whatever it is, one message must not end the run)
            return Fault("parser-failed", f"the parser {self.name} raised {type(error).__name__}")
        return Fault("packet-invalid", "a packet claims more attachments than the limit `attachments`")


def entry_points(group: str) -> Iterable[EntryPoint]:
    """What installed distributions bring to that group.

    Mostly nothing, and to learn that from `importlib.metadata` takes as long as to read some captures: it is asked where one
    of the files that it reads has the group's name in it, or where there may be others.
    """
    if not any(_may_bring(place or ".", group.encode()) for place in sys.path) and not any(
        hasattr(finder, "find_distributions") for finder in sys.meta_path if finder is not PathFinder
    ):
        return ()
    from importlib import metadata  # noqa: PLC0415 (see above)

    return metadata.entry_points(group=group)


def _may_bring(place: str, group: bytes) -> bool:
    """Whether a distribution that is installed in a folder may have something in the group."""
    try:
        folders = [name for name in os.listdir(place) if name.lower().endswith(("dist-info", "egg-info"))]  # noqa: PTH208 (hundreds)
    except NotADirectoryError:
        return True  # an archive
    except OSError:
        return False
    for name in folders:
        with suppress(OSError), open(f"{place}/{name}/entry_points.txt", "rb") as file:  # noqa: PTH123 (as above)
            if group in file.read():
                return True
    return False


@cache
def plugged_in() -> tuple[Parser, ...]:
    """Parsers that other distributions bring. Errors: `UsageError` where one cannot be loaded."""
    found: list[Parser] = []
    for entry in entry_points(group=GROUP):
        try:
            parser = PluggedIn(entry.load()())
        except Exception as error:
            raise UsageError(
                f"the parser {entry.name!r} cannot be loaded: {type(error).__name__}",
                entry.value,
                "repair or uninstall the distribution that brings it",
            ) from error
        if parser.name in {AUTO, *(known.name for known in (*BUILT_IN, *found))}:
            raise UsageError(f"there are two parsers named {parser.name!r}", entry.value, "rename or uninstall one")
        found.append(parser)
    return tuple(found)


def named(name: str) -> Sequence[Parser]:
    """The parsers to try, in order: all for `auto`, else the one of that name. Errors: `UsageError`."""
    built_in = [parser for parser in BUILT_IN if parser.name == name]
    if built_in:
        return built_in
    every = (*BUILT_IN, *plugged_in())
    if name == AUTO:
        return every
    chosen = [parser for parser in every if parser.name == name]
    if not chosen:
        known = ", ".join([AUTO, *(parser.name for parser in every)])
        raise UsageError(f"there is no parser {json.dumps(name)}", hint=f"known: {known}")
    return chosen
