"""Inputs that are right, small, and of every kind: cut out of the recordings where there are some, else made by hand.

A fuzzer starts at them, so each is cut to some hundred bytes: mutations then meet structure rather than texts.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgpack
from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader, FlowWriter

from infer import DocumentOptions, captures, dump, infer, state
from infer.catalog import Catalog
from infer.limits import Limits
from infer.model import Connect, Direction, Event, Frame, Origin, Server, Transport
from infer.wire.address import address_of

RECORDINGS: Final = Path(__file__).resolve().parents[2] / "recordings"
_SHORT: Final = 400
"""Bytes of a frame that is taken into a seed."""
_STORED: Final = 1 << 16
"""Bytes that a stored block of a gzip holds."""
_PLACED: Final = '{"_placeholder":true,"num":0}'
HAR: Final = json.dumps(
    {"log": {"version": "1.2", "creator": {"name": "WebInspector"}, "entries": [
        {"startedDateTime": "2024-01-01T00:00:00.000Z", "request": {"method": "GET", "url": "wss://h/socket.io/?EIO=4&transport=websocket", "headers": []},
         "response": {"status": 101, "headers": []}, "_webSocketMessages": [{"type": "send", "time": 1.5, "opcode": 1, "data": '42["a",1]'}]},
    ]}},
).encode()  # fmt: skip


@cache
def _recorded(pattern: str = "*") -> list[Frame]:
    """All frames of some recordings."""
    return [
        frame
        for path in sorted(RECORDINGS.glob(pattern))
        if path.suffix in {".har", ".mitm", ".jsonl", ".zip", ".gz"}
        for frame in captures.read(path, wanted=lambda _: True, report=lambda _: None)
    ]


def _protocol(frame: Frame) -> int:
    return 3 if ("EIO", "3") in address_of(frame.exchange.url).query else 4


def _bytes(frame: Frame) -> bytes:
    return frame.data if isinstance(frame.data, bytes) else frame.data.encode("utf-8", "surrogatepass")


def _distinct(made: Iterator[bytes], most: int) -> list[bytes]:
    return list(dict.fromkeys(made))[:most]


def _kinds(frames: Iterator[Frame]) -> Iterator[Frame]:
    """A few frames of each beginning, since most are alike."""
    seen: dict[tuple[int, bytes], int] = {}
    for frame in frames:
        data = _bytes(frame)
        key = (_protocol(frame), data[:3])
        seen[key] = seen.get(key, 0) + 1
        if 0 < len(data) <= _SHORT and seen[key] <= 2:
            yield frame


def payloads() -> list[bytes]:
    """Polling bodies and messages, after a byte that says which protocol."""
    found = (bytes([0x7F + (_protocol(frame) == 4)]) + _bytes(frame) for frame in _kinds(iter(_recorded())))
    by_hand = [b"\0" + '12:42["€","😀"]10:b4AQIDBA=='.encode(), b"\0\0\1\1\xff" + b'42["first"]' + b"\1\5\xff\4\1\2\3\4"]
    return [*_distinct(found, 150), *by_hand]


def scripts() -> list[bytes]:
    """JSONP's answers and forms."""
    found = (_bytes(frame) for frame in _recorded("legacy-jsonp*") if _bytes(frame)[:2] in (b"__", b"d=") and len(frame.data) < 2 * _SHORT)
    return [*_distinct(found, 20), b'___eio[0]("42[\\"first\\"]");', b"d=11%3A42%5B%22first%22%5D", b'/**/___eio[1]("\\ud83d\\ude00");']


def messages() -> list[bytes]:
    """Socket.IO's packets of every parser, after a byte that says which protocol."""
    socket = (frame for frame in _recorded() if frame.exchange.transport is Transport.WEBSOCKET)
    found = (bytes([0x7F + (_protocol(frame) == 4)]) + (_bytes(frame)[1:] if isinstance(frame.data, str) else _bytes(frame)) for frame in _kinds(socket))
    by_hand = [
        b"\xff2/admin,17" + b'["name",{"a":[1,2.5,null,true]}]',
        b"\xff51-" + f'["up",{_PLACED}]'.encode(),
        b'\xff{"type":2,"nsp":"/","data":["first",{"type":"Buffer","data":[1,2]}],"id":3}',
        b"\xff" + msgpack.packb({"type": 2, "nsp": "/", "data": ["first", b"\x01", msgpack.ExtType(0, b"1"), msgpack.Timestamp(1, 1)], "id": 1}),
        b"\xff" + msgpack.packb({"type": 0, "nsp": "/a", "data": {"sid": "x", "pid": "y"}}),
        b"\x000/admin?token=x",
    ]
    return [*_distinct(found, 150), *by_hand]


def conversation(frames: list[Frame]) -> bytes:
    """Frames in the notation of `targets.frames_of`."""
    made = []
    for frame in frames:
        polling = frame.exchange.transport is Transport.POLLING
        kind = (_protocol(frame) & 1 ^ 1) | (8 * (frame.direction is Direction.S2C)) | 16 * polling | 32 * isinstance(frame.data, bytes)
        made.append(bytes([kind]) + _bytes(frame))
    return b"\0\0".join(made)


def conversations() -> list[bytes]:
    """Some frames of each recording's begin, and of its middle."""
    made = []
    for path in sorted(RECORDINGS.iterdir()):
        frames = [frame for frame in _recorded(path.name) if 0 < len(frame.data) <= _SHORT] if path.is_file() else []
        for start in (0, len(frames) // 3, len(frames) // 2):
            made += [conversation(frames[start : start + size]) for size in (4, 10)]
    by_hand = [
        b'\x01451-7["up",' + _PLACED.encode() + b"]\0\0\x21\1\2\3\4\0\0\x0b437[1]",
        b'\x0b0{"sid":"abc","upgrades":[],"pingInterval":1,"pingTimeout":1}\0\0\x0b40{"sid":"x","pid":"y"}\0\0\x0b42["a","off"]\0\0\x0142["a",{"b":[]}]',
        b'\x0142["$ref",{"__proto__":1,"<<":2,"a/b~c":[null,1.5,"x"]}]\0\0\x0142["$ref",[],{}]\0\0\x0140/x,{"token":"t"}\0\0\x0944/x,{"message":"no"}',
    ]
    return [each for each in dict.fromkeys([*made, *by_hand]) if each]


def hars() -> list[bytes]:
    """Recorded HARs, cut to a few entries with few messages and headers."""
    made = [HAR, HAR.replace(b'"opcode": 1', b'"opcode": 2'), json.dumps(json.loads(HAR), indent=1).encode()]
    for path in sorted(RECORDINGS.glob("*.har*")):
        raw = path.read_bytes()
        document: dict[str, Any] = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
        made += [json.dumps(_small_har(document, start)).encode() for start in (0, 2)]
    return made


def _small_har(document: dict[str, Any], start: int) -> dict[str, Any]:
    entries = []
    for entry in document["log"]["entries"][start : start + 2]:
        small = {key: value for key, value in entry.items() if key in {"startedDateTime", "time", "_resourceType"}}
        for side in ("request", "response"):
            small[side] = {**entry[side], "headers": entry[side].get("headers", [])[:2], "cookies": []}
        if "_webSocketMessages" in entry:
            small["_webSocketMessages"] = entry["_webSocketMessages"][:3]
        entries.append(small)
    return {"log": {"version": "1.2", "creator": document["log"].get("creator", {}), "entries": entries}}


def flows() -> list[bytes]:
    """Recorded flow files, cut to a flow with few messages."""
    made = []
    for path in sorted(RECORDINGS.glob("*.mitm")):
        with path.open("rb") as file:
            for number, flow in enumerate(FlowReader(file).stream()):
                assert isinstance(flow, HTTPFlow)
                if flow.websocket is not None:
                    flow.websocket.messages = flow.websocket.messages[:3]
                if number > 3 and flow.websocket is None:
                    continue
                written = io.BytesIO()
                FlowWriter(written).add(flow)  # type: ignore[no-untyped-call]
                made.append(written.getvalue())
    return [*made[:6], made[0] + made[-1]]


def devtools() -> list[bytes]:
    """The recorded log's lines, a few at a time; as an array too."""
    lines = (RECORDINGS / "office.cdp.jsonl").read_bytes().splitlines(keepends=True)
    short = [line for line in lines if len(line) < 2 * _SHORT]
    groups = [short[at : at + 6] for at in range(0, min(len(short), 36), 6)]
    return [*(b"".join(group) for group in groups), b"[" + b",".join(line.strip() for line in groups[0]) + b"]"]


def gzips() -> list[bytes]:
    """What is packed, and what is packed already."""
    return [b"\0" + HAR, b"\xff" + gzip.compress(HAR, mtime=0), b"\xff" + gzip.compress(gzip.compress(HAR)), b"\xff" + 2 * gzip.compress(HAR)]


def zips() -> list[bytes]:
    """Playwright's recording; a small one; members by name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.har", HAR)
        archive.writestr("a/c.txt", "text")
    attached = HAR.replace(b'"headers": []}, "_web', b'"headers": [], "content": {"_file": "x.txt"}}, "_none')
    return [
        b"\xff" + (RECORDINGS / "poll-playwright.zip").read_bytes(), b"\xff" + packed.getvalue(),
        b"\0a.har\n" + HAR, b"\0../../a.har\n" + attached, b"\0c.jsonl\n" + devtools()[0], b"\0d.mitm\n" + flows()[0],
    ]  # fmt: skip


_ASK: Final = b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: h\r\n\r\n"
_UPGRADE: Final = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
_SWITCH: Final = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


def connections() -> list[bytes]:
    """A connection's segments, `>` before the client's and `<` before the server's."""
    packed = gzip.compress(b'42["a",1]', mtime=0)
    zipped = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
    deflated = _SWITCH[:-2] + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    asked = _UPGRADE[:-2] + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    parts = [
        [b">" + _ASK, b'<HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n42["a",1]', b">" + _ASK, b"<" + zipped],
        [b">POST" + _ASK[3:-2] + b"Content-Length: 2\r\n\r\n2p", b"<HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"],
        [b">" + _UPGRADE, b"<" + _SWITCH + b"\x81\x0242", b">\x81\x82\0\0\0\x004\x32", b"<\x01\x0142\x80\x01a", b"<\x88\0"],
        [b">" + asked, b"<" + deflated + b"\xc1\x07\x32\x31\x8a\x56\x4a\x04\x00", b"<\x82\x01\x01"],
        [b">" + _ASK, b"<HTTP/1.0 200 OK\r\n\r\nuntil the end"],
        [b">CONNECT h:80 HTTP/1.0\r\n\r\n", b"<HTTP/1.1 200 OK\r\n\r\n", b">" + _ASK, b'<HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n42["a",1]'],
        [b">CONNECT h:443 HTTP/1.0\r\n\r\n\x16\x03\x01\x01\x58\x01\0\0", b"<HTTP/1.1 200 OK\r\n\r\n\x16\x03\x03"],
        [b"<HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n2p", b">" + _ASK, b'<HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n42["a",1]'],
    ]
    return [b"\0\0\0\0".join(each) for each in parts]


def tshark_lines() -> list[bytes]:
    """What tshark prints of segments (see `pcapng._FIELDS`), and of what it decrypted."""
    asked, answered = _ASK.hex(), b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n42["a",1]'.hex()
    line = "{}.5\t0\t{}\t\t{}\t{}\t\t{}\t{}\t1\t{}\n"
    segments = line.format(1, "10.0.0.1", 5000, "10.0.0.2", 80, 1, asked) + line.format(2, "10.0.0.2", 80, "10.0.0.1", 5000, 1, answered)
    hello = line.format(3, "10.0.0.1", 5001, "10.0.0.2", 443, 1, "160301") + line.format(4, "10.0.0.3", 5001, "10.0.0.2", 80, 1, "8105")
    followed = "peers:\n  - peer: 0\n    host: h\npackets:\n  - packet: 1\n    peer: 0\n    timestamp: 1.5\n    data: !!binary |\n      R0VUIC8=\n"
    late = line.format(1, "10.0.0.1", 5000, "10.0.0.2", 80, 9, asked[16:]) + line.format(2, "10.0.0.1", 5000, "10.0.0.2", 80, 1, asked[:16])
    return [segments.encode(), hello.encode(), followed.encode(), late.encode()]


def packets() -> list[bytes]:
    """A packet capture of one segment on Ethernet."""
    tcp = struct.pack("!HHIIBBHHH", 5000, 80, 1, 1, 0x50, 0x18, 1000, 0, 0) + _ASK
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
    whole = b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + ip + tcp
    return [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + struct.pack("<IIII", 1, 0, len(whole), len(whole)) + whole]


def documents() -> list[bytes]:
    """What is inferred from the smaller recordings, in each version and form; and words that we do not write."""
    made = []
    for name in ("poll-playwright.zip", "ticker-recovery.har"):
        catalog = infer([str(RECORDINGS / name)])
        for version in ("3.0.0", "2.6.0"):
            document = catalog.to_asyncapi(DocumentOptions(version=version))
            made += [dump(document).encode(), dump(document, "json").encode()]
    by_hand = [
        """\
asyncapi: 3.0.0
info: {title: T, version: '1', x-sio-infer: {perspective: client}}
servers: {s: {host: h, pathname: /x/, protocol: ws, protocolVersion: 4}}
channels:
  a: {address: /a, messages: {m: {name: on, payload: &p {type: object, properties: {no: {$ref: '#/components/schemas/A'}}}}, n: {payload: *p}}}
operations:
  o: {action: send, channel: {$ref: '#/channels/a'}, messages: [{$ref: '#/channels/a/messages/m'}], reply: {channel: {$ref: '#/channels/a'}}}
components: {schemas: {A: {allOf: [{$ref: '#/components/schemas/A'}, {type: [integer, 'null'], minimum: 1}], nullable: true}}}
""",
        """\
asyncapi: 2.6.0
info: {title: T, version: '1'}
channels:
  /a:
    x-auth: {type: object}
    publish: {message: {oneOf: [{name: m, x-ack: {args: {type: array, prefixItems: [{type: string}]}}, traits: [{name: n}], payload: true}]}}
    subscribe: {message: {messageId: k, schemaFormat: application/schema+json, payload: {type: array, items: [{const: 1}], additionalItems: false}}}
""",
    ]
    return [each for each in [*made, *(text.encode() for text in by_hand)] if len(each) < 4_096]


@cache
def catalogs() -> list[bytes]:
    """The content of states of the smaller recordings, of one that holds all that a state may, and of none."""
    found = [infer([str(RECORDINGS / name)]) for name in ("poll-playwright.zip", "ticker-recovery.har", "files-websocket.har")]
    every = Catalog(Limits(nesting=3))
    for number in range(24):
        kind = ("open", "close", "move")[number % 3]
        args: list[Any] = [
            {"type": kind, "status": kind, "at": "2026-01-01", "of": {f"a{number}@b.test": 1, str(number): {"x": 0.5}}, f"key {kind}": None},
            [kind, number, {"deep": [[{}]]}], [[1], [2, 3]], b"x", {f"to:c{number}@d.test": True},
        ]  # fmt: skip
        server = Server(secure=True, host="a.test", path="/socket.io/")
        origin = Origin("made")
        every.add(
            Event(
                number, server, "/", Direction.C2S, f"room:{number}", args[number % 2 :], ack_asked=True,
                ack=[{"error": kind}] if number % 4 else ["ok"], latency=0.1, size=9, time=1.0, origin=origin,
            )
        )  # fmt: skip
        every.add(Connect(number, server, "/", number % 2 == 0, {"mode": kind}, {"message": kind}, 2.0, origin))
    return [state.pack(each) for each in (*found, every, Catalog())]


def states() -> list[bytes]:
    """The content of states, and a whole state."""
    return [*(each for each in catalogs() if len(each) < _STORED), state.encode(state.unpack(catalogs()[0]))]


def forgeries() -> list[bytes]:
    """Each a catalog's number, then edits of four bytes each."""
    chance = random.Random(5)
    return [bytes([number % 4, *chance.randbytes(4 * (1 + number % 8))]) for number in range(64)]


def baselines() -> list[bytes]:
    """A baseline with an entry."""
    from infer.diff.finding import fingerprint  # noqa: PLC0415 (of this seed alone)

    entry = {"rule": "c2s-arg-required-added", "namespace": "/a", "event": "b", "direction": "c2s", "slot": "args[0]", "expires": "2027-01-31"}
    mark = fingerprint("c2s-arg-required-added", "/a", "b", Direction.C2S, "args[0]", "", "")
    return [json.dumps({"version": 1, "entries": [{"fingerprint": mark, **entry}]}).encode(), b'{"version":1,"entries":[]}']


def configs() -> list[bytes]:
    """A configuration with all that it may hold."""
    own = b'[diff]\nfail-on = "error"\ncompat = "backward"\nmin-coverage = 80\nbaseline = "b.json"\n[diff.rules]\n"s2c-*" = "info"\n'
    own += b'[[diff.ignore]]\nnamespace = "/a"\nevent = "d:*"\npointer = "args[0]/x"\nreason = "r"\nexpires = 2027-01-31\n'
    return [own, own.replace(b"[diff", b"[tool.sio-infer.diff").replace(b"[[diff", b"[[tool.sio-infer.diff")]
