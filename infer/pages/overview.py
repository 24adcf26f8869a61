"""The overview: for each namespace, who sends what to whom."""

from __future__ import annotations

import math
from typing import Final
from xml.etree.ElementTree import Element

from infer.model import Direction
from infer.pages.subject import EventRow, Space
from infer.pages.svg import arrow, picture, put, write
from infer.report.text import many, printable

MOST: Final = 18
"""Events of a direction that are drawn, the most frequent ones; the table has them all."""
_WIDTH: Final = 440
_SIDE: Final = 62
_TOP: Final = 14
_ROW: Final = 38


def overview(space: Space) -> Element:
    """A namespace: the client at the left, the server at the right, an arrow for each event.

    The more often an event was seen, the thicker is its arrow; a dashed one below it is its acknowledgement.
    """
    client, server = ([row for row in space.rows if row.direction is side] for side in (Direction.C2S, Direction.S2C))
    shown = [*_frequent(client), *_frequent(server)]
    hidden = len(space.rows) - len(shown)
    height = 2 * _TOP + _ROW * max(len(shown), 1) + (22 if hidden else 0)
    label = f"Namespace {printable(space.name)}: the client emits {_names(client)}; the server emits {_names(server)}."
    svg = picture(_WIDTH, height, label, name="overview")
    for x, who in ((0, "Client"), (_WIDTH - _SIDE, "Server")):
        put(svg, "rect", "party", x=x, y=0, width=_SIDE, height=height, rx=10)
        write(svg, who, x + _SIDE / 2, height / 2 + 4.5, "party-name", anchor="middle")
    most = max((row.samples for row in shown), default=0)
    for place, row in enumerate(shown):
        _draw(svg, row, _TOP + place * _ROW, most)
    if not shown:
        write(svg, "no event seen", _WIDTH / 2, height / 2 + 4, "quiet", anchor="middle")
    if hidden:
        write(svg, f"… and {many(hidden, 'rarer event')} in the table", _WIDTH / 2, height - _TOP, "quiet", anchor="middle")
    return svg


def _draw(svg: Element, row: EventRow, y: float, most: int) -> None:
    left, right = _SIDE + 8, _WIDTH - _SIDE - 8
    sent = row.direction is Direction.C2S
    start, end, style = (left, right, "c2s") if sent else (right, left, "s2c")
    count = f"×{row.samples:,}" if row.samples else ""
    write(svg, row.name, (left + right) / 2, y + 14, "name", anchor="middle", width=right - left - 2 * max(34, 8 * len(count) + 6))
    write(svg, count, start, y + 14, "quiet", anchor="start" if sent else "end")
    arrow(svg, start, end, y + 22, style, width=_thickness(row.samples, most))
    if row.ack is not None:
        arrow(svg, end, start, y + 29, f"{style} back", width=1)


def _thickness(count: int, most: int) -> float:
    return 1.5 + (2.5 * math.log1p(count) / math.log1p(most) if most else 0)


def _frequent(rows: list[EventRow]) -> list[EventRow]:
    chosen = sorted(rows, key=lambda row: -row.samples)[:MOST]
    return [row for row in rows if row in chosen]


def _names(rows: list[EventRow]) -> str:
    if not rows:
        return "nothing"
    names = ", ".join(printable(row.name, 60) for row in rows[:MOST])
    return f"{names} and {len(rows) - MOST} more" if len(rows) > MOST else names
