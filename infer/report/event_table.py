"""What was observed of each event, a row each: for people as text or Markdown, for programs as CSV or JSON.

Names come from traffic, where anyone may send anything: in text nothing of them acts on a terminal, in Markdown nothing
is markup, and in CSV no cell is a formula.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import msgspec

from infer.catalog import Catalog, EventEntry
from infer.histogram import Histogram
from infer.model import Direction, Server
from infer.report.columns import fitted, listed
from infer.report.findings_markdown import code, escaped
from infer.report.text import printable

if TYPE_CHECKING:
    from rich.text import Text

_FEW: Final = 3
_MANY: Final = 20
"""Samples (and `_FEW` sessions) from which the schema rules believe what they see; see `sio-infer rules`."""
_MOMENT: Final = 1.0
"""Seconds from the first to the last below which they were one burst, that says nothing of a minute."""
_ARROWS: Final = {Direction.C2S: "→", Direction.S2C: "←"}
_NAMES: Final = frozenset({"server", "namespace", "event"})
_SPARE: Final = ("ack p99", "ack p50", "size p50", "/min", "ack p95", "size p95", "evidence", "acks", "sessions", "rejected")
"""Columns that are left out where not all have room, the first ones first."""
_ENDLESS: Final = 10_000
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""
_UNITS: Final = ("B", "kB", "MB", "GB")


class Percentiles(msgspec.Struct, frozen=True):
    """Of values that were counted in a histogram: within 10 %."""

    p50: float
    p95: float
    p99: float


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One event of one direction in a namespace of a server."""

    server: str
    namespace: str
    direction: Direction
    event: str
    count: int
    sessions: int
    per_minute: float | None
    """From the first to the last; None where fewer than three were seen, within a second, or no times."""
    bytes: Percentiles | None
    acks_asked: int
    acks_given: int
    ack_seconds: Percentiles | None
    """From the event to its acknowledgement."""
    rejected: int
    """Requests that an error acknowledgement answered."""
    evidence: str
    """`thin` below 3 samples, `solid` from 20 in 3 sessions on, else `fair`."""

    @property
    def ack_rate(self) -> float | None:
        """Share of the acknowledgements asked for that came; None where none was asked for."""
        return self.acks_given / self.acks_asked if self.acks_asked else None


def rows_of(catalog: Catalog) -> list[Row]:
    """The rows, by server, namespace, direction and name."""
    return [
        _row(server, namespace, Direction(side), name, event)
        for server, entry in catalog.servers.items()
        for namespace, space in entry.namespaces.items()
        for (side, name), event in space.events.items()
    ]


def to_text(rows: Iterable[Row], *, width: int | None = None, colour: bool = False) -> str:
    """An aligned table without empty columns; `width` in columns, None for as wide as it takes.

    Where not all has room, figures are left out, and named; where hardly anything has, it is a list.
    """
    from rich.console import Console  # noqa: PLC0415 (not needed by who wants data)
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    rows = list(rows)
    several = len({row.server for row in rows}) > 1
    columns = _columns(several=several)
    heads = [name for name, _ in columns]
    lines = [list(map(Text, _cells(row, several=several))) for row in rows]
    wide = width or _ENDLESS
    shown = fitted(heads, lines, wide, names=_NAMES, spare=_SPARE)
    styles = {Direction.C2S: "cyan", Direction.S2C: "green"} if colour else {}
    out = io.StringIO()
    console = Console(file=out, width=wide, color_system="standard" if colour else None, force_terminal=colour, legacy_windows=False)
    if shown:
        table = Table(box=None, pad_edge=False, header_style="bold" if colour else "", collapse_padding=True)
        for at, size in shown.items():
            table.add_column(heads[at], justify=columns[at][1], width=size, overflow="fold")
        for row, line in zip(rows, lines, strict=True):
            table.add_row(*(line[at] for at in shown), style=styles.get(row.direction))
        console.print(table)
    else:
        for text in listed((_place(row, several=several), _line(row, styles.get(row.direction, ""))) for row in rows):
            console.print(text, overflow="fold")
    hidden = [head for at, head in enumerate(heads) if head in _SPARE and at not in shown and any(line[at].plain for line in lines)]
    if hidden:
        console.print(Text(f"left out for want of room: {', '.join(hidden)}", "dim" if colour else ""))
    return "".join(line.rstrip() + "\n" for line in out.getvalue().splitlines())


def to_markdown(rows: Iterable[Row]) -> str:
    """A table in GitHub's flavour."""
    rows = list(rows)
    several = len({row.server for row in rows}) > 1
    columns = _columns(several=several)
    lines = [[escaped(name) for name, _ in columns], ["---:" if justify == "right" else "---" for _, justify in columns]]
    names = (0, 1, 3) if several else (0, 2)
    for row in rows:
        cells = _cells(row, several=several)
        lines.append([code(cell) if at in names else escaped(cell) for at, cell in enumerate(cells)])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def to_csv(rows: Iterable[Row]) -> str:
    """Comma-separated (RFC 4180, but for line feeds alone), with a header; sizes in bytes, times in seconds."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    flat = [_flat(row) for row in rows]
    writer.writerow(_flat(_EMPTY))
    writer.writerows([_safe(cell) for cell in each.values()] for each in flat)
    return out.getvalue()


def to_json(rows: Iterable[Row]) -> str:
    """A list of objects, whose names are as they were on the wire."""
    return json.dumps(list(map(_flat, rows)), indent=2) + "\n"


def _place(row: Row, *, several: bool) -> str:
    return f"{printable(row.server)} {printable(row.namespace)}" if several else printable(row.namespace)


def _line(row: Row, style: str) -> Text:
    """The least that is to be said of an event."""
    from rich.text import Text  # noqa: PLC0415

    return Text(f"{_ARROWS[row.direction]} {printable(row.event)} ×{row.count:,}", style)


def _row(server: Server, namespace: str, side: Direction, name: str, event: EventEntry) -> Row:
    span = (event.last or 0.0) - (event.first or 0.0)
    sessions = event.sessions.count
    return Row(
        server=server.host + server.path,
        namespace=namespace,
        direction=side,
        event=name,
        count=event.count,
        sessions=sessions,
        per_minute=60 * (event.count - 1) / span if span >= _MOMENT and event.count >= _FEW else None,
        bytes=_percentiles(event.size),
        acks_asked=event.ack_asked,
        acks_given=event.ack_given,
        ack_seconds=_percentiles(event.latency),
        rejected=event.rejected.count,
        evidence=evidence_of(event.count, sessions),
    )


def evidence_of(count: int, sessions: int) -> str:
    """How much samples and sessions are to rest on: see `Row.evidence`."""
    return "thin" if count < _FEW else "solid" if count >= _MANY and sessions >= _FEW else "fair"


def _percentiles(values: Histogram) -> Percentiles | None:
    p50, p95, p99 = (values.quantile(share) for share in (0.5, 0.95, 0.99))
    return None if p50 is None or p95 is None or p99 is None else Percentiles(p50, p95, p99)


def _columns(*, several: bool) -> list[tuple[str, Any]]:
    numbers = ("count", "sessions", "/min", "size p50", "size p95", "acks", "ack p50", "ack p95", "ack p99", "rejected")
    names = (*(("server",) if several else ()), "namespace", "", "event")
    return [*((name, "left") for name in names), *((name, "right") for name in numbers), ("evidence", "left")]


def _cells(row: Row, *, several: bool) -> list[str]:
    size, late = row.bytes, row.ack_seconds
    rate = row.ack_rate
    return [
        *([printable(row.server)] if several else []),
        printable(row.namespace),
        _ARROWS[row.direction],
        printable(row.event),
        f"{row.count:,}",
        f"{row.sessions:,}",
        "" if row.per_minute is None else _figure(row.per_minute),
        *(["", ""] if size is None else [_size(size.p50), _size(size.p95)]),
        "" if rate is None else f"{rate:.0%}",
        *(["", "", ""] if late is None else [_time(late.p50), _time(late.p95), _time(late.p99)]),
        f"{row.rejected:,}" if row.rejected else "",
        row.evidence,
    ]


def _flat(row: Row) -> dict[str, Any]:
    """The row as builtin data, a value a column."""
    flat: dict[str, Any] = {}
    for field in row.__struct_fields__:
        value = getattr(row, field)
        if field in ("bytes", "ack_seconds"):
            for share in Percentiles.__struct_fields__:
                flat[f"{field}_{share}"] = None if value is None else float(f"{getattr(value, share):.3g}")
        elif field == "per_minute":
            flat[field] = None if value is None else float(f"{value:.3g}")
        else:
            flat[field] = value.value if isinstance(value, Direction) else value
        if field == "acks_given":
            flat["ack_rate"] = None if row.ack_rate is None else round(row.ack_rate, 4)
    return flat


_EMPTY: Final = Row(
    server="", namespace="", direction=Direction.C2S, event="", count=0, sessions=0, per_minute=None, bytes=None,
    acks_asked=0, acks_given=0, ack_seconds=None, rejected=0, evidence="",
)  # fmt: skip
"""Asked for the names of the columns."""


def _safe(cell: Any) -> Any:
    """A cell that no spreadsheet runs: a quote before what would be a formula, escapes for what cannot be seen."""
    if not isinstance(cell, str):
        return cell
    shown = printable(cell, 10_000)
    return f"'{shown}" if cell.startswith(_FORMULA) or shown.startswith(_FORMULA) else shown


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _size(count: float) -> str:
    unit = 0
    while count >= 1_000 and unit < len(_UNITS) - 1:
        count, unit = count / 1_000, unit + 1
    return f"{count:.0f} {_UNITS[unit]}" if unit == 0 or count >= 10 else f"{count:.1f} {_UNITS[unit]}"


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1_000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1_000:.1f} ms"
