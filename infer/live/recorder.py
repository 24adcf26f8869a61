"""The worker's work: frames in; a document, a state and answers out, at any time.

Every few seconds, and at the end, the state and the document are replaced by what was seen so far, each whole. Writing
never takes more than a tenth of the time. What waits is given up, and a session forgotten, by one rule: silence for
`expire` seconds, by the proxy's clock. Flows that mitmproxy replays from a file have clocks of their own, so nothing
expires once one was met.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from infer import state
from infer.asyncapi import document, dump
from infer.catalog import SKIPPED, Catalog
from infer.engines.local import Pipeline
from infer.engines.result import Result
from infer.errors import SioInferError, UsageError
from infer.files import write_atomic
from infer.limits import Limits
from infer.live.lock import Lock
from infer.live.messages import (
    Answer,
    Answered,
    Ask,
    Ended,
    Met,
    Noted,
    Opened,
    Said,
    Skipped,
    Status,
    Told,
    ToProxy,
    ToWorker,
)
from infer.live.settings import OUTPUT, Settings
from infer.live.status import Rates
from infer.live.watch import Watch
from infer.model import Diagnostic, Exchange, Frame, Observation, Origin
from infer.report.summary import nothing_found, summary
from infer.report.text import many, printable

if TYPE_CHECKING:
    from infer.wire import Recogniser

LIVE: Final = "live"
REPLAY: Final = "replay"
"""Sources of origins."""
_SKIPPED_MESSAGE: Final = "the proxy was faster than the worker, which did not see this frame"
_BUG: Final = "internal-error"
OURS: Final = b"urn:sio-infer:"
"""What every document of ours has in its `id`."""
_SHARE: Final = 10
"""A writing that took t is not followed by another within this many t."""
_EXPIRIES: Final = 20
"""How often in `expire` seconds it is looked for what is due."""

Send = Callable[[ToProxy], None]


class Recorder:
    """See the module. `send` takes what goes to the proxy; nothing here raises."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._settings = Settings(output="")
        self._result = Result()
        self._pipeline: Pipeline | None = None
        self._watch: Watch | None = None
        self._rates = Rates()
        self._lock = Lock()
        self._sockets: dict[int, Exchange] = {}
        self._skipped = 0
        self._replayed = False
        self._changed = False
        self._saved: float | None = None
        self._write_at = self._expire_at = 0.0
        self._finished = False
        self._troubled = ""
        self._failed = ""
        """Why the last writing failed; empty: it did not."""

    # --- what comes in

    def take(self, *items: ToWorker) -> None:
        """Take in what the proxy tells.

        Messages are put together by their WebSocket up to the next question, since those of one cost less together; they
        come in the order of each WebSocket, and that among them does not matter.
        """
        said: dict[int, list[Frame]] = {}
        for item in items:
            try:
                if isinstance(item, Said):
                    for frame in self._said(item):
                        said.setdefault(item.socket, []).append(frame)
                    continue
                if said and isinstance(item, Ask):
                    self._feed(chain.from_iterable(said.values()))
                    said = {}
                self._take(item)
            except Exception as error:  # noqa: BLE001 (a bug may cost a frame, not the recording)
                self._left_out(error)
        if said:
            self._feed(chain.from_iterable(said.values()))

    def _take(self, item: Answered | Opened | Ended | Skipped | Noted | Met | Ask) -> None:
        if isinstance(item, Answered):
            self._answered(item)
        elif isinstance(item, Opened):
            self._sockets[item.exchange.origin.entry or 0] = item.exchange
            self._replayed |= item.exchange.origin.source == REPLAY
        elif isinstance(item, Ended):
            self._sockets.pop(item.socket, None)
        elif isinstance(item, Skipped):
            self._skip(item.frames)
        elif isinstance(item, Noted):
            self._result.diagnostics(item.diagnostic)
        elif isinstance(item, Met):
            _met(self._result.recogniser, item)
        else:
            self._send(self._answer(item))

    def tick(self) -> None:
        """Do what is due."""
        now = time.monotonic()
        if self._pipeline is None or self._finished:
            return
        if now >= self._expire_at:
            self._expire_at = now + max(1.0, self._settings.expire / _EXPIRIES)
            if not self._replayed:
                self._pipeline.expire(time.time() - self._settings.expire)
        if self._watch is not None:
            for notice in self._watch.notices():
                self._send(notice)
        if self._changed and now >= self._write_at:
            self._changed = False
            self._write(self._pipeline.so_far())
            took = time.monotonic() - now
            self._write_at = now + max(self._settings.checkpoint, _SHARE * took)

    def finish(self) -> None:
        """Settle all, write the last state and document. Twice is once."""
        if self._finished or self._pipeline is None:
            return
        self._finished = True
        self._pipeline.finish()
        if self._watch is not None:
            for notice in self._watch.notices(final=True):
                self._send(notice)
        self._write(self._result.catalog)
        self._lock.release()

    # --- frames

    def _said(self, item: Said) -> Iterable[Frame]:
        from mitmproxy.websocket import WebSocketMessage  # noqa: PLC0415 (mitmproxy is heavy)

        from infer.captures.flows import message_frame  # noqa: PLC0415 (mitmproxy is heavy)

        exchange = self._sockets.get(item.socket)
        if exchange is None:
            return ()
        message = WebSocketMessage(item.opcode, item.from_client, item.content, item.time)
        frame = message_frame(message, item.index, exchange)
        return () if frame is None else (frame,)

    def _answered(self, item: Answered) -> None:
        from infer.captures.flows import body_frames  # noqa: PLC0415 (mitmproxy is heavy)
        from infer.live.flows import flow_of  # noqa: PLC0415 (mitmproxy is heavy)

        self._replayed |= item.exchange.origin.source == REPLAY
        self._feed(body_frames(flow_of(item.request, item.response), item.exchange, self._result.diagnostics))

    def _feed(self, frames: Iterable[Frame]) -> None:
        frames = iter(frames)
        try:
            self._pass_on(frames)
        except Exception as error:  # noqa: BLE001 (a bug may cost a run of messages, not those that follow)
            self._left_out(error)
            for frame in frames:
                try:
                    self._pass_on((frame,))
                except Exception as another:  # noqa: BLE001 (or one of them)
                    self._left_out(another)

    def _pass_on(self, frames: Iterable[Frame]) -> None:
        assert self._pipeline is not None
        before = self._result.frames
        self._pipeline.feed(frames)
        self._changed |= self._result.frames > before

    def _left_out(self, error: Exception) -> None:
        self._changed = True
        self._result.diagnostics(Diagnostic(_BUG, type(error).__name__, Origin(LIVE)))
        self._trouble(f"unexpected {type(error).__name__} (a bug: please report it); the frame is left out")

    def _skip(self, frames: int) -> None:
        first = not self._skipped
        self._skipped += frames
        self._changed = True
        self._result.diagnostics(Diagnostic(SKIPPED, _SKIPPED_MESSAGE, Origin(LIVE)))
        self._result.diagnostics.counts[SKIPPED] += frames - 1
        if first:
            self._trouble("the proxy is faster than the worker: some frames are skipped (the traffic is not touched)")

    def _watched(self, observation: Observation) -> None:
        if self._watch is not None:
            self._watch.add(observation)

    # --- answers

    def _answer(self, ask: Ask) -> Answer:
        try:
            if ask.what == "configure":
                assert ask.settings is not None
                return Answer(ask.number, lines=self._configure(ask.settings))
            if self._pipeline is None:
                raise UsageError("the worker is not configured")
            if ask.what == "status":
                return Answer(ask.number, status=self._status())
            answers = {"summary": self._show, "save": self._save, "diff": self._diff, "reset": self._reset}
            if ask.what == "finish":
                self.finish()
                catalog = self._result.catalog
                return Answer(ask.number, lines=self._summary(catalog), status=self._status(), failed=self._unwritten(catalog))
            return Answer(ask.number, lines=answers[ask.what](ask.argument))
        except SioInferError as error:
            return Answer(ask.number, printable(str(error), 1_000))
        except Exception as error:  # noqa: BLE001 (a bug may cost a frame, not the recording)
            return Answer(ask.number, f"unexpected {type(error).__name__} (a bug: please report it)")

    def _configure(self, settings: Settings) -> list[str]:
        """Begin, or go on, with these settings; on an error all stays as it was."""
        settings.check()
        before = self._settings
        if self._pipeline is None:
            _spare(settings)
        if self._pipeline is not None and (settings.parser, settings.limit) != (before.parser, before.limit):
            raise UsageError("parser and limits cannot be changed while listening", hint="start anew")
        watch = self._watch
        if settings.declared != before.declared:
            watch = Watch(settings.declared, settings.perspective) if settings.declared else None
        kept: Catalog | None = None
        lines = []
        if settings.state != before.state:
            lock = Lock()
            if settings.state:
                lock.acquire(settings.state)
                try:
                    kept = _kept(settings.state, settings.pipeline().limits)
                except SioInferError:
                    lock.release()
                    raise
            self._lock.release()
            self._lock = lock
        if self._pipeline is None:
            self._result.catalog = Catalog(settings.pipeline().limits)
        if kept is not None:
            lines.append(f"going on from {settings.state}: {many(kept.events, 'kind')} of event are known")
            self._result.catalog.merge(kept)
            self._rates.begin(self._result.catalog)
            self._changed = True
        self._settings, self._watch = settings, watch
        options = msgspec.structs.replace(settings.pipeline(), observer=None if watch is None else self._watched)
        if self._pipeline is None:
            self._pipeline = Pipeline(self._result, options, resets=True)
            self._write_at = time.monotonic() + settings.checkpoint
            self._expire_at = time.monotonic() + 1.0
        else:
            self._pipeline.options = options
            self._changed = True
        return lines

    def _show(self, _: str) -> list[str]:
        assert self._pipeline is not None
        catalog = self._pipeline.so_far()
        output = "" if self._saved is None else self._settings.output
        last = self._unwritten(catalog) or (output and f"written to {printable(output)}")
        return [*self._summary(catalog), *filter(None, [last])]

    def _save(self, path: str) -> list[str]:
        """The document, or with a name in `.sio` the state, to a file."""
        assert self._pipeline is not None
        if not path:
            raise UsageError("no file is named", hint="sio.save asyncapi.yml, or sio.save catalog.sio")
        path = str(Path(path).expanduser())
        catalog = self._pipeline.so_far()
        if path.endswith(".sio"):
            state.save(catalog, path)
        else:
            form: Literal["yaml", "json"] = "json" if path.endswith(".json") else "yaml"
            write_atomic(path, dump(document(catalog, self._settings.document()), form).encode())
        return [f"saved {many(catalog.events, 'kind')} of event to {path}"]

    def _diff(self, _: str) -> list[str]:
        """What did not keep to the declared contract so far."""
        if self._watch is None:
            raise UsageError("no contract is declared", hint="set sio_infer_declared to an AsyncAPI document")
        return self._watch.report()

    def _reset(self, _: str) -> list[str]:
        assert self._pipeline is not None
        self._pipeline.reset()
        self._rates = Rates()
        self._skipped = 0
        if self._watch is not None:
            self._watch = Watch(self._settings.declared, self._settings.perspective)
        if self._settings.state:
            state.save(self._result.catalog, self._settings.state)
        return ["counting anew; the document is written with the next event"]

    def _status(self) -> Status:
        result = self._result
        rows, more = self._rates.rows(self._result.catalog)
        return Status(
            rows=rows,
            more=more,
            sessions=result.catalog.sessions.count,
            frames=result.frames,
            observations=result.observations,
            skipped=self._skipped,
            diagnostics=sorted((code, count) for code, count in result.diagnostics.counts.items() if code != SKIPPED),
            violations=0 if self._watch is None else self._watch.violations,
            saved=None if self._saved is None else time.monotonic() - self._saved,
        )

    def _summary(self, catalog: Catalog) -> list[str]:
        """What is in the catalog, and what was met on the way; what is to be said of the files is not in it."""
        shown = self._shown(catalog)
        wanted = catalog.shows(self._settings.filter())
        lines = list(summary(shown, self._settings.min_samples)) if wanted or shown.frames else []
        return lines + (self._watch.report() if wanted and self._watch is not None else [])

    def _unwritten(self, catalog: Catalog) -> str:
        """Why there is no document of the catalog; empty: nothing is in the way of one."""
        if catalog.shows(self._settings.filter()):
            return self._failed
        message, hint = nothing_found(self._shown(catalog), self._settings.filter())
        return f"{message} ({hint})"

    def _shown(self, catalog: Catalog) -> Result:
        return Result(
            catalog=catalog,
            diagnostics=self._result.diagnostics,
            recogniser=self._result.recogniser,
            frames=self._result.frames,
            packets=self._result.packets,
            observations=self._result.observations,
        )

    # --- files

    def _write(self, catalog: Catalog) -> None:
        """State and document, each replaced at once, and whatever becomes of the other."""
        failures = [self._tried(self._write_state, catalog), self._tried(self._write_document, catalog)]
        self._failed = "; ".join(filter(None, failures))
        if self._failed:
            self._trouble(self._failed)
        else:
            self._troubled = ""

    def _write_state(self, catalog: Catalog) -> None:
        if self._settings.state:
            state.save(catalog, self._settings.state)

    def _write_document(self, catalog: Catalog) -> None:
        """Only when there is something to say."""
        settings = self._settings
        if settings.output and catalog.shows(settings.filter()):
            text = dump(document(catalog, settings.document()), settings.format)
            write_atomic(settings.output, text.encode())
            self._saved = time.monotonic()

    def _tried(self, write: Callable[[Catalog], None], catalog: Catalog) -> str:
        """What went wrong with it; empty: nothing."""
        try:
            write(catalog)
        except SioInferError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 (a bug may cost a frame, not the recording)
            return f"unexpected {type(error).__name__} while writing (a bug: please report it)"
        return ""

    def _trouble(self, line: str) -> None:
        """Tell of a trouble, once as long as it stays the same."""
        if line != self._troubled:
            self._troubled = line
            with suppress(OSError):
                self._send(Told(printable(line, 1_000)))


def _spare(settings: Settings) -> None:
    """Refuse to write over a document of someone else's where nobody said that it may be."""
    path = Path(settings.output)
    if settings.output == OUTPUT and path.is_file() and OURS not in path.read_bytes():
        raise UsageError("is there, and was not written by sio-infer", settings.output, "name the output")


def _kept(path: str, limits: Limits) -> Catalog | None:
    """The catalog of an earlier run; None where there is none yet. Errors: `CaptureError`."""
    return state.load(path, limits) if Path(path).exists() else None


def _met(recogniser: Recogniser, met: Met) -> None:
    for counter, counts in (
        (recogniser.seen, met.seen),
        (recogniser.filtered, met.filtered),
        (recogniser.recognised, met.recognised),
    ):
        counter.clear()
        counter.update(dict(counts))
    recogniser.websockets = met.websockets
