"""Documents by name: a path, a URL, `-` for standard input, or `REF:path` for a file as it stood at a commit, branch or tag of git."""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from http.client import HTTPException, InvalidURL
from io import BufferedReader
from pathlib import Path
from typing import IO, Final, cast
from urllib.error import HTTPError
from urllib.parse import urljoin

from infer.asyncapi.contract import Contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.errors import SpecError
from infer.urls import by_http, shown

_REVISION: Final = re.compile(r"(?P<ref>[^:\s]{2,}):(?!//)(?P<path>[^:].*)", re.DOTALL)
"""At least two characters, so that `C:` stays a drive; no URL."""
_SAYS_SO: Final = re.compile(rb"(?m)^\s*[{]?\s*[\"']?asyncapi[\"']?\s*:")
_STDIN: Final = "-"
_UNREADABLE: Final = (OSError, HTTPException, ValueError)
"""What opening a file or an address raises; ValueError for what no address can be."""
_HEAD: Final = 4_096
"""Bytes by which a document is told from a capture."""

MAX_BYTES: Final = 256 << 20
"""Of a document; the largest that was met has 3 MB. A reference may name a device, which never ends."""

_TIMEOUT: Final = 20.0
"""Seconds to wait for git or for a remote document."""


def open_contract(name: str, *, perspective: str | None = None, allow_remote: bool = False, shelf: Shelf | None = None) -> Contract:
    """The contract in the document of that name. Errors: `SpecError`."""
    shelf = shelf or Shelf()
    return read(shelf.documents(allow_remote=allow_remote), shelf.name(name), perspective=perspective)


class Shelf:
    """Documents by the names that may be shown of them, each read once.

    An address by http may hold credentials, so that whatever is said of a document, or in a report, is said of its `name`.
    """

    def __init__(self, addresses: Mapping[str, str] | None = None) -> None:
        self._addresses = dict(addresses or {})
        self._texts: dict[str, str] = {}

    def name(self, address: str) -> str:
        """The name of what a path, a URL or `REF:path` leads to."""
        name = shown(address)
        self._addresses[name] = address
        return name

    def text(self, name: str) -> str:
        """The text behind a name, with its byte order mark where it has one. Errors: `SpecError`."""
        if name not in self._texts:
            self._texts[name] = _text(_bytes(self._addresses.get(name, name), name), name)
        return self._texts[name]

    def emptied(self) -> Shelf:
        """One with the same names, behind which everything is to be read anew."""
        return Shelf(self._addresses)

    def documents(self, *, allow_remote: bool = False, texts: Mapping[str, str] | None = None) -> Documents:
        """Documents and those that they refer to, by such names; `texts` stand in for those of files."""
        texts = texts or {}
        return Documents(
            lambda name: texts[name] if name in texts else self.text(name),
            lambda base, relative: self.name(_join(base, relative)),
            allow_remote=allow_remote,
        )

    def is_document(self, address: str) -> bool:
        """Whether it leads to an AsyncAPI document rather than to a capture, by what stands there. Errors: `SpecError`.

        What is at an address but cannot be fetched is one by its suffix. No document is read by any other URL.
        """
        if address == _STDIN:
            return _SAYS_SO.search(_waiting()) is not None
        if Path(address).is_dir():
            return False
        path = address
        if by_http(address):
            path = re.split(r"[?#]", address, maxsplit=1)[0]
        elif not Path(address).is_file():
            return _REVISION.fullmatch(address) is not None
        try:
            with _opened(address) as file:
                head = file.read(_HEAD)
                says_so = _SAYS_SO.search(head) is not None or path.endswith((".yml", ".yaml"))
                if says_so and by_http(address):  # nobody is asked twice
                    name = self.name(address)
                    self._texts[name] = _text(_whole(file, head, name), name)
        except _UNREADABLE as error:
            if by_http(address) and path.endswith((".yml", ".yaml", ".json")):
                raise _unread(error, address, self.name(address)) from None
            head = b""
        if not head.strip(b"\xef\xbb\xbf \t\r\n"):
            return path.endswith((".yml", ".yaml", ".json"))  # let it be refused as an empty document
        return says_so


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise SpecError(f"no UTF-8 at byte {error.start}", name, "save the document as UTF-8") from None


def _bytes(address: str, name: str) -> bytes:
    revision = _REVISION.fullmatch(address)
    if revision is not None and not Path(address).exists():
        return _from_git(revision["ref"], revision["path"], name)
    try:
        with _opened(address) as file:
            return _whole(file, b"", name)
    except _UNREADABLE as error:
        raise _unread(error, address, name) from None


def _unread(error: Exception, address: str, name: str) -> SpecError:
    if not by_http(address):
        return SpecError(f"cannot be read: {getattr(error, 'strerror', None) or error}", name, "is the path right?")
    if isinstance(error, InvalidURL | ValueError):  # which quote what is wrong
        return SpecError("is no address that can be fetched", name)
    if isinstance(error, HTTPError):
        return SpecError(f"cannot be fetched: {error}", name)
    reason = getattr(error, "reason", error)  # of a URLError, which shows it in brackets
    return SpecError(f"cannot be fetched: {getattr(reason, 'strerror', None) or reason}", name, "is a server there?")


def _whole(file: IO[bytes], head: bytes, name: str) -> bytes:
    """What was read of a document, and the rest. Errors: `SpecError`, `_UNREADABLE`."""
    content = head + file.read(MAX_BYTES + 1 - len(head))
    if len(content) > MAX_BYTES:
        raise SpecError(f"larger than {MAX_BYTES:,} bytes", name, "is it a document?")
    return content


def _waiting() -> bytes:
    """What stands on standard input, and stays there; nothing where that cannot be read."""
    try:
        return cast("BufferedReader", sys.stdin.buffer).peek(_HEAD)[:_HEAD]
    except _UNREADABLE:
        return b""


def _opened(address: str) -> AbstractContextManager[IO[bytes]]:
    """The file of that name, or what a server gives at that address. Errors: `_UNREADABLE`."""
    if address == _STDIN:
        return nullcontext(sys.stdin.buffer)
    if by_http(address):
        return urllib.request.urlopen(address, timeout=_TIMEOUT)  # type: ignore[no-any-return]  # noqa: S310 (the scheme is checked)
    return Path(address).open("rb")


def _from_git(ref: str, path: str, name: str) -> bytes:
    # git takes a path from the top of the repository, or from here if it begins with ./
    path = path if path.startswith(("./", "../", "/")) else f"./{path}"
    try:
        shown = subprocess.run(  # noqa: S603 (arguments are passed as a list, no shell reads them)
            ["git", "show", "--end-of-options", f"{ref}:{path}"],  # noqa: S607 (the user's own git)
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SpecError(f"git cannot be asked: {error}", name) from None
    if shown.returncode:
        reason = shown.stderr.decode(errors="replace").strip().splitlines()
        hint = reason[0].removeprefix("fatal: ") if reason else None
        raise SpecError("no such file, and none in git either", name, hint)
    return shown.stdout


def _join(base: str, relative: str) -> str:
    """The name of a document that another one refers to by a relative path."""
    if by_http(base) or by_http(relative):
        return urljoin(base, relative)
    revision = _REVISION.fullmatch(base)
    prefix, path = ("", base)
    if revision is not None and not Path(base).exists():
        prefix, path = f"{revision['ref']}:", revision["path"]
    if posixpath.isabs(relative):
        return prefix + relative
    return prefix + posixpath.normpath(posixpath.join(posixpath.dirname(path), relative))
