"""Evidence as a tree of nodes."""

from __future__ import annotations

from collections.abc import Iterator

from infer.schema.evidence import Lists, Node, Objects


def nodes(*roots: Node) -> Iterator[Node]:
    """All nodes from these down."""
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        yield node
        objects, lists = node.kind("object"), node.kind("array")
        if isinstance(objects, Objects):
            for shape in objects.variants.values():
                waiting += [*shape.keys.values(), *shape.patterns.values()]
        if isinstance(lists, Lists):
            waiting += [lists.items, *(lists.places or ())]
