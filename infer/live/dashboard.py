"""The screen of `sio-infer record`: what is seen, as it is seen. Pure: a status to something that rich shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infer.live.messages import Row, Status
from infer.report.columns import fitted, listed
from infer.report.text import many, printable

FLASH: Final = 4.0
"""Seconds for which a new event is pointed out."""
_NOTICES: Final = 6
_NAMES: Final = frozenset({"host", "namespace", "event"})
_FIGURES: Final = ("count", "per s", "acks", "ack ms")
_SPARE: Final = ("ack ms", "acks", "per s")
"""Columns that are left out where not all have room, the first ones first."""
_ARROWS: Final = {"c2s": ("→ server", "cyan"), "s2c": ("← server", "green")}


def screen(status: Status | None, notices: Sequence[str], head: str, rows: int, columns: int) -> RenderableType:
    """What is shown, in about `rows` lines of `columns`: the busiest events when not all have room, new ones always."""
    if status is None:
        return Group(Text(head, "bold"), Text("starting …", "dim"))
    parts: list[RenderableType] = [Text(head, "bold")]
    room = max(rows - 8 - len(notices[-_NOTICES:]), 3)
    shown = _chosen(status.rows, room)
    hosts = len({row.host for row in status.rows}) > 1
    if not shown:
        parts.append(Text("no event yet: use the application", "dim"))
    elif widths := fitted(_heads(hosts=hosts), _lines(shown, hosts=hosts), columns, names=_NAMES, spare=_SPARE):
        parts.append(_table(shown, widths, hosts=hosts))
    else:
        shown = _chosen(status.rows, max(room - len({_place(row, hosts=hosts) for row in status.rows}), 3))
        parts += _list(shown, hosts=hosts)
    hidden = len(status.rows) - len(shown) + status.more
    if hidden:
        parts.append(Text(f"… and {hidden:,} more", "dim"))
    parts.append(_foot(status))
    parts += [Text(f"! {printable(notice, 300)}", "yellow") for notice in notices[-_NOTICES:]]
    return Group(*parts)


def _chosen(rows: Sequence[Row], most: int) -> list[Row]:
    if len(rows) <= most:
        return list(rows)
    busiest = sorted(rows, key=lambda row: (not _is_new(row), -row.rate, -row.count))[:most]
    return [row for row in rows if row in busiest]


def _is_new(row: Row) -> bool:
    return row.age is not None and row.age < FLASH


def _heads(*, hosts: bool) -> list[str]:
    return [*(["host"] if hosts else []), "namespace", "", "event", *_FIGURES]


def _lines(rows: Sequence[Row], *, hosts: bool) -> list[list[Text]]:
    """The cells of each row; where it happens stands once."""
    lines = []
    last = ""
    for row in rows:
        place = _place(row, hosts=hosts)
        names = [*([row.host] if hosts else []), row.namespace]
        figures = (
            f"{row.count:,}",
            f"{row.rate:,.1f}" if row.rate >= 0.05 else "",
            f"{row.acks:,}" if row.acks else "",
            "" if row.latency is None else f"{row.latency * 1000:,.1f}",
        )
        lines.append([*(Text(printable(name, 40) if place != last else "") for name in names), *_event(row), *map(Text, figures)])
        last = place
    return lines


def _table(rows: Sequence[Row], widths: Mapping[int, int], *, hosts: bool) -> Table:
    table = Table(box=None, pad_edge=False, collapse_padding=True, header_style="dim")
    heads = _heads(hosts=hosts)
    for at, width in widths.items():
        table.add_column(heads[at], justify="right" if heads[at] in _FIGURES else "left", width=width, overflow="ellipsis", no_wrap=True)
    for line in _lines(rows, hosts=hosts):
        table.add_row(*(line[at] for at in widths))
    return table


def _list(rows: Sequence[Row], *, hosts: bool) -> Iterator[Text]:
    for line in listed((_place(row, hosts=hosts), Text(" ").join([*_event(row), Text(f"×{row.count:,}")])) for row in rows):
        line.no_wrap, line.overflow = True, "ellipsis"
        yield line


def _place(row: Row, *, hosts: bool) -> str:
    """Where an event belongs."""
    return f"{printable(row.host, 40)} {printable(row.namespace, 40)}" if hosts else printable(row.namespace, 40)


def _event(row: Row) -> tuple[Text, Text]:
    """Whither it goes, and its name."""
    arrow, colour = _ARROWS[row.direction]
    event = Text().append(printable(row.event, 60), "bold reverse" if _is_new(row) else colour)
    if _is_new(row):
        event.append(" new", "bold yellow")
    return Text(arrow, colour), event


def _foot(status: Status) -> Text:
    counts = (many(status.sessions, "session"), many(status.frames, "frame"), many(status.observations, "observation"))
    foot = Text().append(", ".join(counts), "dim")
    if status.saved is not None:
        foot.append(f"; written {status.saved:.0f} s ago", "dim")
    for code, count in status.diagnostics:
        foot.append(f"; {count:,} × {code}", "yellow")
    if status.skipped:
        foot.append(f"; {many(status.skipped, 'frame')} skipped", "bold red")
    if status.violations:
        foot.append(f"; {many(status.violations, 'violation')} of the declared contract", "bold red")
    return foot
