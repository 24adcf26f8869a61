"""The plain engine: one capture after the other, in this process.

Sessions are followed across all captures of a run: one that begins in the first file and ends in the second is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from infer import captures
from infer.catalog import Catalog
from infer.engines.lanes import Lanes
from infer.engines.result import Result
from infer.errors import SioInferError
from infer.filters import Filter
from infer.model import Exchange, Frame, Observation
from infer.wire import Correlator, Decoder, Knowledge, Limits, Packet, Recogniser, Session, SessionKey, Waiting


class Options(msgspec.Struct, frozen=True):
    """What to read and how; the same for every engine."""

    filter: Filter = msgspec.field(default_factory=Filter)
    admin_ui: bool = True
    """Whether the namespace of Socket.IO's own admin UI is kept."""
    parser: str = "auto"
    limits: Limits = msgspec.field(default_factory=Limits)
    progress: Callable[[int], None] | None = None
    """Called with the bytes read since the last call."""
    observer: Callable[[Observation], None] | None = None
    """Told of each observation that the filter lets through: for what a catalog does not keep, their order and place."""

    def with_progress(self, progress: Callable[[int], None] | None) -> Options:
        """The same, which tells its progress."""
        return msgspec.structs.replace(self, progress=progress)


def run(paths: Iterable[str], options: Options | None = None) -> Result:
    """Read captures and saved states into one catalog.

    `paths` are files (or `-` for standard input), see `infer.captures.expand` for globs and folders. A file of which
    nothing can be read is put into `Result.failed` and the others are read. Errors: none for what stands in files.
    """
    options = options or Options()
    result = Result(catalog=Catalog(options.limits))
    result.recogniser = Recogniser(result.diagnostics, options.filter)
    pipeline = Pipeline(result, options)
    for path in paths:
        result.captures += pipeline.take(path)
    pipeline.finish()
    return result


class Pipeline:
    """Frames in, observations into the catalog of a result."""

    def __init__(self, result: Result, options: Options, *, resets: bool = False) -> None:
        """`resets`: whether `reset` may be called."""
        self._result = result
        self._options = options
        self._decoder = Decoder(parser=options.parser, limits=options.limits, report=result.diagnostics)
        self._counted = 0, 0
        """Frames and packets of the decoder that the result has counted."""
        self._correlator = Correlator(limits=options.limits, report=result.diagnostics, again=resets)
        self._open_lanes()

    @property
    def options(self) -> Options:
        """May be replaced at any time, but for its parser and limits."""
        return self._options

    @options.setter
    def options(self, options: Options) -> None:
        self._options = options
        self._open_lanes()

    def take(self, path: str, span: captures.Span | None = None) -> bool:
        """Take in a saved state or a capture, or a span of it; whether anything of it could be read."""
        try:
            if span is None and captures.is_state(path):
                from infer import state  # noqa: PLC0415 (which most runs do without)

                self._result.catalog.merge(state.decode(captures.content(path), captures.shown(path), self.options.limits))
            else:
                self.read(path, span)
        except SioInferError as error:
            self._result.failed.append(error)
            return False
        return True

    def read(self, path: str, span: captures.Span | None = None) -> None:
        """Take in the frames of one capture, or of a span of it. Errors: `CaptureError` where nothing of it can be read."""
        result, options = self._result, self.options
        frames = captures.read(
            path,
            wanted=self._wants,
            report=result.diagnostics,
            progress=options.progress,
            span=span,
            unpacked=options.limits.unpacked_bytes,
        )
        self.feed(frames)

    def feed(self, frames: Iterable[Frame]) -> None:
        """Take in frames, of whatever origin. Errors: what getting the next one raises."""
        self._take(self._decoder.packets(frames))

    def read_apart(self, known: Mapping[SessionKey, Knowledge]) -> None:
        """Prepare for part of a capture, before the first frame: `known` is what earlier frames say of sessions."""
        self._decoder.read_apart(known)
        self._correlator.read_apart()

    def knowledge(self) -> dict[SessionKey, Knowledge]:
        """What is known of the sessions that are followed."""
        return self._decoder.knowledge()

    def suspend(self) -> tuple[Sequence[Session], Sequence[Waiting]]:
        """End reading where others read on: what sessions are under way, and what they wait for. No frame may follow."""
        packets, sessions = self._decoder.suspend()
        self._take(packets)
        return sessions, self._correlator.suspend()

    def resume(self, sessions: Sequence[Session], waiting: Sequence[Waiting]) -> None:
        """Go on where another pipeline, which was fed the frames that follow on those fed here, was suspended."""
        self._take(self._decoder.resume(sessions))
        for later in waiting:
            named = later.session.is_named
            session = self._decoder.session(later.session.key) if named else None
            self._add(self._correlator.resume(later, session or later.session))

    def expire(self, before: float) -> None:
        """Forget the sessions not heard of since `before`, and give up what waits as long; see `Decoder.expire`."""
        self._take(self._decoder.expire(before))
        self._add(self._correlator.expire(before))

    def reset(self) -> None:
        """Begin to count anew; sessions under way are followed on."""
        self._result.catalog = Catalog(self.options.limits)
        self._open_lanes()
        self._result.diagnostics.clear()
        self._correlator.announce_again()

    def so_far(self) -> Catalog:
        """A copy of the catalog as `finish` would leave it now, while everything goes on waiting."""
        from infer import state  # noqa: PLC0415

        catalog = state.decode(state.encode(self._result.catalog), limits=self.options.limits)
        wants = self.options.filter.wants
        for observation in self._correlator.pending():
            if wants(observation):
                catalog.add(observation)
        self._close(catalog)
        return catalog

    def finish(self) -> None:
        """Settle what waits for more, and close the catalog: no frame may follow."""
        self._take(self._decoder.settle())
        self._add(self._correlator.settle())
        self._close(self._result.catalog)

    def _open_lanes(self) -> None:
        """Lead the short way to the result's catalog; not where there is an observer, who wants to be told of each."""
        options = self._options
        lanes = Lanes(self._result, options.filter, self._correlator, self._add, options.limits)
        self._decoder.shortcut = lanes.take if options.observer is None else None

    def _close(self, catalog: Catalog) -> None:
        catalog.diagnostics += self._result.diagnostics.counts
        catalog.select(self.options.filter, admin_ui=self.options.admin_ui)

    def _wants(self, exchange: Exchange) -> bool:
        return self._result.recogniser(exchange)

    def _take(self, packets: Iterable[Packet]) -> None:
        feed, add = self._correlator.feed, self._add
        try:
            for packet in packets:
                add(feed(packet))
        finally:
            stats, (frames, number) = self._decoder.stats, self._counted
            self._result.frames += stats.frames - frames
            self._result.packets += stats.packets - number
            self._counted = stats.frames, stats.packets

    def _add(self, observations: Iterable[Observation]) -> None:
        wanted, add, observer = self.options.filter, self._result.catalog.add, self.options.observer
        filtered = bool(wanted)
        for observation in observations:
            if not filtered or wanted.wants(observation):
                self._result.observations += 1
                add(observation)
                if observer is not None:
                    observer(observation)
