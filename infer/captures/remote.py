"""Captures by URL (`s3://`, `gs://`, `https://`, `zip://inside.har::s3://…`): fsspec's, where it is installed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from os import strerror
from socket import gaierror
from typing import IO, Any, Final, TypeVar

from infer.errors import CaptureError, SioInferError, UsageError
from infer.urls import by_http, links, shown

_MAGIC: Final = re.compile(r"[*?\[]")
_HTTP: Final = re.compile(r"https?://[^/?#]*(?P<path>[^?#]*)", re.IGNORECASE)
"""Only the path of such an address can be a glob: an IPv6 address stands in brackets, and a query behind a question mark."""
_BLOCK: Final = 4 << 20
"""Bytes of a request: enough that its latency does not count, and few beside what is held anyway."""
_DENIED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})

T = TypeVar("T")


def expand(url: str) -> list[str]:
    """The files that a URL with a glob names, in the order of their names. Errors: `UsageError`."""
    parts = links(url)
    at = next(at for at, part in enumerate(parts) if "://" in part)  # what stands before it caches, what follows holds it
    web = _HTTP.match(parts[at])
    if not _MAGIC.search(web["path"] if web else parts[at]):
        return [url]
    fsspec = _fsspec(url)

    def found() -> list[str]:
        system, path = _system(fsspec, url)
        names = sorted(name for name, about in system.glob(path, detail=True).items() if about.get("type") == "file")
        return ["::".join([*parts[:at], system.unstrip_protocol(name), *parts[at + 1 :]]) for name in names]

    names = _told(url, found, UsageError)
    if not names:
        raise UsageError("no such file", shown(url), "no file matches")
    return names


@contextmanager
def opened(url: str) -> Iterator[IO[bytes]]:
    """The file at a URL, read block by block as it is asked for. Errors: `CaptureError`, also while it is read."""
    fsspec = _fsspec(url)

    # an archive is closed when its file system is let go of, so that is held as long as the file
    system, path = _told(url, lambda: _system(fsspec, url), CaptureError)
    with ExitStack() as stack:
        yield _Told(url, lambda block: stack.enter_context(system.open(path, "rb", block_size=block, cache_type="readahead")))  # type: ignore[misc]


def _system(fsspec: Any, url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it."""
    if by_http(url):  # no chain, though an IPv6 address has two colons in a row
        return fsspec.filesystem(url.partition(":")[0].lower()), url
    return fsspec.core.url_to_fs(url)  # type: ignore[no-any-return]


class _Told:
    """A file whose errors say what and where. `open` gives it, to be read in blocks of that size, or as it comes for 0."""

    def __init__(self, url: str, open: Callable[[int], IO[bytes]]) -> None:  # noqa: A002
        self._url = url
        self._open = open
        self._file = _told(url, lambda: open(_BLOCK), CaptureError)

    def read(self, size: int) -> bytes:
        """Up to so many bytes."""
        return _told(self._url, lambda: self._read(size), CaptureError)

    def _read(self, size: int) -> bytes:
        at = self._file.tell()
        try:
            return self._file.read(size)
        except ValueError:  # what fsspec says where an HTTP server gives whole files only
            if not by_http(self._url):
                raise
        self._file = self._open(0)
        while at and (passed := self._file.read(min(at, _BLOCK))):
            at -= len(passed)
        return self._file.read(size)


def _told(url: str, do: Callable[[], T], kind: type[SioInferError]) -> T:
    """What `do` gives; whatever the file system's library raises becomes one line."""
    try:
        return do()
    except SioInferError:
        raise
    except Exception as error:  # each library has its own
        raise _failure(error, url, kind) from error


def _failure(error: Exception, url: str, kind: type[SioInferError]) -> SioInferError:
    """The line for an error of a file system, by what it rests on: over HTTP, whatever goes wrong is first called a missing file."""
    url = shown(url)
    root: BaseException = error
    while root.__cause__ is not None:
        root = root.__cause__
    status = getattr(root, "status", None)
    if isinstance(error, ImportError):
        return UsageError("needs a library that is not installed", url, _first_line(error))
    if isinstance(root, ConnectionError | TimeoutError | gaierror):
        reason = root.strerror if isinstance(root, gaierror) else strerror(root.errno) if root.errno else "no answer in time"
        return kind(f"cannot be reached: {reason}", url, "is the address right, and is a server there?")
    if isinstance(error, PermissionError) or status in _DENIED:
        return kind("access is denied", url, "are the credentials right, and may they read it?")
    if status is not None and status not in _GONE:
        return kind(f"cannot be read: the server answers {status}", url, "try again later, or ask its operator")
    if isinstance(error, ValueError) and "range requests" in str(error):
        return kind("cannot be read: its server gives whole files only", url, "put simplecache:: before the http://, or download it")
    if isinstance(error, FileNotFoundError) and (isinstance(root, FileNotFoundError) or not isinstance(root, OSError)):
        return kind("no such file", url, "is the URL right?")
    return kind(f"cannot be read: {type(root).__name__}", url, _first_line(root) or "is it reachable from here?")


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")[:200]


def _fsspec(url: str) -> Any:
    try:
        import fsspec  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise UsageError("URLs are read by fsspec, which is not installed", shown(url), "pip install 'sio-infer[dask]'") from error
    return fsspec
