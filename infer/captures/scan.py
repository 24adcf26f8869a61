"""A cursor over JSON that comes in chunks: it holds a window and never the document.

The grammar outside strings is checked as it is walked, so that damage is met where it stands and not at the end of the
file. The walk is exact and slow, some microseconds a token: whoever reads many values of one kind uses
`infer.captures.elements`, which falls back on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import IO, Final

import msgspec

CHUNK: Final = 256 << 10
"""Bytes read at once. Larger ones gain nothing, smaller ones cost calls."""
MAX_DEPTH: Final = 10_000
"""Nesting that is walked. Decoders give up near 1,000; this only bounds the stack."""

Read = Callable[[int], bytes]
"""Up to so many bytes, none only at the end: `read` of a binary file."""

_SPACE: Final = re.compile(rb"[ \t\r\n]*")
_BETWEEN: Final = re.compile(rb"(?:[\0 \t\r\n]+|\xef\xbb\xbf)*")
_MARK_SIZE: Final = 3
"""Bytes of a byte order mark, of which a window may hold the first only."""
_TEXT: Final = re.compile(rb'(?:[^"\\\x00-\x1f]+|\\[^\x00-\x1f])*')
_TEXT_STEP: Final = 64 << 10
"""Bytes of a string matched at once: the matcher's own memory grows with the escapes in them."""
_SCALAR: Final = re.compile(rb"-?(?:[0-9][0-9.eE+-]*|Infinity)|true|false|null|NaN")
_SCALAR_MOST: Final = 9
"""Bytes after which a scalar that is no number must have been recognised."""

_QUOTE, _COMMA, _COLON = b'",:'
_OPEN_OBJECT, _CLOSE_OBJECT, _OPEN_ARRAY, _CLOSE_ARRAY = b"{}[]"
_CLOSES: Final = {_OPEN_OBJECT: _CLOSE_OBJECT, _OPEN_ARRAY: _CLOSE_ARRAY}


class ScanError(Exception):
    """The document cannot be walked any further; `offset` is the byte where that shows."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class Truncated(ScanError):
    """It ends where more must follow."""


class Malformed(ScanError):
    """A byte stands where JSON does not allow it."""


class Cursor:
    """A place in a document, with the bytes around it.

    `window[pos:]` is what was read and not yet walked. The window moves with every `more`: a position in it is good
    until then, `offset` is good for ever.
    """

    __slots__ = ("_base", "_chunk", "_mark", "_read", "_tape", "pos", "window")

    def __init__(self, read: Read, *, chunk: int = CHUNK, offset: int = 0) -> None:
        self._read = read
        self._chunk = chunk
        self._base = offset
        self._mark: int | None = None
        self._tape: IO[bytes] | None = None
        self.window = b""
        self.pos = 0

    @property
    def offset(self) -> int:
        """Of the cursor, in bytes from the document's begin."""
        return self._base + self.pos

    @property
    def chunk(self) -> int:
        """Bytes that are read at once, at least."""
        return self._chunk

    def more(self) -> bool:
        """Read on; False at the end. What lies before the cursor leaves the window, unless it is being taken.

        As much is read as is still held: a value of any size is copied a constant number of times.
        """
        start = self.pos if self._mark is None else self._mark
        data = self._read(max(self._chunk, len(self.window) - start))
        if not data:
            return False
        if self._tape is not None:
            self._tape.write(self.window[:start])
        self.window = self.window[start:] + data
        self._base += start
        self.pos -= start
        if self._mark is not None:
            self._mark = 0
        return True

    def peek(self) -> int:
        """The next byte that is no white space; the cursor moves to it. Errors: `Truncated`."""
        while True:
            window, pos = self.window, self.pos
            if pos < len(window):
                byte = window[pos]
                if byte > 0x20:
                    return byte
                match = _SPACE.match(window, pos)
                assert match is not None
                self.pos = match.end()
                if self.pos == pos:
                    raise Malformed(self.offset)
            elif not self.more():
                raise Truncated(self.offset)

    def expect(self, byte: int) -> None:
        """Step over that byte. Errors: `ScanError` where another stands."""
        if self.peek() != byte:
            raise Malformed(self.offset)
        self.pos += 1

    def fields(self) -> Iterator[str]:
        """The keys of the object at the cursor; whoever asks for the next one has walked over the value."""
        self.expect(_OPEN_OBJECT)
        if self.peek() == _CLOSE_OBJECT:
            self.pos += 1
            return
        name = self._key()
        self.peek()
        yield name
        yield from self.further()

    def further(self) -> Iterator[str]:
        """The same of an object that the cursor stands in, behind a value."""
        while self.peek() == _COMMA:
            self.pos += 1
            name = self._key()
            self.peek()
            yield name
        self.expect(_CLOSE_OBJECT)

    def next_document(self) -> bool:
        """Step over what may stand between documents: white space, NULs, byte order marks. False at the end."""
        while True:
            match = _BETWEEN.match(self.window, self.pos)
            assert match is not None
            self.pos = match.end()
            if len(self.window) - self.pos >= _MARK_SIZE:
                return True
            if not self.more():
                return self.pos < len(self.window)

    def take(self) -> bytes:
        """The bytes of the value at the cursor, which steps over it."""
        self.peek()
        self._mark = self.pos
        try:
            self.skip()
            return self.window[self._mark : self.pos]
        finally:
            self._mark = None

    def copy(self, tape: IO[bytes], walk: Callable[[], None]) -> None:
        """Write what `walk` steps over to the tape."""
        self.window = self.window[self.pos :]
        self._base += self.pos
        self.pos = 0
        self._tape = tape
        try:
            walk()
        finally:
            tape.write(self.window[: self.pos])
            self._tape = None
            self.window = self.window[self.pos :]
            self._base += self.pos
            self.pos = 0

    def skip(self) -> None:
        """Step over the value at the cursor. Errors: `ScanError`."""
        stack = bytearray()
        while True:
            byte = self.peek()
            if byte == _QUOTE:
                self._string()
            elif byte in _CLOSES:
                self.pos += 1
                if len(stack) == MAX_DEPTH:
                    raise Malformed(self.offset)
                if self.peek() != _CLOSES[byte]:
                    stack.append(byte)
                    if byte == _OPEN_OBJECT:
                        self._step_over_key()
                    continue
                self.pos += 1
            else:
                self._scalar()
            if not self._after_value(stack):
                return

    def _after_value(self, stack: bytearray) -> bool:
        """Step to where the next value begins; False where the outermost one has ended."""
        while stack:
            byte = self.peek()
            self.pos += 1
            if byte == _COMMA:
                if stack[-1] == _OPEN_OBJECT:
                    self._step_over_key()
                return True
            if byte != _CLOSES[stack.pop()]:
                self.pos -= 1
                raise Malformed(self.offset)
        return False

    def _step_over_key(self) -> None:
        if self.peek() != _QUOTE:
            raise Malformed(self.offset)
        self._string()
        self.expect(_COLON)

    def _key(self) -> str:
        if self.peek() != _QUOTE:
            raise Malformed(self.offset)
        text = self.take()
        self.expect(_COLON)
        try:
            return msgspec.json.decode(text, type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return ""

    def _string(self) -> None:
        self.pos += 1
        while True:
            match = _TEXT.match(self.window, self.pos, self.pos + _TEXT_STEP)
            assert match is not None
            moved = match.end() > self.pos
            self.pos = match.end()
            left = len(self.window) - self.pos
            byte = self.window[self.pos] if left else None
            if byte == _QUOTE:
                self.pos += 1
                return
            if left > 1 and not moved:  # neither text, nor an escape, nor the end
                raise Malformed(self.offset)
            if left <= 1:
                if byte is not None and byte < 0x20:
                    raise Malformed(self.offset)
                if not self.more():
                    raise Truncated(self.offset)

    def _scalar(self) -> None:
        while True:
            match = _SCALAR.match(self.window, self.pos)
            left = len(self.window) - self.pos
            if match is not None and match.end() < len(self.window):
                self.pos = match.end()
                return
            if match is None and left >= _SCALAR_MOST:
                raise Malformed(self.offset)
            if not self.more():
                break
        if match is None:
            raise Truncated(self.offset)
        self.pos = match.end()
