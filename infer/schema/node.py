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

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeAlias

from genson import SchemaNode, SchemaStrategy

from infer.limits import Limits
from infer.model import Json
from infer.schema.sources import Sources
from infer.tally import TALLY

if TYPE_CHECKING:
    from infer.schema.plans import Plan

DEFAULT: Final = Limits()
State: TypeAlias = Any
"""Builtin data, the same for the same evidence."""


class Scope:
    """What all nodes below the same `tops` share: the session of the value being added, the limits, and how deep to look.

    Where there are `plans` (see `infer.schema.plans`), evidence may be read only after `Node.settle`, and `moving` is
    called before nodes are merged into others.

    How deep: down to the lowest level at which all places down to it weigh at most `most`. A place weighs what all places
    may have weighed that became this one (`Node.weigh`); so the weight of a part is never more than that of the whole, and
    what was cut off a part would have been cut off the whole.
    """

    __slots__ = ("_done", "_weight", "cut", "deepest", "limits", "made", "most", "moulded", "moving", "plans", "room", "session", "tops")

    def __init__(self, limits: Limits = DEFAULT, moving: Callable[[], None] | None = None) -> None:
        self.session = -1
        self.plans = moving is not None
        self.moving = moving or (lambda: None)
        self.moulded = False
        """Whether there is a mould for what is usual: no plan pays for what it leaves."""
        self._done: list[set[str]] = []
        self.limits = limits
        self.tops: list[Node] = []
        self.deepest = limits.nesting
        """The level whose lists and objects are not looked into."""
        self.cut = False
        """Whether there may be something that the limits do not allow, to be dropped by `hold`."""
        self.most = limits.places
        """What the places may weigh together: `Limits.places`, or less where a catalog holds many (`infer.budget`)."""
        self.made = 0
        """Nodes made since all were weighed; `room` is how many may be until they must be again."""
        self.room = limits.places
        self._weight = 0

    def turn_to(self, session: int) -> None:
        """What is added next was seen in that session."""
        self.session = session
        for done in self._done:
            done.clear()
        self._done.clear()

    def remember(self, done: set[str], value: str) -> None:
        """Put a value among those that show nothing new, until the session changes."""
        if not done:
            self._done.append(done)
        done.add(value)

    def look_up_to(self, depth: int) -> None:
        """Look into no list or object at that level."""
        if depth < self.deepest:
            self.deepest = depth
            self.cut = True

    def weigh(self) -> None:
        """Weigh all places, and look less deep where that is too much."""
        most = self.most
        weights = [0] * (self.deepest + 1)
        for top in self.tops:
            top.weigh(1, weights)
        total = weights[0]
        for depth in range(1, len(weights)):
            if weights[depth] and total + weights[depth] > most:
                self.look_up_to(depth - 1)
                break
            total += weights[depth]
        self._weight = total
        self.made = 0
        self.room = max(most - total, most // 4)

    @property
    def is_cut(self) -> bool:
        """Whether there were levels that weighed too much."""
        return self.deepest < self.limits.nesting

    @property
    def weight(self) -> int:
        """What places are asked for, as of the last weighing: as many as any may have where some were cut off."""
        return self.limits.places if self.is_cut else self._weight

    def allow(self, most: int) -> bool:
        """Hold places of no more weight than that from now on; whether something was dropped for it."""
        self.most = min(most, self.limits.places)
        self.room = min(self.room, max(1, self.most))
        return self._weight > self.most and self.hold()

    def hold(self) -> bool:
        """Bring everything within the limits, to be done before it is read; whether something was dropped for it."""
        self.weigh()
        cut = self.cut
        if cut:
            self.bound()
        return cut

    def bound(self) -> None:
        """Drop what is below the level to look at, and what other limits have allowed."""
        self.cut = False
        for top in self.tops:
            top.bound()


class Node(SchemaNode):  # type: ignore[misc]
    """The evidence of the values at one place.

    `name` is the key that it stands under, or that its list or map stands under; `depth` counts the levels above it,
    `lists` and `maps` those of them that are lists, and keys with a form (`infer.schema.keys`).
    """

    STRATEGIES: ClassVar[tuple[type[Kind], ...]] = ()
    TOO_DEEP: ClassVar[type[Kind]]
    """What answers to containers that are not looked into."""
    BY_NAME: ClassVar[Mapping[str, type[Kind]]]
    """All of them."""

    def __init__(self, scope: Scope, name: str = "", depth: int = 0, lists: int = 0, maps: int = 0) -> None:
        # genson's own is left out: all that it makes is a list, which the property below stands for
        scope.made += 1
        TALLY.nodes += 1
        self.scope = scope
        self.name = name
        self.depth = depth
        self.lists = lists
        self.maps = maps
        self.sources = Sources()
        self._last = -1
        self._by_type: dict[type, Kind] = {}
        self._by_name: dict[str, Kind] = {}

    @property
    def _active_strategies(self) -> list[Kind]:
        """What genson makes schemas of."""
        return [self._by_name[name] for name in self.kinds]

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
        count = 0
        for kind in self._by_name.values():  # mostly one, and asked of every place
            count += kind.count
        return count

    @property
    def deeper(self) -> bool:
        """Whether there were values nested too deeply to look at."""
        return self.TOO_DEEP.NAME in self._by_name

    @property
    def varied(self) -> bool:
        """Whether the values are of several kinds."""
        return len({name for kind in self._by_name.values() for name in kind.names}) > 1

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the kinds seen, in their order."""
        return tuple(sorted(self._by_name) if len(self._by_name) > 1 else self._by_name)

    def kind(self, name: str) -> Kind | None:
        """The strategy of that name (`string`, `object` …), None where no such value was seen."""
        return self._by_name.get(name)

    def item(self) -> Node:
        """A node for what stands in lists."""
        return Node(self.scope, self.name, self.depth + 1, self.lists + 1, self.maps)

    def under(self, key: str) -> Node:
        """A node for what stands under a key."""
        return Node(self.scope, key, self.depth + 1, self.lists, self.maps)

    def under_form(self) -> Node:
        """A node for what stands under a key that is data, or under several."""
        return Node(self.scope, self.name, self.depth + 1, self.lists, self.maps + 1)

    def weigh(self, times: int, weights: list[int]) -> None:
        """Add to the weight of each level what is here and below, that many times.

        Where several places became one, it counts as often as there can have been places: no merge makes weight less.
        """
        if self.depth < len(weights):
            weights[self.depth] += times
            for kind in self._by_name.values():
                kind.weigh(times, weights)

    def bound(self) -> None:
        """Drop what the limits do not allow, here and below."""
        if self.depth >= self.scope.deepest:
            for kind in [kind for kind in self._by_name.values() if kind.CONTAINER]:
                del self._by_name[kind.NAME]
                self._of(self.TOO_DEEP).merge(kind)
            self._by_type.clear()
        for kind in self._by_name.values():
            kind.bound()

    def merge(self, other: Node) -> None:
        """Take the other's values in; the other stays as it is."""
        self.sources.merge(other.sources)
        for kind in other._by_name.values():
            self._of(self._if_looked_into(type(kind))).merge(kind)

    def to_state(self) -> State:
        """Builtin data."""
        return [self.sources.to_state(), {name: self._by_name[name].to_state() for name in self.kinds}]

    def fill(self, state: State) -> Self:
        """Take the data of `to_state` (`infer.schema.saved`) into this new node, whatever the limits: see `Scope.hold`.

        What the policy on values (`infer.schema.secrecy`) does not let in is dropped, as it is on sight. Errors:
        `ValueError` or `LookupError` where the numbers do not fit together, or a name is none of ours.
        """
        sources, kinds = state
        self.sources = Sources.from_state(sources)
        for name, kind in kinds.items():
            self._of(self.BY_NAME[name]).fill(kind)
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self.to_state() == other.to_state()

    __hash__ = None  # type: ignore[assignment]

    def _get_strategy_for_object(self, obj: Json) -> Kind:
        """The question that genson asks, once for each Python type that is met here."""
        if self.scope.made > self.scope.room:
            self.scope.weigh()
        for strategy in self.STRATEGIES:
            if strategy.match_object(obj):
                found = self._by_type[type(obj)] = self._of(self._if_looked_into(strategy))
                return found
        msg = f"no JSON value: {type(obj).__name__}"
        raise TypeError(msg)

    def _if_looked_into(self, strategy: type[Kind]) -> type[Kind]:
        """The strategy, or the one for containers that are not looked into."""
        return self.TOO_DEEP if strategy.CONTAINER and self.depth >= self.scope.deepest else strategy

    def _of(self, strategy: type[Kind]) -> Kind:
        """This node's strategy of that class, made where this is its first value."""
        found = self._by_name.get(strategy.NAME)
        if found is None:
            found = self._by_name[strategy.NAME] = strategy(self)
        return found


_NO_KEYWORDS: Final[dict[str, Any]] = {}


class Kind(SchemaStrategy):  # type: ignore[misc]
    """A strategy of genson's that counts, merges, and goes to builtin data and back."""

    NAME: ClassVar[str]
    CONTAINER: ClassVar[bool] = False

    def __init__(self, node: Node) -> None:
        super().__init__(node.item)  # what genson's List is made of; objects say themselves under which key
        # of no use from here on, and there is a kind at every place
        del self.node_class
        self._extra_keywords = _NO_KEYWORDS
        self.node = node
        self.count = 0

    def add_object(self, obj: Any) -> None:
        """Take in one value of this kind."""
        del obj
        self.count += 1

    @property
    def names(self) -> Collection[str]:
        """The kinds that this one stands for."""
        return (self.NAME,)

    def join(self, plan: Plan, key: str) -> None:
        """Say what a plan has to do for values of this kind under that key."""
        if self.CONTAINER:
            plan.containers.append((key, self.add_object))
        else:
            plan.counted.append(self)

    def settle(self) -> None:
        """See `Node.settle`."""

    def weigh(self, times: int, weights: list[int]) -> None:
        """See `Node.weigh`."""

    def bound(self) -> None:
        """See `Node.bound`."""

    def merge(self, other: Any) -> None:
        """Take in what the other of this class has; the other stays as it is."""
        self.count += other.count

    def to_state(self) -> State:
        """Builtin data."""
        return self.count

    def fill(self, state: State) -> None:
        """Take the data of `to_state` in."""
        self.count = state
