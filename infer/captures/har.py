"""HAR files, streamed: entry by entry, message by message; what is damaged is told of, and the rest is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from itertools import chain
from typing import Final

import msgspec

from infer.captures.elements import Elements, Separator
from infer.captures.exchanges import Attached, Bodies, Messages, exchange, missing
from infer.captures.har_entry import Aside, Opened, Reopen, skip_array, whole
from infer.captures.scan import Cursor, Malformed, ScanError, Truncated
from infer.captures.shapes import CONTENT, NAMED, Conversation, Damaged, Entry, Message, Named, decoded
from infer.captures.spans import Span
from infer.errors import CaptureError
from infer.model import Diagnostic, Exchange, Frame, Origin, Report, Transport

_OPEN_OBJECT, _OPEN_ARRAY, _CLOSE_ARRAY, _COMMA = b"{[],"
_MESSAGES: Final = msgspec.json.Decoder(list[Message | None])
_FIRST_KEYS: Final = (
    "startedDateTime", "pageref", "request", "response", "cache", "timings", "connection", "serverIPAddress",
    "_initiator", "_priority", "_resourceType", "_connectionId", "_frameref", "_monotonicTime", "_webSocketMessages",
)  # fmt: skip
_ENTRY: Final = re.compile(
    rb'\{[ \t\r\n]*"(?:%b)"[ \t\r\n]*:' % "|".join(_FIRST_KEYS).encode()
)
"""The begin of an entry, as it is looked for behind a damaged one. Inside a string the quotes would be escaped."""
_ENTRY_MOST: Final = 512

Batch = Iterable[Frame]
"""Frames that were read at once. What goes through many hands goes in batches: each hand costs as much as making a frame."""

Lines = Callable[[str], Iterator[bytes] | None]
"""The lines of a file that lies beside the HAR, by its name; None where there is none."""


class Har:
    """One HAR document at a cursor.

    `reopen` opens it again where that can be done; `attached` and `lines` find what was put into files of its own. Of a
    `span` only the entries in it are read.
    """

    def __init__(
        self,
        name: str,
        cursor: Cursor,
        *,
        wanted: Callable[[Exchange], bool],
        report: Report,
        reopen: Reopen | None = None,
        attached: Attached = lambda _: None,
        lines: Lines = lambda _: None,
        span: Span | None = None,
    ) -> None:
        self._name = name
        self._cursor = cursor
        self._wanted = wanted
        self._report = report
        self._reopen = reopen
        self._attached = attached
        self._lines = lines
        self._bodies = Bodies(Named(), attached, report)
        self._separator: Separator | None = None
        self._entries = 0 if span is None else span.first
        self._span = span
        self._read_some = span is not None and span.start > 0  # whoever reads the begin tells of a HAR that has none

    def frames(self) -> Iterator[Frame]:
        """All frames, in the order of the file. Errors: `CaptureError` where no entry could be read."""
        return chain.from_iterable(self._batches())

    def _batches(self) -> Iterator[Batch]:
        walk = self._inside if self._span is not None and self._span.start > 0 else self._document
        while True:
            try:
                yield from walk()
                break
            except Truncated as error:
                self._ended(error)
                break
            except Malformed as error:
                self._damaged(error.offset)
                self._entries += 1
            if not self._resynchronise() or self._leaves():
                break
            walk = self._from_entry
        if self._span is not None:
            self._span.entries = self._entries - self._span.first
        if not self._read_some and self._entries:
            raise CaptureError("no entry of this HAR can be read", self._name, "export it again")

    def _ended(self, error: ScanError) -> None:
        if not self._read_some:
            raise CaptureError(
                f"ends at byte {error.offset}, before its first entry is complete", self._name, "export it again"
            ) from error
        origin = Origin(self._name, self._entries)
        self._report(Diagnostic("capture-truncated", f"the HAR ends early, at byte {error.offset}", origin))

    def _damaged(self, offset: int) -> None:
        origin = Origin(self._name, self._entries)
        self._report(Diagnostic("har-entry-damaged", f"the HAR is damaged at byte {offset}", origin))

    def _document(self) -> Iterator[Batch]:
        cursor = self._cursor
        for name in cursor.fields():
            if name != "log" or cursor.peek() != _OPEN_OBJECT:
                cursor.skip()
                continue
            for part in cursor.fields():
                if part == "entries" and cursor.peek() == _OPEN_ARRAY:
                    cursor.pos += 1
                    if cursor.peek() == _CLOSE_ARRAY:
                        cursor.pos += 1
                        self._read_some = True
                    else:
                        yield from self._from_entry()
                        if self._span is not None and self._span.reached is not None:
                            return
                elif part == "creator":
                    self._creator(cursor.take())
                else:
                    cursor.skip()

    def _inside(self) -> Iterator[Batch]:
        """The entries from the cursor on, which stands at one, and what follows the last."""
        yield from self._from_entry()
        if self._span is not None and self._span.reached is None:
            self._cursor.leave(2)

    def _leaves(self) -> bool:
        """Whether the entry at the cursor is beyond the span."""
        span = self._span
        if span is None or span.stop is None or self._cursor.offset < span.stop:
            return False
        span.reached = self._cursor.offset
        return True

    def move(self, cursor: Cursor) -> None:
        """Read what stands before the entries, then go on at that cursor: at the begin of the span."""
        with suppress(ScanError):
            self._head()
        self._cursor = cursor

    def _head(self) -> None:
        cursor = self._cursor
        for name in cursor.fields():
            if name != "log" or cursor.peek() != _OPEN_OBJECT:
                cursor.skip()
                continue
            for part in cursor.fields():
                if part == "entries":
                    return
                if part == "creator":
                    self._creator(cursor.take())
                else:
                    cursor.skip()

    def _creator(self, raw: bytes) -> None:
        try:
            self._bodies = Bodies(decoded(raw, NAMED), self._attached, self._report)
        except Damaged:
            return

    def _from_entry(self) -> Iterator[Batch]:
        """The entries from the cursor to the end of the array."""
        cursor = self._cursor
        while True:
            if cursor.peek() != _OPEN_OBJECT:
                raise Malformed(cursor.offset)
            yield from self._entry()
            self._entries += 1
            after = cursor.peek()
            if after == _COMMA:
                if self._separator is None:
                    element = cursor.window[max(0, cursor.pos - 200) : cursor.pos]
                    self._separator = Separator.after(cursor, element)
                cursor.pos += 1
                if self._span is not None and cursor.peek() == _OPEN_OBJECT and self._leaves():
                    return
            elif after == _CLOSE_ARRAY:
                cursor.pos += 1
                return
            else:
                raise Malformed(cursor.offset)

    def _entry(self) -> Iterator[Batch]:
        cursor, origin = self._cursor, Origin(self._name, self._entries)
        begin = cursor.offset
        entry = whole(cursor, self._separator)
        if entry is not None:
            self._read_some = True
            of = exchange(entry, origin)
            if self._wanted(of):
                yield from self._of_whole(entry, of)
            return
        with closing(Opened(cursor, self._reopen)) as opened:
            yield from self._of_opened(opened, origin, begin)

    def _of_opened(self, opened: Opened, origin: Origin, begin: int) -> Iterator[Batch]:
        cursor = self._cursor
        try:
            entry = opened.entry()
        except Damaged:
            if opened.streams:
                skip_array(cursor)
                opened.finish()
            self._damaged(begin)
            return
        if opened.streams or opened.messages:
            entry.messages = msgspec.Raw(b"[]")
        of = exchange(entry, origin)
        wanted = self._wanted(of)
        if opened.streams:
            if wanted:
                for batch in self._streamed(cursor, of):
                    self._read_some |= bool(batch)
                    yield batch
            else:
                skip_array(cursor)
            opened.finish()
        elif wanted and opened.messages is not None:
            yield from self._aside(opened.messages, of)
        elif wanted:
            yield from self._without_messages(entry, opened.content(), of)
        self._read_some = True

    def _of_whole(self, entry: Entry, of: Exchange) -> Iterator[Batch]:
        if isinstance(entry, Conversation) and entry.messages is not None:
            messages = Messages(of, self._report)
            yield messages.frames(entry.messages)
            messages.close()
            return
        raw = bytes(entry.messages or b"")
        if raw.startswith(b"["):
            rest = iter((raw,))
            yield from self._streamed(Cursor(lambda _: next(rest, b"")), of)
        else:
            yield from self._without_messages(entry, entry.response.content if entry.response else b"null", of)

    def _aside(self, messages: Aside, of: Exchange) -> Iterator[Batch]:
        with messages.cursor() as cursor:
            yield from self._streamed(cursor, of)

    def _streamed(self, cursor: Cursor, of: Exchange) -> Iterator[Batch]:
        messages = Messages(of, self._report)
        try:
            for batch in Elements(cursor, _MESSAGES, messages.damaged):
                yield messages.frames(batch)
        finally:
            messages.close()

    def _without_messages(self, entry: Entry, content: bytes | msgspec.Raw, of: Exchange) -> Iterator[Batch]:
        if of.transport is not Transport.WEBSOCKET:
            yield self._bodies.frames(entry, content, of)
            return
        lines = self._attached_messages(content)
        if lines is None:
            missing(entry, of, self._report)
            return
        messages = Messages(of, self._report)
        for number, line in enumerate(lines):
            yield messages.frames(messages.damaged(line, number))
        messages.close()

    def _attached_messages(self, content: bytes | msgspec.Raw) -> Iterable[bytes] | None:
        """Playwright puts a WebSocket's messages into a file of JSON lines, as if it were the response's body."""
        try:
            named = decoded(content, CONTENT)
        except Damaged:
            return None
        return self._lines(named.file) if named is not None and named.file else None

    def _resynchronise(self) -> bool:
        """Move the cursor to where the next entry seems to begin; False where there is none."""
        cursor = self._cursor
        while True:
            match = _ENTRY.search(cursor.window, cursor.pos)
            if match is not None:
                cursor.pos = match.start()
                return True
            cursor.pos = max(cursor.pos, len(cursor.window) - _ENTRY_MOST)
            if not cursor.more():
                return False
