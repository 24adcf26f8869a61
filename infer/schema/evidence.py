"""All that evidence is made of, and genson's extension point filled with it.

Caps, each per node: `VALUES` distinct strings, `KEYS` keys of an object, `IDS` keys of one form, `LENGTHS` lengths of a
list, `VARIANTS` tags; and `DEPTH` levels of nesting, below which a container counts as anything. Per catalog there are the
caps of `infer.catalog` on servers, namespaces and events.
"""

from __future__ import annotations

from typing import Any, Self

from infer.model import Json
from infer.schema.containers import IDS, KEYS, LENGTHS, POSITIONS, VARIANTS, Lists, Objects, Shape
from infer.schema.node import DEPTH, Kind, Node, Scope
from infer.schema.scalars import VALUES, WITNESSES, Binaries, Booleans, Nulls, Numbers, Strings, TooDeep, Value

__all__ = [
    "DEPTH", "IDS", "KEYS", "LENGTHS", "POSITIONS", "VALUES", "VARIANTS", "WITNESSES", "Binaries", "Booleans", "Evidence", "Kind",
    "Lists", "Node", "Nulls", "Numbers", "Objects", "Scope", "Shape", "Strings", "TooDeep", "Value",
]  # fmt: skip

Node.STRATEGIES = (Strings, Numbers, Objects, Lists, Booleans, Nulls, Binaries)
Node.TOO_DEEP = TooDeep


class Evidence(Node):
    """The evidence of one slot whose values are not arguments: `auth`, an error, a query."""

    def __init__(self) -> None:
        super().__init__(Scope())

    def add(self, value: Json, session: int) -> None:
        """Take in one value, seen in that session."""
        self.scope.session = session
        self.add_object(value)

    @classmethod
    def from_state(cls, state: Any) -> Self:
        """The evidence of `to_state`."""
        return cls().fill(state)
