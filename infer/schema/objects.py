"""What is kept of objects: their variants, apart by their tags, and plans of the forms that they have."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from genson.schema.strategies import Object

from infer.model import Json
from infer.schema.node import Kind, Node, State
from infer.schema.plans import PLANS, WIDEST, Form, Plan, plan_for
from infer.schema.shapes import Shape
from infer.schema.tags import first_telling, tag_of

SPLIT_DEPTH: Final = 4
"""Levels down to which objects are told apart by their tags: in a tree of tagged nodes each level multiplies them."""


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
            if not self.node.scope.moulded:
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
