"""Packet captures (pcapng, pcap) to frames, through Wireshark's tshark.

tshark reads the file and finds the TCP segments in whatever carries them; from there on it is `tcp` and `http1`. Its own
dissection of WebSockets is not used: of 40,000 messages that came close together it gave 18,000, and made up others
(version 4.0, whose tree of layers ends at some depth). What is encrypted is read where the capture holds the secrets.

A connection is read from its first request or response on, wherever in it that lies: captures begin when they like, and
segments come out of order. Until then only segments of which the first are missing are held, some of them.
"""

from __future__ import annotations

import binascii
import os
import re
import shutil
import subprocess
import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import IO, Final, TypeAlias

import msgspec

from infer.captures.begins import Begin, begin_of, looks_like_websocket
from infer.captures.http1 import Connection, Unread
from infer.captures.tcp import Pipe
from infer.errors import CaptureError
from infer.model import OTHER, Diagnostic, Direction, Frame, Origin, Report, Wanted

MAX_CONNECTIONS: Final = 10_000
"""Followed at once; the one that was silent longest is closed."""
_FOLLOWED: Final = 200
"""Encrypted connections that one run of tshark decrypts: it reads the whole file each time."""
MAX_HELD: Final = 64 << 10
"""Bytes of a connection that may come before its first: a window's worth; of more, the latest are held."""
_HELD_SEGMENTS: Final = 64
"""The same in segments."""
_FIRST: Final = 1
"""Sequence number of a side's first byte: tshark's numbers are relative, also where the begin was not captured."""
_FIELDS: Final = (
    "frame.time_epoch", "tcp.stream", "ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport", "tcp.seq", "tcp.ack", "tcp.len", "tcp.payload",
)  # fmt: skip
_INSTALL: Final = "install Wireshark's tshark (Debian: apt install tshark; macOS: brew install wireshark), or record with mitmdump -w"
_SECRETS: Final = "put their secrets into the capture (editcap --inject-secrets tls,KEYLOG), or record with mitmproxy"
_START: Final = "start the capture first"
_AGAIN: Final = "capture them again, without a limit on packets or their size"
_WHOLE: Final = "capture them again, whole (tcpdump -s 0)"
_PROXY: Final = "record with mitmproxy, or a HAR with the browser"
_SIDES: Final = {Begin.REQUEST: Direction.C2S, Begin.RESPONSE: Direction.S2C}
"""Of HTTP/1's begins, who says them."""

End: TypeAlias = tuple[str, str]
"""Address and port."""


class _Segment(msgspec.Struct, frozen=True):
    """What a side sent at once."""

    source: End
    target: End
    at: int
    """The sequence number of its first byte."""
    expected: int
    """That of the byte that it waits for."""
    data: bytes


class _Reading(msgspec.Struct):
    """A connection that is read."""

    connection: Connection
    speaker: End
    """Who said what it is read from on, and is that side; all else is the other one."""
    side: Direction
    pipes: dict[Direction, Pipe]

    def side_of(self, segment: _Segment) -> Direction:
        return self.side if segment.source == self.speaker else OTHER[self.side]


class _Stream(msgspec.Struct):
    """A TCP connection of the capture."""

    reading: _Reading | None = None
    held: list[_Segment] = msgspec.field(default_factory=list)
    """What was sent behind a side's first bytes, until these come."""
    begun: bool = False
    """Whether those came, and are no begin of HTTP."""
    missed: bool = False
    """Whether some of what was sent is not read."""
    ignored: bool = False
    """Whether it holds nothing that can be read here."""


def frames(path: Path, name: str, *, wanted: Wanted, report: Report) -> Iterator[Frame]:
    """The frames of a packet capture. Errors: `CaptureError` where tshark is absent or can read nothing of it."""
    tshark = shutil.which("tshark")
    if tshark is None:
        raise CaptureError("a packet capture is read through tshark, which is not installed", name, _INSTALL)
    yield from _Reader(tshark, path, name, wanted, report).frames()


class _Reader:
    def __init__(self, tshark: str, path: Path, name: str, wanted: Wanted, report: Report) -> None:
        self._tshark = tshark
        self._path = path
        self._name = name
        self._wanted = wanted
        self._report = report
        self._entries = count()
        self._streams: OrderedDict[str, _Stream] = OrderedDict()
        self._encrypted: dict[str, None] = {}  # in order
        self._closed = 0
        self._http2 = 0
        self._headless = 0
        self._cut = 0
        self._time = 0.0

    def frames(self) -> Iterator[Frame]:
        fields = [part for name in _FIELDS for part in ("-e", name)]
        off = [part for name in ("http", "tls", "websocket") for part in ("--disable-protocol", name)]
        options = ["-T", "fields", *fields, "-E", "occurrence=f", "-Y", "tcp.len > 0", *off, "-o", "tcp.desegment_tcp_streams:FALSE"]
        with self._running(*options) as lines:
            for line in lines:
                yield from self._segment(line)
        while self._streams:
            yield from self._close(*self._streams.popitem(last=False))
        numbers = list(self._encrypted)
        for first in range(0, len(numbers), _FOLLOWED):
            yield from self._decrypted(numbers[first : first + _FOLLOWED])
        self._sum_up(len(numbers))

    def _sum_up(self, encrypted: int) -> None:
        """Tell of connections that could not be read; of other protocols there may be thousands."""
        if self._closed:
            self._tell("capture-encrypted", f"of {encrypted} encrypted connections {self._closed} cannot be decrypted: {_SECRETS}")
        if self._http2:
            self._tell("capture-http2", f"HTTP/2, which is not read from packet captures (connections that speak it: {self._http2}): {_PROXY}")
        if self._headless:
            self._tell("capture-incomplete", f"packets are missing at the begin of connections, which are not read (of them: {self._headless}): {_AGAIN}")
        if self._cut:
            self._tell("capture-cut", f"packets are cut off, so that what follows is not read (of them: {self._cut}): {_WHOLE}")

    def _unopened(self) -> None:
        self._tell("connection-unopened", f"a connection is read from its first request on, what it carried before is not: {_START}")

    def _tell(self, code: str, message: str) -> None:
        self._report(Diagnostic(code, message, Origin(self._name)))

    # --- segments

    def _segment(self, line: bytes) -> Iterator[Frame]:
        parts = line.rstrip(b"\r\n").decode("ascii", "replace").split("\t")
        try:
            moment, number, *ends, sequence, expected, length, payload = parts
            source4, source6, source_port, target4, target6, target_port = ends
            self._time, data = float(moment), binascii.unhexlify(payload.replace(":", ""))
            source, target = (source4 or source6, source_port), (target4 or target6, target_port)
            segment = _Segment(source, target, int(sequence), int(expected), data)
            self._cut += len(data) < int(length)
        except ValueError:
            return
        stream = self._streams.get(number)
        if stream is None:
            stream = self._streams[number] = _Stream()
            if len(self._streams) > MAX_CONNECTIONS:
                yield from self._close(*self._streams.popitem(last=False))
        self._streams.move_to_end(number)
        if stream.ignored:
            return
        if stream.reading is not None:
            yield from self._read(stream.reading, segment)
            return
        begin = begin_of(data)
        if begin in _SIDES:
            yield from self._begin(stream, number, segment, _SIDES[begin])
        elif begin is Begin.OTHER:
            self._pass(stream, segment)
        else:
            self._unread(number, begin)
            stream.ignored = True
            stream.held.clear()

    def _begin(self, stream: _Stream, number: str, segment: _Segment, side: Direction) -> Iterator[Frame]:
        """Read a connection from this segment on: of the other side, from what it waits for on."""
        server = segment.target if side is Direction.C2S else segment.source
        connection = self._connection("http", _host(*server), lambda begin: self._unread(number, begin))
        pipes = {side: Pipe(segment.at), OTHER[side]: Pipe(segment.expected)}
        stream.reading = reading = _Reading(connection, segment.source, side, pipes)
        held, stream.held = stream.held, []
        if stream.missed or any(pipes[reading.side_of(one)].is_past(one.at) for one in held):
            self._unopened()
        for one in (segment, *held):
            yield from self._read(reading, one)

    def _read(self, reading: _Reading, segment: _Segment) -> Iterator[Frame]:
        side = reading.side_of(segment)
        pipe = reading.pipes[side]
        fresh = pipe.feed(segment.at, segment.data)
        if pipe.lost:
            reading.connection.give_up(side, "packets of it are missing")
        if fresh:
            yield from reading.connection.feed(side, fresh, self._time)

    def _pass(self, stream: _Stream, segment: _Segment) -> None:
        """A segment that is not the begin of anything: held where the begin may still come."""
        if segment.at == _FIRST:
            if not stream.begun and looks_like_websocket(segment.data):
                self._tell("websocket-unopened", f"a connection whose begin was not captured, so that its address is unknown: {_START}")
                stream.ignored = True
            stream.begun = stream.missed = True
            stream.held.clear()
        elif not stream.begun:
            stream.held.append(segment)
            while len(stream.held) > _HELD_SEGMENTS or sum(len(one.data) for one in stream.held) > MAX_HELD:
                del stream.held[0]
                stream.missed = True

    def _unread(self, number: str, begin: Begin) -> None:
        """A connection that is not HTTP/1.1 as it stands."""
        if begin is Begin.TLS:
            self._encrypted[number] = None
        elif begin is Begin.HTTP2:
            self._http2 += 1

    def _connection(self, scheme: str, server: str, unread: Unread) -> Connection:
        return Connection(self._name, (scheme, server), lambda: next(self._entries), self._wanted, unread, self._report)

    def _close(self, _number: str, stream: _Stream) -> Iterator[Frame]:
        if stream.reading is None:
            self._headless += not stream.begun and not stream.ignored
            return
        for side, pipe in stream.reading.pipes.items():
            if pipe.waiting:
                stream.reading.connection.give_up(side, "packets of it are missing")
        yield from stream.reading.connection.end(self._time)

    # --- encrypted connections

    def _decrypted(self, numbers: list[str]) -> Iterator[Frame]:
        """What tshark can decrypt of these connections with the secrets in the capture or in its own preferences."""
        self._closed += len(numbers)
        asked = [part for number in numbers for part in ("-z", f"follow,tls,yaml,{number}")]
        with self._running("-q", *asked) as lines:
            for messages in _followed(lines):
                self._closed -= 1
                yield from self._opened(messages)

    def _opened(self, messages: list[_Message]) -> Iterator[Frame]:
        """A decrypted connection, from its first request or response on."""
        begins = ((place, begin_of(data)) for place, (_, _, data) in enumerate(messages))
        start, begin = next((one for one in begins if one[1] is not Begin.OTHER), (0, Begin.OTHER))
        if begin not in _SIDES:
            self._unread_inside(begin)
            return
        if start:
            self._unopened()
        speaker, side = messages[start][0], _SIDES[begin]
        connection = self._connection("https", "", self._unread_inside)
        for peer, self._time, data in messages[start:]:
            yield from connection.feed(side if peer == speaker else OTHER[side], data, self._time)
        yield from connection.end(self._time)

    def _unread_inside(self, begin: Begin) -> None:
        """A decrypted connection, or a tunnel in one, that is not HTTP/1.1 as it stands."""
        self._closed += begin is Begin.TLS
        self._http2 += begin is Begin.HTTP2

    # --- the process

    @contextmanager
    def _running(self, *options: str) -> Iterator[IO[bytes]]:
        """Tshark's output, while it runs. Errors: `CaptureError` where it failed."""
        command = [self._tshark, "-r", os.path.abspath(self._path), "-n", *options]  # noqa: PTH100 (a name that begins with -)
        with tempfile.TemporaryFile() as said, subprocess.Popen(  # noqa: S603 (the program of that name, no shell)
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
        ) as process:
            assert process.stdout is not None
            try:
                yield process.stdout
                failed = process.wait() != 0
            except BaseException:
                process.kill()
                raise
            if failed:
                said.seek(0)
                self._failed(said.read(20_000).decode(errors="replace"))

    def _failed(self, said: str) -> None:
        """Tshark ends with an error at a capture that was cut short, having read what there is."""
        if "cut short" in said:
            self._tell("capture-truncated", "the packet capture ends early")
            return
        lines = [line for line in said.splitlines() if line.startswith("tshark:")]
        raise CaptureError(f"tshark cannot read it ({(lines or ['it failed'])[0][:200]})", self._name, "record it again")


def _host(address: str, port: str) -> str:
    bracketed = f"[{address}]" if ":" in address else address
    return bracketed if port == "80" else f"{bracketed}:{port}"


_Message: TypeAlias = tuple[bytes, float, bytes]
"""Peer, time, bytes."""
_VALUE: Final = re.compile(rb"\s+(peer|timestamp): (-?\d+(?:\.\d+)?)$")
_DATA: Final = re.compile(rb"\s+data: !!binary")
_BASE64: Final = re.compile(rb"\s+([0-9A-Za-z+/=]+)$")


def _followed(lines: IO[bytes]) -> Iterator[list[_Message]]:
    """The messages of each connection of which there are any in the output of `-z follow,tls,yaml`."""
    messages: list[_Message] = []
    peer, time = b"", 0.0
    data: list[bytes] | None = None
    for line in chain(lines, (b"peers:",)):
        text = line.rstrip()
        if data is not None:
            if more := _BASE64.match(text):
                data.append(more[1])
                continue
            with suppress(binascii.Error):  # tshark ended in the middle of it, of which it tells by its exit code
                messages.append((peer, time, binascii.a2b_base64(b"".join(data))))
            data = None
        if text == b"peers:":
            if messages:
                yield messages
            messages = []
        elif value := _VALUE.match(text):
            if value[1] == b"peer":
                peer = value[2]
            else:
                time = float(value[2])
        elif _DATA.match(text):
            data = []
