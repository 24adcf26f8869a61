"""HAR files, streamed: entry by entry, message by message; what is damaged is told of, and the rest is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, suppress
from functools import lru_cache, partial
from itertools import chain
from typing import Final

import msgspec

from infer.captures.elements import Elements, Separator
from infer.captures.exchanges import Attached, Bodies, Messages, exchange, missing
from infer.captures.har_entry import Aside, Opened, Reopen, skip_array, whole
from infer.captures.scan import Cursor, Malformed, ScanError, Truncated
from infer.captures.shapes import CONTENT, NAMED, Conversation, Damaged, Entry, Message, decoded
from infer.captures.spans import Around, Span
from infer.errors import CaptureError
from infer.model import Diagnostic, Exchange, Frame, Origin, Report, Transport, Wanted

_OPEN_OBJECT, _OPEN_ARRAY, _CLOSE_ARRAY, _COMMA = b"{[],"
_MESSAGES: Final = msgspec.json.Decoder(list[Message | None])
_FIRST_KEYS: Final = (
    "startedDateTime", "pageref", "request", "response", "cache", "timings", "connection", "serverIPAddress",
    "_initiator", "_priority", "_resourceType", "_connectionId", "_frameref", "_monotonicTime", "_webSocketMessages",
)  # fmt: skip
"""What entries of known programs begin with, and which of them comes first is not the same in all entries of a file."""
_ENTRY_MOST: Final = 512
_KEY: Final = re.compile(rb'\{[ \t\r\n]*"([^"\\]{1,100})"[ \t\r\n]*:')

Batch = Iterable[Frame]
"""Frames that were read at once. What goes through many hands goes in batches: each hand costs as much as making a frame."""

Lines = Callable[[str], Iterator[bytes] | None]
"""The lines of a file that lies beside the HAR, by its name; None where there is none."""


class _Trailing(Malformed):
    """Behind a document stands what is none."""


class Har:
    """The HAR document at a cursor, and those that follow on it: their entries are counted on.

    `reopen` opens it again where that can be done; `attached` and `lines` find what was put into files of its own. Of a
    `span` only the entries in it are read.
    """

    def __init__(
        self,
        name: str,
        cursor: Cursor,
        *,
        wanted: Wanted,
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
        self._separator: Separator | None = None
        self._entries = 0 if span is None else span.first
        self._span = span
        self._read_some = span is not None and span.start > 0  # whoever reads the begin tells of a HAR that has none
        self._around = Around()
        self._bodies = Bodies("", attached, report)

    def frames(self) -> Iterator[Frame]:
        """All frames, in the order of the file. Errors: `CaptureError` where no entry could be read."""
        return chain.from_iterable(self._batches())

    def move(self, cursor: Cursor) -> None:
        """Go on at that cursor, the begin of the span; what is around it the head shows, where nobody knows better."""
        span = self._span
        assert span is not None
        if span.around is None:
            with suppress(ScanError):
                if self._cursor.next_document():
                    self._to_entries(self._cursor.fields(), 1)
            span.around = self._around
        self._stands_in(span.around)
        self._cursor = cursor

    def _batches(self) -> Iterator[Batch]:
        walk: Callable[[], Iterator[Batch]]
        walk = self._documents if self._span is None or self._span.start == 0 else self._onward
        while True:
            try:
                yield from walk()
                break
            except Truncated as error:
                self._ended(error)
                break
            except _Trailing as error:
                self._tell("capture-trailing", f"what stands at byte {error.offset}, behind the HAR, is none: it is left out")
                walk = partial(self._sought, told=True)
            except Malformed as error:
                self._damaged(error.offset)
                self._entries += 1
                walk = partial(self._sought, told=False)
            self._met_first()
        if self._span is not None:
            self._span.entries = self._entries - self._span.first
            self._span.beyond = self._around
        if not self._read_some and self._entries:
            raise CaptureError("no entry of this HAR can be read", self._name, "export it again")

    def _ended(self, error: ScanError) -> None:
        if not self._read_some:
            raise CaptureError(
                f"ends at byte {error.offset}, before its first entry is complete", self._name, "export it again"
            ) from error
        self._tell("capture-truncated", f"the HAR ends early, at byte {error.offset}")

    def _damaged(self, offset: int) -> None:
        self._tell("har-entry-damaged", f"the HAR is damaged at byte {offset}")

    def _tell(self, code: str, message: str) -> None:
        self._report(Diagnostic(code, message, Origin(self._name, self._entries)))

    # --- from document to document, from list to list, from entry to entry

    def _documents(self) -> Iterator[Batch]:
        """All from the next document on."""
        cursor = self._cursor
        while not self._gone and cursor.next_document():
            if cursor.window[cursor.pos] != _OPEN_OBJECT:
                raise _Trailing(cursor.offset)
            begin = cursor.offset
            self._separator = None
            self._stands_in(Around())
            found = self._to_entries(cursor.fields(), 1)
            self._met_first()
            if found:
                yield from self._list()
                yield from self._lists()
            else:
                self._tell("har-entries-missing", f"the document at byte {begin} has no list of entries: it is no HAR")

    def _onward(self) -> Iterator[Batch]:
        """All from the entry at the cursor on."""
        yield from self._from_entry()
        yield from self._lists()
        yield from self._documents()

    def _sought(self, *, told: bool) -> Iterator[Batch]:
        """All from the next entry on that is found behind the cursor, whatever stands before it.

        `told`: whether it was said already that there may be none.
        """
        begin = self._cursor.offset
        while self._resynchronise():
            if (yield from self._walked()):  # and nothing that only begins as entries do
                self._entries += 1
                if self._next_entry():
                    yield from self._from_entry()
                yield from self._lists()
                yield from self._documents()
                return
        if not told:
            self._tell("har-rest-unread", f"no further entry is found: what follows byte {begin} is not read")

    def _lists(self) -> Iterator[Batch]:
        """What follows in a document on a list of entries."""
        while not self._gone and self._to_next_list():
            yield from self._list()

    def _to_next_list(self) -> bool:
        """From behind a list of entries step into the document's next one; False at its end."""
        further = self._cursor.further
        return (self._around.depth > 1 and self._to_entries(further(), 2)) or self._to_entries(further(), 1)

    def _to_entries(self, members: Iterator[str], depth: int) -> bool:
        """Step into the next list of entries in these members, of the HAR's only object or of its `log`; False at their end."""
        cursor = self._cursor
        for name in members:
            begins = cursor.peek()
            if name == "entries" and begins == _OPEN_ARRAY:
                cursor.pos += 1
                cursor.peek()
                while len(cursor.window) - cursor.pos < _ENTRY_MOST and cursor.more():
                    pass
                key = _KEY.match(cursor.window, cursor.pos)
                self._around = Around(depth, self._around.creator, key[1] if key else self._around.key)
                return True
            if name == "log" and begins == _OPEN_OBJECT and depth == 1:
                if self._to_entries(cursor.fields(), 2):
                    return True
            elif name == "creator":
                self._creator(cursor.take())
            else:
                cursor.skip()
        return False

    def _creator(self, raw: bytes) -> None:
        with suppress(Damaged):
            self._stands_in(msgspec.structs.replace(self._around, creator=decoded(raw, NAMED).name or ""))

    def _stands_in(self, around: Around) -> None:
        self._around = around
        self._bodies = Bodies(around.creator, self._attached, self._report)

    def _met_first(self) -> None:
        """Note what is around the first entries of the capture."""
        if self._span is not None and self._span.around is None:
            self._span.around = self._around

    def _list(self) -> Iterator[Batch]:
        """The entries of the list that the cursor has just stepped into."""
        if self._cursor.peek() == _CLOSE_ARRAY:
            self._cursor.pos += 1
            self._read_some = True
        else:
            yield from self._from_entry()

    def _from_entry(self) -> Iterator[Batch]:
        """The entries from the cursor to the end of the list."""
        while True:
            yield from self._entry()
            if not self._next_entry():
                return

    def _next_entry(self) -> bool:
        """Step from behind an entry to the next one; False where there is none in the list, or none in the span."""
        cursor = self._cursor
        after = cursor.peek()
        if after == _CLOSE_ARRAY:
            cursor.pos += 1
            return False
        if after != _COMMA:
            raise Malformed(cursor.offset)
        if self._separator is None:
            element = cursor.window[max(0, cursor.pos - 200) : cursor.pos]
            self._separator = Separator.after(cursor, element)
        cursor.pos += 1
        return self._span is None or cursor.peek() != _OPEN_OBJECT or not self._leaves()

    @property
    def _gone(self) -> bool:
        """Whether the cursor has left the span."""
        return self._span is not None and self._span.reached is not None

    def _leaves(self) -> bool:
        """Whether the entry at the cursor is beyond the span."""
        span = self._span
        if span is None or span.stop is None or self._cursor.offset < span.stop:
            return False
        span.reached = self._cursor.offset
        return True

    def _resynchronise(self) -> bool:
        """Move the cursor to where the next entry seems to begin; False where there is none."""
        cursor, begin = self._cursor, _begin(self._around.key)
        while True:
            match = begin.search(cursor.window, cursor.pos)
            if match is not None:
                cursor.pos = match.start()
                return True
            cursor.pos = max(cursor.pos, len(cursor.window) - _ENTRY_MOST)
            if not cursor.more():
                return False

    # --- one entry

    def _entry(self) -> Iterator[Batch]:
        cursor = self._cursor
        if cursor.peek() != _OPEN_OBJECT:
            raise Malformed(cursor.offset)
        begin = cursor.offset
        entry = whole(cursor, self._separator)
        if entry is not None:
            self._read_some = True
            of = exchange(entry, Origin(self._name, self._entries))
            if self._wanted(of):
                yield from self._of_whole(entry, of)
        elif not (yield from self._walked()):
            self._damaged(begin)
        self._entries += 1

    def _walked(self) -> Generator[Batch, None, bool]:
        """The entry at the cursor, walked key by key; False where it is none."""
        with closing(Opened(self._cursor, self._reopen)) as opened:
            return (yield from self._of_opened(opened, Origin(self._name, self._entries)))

    def _of_opened(self, opened: Opened, origin: Origin) -> Generator[Batch, None, bool]:
        cursor = self._cursor
        try:
            entry = opened.entry()
        except Damaged:
            if opened.streams:
                skip_array(cursor)
                opened.finish()
            return False
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
        return True

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


@lru_cache(maxsize=16)
def _begin(key: bytes) -> re.Pattern[bytes]:
    """How entries begin that begin with that key or with a known one. Inside a string the quotes would be escaped."""
    keys = [*(known.encode() for known in _FIRST_KEYS), *([re.escape(key)] if key else [])]
    return re.compile(rb'\{[ \t\r\n]*"(?:%b)"[ \t\r\n]*:' % b"|".join(keys))
