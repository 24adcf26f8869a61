"""All that evidence is made of, and genson's extension point filled with it.

What is kept is capped (`infer.limits.Limits`): per node the distinct strings, the keys of an object and those of one form,
the lengths of lists, the tags, the levels of nesting; and all nodes of one `Scope`, which are at most `Limits.places` when
read, and a quarter more while a value is taken in. An event has three scopes (its arguments, those of refused requests,
its acknowledgement's), a namespace two for `auth` and one for errors, a server one for its query. All scopes of a catalog
are at most `Limits.places_in_all` together, which is shared out among them (`infer.budget`).
"""

from __future__ import annotations

from typing import Any, Self

from infer.limits import Limits
from infer.model import Json
from infer.schema.lists import POSITIONS, Lists
from infer.schema.node import DEFAULT, Kind, Node, Scope, State
from infer.schema.objects import Objects
from infer.schema.scalars import WITNESSES, Binaries, Booleans, Nulls, Numbers, Strings, TooDeep, Value
from infer.schema.shapes import Shape

__all__ = [
    "POSITIONS", "WITNESSES", "Binaries", "Booleans", "Evidence", "Kind", "Lists", "Node", "Nulls", "Numbers", "Objects", "Scope",
    "Shape", "Strings", "TooDeep", "Value",
]  # fmt: skip

Node.STRATEGIES = (Strings, Numbers, Objects, Lists, Booleans, Nulls, Binaries)
Node.TOO_DEEP = TooDeep
Node.BY_NAME = {kind.NAME: kind for kind in (*Node.STRATEGIES, TooDeep)}


class Evidence(Node):
    """The evidence of one slot whose values are not arguments: `auth`, an error, a query."""

    def __init__(self, limits: Limits = DEFAULT) -> None:
        super().__init__(Scope(limits))
        self.scope.tops.append(self)

    def add(self, value: Json, session: int) -> None:
        """Take in one value, seen in that session."""
        if session != self.scope.session:
            self.scope.turn_to(session)
        self.add_object(value)
        if self.scope.cut:
            self.scope.hold()

    def settle(self) -> None:
        """Make it fit to be read."""
        super().settle()
        self.scope.hold()

    def weight(self) -> int:
        """What places it asks for (`infer.budget`)."""
        self.settle()
        return self.scope.weight

    def allow(self, places: int) -> None:
        """Hold no more than these."""
        self.scope.allow(places)

    def merge(self, other: Node) -> None:
        """Take the other's values in."""
        self.scope.look_up_to(other.scope.deepest)
        super().merge(other)
        self.scope.hold()

    def to_state(self) -> State:
        """Builtin data."""
        self.settle()
        return super().to_state()

    @classmethod
    def from_state(cls, state: Any, limits: Limits = DEFAULT) -> Self:
        """The evidence of `to_state`, within those limits."""
        evidence = cls(limits).fill(state)
        evidence.scope.bound()
        evidence.scope.hold()
        return evidence
