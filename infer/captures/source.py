"""Where a capture's bytes come from: a file or standard input, unzipped on the way where it is gzip.

Nothing is held but a chunk. What must be read a second time is read from the file again, or, where there is no going
back, from a temporary copy of just that part.
"""

from __future__ import annotations

import io
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from infer.captures.remote import opened as remote
from infer.captures.scan import CHUNK, Read
from infer.errors import CaptureError
from infer.limits import Limits
from infer.model import Diagnostic, Origin
from infer.urls import is_url, shown

STDIN: Final = "-"
GZIP: Final = b"\x1f\x8b"
HEAD: Final = 64 << 10
"""Bytes by which a format is recognised."""
MAX_UNPACKED: Final = Limits().unpacked_bytes
_MEMORY: Final = 4 << 20
_MAX_LAYERS: Final = 3
_PADDING: Final = b"\0 \t\r\n"
"""What may stand behind a gzip without being said a word of: tapes fill up with NULs, editors end lines."""
_RECORD_AGAIN: Final = "record or copy it again"

Progress = Callable[[int], None]


class Gunzip(io.RawIOBase):
    """The content of a gzip file, of one or more members, as it comes.

    Where it ends early, is damaged, or something else stands behind it, all that comes before is given, and `flaw` says
    what it was. Errors: `CaptureError` where it unpacks to more than `limit` bytes.
    """

    def __init__(self, read: Read, name: str, limit: int = MAX_UNPACKED) -> None:
        super().__init__()
        self._source = read
        self._name = name
        self._left = limit
        self._limit = limit
        self._packed = b""
        self._taken = 0
        self._at_once = CHUNK
        self._inflate = zlib.decompressobj(wbits=31)
        self._begun = False
        self.flaw: Diagnostic | None = None

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: object, /) -> int:
        """Fill the buffer, or less."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self.unpack(len(view))
        view[: len(data)] = data
        return len(data)

    def unpack(self, size: int) -> bytes:
        """Up to `size` bytes, none only at the end."""
        while self.flaw is None:
            if not self._packed and not self._more():
                break
            if self._inflate.eof and not self._next_member():
                continue
            data = self._inflated(size)
            if data:
                self._left -= len(data)
                if self._left < 0:
                    raise CaptureError(
                        f"unpacks to more than {self._limit} bytes", self._name, "split it, or unpack it yourself"
                    )
                return data
        return b""

    def _more(self) -> bool:
        self._packed = self._source(CHUNK)
        self._taken += len(self._packed)
        if not self._packed and self._begun:
            self._ends("gzip-truncated", "the gzip ends early")
        return bool(self._packed)

    def _next_member(self) -> bool:
        self._packed = self._packed.lstrip(_PADDING)
        if not self._packed:
            return False
        if not self._packed.startswith(GZIP[: len(self._packed)]):
            self._ends("gzip-trailing", "what stands behind the gzip is none: it is not read")
            return False
        self._inflate = zlib.decompressobj(wbits=31)
        return True

    def _inflated(self, size: int) -> bytes:
        before = self._inflate.copy()
        packed = self._packed
        try:
            data = self._inflate.decompress(packed[: self._at_once], size)
        except zlib.error:
            if self._at_once == 1:
                self._ends("gzip-damaged", "the gzip is damaged: what follows is not read")
            # what an error throws away comes of the bytes before the bad one, which halving leads to
            self._inflate, self._at_once = before, max(1, self._at_once // 2)
            return b""
        rest = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
        self._packed = rest + packed[self._at_once :]
        self._begun = not self._inflate.eof
        return data

    def _ends(self, code: str, what: str) -> None:
        at = self._taken - len(self._packed)
        self.flaw = Diagnostic(code, f"{what} (byte {at}; {_RECORD_AGAIN})", Origin(self._name))


class Source:
    """A capture, opened: `head` is its begin, unpacked, and `read` gives all of it from the begin."""

    def __init__(self, name: str, read: Read, *, limit: int = MAX_UNPACKED, progress: Progress | None = None) -> None:
        self.name = name
        self.limit = limit
        self._raw = read
        self._progress = progress
        self._layers: list[Gunzip] = []
        self._read: Read = self._counted
        self.head = self._fill()
        while self.head.startswith(GZIP) and len(self._layers) < _MAX_LAYERS:
            self._layers.append(Gunzip(self.read_all_of(self.head, self._read), name, limit))
            self._read = self._layers[-1].unpack
            self.head = self._fill()
        self._rest = self.head

    @staticmethod
    def read_all_of(head: bytes, read: Read) -> Read:
        """A `read` that gives `head` first."""
        rest = head

        def joined(size: int) -> bytes:
            nonlocal rest
            if rest:
                data, rest = rest[:size], rest[size:]
                return data
            return read(size)

        return joined

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, none only at the end."""
        if self._rest:
            data, self._rest = self._rest[:size], self._rest[size:]
            return data
        return self._read(size)

    @property
    def flaws(self) -> list[Diagnostic]:
        """What was met so far that is wrong with the gzips around it, the outermost first."""
        return [layer.flaw for layer in self._layers if layer.flaw is not None]

    @property
    def packed(self) -> bool:
        """Whether these bytes come out of a gzip."""
        return bool(self._layers)

    @property
    def path(self) -> Path | None:
        """The file that holds just these bytes; None where they come from a pipe or out of a gzip."""
        return None if self.packed or self.name == STDIN or is_url(self.name) else Path(self.name)

    @contextmanager
    def on_disk(self) -> Iterator[Path]:
        """A file with these bytes: the capture itself, or a temporary copy."""
        if self.path is not None:
            yield self.path
            return
        import tempfile  # noqa: PLC0415 (which most captures do without)

        with tempfile.TemporaryDirectory(prefix="sio-infer-") as folder:
            copy = Path(folder) / "capture"
            with copy.open("wb") as file:
                while data := self.read(CHUNK):
                    file.write(data)
            yield copy

    def _counted(self, size: int) -> bytes:
        data = self._raw(size)
        if self._progress is not None and data:
            self._progress(len(data))
        return data

    def _fill(self) -> bytes:
        head = b""
        while len(head) < HEAD and (data := self._read(HEAD - len(head))):
            head += data
        return head


@contextmanager
def opened(name: str, *, limit: int = MAX_UNPACKED, progress: Progress | None = None) -> Iterator[Source]:
    """Open the file of that name, or standard input where it is `-`. Errors: `CaptureError`."""
    try:
        if name == STDIN:
            yield Source(name, sys.stdin.buffer.read, limit=limit, progress=progress)
            return
        if is_url(name):
            with remote(name) as file:
                yield Source(shown(name), file.read, limit=limit, progress=progress)
            return
        with Path(name).open("rb") as file:
            yield Source(name, file.read, limit=limit, progress=progress)
    except OSError as error:
        raise CaptureError(f"cannot read: {error.strerror or error}", name) from error


def spool() -> IO[bytes]:
    """A temporary file, in memory while it is small."""
    import tempfile  # noqa: PLC0415

    return tempfile.SpooledTemporaryFile(max_size=_MEMORY)


def buffered(read: Read) -> io.BufferedReader:
    """What `read` gives, as a file."""
    return io.BufferedReader(_Readable(read), CHUNK)


class _Readable(io.RawIOBase):
    def __init__(self, read: Read) -> None:
        super().__init__()
        self._source = read
        self._position = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self._source(len(view))
        view[: len(data)] = data
        self._position += len(data)
        return len(data)
