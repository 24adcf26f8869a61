"""The evidence of the values at one place: a node of genson's, and the contract of what is kept of each kind of value.

genson does the structural merge. A `Node` is its `SchemaNode`: `add_object` takes a value in, the strategies that answer
to it (`STRATEGIES`, genson's extension point, set in `infer.schema.evidence`) are genson's own with evidence added, and
`to_schema` is the plain schema that genson makes of them. Two things are not genson's: `merge`, since `add_schema` is
none (it forgets that a key was missing once no key is required), and who is asked first: a node remembers which
strategy answers to a Python type, so that a value of a known type costs one look-up.

The law: a commutative monoid. Everything kept is a sum, a union with an absorbing cap, or a question that once closed
stays closed; so any split of the values, merged in any order, gives the same evidence.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Final, Self, TypeAlias

from genson import SchemaNode, SchemaStrategy

from infer.model import Json
from infer.schema.sources import Sources

DEPTH: Final = 64
"""Documents that people design end by ten; what is nested deeper is data of its own (and may be an attack)."""

State: TypeAlias = Any
"""Builtin data, the same for the same evidence."""


class Scope:
    """What all nodes of one slot share: the session that the value being added was seen in.

    Where there are `plans` (see `infer.schema.plans`), evidence may be read only after `Node.settle`.
    """

    __slots__ = ("plans", "session")

    def __init__(self, *, plans: bool = False) -> None:
        self.session = 0
        self.plans = plans


class Node(SchemaNode):  # type: ignore[misc]
    """The evidence of the values at one place.

    `name` is the key that it stands under, or that its list or map stands under; `depth` counts the levels above it.
    """

    STRATEGIES: ClassVar[tuple[type[Kind], ...]] = ()
    TOO_DEEP: ClassVar[type[Kind]]
    """What answers to containers below `DEPTH`."""

    def __init__(self, scope: Scope, name: str = "", depth: int = 0) -> None:
        super().__init__()
        self.scope = scope
        self.name = name
        self.depth = depth
        self.sources = Sources()
        self._last = -1
        self._by_type: dict[type, Kind] = {}
        self._by_name: dict[str, Kind] = {}

    def add_object(self, obj: Json) -> Self:
        """Take in one value, seen in the scope's session."""
        session = self.scope.session
        if session != self._last:
            self._last = session
            self.sources.add(session)
        strategy = self._by_type.get(type(obj))
        if strategy is None:
            strategy = self._get_strategy_for_object(obj)
        strategy.add_object(obj)
        return self

    def add_objects(self, items: Iterable[Json]) -> None:
        """Take in all values of a list: what genson's `List` does, with the look-ups made once."""
        session = self.scope.session
        by_type = self._by_type
        for item in items:
            if session != self._last:
                self._last = session
                self.sources.add(session)
            strategy = by_type.get(type(item))
            if strategy is None:
                strategy = self._get_strategy_for_object(item)
            strategy.add_object(item)

    def answering(self, value: Json) -> Kind:
        """The strategy that answers to the value's type."""
        return self._by_type.get(type(value)) or self._get_strategy_for_object(value)

    def settle(self) -> None:
        """Put what plans have counted where it belongs, here and below, and begin with new ones."""
        for kind in self._by_name.values():
            kind.settle()

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(kind.count for kind in self._by_name.values())

    @property
    def deeper(self) -> bool:
        """Whether there were values nested too deeply to look at."""
        return self.TOO_DEEP.NAME in self._by_name

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the kinds seen, in their order."""
        return tuple(sorted(self._by_name))

    def kind(self, name: str) -> Kind | None:
        """The strategy of that name (`string`, `object` …), None where no such value was seen."""
        return self._by_name.get(name)

    def child(self, name: str | None = None) -> Node:
        """A node one level down, named as this one where it is given no name (an item, a map's value)."""
        return Node(self.scope, self.name if name is None else name, self.depth + 1)

    def merge(self, other: Node) -> None:
        """Take the other's values in; the other stays as it is."""
        self.sources.merge(other.sources)
        for kind in other._by_name.values():
            self._of(type(kind)).merge(kind)

    def to_state(self) -> State:
        """Builtin data."""
        return [self.sources.to_state(), {name: self._by_name[name].to_state() for name in self.kinds}]

    def fill(self, state: State) -> Self:
        """Take the data of `to_state` into this new node."""
        sources, kinds = state
        self.sources = Sources.from_state(sources)
        known = {kind.NAME: kind for kind in (*self.STRATEGIES, self.TOO_DEEP)}
        for name, kind in kinds.items():
            self._of(known[name]).fill(kind)
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self.to_state() == other.to_state()

    __hash__ = None  # type: ignore[assignment]

    def _get_strategy_for_object(self, obj: Json) -> Kind:
        """The question that genson asks, once for each Python type that is met here."""
        for strategy in self.STRATEGIES:
            if strategy.match_object(obj):
                deep = self.depth >= DEPTH and strategy.CONTAINER
                found = self._by_type[type(obj)] = self._of(self.TOO_DEEP if deep else strategy)
                return found
        msg = f"no JSON value: {type(obj).__name__}"
        raise TypeError(msg)

    def _of(self, strategy: type[Kind]) -> Kind:
        """This node's strategy of that class, made where this is its first value."""
        found = self._by_name.get(strategy.NAME)
        if found is None:
            found = self._by_name[strategy.NAME] = strategy(self)
            self._active_strategies = [self._by_name[name] for name in sorted(self._by_name)]
        return found


class Kind(SchemaStrategy):  # type: ignore[misc]
    """A strategy of genson's that counts, merges, and goes to builtin data and back."""

    NAME: ClassVar[str]
    CONTAINER: ClassVar[bool] = False

    def __init__(self, node: Node) -> None:
        super().__init__(node.child)
        self.node = node
        self.count = 0

    def add_object(self, obj: Any) -> None:
        """Take in one value of this kind."""
        del obj
        self.count += 1

    @property
    def settled(self) -> bool:
        """Whether a further value of a type that was seen adds nothing but its count."""
        return not self.CONTAINER

    def settle(self) -> None:
        """See `Node.settle`."""

    def merge(self, other: Any) -> None:
        """Take in what the other of this class has; the other stays as it is."""
        self.count += other.count

    def to_state(self) -> State:
        """Builtin data."""
        return self.count

    def fill(self, state: State) -> None:
        """Take the data of `to_state` in."""
        self.count = state
