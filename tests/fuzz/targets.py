"""Whatever takes bytes that a stranger made, as functions of bytes: the one list that the short and the long run share.

The law of each: it returns, soon, whatever the bytes are; of exceptions only `SioInferError` is met, and only where one
is announced. `tests/fuzz/run.py` drives them by atheris, for as long as one likes; `test_targets.py` by a fixed seed, for
some seconds.
"""

from __future__ import annotations

import atexit
import gzip
import io
import json
import math
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import msgspec
import yaml

from infer import DocumentOptions, captures, dump, state
from infer.asyncapi.reader import read as read_contract
from infer.asyncapi.references import Documents
from infer.captures import pcapng
from infer.captures.http1 import Connection
from infer.catalog import Catalog
from infer.diff import baseline, config
from infer.errors import SioInferError, SpecError
from infer.model import Diagnostic, Direction, Exchange, Frame, Origin, Transport
from infer.templates import public
from infer.wire import MEANINGS, Correlator, Decoder, Fault, Limits, engineio, jsonp, jsontext
from infer.wire.parsers import named
from tests.fuzz import seeds

LIMITS: Final = Limits(
    frame_bytes=1 << 16, packets_per_payload=200, attachments=8, sessions=4, pending_per_session=8, fragments_per_session=8,
    fragment_bytes=1 << 12, packet_bytes=1 << 14,
)  # fmt: skip
"""Low, so that short inputs come past them."""
SEPARATOR: Final = b"\0\0"
"""Between the frames of an input; a frame is a byte that says of what kind it is, then its data."""


@dataclass(frozen=True)
class Target:
    """A function that must stand any bytes, and bytes that it takes."""

    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    rooms: tuple[str, ...]
    """The modules that it is there for, below `infer/`: coverage is counted over them."""
    longest: int = 4_096
    slow: bool = False
    """Whether each execution starts a program."""


# --- decoders


def _engineio(data: bytes) -> None:
    protocol = 3 + (data[:1] > b"\x7f")
    for packet in engineio.decode_payload(data[1:], protocol):
        _ = packet.message if isinstance(packet, Fault) else packet.data
    engineio.decode_message(data[1:], protocol)
    engineio.decode_message(data[1:].decode("utf-8", "surrogateescape"), protocol)


def _jsonp(data: bytes) -> None:
    jsonp.unwrap_answer(data)
    jsonp.unwrap_form(data)
    jsontext.parse(data.decode("utf-8", "surrogateescape"))


def _parsers(data: bytes) -> None:
    """As text and as bytes, by both generations; what comes can be written as JSON and as UTF-8."""
    protocol = 3 + (data[:1] > b"\x7f")
    for message in (data[1:], data[1:].decode("utf-8", "surrogateescape")):
        for parser in named("auto"):
            packet = parser.decode(message, protocol, LIMITS)
            if packet is not None and not isinstance(packet, Fault):
                _writable(packet.namespace)


def _writable(text: str) -> None:
    public(text).encode()


_POLLING: Final = "http://h/socket.io/?EIO={}&transport=polling&sid={}"
_WEBSOCKET: Final = "ws://h/socket.io/?EIO={}&transport=websocket&sid={}"


def frames_of(data: bytes) -> list[Frame]:
    """Frames of four sessions on both transports, as `seeds.conversation` writes them."""
    made: list[Frame] = []
    sockets: dict[tuple[int, int], Exchange] = {}
    for number, chunk in enumerate(data.split(SEPARATOR)[:64]):
        kind, rest = chunk[0] if chunk else 0, chunk[1:]
        protocol, sid = 3 + (kind & 1), kind >> 1 & 3
        direction = Direction.S2C if kind & 8 else Direction.C2S
        origin = Origin("made", number)
        if kind & 16:
            method = "GET" if kind & 8 else "POST"
            url = _POLLING.format(protocol, sid)
            of = Exchange(url, method, (), (), 200, Transport.POLLING, float(number), origin)
            made.append(Frame(of, direction, float(number), rest))
            continue
        socket = sockets.get((protocol, sid))
        if socket is None:
            url = _WEBSOCKET.format(protocol, sid)
            socket = sockets[protocol, sid] = Exchange(url, "GET", (), (), 101, Transport.WEBSOCKET, float(number), origin)
        text = rest if kind & 32 else rest.decode("utf-8", "surrogateescape")
        made.append(Frame(socket, direction, float(number), text, 0))
    return made


def observed(data: bytes) -> Catalog:
    """The catalog of an input's frames: each frame counted once, each diagnostic a known one."""
    diagnostics: list[Diagnostic] = []
    catalog = Catalog()
    decoder = Decoder(report=diagnostics.append, limits=LIMITS)
    correlator = Correlator(report=diagnostics.append, limits=LIMITS)
    for frame in frames_of(data):
        for packet in decoder.feed(frame):
            for observation in correlator.feed(packet):
                catalog.add(observation)
    for packet in decoder.settle():
        for observation in correlator.feed(packet):
            catalog.add(observation)
    for observation in correlator.settle():
        catalog.add(observation)
    stats = decoder.stats
    assert stats.frames == stats.decoded + stats.diagnosed + stats.ignored.total(), "a frame was lost"
    assert {diagnostic.code for diagnostic in diagnostics} <= MEANINGS.keys()
    return catalog


def _decoder(data: bytes) -> None:
    observed(data)


def _document(data: bytes) -> None:
    """From frames to a document and back: the text is YAML, is UTF-8, and says what the document says."""
    catalog = observed(data)
    again = state.decode(state.encode(catalog))
    assert again == catalog
    document = catalog.to_asyncapi(DocumentOptions())
    text = dump(document)
    text.encode()
    assert yaml.safe_load(text) == json.loads(dump(document, "json"))
    read_contract(_documents(text), "made.yml")


# --- readers


@cache
def _file() -> Path:
    folder = tempfile.mkdtemp(prefix="sio-infer-fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder) / "capture"


def _capture(data: bytes) -> None:
    """A file, whatever it is taken for: some frames and located diagnostics, or one error."""
    path = _file()
    path.write_bytes(data)
    diagnostics: list[Diagnostic] = []
    with suppress(SioInferError):
        for frame in captures.read(path, wanted=lambda _: True, report=diagnostics.append):
            assert isinstance(frame.data, str | bytes)
            assert frame.time is None or math.isfinite(frame.time)
    for diagnostic in diagnostics:
        assert diagnostic.code
        assert diagnostic.message


def _gzip(data: bytes) -> None:
    """What a gzip holds, and (where the first byte says so) bytes that are the gzip."""
    _capture(data[1:] if data[:1] > b"\x7f" else gzip.compress(data[1:], 1, mtime=0))


def _zip(data: bytes) -> None:
    """Bytes that are the zip, or a zip whose one member they are, with a name that they begin with."""
    if data[:1] > b"\x7f":
        _capture(data[1:])
        return
    packed = io.BytesIO()
    name, _, content = data[1:].partition(b"\n")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name.decode("utf-8", "replace")[:200] or "a.har"), content)
        archive.writestr("b.har", seeds.HAR)
    _capture(packed.getvalue())


def _http1(data: bytes) -> None:
    """One connection's bytes, in segments of both sides."""
    entries = count()
    diagnostics: list[Diagnostic] = []
    connection = Connection("made", ("http", "h"), lambda: next(entries), lambda _: True, lambda _: None, diagnostics.append)
    for number, chunk in enumerate(data.split(SEPARATOR * 2)):
        side = Direction.S2C if chunk[:1] == b"<" else Direction.C2S
        for _ in connection.feed(side, chunk[1:], float(number)):
            pass
    for _ in connection.end(1e9):
        pass


def _tshark(data: bytes) -> None:
    """Lines as tshark prints them, of segments and of what it decrypted."""
    reader = pcapng._Reader("tshark", Path("made"), "made", lambda _: True, lambda _: None)
    for line in data.splitlines(keepends=True):
        for _ in reader._segment(line):
            pass
    while reader._streams:
        for _ in reader._close(*reader._streams.popitem()):
            pass
    for messages in pcapng._followed(io.BytesIO(data)):
        assert messages
        for _ in reader._opened(messages):
            pass


# --- documents and files of ours


def _documents(text: str) -> Documents:
    def read(name: str) -> str:
        if name != "made.yml":
            raise SpecError("no such file", name)
        return text

    return Documents(read)


def _contract(data: bytes) -> None:
    """A document, as YAML or JSON, and all its schemas."""
    text = data.decode("utf-8", "replace")
    with suppress(SpecError):
        contract = read_contract(_documents(text), "made.yml")
        for namespace in contract.namespaces.values():
            for event in namespace.events.values():
                for one in event.args.alternatives:
                    one.schema()


def _state(data: bytes) -> None:
    """A state with a right envelope and any content, and the bytes as they are."""
    for content in (_enveloped(data), data):
        with suppress(SioInferError):
            _is_a_catalog(state.decode(content))


def _forged(data: bytes) -> None:
    """A state with a right envelope, in which things of other kinds stand, or of other places, where the bytes say."""
    documents = seeds.catalogs()
    document = [msgspec.msgpack.decode(documents[data[0] % len(documents)] if data else documents[0])]
    for at in range(1, min(len(data), 33) - 3, 4):
        places = list(_places(document))
        holder, key = places[int.from_bytes(data[at : at + 2], "little") % len(places)]
        how = data[at + 2]
        if how < 64:
            other, there = places[data[at + 3] * len(places) // 256]
            holder[key] = msgspec.msgpack.decode(msgspec.msgpack.encode(other[there]))
        elif how < 96 and isinstance(holder, dict):
            holder[PLANTED[data[at + 3] % len(PLANTED)]] = holder.pop(key)
        else:
            holder[key] = deepcopy(FORGED[data[at + 3] % len(FORGED)])
    packed = msgspec.msgpack.encode(document[0])
    if len(packed) > 0xFFFF:  # more than a stored block holds
        return
    try:
        catalog = state.decode(_enveloped(packed))
    except SioInferError:
        return
    _is_a_catalog(catalog)
    text = dump(catalog.to_asyncapi(DocumentOptions(examples=2)))
    hosts = {server.host for server in catalog.servers}  # where the application is, is for all to see
    assert not [secret for secret in PLANTED[1:] if secret in text and secret not in hosts]


PLANTED: Final = ("^(a+)+$", "ann@secret.example", "ghp_0123456789abcdefABCDEF", "4111 1111 1111 1111")
FORGED: Final[tuple[Any, ...]] = (
    None, True, False, -1, 0, 1, 2, 1 << 40, (1 << 64) - 1, 0.5, math.nan, math.inf, "", "type", "string", "uuid", b"", [], {}, [[]], [1, {}], {"": []},
    [[], {}], [[5], {"string": [1, "", {"on": [1, [5]]}]}], [[5, -1], {"null": 1}], [None, [1, [], []]], *PLANTED,
)  # fmt: skip


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Wherever in a document something may be put, by what holds it."""
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        for key, item in holder.items() if isinstance(holder, dict) else enumerate(holder):
            yield holder, key
            if isinstance(item, dict | list):
                waiting.append(item)


def _is_a_catalog(catalog: Catalog) -> None:
    """Whatever it was taken from, it is read, written, and merged as any."""
    catalog.to_asyncapi(DocumentOptions())
    written = state.encode(catalog)
    again = state.decode(written)
    assert again == catalog
    again.merge(state.decode(written))
    again.to_asyncapi(DocumentOptions())
    assert state.decode(state.encode(again)) == again


def _enveloped(data: bytes) -> bytes:
    body = _stored(data)
    return b"sio-infer state 1 sha256:%b\n" % sha256(body).hexdigest().encode() + body


def _stored(data: bytes) -> bytes:
    """A gzip of stored blocks, which costs nothing to make."""
    size = len(data).to_bytes(2, "little")
    flipped = (0xFFFF ^ len(data)).to_bytes(2, "little")
    tail = crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little")
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x01" + size + flipped + data + tail


def _baseline(data: bytes) -> None:
    with suppress(SioInferError):
        made = baseline.parse(data, "made.json")
        assert baseline.parse(baseline.dump(made), "made.json").entries is not None


def _config(data: bytes) -> None:
    for name in ("sio-infer.toml", "pyproject.toml"):
        with suppress(SioInferError):
            config.parse(data.decode("utf-8", "replace"), name)


def _captures_of(*names: str) -> tuple[str, ...]:
    return tuple(f"captures/{name}.py" for name in names)


TARGETS: Final[dict[str, Target]] = {
    "engineio": Target(_engineio, seeds.payloads, ("wire/engineio.py",), 512),
    "jsonp": Target(_jsonp, seeds.scripts, ("wire/jsonp.py", "wire/jsontext.py"), 512),
    "parsers": Target(_parsers, seeds.messages, ("wire/parsers.py", "wire/jsontext.py"), 512),
    "decoder": Target(_decoder, seeds.conversations, ("wire/decoder.py", "wire/correlator.py", "wire/session.py", "wire/recovery.py"), 2_048),
    "document": Target(_document, seeds.conversations, ("schema/*.py", "asyncapi/*.py", "catalog.py", "state.py"), 1_024),
    "har": Target(_capture, seeds.hars, _captures_of("har", "har_entry", "scan", "elements", "shapes")),
    "flows": Target(_capture, seeds.flows, _captures_of("flows")),
    "devtools": Target(_capture, seeds.devtools, _captures_of("devtools")),
    "gzip": Target(_gzip, seeds.gzips, _captures_of("source", "sniff")),
    "zip": Target(_zip, seeds.zips, _captures_of("archive")),
    "http1": Target(_http1, seeds.connections, _captures_of("http1"), 2_048),
    "tshark": Target(_tshark, seeds.tshark_lines, _captures_of("pcapng", "tcp"), 2_048),
    "pcapng": Target(_capture, seeds.packets, _captures_of("pcapng"), slow=True),
    "contract": Target(_contract, seeds.documents, ("asyncapi/source.py", "asyncapi/references.py", "asyncapi/reader.py", "asyncapi/schemas.py")),
    "state": Target(_state, seeds.states, ("state.py", "schema/*.py", "bounded.py")),
    "forged": Target(_forged, seeds.forgeries, ("state.py", "schema/*.py", "bounded.py"), 33),
    "baseline": Target(_baseline, seeds.baselines, ("diff/baseline.py",), 1_024),
    "config": Target(_config, seeds.configs, ("diff/config.py",), 1_024),
}  # fmt: skip


def words() -> Iterator[bytes]:
    """What formats and protocols are made of, for mutations to use."""
    yield from (
        b"\x1e", b"\xff", b"\0", b"\0\0", b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\u0000", b"\\ud800", b"\xed\xa0\x80", b"b4", b"null",
        b"NaN", b"Infinity", b"1e999", b"-0", b"9" * 25, b'{"_placeholder":true,"num":0}', b'"__proto__"', b'"$ref"', b"451-", b"42", b"43", b"40/a,",
        b"44", b"0{", b"___eio[0](", b"d=", b"log", b"entries", b"_webSocketMessages", b'"opcode":2', b'"encoding":"base64"', b"_file", b"response",
        b"&a ", b"*a", b"<<: ", b"!!python/object/apply:os.system ", b"---\n", b"\t", b"\r\n", b"allOf", b"oneOf", b"prefixItems", b"#/channels/a",
        b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Upgrade: websocket\r\n", b"\x81\x85", b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06",
        b"\xdf\xff\xff\xff\xff", b"\xdd\xff\xff\xff\xff", b"\xc7\xff\x00", b"\xd7\xff", b"\x91" * 2_000, b"[" * 2_000, b'{"a":' * 500, b"- " * 500,
    )  # fmt: skip


