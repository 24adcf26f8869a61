"""How much a catalog holds in all: what it may hold is shared out, from the whole to its parts.

As water stands in vessels that are joined: where there is enough, every part has what it asks for; else those that ask
for most have the same, which is the most by which all together have no more than there is.

The law: shares depend on the observations alone, however they were split and in whatever order they came. For that, more
observations never leave more to a part: a mapping that has let entries go asks for everything, and shares out as if it
held all that it may; the one entry of a template asks for what its siblings could have asked; evidence that was cut asks
for as much as any may have. So what was cut off a part would have been cut off the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol, TypeAlias

import msgspec

from infer.bounded import Bounded
from infer.limits import Limits
from infer.tally import Watch

_EVERYTHING: Final = 1 << 62


class Leaf(Protocol):
    """Evidence."""

    def weight(self) -> int:
        """The places that it asks for."""

    def allow(self, places: int) -> None:
        """Hold no more than these."""


Part: TypeAlias = "Bounded[Any, Any] | Leaf"


def level(asked: Iterable[int], amount: int) -> int:
    """The most that each may have, so that all together have no more than the amount; all of it where that is enough."""
    waiting = sorted(asked)
    left = amount
    for position, least in enumerate(waiting):
        others = len(waiting) - position
        if least * others > left:
            return left // others
        left -= least
    return amount


class Budget(msgspec.Struct, frozen=True):
    """A measure of what a catalog holds."""

    entry: int
    """What a group of entries (`infer.bounded`) weighs itself."""
    weight: Callable[[Leaf], int]
    allow: Callable[[Leaf, int], None]

    def share_out(self, parts: Sequence[Part], amount: int) -> None:
        """Let the parts hold no more than that together."""
        asked = list(map(self._asked, parts))
        most = level(asked, amount)
        for part, wanted in zip(parts, asked, strict=True):
            if wanted <= most:
                continue
            if isinstance(part, Bounded):
                self._share_among(part, most)
            else:
                self.allow(part, most)

    def _share_among(self, mapping: Bounded[Any, Any], amount: int) -> None:
        asked = [self._asked_by(entries, times) for entries, times in mapping.groups()]
        each = amount // mapping.cap if mapping.overflow else level(asked, amount)
        rest = max(0, each - self.entry)
        for (entries, times), wanted in zip(mapping.groups(), asked, strict=True):
            if wanted > each:
                most = level((times * self._asked_within(entry) for entry in entries), rest) // times
                for entry in entries:
                    self.share_out(entry.parts, most)
        if each < self.entry:
            mapping.shrink(amount // self.entry)

    def _asked(self, part: Part) -> int:
        if not isinstance(part, Bounded):
            return self.weight(part)
        return _EVERYTHING if part.overflow else sum(self._asked_by(entries, times) for entries, times in part.groups())

    def _asked_by(self, entries: Iterable[Any], times: int) -> int:
        return self.entry + times * sum(map(self._asked_within, entries))

    def _asked_within(self, entry: Any) -> int:
        return sum(map(self._asked, entry.parts))


ENTRIES: Final = Budget(1, lambda _: 0, lambda _, __: None)
"""Servers, namespaces, events, and names of headers; those of a template are one."""
PLACES: Final = Budget(0, lambda leaf: leaf.weight(), lambda leaf, places: leaf.allow(places))
"""Places of values: nodes of evidence."""


def hold(mapping: Bounded[Any, Any], limits: Limits) -> None:
    """Let the mapping hold no more than a whole catalog may."""
    ENTRIES.share_out([mapping], limits.entries_in_all)
    PLACES.share_out([mapping], limits.places_in_all)


def watch_of(limits: Limits) -> Watch:
    """What tells that it may be time to `hold` again: by how much there may be more than what may be, beside one payload."""
    return Watch(limits.entries_in_all // 2, limits.places_in_all // 4)
