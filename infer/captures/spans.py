"""Parts of one large capture, which can be read apart from one another.

A HAR is cut where an object begins with the key that its first entry begins with; a flow file between two records. For
a HAR that is a guess, which whoever reads the part before proves or refutes: it says where its last entry ended, and
what stands around the next one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO, Final

import msgspec

from infer.captures.sniff import ZIP, Format, sniff
from infer.captures.source import GZIP, HEAD

LEAST: Final = 8 << 20
"""Bytes of a part that is worth its overhead."""
_LOOK: Final = 256 << 10
"""Bytes that are looked through at once for the next entry."""
_UNPACKED: Final = 10
"""Bytes of JSON that a byte of a gzip or a zip stands for, about."""
_FIRST_KEY: Final = re.compile(rb'"entries"\s*:\s*\[\s*\{\s*("[^"\\]{1,100}")\s*:')
_MOST: Final = 512
"""Bytes of what begins an entry, its white space included."""
_LENGTH: Final = re.compile(rb"(\d{1,12}):")


class Around(msgspec.Struct, frozen=True):
    """What stands around the entries of a HAR and holds for each of them."""

    depth: int = 2
    """Objects that their list stands in."""
    creator: str = ""
    """The program that wrote them."""
    key: bytes = b""
    """What the first of them begins with, undecoded."""


class Span(msgspec.Struct):
    """Bytes of a capture from `start` to before `stop` (None: its end), and what reading them showed."""

    start: int
    stop: int | None
    first: int = 0
    """The number in the capture of the first entry that begins in it, as far as that is known: origins are counted from it."""
    entries: int = 0
    """How many entries begin in it."""
    reached: int | None = None
    """Where the first entry beyond it begins; None where there is none."""
    around: Around | None = None
    """What stands around its first entry. Where nobody says so, it is taken to be what the capture's head shows."""
    beyond: Around | None = None
    """The same of the first entry beyond it: where HAR stands behind HAR, it may be another."""

    @property
    def strays(self) -> bool:
        """Whether it ends in other surroundings than it begins in."""
        return self.around is not None and self.beyond is not None and self.around != self.beyond

    def then(self, later: Span) -> Span | None:
        """What is left of the next span once this one was read; None where that is nothing."""
        if self.reached is None or (later.stop is not None and self.reached >= later.stop):
            return None
        return Span(self.reached, later.stop, first=self.first + self.entries, around=self.beyond)

    def join(self, later: Span) -> None:
        """Take in what reading the span behind this one showed."""
        self.stop, self.reached = later.stop, later.reached
        self.entries += later.entries
        self.beyond = later.beyond or self.beyond


def extent(path: str | Path) -> int:
    """How much there is to read in a file, in bytes; of a gzip or a zip an estimate. Errors: `OSError`."""
    with Path(path).open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        return size * _UNPACKED if file.read(4).startswith((GZIP, *ZIP)) else size


def spans(path: str | Path, least: int = LEAST) -> list[Span]:
    """Parts of at least that many bytes; one of all where the capture cannot be cut. Errors: `OSError`."""
    size = Path(path).stat().st_size
    starts = [0]
    if size >= 2 * least:
        with Path(path).open("rb") as file:
            head = file.read(HEAD)
            kind = sniff(head)
            if kind is Format.HAR:
                starts += _entries(file, head, size, least)
            elif kind is Format.FLOWS:
                starts += _records(file, size, least)
    return [Span(start, stop) for start, stop in zip(starts, [*starts[1:], None], strict=True)]


def _entries(file: IO[bytes], head: bytes, size: int, least: int) -> list[int]:
    """Where entries seem to begin, in parts of about the same size, of which none is much smaller than `least` bytes."""
    first = _FIRST_KEY.search(head)
    if first is None:
        return []
    # in a string the quotes would be escaped
    entry = re.compile(rb",[ \t\r\n]*(\{[ \t\r\n]*%b[ \t\r\n]*:)" % re.escape(first[1]))
    found = [0]
    step = -(-size // (size // least))
    for target in range(step, size, step):
        if target > found[-1]:
            at = _find(file, first[1], entry, target)
            if at is None:
                break
            found.append(at)
    return found[1:]


def _find(file: IO[bytes], key: bytes, entry: re.Pattern[bytes], start: int) -> int | None:
    """Where the group of the pattern, which holds that key, stands for the first time from `start` on."""
    file.seek(start)
    window = b""
    while data := file.read(_LOOK):
        window += data
        at = window.find(key)
        while at >= 0:
            match = entry.search(window, max(0, at - _MOST), at + _MOST)
            if match is not None:
                return start + match.start(1)
            at = window.find(key, at + 1)
        kept = window[-_MOST:]
        start += len(window) - len(kept)
        window = kept
    return None


def _records(file: IO[bytes], size: int, least: int) -> list[int]:
    """Where flows begin, about `least` bytes from one another; none behind damage."""
    found: list[int] = []
    at, last = 0, 0
    while at < size:
        if at - last >= least:
            found.append(at)
            last = at
        file.seek(at)
        length = _LENGTH.match(file.read(16))
        if length is None:
            break
        at += length.end() + int(length[1]) + 1
    return found
