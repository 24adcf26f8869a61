"""Captures read in parts, apart from one another, and put together as if they had been read in a row.

    Unit    a capture, or a span of a large one; units stand in the order of the input
    Reader  takes units that follow on one another
    Part    what a reader's units gave: a catalog, and the sessions that go on elsewhere
    Fold    takes parts in the order of their units

The law: whatever the units, the fold is what `infer.engines.local.run` gives for the same captures, to the byte. A
catalog is a commutative monoid and needs no order. What does is carried from part to part: acknowledgements and
attachments still to come, and what is known of a session. A part is read on three guesses, that its first span begins
where an entry does, that this entry stands in what the capture begins with, and that nothing need be known of its
sessions; where the parts before it show a guess to be wrong, the fold has its units read again.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Final

import msgspec

from infer import captures, state
from infer.captures import Span
from infer.catalog import Catalog
from infer.engines.local import Options, Pipeline
from infer.engines.result import Diagnostics, Result
from infer.errors import CaptureError, SioInferError
from infer.limits import Limits
from infer.model import Exchange
from infer.wire import Knowledge, Recogniser, Session, SessionKey, Waiting

Known = Mapping[SessionKey, Knowledge]

_UNKNOWN: Final = 64 << 20
"""Bytes that a capture counts as whose size is not known: as much as is worth a process of its own."""


class Unit(msgspec.Struct, frozen=True):
    """What is read at once."""

    path: str
    span: Span | None = None
    """None: all of it."""
    size: int = 0
    """Bytes, about: those that are packed count as what they unpack to."""

    @property
    def begins(self) -> bool:
        """Whether it is the begin of its capture."""
        return self.span is None or self.span.start == 0


class Part(msgspec.Struct):
    """What reading units that follow on one another gave."""

    catalog: bytes | Catalog = b""
    """Packed (`infer.state.pack`), unless it was unpacked already."""
    diagnostics: Diagnostics = msgspec.field(default_factory=Diagnostics)
    recogniser: Recogniser = msgspec.field(default_factory=Recogniser)
    frames: int = 0
    packets: int = 0
    observations: int = 0
    sessions: Sequence[Session] = ()
    waiting: Sequence[Waiting] = ()
    span: Span | None = None
    """What was read of the last of their captures, and what that showed; None where it was all of it."""
    captures: int = 0
    """Captures that begin in it; `failed` has those of which nothing was read, with what stood against them."""
    failed: list[SioInferError] = msgspec.field(default_factory=list)
    lost: bool = False
    """Whether its reader came to grief: nothing of it may be read again."""

    def unpack(self, limits: Limits) -> Catalog:
        """The catalog, which is part of whatever it is merged into."""
        if isinstance(self.catalog, bytes):
            self.catalog = state.unpack(self.catalog, limits)
        return self.catalog

    def to_bytes(self) -> bytes:
        """For another process of the same program."""
        return pickle.dumps(self, pickle.HIGHEST_PROTOCOL)

    @classmethod
    def from_bytes(cls, data: bytes) -> Part:
        """The part of `to_bytes`, which one's own worker sent: never of a file."""
        part: Part = pickle.loads(data)  # noqa: S301
        return part


def plan(paths: Iterable[str], least: int) -> list[Unit]:
    """The captures as units, the large ones in spans of at least so many bytes."""
    units: list[Unit] = []
    for path in paths:
        size, found = _UNKNOWN, list[Span]()
        if path != captures.STDIN and not captures.is_url(path):
            with suppress(OSError):  # whoever reads it will say so
                size = captures.extent(path)
                found = captures.spans(path, least)
        if len(found) > 1:
            units += [Unit(path, span, (size if span.stop is None else span.stop) - span.start) for span in found]
        else:
            units.append(Unit(path, size=size))
    return units


class Reader:
    """Reads units that follow on one another by one pipeline, so that what it learned of the first serves the next."""

    def __init__(self, options: Options, known: Known | None = None) -> None:
        self._result = Result(catalog=Catalog(options.limits))
        self._result.recogniser = Recogniser(self._result.diagnostics, options.filter)
        self._pipeline = Pipeline(self._result, options)
        self._pipeline.read_apart(known or {})
        self._span: Span | None = None  # what was read of the capture under way, where that is cut
        self._begun = False

    def take(self, unit: Unit) -> None:
        """Read the next unit. Errors: none for what stands in files."""
        span = unit.span
        if unit.begins or not self._begun:
            self._begun = True
            self._span = span = span and msgspec.structs.replace(span)
            self._result.captures += self._pipeline.take(unit.path, span) and unit.begins
        elif self._span is not None and span is not None and (left := self._span.then(span)) is not None:
            self._pipeline.take(unit.path, left)
            self._span.join(left)

    def suspend(self) -> Part:
        """All that was read. No unit may follow."""
        return _suspended(Part(span=self._span), self._result, self._pipeline)


def read(units: Iterable[Unit], options: Options, known: Known | None = None) -> Part:
    """Read units that follow on one another. Errors: none for what stands in files."""
    reader = Reader(options, known)
    for unit in units:
        reader.take(unit)
    return reader.suspend()


def _suspended(part: Part, result: Result, pipeline: Pipeline) -> Part:
    part.sessions, part.waiting = pipeline.suspend()
    part.catalog = state.pack(result.catalog)
    part.diagnostics, part.recogniser = result.diagnostics, result.recogniser
    part.frames, part.packets, part.observations = result.frames, result.packets, result.observations
    part.captures, part.failed = result.captures, result.failed
    return part


class Fold:
    """See the module. `read_again` reads units with what is known of their sessions."""

    def __init__(self, options: Options, read_again: Callable[[Sequence[Unit], Options, Known], Part] = read) -> None:
        self.result = Result(catalog=Catalog(options.limits))
        self.result.recogniser = Recogniser(self.result.diagnostics, options.filter)
        self._options = options
        self._read_again = read_again
        self._pipeline = Pipeline(self.result, options)
        self._span: Span | None = None  # what was read of the last capture, where that is cut

    @property
    def known(self) -> Known:
        """What is known of sessions so far: whoever reads a later unit does well to be told."""
        return self._pipeline.knowledge()

    def add(self, units: Sequence[Unit], part: Part) -> None:
        """Take in the next part, of those units."""
        due = self._due(units)
        if not due:
            return
        if not part.lost and (_starts(due) != _starts(units) or self._strays(due) or self._knows_better(part)):
            units, part = due, self._read_again(due, self._options, self.known)
        self._take(part, due[0].path, _first(due) - _first(units))
        if self._span is None or part.span is None or any(unit.begins for unit in due):
            self._span = part.span
        else:
            self._span.join(part.span)

    def add_joined(self, units: Sequence[Unit], part: Part) -> None:
        """Take in the next parts, of whole captures, which were joined."""
        if not self._knows_better(part):
            self._take(part)
            return
        for unit in units:
            self.add([unit], self._read_again([unit], self._options, self.known))

    def finish(self) -> Result:
        """The result of all."""
        self._pipeline.finish()
        return self.result

    def _due(self, units: Sequence[Unit]) -> Sequence[Unit]:
        """What there is to read of these units, behind what was read before."""
        for number, unit in enumerate(units):
            if unit.begins:
                return units[number:]
            # the entries may have ended before it, or all of it may have been read with the span before
            left = None if self._span is None or unit.span is None else self._span.then(unit.span)
            if left is not None:
                return [msgspec.structs.replace(unit, span=left), *units[number + 1 :]]
        return []

    def _strays(self, due: Sequence[Unit]) -> bool:
        """Whether the first of these units goes on elsewhere than in what its capture begins with."""
        return not due[0].begins and self._span is not None and self._span.strays

    def _knows_better(self, part: Part) -> bool:
        """Whether a session in the part was decoded by guess, and earlier parts say more of it than its reader was told."""
        guessed = [session for session in part.sessions if session.guessed]
        known = self.known if guessed else {}
        return any(known.get(session.key, session.told) != session.told for session in guessed)

    def _take(self, part: Part, path: str = "", entries: int = 0) -> None:
        """Take a part in, of which the first `entries` entries of the capture `path` are no part."""
        result = self.result
        for code in result.recogniser.merge(part.recogniser):
            part.diagnostics.retract(code)
        result.diagnostics.merge(part.diagnostics, path, entries)
        result.catalog.merge(part.unpack(self._options.limits))
        result.frames += part.frames
        result.packets += part.packets
        result.observations += part.observations
        result.captures += part.captures
        result.failed += part.failed
        if entries:
            _move(part, path, entries)
        self._pipeline.resume(part.sessions, part.waiting)


def _move(part: Part, path: str, entries: int) -> None:
    """Count the entries of that capture from so many earlier in what is not over at the part's end."""

    @cache
    def exchange(seen: Exchange) -> Exchange:
        return msgspec.structs.replace(seen, origin=seen.origin.moved(path, entries))

    for session in {id(session): session for session in (*part.sessions, *(waiting.session for waiting in part.waiting))}.values():
        session.move(exchange)
    for waiting in part.waiting:
        waiting.move(lambda origin: origin.moved(path, entries))


def _starts(units: Sequence[Unit]) -> tuple[int, int]:
    """Where units begin, in what is the same for those that end at the same place."""
    return len(units), 0 if units[0].span is None else units[0].span.start


def _first(units: Sequence[Unit]) -> int:
    """The number that the first entry of the first of them is read with."""
    return 0 if units[0].span is None else units[0].span.first


class Join(Fold):
    """Parts of whole captures that follow on one another, as one part: what a cluster does of the fold before it is gathered."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._pipeline.read_apart({})

    def takes(self, part: Part) -> bool:
        """Take in the next part; or not, where it must be read again, which is for the one who gathers to see to."""
        if self._knows_better(part):
            return False
        self._take(part)
        return True

    def suspend(self) -> Part:
        """All that was taken in. Nothing may follow."""
        return _suspended(Part(), self.result, self._pipeline)


def lost(unit: Unit, why: str, hint: str) -> Part:
    """The part of a unit whose reader came to grief."""
    where = "" if unit.span is None else f" at byte {unit.span.start} of the file"
    span = unit.span and msgspec.structs.replace(unit.span, reached=unit.span.stop)
    return Part(catalog=state.pack(Catalog()), span=span, failed=[CaptureError(f"{why}{where}", captures.shown(unit.path), hint)], lost=True)
