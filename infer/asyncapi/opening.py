"""Documents by name: a path, or `REF:path` for a file as it stood at a commit, branch or tag of git."""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import IO, Final
from urllib.parse import urljoin

from infer.asyncapi.contract import Contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.errors import SpecError

_REVISION: Final = re.compile(r"(?P<ref>[^:\s]{2,}):(?!//)(?P<path>[^:].*)", re.DOTALL)
"""At least two characters, so that `C:` stays a drive; no URL."""
_REMOTE: Final = re.compile(r"https?://", re.IGNORECASE)
_SAYS_SO: Final = re.compile(rb"(?m)^\s*[{]?\s*[\"']?asyncapi[\"']?\s*:")
_UNREADABLE: Final = (OSError, HTTPException, ValueError)
"""What opening a file or an address raises; ValueError for what no address can be."""
_HEAD: Final = 4_096
"""Bytes by which a document is told from a capture."""

MAX_BYTES: Final = 256 << 20
"""Of a document; the largest that was met has 3 MB. A reference may name a device, which never ends."""

_TIMEOUT: Final = 20.0
"""Seconds to wait for git or for a remote document."""


def open_contract(name: str, *, perspective: str | None = None, allow_remote: bool = False) -> Contract:
    """The contract in the document of that name. Errors: `SpecError`."""
    return read(documents_of(allow_remote=allow_remote), name, perspective=perspective)


def documents_of(*, allow_remote: bool = False, texts: Mapping[str, str] | None = None) -> Documents:
    """Documents and those that they refer to, by such names; `texts` stand in for those of files."""
    texts = texts or {}
    return Documents(lambda name: texts[name] if name in texts else text_of(name), _join, allow_remote=allow_remote)


def is_document(name: str) -> bool:
    """Whether the name is that of an AsyncAPI document rather than of a capture, by what stands in it.

    What is at an address but cannot be fetched is one by its suffix. No document is read by any other URL.
    """
    if Path(name).is_dir() or name == "-":
        return False
    path = name
    if _is_remote(name):
        path = re.split(r"[?#]", name, maxsplit=1)[0]
    elif not Path(name).is_file():
        return _REVISION.fullmatch(name) is not None
    try:
        with _opened(name) as file:
            head = file.read(_HEAD)
    except _UNREADABLE:
        head = b""
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        return path.endswith((".yml", ".yaml", ".json"))  # let it be refused as an empty document
    return _SAYS_SO.search(head) is not None or path.endswith((".yml", ".yaml"))


def text_of(name: str) -> str:
    """The text behind a name, with its byte order mark where it has one. Errors: `SpecError`."""
    try:
        return _bytes(name).decode()
    except UnicodeDecodeError as error:
        raise SpecError(f"no UTF-8 at byte {error.start}", name, "save the document as UTF-8") from None


def _bytes(name: str) -> bytes:
    revision = _REVISION.fullmatch(name)
    if revision is not None and not Path(name).exists():
        return _from_git(revision["ref"], revision["path"], name)
    try:
        with _opened(name) as file:
            content = file.read(MAX_BYTES + 1)
    except _UNREADABLE as error:
        if _is_remote(name):
            raise SpecError(f"cannot be fetched: {error}", name) from None
        raise SpecError(f"cannot be read: {getattr(error, 'strerror', None) or error}", name, "is the path right?") from None
    if len(content) > MAX_BYTES:
        raise SpecError(f"larger than {MAX_BYTES:,} bytes", name, "is it a document?")
    return content


def _is_remote(name: str) -> bool:
    return _REMOTE.match(name) is not None


def _opened(name: str) -> IO[bytes]:
    """The file of that name, or what a server gives at that address. Errors: `_UNREADABLE`."""
    if _is_remote(name):
        return urllib.request.urlopen(name, timeout=_TIMEOUT)  # type: ignore[no-any-return]  # noqa: S310 (the scheme is checked)
    return Path(name).open("rb")


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
    if _is_remote(base):
        return urljoin(base, relative)
    revision = _REVISION.fullmatch(base)
    prefix, path = ("", base)
    if revision is not None and not Path(base).exists():
        prefix, path = f"{revision['ref']}:", revision["path"]
    if posixpath.isabs(relative):
        return prefix + relative
    return prefix + posixpath.normpath(posixpath.join(posixpath.dirname(path), relative))
