"""`sio-infer inspect`: the decoded conversation."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from infer.cli import reading
from infer.cli.app import command, say

if TYPE_CHECKING:
    from infer.model import Diagnostic, Exchange, Frame
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
    files: reading.Files,
    *,
    form: Annotated[Literal["table", "jsonl"], typer.Option("--format", help="A table to read, or JSON Lines.")] = "table",
    show_values: Annotated[bool, typer.Option("--show-values", help="Show values as they are instead of their kinds.")] = False,
    show_engine: Annotated[bool, typer.Option("--engine", help="Show Engine.IO's own packets too (open, ping …).")] = False,
    host: reading.Hosts = [],  # noqa: B006 (typer copies it)
    path: reading.Paths = [],  # noqa: B006
    namespace: reading.Namespaces = [],  # noqa: B006
    event: reading.Events = [],  # noqa: B006
    parser: reading.ParserName = "auto",
    follow: Annotated[bool, typer.Option("--follow", help="Wait for more, as a flow file grows (Ctrl-C ends).")] = False,
) -> None:
    """Show the decoded conversation, packet by packet."""
    from infer import captures  # noqa: PLC0415 (heavy, and not needed for --help)
    from infer.errors import CaptureError  # noqa: PLC0415
    from infer.filters import Filter  # noqa: PLC0415
    from infer.report.conversation import Look, cells, in_time_order, jsonl, rows  # noqa: PLC0415
    from infer.wire import Decoder, Recogniser  # noqa: PLC0415

    look = Look(Filter(host, path, namespace, event), values=show_values, engine=show_engine)
    seen: list[Diagnostic] = []
    decoder = Decoder(report=seen.append, parser=parser)
    recogniser = Recogniser(seen.append, look.filter)
    frames = _follow(files[0], recogniser, seen.append) if follow else _frames(captures.expand(files), recogniser, seen.append)
    packets = _packets(frames, decoder, seen)
    write = _table() if form == "table" else _lines
    count = 0
    for row in rows(packets if follow else in_time_order(packets), look):
        count += 1
        write(cells(row) if form == "table" else jsonl(row))
    if not count:
        raise CaptureError("no Socket.IO packet found that is wanted", hint="see `sio-infer FILES` for the hosts that were seen")
    stats = decoder.stats
    ignored = sum(stats.ignored.values())
    say(f"{stats.frames:,} frames: {stats.decoded:,} decoded, {stats.diagnosed:,} undecoded, {ignored:,} without a packet; {stats.packets:,} packets")


def _frames(paths: list[str], wanted: Callable[[Exchange], bool], report: Callable[[Diagnostic], None]) -> Iterator[Frame]:
    from infer import captures  # noqa: PLC0415

    for path in paths:
        yield from captures.read(path, wanted=wanted, report=report)


def _follow(path: str, wanted: Callable[[Exchange], bool], report: Callable[[Diagnostic], None]) -> Iterator[Frame]:
    from infer import captures  # noqa: PLC0415

    yield from captures.follow(path, wanted=wanted, report=report)


def _packets(frames: Iterator[Frame], decoder: Decoder, seen: list[Diagnostic]) -> Iterator[Packet | Diagnostic]:
    """Packets, with each diagnostic where it was met."""
    for frame in frames:
        yield from decoder.feed(frame)
        yield from seen
        seen.clear()
    yield from decoder.settle()
    yield from seen
    seen.clear()


def _lines(line: Any) -> None:
    sys.stdout.write(f"{line}\n")


def _table() -> Callable[[Any], None]:
    """A writer of rows: coloured on a terminal, columns of fixed width else."""
    import os  # noqa: PLC0415

    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    tints = {"→": "36", "←": "32"}

    def write(row: tuple[str, ...]) -> None:
        time, session, arrow, transport, namespace, what, content = row
        tint = tints.get(arrow, "33")
        start, end = (f"\x1b[{tint}m", "\x1b[0m") if colours else ("", "")
        sys.stdout.write(f"{time:<12} {session:<6} {start}{arrow:1} {transport:<4} {namespace:<10} {what:<24}{end} {content}\n")

    return write
