"""Packet captures (pcapng, pcap) to frames, through Wireshark's tshark.

tshark reads the file and finds the TCP segments in whatever carries them; from there on it is `tcp` and `http1`. Its own
dissection of WebSockets is not used: of 40,000 messages that came close together it gave 18,000, and made up others
(version 4.0, whose tree of layers ends at some depth). What is encrypted is read where the capture holds the secrets.
"""

from __future__ import annotations

import binascii
import os
import re
import shutil
import subprocess
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import IO, Final

import msgspec

from infer.captures.http1 import Connection, begins
from infer.captures.tcp import Pipe
from infer.errors import CaptureError
from infer.model import Diagnostic, Direction, Exchange, Frame, Origin, Report

MAX_CONNECTIONS: Final = 10_000
"""Followed at once; the one that was silent longest is closed."""
_FOLLOWED: Final = 200
"""Encrypted connections that one run of tshark decrypts: it reads the whole file each time."""
_TLS: Final = re.compile(rb"\x16\x03[\x00-\x04]")
_FIELDS: Final = ("frame.time_epoch", "tcp.stream", "ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport", "tcp.seq", "tcp.payload")  # fmt: skip
_INSTALL: Final = "install Wireshark's tshark (Debian: apt install tshark; macOS: brew install wireshark), or record with mitmdump -w"
_SECRETS: Final = "put the secrets into the capture (editcap --inject-secrets tls,KEYLOG), or record with mitmproxy"

Wanted = Callable[[Exchange], bool]


class _Stream(msgspec.Struct):
    """A TCP connection of the capture."""

    pipes: dict[str, Pipe] = msgspec.field(default_factory=dict)
    """By the sender's address."""
    client: str | None = None
    connection: Connection | None = None
    ignored: bool = False
    """Whether it carries no HTTP, or none that can be read."""


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
        self._encrypted: list[str] = []
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
        for first in range(0, len(self._encrypted), _FOLLOWED):
            yield from self._decrypted(self._encrypted[first : first + _FOLLOWED])

    # --- segments

    def _segment(self, line: bytes) -> Iterator[Frame]:
        parts = line.rstrip(b"\r\n").decode("ascii", "replace").split("\t")
        try:
            moment, number, *ends, sequence, payload = parts
            source4, source6, source_port, target4, target6, target_port = ends
            self._time, at, data = float(moment), int(sequence), binascii.unhexlify(payload.replace(":", ""))
        except ValueError:
            return
        source, target = f"{source4 or source6}:{source_port}", _host(target4 or target6, target_port)
        stream = self._streams.get(number)
        if stream is None:
            stream = self._streams[number] = _Stream()
            if len(self._streams) > MAX_CONNECTIONS:
                yield from self._close(*self._streams.popitem(last=False))
        self._streams.move_to_end(number)
        if stream.ignored:
            return
        if stream.client is None and not self._begin(stream, number, source, target, data):
            return
        assert stream.connection is not None
        pipe = stream.pipes.setdefault(source, Pipe())
        side = Direction.C2S if source == stream.client else Direction.S2C
        fresh = pipe.feed(at, data)
        if pipe.lost:
            stream.connection.give_up(side, "packets of it are missing")
        if fresh:
            yield from stream.connection.feed(side, fresh, self._time)

    def _begin(self, stream: _Stream, number: str, source: str, target: str, data: bytes) -> bool:
        """Whether a connection that is seen for the first time can be read: it begins with a request."""
        if begins(data):
            stream.client = source
            stream.connection = self._connection("http", target)
            return True
        stream.ignored = True
        if _TLS.match(data):
            self._encrypted.append(number)
        elif _looks_like_websocket(data):
            self._report(
                Diagnostic(
                    "websocket-unopened",
                    "a connection whose begin was not captured, so that its address is unknown: start the capture first",
                    Origin(self._name),
                )
            )
        return False

    def _connection(self, scheme: str, server: str) -> Connection:
        return Connection(self._name, (scheme, server), lambda: next(self._entries), self._wanted, self._report)

    def _close(self, _number: str, stream: _Stream) -> Iterator[Frame]:
        if stream.connection is None:
            return
        for source, pipe in stream.pipes.items():
            if pipe.waiting:
                side = Direction.C2S if source == stream.client else Direction.S2C
                stream.connection.give_up(side, "packets of it are missing")
        yield from stream.connection.end(self._time)

    # --- encrypted connections

    def _decrypted(self, numbers: list[str]) -> Iterator[Frame]:
        """What tshark can decrypt of these connections with the secrets in the capture or in its own preferences."""
        found = 0
        asked = [part for number in numbers for part in ("-z", f"follow,tls,yaml,{number}")]
        with self._running("-q", *asked) as lines:
            for messages in _followed(lines):
                client, _, first = messages[0]
                if not begins(first):
                    continue
                found += 1
                connection = self._connection("https", "")
                for peer, self._time, data in messages:
                    yield from connection.feed(Direction.C2S if peer == client else Direction.S2C, data, self._time)
                yield from connection.end(self._time)
        if not found:
            self._report(
                Diagnostic("capture-encrypted", f"{len(numbers)} connections are encrypted: {_SECRETS}", Origin(self._name))
            )

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
            self._report(Diagnostic("capture-truncated", "the packet capture ends early", Origin(self._name)))
            return
        lines = [line for line in said.splitlines() if line.startswith("tshark:")]
        raise CaptureError(f"tshark cannot read it ({(lines or ['it failed'])[0][:200]})", self._name, "record it again")


def _host(address: str, port: str) -> str:
    bracketed = f"[{address}]" if ":" in address else address
    return bracketed if port == "80" else f"{bracketed}:{port}"


def _looks_like_websocket(data: bytes) -> bool:
    """Whether a segment in the middle of a connection begins as a WebSocket's text or binary message does."""
    return len(data) > 1 and data[0] in (0x81, 0x82, 0xC1, 0xC2)


_VALUE: Final = re.compile(rb"\s+(peer|timestamp): (-?\d+(?:\.\d+)?)$")
_DATA: Final = re.compile(rb"\s+data: !!binary")
_BASE64: Final = re.compile(rb"\s+([0-9A-Za-z+/=]+)$")


def _followed(lines: IO[bytes]) -> Iterator[list[tuple[bytes, float, bytes]]]:
    """The messages (peer, time, bytes) of each connection of which there are any in the output of `-z follow,tls,yaml`."""
    messages: list[tuple[bytes, float, bytes]] = []
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
