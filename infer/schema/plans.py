"""Shapes that were seen before do not pay again: what an object of known keys and types still adds to the evidence.

A plan stands for all objects of a node that have the same keys, in the same order, with values of the same types (and
the same tag, where tags tell objects apart). Most of what such an object adds is known beforehand: one more of each
kind, in this session. So only the object is counted, and `settle` multiplies; what must be looked at are the values
whose questions are open: strings that may be an enum's and have not been seen often yet, strings that may have a
format, lists, objects.

The law: once settled, the evidence is that of the plain way (`Objects.add_plainly`), to the byte.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from infer.schema.node import Kind, Node
from infer.schema.sources import Sources

if TYPE_CHECKING:
    from infer.schema.shapes import Shape

PLANS: Final = 64
"""Per node. Objects in more forms than that are a map, or have so many optional keys that few of them are alike."""
WIDEST: Final = 64
"""Keys of an object that a plan is made for."""

Form = tuple[Any, ...]
"""The keys, then the types of their values."""


class Plan:
    """The objects of one form, or one tag of it: how many came since it was last settled, and what to look at in each."""

    __slots__ = ("cases", "containers", "counted", "formats", "last", "nodes", "number", "sessions", "shape", "tag", "tagged")

    def __init__(self, shape: Shape | None, tag: str | None = None) -> None:
        self.number = 0
        self.last = -1
        self.sessions = Sources()
        self.shape = shape
        self.nodes: list[Node] = []
        self.counted: list[Kind] = []
        """Those of which `number` were seen; the others count for themselves."""
        self.formats: list[tuple[str, Callable[[str], object], Callable[[], None]]] = []
        """Keys whose strings have had one format, what tells whether one has it, and whom to tell if not."""
        self.cases: list[tuple[str, set[str], Callable[[str], None]]] = []
        """Keys whose strings may be an enum's, those that show nothing new, and whom to show the others."""
        self.containers: list[tuple[str, Callable[[Any], None]]] = []
        self.tag = tag
        """The key whose value tells `tagged` plans apart, where this one only leads to them."""
        self.tagged: dict[str, Plan] = {}

    def settle(self) -> int:
        """Put what was counted where it belongs; how many objects that were."""
        number = self.number
        if number and self.shape is not None:
            self.shape.count += number
            for kind in self.counted:
                kind.count += number
            for node in self.nodes:
                node.sources.merge(self.sessions)
            self.number, self.last, self.sessions = 0, -1, Sources()
        return number + sum(plan.settle() for plan in self.tagged.values())


def plan_for(obj: dict[str, Any], shape: Shape) -> Plan | None:
    """The plan of objects like this one, which `shape` has taken in; None where its keys have no nodes of their own."""
    plan = Plan(shape)
    for key, value in obj.items():
        node = shape.keys.get(key)
        if node is None:
            return None
        plan.nodes.append(node)
        node.answering(value).join(plan, key)
    return plan
