"""Engine.IO: frames and polling payloads to packets, protocols 3 and 4.

The law: pure functions of one frame. Each gives packets and, in the place of what is none, faults; nothing raises.

Sources: docs/engine.io-protocol/v3.md and v4-current.md in socketio/socket.io. Three dialects of protocol 3's text
payload are met in practice, which differ in what a length counts: UTF-16 code units of the text (JavaScript 2.x),
characters of a text that was encoded to UTF-8 twice (JavaScript 1.x, which amounts to the same count once it is decoded
once), bytes (python-engineio 3). The lengths of a payload must land on its end exactly; the unit that does is the one,
and where none does, the one that goes further.

python-engineio's `Payload` is not used: it refuses more than 16 packets, reads one wrong packet out of a protocol 3
text payload, raises at a binary or JSONP one, and parses messages that begin with a brace as JSON, whose text is lost.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from infer.model import Direction, Frame
from infer.wire.packet import ENGINE_TYPES, EnginePacket, EngineType, Fault

SEPARATOR: Final = b"\x1e"
"""Protocol 4: "The packets are concatenated with the record separator character"."""

Decoded = EnginePacket | Fault

_NO_PACKET: Final = Fault("packet-invalid", "an Engine.IO packet begins with a type from 0 to 6")
_NO_BASE64: Final = Fault("base64-invalid", "a binary packet is not base64")
_NO_UTF8: Final = Fault("utf8-invalid", "a packet's text is not UTF-8")
_NO_LENGTH: Final = Fault("payload-length", "the lengths of a payload do not add up")
_EMPTY: Final = Fault("packet-invalid", "an empty Engine.IO packet")
_ALPHABET: Final = bytes.maketrans(b"-_", b"+/")
"""Base64's other alphabet, which netty-socketio writes, to the usual one. Node reads both."""
_BREAKS: Final = b"\r\n"
"""What the Java client puts into base64 after every 76 characters, and at its end. Node passes over it."""
_MAX_LENGTH_DIGITS: Final = 10
_LENGTH: Final = {1: re.compile(rb"([0-9]{1,10}):"), 2: re.compile(rb"((?:[0-9]\x00){1,10}):\x00")}
"""A length and its colon, by the width in bytes of what it counts: UTF-8's bytes, UTF-16's code units."""
_SURE: Final = 10_000
"""Packets after which a unit that fitted all of them is taken for the one."""


def nothing_in(frame: Frame) -> str | None:
    """Why an HTTP body holds no packet by the protocol's own rules; None where it may hold one."""
    exchange = frame.exchange
    if not frame.data:
        return "empty"
    if exchange.status is not None and exchange.status != 200:
        return "http-status"
    if frame.direction is Direction.S2C and exchange.method == "POST":
        return "post-answer"  # `ok`, or Python's `OK`
    return None


def decode_message(data: str | bytes, protocol: int) -> Decoded:
    """The packet of a WebSocket message.

    Protocol 4 sends binary as it is; protocol 3 puts the packet type before it as a byte, and as `b4` + base64 where
    the client asked for text only.
    """
    if isinstance(data, str):
        return _text_packet(data, protocol)
    if protocol >= 4:
        return EnginePacket(EngineType.MESSAGE, data)
    if not data:
        return _EMPTY
    return EnginePacket(ENGINE_TYPES[data[0]], data[1:]) if data[0] < 7 else _NO_PACKET


def decode_payload(data: bytes, protocol: int) -> Iterator[Decoded]:
    """The packets of a polling body."""
    if protocol >= 4:
        return _records(data)
    if data[:1] in (b"\x00", b"\x01") and b"\xff" in data[1 : _MAX_LENGTH_DIGITS + 2]:
        return _framed(data)
    return _lengths(data)


def texts(data: bytes, protocol: int, most: int) -> list[str] | None:
    """What each packet of a polling body would be as a WebSocket message; None where there are more, or not all are text messages.

    In protocol 4 what is no packet is not told from one that is.
    """
    if protocol >= 4:
        if data.count(SEPARATOR) >= most:
            return None
        try:
            return data.decode().split(SEPARATOR.decode())
        except UnicodeDecodeError:
            return None
    found: list[str] = []
    for decoded in decode_payload(data, protocol):
        if len(found) >= most or isinstance(decoded, Fault) or isinstance(decoded.data, bytes) or decoded.type is not EngineType.MESSAGE:
            return None
        found.append(f"4{decoded.data}")
    return found


def _text_packet(text: str, protocol: int) -> Decoded:
    if not text:
        return _EMPTY
    kind = text[0]
    if "0" <= kind <= "6":
        return EnginePacket(ENGINE_TYPES[ord(kind) - 48], text[1:])
    if kind == "b":
        return _base64_packet(text, protocol)
    return _NO_PACKET


def _base64_packet(text: str, protocol: int) -> Decoded:
    """`b` + base64 in protocol 4; `b`, the type, base64 in protocol 3."""
    kind, start = EngineType.MESSAGE, 1
    if protocol < 4:
        if not "0" <= text[1:2] <= "6":
            return _NO_PACKET
        kind, start = ENGINE_TYPES[ord(text[1]) - 48], 2
    try:
        encoded = text[start:].encode().translate(_ALPHABET, _BREAKS).rstrip(b"=")  # of which Node, too, takes any number
        return EnginePacket(kind, base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True))
    except (binascii.Error, ValueError):
        return _NO_BASE64


def _records(data: bytes) -> Iterator[Decoded]:
    """Protocol 4: each record stands for itself, so one that is no packet costs no other."""
    at = 0
    while at >= 0:
        stop = data.find(SEPARATOR, at)
        record = data[at:] if stop < 0 else data[at:stop]
        at = stop + 1 if stop >= 0 else -1
        try:
            yield _text_packet(record.decode(), 4)
        except UnicodeDecodeError:
            yield _NO_UTF8


def _framed(data: bytes) -> Iterator[Decoded]:
    """Protocol 3's binary payload: 0 (text) or 1 (binary), the length's digits as bytes of their own value, 0xff."""
    at, end = 0, len(data)
    while at < end:
        stop = data.find(b"\xff", at + 1, at + _MAX_LENGTH_DIGITS + 2)
        digits = data[at + 1 : stop]
        if data[at] > 1 or stop < 0 or not digits or max(digits) > 9:
            yield _NO_LENGTH
            return
        length = int("".join(map(str, digits)))
        body = data[stop + 1 : stop + 1 + length]
        if len(body) < length:
            yield _NO_LENGTH
            return
        if data[at] == 1:
            yield decode_message(body, 3)
        else:
            try:
                yield _text_packet(body.decode(), 3)
            except UnicodeDecodeError:
                yield _NO_UTF8
        at = stop + 1 + length


def _lengths(data: bytes) -> Iterator[Decoded]:
    """Protocol 3's text payload: a length, a colon, a packet.

    A byte that is no UTF-8 counts as one unit of either kind, and costs the packet that it stands in.
    """
    whole, width, encoding, doubled = data, 1, "utf-8", False
    if not data.isascii():
        units = data.decode("utf-8", "surrogateescape").encode("utf-16-le", "surrogatepass")
        reached = _reach(units, 2)
        # where both fit it is bytes: longer units leap over packets, shorter ones must meet a length at each landing
        if reached / len(units) > _reach(data, 1) / len(data):
            whole, width, encoding = units, 2, "utf-16-le"
            doubled = _is_doubled(units[:reached].decode("utf-16-le", "surrogatepass"))
    stop = 0
    for start, stop in _spans(whole, width):
        try:
            packet = whole[start:stop].decode(encoding)
            yield _text_packet(packet.encode("latin-1").decode() if doubled else packet, 3)
        except UnicodeDecodeError:
            yield _NO_UTF8
    if stop < len(whole):
        yield _NO_LENGTH


def _reach(whole: bytes, width: int) -> int:
    """How far the lengths of a text payload account for it if they count units of that width."""
    spans = list(islice(_spans(whole, width), _SURE))
    return len(whole) if len(spans) == _SURE else spans[-1][1] if spans else 0


def _spans(whole: bytes, width: int) -> Iterator[tuple[int, int]]:
    """Where the packets lie in a text payload whose units are `width` bytes, as far as the lengths are right."""
    at, end, length = 0, len(whole), _LENGTH[width]
    while at < end:
        found = length.match(whole, at)
        if found is None:
            return
        start = found.end()
        at = start + int(found[1][::width]) * width
        if at > end or at == start:
            return
        yield start, at


def _is_doubled(text: str) -> bool:
    """Whether JavaScript 1.x encoded a payload to UTF-8 once more before it was sent as text.

    Text that is all in Latin-1 and, taken as bytes, is UTF-8 with something in it that is not ASCII, was encoded twice;
    the chance that people wrote all of such a payload is that of mojibake.
    """
    try:
        text.encode("latin-1").decode()
    except UnicodeError:
        return False
    return True
