"""Lines changed in one text, changed in another that says the same in another layout (a three-way merge)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final

_LAYOUT: Final = re.compile(r"[\s{}\[\]\"',]+")


def merged(own: Sequence[str], base: Sequence[str], changed: Sequence[str]) -> list[str]:
    """`own` with what leads from `base` to `changed`: where only the layout differs its lines stay, else they are replaced.

    Lines that all three share anchor the rest; between two anchors one side is taken whole.
    """
    to_own, to_changed = _likely(base, own), _matches(base, changed)
    result: list[str] = []
    at_own = at_base = at_changed = 0

    def settle(until_own: int, until_base: int, until_changed: int) -> None:
        same = base[at_base:until_base] == changed[at_changed:until_changed]
        result.extend(own[at_own:until_own] if same else changed[at_changed:until_changed])

    for place in range(len(base)):
        if place in to_own and place in to_changed:
            settle(to_own[place], place, to_changed[place])
            result.append(own[to_own[place]])
            at_own, at_base, at_changed = to_own[place] + 1, place + 1, to_changed[place] + 1
    settle(len(own), len(base), len(changed))
    return result


def _matches(base: Sequence[str], other: Sequence[str], key: Callable[[str], str] | None = None) -> dict[int, int]:
    """Places of lines in `base` to those of their equals in `other`, both rising."""
    if base == other:
        return {place: place for place in range(len(base))}
    first, second = (base, other) if key is None else (list(map(key, base)), list(map(key, other)))
    blocks = SequenceMatcher(None, first, second).get_matching_blocks()
    return {block.a + offset: block.b + offset for block in blocks for offset in range(block.size)}


def _likely(base: Sequence[str], own: Sequence[str]) -> dict[int, int]:
    """The same of lines that are equal, and between them of those that differ in spaces, quotes and brackets only."""
    found = _matches(base, own)
    edges = [(-1, -1), *sorted(found.items()), (len(base), len(own))]
    for (start, own_start), (end, own_end) in pairwise(edges):
        if end - start > 1 and own_end - own_start > 1:
            inner = _matches(base[start + 1 : end], own[own_start + 1 : own_end], _bare)
            found |= {start + 1 + place: own_start + 1 + other for place, other in inner.items()}
    return found


def _bare(line: str) -> str:
    return _LAYOUT.sub("", line)
