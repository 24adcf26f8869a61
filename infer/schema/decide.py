"""The questions that the rules ask of evidence: is it an enum, a map, a tuple, a union? See `infer.schema.rules`."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from infer.schema.evidence import Lists, Node, Objects, Scope, Shape, Strings
from infer.schema.words import words

_CASES: Final = frozenset(
    "type kind status state action mode level category role phase reason event method op operation severity priority"
    " format direction visibility source scope side stage style theme unit variant command cmd encoding protocol".split()
)
"""Last words of names whose values are cases: the vocabulary of published APIs."""
_NEVER: Final = frozenset(
    "name login ref color colour symbol id label value version path file filename locale timezone currency country"
    " language lang sha branch tag code model brand room channel topic text key".split()
)
"""Last words of names whose values are data, however few were seen."""
_MEMBERS: Final = 32


def enum_members(strings: Strings, name: str) -> list[str] | None:
    """The members where the strings are an enum's, else None."""
    values = strings.values
    if not values or not 2 <= len(values) <= _MEMBERS or strings.format:
        return None
    last = (words(name) or ("",))[-1]
    if last in _NEVER:
        return None
    samples, once, sessions = (6, 0.20, 2) if last in _CASES else (20, 0.05, 3)
    if strings.count < samples:
        return None
    if sum(value.count == 1 for value in values.values()) > once * len(values):
        return None
    if len({session for value in values.values() for session in value.sessions}) < sessions:
        return None
    return sorted(values)


_ID_LIKE: Final = re.compile(
    r"\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|(?=[a-zA-Z]*\d)[0-9a-fA-F]{7,}|[@#!$][^:\s]+:\S+"
    r"|(?=[^\d]*\d)(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])[A-Za-z0-9_-]{15,}"
)
_IDENTIFIER: Final = re.compile(r"(?:[^\W\d]|\$)[\w$]*(?:[-.:][\w$]+)*")


def is_data(key: str) -> bool:
    """Whether an object's key looks like an id or any other value, rather than like a name that a programmer gave."""
    return _ID_LIKE.fullmatch(key) is not None or _IDENTIFIER.fullmatch(key) is None


def map_value(shape: Shape, depth: int) -> tuple[Node, str] | None:
    """The values of all keys together and what the keys look like, where the object is a map; else None."""
    if shape.patterns:
        return _joined(shape, depth), "keys of any form"
    keys = shape.keys
    if not keys:
        return None
    kinds = Counter("+".join(k for k in node.kinds if k != "null") for node in keys.values())
    kinds.pop("", None)
    if not kinds or kinds.most_common(1)[0][1] < 0.9 * kinds.total():
        return None
    odd = sum(map(is_data, keys))
    if odd >= 0.8 * len(keys):
        return _joined(shape, depth), _form(list(keys))
    optional = sum(node.count < shape.count for node in keys.values())
    if len(keys) >= 12 and optional >= 0.9 * len(keys) and _alike(shape):
        return _joined(shape, depth), "keys of any form"
    return None


def _alike(shape: Shape) -> bool:
    """Whether the values under all keys have one form: scalars of one kind, or objects that share their keys."""
    sets = []
    for node in shape.keys.values():
        objects = node.kind("object")
        if isinstance(objects, Objects):
            sets.append(frozenset(objects.whole().keys))
    return not sets or len(frozenset.intersection(*sets)) * 2 >= len(frozenset.union(*sets))


def _joined(shape: Shape, depth: int) -> Node:
    joined = Node(Scope(), "", depth + 1)
    for node in (*shape.keys.values(), *shape.patterns.values()):
        joined.merge(node)
    return joined


def _form(keys: list[str]) -> str:
    """What the keys look like, in words."""
    if all(key.isdigit() for key in keys):
        return "keys are numbers"
    if all(re.fullmatch(r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}", key) for key in keys):
        return "keys are UUIDs"
    if all(re.fullmatch(r"[0-9a-fA-F]+", key) for key in keys):
        return "keys are hexadecimal ids"
    return "keys are ids"


def is_tuple(lists: Lists) -> bool:
    """Whether each place of the list has a schema of its own."""
    if lists.places is None or not 2 <= len(lists.places) <= 8 or lists.count < 5:
        return False
    kinds = {tuple(kind for kind in place.kinds if kind != "null") for place in lists.places} - {()}
    return len(kinds) > 1


def fixed_length(lists: Lists) -> int | None:
    """The one length of the lists where it is kept, else None."""
    if lists.lengths is None or len(lists.lengths) != 1 or lists.count < 20:
        return None
    length = next(iter(lists.lengths))
    return length if 2 <= length <= 4 else None


@dataclass(frozen=True, slots=True)
class Union:
    """Objects that fall apart by a tag."""

    tag: str
    branches: dict[str, Shape]
    """By the tag's value."""
    rest: Shape | None
    """Objects of tags too rare for a branch."""


def union_of(objects: Objects) -> Union | None:
    """The union where the objects are one, else None."""
    tags = [tag for tag in objects.variants if tag is not None]
    if not objects.split or len(tags) < 2 or objects.count < 20 or None in objects.variants:
        return None
    if len({key for key, _ in tags}) != 1:
        return None
    tag = tags[0][0]
    branches = {value: objects.variants[tag, value] for _, value in tags}
    frequent = {value: shape for value, shape in branches.items() if shape.count >= 3}
    rare = [shape for value, shape in branches.items() if shape.count < 3]
    if len(frequent) < 2:
        return None
    every = Counter(key for shape in branches.values() for key in shape.keys)
    whole_count = objects.count
    totals: Counter[str] = Counter()
    for shape in branches.values():
        for key, node in shape.keys.items():
            totals[key] += node.count
    optional = [key for key, count in totals.items() if count < whole_count]
    differing = _differing(frequent) - {tag}
    if optional:
        settled = sum(
            all(key not in shape.keys or shape.keys[key].count == shape.count for shape in frequent.values())
            for key in optional
        )
        exclusive = sum(every[key] == 1 for key in optional)
        if (settled < 0.6 * len(optional) or exclusive < 2) and not differing:
            return None
    elif not differing:
        return None
    rest = None
    for shape in rare:
        rest = rest or Shape(objects.node)
        rest.merge(shape)
    return Union(tag, frequent, rest)


def _differing(branches: dict[str, Shape]) -> set[str]:
    """Keys whose objects have hardly a key in common from branch to branch: `{method, params}` and its like."""
    found: set[str] = set()
    for key in {key for shape in branches.values() for key in shape.keys}:
        sets = []
        for shape in branches.values():
            objects = shape.keys[key].kind("object") if key in shape.keys else None
            if isinstance(objects, Objects):
                sets.append(set(objects.whole().keys))
        if len(sets) < 2:
            continue
        shared, union = set.intersection(*sets), set.union(*sets)
        if len(union) >= 3 and len(shared) * 2 < len(union):
            found.add(key)
    return found
