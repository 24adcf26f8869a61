"""What is kept of lists and objects: of their items and keys each a node, with caps that do not depend on an order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from genson.schema.strategies import List, Object

from infer.model import Json
from infer.schema.keys import ANY, form_of, is_mixed, is_pattern, is_secret
from infer.schema.node import Kind, Node, State
from infer.schema.plans import PLANS, WIDEST, Form, Plan, plan_for
from infer.schema.tags import first_telling, tag_of

POSITIONS: Final = 8
"""The longest list whose places are looked at one by one."""
LISTS: Final = 2
"""Lists within one another that are looked at so: each takes its items in twice."""
SPLIT_DEPTH: Final = 4
"""Levels down to which objects are told apart by their tags: in a tree of tagged nodes each level multiplies them."""


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


class _Properties(dict[str, Node]):
    """The nodes of an object's keys, made when first asked for. What stands under data is named as its map is."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node = node

    def __missing__(self, key: str) -> Node:
        made = self.node.under(key) if form_of(key) is None else self.node.under_form()
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
        self._properties: dict[str, Node] = _Properties(node)
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
            filled = _Properties(self.node)[key].fill(node)
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
        many = len(self._properties) > self.ids  # while an object is taken in, there may be more of a form than stay
        seen: Counter[str] = Counter()
        for key, node in self._properties.items():
            if many:
                form = form_of(key) or ANY
                seen[form] += 1
                if seen[form] > self._most(form):
                    continue
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

    def _most(self, form: str) -> int:
        """How many keys of a form are told apart; `ANY` is that of keys without."""
        return self.node.scope.limits.keys_per_object if form == ANY else self.ids

    def _absorb(self, keys: Iterable[str]) -> None:
        """Make patterns of the forms of which there are too many among these keys, and move the keys that match."""
        forms = Counter(form_of(key) or ANY for key in keys)
        for form, count in forms.items():
            if count > self._most(form):
                self._pattern(form)
        mixed = {pattern for pattern in (*forms, *self._pattern_properties) if is_mixed(pattern)}
        if len(mixed) > self.ids:
            self._pattern(ANY)
        if ANY in self._pattern_properties:
            for mix in mixed.intersection(self._pattern_properties):
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


class Objects(Kind):
    """Objects, apart by their tag while there are few of them (`infer.schema.tags`).

    The partition costs nothing (each object is added once) and `whole` undoes it.
    """

    NAME = "object"
    CONTAINER = True

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self.variants: dict[tuple[str, str] | None, Shape] = {}
        """By key and value of the tag, None for objects without; only None once there are too many."""
        self.split = node.depth <= SPLIT_DEPTH
        self._plans: dict[Form, Plan] | None = {} if node.scope.plans else None
        self._map: Shape | None = None
        """Objects without a tag, where there are no others and the last one showed that their keys are data."""

    @staticmethod
    def match_object(obj: object) -> bool:
        """As genson's."""
        return bool(Object.match_object(obj))

    def add_object(self, obj: dict[str, Json]) -> None:
        """Take in an object, by a plan where there is one for its form."""
        if self._map is not None and self._map.add_values(obj, split=self.split):
            self.count += 1
            return
        if self._plans is None or len(obj) > WIDEST:
            self.add_plainly(obj)
            return
        form = (*obj, *map(type, obj.values()))
        plan = self._plans.get(form)
        if plan is not None and plan.tag is not None:
            plan = plan.tagged.get(obj[plan.tag])
        if plan is None:
            shape = self.add_plainly(obj)
            self._plan(form, obj, shape)
            return
        plan.number += 1
        session = self.node.scope.session
        if session != plan.last:
            plan.last = session
            plan.sessions.add(session)
        for key, done, look_at in plan.cases:
            value = obj[key]
            if value not in done:
                look_at(value)
        for key, check, refuse in plan.formats:
            if not check(obj[key]):
                refuse()
        for key, add in plan.containers:
            add(obj[key])

    def add_plainly(self, obj: dict[str, Json]) -> Shape:
        """Take in an object as if none had been seen before; the shape that it is of."""
        self.count += 1
        tag = tag_of(obj) if self.split else None
        shape = self.variants.get(tag)
        if shape is None:
            shape = self._variant(tag)
        shape.add_object(obj)
        return shape

    def settle(self) -> None:
        """See `Node.settle`."""
        if self._plans:
            self.count += sum(plan.settle() for plan in self._plans.values())
            self._plans.clear()
        for shape in self.variants.values():
            shape.settle()

    def _plan(self, form: Form, obj: dict[str, Json], shape: Shape) -> None:
        """Make a plan for objects like this one, which the shape has taken in."""
        plans = self._plans
        assert plans is not None
        known = plans.get(form)
        if shape.patterns and not shape.keys and self.variants.keys() == {None}:
            self._map = shape
            return
        if known is None and len(plans) >= PLANS:
            return
        tag = first_telling(obj) if self.split else None
        if tag is not None and self.variants.get((tag, obj[tag])) is not shape:
            return  # it is told apart by another key, which only its values show
        made = plan_for(obj, shape)
        if made is None:
            return
        if tag is None:
            plans[form] = made
        else:
            if known is None:
                known = plans[form] = Plan(None, tag)
            known.tagged[obj[tag]] = made

    def to_schema(self) -> Any:
        """The schema that genson makes of all objects together."""
        return self.whole().to_schema()

    def merge(self, other: Objects) -> None:
        """See `Kind.merge`."""
        self.count += other.count
        if not other.split:
            self._join()
        for tag, shape in other.variants.items():
            self._variant(tag).merge(shape)

    def whole(self) -> Shape:
        """All objects together, as evidence of its own."""
        if len(self.variants) == 1:
            return next(iter(self.variants.values()))
        shape = Shape(self.node)
        for variant in self.variants.values():
            shape.merge(variant)
        return shape

    def weigh(self, times: int, weights: list[int]) -> None:
        """See `Node.weigh`."""
        joined = not self.split and self.node.depth <= SPLIT_DEPTH
        for shape in self.variants.values():
            shape.weigh(times * (self.node.scope.limits.variants_per_object + 1) if joined else times, weights)

    def bound(self) -> None:
        """See `Node.bound`."""
        if self.split and self._too_many(self.variants):
            self._join()
        for shape in self.variants.values():
            shape.bound()

    def to_state(self) -> State:
        """See `Kind.to_state`."""
        tags = sorted(self.variants, key=lambda tag: tag or ("", ""))
        return [self.count, self.split, [[tag and list(tag), self.variants[tag].to_state()] for tag in tags]]

    def fill(self, state: State) -> None:
        """See `Kind.fill`."""
        self.count, split, variants = state
        self.split = split and self.split
        for saved, shape in variants:
            filled = Shape(self.node)
            filled.fill(shape)
            tag = saved and tuple(saved)
            if not self.split or (tag and tag_of(dict([tag])) != tag):
                tag = None
            if tag in self.variants:
                self.variants[tag].merge(filled)
            else:
                self.variants[tag] = filled
        if sum(shape.count for shape in self.variants.values()) != self.count:
            raise ValueError("objects of no variant")

    def _variant(self, tag: tuple[str, str] | None) -> Shape:
        """The shape of a tag, made where it is new, as long as there may be more."""
        if not self.split:
            tag = None
        shape = self.variants.get(tag)
        if shape is None and tag is not None and self._too_many({*self.variants, tag}):
            self._join()
            return self._variant(None)
        if shape is None:
            self._map = None
            shape = self.variants[tag] = Shape(self.node)
        return shape

    def _too_many(self, tags: Collection[tuple[str, str] | None]) -> bool:
        return len(tags) - (None in tags) > self.node.scope.limits.variants_per_object

    def _join(self) -> None:
        self.node.scope.moving()
        whole = self.whole() if self.variants else None
        self.split = False
        self._map = None
        self.variants = {} if whole is None else {None: whole}
