"""One recorder at a time keeps a state: the one before may still be writing its last when the next begins."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from infer.errors import UsageError

try:
    import fcntl
except ImportError:  # Windows: nothing is locked there
    fcntl = None  # type: ignore[assignment]

PATIENCE: Final = 10.0
"""Seconds to wait for who has it: a recorder whose proxy was killed writes what it had."""


class Lock:
    """A lock on a file beside the state, `.NAME.lock`, which is there as long as it is held."""

    def __init__(self) -> None:
        self._handle: int | None = None
        self._path: Path | None = None

    def acquire(self, state: str) -> None:
        """Take it. Errors: `UsageError` where another has it for longer than `PATIENCE` seconds."""
        if fcntl is None:
            return
        target = Path(os.path.realpath(state))
        path = target.with_name(f".{target.name}.lock")
        until = time.monotonic() + PATIENCE
        while not self._try(path):
            if time.monotonic() > until:
                raise UsageError("another sio-infer is keeping this state", state, "name another file, or end the other")
            time.sleep(0.05)

    def release(self) -> None:
        """Give it back, where it is held."""
        if self._handle is not None and self._path is not None:
            with suppress(OSError):
                self._path.unlink()
            os.close(self._handle)
        self._handle = self._path = None

    def _try(self, path: Path) -> bool:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise UsageError(f"cannot write: {error.strerror}", str(path), "is the folder there, and writable?") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.stat().st_ino == os.fstat(handle).st_ino:  # else its holder removed it just now
                self._handle, self._path = handle, path
                return True
        except OSError:
            pass
        os.close(handle)
        return False
