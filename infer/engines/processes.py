"""Processes on this machine: runs of units are read side by side, their parts folded in the order of the input.

A worker that dies costs the unit that it died of, which is told of, and nothing else; another takes its place. Parts
that come early wait for their turn, and no more runs are given out than keep the workers busy, so that memory does not
grow.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Final

import msgspec

from infer.captures.spans import LEAST
from infer.engines.local import Options
from infer.engines.parts import Fold, Known, Part, Reader, plan, read
from infer.engines.result import Result
from infer.engines.shares import MOST, Run, Runs, size_of
from infer.errors import UsageError

UNITS: Final = 8
"""Units that a worker's share is cut into, where sizes allow: so that others can take of it."""
AHEAD: Final = 4
"""Runs a worker, under way or waiting for their turn to be folded."""
_AT_HAND: Final = 16 << 20
"""Bytes of units that a worker has at hand, so that it need not wait for the next small one; no more than so many units:"""
_GIVEN: Final = 8
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
    units = plan(paths, max(LEAST, min(MOST, _size(paths) // jobs) // UNITS))
    if jobs == 1 or len(units) == 1:
        from infer.engines import local  # noqa: PLC0415 (nothing to spread)

        return local.run(paths, options)
    fold = Fold(msgspec.structs.replace(options, observer=None))
    jobs = min(jobs, len(units))
    crew = _Crew(jobs, options)
    try:
        _fold_in_order(Runs(units, jobs, AHEAD * jobs), fold, crew, options)
    finally:
        crew.dismiss()
    return fold.finish()


def _size(paths: list[str]) -> int:
    """Bytes of all files that can be cut."""
    return sum(Path(path).stat().st_size for path in paths if Path(path).is_file())


def _fold_in_order(runs: Runs, fold: Fold, crew: _Crew, options: Options) -> None:
    while runs:
        # what is at hand is given out before this process waits, and before it is busy folding
        while crew.idle and (more := runs.take()) is not None:
            crew.give(more, fold.known)
        run = runs.first
        if run.own:
            run.part = read(run.units, options, fold.known)
        if run.part is None:
            early = runs.packed if crew.idle else None
            if early is not None:
                early.unpack(options.limits)  # there is a core that has nothing else to do
            else:
                crew.listen(runs)
            continue
        runs.fold_first()
        fold.add(run.units, run.part)


class _Worker:
    """A process and the way to it."""

    def __init__(self, context: Any, options: Options, others: list[Connection], *, tells: bool) -> None:
        """`others`: the ways to those that are there; `tells`: whether it says how far it has come."""
        self.way, far = context.Pipe()
        copied = [self.way, *others] if context.get_start_method() == "fork" else []
        self.process = context.Process(target=_work, args=(far, options, tells, copied), daemon=True)
        self.process.start()
        far.close()
        self.run: Run | None = None

    def give(self, *said: object) -> None:
        """Tell it that, if it is alive: if not, listening to it will show."""
        with suppress(OSError):
            for one in said:
                self.way.send(one)


class _Crew:
    """Workers, each with at most one run."""

    def __init__(self, size: int, options: Options) -> None:
        self._progress = options.progress
        self._options = msgspec.structs.replace(options, progress=None, observer=None)
        # a copy of this process is there at once, but not safe beside other threads; a new one imports everything again
        alone = threading.active_count() == 1 and sys.platform == "linux"
        self._context = multiprocessing.get_context("fork" if alone else "spawn")
        self._workers: list[_Worker] = []
        while len(self._workers) < size:
            self._workers.append(self._hire())

    @property
    def idle(self) -> bool:
        """Whether a worker has nothing to do."""
        return any(worker.run is None for worker in self._workers)

    def give(self, run: Run, known: Known) -> None:
        """Have an idle worker read the run."""
        worker = next(worker for worker in self._workers if worker.run is None)
        if not worker.process.is_alive():  # ended by others, which no unit is to blame for
            worker = self._replace(worker)
        worker.run = run
        worker.give(known)
        self._go_on(worker, run)

    def listen(self, runs: Runs) -> None:
        """Wait until a worker says something, and see to it."""
        busy = {worker.way: worker for worker in self._workers if worker.run is not None}
        for way in wait(list(busy)):
            worker = busy[way]
            assert worker.run is not None
            try:
                said = worker.way.recv()
            except (EOFError, OSError):
                self._lose(worker, runs, f"the process that read it {_end_of(worker.process)}", _SHORT)
                continue
            if said is None:
                worker.run.read.append(worker.run.given.pop(0))
                self._go_on(worker, worker.run)
            elif isinstance(said, int):
                if self._progress is not None:
                    self._progress(said)
            elif isinstance(said, bytes):
                worker.run.part = Part.from_bytes(said)
                worker.run = None
            else:
                self._lose(worker, runs, str(said), _BUG)

    def dismiss(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.way.close()
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join()

    def _go_on(self, worker: _Worker, run: Run) -> None:
        """Give a worker more of its run; where there is no more, ask for its part."""
        while run.left and len(run.given) < _GIVEN and size_of(run.given) < _AT_HAND:
            run.given.append(run.left.pop(0))
            worker.give(run.given[-1])
        if not run.given:
            worker.give(None)

    def _lose(self, worker: _Worker, runs: Runs, why: str, hint: str) -> None:
        """Do without what a worker was reading that is of no use any more."""
        assert worker.run is not None
        runs.lose(worker.run, why, hint)
        self._replace(worker)

    def _replace(self, worker: _Worker) -> _Worker:
        """Have another take its place."""
        worker.way.close()
        worker.process.terminate()
        worker.process.join()
        new = self._workers[self._workers.index(worker)] = self._hire()
        return new

    def _hire(self) -> _Worker:
        ways = [worker.way for worker in self._workers if not worker.way.closed]
        return _Worker(self._context, self._options, ways, tells=self._progress is not None)


def _end_of(process: Any) -> str:
    process.join(5)
    code = process.exitcode
    if code is not None and code < 0:
        return f"was ended by signal {-code} ({signal.strsignal(-code)})"
    return f"ended with exit code {code}"


def _work(way: Connection, options: Options, tells: bool, copied: list[Connection]) -> None:  # noqa: FBT001 (a process is started with plain arguments)
    """A worker's life.

    In, for each run: what is known, its units, None for their end. Out: None for each unit, the bytes read now and then
    where it `tells`, its part. It ends when the way does, or with a word of why. `copied` are ends of ways that it has by being
    a copy of the one who started it: as long as it held them, none would end with that one.
    """
    for each in copied:
        each.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who is asked to stop is the process that started this one
    read_since = 0

    def progress(count: int) -> None:
        nonlocal read_since
        read_since += count
        if read_since >= _TELL:
            way.send(read_since)
            read_since = 0

    if tells:
        options = options.with_progress(progress)
    reader: Reader | None = None
    while True:
        try:
            said = way.recv()
        except (EOFError, OSError):
            return
        try:
            if reader is None:
                reader = Reader(options, said)
            elif said is not None:
                reader.take(said)
                way.send(None)
            else:
                way.send(reader.suspend().to_bytes())
                reader = None
        except Exception as error:  # noqa: BLE001 (a bug, which must not cost the other units)
            with suppress(OSError):  # nobody is there to be told
                way.send(f"reading it failed with an unexpected {type(error).__name__}")
            return
