"""Which places of a document are of one type, and which strings of one enum: what is one thing is judged as one.

The more evidence a claim rests on the less it is luck: a user seen in ten events is one type, of which it is known that
its `avatar` may be null, whichever of the ten showed that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain
from math import ceil
from typing import Final

from infer.schema.decide import REST, Union, enum_members, map_words, may_be_enum, tell_themselves, union_of
from infer.schema.graph import Form, Place, Type, any_contradict, contradict, kinds_of, unite, walk
from infer.schema.rules import Rules
from infer.schema.words import singular, words

Words = tuple[str, ...]

AGREEMENT: Final = 0.9
"""Share of keys that types have in common to be one."""
SIBLINGS: Final = 4
"""Keys of one object whose strings are all of one small set, for that to be an enum."""
NAMESAKES: Final = 0.75
"""The same where they stand under one name."""
FEWEST: Final = 3
"""Keys that objects of one type have at least, unless they stand under one name."""
OVERLAP: Final = 0.75
"""Share of the members of an enum that are another's of the same name, for both to be one."""


def settle(tops: Sequence[Place], rules: Rules) -> dict[int, Union]:
    """Decide which types are maps, which are one, and which are unions (given by their `id`)."""
    alone = {top.type for top in tops if top.type is not None}
    before, size = None, _size(tops)
    while size != before:
        if rules.on("map"):
            _maps(tops)
        if rules.on("share"):
            kinds = list(_types(tops))
            rarity = _by_rarity(kind.names for kind in kinds)
            unite(_pairs([kind for kind in kinds if kind not in alone]))
            unite(_namesakes(tops, alone, rarity))
        before, size = size, _size(tops)
    if rules.on("share"):
        _fold(tops)
    return _fall_apart(tops, rules)


def _fall_apart(tops: Sequence[Place], rules: Rules) -> dict[int, Union]:
    """Join the forms of types that are no unions; give the unions."""
    wanted = rules.on("union") and rules.values
    while True:
        unions = {kind: union_of(kind) if wanted else None for kind in _types(tops) if kind.split}
        pairs: list[tuple[Place, Place]] = []
        for kind in list(_types(tops)):
            pairs += (pair for form in kind.forms.values() for pair in form.fold())
        for kind, union in unions.items():
            pairs += kind.join() if union is None else (*_rest(kind, union), *_common(kind, union))
        settled = {id(kind): union for kind, union in unions.items() if union is not None and not union.rare}
        if len(settled) == len(unions) and all(one.found() is other.found() for one, other in pairs):
            return settled
        unite(pairs)


def _rest(kind: Type, union: Union) -> Iterator[tuple[Place, Place]]:
    """Put the forms together that are too rare for a branch, and give the places that thereby are one."""
    for tag, form in union.rare.items():
        del kind.forms[tag]
        yield from kind.forms.setdefault((union.tag, REST), Form()).take(form)


def _common(kind: Type, union: Union) -> Iterator[tuple[Place, Place]]:
    """Places under one key of several forms that are one: of scalars, or of objects, or lists of them, that have most keys in common.

    Those of the tag stay apart, for it is what tells the forms apart, and so do those that it gives another kind; those with one tag of
    their own do not, for they are told apart by that.
    """
    for key, places in kind.keys.items():
        if key == union.tag or any_contradict(places):
            continue
        found = [objects for place in places if (objects := place.objects) is not None and objects.values is None]
        sets = [set(objects.keys) for objects in found]
        if not sets or tell_themselves(found) or 2 * len(set.intersection(*sets)) >= len(set.union(*sets)):
            yield from ((places[0], place) for place in places[1:])


def enums(tops: Sequence[Place], rules: Rules, unions: Iterable[Union]) -> dict[int, list[str]]:
    """The members of the strings of each place (by its `id`) where they are an enum's.

    The tags of a union are judged together; those without a branch are the members where there are others.
    """
    unions = list(unions)
    tags = {form.at(union.tag) for union in unions for form in union.tagged}
    named: dict[tuple[str, ...], list[Place]] = {}
    for place in chain((place for place in walk(tops) if place not in tags), (union.tags for union in unions)):
        if "string" in place.kinds and may_be_enum(place.strings, place.name):
            named.setdefault(words(place.name), []).append(place)
    found: dict[int, list[str]] = {}
    for places in named.values():
        own = {place: enum_members(place) for place in places}
        groups = _overlapping([set(members) for members in own.values() if members]) if rules.on("share") else []
        for place, members in own.items():
            values = set(place.strings.values or ())
            group = next((group for group in groups if values <= group and len(values) > 1), None)
            if group or members:
                found[id(place)] = sorted(group or members or ())
    if rules.on("share"):
        for kind in _types(tops):
            found |= _siblings(kind)
    for union in unions:
        if union.rest is not None and union.tag in union.rest.keys and id(union.tags) in found:
            found[id(union.rest.at(union.tag))] = union.others(found[id(union.tags)])
    return found


def _siblings(kind: Type) -> dict[int, list[str]]:
    """The enum that the keys of an object have in common, such as the levels of its permissions.

    Each of its members stands under several keys, and whatever stands under the keys is one of them.
    """
    if kind.split:
        return {}
    places = [
        place
        for [place] in kind.keys.values()
        if place.kinds - {"null"} == {"string"} and may_be_enum(place.strings, place.name)
    ]
    under = Counter(text for place in places for text in place.strings.values or ())
    shared = {text for text, count in under.items() if count > 1}
    inside = [place for place in places if shared.issuperset(place.strings.values or ())]
    samples = sum(place.strings.count for place in inside)
    if (
        len(inside) < SIBLINGS
        or len(inside) < OVERLAP * len(places)
        or not 2 <= len(shared) <= len(inside) // 2
        or samples < 20
    ):
        return {}
    return {id(place): sorted(shared) for place in inside}


def _size(tops: Sequence[Place]) -> tuple[int, int]:
    kinds = list(_types(tops))
    return len(kinds), sum(kind.values is not None for kind in kinds)


def _types(tops: Iterable[Place]) -> Iterator[Type]:
    """All types, each once, in the order of the document."""
    seen: set[int] = set()
    for place in walk(tops):
        kind = place.type
        if kind is not None and id(kind) not in seen:
            seen.add(id(kind))
            yield kind


def _maps(tops: Sequence[Place]) -> None:
    for kind in list(_types(tops)):
        if kind.found() is kind and kind.values is None:
            described = map_words(kind)
            if described is not None:
                unite(kind.be_map(described))


def _pairs(kinds: Sequence[Type]) -> Iterator[tuple[Place, Place]]:
    """Make types one that are alike, and give the places that thereby are one."""
    records = [(kind, frozenset(kind.names)) for kind in kinds if kind.values is None]
    rarity = _by_rarity(keys for _, keys in records)
    leaders: dict[str, list[tuple[Type, frozenset[str]]]] = {}
    for kind, keys in records:
        if len(keys) < FEWEST or kind.found() is not kind:
            continue
        rarest = _telling(keys, rarity, AGREEMENT)
        for leader, others in [entry for key in rarest for entry in leaders.get(key, ())]:
            if (
                leader.found() is not kind.found()
                and _agree(keys, others)
                and _compatible(leader.found(), kind.found())
            ):
                yield from leader.found().take(kind.found())
                break
        else:
            for key in rarest:
                leaders.setdefault(key, []).append((kind, keys))


def _by_rarity(sets: Iterable[AbstractSet[str]]) -> Mapping[str, int]:
    """The place of each key when the rarest come first."""
    frequency = Counter(chain.from_iterable(sets))
    return {key: place for place, key in enumerate(sorted(frequency, key=lambda key: (frequency[key], key)))}


def _telling(keys: AbstractSet[str], rarity: Mapping[str, int], share: float) -> list[str]:
    """The rarest of these keys: of two sets that agree to that share, each has one of the other's among them."""
    return sorted(keys, key=rarity.__getitem__)[: len(keys) - ceil(share * len(keys)) + 1]


class _Leaders:
    """Types that others of their name are held to, found by the keys that tell them apart."""

    def __init__(self, rarity: Mapping[str, int]) -> None:
        self._rarity = rarity
        self._leaders: list[Type] = []
        self._places: dict[Type, list[tuple[Words, int]]] = {}
        """Where each type stands in the index: its names, with its number."""
        self._index: dict[tuple[Words, str], set[int]] = {}

    def of(self, name: Words, kind: Type) -> list[Type]:
        """Those of that name, the first ones first, that may agree with that type."""
        numbers = {number for key in self._telling(kind) for number in self._index.get((name, key), ())}
        return [self._leaders[number] for number in sorted(numbers)]

    def add(self, name: Words, kind: Type) -> None:
        """Hold others of that name to that type."""
        self._places.setdefault(kind, []).append((name, len(self._leaders)))
        self._leaders.append(kind)
        self._enter(kind)

    def united(self, one: Type, other: Type) -> None:
        """The one has taken the other in."""
        self._places.setdefault(one, []).extend(self._places.pop(other, ()))
        self._enter(one)

    def _enter(self, kind: Type) -> None:
        for key in self._telling(kind):
            for name, number in self._places[kind]:
                self._index.setdefault((name, key), set()).add(number)

    def _telling(self, kind: Type) -> list[str]:
        return _telling(kind.names, self._rarity, NAMESAKES)


def _namesakes(tops: Sequence[Place], alone: AbstractSet[Type], rarity: Mapping[str, int]) -> Iterator[tuple[Place, Place]]:
    """Make types one that stand under one name and have most keys in common, and give the places that thereby are one."""
    leaders = _Leaders(rarity)
    seen: set[tuple[int, Words]] = set()
    for place in walk(tops):
        kind = place.type
        if kind is None or kind.values is not None or kind in alone or not kind.keys:
            continue
        name = words(singular(place.name))
        if (id(kind), name) in seen or not name:
            continue
        seen.add((id(kind), name))
        for leader in leaders.of(name, kind.found()):
            one, two = leader.found(), kind.found()
            if one is two:
                break
            if one.values is None and _agree(one.names, two.names, NAMESAKES) and _compatible(one, two):
                yield from one.take(two)
                leaders.united(one, two)
                break
        else:
            leaders.add(name, kind.found())


def _fold(tops: Sequence[Place]) -> None:
    """Make types one with types below them that are alike: trees."""
    for kind in list(_types(tops)):
        if kind.found() is not kind or kind.values is not None:
            continue
        keys = kind.names
        below = [
            other
            for other in _types(kind.places)
            if other is not kind and other.values is None and _agree(keys, other.names) and _compatible(kind, other)
        ]
        if len(below) > (0 if len(keys) > 1 else 1):
            for other in below:
                if other.found() is not kind.found():
                    unite(kind.found().take(other.found()))


def _agree(one: AbstractSet[str], other: AbstractSet[str], share: float = AGREEMENT) -> bool:
    return len(one & other) >= share * len(one | other)


def _compatible(one: Type, other: Type) -> bool:
    """Whether under each key that both have there are values of one kind, and of objects such as have a key in common."""
    mine, theirs = one.keys, other.keys
    return not any(
        contradict(kinds_of(mine[key]), kinds_of(theirs[key])) or _are_strangers(mine[key], theirs[key])
        for key in mine.keys() & theirs.keys()
    )


def _are_strangers(some: Iterable[Place], others: Iterable[Place]) -> bool:
    """Whether there are objects at both, and no key that the ones have is one of the others'."""
    mine, theirs = (
        [place.type for place in places if place.type is not None and place.type.values is None] for places in (some, others)
    )
    names = set[str]().union(*(kind.names for kind in mine)), set[str]().union(*(kind.names for kind in theirs))
    return bool(all(names) and names[0].isdisjoint(names[1]))


def _overlapping(sets: Sequence[set[str]]) -> list[set[str]]:
    """Unions of the sets that have most of their strings in common."""
    groups: list[set[str]] = []
    for values in sorted(sets, key=lambda values: (-len(values), sorted(values))):
        group = next((group for group in groups if len(values & group) >= OVERLAP * len(values)), None)
        if group is None:
            groups.append(set(values))
        else:
            group |= values
    return groups
