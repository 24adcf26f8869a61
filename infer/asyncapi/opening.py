"""Documents by name: a path, or `REF:path` for a file as it stood at a commit, branch or tag of git."""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

from infer.asyncapi.contract import Contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.errors import SpecError

_REVISION: Final = re.compile(r"(?P<ref>[^:\s]{2,}):(?P<path>[^:].*)", re.DOTALL)
"""At least two characters, so that `C:` stays a drive."""

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
    """Whether the name is that of an AsyncAPI document rather than of a capture, by what stands in it."""
    if Path(name).is_dir() or name == "-":
        return False
    if not Path(name).is_file():
        return _REVISION.fullmatch(name) is not None
    with Path(name).open("rb") as file:
        head = file.read(4_096)
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        return name.endswith((".yml", ".yaml", ".json"))  # let it be refused as an empty document
    return re.search(rb"(?m)^\s*[{]?\s*[\"']?asyncapi[\"']?\s*:", head) is not None or name.endswith((".yml", ".yaml"))


def text_of(name: str) -> str:
    """The text behind a name, with its byte order mark where it has one. Errors: `SpecError`."""
    try:
        return _bytes(name).decode()
    except UnicodeDecodeError as error:
        raise SpecError(f"no UTF-8 at byte {error.start}", name, "save the document as UTF-8") from None


def _bytes(name: str) -> bytes:
    if urlsplit(name).scheme in {"http", "https"}:
        try:
            with urllib.request.urlopen(name, timeout=_TIMEOUT) as answer:  # noqa: S310 (the scheme is checked)
                return bytes(answer.read())
        except OSError as error:
            raise SpecError(f"cannot be fetched: {error}", name) from None
    path = Path(name)
    revision = _REVISION.fullmatch(name)
    if revision is not None and not path.exists():
        return _from_git(revision["ref"], revision["path"], name)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise SpecError(f"larger than {MAX_BYTES:,} bytes", name, "is it a document?")
        return content  # noqa: TRY300 (what is raised above is no OSError)
    except OSError as error:
        raise SpecError(f"cannot be read: {error.strerror or error}", name, "is the path right?") from None


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
    if urlsplit(base).scheme in {"http", "https"}:
        return urljoin(base, relative)
    revision = _REVISION.fullmatch(base)
    prefix, path = ("", base)
    if revision is not None and not Path(base).exists():
        prefix, path = f"{revision['ref']}:", revision["path"]
    if posixpath.isabs(relative):
        return prefix + relative
    return prefix + posixpath.normpath(posixpath.join(posixpath.dirname(path), relative))
