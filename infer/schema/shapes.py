"""What is kept of objects of one variant: of each key a node, with caps that do not depend on an order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from genson.schema.strategies import Object

from infer.model import Json
from infer.schema.keys import ANY, form_of, is_mixed, is_pattern, is_secret
from infer.schema.node import Kind, Node, State


class _Properties(dict[str, Node]):
    """The nodes of an object's keys, made when first asked for. What stands under data is named as its map is."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node = node

    def made(self, key: str) -> Node:
        """A node for what stands under the key, which is put nowhere."""
        return self.node.under(key) if form_of(key) is None else self.node.under_form()

    def __missing__(self, key: str) -> Node:
        made = self.made(key)
        if self.node.depth < self.node.scope.deepest:
            self[key] = made
        else:  # it was cut off while it takes an object in
            self.node.scope.made -= 1
        return made


class Shape(Kind, Object):  # type: ignore[misc]
    """Objects of one variant: a node for each key, save those that are data.

    Once there are more than `ids` keys of one form they are one of genson's pattern properties; what no one may see in a
    key is from the start. Once there are more than `Limits.keys_per_object` without a form, or more than `ids` patterns of
    names with data in them, all those are one too, under `ANY`.
    """

    NAME = "shape"

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._properties = _Properties(node)
        self._pattern_properties: dict[str, Node] = {}
        self._required: set[str] | None = None
        self.ids = max(1, node.scope.limits.ids_per_form >> 3 * node.maps)
        """Keys of one form that are told apart: below such keys fewer, since each level multiplies them."""

    @property
    def keys(self) -> Mapping[str, Node]:
        """The nodes of keys."""
        return self._properties

    @property
    def patterns(self) -> Mapping[str, Node]:
        """The nodes of keys that are data, by the pattern of their form."""
        return self._pattern_properties

    def add_object(self, obj: dict[str, Json]) -> None:
        """Take in an object."""
        self.count += 1
        known = len(self._properties)
        if len(obj) > self.ids and not obj.keys() <= self._properties.keys():
            self._absorb({*self._properties, *obj})  # before a node is made for each
        Object.add_object(self, obj)
        if len(self._properties) > max(self.ids, known) or len(self._pattern_properties) > self.ids:
            self._absorb(self._properties)

    def add_values(self, obj: dict[str, Json], *, split: bool) -> bool:
        """Take in an object all of whose keys are data of known forms; whether it is one, else nothing is taken in.

        With `split` it may be of another variant if it has a string.
        """
        if self._properties or len(obj) > self.ids or (split and str in map(type, obj.values())):
            return False
        patterns = self._pattern_properties
        try:
            nodes = [patterns[form_of(key) or ANY] for key in obj]
        except KeyError:
            return False
        self.count += 1
        for node, value in zip(nodes, obj.values(), strict=True):
            node.add_object(value)
        return True

    def merge(self, other: Shape) -> None:
        """See `Kind.merge`."""
        self.count += other.count
        for pattern, node in other.patterns.items():
            self._pattern(pattern).merge(node)
        for key, node in other.keys.items():
            taken = self._matching_pattern(key)
            (self._properties[key] if taken is None else self._pattern_properties[taken]).merge(node)
        self._absorb(self._properties)
        self._count_required()

    def to_state(self) -> State:
        """See `Kind.to_state`."""
        keys = [[key, self._properties[key].to_state()] for key in sorted(self._properties)]
        return [self.count, keys, [[pattern, node.to_state()] for pattern, node in sorted(self.patterns.items())]]

    def fill(self, state: State) -> None:
        """See `Kind.fill`."""
        self.count, keys, patterns = state
        for pattern, node in patterns:
            if pattern in self._pattern_properties or not is_pattern(pattern):
                raise ValueError("a pattern that is none of ours")
            self._pattern(pattern).fill(node)
        for key, node in keys:
            filled = self._properties.made(key).fill(node)
            if key in self._properties or not 0 < filled.count <= self.count:
                raise ValueError("a key that more objects have than there are")
            taken = self._matching_pattern(key)
            if taken is None:
                self._properties[key] = filled
            else:
                self._pattern_properties[taken].merge(filled)
        self._count_required()

    def settle(self) -> None:
        """See `Node.settle`."""
        for node in (*self._properties.values(), *self._pattern_properties.values()):
            node.settle()

    def weigh(self, times: int, weights: list[int]) -> None:
        """See `Node.weigh`."""
        for node in self._properties.values() if len(self._properties) <= self.ids else self._staying():
            node.weigh(times, weights)
        for pattern, node in self._pattern_properties.items():
            node.weigh(times * self._was(pattern), weights)

    def bound(self) -> None:
        """See `Node.bound`."""
        self._absorb(self._properties)
        for node in (*self._properties.values(), *self._pattern_properties.values()):
            node.bound()

    def _was(self, pattern: str) -> int:
        """How many places there may have been before they were the one of this pattern."""
        if pattern == ANY:
            return self._most(ANY) + 2 * self.ids
        return 1 if is_secret(pattern) else self.ids

    def _staying(self) -> Iterator[Node]:
        """The nodes of as many keys of each form as are told apart: while an object is taken in, there may be more."""
        seen: Counter[str] = Counter()
        for key, node in self._properties.items():
            form = form_of(key) or ANY
            seen[form] += 1
            if seen[form] <= self._most(form):
                yield node

    def _most(self, form: str) -> int:
        """How many keys of a form are told apart; `ANY` is that of keys without."""
        return self.node.scope.limits.keys_per_object if form == ANY else self.ids

    def _absorb(self, keys: Collection[str]) -> None:
        """Make patterns of the forms of which there are too many among these keys, and move the keys that match."""
        if len(keys) <= min(self.ids, self._most(ANY)) and not self._pattern_properties:
            return  # too few for there to be too many of one form
        forms = Counter(form_of(key) or ANY for key in keys)
        for form, count in forms.items():
            if count > self._most(form):
                self._pattern(form)
        mixed = {pattern for pattern in (*forms, *self._pattern_properties) if is_mixed(pattern)}
        if len(mixed) > self.ids:
            self._pattern(ANY)
        joining = mixed.intersection(self._pattern_properties) if ANY in self._pattern_properties else ()
        if joining:
            self.node.scope.moving()
        for mix in joining:
            self._pattern_properties[ANY].merge(self._pattern_properties.pop(mix))
        if self._pattern_properties:
            moving = {key: pattern for key in self._properties if (pattern := self._matching_pattern(key)) is not None}
            if moving:
                self.node.scope.moving()
            for key, pattern in moving.items():
                self._pattern_properties[pattern].merge(self._properties.pop(key))
            self._required = self._required and self._required.intersection(self._properties)

    def _pattern(self, pattern: str) -> Node:
        """The node of a pattern, made where it is new."""
        node = self._pattern_properties.get(pattern)
        if node is None:
            if pattern == ANY:
                node = self.node.under("")
            else:
                node = self.node.under(self.node.name) if is_mixed(pattern) else self.node.under_form()
            self._pattern_properties[pattern] = node
        return node

    def _matching_pattern(self, prop: str) -> str | None:
        """The pattern that takes this key in; genson asks it for each key that is not known."""
        form = form_of(prop) or ANY
        if ANY in self._pattern_properties and is_mixed(form):
            form = ANY
        elif form and is_secret(form):
            self._pattern(form)
        return form if form in self._pattern_properties else None

    def _count_required(self) -> None:
        """What genson keeps by intersection, from the counts."""
        if self.count:
            self._required = {key for key, node in self._properties.items() if node.count == self.count}
