"""The screen of `sio-infer record`: what is seen, as it is seen. Pure: a status to something that rich shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infer.live.messages import Row, Status
from infer.report.text import many, printable

FLASH: Final = 4.0
"""Seconds for which a new event is pointed out."""
_NOTICES: Final = 6
_ARROWS: Final = {"c2s": ("→ server", "cyan"), "s2c": ("← server", "green")}


def screen(status: Status | None, notices: Sequence[str], head: str, rows: int) -> RenderableType:
    """What is shown, in about `rows` lines: the busiest events when not all have room, new ones always."""
    if status is None:
        return Group(Text(head, "bold"), Text("starting …", "dim"))
    parts: list[RenderableType] = [Text(head, "bold")]
    shown = _chosen(status.rows, max(rows - 8 - len(notices[-_NOTICES:]), 3))
    if shown:
        parts.append(_table(shown, hosts=len({row.host for row in status.rows}) > 1))
    else:
        parts.append(Text("no event yet: use the application", "dim"))
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


def _table(rows: Sequence[Row], *, hosts: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in [*(["host"] if hosts else []), "namespace", "", "event"]:
        table.add_column(name, overflow="ellipsis", no_wrap=True)
    for name in ("count", "per s", "acks", "ack ms"):
        table.add_column(name, justify="right", no_wrap=True)
    last = ""
    for row in rows:
        arrow, colour = _ARROWS[row.direction]
        place = f"{row.host} {row.namespace}"
        event = Text().append(printable(row.event, 60), "bold reverse" if _is_new(row) else colour)
        if _is_new(row):
            event.append(" new", "bold yellow")
        cells: list[Text | str] = [Text(printable(row.host, 40) if place != last else "", "dim")] if hosts else []
        cells += [
            Text(printable(row.namespace, 40) if place != last else ""),
            Text(arrow, colour),
            event,
            f"{row.count:,}",
            f"{row.rate:,.1f}" if row.rate >= 0.05 else "",
            f"{row.acks:,}" if row.acks else "",
            "" if row.latency is None else f"{row.latency * 1000:,.1f}",
        ]
        table.add_row(*cells)
        last = place
    return table


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
