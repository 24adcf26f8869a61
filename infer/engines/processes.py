"""Processes on this machine: units are read side by side, their parts folded in the order of the input.

A worker that dies costs its unit, which is told of, and nothing else; another takes its place. Parts that come early
wait for their turn, and no more units are given out than keep the workers busy, so that memory does not grow.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterable
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Final

from infer import captures
from infer.captures.spans import LEAST
from infer.engines.local import Options
from infer.engines.parts import Fold, Known, Part, Unit, lost, plan, read
from infer.engines.result import Result
from infer.errors import UsageError

SPANS: Final = 2
"""Spans a worker, where sizes allow, so that who is done early takes more."""
LARGE: Final = 256 << 20
"""Bytes of a worker's share that is worth cutting: each span begins with evidence of its own and learns anew what is usual, which
costs as much as reading some 20 MB more."""
MOST: Final = 512 << 20
"""Bytes of a span, so that one that is lost does not cost all."""
AHEAD: Final = 4
"""Units a worker, given out or waiting for their turn."""
_TELL: Final = 1 << 20
"""Bytes read between two words of a worker on its progress."""
MAX_JOBS: Final = 256
_SHORT: Final = "all else is kept; memory may be short: try fewer --jobs"
_BUG: Final = "all else is kept; this is a bug: please report it"


def jobs_of(given: str) -> int:
    """A number of processes, or `auto`: as many as there are cores that this process may use. Errors: `UsageError`."""
    if given == "auto":
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not given.isdecimal() or not 1 <= int(given) <= MAX_JOBS:
        raise UsageError("--jobs takes a number of processes, or auto", given, f"1 to {MAX_JOBS}")
    return int(given)


def run(paths: Iterable[str], options: Options, jobs: int) -> Result:
    """What `infer.engines.local.run` gives, by that many processes. An `observer` is not told anything: there is no order."""
    paths = list(paths)
    share = _size(paths) // jobs
    units = plan(paths, max(LEAST, min(MOST, share // SPANS if share > LARGE else share)))
    if jobs == 1 or len(units) == 1:
        from infer.engines import local  # noqa: PLC0415 (nothing to spread)

        return local.run([unit.path for unit in units if unit.begins], options)
    fold = Fold(replace(options, observer=None))
    crew = _Crew(min(jobs, len(units)), options)
    try:
        _fold_in_order(units, fold, crew, options)
    finally:
        crew.dismiss()
    return fold.finish()


def _size(paths: list[str]) -> int:
    """Bytes of all files that can be cut."""
    return sum(Path(path).stat().st_size for path in paths if Path(path).is_file())


def _fold_in_order(units: list[Unit], fold: Fold, crew: _Crew, options: Options) -> None:
    early: dict[int, Part] = {}
    given = 0
    for turn, unit in enumerate(units):
        while True:  # what is at hand is given out before it is waited, and before this process is busy folding
            while crew.idle and given < min(len(units), turn + AHEAD * crew.size):
                if units[given].path != captures.STDIN:
                    crew.give(given, units[given], fold.known)
                given += 1
            if turn in early or unit.path == captures.STDIN:
                break
            early.update(crew.done())
        # standard input no one else can read
        fold.add(unit, read(unit, options, fold.known) if unit.path == captures.STDIN else early.pop(turn))


class _Worker:
    """A process and the way to it."""

    def __init__(self, context: Any, options: Options) -> None:
        self.way, far = context.Pipe()
        self.process = context.Process(target=_work, args=(far, options), daemon=True)
        self.process.start()
        far.close()
        self.turn: int | None = None
        self.unit: Unit | None = None


class _Crew:
    """Workers, each with at most one unit."""

    def __init__(self, size: int, options: Options) -> None:
        self.size = size
        self._progress = options.progress
        self._options = replace(options, progress=None, observer=None)
        # a copy of this process is there at once, but not safe beside other threads; a new one imports everything again
        alone = threading.active_count() == 1 and sys.platform == "linux"
        self._context = multiprocessing.get_context("fork" if alone else "spawn")
        self._workers = [self._hire() for _ in range(size)]

    @property
    def idle(self) -> bool:
        """Whether a worker has nothing to do."""
        return any(worker.turn is None for worker in self._workers)

    def give(self, turn: int, unit: Unit, known: Known) -> None:
        """Have an idle worker read the unit."""
        worker = next(worker for worker in self._workers if worker.turn is None)
        worker.turn, worker.unit = turn, unit
        try:
            worker.way.send((unit, known))
        except OSError:
            return  # it is dead, which `done` will see

    def done(self) -> dict[int, Part]:
        """Wait until a worker says something; the parts that came, by the turn of their units."""
        parts: dict[int, Part] = {}
        busy = {worker.way: worker for worker in self._workers if worker.turn is not None}
        for way in wait(list(busy)):
            worker = busy[way]
            assert worker.turn is not None
            assert worker.unit is not None
            try:
                said = worker.way.recv()
            except (EOFError, OSError):
                parts[worker.turn] = lost(worker.unit, f"the process that read it {_end_of(worker.process)}", _SHORT)
                self._workers[self._workers.index(worker)] = self._hire()
                continue
            if isinstance(said, int):
                if self._progress is not None:
                    self._progress(said)
                continue
            parts[worker.turn] = Part.from_bytes(said) if isinstance(said, bytes) else lost(worker.unit, str(said), _BUG)
            worker.turn = worker.unit = None
        return parts

    def dismiss(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.way.close()
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join()

    def _hire(self) -> _Worker:
        return _Worker(self._context, self._options)


def _end_of(process: Any) -> str:
    process.join(5)
    code = process.exitcode
    if code is not None and code < 0:
        return f"was ended by signal {-code} ({signal.strsignal(-code)})"
    return f"ended with exit code {code}"


def _work(way: Connection, options: Options) -> None:
    """A worker's life: units in, parts out, and now and then the bytes read."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who is asked to stop is the process that started this one
    read_since = 0

    def progress(count: int) -> None:
        nonlocal read_since
        read_since += count
        if read_since >= _TELL:
            way.send(read_since)
            read_since = 0

    options = options.with_progress(progress)
    while True:
        try:
            unit, known = way.recv()
        except (EOFError, OSError):
            return
        try:
            answer: bytes | str = read(unit, options, known).to_bytes()
        except Exception as error:  # noqa: BLE001 (a bug, which must not cost the other units)
            answer = f"reading it failed with an unexpected {type(error).__name__}"
        way.send(answer)
