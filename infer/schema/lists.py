"""What is kept of lists: of all their items a node, and of each place one while they may be records without names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from genson.schema.strategies import List

from infer.model import Json
from infer.schema.node import Kind, Node, State

POSITIONS: Final = 8
"""The longest list whose places are looked at one by one."""
LISTS: Final = 2
"""Lists within one another that are looked at so: each takes its items in twice."""


class Lists(Kind, List):  # type: ignore[misc]
    """Lists: what their items have in common, their lengths, and each place while all may be records without names.

    `lengths` is None once there are more than `Limits.lengths_per_list`; `places` is None below `LISTS` lists, and once
    there are two lengths, one that is not 2 to `POSITIONS`, or a list whose items are all of one type.
    """

    NAME = "array"
    CONTAINER = True

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self.lengths: dict[int, int] | None = {}
        self.places: list[Node] | None = [] if node.lists < LISTS else None

    @staticmethod
    def match_object(obj: object) -> bool:
        """Tuples are lists to JSON."""
        return isinstance(obj, list | tuple)

    @property
    def items(self) -> Node:
        """All items together."""
        items: Node = self._items
        return items

    def add_object(self, obj: Sequence[Json]) -> None:
        """Take in a list."""
        self.count += 1
        self.items.add_objects(obj)
        self.note_length(len(obj))
        if self.places is not None:
            if len({int if type(item) is float else type(item) for item in obj}) < 2:
                self.places = None
                return
            self.places = self.places or [self.node.item() for _ in obj]
            for place, item in zip(self.places, obj, strict=True):
                place.add_object(item)

    def note_length(self, length: int) -> None:
        """Count a list of that length among the lengths, while they are of interest."""
        lengths = self.lengths
        if lengths is None:
            return
        if length in lengths:
            lengths[length] += 1
        else:
            lengths[length] = 1
            self._close()

    def merge(self, other: Lists) -> None:
        """See `Kind.merge`."""
        self.count += other.count
        self.items.merge(other.items)
        if self.lengths is None or other.lengths is None:
            self.lengths = None
        else:
            for length, count in other.lengths.items():
                self.lengths[length] = self.lengths.get(length, 0) + count
        if other.places is None:
            self.places = None
        self._close()
        if self.places is not None and other.places:
            self.places = self.places or [self.node.item() for _ in other.places]
            for place, more in zip(self.places, other.places, strict=True):
                place.merge(more)

    def to_state(self) -> State:
        """See `Kind.to_state`."""
        lengths = None if self.lengths is None else dict(sorted(self.lengths.items()))
        places = None if self.places is None else [place.to_state() for place in self.places]
        return [self.count, self.items.to_state(), lengths, places]

    def fill(self, state: State) -> None:
        """See `Kind.fill`."""
        self.count, items, self.lengths, places = state
        self.items.fill(items)
        if self.lengths is not None and sum(self.lengths.values()) != self.count:
            raise ValueError("lists without a length")
        if places is not None and self.lengths != {len(places): self.count}:
            raise ValueError("places of lists that have another length")
        if places is None or self.places is None:
            self.places = None
        else:
            self.places = [self.node.item().fill(place) for place in places]

    def settle(self) -> None:
        """See `Node.settle`."""
        self.items.settle()
        for place in self.places or ():
            place.settle()

    def weigh(self, times: int, weights: list[int]) -> None:
        """See `Node.weigh`."""
        may_have_been = self.places is None and self.node.lists < LISTS and self.items.varied
        self.items.weigh(times * (POSITIONS + 1) if may_have_been else times, weights)
        for place in self.places or ():
            place.weigh(times, weights)

    def bound(self) -> None:
        """See `Node.bound`."""
        self._close()
        for node in (self.items, *(self.places or ())):
            node.bound()

    def _close(self) -> None:
        """Give up the questions that can no longer be answered with yes."""
        if self.lengths is not None and len(self.lengths) > self.node.scope.limits.lengths_per_list:
            self.lengths = None
        lengths = self.lengths
        if lengths is None or len(lengths) > 1 or not all(2 <= length <= POSITIONS for length in lengths):
            self.places = None
