"""The proxy's end of the pipe to the worker: nothing that is called on the event loop waits, unless it says so.

What is offered stands in a queue of bounded bytes, from which `write` passes on what the pipe takes at once, in batches. No
thread writes: one that waits for the interpreter makes every call of the proxy's that lets go of it wake that thread, which
costs the proxy more than all of the copying. A thread reads what comes back, which is seldom. A copy that finds no room is
let go and counted. When the worker is gone all copies are.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import infer
from infer.errors import SioInferError, UsageError
from infer.live.messages import Answer, Ask, Skipped, Status, ToProxy, ToWorker, batches, packed, to_proxy
from infer.live.settings import Settings

_PIPE: Final = 1 << 20
"""Bytes that the pipe holds, where that can be said: what is written at once need not wait for who reads."""
_BATCH: Final = 256
"""Items in a batch, so that the event loop is held up for some tens of microseconds; `_BATCH_BYTES` likewise."""
_BATCH_BYTES: Final = 128 << 10
_FULL: Final = 0.01
"""Seconds until a pipe that was full is tried again."""
_ITEM: Final = 160
"""Bytes of an item besides its content, about."""
ANSWER: Final = 15.0
"""Seconds to wait for an answer: the worker may have some of the queue to do first."""
START: Final = 60.0
"""Seconds to wait for the first one: on a busy machine, or from a slow disk, the worker takes its time to start."""
_END: Final = 5.0
"""Seconds in which a worker that has nothing to do any more ends."""
FINISH: Final = 60.0
"""Seconds to wait for the last document."""

Notice = Callable[[ToProxy], None]


class Link:
    """A worker process. `notice` is called with what it tells unasked, in a thread of this class.

    `skipped` are frames that an earlier worker was to be told of.
    """

    def __init__(self, notice: Notice, limit: int, skipped: int = 0) -> None:
        self.limit = limit
        """Bytes that may wait."""
        self._notice = notice
        self._items: deque[tuple[int, ToWorker]] = deque()
        self._writing = threading.Lock()
        self._batch = memoryview(b"")
        self._batched = 0  # bytes of it as they were counted
        self._offered = self._written = 0  # bytes
        self._skipped = skipped
        self._number = 0
        self._answers: dict[int, Answer | None] = {}
        self._answered = threading.Condition()
        self.gone = False
        """Whether the worker has ended."""
        if not hasattr(os, "set_blocking"):
            raise UsageError("listening needs Python 3.12 or newer on Windows")
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "infer.live.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get("SIO_INFER_DEBUG") else subprocess.DEVNULL,
            env=_environment(),
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._pipe = self._process.stdin
        os.set_blocking(self._pipe.fileno(), False)
        _widen(self._pipe)
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True, name="sio-infer").start()

    # --- on the event loop

    def offer(self, item: ToWorker, size: int, frames: int = 1) -> bool:
        """Hand on a copy of traffic of `size` bytes, if there is room; whether there was."""
        size += _ITEM
        if self.gone or self._offered - self._written + size > self.limit:
            self._skipped += frames
            return False
        if self._skipped:
            skipped, self._skipped = self._skipped, 0
            self.put(Skipped(skipped))
        self._offered += size
        self._items.append((size, item))
        return True

    def put(self, item: ToWorker) -> None:
        """Hand on what is small and must not be lost, as long as there is a worker."""
        if self.gone:
            return
        self._offered += _ITEM
        self._items.append((_ITEM, item))

    def write(self) -> float | None:
        """Write a batch, or what the pipe takes of it; seconds until there is more to write, None when nothing waits."""
        with self._writing:
            if self.gone or not (self._batch or self._items):
                return None
            if not self._batch:
                self._pack()
            try:
                self._batch = self._batch[os.write(self._pipe.fileno(), self._batch) :]
            except BlockingIOError:
                return _FULL
            except (OSError, ValueError):  # the worker has ended, or the pipe was closed
                self._lost()
                return None
            if self._batch:
                return _FULL
            self._written += self._batched
            return 0.0 if self._items else None

    @property
    def skipped(self) -> int:
        """Frames skipped that the worker has not been told of yet."""
        return self._skipped

    # --- where waiting is allowed

    def wait_for_room(self, size: int, seconds: float = FINISH) -> None:
        """Wait until so much would find room, or nothing waits any more: for what is read from a file and can wait."""
        until = time.monotonic() + seconds
        while self._offered - self._written + size + _ITEM > self.limit and time.monotonic() < until:
            if (pause := self.write()) is None:
                return
            time.sleep(pause)

    def ask(self, what: str, argument: str = "", settings: Settings | None = None, seconds: float = ANSWER) -> list[str]:
        """The answer's lines, once all that was handed on before is done. Errors: `UsageError`."""
        return self._ask(what, argument, settings, seconds).lines

    def status(self, seconds: float = ANSWER) -> Status | None:
        """What is going on. Errors: `UsageError`."""
        return self._ask("status", "", None, seconds).status

    def finish(self, seconds: float = FINISH) -> Answer:
        """Let the worker write its last state and document, and end; its summary, and its status. Errors: `UsageError`."""
        try:
            return self._ask("finish", "", None, seconds)
        finally:
            self.close()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_END)

    def close(self) -> None:
        """End the worker's input without waiting for it; it writes what it has and ends."""
        while self.write() == 0.0:
            pass
        with self._writing, suppress(OSError):
            self._pipe.close()

    def _ask(self, what: str, argument: str, settings: Settings | None, seconds: float) -> Answer:
        if self._skipped and not self.gone:
            skipped, self._skipped = self._skipped, 0
            self.put(Skipped(skipped))
        self._number += 1
        number = self._number
        with self._answered:
            self._answers[number] = None
        until = time.monotonic() + seconds
        self.put(Ask(number, what, argument, settings))
        while (pause := self.write()) is not None and time.monotonic() < until:
            time.sleep(pause)
        with self._answered:
            self._answered.wait_for(lambda: self._answers[number] is not None or self.gone, until - time.monotonic())
            answer = self._answers.pop(number)
        if answer is None:
            raise UsageError(
                "the worker has ended" if self.gone else "the worker is still busy",
                hint="what it wrote last is there" if self.gone else "try again in a while",
            )
        if answer.error is not None:
            raise SioInferError(answer.error)
        return answer

    def _pack(self) -> None:
        batch: list[ToWorker] = []
        total = 0
        while self._items and len(batch) < _BATCH and total < _BATCH_BYTES:
            size, item = self._items.popleft()
            batch.append(item)
            total += size
        self._batch, self._batched = memoryview(packed(batch)), total

    # --- a thread

    def _read(self, pipe: IO[bytes]) -> None:
        for batch in batches(pipe.read):
            for item in to_proxy(batch):
                if isinstance(item, Answer):
                    with self._answered:
                        if item.number in self._answers:
                            self._answers[item.number] = item
                            self._answered.notify_all()
                else:
                    self._notice(item)
        pipe.close()
        with self._writing:
            self._lost()
        self._process.wait()

    def _lost(self) -> None:
        """The worker has ended."""
        self.gone = True
        self._items.clear()
        with suppress(OSError):
            self._pipe.close()
        with self._answered:
            self._answered.notify_all()


def _widen(pipe: IO[bytes]) -> None:
    with suppress(ImportError, AttributeError, OSError):  # Linux only, up to what the system allows
        from fcntl import F_SETPIPE_SZ, fcntl  # noqa: PLC0415

        fcntl(pipe.fileno(), F_SETPIPE_SZ, _PIPE)


def _environment() -> dict[str, str]:
    """The environment, in which this very package is found whatever the folder."""
    here = str(Path(infer.__file__).resolve().parents[1])
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
