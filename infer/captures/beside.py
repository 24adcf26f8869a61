"""What was attached to a HAR: bodies, and the messages of WebSockets, in files of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from infer.model import Diagnostic, Origin, Report

MAX_ATTACHED: Final = 1 << 30
"""Bytes of one attached body; it becomes one frame."""


def lines_of(file: IO[bytes]) -> Iterator[bytes]:
    """The lines that are not blank."""
    return (line for line in file if line.strip())


class Folder:
    """What Playwright attached to a HAR that lies unpacked in a folder: files beside it, by their bare names."""

    def __init__(self, har: Path, report: Report) -> None:
        self._folder = har.parent
        self._name = str(har)
        self._report = report

    def content(self, member: str) -> bytes | None:
        """All of the file; None, and a diagnostic, where there is none."""
        path = self._path(member)
        return None if path is None or path.stat().st_size > MAX_ATTACHED else path.read_bytes()

    def lines(self, member: str) -> Iterator[bytes] | None:
        """Its lines; None where there is none."""
        path = self._path(member)
        return None if path is None else self._lines_of(path)

    @staticmethod
    def _lines_of(path: Path) -> Iterator[bytes]:
        with path.open("rb") as file:
            yield from lines_of(file)

    def _path(self, member: str) -> Path | None:
        path = self._folder / member
        with suppress(OSError):  # a name that no file can have
            if Path(member).name == member and path.is_file() and not path.is_symlink():
                return path
        self._report(Diagnostic("attached-missing", "an attached file is not there", Origin(self._name)))
        return None
