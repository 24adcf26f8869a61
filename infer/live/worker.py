"""The process beside the proxy: `python -m infer.live.worker`, told by `Link` on standard input, answering on output.

It ends when its input does, after writing what it has. Signals are the proxy's: what is meant for a whole process group
(Ctrl-C, a closed terminal, a service that stops) is left to it, and the end of the input follows.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from infer.live.messages import ToProxy, batches, packed, to_worker
from infer.live.recorder import Recorder

_WAITING: Final = 16
"""Batches read ahead of the one that is worked on."""
_PAUSE: Final = 0.2
"""Seconds between two looks at the clock."""
_NICE: Final = 19


def main() -> None:
    """Run until the input ends."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whatever prints, it does not print among the answers

    def send(item: ToProxy) -> None:
        with suppress(OSError):  # the proxy has gone; what is to be written is written all the same
            answers.write(packed([item]))
            answers.flush()

    recorder = Recorder(send)
    coming = iter(batches(sys.stdin.buffer.read))
    if (first := next(coming, None)) is not None:  # the settings, whose answer the proxy waits for before it begins
        recorder.take(*to_worker(first))
    _yield_to_all()
    waiting: queue.Queue[bytes | None] = queue.Queue(_WAITING)
    threading.Thread(target=_read, args=(coming, waiting), daemon=True).start()
    while True:
        try:
            batch = waiting.get(timeout=_PAUSE)
        except queue.Empty:
            recorder.tick()
            continue
        if batch is None:
            break
        recorder.take(*to_worker(batch))
        recorder.tick()
    recorder.finish()


def _yield_to_all() -> None:
    """From here on the proxy comes first for the processor too, and so do its clients and servers where they are on this machine.

    Linux has a class of its own for that, whose processes make way at once; a nice one is left to finish its turn.
    """
    with suppress(AttributeError, OSError):  # Linux only, and where it is allowed
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        return
    with suppress(AttributeError, OSError):
        os.nice(_NICE)


def _read(coming: Iterator[bytes], waiting: queue.Queue[bytes | None]) -> None:
    for batch in coming:
        waiting.put(batch)
    waiting.put(None)


if __name__ == "__main__":
    main()
