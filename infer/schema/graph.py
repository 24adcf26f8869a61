"""Evidence as a graph of types, in which places can be found to be of one type; made for one document, then thrown away.

A `Place` is where values stand, a `Type` what their objects are. `unite` makes two places one, and with them the types of
their objects, and so on down (congruence closure over a union-find): a tree of comments folds into one type that refers
to itself. The evidence itself is only read. Ask a place or a type that you kept for its `found`, which may be another.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final, TypeAlias

import msgspec

from infer.schema.evidence import Lists, Node, Numbers, Objects, Shape, Strings
from infer.schema.keys import ANY, form_of, matches
from infer.schema.slots import Args
from infer.schema.sources import Sources

SPREAD: Final = 8
"""Arguments of one kind beyond that many are a list that was spread over the call."""
Tag: TypeAlias = "tuple[str, str] | None"


class Place(msgspec.Struct, eq=False):
    """Where values stand, in one place of the traffic or in several that are taken as one."""

    nodes: list[Node]
    of: Type | None = None
    """What the objects are; ask `type`."""
    items: Place | None = None
    """What the items of the lists are."""
    positions: list[Place] | None = None
    """What each position of the lists is, where they may be records."""
    lists: int = 0
    """How many lists there were."""
    lengths: dict[int, int] | None = msgspec.field(default_factory=dict)
    """Of the lists; None where there are too many to tell."""
    _strings: Strings | None = None
    _kinds: frozenset[str] | None = None
    _into: Place | None = None

    def found(self) -> Place:
        """The place that this one was united into."""
        place = self
        while place._into is not None:
            place = place._into
        return place

    @property
    def type(self) -> Type | None:
        """What the objects are, None where there are none."""
        return None if self.of is None else self.of.found()

    @property
    def objects(self) -> Type | None:
        """What the objects are; where there are none, those in the lists."""
        place = self
        while place.type is None and place.items is not None:
            place = place.items.found()
        return place.type

    @property
    def name(self) -> str:
        """The key that the values stand under."""
        return self.nodes[0].name

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(node.count for node in self.nodes)

    @property
    def sessions(self) -> int:
        """In how many sessions they were seen."""
        sources = Sources()
        for node in self.nodes:
            sources.merge(node.sources)
        return sources.count

    @property
    def kinds(self) -> frozenset[str]:
        """Names of the kinds of the values."""
        if self._kinds is None:
            self._kinds = frozenset(kind for node in self.nodes for kind in node.kinds)
        return self._kinds

    @property
    def fractions(self) -> bool:
        """Whether a number had a fraction."""
        return any(numbers.fractions for node in self.nodes if isinstance(numbers := node.kind("number"), Numbers))

    @property
    def strings(self) -> Strings:
        """The evidence of all strings; asked for once the graph is finished."""
        if self._strings is None:
            self._strings = Strings(self.nodes[0])
            for node in self.nodes:
                strings = node.kind("string")
                if isinstance(strings, Strings):
                    self._strings.merge(strings)
        return self._strings

    def take(self, other: Place) -> Iterator[tuple[Place, Place]]:
        """Make the other one with this, and give the places that thereby are one."""
        other._into = self
        self.nodes += other.nodes
        self._strings = self._kinds = None
        if self.type is None or other.type is None:
            self.of = self.of or other.of
        elif self.type is not other.type:
            yield from self.type.take(other.type)
        if other.items is None:
            return
        if self.items is None:
            self.items, self.positions, self.lists, self.lengths = (
                other.items,
                other.positions,
                other.lists,
                other.lengths,
            )
            return
        yield self.items, other.items
        self.lists += other.lists
        if self.lengths is None or other.lengths is None:
            self.lengths = None
        else:
            lengths = {
                length: self.lengths.get(length, 0) + other.lengths.get(length, 0)
                for length in self.lengths.keys() | other.lengths
            }
            self.lengths = lengths if len(lengths) <= self.nodes[0].scope.limits.lengths_per_list else None
        if self.positions is None or other.positions is None or len(self.positions) != len(other.positions):
            self.positions = None
        else:
            yield from zip(self.positions, other.positions, strict=True)

    @classmethod
    def from_node(cls, node: Node) -> Place:
        """The place of one node, with all below it."""
        place = cls([node])
        objects, lists = node.kind("object"), node.kind("array")
        if isinstance(objects, Objects):
            place.of = Type.from_objects(objects)
        if isinstance(lists, Lists):
            place.lists, place.lengths = lists.count, lists.lengths
            place.items = cls.from_node(lists.items)
            place.positions = None if lists.places is None else [cls.from_node(position) for position in lists.places]
        return place


class Form(msgspec.Struct, eq=False):
    """Objects that have one tag, or all of a type."""

    count: int = 0
    keys: dict[str, Place] = msgspec.field(default_factory=dict)
    present: dict[str, int] = msgspec.field(default_factory=dict)
    """How many of the objects have the key."""
    patterns: dict[str, Place] = msgspec.field(default_factory=dict)

    @classmethod
    def from_shape(cls, shape: Shape) -> Form:
        """The form of one shape."""
        return cls(
            shape.count,
            {key: Place.from_node(shape.keys[key]) for key in sorted(shape.keys)},
            {key: node.count for key, node in shape.keys.items()},
            {pattern: Place.from_node(shape.patterns[pattern]) for pattern in sorted(shape.patterns)},
        )

    def take(self, other: Form) -> Iterator[tuple[Place, Place]]:
        """Take the other's objects in, and give the places that thereby are one."""
        self.count += other.count
        for key, count in other.present.items():
            self.present[key] = self.present.get(key, 0) + count
        for own, more in ((self.keys, other.keys), (self.patterns, other.patterns)):
            for key, place in more.items():
                known = own.setdefault(key, place)
                if known is not place:
                    yield known, place

    def fold(self) -> Iterator[tuple[Place, Place]]:
        """Give up keys that a pattern matches too, and give the places that thereby are one.

        To a validator each pattern holds for all keys that it matches; `ANY` stands for those without a form.
        """
        patterns = [pattern for pattern in self.patterns if pattern != ANY]
        yield from ((self.patterns[patterns[0]], self.patterns[pattern]) for pattern in patterns[1:])
        for key in list(self.keys):
            if any(matches(pattern, key) for pattern in patterns):
                taken = patterns[0]
            elif ANY in self.patterns and form_of(key) is None:
                taken = ANY
            else:
                continue
            del self.present[key]
            yield self.patterns[taken], self.keys.pop(key)

    def at(self, key: str) -> Place:
        """The place of a key."""
        return self.keys[key].found()


class Type(msgspec.Struct, eq=False):
    """What objects are: one form, or a form for each tag."""

    forms: dict[Tag, Form]
    split: bool
    """Whether the forms are apart; else there is one."""
    values: Place | None = None
    """What stands under all keys, where the keys are data."""
    key_words: str = ""
    """What those keys look like."""
    _into: Type | None = None

    @classmethod
    def from_objects(cls, objects: Objects) -> Type:
        """The type of one place's objects."""
        tags = sorted(objects.variants, key=lambda tag: tag or ("", ""))
        return cls({tag: Form.from_shape(objects.variants[tag]) for tag in tags}, objects.split and tags != [None])

    def found(self) -> Type:
        """The type that this one was united into."""
        kind = self
        while kind._into is not None:
            kind = kind._into
        return kind

    def take(self, other: Type) -> Iterator[tuple[Place, Place]]:
        """Make the other one with this, and give the places that thereby are one."""
        other._into = self
        if not other.split:
            yield from self.join()
        for tag, form in other.forms.items():
            own = tag if self.split else None
            if own in self.forms:
                yield from self.forms[own].take(form)
            else:
                self.forms[own] = form
        if other.values is not None:
            yield from self.be_map(other.key_words)
            if self.values is None:
                self.values = other.values
            else:
                yield self.values, other.values
        elif self.values is not None:
            yield from self.be_map(self.key_words)

    def join(self) -> Iterator[tuple[Place, Place]]:
        """Give up the forms' being apart, and give the places that thereby are one."""
        self.split = False
        joined = self.forms.pop(None, None) or Form()
        apart = list(self.forms.values())
        self.forms = {None: joined}
        for form in apart:
            yield from joined.take(form)

    def be_map(self, key_words: str) -> Iterator[tuple[Place, Place]]:
        """Take the keys as data, and give the places that thereby are one: all that stands under them."""
        yield from self.join()
        self.key_words = self.key_words or key_words
        form = self.forms[None]
        places = [*form.keys.values(), *form.patterns.values()]
        form.keys, form.present, form.patterns = {}, {}, {}
        for place in places:
            self.values = self.values or place
            if self.values is not place:
                yield self.values, place

    @property
    def count(self) -> int:
        """How many objects there were."""
        return sum(form.count for form in self.forms.values())

    @property
    def present(self) -> Counter[str]:
        """How many of the objects have each key."""
        present: Counter[str] = Counter()
        for form in self.forms.values():
            present.update(form.present)
        return present

    @property
    def names(self) -> set[str]:
        """The keys, over all forms: for who asks for nothing more."""
        return set().union(*(form.keys for form in self.forms.values()))

    @property
    def keys(self) -> dict[str, list[Place]]:
        """The places of each key, over all forms."""
        found: dict[str, list[Place]] = {}
        for form in self.forms.values():
            for key, place in form.keys.items():
                found.setdefault(key, []).append(place.found())
        return found

    @property
    def places(self) -> list[Place]:
        """Everything that stands in the objects; ask each for its `found`."""
        places = [] if self.values is None else [self.values]
        for form in self.forms.values():
            places += form.keys.values()
            places += form.patterns.values()
        return places


def unite(pairs: Iterable[tuple[Place, Place]]) -> None:
    """Make the places of each pair one, and all that thereby is one."""
    waiting = deque(pairs)
    while waiting:
        first, second = waiting.popleft()
        one, other = first.found(), second.found()
        if one is not other:
            waiting.extend(one.take(other))


Kinds: TypeAlias = "frozenset[str] | tuple[Kinds]"
"""What stands at a place, null apart: kinds, or of lists alone what their items are."""


def kinds_of(places: Iterable[Place]) -> Kinds:
    """Of what stands at any of them."""
    places = [place.found() for place in places]
    kinds = frozenset[str]().union(*(place.kinds for place in places)) - {"null"}
    return (kinds_of(place.items for place in places if place.items is not None),) if kinds == {"array"} else kinds


def contradict(one: Kinds, other: Kinds) -> bool:
    """Whether what is of the one and what is of the other have no kind in common; of lists, whether their items have none."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return contradict(one[0], other[0])
    left, right = (frozenset({"array"}) if isinstance(each, tuple) else each for each in (one, other))
    return bool(left and right and not left & right)


def any_contradict(places: Iterable[Place]) -> bool:
    """Whether what stands at two of the places contradicts one another."""
    return any(contradict(one, other) for one, other in combinations({kinds_of([place]) for place in places}, 2))


def places_of(evidence: Node | Args) -> list[Place]:
    """The places at the top: one; or one an argument; or one for all arguments where a list was spread over the call."""
    if not isinstance(evidence, Args):
        evidence.settle()
        return [Place.from_node(evidence)]
    places = [Place.from_node(slot) for slot in evidence.slots]
    if len(places) <= SPREAD or len({frozenset(place.kinds) for place in places}) > 1:
        return places
    unite((places[0], place) for place in places[1:])
    return places[:1]


def walk(tops: Iterable[Place]) -> Iterator[Place]:
    """All places, parents first, in the order of the document; each once."""
    seen: set[int] = set()
    waiting = list(tops)[::-1]
    while waiting:
        place = waiting.pop().found()
        if id(place) in seen:
            continue
        seen.add(id(place))
        yield place
        kind = place.type
        if kind is None and place.items is None:
            continue
        inner = [] if kind is None else kind.places
        if place.items is not None:
            inner.append(place.items)
        inner += place.positions or ()
        inner.reverse()
        waiting += inner
