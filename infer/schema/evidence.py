"""What was observed of one slot: the types, and what the rules need to decide on more than types.

The law: a commutative monoid. Everything kept is a sum, a union with an absorbing cap, or a question that once closed
stays closed; so any split of the values, merged in any order, gives the same evidence.

genson does the structural merge: a `Node` is its `SchemaNode`, and each kind of value is one of its strategies, found
by its extension point and extended with evidence. Two things are not genson's: `add_schema`, which is no merge (it
forgets that a key was missing when no key is required), and the partition of objects by their tag.

Caps, each per node: `VALUES` distinct strings, `KEYS` keys of an object, `LENGTHS` lengths of an array, `VARIANTS` tags;
and `DEPTH` levels of nesting, below which a value counts as anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from genson.schema.node import SchemaNode
from genson.schema.strategies import SchemaStrategy

from infer.model import Json
from infer.schema.formats import format_of
from infer.schema.secrecy import may_emit, private_name, public_shape
from infer.schema.sources import Sources
from infer.schema.words import words

VALUES: Final = 64
"""Twice the largest enum that is believed, so that a merge of two halves can still tell."""
KEYS: Final = 1_024
"""Beyond this an object is a map, whatever its keys are."""
LENGTHS: Final = 16
POSITIONS: Final = 8
"""The longest list whose places are looked at one by one."""
VARIANTS: Final = 32
DEPTH: Final = 64
"""Documents that people design end by ten; what is nested deeper is data of its own (and may be an attack)."""
WITNESSES: Final = 3
"""Sessions remembered for each string: rules ask for at most that many."""

State: TypeAlias = Any


class Node(SchemaNode):  # type: ignore[misc]
    """The evidence of the values at one place. `name` is the key that it stands under, or that its list stands under."""

    def __init__(self, name: str = "", depth: int = 0) -> None:
        super().__init__()
        self.name = name
        self.depth = depth
        self.count = 0
        self.deeper = 0
        """Values that were nested too deeply to look at."""
        self.sources = Sources()
        self._by_kind: dict[str, Kind] = {}

    def add(self, value: Json, source: int) -> None:
        """Take in one value."""
        self.count += 1
        self.sources.add(source)
        kind = _KINDS.get(type(value)) or _kind_of(value)
        if self.depth >= DEPTH and kind in (Objects, Lists):
            self.deeper += 1
            return
        self.of(kind).add(value, source)

    def of(self, kind: type[Kind]) -> Kind:
        """The strategy of that kind, made where this is its first value."""
        found = self._by_kind.get(kind.NAME)
        if found is None:
            found = self._by_kind[kind.NAME] = kind(self)
            self._active_strategies = [self._by_kind[name] for name in sorted(self._by_kind)]
        return found

    def kind(self, name: str) -> Kind | None:
        """The strategy of that name (`string`, `object` …), None where no such value was seen."""
        return self._by_kind.get(name)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the kinds seen, in their order."""
        return tuple(sorted(self._by_kind))

    def child(self, name: str) -> Node:
        """A node one level down."""
        return Node(name, self.depth + 1)

    def merge(self, other: Node) -> None:
        """Take the other's values in; the other may not be used any further."""
        self.count += other.count
        self.deeper += other.deeper
        self.sources.merge(other.sources)
        for name, kind in other._by_kind.items():
            own = self._by_kind.get(name)
            if own is None:
                self._by_kind[name] = kind
                kind.node = self
            else:
                own.merge(kind)
        self._active_strategies = [self._by_kind[name] for name in sorted(self._by_kind)]

    def to_state(self) -> State:
        """Builtin data."""
        kinds = {name: self._by_kind[name].to_state() for name in self.kinds}
        return [self.count, self.deeper, self.sources.to_state(), kinds]

    def fill(self, state: State) -> Node:
        """Take the data of `to_state` into this new node."""
        self.count, self.deeper, sources, kinds = state
        self.sources = Sources.from_state(sources)
        for name, kind in kinds.items():
            self.of(_NAMED[name]).fill(kind)
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self.to_state() == other.to_state()

    __hash__ = None  # type: ignore[assignment]


class Kind(SchemaStrategy):  # type: ignore[misc]
    """A strategy of genson's with a count. Scalars without more to tell are just this."""

    NAME = ""
    JSON_TYPE = ""

    def __init__(self, node: Node) -> None:
        super().__init__(node.child)
        self.node = node
        self.count = 0

    @classmethod
    def match_object(cls, value: object) -> bool:
        """genson's question; `Node` dispatches by type before it is asked."""
        return _kind_of(value) is cls

    def add(self, value: Any, source: int) -> None:
        """Take in one value of this kind."""
        del value, source
        self.count += 1

    def merge(self, other: Any) -> None:
        """Take the other's values in."""
        self.count += other.count

    def to_state(self) -> State:
        """Builtin data."""
        return self.count

    def fill(self, state: State) -> None:
        """Take the data of `to_state` in."""
        self.count = state


class Nulls(Kind):
    """null."""

    NAME = JSON_TYPE = "null"


class Booleans(Kind):
    """true and false."""

    NAME = JSON_TYPE = "boolean"


class Binaries(Kind):
    """Attachments."""

    NAME = "binary"
    JSON_TYPE = "string"


class Numbers(Kind):
    """Integers, and whether a number with a fraction was among them."""

    NAME = JSON_TYPE = "number"

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self.fractions = False

    def add(self, value: float, source: int) -> None:
        """Take in a number."""
        del source
        self.count += 1
        if type(value) is float:
            self.fractions = True

    def merge(self, other: Numbers) -> None:
        """See `Kind.merge`."""
        self.count += other.count
        self.fractions |= other.fractions

    def to_state(self) -> State:
        """See `Kind.to_state`."""
        return [self.count, self.fractions]

    def fill(self, state: State) -> None:
        """See `Kind.fill`."""
        self.count, self.fractions = state


class Strings(Kind):
    """Strings: the format that all share, and which they are while they may be an enum's members.

    `values` is None once that question is closed: by a string that could not be let out, or by more than `VALUES`.
    """

    NAME = JSON_TYPE = "string"

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self.format: str | None = None
        """None before the first string, "" where they have none in common."""
        self.values: dict[str, Value] | None = None if private_name(node.name) else {}

    def add(self, value: str, source: int) -> None:
        """Take in a string."""
        self.count += 1
        if self.format != "":
            found = format_of(value)
            self.format = found if self.format in (None, found) else ""
        values = self.values
        if values is None:
            return
        known = values.get(value)
        if known is None:
            if len(values) >= VALUES or not may_emit(self.node.name, value):
                self.values = None
                return
            known = values[value] = Value()
        known.add(source)

    def merge(self, other: Strings) -> None:
        """See `Kind.merge`."""
        self.count += other.count
        if self.format is None or other.format is None:
            self.format = other.format if self.format is None else self.format
        elif self.format != other.format:
            self.format = ""
        if self.values is None or other.values is None:
            self.values = None
            return
        for text, value in other.values.items():
            known = self.values.get(text)
            if known is None:
                self.values[text] = value
            else:
                known.merge(value)
        if len(self.values) > VALUES:
            self.values = None

    def to_state(self) -> State:
        """See `Kind.to_state`."""
        values = None if self.values is None else {text: self.values[text].to_state() for text in sorted(self.values)}
        return [self.count, self.format, values]

    def fill(self, state: State) -> None:
        """See `Kind.fill`."""
        self.count, self.format, values = state
        self.values = None if values is None else {text: Value(*value) for text, value in values.items()}


class Value:
    """How often a string was seen, and in which sessions (the `WITNESSES` smallest)."""

    __slots__ = ("count", "sessions")

    def __init__(self, count: int = 0, sessions: Sequence[int] = ()) -> None:
        self.count = count
        self.sessions = tuple(sessions)

    def add(self, source: int) -> None:
        """Count it once more."""
        self.count += 1
        if source not in self.sessions:
            self.sessions = tuple(sorted((*self.sessions, source))[:WITNESSES])

    def merge(self, other: Value) -> None:
        """Take the other's counts in."""
        self.count += other.count
        self.sessions = tuple(sorted({*self.sessions, *other.sessions})[:WITNESSES])

    def to_state(self) -> State:
        """Builtin data."""
        return [self.count, list(self.sessions)]


class Lists(Kind):
    """Lists: what their items have in common, their lengths, and each place while all have one length.

    `lengths` is None once there are more than `LENGTHS`; `places` is None once there are two lengths, or a long one.
    """

    NAME = JSON_TYPE = "array"

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self.items = node.child(node.name)
        self.lengths: dict[int, int] | None = {}
        self.places: list[Node] | None = []

    def add(self, value: Sequence[Json], source: int) -> None:
        """Take in a list."""
        self.count += 1
        length = len(value)
        if self.lengths is not None:
            self.lengths[length] = self.lengths.get(length, 0) + 1
            self._close()
        add = self.items.add
        for item in value:
            add(item, source)
        if self.places is not None:
            if not self.places:
                self.places = [self.node.child(self.node.name) for _ in value]
            for place, item in zip(self.places, value, strict=True):
                place.add(item, source)

    def merge(self, other: Lists) -> None:
        """See `Kind.merge`."""
        self.count += other.count
        self.items.merge(other.items)
        if self.lengths is None or other.lengths is None:
            self.lengths = None
        else:
            for length, count in other.lengths.items():
                self.lengths[length] = self.lengths.get(length, 0) + count
        mine, theirs = self.places, other.places
        self.places = None if mine is None or theirs is None else mine or theirs
        self._close()
        if self.places and mine and theirs:
            for place, more in zip(mine, theirs, strict=True):
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
        name = self.node.name
        self.places = None if places is None else [self.node.child(name).fill(place) for place in places]

    def _close(self) -> None:
        """Give up the questions that can no longer be answered with yes."""
        if self.lengths is not None and len(self.lengths) > LENGTHS:
            self.lengths = None
        if self.lengths is None or len(self.lengths) > 1 or max(self.lengths, default=0) > POSITIONS:
            self.places = None


class Shape:
    """Objects of one variant: their keys, or one node for the values of all keys once there are more than `KEYS`."""

    __slots__ = ("any", "count", "keys", "node")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.count = 0
        self.keys: dict[str, Node] = {}
        self.any: Node | None = None

    def add(self, value: dict[str, Json], source: int) -> None:
        """Take in an object."""
        self.count += 1
        keys = self.keys
        for key, item in value.items():
            node = keys.get(key)
            if node is None:
                if self.any is not None:
                    self.any.add(item, source)
                    continue
                node = keys[key] = self.node.child(key)
            node.add(item, source)
        if len(keys) > KEYS:
            self._collapse()

    def merge(self, other: Shape) -> None:
        """Take the other's objects in."""
        self.count += other.count
        for key, node in other.keys.items():
            own = self.keys.get(key)
            if own is None:
                self.keys[key] = node
            else:
                own.merge(node)
        if other.any is not None:
            if self.any is None:
                self.any = other.any
            else:
                self.any.merge(other.any)
        if self.any is not None or len(self.keys) > KEYS:
            self._collapse()

    def _collapse(self) -> None:
        """One node for the values of all keys."""
        if self.any is None:
            self.any = self.node.child("")
        for node in self.keys.values():
            self.any.merge(renamed(node, ""))
        self.keys = {}

    def to_state(self) -> State:
        """Builtin data."""
        keys = [[key, self.keys[key].to_state()] for key in sorted(self.keys)]
        return [self.count, keys, None if self.any is None else self.any.to_state()]

    def fill(self, state: State) -> Shape:
        """Take the data of `to_state` in."""
        self.count, keys, values = state
        self.keys = {key: self.node.child(key).fill(node) for key, node in keys}
        self.any = None if values is None else self.node.child("").fill(values)
        return self


class Objects(Kind):
    """Objects, apart by their tag while there are few: the first of `TAGS` in them that holds a public string.

    The partition costs nothing (each object is added once) and `whole` undoes it.
    """

    NAME = JSON_TYPE = "object"

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self.variants: dict[str, Shape] = {}
        """By `key=value`, "" for objects without a tag; only "" once there are more than `VARIANTS`."""
        self.split = True

    def add(self, value: dict[str, Json], source: int) -> None:
        """Take in an object."""
        self.count += 1
        label = tag_of(value) if self.split else ""
        shape = self.variants.get(label)
        if shape is None:
            shape = self.variants[label] = Shape(self.node)
        shape.add(value, source)
        if len(self.variants) > VARIANTS:
            self._join()

    def merge(self, other: Objects) -> None:
        """See `Kind.merge`."""
        self.count += other.count
        self.split &= other.split
        for label, shape in other.variants.items():
            own = self.variants.get(label)
            if own is None:
                self.variants[label] = shape
                shape.node = self.node
            else:
                own.merge(shape)
        if not self.split or len(self.variants) > VARIANTS:
            self._join()

    def whole(self) -> Shape:
        """All objects together, as evidence of its own."""
        shape = Shape(self.node)
        for label in sorted(self.variants):
            shape.merge(Shape(self.node).fill(self.variants[label].to_state()))
        return shape

    def to_state(self) -> State:
        """See `Kind.to_state`."""
        return [self.count, self.split, [[label, self.variants[label].to_state()] for label in sorted(self.variants)]]

    def fill(self, state: State) -> None:
        """See `Kind.fill`."""
        self.count, self.split, variants = state
        self.variants = {label: Shape(self.node).fill(shape) for label, shape in variants}

    def _join(self) -> None:
        self.split = False
        whole = self.variants.pop("", None) or Shape(self.node)
        for shape in self.variants.values():
            whole.merge(shape)
        self.variants = {"": whole}


TAGS: Final = ("type", "kind", "method", "event", "action", "op", "operation", "command", "cmd", "topic", "channel", "tag", "variant", "mode", "status", "state")
"""Last words of keys that tell variants apart, the most telling first: the vocabulary of published APIs."""
_RANK: Final = {word: rank for rank, word in enumerate(TAGS)}


def tag_of(value: dict[str, Json]) -> str:
    """`key=value` of the object's tag, "" where it has none."""
    best, rank = "", len(TAGS)
    for key, item in value.items():
        if type(item) is str:
            found = _tag_rank(key)
            if found < rank and public_shape(item):
                best, rank = f"{key}={item}", found
    return best


_ranks: dict[str, int] = {}


def _tag_rank(key: str) -> int:
    known = _ranks.get(key)
    if known is None:
        parts = words(key)
        known = _RANK.get(parts[-1], len(TAGS)) if parts and not private_name(key) else len(TAGS)
        if len(_ranks) < 10_000:
            _ranks[key] = known
    return known


def renamed(node: Node, name: str) -> Node:
    """A copy under another name, by which what may be let out is decided anew."""
    copy = Node(name, node.depth).fill(node.to_state())
    strings = copy.kind("string")
    if isinstance(strings, Strings) and private_name(name):
        strings.values = None
    return copy


def _kind_of(value: object) -> type[Kind]:
    """The kind of a value whose type is a subclass of JSON's (an IntEnum, a defaultdict)."""
    for base, kind in _KINDS.items():
        if isinstance(value, base):
            return kind
    msg = f"no JSON value: {type(value).__name__}"
    raise TypeError(msg)


_KINDS: Final[dict[type, type[Kind]]] = {
    str: Strings, int: Numbers, float: Numbers, dict: Objects, list: Lists, bool: Booleans, type(None): Nulls,
    bytes: Binaries, tuple: Lists,
}  # fmt: skip
_NAMED: Final[dict[str, type[Kind]]] = {kind.NAME: kind for kind in _KINDS.values()}
