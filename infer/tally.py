"""How much of what catalogs are made of this process has made: only differences between two looks mean anything.

A catalog asks by it whether it may have grown so much that it must look whether it is within its limits
(`infer.budget`); what has grown need not know in which catalog it is.
"""

from __future__ import annotations

from typing import Final


class Tally:
    """Counts that only grow."""

    __slots__ = ("entries", "nodes")

    def __init__(self) -> None:
        self.entries = 0
        """Of bounded mappings."""
        self.nodes = 0
        """Of evidence."""


TALLY: Final = Tally()


class Watch:
    """Tells when so many entries, or so many nodes, have been made since `begin`."""

    __slots__ = ("_entries", "_most_entries", "_most_nodes", "_nodes")

    def __init__(self, entries: int, nodes: int) -> None:
        self._most_entries = entries
        self._most_nodes = nodes
        self.begin()

    def begin(self) -> None:
        """Count anew."""
        self._entries = TALLY.entries + self._most_entries
        self._nodes = TALLY.nodes + self._most_nodes

    @property
    def is_over(self) -> bool:
        """Whether there are more."""
        return TALLY.nodes > self._nodes or TALLY.entries > self._entries
