"""Zip files: Playwright's HAR with attached content, and any zip of captures.

Nothing is unpacked to a folder, so that no name in the archive can reach outside it.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from pathlib import Path
from typing import IO, Final

from infer.captures.beside import MAX_ATTACHED, lines_of
from infer.captures.har import Har
from infer.captures.scan import Cursor
from infer.captures.sniff import Format, sniff
from infer.captures.source import Source
from infer.errors import CaptureError
from infer.model import Diagnostic, Frame, Origin, Report, Wanted

MAX_MEMBERS: Final = 200_000
"""Playwright attaches a file a body; a day's recording has tens of thousands."""
MAX_RATIO_BYTES: Final = 64 << 20
"""Bytes that a member may unpack to whatever its packed size is; beyond, `MAX_RATIO` holds."""
MAX_RATIO: Final = 1_000
"""Deflate's own limit is 1,032 to 1, reached by nothing but a run of one byte; traffic packs to a tenth or so."""
_PIECE: Final = 4 << 10
"""Bytes unpacked at once where a file of the zip is damaged: fewer are lost with the piece that the damage is in."""
_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)
"""What zipfile raises on damage, on unknown methods, and (RuntimeError) on encryption."""

ReadMember = Callable[[Source], Iterator[Frame]]


def frames(
    path: Path, name: str, *, wanted: Wanted, report: Report, unpacked: int, read_other: ReadMember
) -> Iterator[Frame]:
    """The frames of all captures in the zip, in the order of their names.

    `unpacked` is how many bytes a member may hold; `read_other` reads a member that is a capture but no HAR. Errors: `CaptureError` where there is none.
    """
    try:
        archive = zipfile.ZipFile(path)
    except _UNREADABLE as error:
        raise CaptureError("is no zip that can be read", name, "was it copied whole?") from error
    with archive:
        members = sorted((info for info in archive.infolist() if info.filename and not info.is_dir()), key=lambda info: info.filename)
        if len(members) > MAX_MEMBERS:
            raise CaptureError(f"holds more than {MAX_MEMBERS:,} files", name, "take the captures out of it")
        files = _Members(archive, name, report, unpacked)
        found = 0
        for info in members:
            try:
                with files.opened(info) as file:
                    member = _Member(archive, info, file, f"{name}/{info.filename}")
                    source = Source(member.name, member.read, limit=unpacked)
                    kind = sniff(source.head)
                    if kind in (Format.HAR, Format.FLOWS, Format.DEVTOOLS):
                        found += 1
                        har = kind is Format.HAR
                        yield from _har(files, info, source, wanted, report) if har else read_other(source)
                    for flaw in (*member.flaws, *source.flaws):
                        report(flaw)
            except (*_UNREADABLE, CaptureError) as error:
                said = error.message if isinstance(error, CaptureError) else "cannot be unpacked"
                report(Diagnostic("zip-member-damaged", f"a file of the zip {said}", Origin(f"{name}/{info.filename}")))
        if not found:
            raise CaptureError("holds no capture", name, "a zip of HAR files, flow files or DevTools logs is read")


def _har(
    files: _Members, info: zipfile.ZipInfo, source: Source, wanted: Wanted, report: Report
) -> Iterator[Frame]:
    folder = info.filename.rpartition("/")[0]
    yield from Har(
        source.name,
        Cursor(source.read),
        wanted=wanted,
        report=report,
        reopen=None if source.packed else lambda: files.archive.open(info),
        attached=lambda member: files.content(folder, member),
        lines=lambda member: files.lines(folder, member),
    ).frames()


class _Member:
    """A file of an archive, read as far as it can be: damage in it is its end, and is said in `flaws`."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: IO[bytes], name: str) -> None:
        self.name = name
        self._archive = archive
        self._info = info
        self._file = file
        self._given = 0
        self.flaws: list[Diagnostic] = []

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, none only at the end."""
        if self.flaws:
            return b""
        try:
            data = self._file.read(size)
        except _UNREADABLE:
            data = self._before_damage(size)
            said = f"a file of the zip is damaged: what follows its byte {self._given + len(data)} is not read (copy it again)"
            self.flaws.append(Diagnostic("zip-member-damaged", said, Origin(self.name)))
        self._given += len(data)
        return data

    def _before_damage(self, size: int) -> bytes:
        """What is there of the next `size` bytes, which an error threw away: read anew, in small pieces, whatever the checksum."""
        unchecked = copy(self._info)
        del unchecked.CRC
        data = bytearray()
        passed = -self._given
        with suppress(*_UNREADABLE), self._archive.open(unchecked) as file:
            while passed < size and (piece := file.read1(_PIECE)):  # type: ignore[attr-defined]
                data += piece[max(0, -passed) :]
                passed += len(piece)
        return bytes(data[:size])


class _Members:
    """The files of an archive, read with care."""

    def __init__(self, archive: zipfile.ZipFile, name: str, report: Report, unpacked: int) -> None:
        self.archive = archive
        self._unpacked = unpacked
        self.name = name
        self._report = report

    @contextmanager
    def opened(self, info: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
        """The member as a file. Errors: `CaptureError` where it unpacks to far too much."""
        most = min(self._unpacked, max(MAX_RATIO_BYTES, info.compress_size * MAX_RATIO))
        if info.file_size > most:
            raise CaptureError("unpacks to far more than traffic does", self.name, "unpack it yourself if it is right")
        with self.archive.open(info) as file:
            yield file

    def content(self, folder: str, member: str) -> bytes | None:
        """All of an attached file; None, and a diagnostic, where it cannot be had."""
        info = self._info(folder, member)
        if info is None or info.file_size > MAX_ATTACHED:
            return None
        try:
            with self.opened(info) as file:
                return file.read()
        except (*_UNREADABLE, CaptureError):
            self._missing(member, "cannot be unpacked")
            return None

    def lines(self, folder: str, member: str) -> Iterator[bytes] | None:
        """The lines of an attached file; None where there is none."""
        info = self._info(folder, member)
        return None if info is None else self._lines_of(info)

    def _lines_of(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        try:
            with self.opened(info) as file:
                yield from lines_of(file)
        except (*_UNREADABLE, CaptureError):
            self._missing(info.filename, "cannot be unpacked")

    def _info(self, folder: str, member: str) -> zipfile.ZipInfo | None:
        try:
            return self.archive.getinfo(f"{folder}/{member}" if folder else member)
        except KeyError:
            self._missing(member, "is not there")
            return None

    def _missing(self, member: str, what: str) -> None:
        del member  # a name of a body's file is made from its content
        self._report(Diagnostic("attached-missing", f"an attached file {what}", Origin(self.name)))
