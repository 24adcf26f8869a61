r"""The elements of a long JSON array, many at once: guess where one ends, let the decoder prove it.

What stands between two elements of a generated file (`"\n      },\n      {\n        "type":`) is learned from the first two.
Its last occurrence in the window is a guess at where an element ends; the slice up to there is decoded in one call.
No proper prefix of a JSON object is an object: a slice that decodes was cut rightly, whatever its strings hold. Of
one that does not, half is tried; where nothing is left to halve, one element is walked over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, Generic, TypeVar

import msgspec

from infer.captures.scan import Cursor, Malformed

T = TypeVar("T")

DECODE_ERRORS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises on data that it does not take; the last on deep nesting."""

_BETWEEN: Final = re.compile(rb'[ \t\r\n]*,[ \t\r\n]*\{[ \t\r\n]*"[^"\\]*"[ \t\r\n]*:')
_TAIL: Final = re.compile(rb'"?[ \t\r\n]*\}\Z')
_TRAILING: Final = re.compile(r"trailing characters \(byte (\d+)\)")
"""What msgspec says of a document that goes on behind its end. Were it to say it otherwise, reading would be slower only."""
_OPEN, _CLOSE, _COMMA = b"[],"
_BATCH: Final = 64 << 10
"""Bytes decoded at once. Where the array ends in them they are decoded twice, so a whole window would be too many."""


def reached(error: Exception) -> int | None:
    """How far the decoder came that objects to nothing but what stands behind the document's end, in bytes, that included."""
    told = _TRAILING.search(str(error))
    return None if told is None else int(told[1])


class Separator:
    """What stands between two elements, from the end of the one to behind the first key of the other."""

    __slots__ = ("between", "tail", "text")

    def __init__(self, tail: bytes, between: bytes) -> None:
        self.tail = len(tail)
        self.between = between.index(b"{")
        self.text = tail + between

    @classmethod
    def after(cls, cursor: Cursor, element: bytes) -> Separator | None:
        """Learn it with the cursor behind that element; None where the window ends or the array does."""
        between = _BETWEEN.match(cursor.window, cursor.pos)
        tail = _TAIL.search(element, max(0, len(element) - 200))
        return cls(tail[0], between[0]) if between and tail else None


class Elements(Generic[T]):
    """Reads an array at the cursor.

    `decoder` is of a list of elements. An element that it does not take goes to `odd`, with its bytes and its position
    in the array, which gives what stands for it.
    """

    def __init__(
        self, cursor: Cursor, decoder: msgspec.json.Decoder[list[T]], odd: Callable[[bytes, int], list[T]]
    ) -> None:
        self._cursor = cursor
        self._decode = decoder.decode
        self._odd = odd
        self._separator: Separator | None = None
        self._count = 0

    def __iter__(self) -> Iterator[list[T]]:
        """The elements in batches of at most a window. Errors: `ScanError`, after what stands before it."""
        cursor = self._cursor
        cursor.expect(_OPEN)
        if cursor.peek() == _CLOSE:
            cursor.pos += 1
            return
        while True:
            batch = self._many()
            if batch:
                self._count += len(batch)
                yield batch
                if cursor.window[cursor.pos] == _CLOSE:
                    cursor.pos += 1
                    return
                continue
            cursor.peek()
            element = cursor.take()
            yield self._one(element)
            self._count += 1
            after = cursor.peek()
            if after == _CLOSE:
                cursor.pos += 1
                return
            if after != _COMMA:
                raise Malformed(cursor.offset)
            if self._separator is None:
                self._separator = Separator.after(cursor, element)
            cursor.pos += 1
            cursor.peek()

    def _one(self, element: bytes) -> list[T]:
        try:
            return self._decode(b"".join((b"[", element, b"]")))
        except DECODE_ERRORS:
            return self._odd(element, self._count)

    def _many(self) -> list[T] | None:
        """The elements up to the last separator in the window or to the array's end before it; or None.

        The cursor moves before the next element, or before what closes the array.
        """
        cursor, separator = self._cursor, self._separator
        if separator is None:
            return None
        cut = cursor.window.rfind(separator.text, cursor.pos, cursor.pos + _BATCH)
        if cut < 0:
            cut = cursor.window.find(separator.text, cursor.pos + _BATCH - len(separator.text))
        if cut < 0 and cursor.more():
            cut = cursor.window.rfind(separator.text, cursor.pos)
        view = memoryview(cursor.window)
        while cut >= 0:
            end = cut + separator.tail
            try:
                batch = self._decode(b"".join((b"[", view[cursor.pos : end], b"]")))
            except DECODE_ERRORS as error:
                rest = self._to_the_end(error)
                if rest:
                    return rest
                cut = cursor.window.rfind(separator.text, cursor.pos, (cursor.pos + end) // 2)
            else:
                cursor.pos = end + separator.between
                return batch
        return None

    def _to_the_end(self, error: Exception) -> list[T] | None:
        """The elements up to the array's end, where the decoder met that end before the separator; else None."""
        cursor = self._cursor
        read = reached(error)
        if read is None:
            return None
        closing = cursor.window.rfind(b"]", cursor.pos, cursor.pos + read)
        try:
            batch = self._decode(b"".join((b"[", memoryview(cursor.window)[cursor.pos : closing + 1])))
        except DECODE_ERRORS:
            return None
        cursor.pos = closing
        return batch
