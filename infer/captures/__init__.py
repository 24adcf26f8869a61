"""Captures to frames: HAR, mitmproxy flow files, DevTools-protocol logs, packet captures; gzip and zip of them.

What a file is, its content tells. All are read as streams; what stands before and after damage is kept.
"""

from __future__ import annotations

import glob
import os
import sys
import time
from collections.abc import Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import Final, cast

from infer.captures import remote
from infer.captures.beside import Folder
from infer.captures.har import Har
from infer.captures.scan import CHUNK, Cursor
from infer.captures.sniff import STATE_MAGIC, Format, sniff
from infer.captures.source import GZIP, HEAD, MAX_UNPACKED, STDIN, Progress, Source, opened
from infer.captures.spans import Span, extent, spans
from infer.errors import CaptureError, UsageError
from infer.model import Frame, Report, Wanted
from infer.urls import is_url, shown

__all__ = ["STDIN", "Format", "Span", "content", "expand", "extent", "follow", "format_of", "is_state", "is_url", "read", "shown", "sniff", "spans"]

_PAUSE: Final = 0.2
"""Seconds between two looks at a file that is followed."""
_KNOWN: Final = "HAR files, mitmproxy flow files, DevTools-protocol logs and packet captures are read"
_OF_STATES: Final = "give the captures that it was made of; `sio-infer summary` shows what it counts"
_HINTS: Final = {
    Format.EMPTY: "it is empty: did the recorder save it?",
    Format.UTF_16: "convert it to UTF-8",
    Format.JSON: "it is JSON, but no HAR",
}


def expand(given: Iterable[str]) -> list[str]:
    """The files that arguments name: files, `-`, globs, and folders with all captures and states below them.

    Each file once, in the order given, those of a glob or a folder by name. Errors: `UsageError` where one does not
    exist, holds nothing to read, or is a pipe: what a file is, is looked at before it is read.
    """
    files: dict[str, str] = {}
    for name in given:
        for path in _expanded(name):
            files.setdefault(path if path == STDIN or is_url(path) else os.path.realpath(path), path)
    return list(files.values())


def _expanded(name: str) -> list[str]:
    if name == STDIN:
        return [name]
    if not name:  # which a path takes for the working folder
        raise UsageError("a file's name is empty", hint="is a variable of the shell unset?")
    if is_url(name):
        return remote.expand(name)
    path = Path(name)
    try:
        if path.is_dir():
            return _in_folder(path)
        if path.is_fifo():
            raise UsageError("is a pipe, which can be read but once", name, "give it as standard input: ... | sio-infer -")
        if path.exists():
            return [name]
    except OSError as error:  # a name that no file can have
        raise UsageError(f"cannot be opened: {error.strerror}", name) from error
    matches = [match for match in sorted(glob.glob(name, recursive=True)) if Path(match).is_file()]  # noqa: PTH207 (absolute patterns too)
    if not matches:
        hint = "no file matches" if glob.has_magic(name) else "is the path right?"
        raise UsageError("no such file", name, hint)
    return matches


def _in_folder(folder: Path) -> list[str]:
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        found += [str(Path(place, name)) for name in sorted(files) if not name.startswith(".")]
    captures = [path for path in found if Path(path).is_file() and ((kind := format_of(path)).is_capture or kind is Format.STATE)]
    if not captures:
        raise UsageError("no capture in this folder", str(folder), _KNOWN)
    return captures


def format_of(path: str) -> Format:
    """What a file is, inside a gzip too; UNKNOWN where it cannot be read."""
    try:
        with opened(path) as source:
            return sniff(source.head)
    except CaptureError:
        return Format.UNKNOWN


def is_state(path: str) -> bool:
    """Whether a file, inside a gzip too (or what stands on standard input, which stays there) is a saved catalog."""
    try:
        if path == STDIN:
            return cast("BufferedReader", sys.stdin.buffer).peek(len(STATE_MAGIC)).startswith(STATE_MAGIC)
        if is_url(path):
            return format_of(path) is Format.STATE
        if not Path(path).is_file():
            return False
        with Path(path).open("rb") as file:
            head = file.read(len(STATE_MAGIC))
        return head == STATE_MAGIC or (head.startswith(GZIP) and format_of(path) is Format.STATE)
    except OSError:
        return False


def content(path: str) -> bytes:
    """All of a file that is small, such as a saved state: by path, by URL, or from standard input. Errors: `CaptureError`."""
    with opened(path) as source:
        return b"".join(iter(lambda: source.read(CHUNK), b""))


def read(
    path: str | Path,
    *,
    wanted: Wanted,
    report: Report,
    progress: Progress | None = None,
    span: Span | None = None,
    unpacked: int = MAX_UNPACKED,
) -> Iterator[Frame]:
    """The frames of a capture, in its own order; of a `span` of it (see `infer.captures.spans`) where one is given.

    `wanted` is asked once an exchange; `report` is told of what cannot be read; `progress` of the bytes read since it
    was last called; `unpacked` is how many bytes a gzip or a member of a zip may hold. Errors: `CaptureError` where nothing
    can be read.
    """
    if span is not None and span != Span(0, None):
        yield from _of_span(Path(path), span, wanted, report, progress or _ignore)
        return
    with opened(str(path), limit=unpacked, progress=progress) as source:
        yield from _with_flaws(source, wanted, report)


def _of_span(path: Path, span: Span, wanted: Wanted, report: Report, progress: Progress) -> Iterator[Frame]:
    with opened(str(path), progress=None if span.start else progress) as source, path.open("rb") as file:
        file.seek(span.start)

        def go_on(size: int) -> bytes:
            data = file.read(size)
            progress(len(data))
            return data

        def to_the_end(size: int) -> bytes:
            return go_on(size if span.stop is None else min(size, span.stop - file.tell()))

        if sniff(source.head) is Format.FLOWS:
            from infer.captures import flows  # noqa: PLC0415 (mitmproxy is heavy)

            yield from flows.frames(to_the_end, source.name, wanted=wanted, report=report, span=span)
        else:
            yield from _har(source, wanted, report, span, Cursor(go_on, offset=span.start) if span.start else None)


def _ignore(_: int) -> None:
    return


def _with_flaws(source: Source, wanted: Wanted, report: Report) -> Iterator[Frame]:
    """The frames of a capture, and word of what is wrong with the gzip around it. Errors: `CaptureError`, with that as its cause."""
    try:
        yield from _frames(source, wanted, report)
    except CaptureError as error:
        if not source.flaws:
            raise
        raise CaptureError(source.flaws[0].message, source.name, "nothing of it can be read") from error
    for flaw in source.flaws:
        report(flaw)


def _frames(source: Source, wanted: Wanted, report: Report) -> Iterator[Frame]:
    kind = sniff(source.head)
    if kind is Format.HAR:
        return _har(source, wanted, report)
    if kind is Format.FLOWS:
        from infer.captures import flows  # noqa: PLC0415 (mitmproxy is heavy)

        return flows.frames(source.read, source.name, wanted=wanted, report=report)
    if kind is Format.DEVTOOLS:
        from infer.captures import devtools  # noqa: PLC0415 (as above: most captures are HAR)

        return devtools.frames(source, wanted=wanted, report=report)
    if kind in (Format.ZIP, Format.PCAP):
        return _on_disk(source, kind, wanted, report)
    if kind is Format.STATE:
        raise CaptureError("is a saved state, which counts events and holds no packets", source.name, _OF_STATES)
    raise CaptureError("is no capture that is known", source.name, _HINTS.get(kind, _KNOWN))


def _on_disk(source: Source, kind: Format, wanted: Wanted, report: Report) -> Iterator[Frame]:
    with source.on_disk() as path:
        if kind is Format.ZIP:
            from infer.captures import archive  # noqa: PLC0415

            yield from archive.frames(
                path,
                source.name,
                wanted=wanted,
                report=report,
                unpacked=source.limit,
                read_other=lambda member: _frames(member, wanted, report),
            )
        else:
            from infer.captures import pcapng  # noqa: PLC0415

            yield from pcapng.frames(path, source.name, wanted=wanted, report=report)


def _har(
    source: Source, wanted: Wanted, report: Report, span: Span | None = None, at_span: Cursor | None = None
) -> Iterator[Frame]:
    path = source.path
    if path is None:
        har = Har(source.name, Cursor(source.read), wanted=wanted, report=report)
    else:
        beside = Folder(path, report)
        har = Har(
            source.name,
            Cursor(source.read),
            wanted=wanted,
            report=report,
            reopen=(lambda: path.open("rb")) if path.is_file() else None,
            attached=beside.content,
            lines=beside.lines,
            span=span,
        )
    if at_span is not None:
        har.move(at_span)
    return har.frames()


def follow(path: str, *, wanted: Wanted, report: Report) -> Iterator[Frame]:
    """The frames of a flow file that is being written, as they come; ends only when the caller does.

    Errors: `CaptureError` where the file is none.
    """
    from infer.captures import flows  # noqa: PLC0415

    try:
        with Path(path).open("rb") as file:

            def wait(size: int) -> bytes:
                while not (data := file.read(size)):
                    time.sleep(_PAUSE)
                return data

            head = wait(HEAD)
            if sniff(head) is not Format.FLOWS:
                raise CaptureError("only a mitmproxy flow file can be followed", path, "mitmdump -w FILE writes one")
            yield from flows.frames(Source.read_all_of(head, wait), path, wanted=wanted, report=report)
    except OSError as error:
        raise CaptureError(f"cannot read: {error.strerror or error}", path) from error
