"""Writing files so that a reader sees the old one or the new one, each whole."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from infer.errors import UsageError


def write_atomic(path: str | Path, data: bytes, *, private: bool = False) -> None:
    """Replace the file at `path` by `data` at once; on any failure the previous file stays as it was.

    A `private` file is readable by its owner only; any other keeps the permissions of the file it replaces, or takes
    the user's default. A path that is no regular file (`/dev/stdout`, a pipe) is written to as it is, and so is a file that
    is mounted by itself, which cannot be replaced. Errors: `UsageError` where the place cannot be written to.
    """
    given = Path(path)
    if str(path) == "-":  # a file of that name is what nobody means
        raise UsageError("cannot be written to standard output", str(path), "give a file")
    try:
        if given.exists() and not given.is_file():  # asked of the path as given: what leads to a pipe ends in no name of one
            given.write_bytes(data)
            return
        # a link keeps pointing at the file, whose content is replaced
        _replace(Path(os.path.realpath(path)), data, private=private)
    except OSError as error:
        raise _cannot_write(path, error) from error


def probe(path: str | Path) -> None:
    """Find out beforehand, and without a trace, whether `write_atomic` may write there. Errors: as there."""
    given = Path(path)
    try:
        if given.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not given.exists() or given.is_file():
            with tempfile.TemporaryFile(dir=Path(os.path.realpath(path)).parent):
                return
        if not os.access(given, os.W_OK):  # opening it could be noticed: a pipe's reader would see it end
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise _cannot_write(path, error) from error


def _cannot_write(path: str | Path, error: OSError) -> UsageError:
    return UsageError(
        f"cannot write: {error.strerror or error}", str(path), "is the folder there, writable, and the disk not full?"
    )


def _replace(target: Path, data: bytes, *, private: bool) -> None:
    mode = 0o600 if private else _mode_of(target)
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:80]}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)  # noqa: PTH101 (the name is the string that mkstemp gave)
        try:
            os.replace(name, target)  # noqa: PTH105
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            if private:
                target.chmod(mode)
            target.write_bytes(data)  # it is mounted by itself, as into a container
    finally:
        with suppress(OSError):  # where it took the other's place there is none of that name
            os.unlink(name)  # noqa: PTH108


def _mode_of(target: Path) -> int:
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
