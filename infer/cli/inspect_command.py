"""`sio-infer inspect`: the decoded conversation."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from infer.cli import reading
from infer.cli.app import command, flush, give_up, say, write

if TYPE_CHECKING:
    from infer.errors import CaptureError
    from infer.model import Diagnostic, Frame, Report, Wanted
    from infer.wire import Decoder, Packet

@command(
    "inspect",
    [
        "sio-infer inspect chat.har",
        "sio-infer inspect orders.mitm --namespace /admin --event 'order:*'",
        "sio-infer inspect chat.har --format jsonl --show-values | jq 'select(.latency > 0.5)'",
        "sio-infer inspect live.mitm --follow",
    ],
)
def inspect(
    files: reading.Captures,
    *,
    form: Annotated[Literal["table", "jsonl"], typer.Option("--format", help="A table to read, or JSON Lines.")] = "table",
    show_values: Annotated[bool, typer.Option("--show-values", help="Show values as they are instead of their kinds.")] = False,
    show_engine: Annotated[bool, typer.Option("--engine", help="Show Engine.IO's own packets too (open, ping …).")] = False,
    host: reading.Hosts = [],
    path: reading.Paths = [],
    namespace: reading.Namespaces = [],
    event: reading.Events = [],
    parser: reading.ParserName = "auto",
    limit: reading.LimitSettings = [],
    follow: Annotated[
        bool,
        typer.Option(
            "--follow",
            help="Wait for more, as mitmdump -w FILE writes it: a WebSocket appears when it has closed (Ctrl-C ends).",
        ),
    ] = False,
) -> None:
    """Show the decoded conversation, packet by packet."""
    from infer import captures
    from infer.errors import CaptureError, UsageError
    from infer.filters import Filter
    from infer.report.conversation import Look, in_time_order, rows
    from infer.report.text import printable
    from infer.wire import Decoder, Recogniser

    if follow and len(files) != 1:
        raise UsageError("--follow waits for one file", hint="follow each in a terminal of its own")
    look = Look(Filter(host, path, namespace, event), values=show_values, engine=show_engine)
    seen: list[Diagnostic] = []
    failed: list[CaptureError] = []
    limits = reading.limits(limit)
    decoder = Decoder(report=seen.append, parser=parser, limits=limits)
    wanted = Recogniser(seen.append, look.filter)
    paths = files if follow else captures.expand(files)
    frames = _followed(files[0], wanted, seen.append) if follow else _frames(paths, wanted, seen.append, limits.unpacked_bytes, failed)
    show = _shower(form, at_once=follow)
    count = 0
    packets = _packets(frames, decoder, seen, in_order=follow)
    try:
        for row in rows(packets if follow else in_time_order(packets), look):
            count += 1
            show(row)
    finally:
        flush()
    if len(failed) == len(paths):
        give_up(failed)
    for error in failed:
        say(f"not read: {printable(str(error), 500)}")
    if not count and not follow:
        raise CaptureError("no Socket.IO packet found that is wanted", hint="see `sio-infer FILES` for the hosts that were seen")
    stats = decoder.stats
    ignored = stats.ignored.total()
    say(f"{stats.frames:,} frames: {stats.decoded:,} decoded, {stats.diagnosed:,} undecoded, {ignored:,} without a packet; {stats.packets:,} packets")


def _frames(
    paths: list[str], wanted: Wanted, report: Report, unpacked: int, failed: list[CaptureError]
) -> Iterator[Frame]:
    """The frames of captures, one after the other; what stands against reading one is put into `failed`."""
    from infer import captures
    from infer.errors import CaptureError

    for path in paths:
        try:
            yield from captures.read(path, wanted=wanted, report=report, unpacked=unpacked)
        except CaptureError as error:
            failed.append(error)


def _followed(path: str, wanted: Wanted, report: Report) -> Iterator[Frame]:
    """The frames of a file that grows, until Ctrl-C."""
    from infer import captures

    try:
        yield from captures.follow(path, wanted=wanted, report=report)
    except KeyboardInterrupt:
        return


def _packets(
    frames: Iterator[Frame], decoder: Decoder, seen: list[Diagnostic], *, in_order: bool
) -> Iterator[Packet | Diagnostic]:
    """Packets, with each diagnostic where it was met.

    A packet whose parts came in several HTTP bodies is put together at the end or, where frames come in order of time
    (a client has one request of each kind under way), with its last part.
    """
    from infer.model import Transport

    for frame in frames:
        yield from decoder.feed(frame)
        if in_order and frame.time is not None and frame.exchange.transport is Transport.POLLING:
            yield from decoder.settle(frame.time)
        yield from seen
        seen.clear()
    yield from decoder.settle()
    yield from seen
    seen.clear()


def _shower(form: str, *, at_once: bool) -> Callable[[dict[str, Any]], None]:
    """What shows a row: as JSON, or as a line of the table, coloured on a terminal."""
    from infer.report.conversation import jsonl, line

    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def show(row: dict[str, Any]) -> None:
        text = jsonl(row) if form == "jsonl" else line(row, coloured=coloured)
        write(f"{text}\n".encode())
        if at_once:
            flush()

    return show
