"""Captures by URL (`s3://`, `gs://`, `https://`, `zip://inside.har::s3://…`): fsspec's, where it is installed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, Final, TypeVar

from infer.errors import CaptureError, SioInferError, UsageError

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?:::[A-Za-z][A-Za-z0-9+.-]*)*://")
_MAGIC: Final = re.compile(r"[*?\[]")
_BLOCK: Final = 4 << 20
"""Bytes of a request: enough that its latency does not count, and few beside what is held anyway."""

T = TypeVar("T")


def is_url(name: str) -> bool:
    """Whether the name is a URL and no path."""
    return _URL.match(name) is not None


def expand(url: str) -> list[str]:
    """The files that a URL with a glob names, in the order of their names. Errors: `UsageError`."""
    if not _MAGIC.search(url):
        return [url]
    fsspec = _fsspec(url)

    def found() -> list[str]:
        system, path = fsspec.core.url_to_fs(url)
        names = sorted(name for name, about in system.glob(path, detail=True).items() if about.get("type") == "file")
        return [system.unstrip_protocol(name) for name in names]

    names = _told(url, found, UsageError)
    if not names:
        raise UsageError("no such file", url, "no file matches")
    return names


@contextmanager
def opened(url: str) -> Iterator[IO[bytes]]:
    """The file at a URL, read block by block as it is asked for. Errors: `CaptureError`, also while it is read."""
    fsspec = _fsspec(url)

    def begin() -> IO[bytes]:
        system, path = fsspec.core.url_to_fs(url)
        file: IO[bytes] = system.open(path, "rb", block_size=_BLOCK, cache_type="readahead")
        return file

    with _told(url, begin, CaptureError) as file:
        yield _Told(url, file)  # type: ignore[misc]


class _Told:
    """A file whose errors say what and where."""

    def __init__(self, url: str, file: IO[bytes]) -> None:
        self._url = url
        self._file = file

    def read(self, size: int) -> bytes:
        """Up to so many bytes."""
        return _told(self._url, lambda: self._file.read(size), CaptureError)


def _told(url: str, do: Callable[[], T], kind: type[SioInferError]) -> T:
    """What `do` gives; whatever the file system's library raises becomes one line."""
    try:
        return do()
    except SioInferError:
        raise
    except ImportError as error:
        raise UsageError("needs a library that is not installed", url, _first_line(error)) from error
    except FileNotFoundError as error:
        raise kind("no such file", url, "is the URL right?") from error
    except PermissionError as error:
        raise kind("access is denied", url, "are the credentials right, and may they read it?") from error
    except Exception as error:  # each library has its own
        raise kind(f"cannot be read: {type(error).__name__}", url, _first_line(error) or "is it reachable from here?") from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")[:200]


def _fsspec(url: str) -> Any:
    try:
        import fsspec  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise UsageError("URLs are read by fsspec, which is not installed", url, "pip install 'sio-infer[dask]'") from error
    return fsspec
