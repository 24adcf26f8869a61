"""One entry of a HAR, whatever its size and the order of its keys.

A small entry is decoded whole. A large one is walked key by key: WebSocket messages are streamed where the request
and the response are known already, else they and the response's body are set aside, to be read once they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Final

import msgspec

from infer.captures.elements import DECODE_ERRORS, Elements, Separator, reached
from infer.captures.scan import Cursor
from infer.captures.shapes import ENTRY, NOTHING, Conversation, Damaged, Entry, Skipped, decoded
from infer.captures.source import spool

Reopen = Callable[[], IO[bytes]]
"""Opens the document a second time, at its begin."""

WHOLE_CHUNKS: Final = 2
"""An entry of up to about so many chunks is decoded whole. More would save a hundredth of the time and cost megabytes."""
_OPEN_OBJECT, _OPEN_ARRAY = b"{["
_VALUE: Final = msgspec.json.Decoder(msgspec.Raw)
_SKIPPED: Final = msgspec.json.Decoder(list[Skipped])
_CONVERSATION: Final[msgspec.json.Decoder[Entry]] = msgspec.json.Decoder(Conversation)


class Aside:
    """A value that was stepped over and can be read now."""

    def __init__(self, reopen: Reopen, offset: int, chunk: int) -> None:
        self._reopen = reopen
        self._offset = offset
        self._chunk = chunk

    @contextmanager
    def cursor(self) -> Iterator[Cursor]:
        """A cursor at the value."""
        with self._reopen() as file:
            file.seek(self._offset)
            yield Cursor(file.read, chunk=self._chunk, offset=self._offset)

    def value(self) -> bytes:
        """All of it."""
        with self.cursor() as cursor:
            return cursor.take()


class Opened:
    """An entry at the cursor, read as far as its messages, or to its end.

    `streams` tells that the cursor stands at the messages: whoever has read (or skipped) them calls `finish`.
    """

    def __init__(self, cursor: Cursor, reopen: Reopen | None) -> None:
        self._cursor = cursor
        self._reopen = reopen
        self._small: dict[str, bytes] = {}
        self._sent: dict[str, msgspec.Raw] = {}  # what stays undecoded of the request, which no lenient decoding could leave so
        self._tapes: list[IO[bytes]] = []
        self._content: Aside | None = None
        self._fields = cursor.fields()
        self.messages: Aside | None = None
        self.streams = False
        try:
            self._walk()
        except BaseException:  # damaged, or ended: whoever wanted it cannot close it
            self.close()
            raise

    def entry(self) -> Entry:
        """What was read by now, but messages and the response's body. Errors: `Damaged`."""
        members = (b'"%b":%b' % (name.encode(), value) for name, value in self._small.items())
        entry = decoded(b"{%b}" % b",".join(members), ENTRY)
        entry.request.post = self._sent.get("postData", NOTHING)
        entry.request.undecodable = self._sent.get("_content", NOTHING)
        return entry

    def content(self) -> bytes | msgspec.Raw:
        """The response's `content`, undecoded."""
        return NOTHING if self._content is None else self._content.value()

    def finish(self) -> None:
        """Walk over the rest."""
        self._walk()

    def close(self) -> None:
        """Let go of what was set aside."""
        for tape in self._tapes:
            tape.close()

    def _walk(self) -> None:
        cursor, small = self._cursor, self._small
        for name in self._fields:
            if name in ("startedDateTime", "time", "_resourceType"):
                small[name] = cursor.take()
            elif name == "request" and cursor.peek() == _OPEN_OBJECT:
                small[name] = self._request()
            elif name == "response" and cursor.peek() == _OPEN_OBJECT:
                small[name] = self._response()
            elif name == "_webSocketMessages" and cursor.peek() == _OPEN_ARRAY and not self.streams:
                if {"request", "response", "startedDateTime"} <= small.keys():
                    self.streams = True
                    return
                self.messages = self._set_aside(lambda: skip_array(cursor))
            else:
                cursor.skip()

    def _request(self) -> bytes:
        cursor = self._cursor
        members = []
        for name in cursor.fields():
            if name in ("postData", "_content"):
                self._sent[name] = msgspec.Raw(cursor.take())
            elif name in ("url", "method", "headers", "bodySize"):
                members.append(b'"%b":%b' % (name.encode(), cursor.take()))
            else:
                cursor.skip()
        return b"{%b}" % b",".join(members)

    def _response(self) -> bytes:
        cursor = self._cursor
        members = []
        for name in cursor.fields():
            if name == "content":
                self._content = self._set_aside(cursor.skip)
            elif name in ("status", "headers"):
                members.append(b'"%b":%b' % (name.encode(), cursor.take()))
            else:
                cursor.skip()
        return b"{%b}" % b",".join(members)

    def _set_aside(self, walk: Callable[[], None]) -> Aside:
        cursor = self._cursor
        cursor.peek()
        if self._reopen is not None:
            offset = cursor.offset
            walk()
            return Aside(self._reopen, offset, cursor.chunk)
        tape = spool()
        self._tapes.append(tape)
        cursor.copy(tape, walk)
        return Aside(lambda: tape, 0, cursor.chunk)


def whole(cursor: Cursor, separator: Separator | None) -> Entry | None:
    """The entry at the cursor, which steps over it, where it is small and can be decoded; else None.

    It is a `Conversation` unless some of it is not of that shape.
    """
    cut, searched = -1, 0
    while True:
        window, pos = cursor.window, cursor.pos
        if separator is not None:
            cut = window.find(separator.text, max(pos, pos + searched - len(separator.text)))
        searched = len(window) - pos
        if cut >= 0 or searched >= WHOLE_CHUNKS * cursor.chunk or not cursor.more():
            break
    if separator is not None and cut < 0 and searched >= WHOLE_CHUNKS * cursor.chunk:
        return None  # it is a large one
    entry = None if separator is None or cut < 0 else _decoded(cursor, cut + separator.tail)
    if entry is None:  # it is the first or the last one, or what follows begins with another key
        try:
            _VALUE.decode(memoryview(window)[pos:])
        except DECODE_ERRORS as error:
            read = reached(error)
            if read is not None:
                entry = _decoded(cursor, window.rfind(b"}", pos, pos + read) + 1)
    return entry


def _decoded(cursor: Cursor, end: int) -> Entry | None:
    """The entry from the cursor to that position of the window, which is moved there; None where it is none."""
    data = cursor.window[cursor.pos : end]
    for decode in (_CONVERSATION.decode, ENTRY.decode):
        try:
            entry = decode(data)
        except DECODE_ERRORS:
            continue
        cursor.pos = end
        return entry
    return None


def skip_array(cursor: Cursor) -> None:
    """Step over an array of objects, fast."""
    for _ in Elements(cursor, _SKIPPED, lambda _element, _number: []):
        pass


__all__ = ["Aside", "Damaged", "Opened", "Reopen", "skip_array", "whole"]
