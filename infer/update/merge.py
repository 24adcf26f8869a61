"""Lines changed in one text, changed in another that says the same in another layout (a three-way merge)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final

_LAYOUT: Final = re.compile(r"[\s{}\[\]\"',]+")
_MANY: Final = 1 << 22
"""Pairs of lines up to which each is compared with each; beyond, those that are said often are left out."""


def merged(own: Sequence[str], base: Sequence[str], changed: Sequence[str]) -> list[str]:
    """`own` with what leads from `base` to `changed`.

    A change replaces the own lines that stand for those of `base` which it replaces. Where some of them stand for none,
    it reaches to the next that does on either side.
    """
    to_own = _likely(base, own)
    aligned = sorted(to_own)
    result: list[str] = []
    done = 0
    for start, end, new_start, new_end in _changes(_matches(base, changed), len(base), len(changed)):
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


def _changes(matches: dict[int, int], length: int, new_length: int) -> Iterator[tuple[int, int, int, int]]:
    """Where lines of the one list stand for lines of the other that are not theirs: from, to and the same of the other."""
    place, other = 0, 0
    for start, new_start in [*matches.items(), (length, new_length)]:
        if (start, new_start) != (place, other):
            yield place, start, other, new_start
        place, other = start + 1, new_start + 1


def _matches(first: Sequence[str], second: Sequence[str]) -> dict[int, int]:
    """Places of lines to those of their equals, both rising.

    Lines that stand once on either side go before others: what is said often (`type: string`) tells nothing of where it is.
    """
    found: dict[int, int] = {}
    waiting = [(0, len(first), 0, len(second))]
    while waiting:
        low, high, other_low, other_high = waiting.pop()
        while low < high and other_low < other_high and first[low] == second[other_low]:
            found[low] = other_low
            low, other_low = low + 1, other_low + 1
        while low < high and other_low < other_high and first[high - 1] == second[other_high - 1]:
            high, other_high = high - 1, other_high - 1
            found[high] = other_high
        if low == high or other_low == other_high:
            continue
        one, other = first[low:high], second[other_low:other_high]
        anchors = [(low + place, other_low + theirs) for place, theirs in _anchors(one, other)]
        if anchors:
            edges = [(low, other_low), *anchors, (high, other_high)]
            waiting += [(start, end, new_start, new_end) for (start, new_start), (end, new_end) in pairwise(edges)]
        else:
            few = len(one) * len(other) <= _MANY
            for block in SequenceMatcher(None, one, other, autojunk=not few).get_matching_blocks():
                found |= {low + block.a + offset: other_low + block.b + offset for offset in range(block.size)}
    return dict(sorted(found.items()))


def _anchors(first: Sequence[str], second: Sequence[str]) -> list[tuple[int, int]]:
    """Places of lines that stand once in either, the most of them that stand in one order (patience sorting)."""
    counts, others = Counter(first), {line: place for place, line in enumerate(second)}
    repeated = Counter(second)
    single = [(place, others[line]) for place, line in enumerate(first) if counts[line] == repeated[line] == 1]
    piles: list[int] = []
    tops: list[tuple[int, int, int]] = []
    """For each line the place of the line before it, and its own places."""
    ends: list[int] = []
    for place, other in single:
        pile = bisect_left(piles, other)
        tops.append((ends[pile - 1] if pile else -1, place, other))
        piles[pile : pile + 1] = [other]
        ends[pile : pile + 1] = [len(tops) - 1]
    chain: list[tuple[int, int]] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        at, place, other = tops[at]
        chain.append((place, other))
    return chain[::-1]


def _likely(base: Sequence[str], own: Sequence[str]) -> dict[int, int]:
    """The same of lines that are equal, and between them of those that differ in spaces, quotes and brackets only."""
    found = _matches(base, own)
    edges = [(-1, -1), *found.items(), (len(base), len(own))]
    for (start, own_start), (end, own_end) in pairwise(edges):
        if end - start > 1 and own_end - own_start > 1:
            inner = _matches(list(map(_bare, base[start + 1 : end])), list(map(_bare, own[own_start + 1 : own_end])))
            found |= {start + 1 + place: own_start + 1 + other for place, other in inner.items()}
    return found


def _bare(line: str) -> str:
    return _LAYOUT.sub("", line)
