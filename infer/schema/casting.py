"""Moulds (`infer.schema.moulds`) made of evidence: a type for msgspec's decoder, and the source of what visits its values.

What comes and goes below a place has a `Site` each. The source holds nothing from traffic: keys, tags and evidence are
reached through names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial, reduce
from itertools import zip_longest
from operator import or_
from types import CodeType
from typing import Annotated, Any, Final
from weakref import WeakValueDictionary

import msgspec

from infer.schema.formats import LOOKS
from infer.schema.keys import FORMS, are_of
from infer.schema.lists import Lists
from infer.schema.node import Kind, Node
from infer.schema.objects import Objects
from infer.schema.plans import WIDEST
from infer.schema.scalars import Numbers, Strings
from infer.schema.shapes import Shape
from infer.schema.sources import Sources
from infer.schema.tags import telling

MOST: Final = 4_096
"""Sites of a mould; what stands below further ones is taken in plainly."""
PAYS: Final = 32
"""Values that cost as much to take in plainly as a site to make."""
DEEPEST: Final = 16
"""Levels of a mould; what stands deeper is taken in plainly. Python nests no more than 20 loops."""
RARE: Final = 8
"""What only one object in so many shows is left out of a mould, for others to be taken in by it; it will refuse the one."""
_INTEGER: Final = Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)]
_EMPTY: Final = Annotated[list[Any], msgspec.Meta(max_length=0)]
_UNNAMEABLE: Final = re.compile(r'["\\\x00-\x1f]')
"""What msgspec takes in no name."""

Type = Any
_OBJECTS: Final[WeakValueDictionary[Any, Type]] = WeakValueDictionary()
Lines = list[Any]
"""Source: a line, a block that belongs to the line before it, or what is done (None: nothing) in each way to go through payloads."""
_VISIT, _ASK_AGAIN, _KEYS = range(3)
_NAMES: Final = re.compile(r"\b(?:g[0-9]+|UNSET|c)\b")
Tag = tuple[str, str] | None


class Site:
    """What comes as often as something comes that is not in every payload."""

    __slots__ = ("counted", "nodes", "number", "sessions", "total")

    def __init__(self, number: int) -> None:
        self.number = number
        self.total = 0
        self.sessions = Sources()
        self.counted: list[Kind] = []
        self.nodes: list[Node] = []

    def add(self, total: int, sessions: Sequence[int]) -> None:
        """It came that often, in these sessions."""
        self.total += total
        self.sessions.add_all(sessions)

    def settle(self) -> None:
        """Put what was counted where it belongs."""
        for kind in self.counted:
            kind.count += self.total
        for node in self.nodes:
            node.sources.merge(self.sessions)
        self.total, self.sessions = 0, Sources()


class Maker:
    """Makes types, and lines that go through their values."""

    def __init__(self, worth: int) -> None:
        self._worth = worth
        self.is_short = False
        """Whether there was not enough to make more sites for."""
        self.asked: list[tuple[Strings, int]] = []
        """Strings of which something is open, with how much."""
        self.sites: list[Site] = []
        self.counts: list[int] = []
        self.takes_plainly = False
        """Whether there are values of any type."""
        self._names: dict[str, Any] = {"UNSET": msgspec.UNSET, "c": self.counts}
        self._numbers = 0
        self._loops = 0
        self._often: set[int] = set()
        self._looks: dict[str, str] = {}
        self._forms: list[str] = []
        self._lines: Lines = []

    def site(self) -> Site:
        """A new one. Errors: `_Odd` where there may be none."""
        if len(self.sites) >= min(self._worth, MOST):
            self.is_short |= len(self.sites) < MOST
            raise _Odd
        site = Site(len(self.sites))
        self.sites.append(site)
        self.counts.append(0)
        return site

    def function(self, lines: Lines) -> Callable[[Sequence[Any]], bool]:
        """The function of payloads with these lines for each, which counts them at the first site.

        What is counted in loops is counted in its own variables, and whether strings have the formats that are all about
        characters (`LOOKS`) is asked of all together: it tells whether they have. Where not, see `ask_again`.
        """
        self._lines = lines if self._looks else []
        often = sorted(number for number in self._often if number < len(self.sites))
        strings = [f"s{number}" for number in range(len(self._looks))]
        holds = [f"{self._name(_all_look(look))}({name})" for look, name in zip(self._looks, strings, strict=True)]
        before = [f"k{number} = 0" for number in often]
        for name, append in zip(strings, self._looks.values(), strict=True):
            before += [f"{name} = []", f"{append} = {name}.append"]
        after = [f"c[{number}] += k{number}" for number in often]
        loop = ["for v in payloads:", lines] if lines else []
        return self._defined(["c[0] += len(payloads)", *before, *loop, *after, f"return {' and '.join(holds) or True}"], _VISIT)

    def keys_hold(self, lines: Lines) -> Callable[[Sequence[Any]], bool] | None:
        """What tells of decoded payloads whether the keys of each map are of its form; None where there are no maps."""
        if not self._forms:
            return None
        maps = [f"m{number}" for number in range(len(self._forms))]
        holds = [f"{self._name(partial(are_of, form))}({name})" for form, name in zip(self._forms, maps, strict=True)]
        return self._defined([*(f"{name} = []" for name in maps), "for v in payloads:", lines, f"return {' and '.join(holds)}"], _KEYS)

    def ask_again(self, payloads: Sequence[Any]) -> None:
        """Tell each place of which a string has not the format that it had."""
        self._defined(["for v in payloads:", self._lines], _ASK_AGAIN)(payloads)

    def _defined(self, lines: Lines, way: int) -> Callable[[Sequence[Any]], bool]:
        body = "\n".join(_written(lines, way, "    "))
        # as parameters names are found without a search: code that several share (`_compiled`) finds its globals by one
        names = ", ".join(f"{name}={name}" for name in dict.fromkeys(_NAMES.findall(body)))
        source = f"def visit(payloads, {names}):\n{body}"
        exec(_compiled(source), self._names)  # noqa: S102 (see the module: nothing from traffic is in it)
        visit: Callable[[Sequence[Any]], bool] = self._names.pop("visit")  # or the two would hold each other
        return visit

    def value(self, node: Node, site: Site, at: str) -> tuple[Type, Lines]:
        """The type of the values at a node that come at that site, and how to visit one, which the expression `at` gives."""
        self._worth += node.count // PAYS
        kinds = set(node.kinds)
        if kinds == {"null"}:
            site.nodes.append(node)
            return self._kind(node, "null", site, at)
        if len(kinds - {"null"}) != 1 or not kinds <= _KINDS or node.depth > DEEPEST:
            return self._plainly(node, at)
        (name,) = kinds - {"null"}
        before = len(self.sites), len(site.counted), len(site.nodes), len(self.asked)
        try:
            if "null" not in kinds:
                made = self._kind(node, name, site, at)
            else:
                null, other = self.site(), self.site()
                null.counted.append(_kind_of(node, "null"))
                local = self._local()
                kind, lines = self._kind(node, name, other, local)
                made = kind | None, [
                    f"{local} = {at}",
                    f"if {local} is None:",
                    [self._count(null)],
                    "else:",
                    [self._count(other), *lines],
                ]
        except _Odd:
            sites, counted, nodes, asked = before
            del self.sites[sites:], self.counts[sites:], site.counted[counted:], site.nodes[nodes:], self.asked[asked:]
            return self._plainly(node, at)
        site.nodes.append(node)
        return made

    def _plainly(self, node: Node, at: str) -> tuple[Type, Lines]:
        """Whatever it is, the node itself takes it in."""
        self.takes_plainly = True
        return Any, [(f"{self._name(node.add_object)}({at})", None, None)]

    def _kind(self, node: Node, name: str, site: Site, at: str) -> tuple[Type, Lines]:
        kind = _kind_of(node, name)
        if isinstance(kind, Objects):
            made = self._objects(kind, site, at)
        elif isinstance(kind, Lists):
            made = self._lists(kind, at)
        elif isinstance(kind, Strings):
            made = str, self._string(kind, at)
        elif isinstance(kind, Numbers):
            made = (float if kind.fractions else _INTEGER), []
        else:
            made = (bool if name == "boolean" else None), []
        site.counted.append(kind)
        return made

    def _string(self, strings: Strings, at: str) -> Lines:
        if strings.questions:
            self.asked.append((strings, strings.questions))
        if strings.values is not None:
            return [(f"if {at} not in {self._name(strings.done)}: {self._name(strings.look_at)}({at})", None, None)]
        if strings.check is None:
            return []
        asked = f"if not {self._name(strings.check)}({at}): {self._name(strings.refuse_format)}()"
        if strings.format in LOOKS:
            return [(f"{self._looks.setdefault(strings.format, f'a{len(self._looks)}')}({at})", asked, None)]
        return [(asked, None, None)]

    def _lists(self, lists: Lists, at: str) -> tuple[Type, Lines]:
        if lists.places is not None:
            raise _Odd
        length = self._local()
        lines: Lines = [f"{length} = len({at})"]
        if lists.lengths is not None:
            known = self._name(lists.lengths)  # which is no longer looked at once there are too many
            lines.append((f"if {length} in {known}: {known}[{length}] += 1", None, None))
            lines.append((f"else: {self._name(lists.note_length)}({length})", None, None))
        if not lists.items.kinds:
            return _EMPTY, lines
        items, item = self.site(), self._local()
        kind, visiting = self._each(lists.items, items, item)
        lines.append(self._count(items, length))
        if visiting:
            lines += [f"for {item} in {at}:", visiting]
        return list[kind], lines  # type: ignore[valid-type]

    def _objects(self, objects: Objects, site: Site, at: str) -> tuple[Type, Lines]:
        variants = _usual(objects)
        if len(variants) == 1:
            tag, shape = next(iter(variants.items()))
            return self._shape(shape, tag, site, at, split=objects.split)
        local = self._local()
        kinds: list[Type] = []
        lines: Lines = [f"{local} = type({at})"]
        for tag, shape in sorted(variants.items()):
            own = self.site()
            kind, visiting = self._shape(shape, tag, own, at, split=True)
            lines += [f"{'el' if kinds else ''}if {local} is {self._name(kind)}:", [self._count(own), *visiting]]
            kinds.append(kind)
        return reduce(or_, kinds), lines

    def _shape(self, shape: Shape, tag: Tag, site: Site, at: str, *, split: bool) -> tuple[Type, Lines]:
        """Objects of a variant, which are told apart by tags where they are `split`."""
        if shape.patterns:
            return self._map(shape, tag, site, at, split=split)
        if len(shape.keys) > WIDEST or (split and not _told_by(shape, tag)) or any(map(_UNNAMEABLE.search, shape.keys)):
            raise _Odd
        fields: dict[str, tuple[Any, ...]] = {}
        lines: Lines = []
        for number, (key, node) in enumerate(sorted(shape.keys.items())):  # so that what is alike has the same source
            field = f"f{number}"
            if tag is not None and key == tag[0]:
                lines += self._tag(node, tag[1], site)
            elif node.count == shape.count:
                local = self._local()
                kind, visiting = self.value(node, site, local)
                fields[key] = field, kind
                lines += [f"{local} = {at}.{field}", *visiting] if visiting else []
            else:
                own, local = self.site(), self._local()
                kind, visiting = self.value(node, own, local)
                fields[key] = field, kind | msgspec.UnsetType, msgspec.UNSET
                lines += [f"{local} = {at}.{field}", f"if {local} is not UNSET:", [self._count(own), *visiting]]
        site.counted.append(shape)
        # as they come they are found without a search
        return _object({key: fields[key] for key in shape.keys if key in fields}, tag), lines

    def _tag(self, node: Node, value: str, site: Site) -> Lines:
        """The key that holds the tag: always that string."""
        strings = node.kind("string")
        assert isinstance(strings, Strings)
        site.nodes.append(node)
        site.counted.append(strings)
        return self._string(strings, self._name(value))

    def _map(self, shape: Shape, tag: Tag, site: Site, at: str, *, split: bool) -> tuple[Type, Lines]:
        """Objects whose keys are data of the usual form: those with any other are few."""
        pattern, node = max(shape.patterns.items(), key=lambda item: item[1].count)
        others = sum(other.count for other in (*shape.patterns.values(), *shape.keys.values()) if other is not node)
        if tag is not None or pattern not in FORMS or others * RARE > shape.count or (split and "string" in node.kinds):
            raise _Odd
        values, local = self.site(), self._local()
        kind, visiting = self._each(node, values, local)
        site.counted.append(shape)
        if pattern not in self._forms:
            self._forms.append(pattern)
        lines: Lines = [self._count(values, f"len({at})"), (None, None, f"m{self._forms.index(pattern)} += {at}")]
        if visiting:
            lines += [f"for {local} in {at}.values():", visiting]
        return dict[str, kind], lines  # type: ignore[valid-type]

    def _each(self, node: Node, site: Site, at: str) -> tuple[Type, Lines]:
        """As `value`, within a loop."""
        self._loops += 1
        try:
            return self.value(node, site, at)
        finally:
            self._loops -= 1

    def _count(self, site: Site, number: str = "1") -> tuple[str, None, None]:
        if not self._loops:
            return f"c[{site.number}] += {number}", None, None
        self._often.add(site.number)
        return f"k{site.number} += {number}", None, None

    def _local(self) -> str:
        self._numbers += 1
        return f"v{self._numbers}"

    def _name(self, value: Any) -> str:
        self._numbers += 1
        name = f"g{self._numbers}"
        self._names[name] = value
        return name


def _object(fields: dict[str, tuple[Any, ...]], tag: Tag) -> Type:
    """The type of objects with those fields under their keys: the same one wherever they are the same.

    Moulds are made again and again, and msgspec holds on to the types that it has told apart by tags.
    """
    alike = tuple(fields.items()), tag
    made = _OBJECTS.get(alike)
    if made is None:
        how: dict[str, Any] = {} if tag is None else {"tag_field": tag[0], "tag": tag[1]}
        names = {field[0]: key for key, field in fields.items()}
        made = _OBJECTS[alike] = msgspec.defstruct(
            "Object", fields.values(), kw_only=True, gc=False, forbid_unknown_fields=True, rename=names, **how
        )
    return made


class _Odd(Exception):
    """Values that are taken in plainly."""


_KINDS: Final = {"string", "number", "boolean", "null", "object", "array"}


def _kind_of(node: Node, name: str) -> Kind:
    kind = node.kind(name)
    assert kind is not None
    return kind


def _usual(objects: Objects) -> dict[Tag, Shape]:
    """The variants that are told apart by the same key, if others are rare. Errors: `_Odd`."""
    by_key: dict[str | None, dict[Tag, Shape]] = {}
    for tag, shape in objects.variants.items():
        by_key.setdefault(tag and tag[0], {})[tag] = shape
    counts = {key: sum(shape.count for shape in variants.values()) for key, variants in by_key.items()}
    usual = max(counts, key=lambda key: counts[key])
    if (objects.count - counts[usual]) * RARE > objects.count:
        raise _Odd
    return by_key[usual]


def _told_by(shape: Shape, tag: Tag) -> bool:
    """Whether all objects with these keys and kinds are of that tag: no key that is asked earlier can tell otherwise."""
    asked = [key for key in telling(shape.keys) if "string" in shape.keys[key].kinds]
    if tag is None:
        return not asked
    return asked[:1] == [tag[0]] and shape.keys[tag[0]].kinds == ("string",)


def _written(lines: Lines, way: int, indent: str) -> list[str]:
    """Source with that indentation, without loops in which nothing is done."""
    written: list[str] = []
    for line, block in zip_longest(lines, lines[1:]):
        if isinstance(line, list):
            continue
        done = line if isinstance(line, str) else line[way]
        if done is None:
            continue
        if not isinstance(block, list):
            written.append(indent + done)
            continue
        inner = _written(block, way, f"{indent}    ")
        if inner or not done.startswith("for "):
            written += [indent + done, *(inner or [f"{indent}    pass"])]
    return written


@lru_cache(maxsize=16)
def _compiled(source: str) -> CodeType:
    """Events mostly have others like them, and a mould that is made anew is often the same: it takes most of the time."""
    return compile(source, "<mould>", "exec")


def _all_look(name: str) -> Callable[[Sequence[str]], bool]:
    """What tells whether all strings have that format.

    None of them hides a line's end: there would be more lines than there are strings.
    """
    table, looks = LOOKS[name]
    line = looks + b"\n"

    def holds(strings: Sequence[str]) -> bool:  # no surrogate, which would not encode, gets through the decoder
        return "\n".join(strings).encode().translate(table) == (line * len(strings))[:-1]

    return holds
