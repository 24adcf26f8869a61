"""Lines changed in one text, changed in another that says the same in another layout (a three-way merge)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final

_LAYOUT: Final = re.compile(r"[\s{}\[\]\"',]+")


def merged(own: Sequence[str], base: Sequence[str], changed: Sequence[str]) -> list[str]:
    """`own` with what leads from `base` to `changed`.

    A change replaces the own lines that stand for those of `base` which it replaces. Where some of them stand for none,
    it reaches to the next that does on either side.
    """
    to_own = _likely(base, own)
    aligned = sorted(to_own)
    result: list[str] = []
    done = 0
    for tag, start, end, new_start, new_end in SequenceMatcher(None, base, changed).get_opcodes():
        if tag == "equal":
            continue
        lines = list(changed[new_start:new_end])
        first, last = bisect_left(aligned, start), bisect_left(aligned, end)
        if start == end and start - 1 in to_own:
            at = until = to_own[start - 1] + 1
        elif start in to_own and end - 1 in to_own:
            at, until = to_own[start], to_own[end - 1] + 1
        else:
            before, after = aligned[first - 1] if first else -1, aligned[last] if last < len(aligned) else len(base)
            at, until = to_own[before] + 1 if first else 0, to_own[after] if after < len(base) else len(own)
            lines = [*base[before + 1 : start], *lines, *base[end:after]]
        at = max(at, done)
        result += [*own[done:at], *lines]
        done = max(until, at)
    return [*result, *own[done:]]


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
