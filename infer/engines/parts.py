"""Captures read in parts, apart from one another, and put together as if they had been read in a row.

    Unit    a capture, or a span of a large one; units stand in the order of the input
    Part    what reading a unit gave: a catalog, and the sessions that go on elsewhere
    Fold    takes parts in the order of their units

The law: whatever the units, the fold is what `infer.engines.local.run` gives for the same captures, to the byte. A
catalog is a commutative monoid and needs no order. What does is carried from part to part: acknowledgements and
attachments still to come, and what is known of a session. A part is read on two guesses, that a span begins where an
entry does and that nothing need be known of its sessions; where the parts before it show a guess to be wrong, the fold
has the unit read again.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from infer import captures, state
from infer.captures import Span
from infer.catalog import Catalog
from infer.engines.local import Options, Pipeline
from infer.engines.result import Diagnostics, Result
from infer.errors import CaptureError, SioInferError
from infer.wire import Knowledge, Recogniser, Session, SessionKey, Waiting

Known = Mapping[SessionKey, Knowledge]


@dataclass(frozen=True, slots=True)
class Unit:
    """What is read at once."""

    path: str
    span: Span | None = None
    """None: all of it."""

    @property
    def begins(self) -> bool:
        """Whether it is the begin of its capture."""
        return self.span is None or self.span.start == 0


@dataclass(slots=True)
class Part:
    """What reading a unit gave."""

    catalog: bytes = b""
    """See `infer.state.pack`."""
    diagnostics: Diagnostics = field(default_factory=Diagnostics)
    recogniser: Recogniser = field(default_factory=Recogniser)
    frames: int = 0
    packets: int = 0
    observations: int = 0
    sessions: Sequence[Session] = ()
    waiting: Sequence[Waiting] = ()
    span: Span | None = None
    """The unit's, with what reading it showed."""
    captures: int = 0
    """Captures that begin in it; `failed` has those of which nothing was read, with what stood against them."""
    failed: list[SioInferError] = field(default_factory=list)

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
        try:
            found = [] if path == captures.STDIN or captures.is_url(path) else captures.spans(path, least)
        except OSError:  # whoever reads it will say so
            found = []
        units += [Unit(path, span) for span in found] if len(found) > 1 else [Unit(path)]
    return units


def read(unit: Unit, options: Options, known: Known | None = None) -> Part:
    """Read one unit. Errors: none for what stands in files."""
    result = Result(catalog=Catalog(options.limits))
    result.recogniser = Recogniser(result.diagnostics, options.filter)
    pipeline = Pipeline(result, options)
    pipeline.read_apart(known or {})
    part = Part(span=unit.span and replace(unit.span))
    try:
        if unit.span is None and captures.is_state(unit.path):
            result.catalog.merge(state.decode(captures.content(unit.path), unit.path, options.limits))
        else:
            pipeline.read(unit.path, part.span)
        result.captures = unit.begins
    except SioInferError as error:
        result.failed.append(error)
    return _suspended(part, result, pipeline)


def _suspended(part: Part, result: Result, pipeline: Pipeline) -> Part:
    part.sessions, part.waiting = pipeline.suspend()
    part.catalog = state.pack(result.catalog)
    part.diagnostics, part.recogniser = result.diagnostics, result.recogniser
    part.frames, part.packets, part.observations = result.frames, result.packets, result.observations
    part.captures, part.failed = result.captures, result.failed
    return part


class Fold:
    """See the module. `read_again` reads a unit with what is known of its sessions."""

    def __init__(self, options: Options, read_again: Callable[[Unit, Options, Known], Part] = read) -> None:
        self.result = Result(catalog=Catalog(options.limits))
        self.result.recogniser = Recogniser(self.result.diagnostics, options.filter)
        self._options = options
        self._read_again = read_again
        self._pipeline = Pipeline(self.result, options)
        self._path = ""
        self._entries = 0
        self._reached: int | None = None

    @property
    def known(self) -> Known:
        """What is known of sessions so far: whoever reads a later unit does well to be told."""
        return self._pipeline.knowledge()

    def add(self, unit: Unit, part: Part) -> None:
        """Take in the next part."""
        if unit.begins:
            self._path, self._entries, self._reached = unit.path, 0, None
        elif not part.failed and unit.span is not None:
            if self._reached is None or (unit.span.stop is not None and self._reached >= unit.span.stop):
                return  # the entries ended before it, or all of it was read with the span before
            if self._reached != unit.span.start:
                unit = replace(unit, span=replace(unit.span, start=self._reached))
                part = self._read_again(unit, self._options, self.known)
        if self._knows_better(part):
            part = self._read_again(unit, self._options, self.known)
        self._take(part)
        if part.span is not None:
            self._entries += part.span.entries
            self._reached = part.span.reached

    def add_joined(self, units: Sequence[Unit], part: Part) -> None:
        """Take in the next parts, of whole captures, which were joined."""
        if not self._knows_better(part):
            self._take(part)
            return
        for unit in units:
            self.add(unit, self._read_again(unit, self._options, self.known))

    def finish(self) -> Result:
        """The result of all."""
        self._pipeline.finish()
        return self.result

    def _knows_better(self, part: Part) -> bool:
        """Whether a session in the part was decoded by guess, and earlier parts say more of it than its reader was told."""
        guessed = [session for session in part.sessions if session.guessed]
        known = self.known if guessed else {}
        return any(known.get(session.key, session.told) != session.told for session in guessed)

    def _take(self, part: Part) -> None:
        result = self.result
        for code in result.recogniser.merge(part.recogniser):
            part.diagnostics.retract(code)
        result.diagnostics.merge(part.diagnostics, self._path, self._entries)
        result.catalog.merge(state.unpack(part.catalog, self._options.limits))
        result.frames += part.frames
        result.packets += part.packets
        result.observations += part.observations
        result.captures += part.captures
        result.failed += part.failed
        self._pipeline.resume(part.sessions, part.waiting)


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
    span = unit.span and replace(unit.span, reached=unit.span.stop)
    return Part(catalog=state.pack(Catalog()), span=span, failed=[CaptureError(f"{why}{where}", unit.path, hint)])
