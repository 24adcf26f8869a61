"""The timeline: when each event was sent, with long pauses cut out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Final
from xml.etree.ElementTree import Element

import msgspec

from infer.model import Direction
from infer.pages.sequence import offset
from infer.pages.story import Story
from infer.pages.svg import picture, put, write
from infer.report.text import many

MOST: Final = 24
"""Rows that are drawn: the most frequent events."""
_WIDTH: Final = 920
_LABELS: Final = 210
_ROW: Final = 24
_TOP: Final = 12
_CELLS: Final = 300
"""Bars of a row at most."""
_PAUSE: Final = 0.15
"""Share of the time shown from which a pause is cut; cut pauses take one share of `_BREAK`."""
_BREAK: Final = 0.035
_NEAR: Final = 60
"""Distance from the right edge within which what is written about a place in its middle would be cut off."""


class _Stretch(msgspec.Struct, frozen=True):
    """Time without a long pause: bins `first` to `last`, and where it lies in the picture (0 to 1)."""

    first: int
    last: int
    left: float
    right: float


def timeline(story: Story) -> Element | None:
    """The picture; None where no time is known."""
    rows = sorted(story.bins.items(), key=lambda item: (-item[1].total(), item[0]))
    if not rows:
        return None
    shown = sorted(rows[:MOST], key=lambda item: (item[0][0], item[0][1], min(item[1])))
    stretches = _stretches(sorted({place for _, row in rows for place in row}))
    hidden = len(rows) - len(shown)
    height = _TOP + _ROW * len(shown) + 34 + (18 if hidden else 0)
    svg = picture(_WIDTH, height, f"When each of {many(len(rows), 'kind')} of event was sent.", name="timeline")
    bottom = _TOP + _ROW * len(shown)
    _axis(svg, stretches, story.width, bottom)
    most = max(max(row.values()) for _, row in shown)
    for place, ((namespace, direction, name), row) in enumerate(shown):
        y = _TOP + place * _ROW
        sign = "→" if direction is Direction.C2S else "←"
        style = direction.value
        write(svg, sign, 4, y + 16, f"{style} sign")
        write(svg, name if namespace == "/" else f"{name} · {namespace}", 22, y + 16, "name", width=_LABELS - 34)
        put(svg, "line", "rail", x1=_LABELS, y1=y + _ROW - 2, x2=_WIDTH - 10, y2=y + _ROW - 2)
        _bars(svg, row, stretches, y + _ROW - 2, most, style)
    if hidden:
        write(svg, f"… and {many(hidden, 'rarer kind')} of event in the table", _LABELS, height - 6, "quiet")
    return svg


def _stretches(places: list[int]) -> list[_Stretch]:
    """The time between first and last, cut where nothing happened for long; the widths add up to 1."""
    gaps = sorted((after - before for before, after in pairwise(places)), reverse=True)
    busy = places[-1] - places[0] + 1
    longest = math.inf
    for gap in gaps[:12]:  # cutting one pause may make the next one a long one
        if gap <= max(20, _PAUSE * busy):
            break
        busy -= gap
        longest = gap
    runs = [[places[0], places[0]]]
    for place in places[1:]:
        if place - runs[-1][1] >= longest:
            runs.append([place, place])
        else:
            runs[-1][1] = place
    room = 1 - _BREAK * (len(runs) - 1)
    total = sum(last - first + 1 for first, last in runs)
    made, left = [], 0.0
    for first, last in runs:
        right = left + room * (last - first + 1) / total
        made.append(_Stretch(first, last, left, right))
        left = right + _BREAK
    return made


def _at(share: float) -> float:
    return _LABELS + share * (_WIDTH - 10 - _LABELS)


def _bars(svg: Element, row: dict[int, int], stretches: list[_Stretch], y: float, most: int, style: str) -> None:
    cells: dict[int, int] = {}
    for place, count in row.items():
        stretch = next(each for each in stretches if each.first <= place <= each.last)
        share = stretch.left + (stretch.right - stretch.left) * (place - stretch.first + 0.5) / (stretch.last - stretch.first + 1)
        cell = int(share * _CELLS)
        cells[cell] = max(cells.get(cell, 0), count)
    for cell, count in sorted(cells.items()):
        height = 5 + 13 * math.log1p(count) / math.log1p(most)
        put(svg, "rect", f"{style} bar", x=_at(cell / _CELLS), y=y - height, width=2.4, height=height, rx=1)


def _axis(svg: Element, stretches: list[_Stretch], width: float, y: float) -> None:
    for before, after in pairwise(stretches):
        pause = offset((after.first - before.last) * width)
        middle = _at((before.right + after.left) / 2)
        put(svg, "line", "pause", x1=middle, y1=_TOP, x2=middle, y2=y)
        near = middle > _WIDTH - _NEAR
        write(svg, f"{pause} pause", _WIDTH if near else middle, y + 28, "quiet", anchor="end" if near else "middle")
    for number, stretch in enumerate(stretches):
        seconds = (stretch.last - stretch.first + 1) * width
        if number == 0:
            write(svg, "0", _at(stretch.left), y + 15, "quiet")
        if stretch.right - stretch.left > 0.12 or len(stretches) == 1:
            for tick in _ticks(seconds, stretch.right - stretch.left):
                x = _at(stretch.left + (stretch.right - stretch.left) * tick / seconds)
                put(svg, "line", "tick", x1=x, y1=_TOP, x2=x, y2=y + 3)
                write(svg, f"+{offset(tick)}", x, y + 15, "quiet", anchor="middle")


def _ticks(seconds: float, share: float) -> Iterable[float]:
    """Round times, at most one to each tenth of the picture."""
    steps = [base * 10.0**power for power in range(-2, 12) for base in (1, 2, 5)]
    step = next(step for step in steps if step * share * 10 >= seconds)
    return [number * step for number in range(1, int(seconds / step) + 1) if number * step <= seconds * 0.985]
