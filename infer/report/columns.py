"""What of a table a terminal has room for: names before figures, and figures whole or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.text import Text

GAP: Final = 1
"""Columns of the terminal between two of the table."""
_LEAST: Final = 20
"""To which a name is narrowed at most: about the longest that people give an event."""


def fitted(
    heads: Sequence[str], lines: Sequence[Sequence[Text]], width: int, *, names: Collection[str], spare: Sequence[str]
) -> dict[int, int]:
    """Widths of the columns to show, by their place; empty columns are not shown.

    Columns called as in `names` may be narrowed, the widest first. Where that is not enough, those in `spare` are left
    out one by one; where that is not enough either, nothing is shown.
    """
    filled = {
        at: max(len(head), *(line[at].cell_len for line in lines))
        for at, head in enumerate(heads)
        if any(line[at].plain for line in lines)
    }
    for count in range(len(spare) + 1):
        shown = {at: wide for at, wide in filled.items() if heads[at] not in spare[:count]}
        room = width - GAP * (len(shown) - 1)
        widest = max(shown.values(), default=0)
        for most in range(widest, min(widest, _LEAST) - 1, -1):
            made = {at: min(wide, most) if heads[at] in names else wide for at, wide in shown.items()}
            if sum(made.values()) <= room:
                return made
    return {}


def listed(lines: Iterable[tuple[str, Text]]) -> Iterator[Text]:
    """Lines below what they belong to, which is named once: for where there is no room for a table."""
    from rich.text import Text  # noqa: PLC0415 (not needed by who wants data)

    last = None
    for place, line in lines:
        if place != last:
            yield Text(place, "bold")
        yield line
        last = place
