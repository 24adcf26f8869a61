"""The questions that the rules ask of evidence: is it an enum, a map, a tuple, a union? See `infer.schema.rules`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from math import comb
from typing import Final

import msgspec

from infer.schema.evidence import Strings
from infer.schema.graph import Form, Place, Tag, Type, any_contradict, kinds_of
from infer.schema.keys import ANY, form_of, is_identifier, words_of
from infer.schema.tags import LONGEST
from infer.schema.words import singular, words
from infer.templates import template_of

_CASE_WORDS: Final = """
type kind status state action mode level category role phase reason event method op operation severity priority format
direction visibility source scope side stage style theme unit variant command cmd encoding protocol
"""
_CASES: Final = frozenset(_CASE_WORDS.split())
"""Last words of names whose values are cases: the vocabulary of published APIs."""
_DATA_WORDS: Final = """
name login ref color colour symbol ticker asset instrument market pair id label value version path file filename locale timezone currency country language
lang charset cipher algorithm origin host domain mime sha branch tag code model brand room channel topic text key
"""
_DATA: Final = frozenset(_DATA_WORDS.split())
"""Last words of names whose values are data, however few were seen."""
_MEDIA: Final = re.compile(r"(?:application|audio|font|image|message|model|multipart|text|video)/")
"""How media types begin (RFC 6838): a registry has thousands, however few were seen."""
_NUMBERED: Final = frozenset(("build", "firmware", "release", "revision", "version"))
"""Last words of names whose values are numbered: of four numbers some may be an address, too."""
_MEMBERS: Final = 32
_FORMATTED: Final = 5
"""Strings that have a format, for it to be no accident: where there are links or addresses, some are left empty."""
_STRICT: Final = ("date", "date-time", "uuid")
"""Formats that nobody writes by accident: the first string shows them."""
PASSING: Final = 10
"""Samples from which an event's own evidence outweighs what other events tell of a key."""
_ALIKE: Final = 8
"""Texts of one template (`dev-{id}`) from which they are data: a program numbers no more of its own."""
_CODE: Final = 5
"""Characters of a key that was drawn by chance, at least."""
_ALONE: Final = 0.5
"""Members that only one session showed, for each session: what each session adds to, the next one will too."""
_CHANCE: Final = 0.05
"""Probability below which it is no chance that one branch alone was seen with a key, or each with one kind of values."""


def shared_format(strings: Strings, name: str) -> str | None:
    """The format of the strings under that name where they have one."""
    if strings.format == "ipv4" and _last(name) in _NUMBERED:
        return None
    enough = strings.format in _STRICT or strings.count >= _FORMATTED
    return strings.format if strings.format and enough else None


def may_be_enum(strings: Strings, name: str) -> bool:
    """Whether the strings are of the kind that an enum's are."""
    values, last = strings.values, _last(name)
    if not values or strings.format or last in _DATA:
        return False
    if last not in _CASES and any("/" in value for value in values):  # paths of files and modules, zones, repositories
        return False
    return not _are_data(values)


def _are_data(values: Collection[str]) -> bool:
    """Whether there are more of the kind, by what the values look like."""
    return any(map(_MEDIA.match, values)) or bool(_of_many(values))


def _of_many(texts: Iterable[str]) -> set[str]:
    """Those that are of one template with many others."""
    templates = {text: template_of(text) for text in texts}
    many = {template for template, count in Counter(templates.values()).items() if template is not None and count >= _ALIKE}
    return {text for text, template in templates.items() if template in many}


def _last(name: str) -> str:
    """The last word of a name, which tells what it is about; of one of them where it is the name of many."""
    return singular((words(name) or ("",))[-1])


def enum_members(place: Place) -> list[str] | None:
    """The members where the strings at a place are an enum's, else None."""
    values, name = place.strings.values or {}, place.name
    if not 2 <= len(values) <= _MEMBERS:
        return None
    samples, once, sessions = (6, 0.20, 2) if _last(name) in _CASES else (20, 0.05, 3)
    count = place.strings.count
    # of what was seen once the share tells how much was never seen (Good and Turing)
    if count < samples or sum(value.count == 1 for value in values.values()) > once * count:
        return None
    if len({session for value in values.values() for session in value.sessions}) < sessions:
        return None
    if sum(len(value.sessions) == 1 for value in values.values()) > _ALONE * place.sessions:
        return None
    return sorted(values)


def passing_keys(kinds: Iterable[Type]) -> set[str]:
    """Keys that come and go in most of the types that have them, and in several: those of an envelope that events share."""
    sometimes: Counter[str] = Counter()
    always: Counter[str] = Counter()
    for kind in kinds:
        if kind.count > 1:
            for key, count in kind.present.items():
                (always if count == kind.count else sometimes)[key] += 1
    return {key for key in sometimes if sometimes[key] > max(1, always[key])}


def map_words(kind: Type) -> str | None:
    """What the keys look like, in words, where they are data; None where the object is no map."""
    keys = kind.keys
    patterns = {pattern for form in kind.forms.values() for pattern in form.patterns}
    if not keys and not patterns:
        return None
    if ANY in patterns or _is_open(kind):
        return "keys of any form"
    places = [place for found in keys.values() for place in found]
    behind = [place.found() for form in kind.forms.values() for place in form.patterns.values()]
    if _alike((*places, *behind)) < 0.9:
        return None
    forms = {form_of(key) for key in keys} | patterns
    present = kind.present
    data = _that_are_data(keys)
    if behind:  # an id may look like a word by chance
        data |= {key for key, found in keys.items() if present[key] < kind.count or (_overlap((*found, *behind)) or 0) >= 0.9}
        forms.discard(None)
    if len(data) >= 0.8 * len(keys):
        return _of_form(forms)
    optional = sum(count < kind.count for count in present.values())
    if optional < 0.9 * len(keys):
        return None
    overlap = _overlap(places)
    if len(keys) >= 12 and (overlap is None or overlap >= 0.5):
        return "keys of any form"
    records = sum(_overlap(found) is not None for found in keys.values())
    return "keys of any form" if records >= 4 and (overlap or 0) >= 0.9 else None


def _alike(places: Iterable[Place]) -> float:
    """The share of places where there are values of the kind that most have."""
    found = [kinds for place in places if (kinds := place.kinds - {"null"})]
    most = Counter(kind for kinds in found for kind in kinds).most_common(1)
    return most[0][1] / len(found) if most else 1


def _is_open(kind: Type) -> bool:
    """Whether the next key to be met is as likely a new one: of keys met once the share tells (Good and Turing)."""
    present = kind.present.values()
    return kind.count >= 10 and len(present) >= 12 and sum(count == 1 for count in present) >= 0.5 * sum(present)


def _that_are_data(keys: Iterable[str]) -> set[str]:
    """Those that no program chose, by what they look like."""
    keys = set(keys)
    return _of_many(keys) | _drawn(keys) | {key for key in keys if form_of(key) is not None or not is_identifier(key)}


def _drawn(keys: Iterable[str]) -> set[str]:
    """Those that were drawn by chance, by what many of one length have in common: that digits stand anywhere among letters.

    One alone might be a name (`h264`, `b2b`); what is numbered has its digits in one place.
    """
    lengths: dict[int, list[str]] = {}
    for key in keys:
        if len(key) >= _CODE and key.isascii() and key.isalnum():
            lengths.setdefault(len(key), []).append(key)
    found: set[str] = set()
    for alike in lengths.values():
        arranged = {key: "".join("9" if character.isdigit() else "a" for character in key) for key in alike}
        mixed = [form for form in arranged.values() if "9" in form and "a" in form]
        if len(mixed) >= max(_ALIKE, 0.75 * len(alike)) and len(set(mixed)) > _ALIKE / 2:
            found.update(alike)
    return found


def _overlap(places: Iterable[Place]) -> float | None:
    """The share of keys that the objects at all places have in common; None where there are no objects."""
    sets = [set(place.type.keys) for place in places if place.type is not None and place.type.values is None]
    sets = [keys for keys in sets if keys]
    return len(set.intersection(*sets)) / len(set.union(*sets)) if sets else None


def _of_form(forms: set[str | None]) -> str:
    """What keys of these forms look like."""
    known = sorted({words_of(form) for form in forms if form is not None})
    return f"keys are {' or '.join(known)}" if known and None not in forms else "keys of any form"


def is_tuple(place: Place) -> bool:
    """Whether each position of the lists has a schema of its own."""
    if not place.positions or place.lists < 5:
        return False
    kinds = {tuple(sorted(position.found().kinds - {"null"})) for position in place.positions} - {()}
    return len(kinds) > 1


def fixed_length(place: Place) -> int | None:
    """The one length of the lists where it is kept, else None."""
    if place.lengths is None or len(place.lengths) != 1 or place.lists < 20:
        return None
    length = next(iter(place.lengths))
    return length if 2 <= length <= 4 else None


class Union(msgspec.Struct, frozen=True):
    """Objects that fall apart by a tag."""

    tag: str
    branches: dict[str, Form]
    """By the tag's value."""
    rare: dict[Tag, Form]
    """Those of tags too rare for a branch, or that must not be let out, and those without the tag."""
    rest: Form | None
    """Those that were put together: of rare tags, of what is no tag, such as null, and those without."""
    tags: Place
    """All that stands under the tag's key."""

    @property
    def tagged(self) -> list[Form]:
        """The forms of which some objects have the tag's key."""
        forms = [*self.branches.values()] if self.rest is None else [*self.branches.values(), self.rest]
        return [form for form in forms if self.tag in form.keys]

    @property
    def is_open(self) -> bool:
        """Whether there are tags that were not met, for they are data: of channels and topics there are ever more."""
        return not may_be_enum(self.tags.strings, self.tag)

    def others(self, members: list[str]) -> list[str]:
        """Those of the members that have no branch."""
        return [member for member in members if member not in self.branches]


_FULL: Final = 0.5
"""Share of the keys of its type that an object has on average, for the type to be what decides on its keys."""
_BRANCH: Final = 3
"""Objects that show what those of a tag have in common."""
REST: Final = ""
"""Stands for the tags that are too rare; no tag is empty."""


def union_of(kind: Type) -> Union | None:
    """The union where the objects are one, else None."""
    asked: Counter[str] = Counter()
    for tag, form in kind.forms.items():
        if tag is not None:
            asked[tag[0]] += form.count
    if not kind.split or not asked:
        return None
    key = min(asked, key=lambda each: (-asked[each], each))
    told = {tag[1]: form for tag, form in kind.forms.items() if tag is not None and tag[0] == key}
    rest = told.pop(REST, None)
    frequent = {value: form for value, form in told.items() if form.count >= _BRANCH}
    untold: dict[Tag, Form] = {tag: form for tag, form in kind.forms.items() if tag is None or tag[0] != key}
    rare: dict[Tag, Form] = {**untold, **{(key, value): form for value, form in told.items() if form.count < _BRANCH}}
    if len(frequent) < 2 or any(_may_hide(form, key, told.keys()) for form in untold.values()):
        return None
    without = kind.count - kind.present[key]
    if 2 * without > kind.count:
        return None
    tags = Place([node for form in kind.forms.values() if key in form.keys for node in form.at(key).nodes])
    # objects without the tag are what they are, and tell nothing of what the tag does
    judged = frequent.values() if without else kind.forms.values()
    apart = _settles(frequent.values(), judged) or _differ(frequent) or _change_kinds(frequent.values())
    return Union(key, frequent, rare, rest, tags) if apart else None


def _settles(frequent: Collection[Form], judged: Collection[Form]) -> bool:
    """Whether most keys that come and go do so with the branches, and some of them in some branches only."""
    present: Counter[str] = Counter()
    for form in judged:
        present.update(form.present)
    count = sum(form.count for form in judged)
    optional = [key for key in present if present[key] < count]
    settled = [key for key in optional if _settled(key, frequent)]
    telling = sum(0 < sum(key in form.keys for form in frequent) < len(frequent) for key in settled)
    return telling >= 2 and len(settled) >= 0.6 * len(optional)


def _settled(key: str, branches: Collection[Form]) -> bool:
    """Whether each branch has the key always or never, or one alone has it, and that by no chance."""
    having = [form for form in branches if key in form.keys]
    if all(form.present[key] == form.count for form in having):
        return True
    share = having[0].count / sum(form.count for form in branches)
    return len(having) == 1 and share ** having[0].present[key] < _CHANCE


def _filled(kinds: Collection[Type]) -> float:
    """The share of the keys of their form that objects have; those with tags of their own are of several forms."""
    forms = [form for kind in kinds for form in kind.forms.values()]
    return sum(sum(form.present.values()) for form in forms) / sum(form.count * len(form.keys) for form in forms)


def _may_hide(untold: Form, key: str, tags: AbstractSet[str]) -> bool:
    """Whether objects that were not told apart may have one of the tags all the same, as those with very many keys."""
    if key not in untold.keys:
        return bool(untold.patterns)
    values = untold.at(key).strings.values
    return bool(untold.patterns or len(untold.keys) > LONGEST) if values is None else not tags.isdisjoint(values)


def _change_kinds(branches: Collection[Form]) -> bool:
    """Whether the tag gives one key in four another kind, as that of `{op, value}`: one in each branch, and not the same in all.

    In objects of many keys one that is `[]` where it might be `{}` tells no more of them than that.
    """
    keys = {key for form in branches for key in form.keys}
    changing = sum(_changes_kind([form.at(key) for form in branches if key in form.keys]) for key in keys)
    return bool(changing) and 4 * changing >= len(keys)


def _changes_kind(places: Collection[Place]) -> bool:
    """Whether there is one kind at each of the places, not the same at all, and that is no chance: of as many ways to deal them."""
    if any(len(place.kinds - {"null"}) > 1 for place in places) or not any_contradict(places):
        return False
    counts: Counter[object] = Counter()
    for place in places:
        if place.kinds - {"null"}:
            counts[kinds_of([place])] += place.count
    total, most = counts.total(), max(counts.values())
    # of many there is no need to ask: there are as many ways at least, and their number has as many digits
    return most < total and (total * _CHANCE > 1 or comb(total, most) * _CHANCE > 1)


def tell_themselves(kinds: Iterable[Type]) -> bool:
    """Whether all objects have one tag of their own, and need no other to tell them apart."""
    own = {tag and tag[0] for kind in kinds for tag in kind.forms}
    return len(own) == 1 and None not in own


def _differ(branches: dict[str, Form]) -> bool:
    """Whether a key's objects, or those in its lists, have hardly a key in common from branch to branch, as those of `{method, params}`.

    Where an object has few of the keys of its branch, as labels and options do, it is not the tag that decides on them.
    """
    for key in {key for form in branches.values() for key in form.keys}:
        kinds = [form.at(key).objects for form in branches.values() if key in form.keys]
        found = [kind for kind in kinds if kind is not None and kind.keys and kind.count >= _BRANCH]
        if len(found) < 2 or tell_themselves(found):
            continue
        sets = [set(kind.keys) for kind in found]
        shared, union = set.intersection(*sets), set.union(*sets)
        if len(union) >= 3 and len(shared) * 2 < len(union) and _filled(found) >= _FULL:
            return True
    return False
