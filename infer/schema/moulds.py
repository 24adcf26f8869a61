"""Payloads of a kind that was seen before, decoded and counted without a look at what is settled.

A mould is made from the evidence of a list of arguments: a type for msgspec's decoder, which takes exactly the texts that
show no new key, kind, tag or length of the list, and a function that looks at what is still open in what it decoded.
Everything else that a payload adds is known beforehand, one more of each kind in this session, but for what comes and
goes: optional keys, items, variants, values of maps. Each of those is a `_Site`, whose payloads are counted; `settle`
multiplies.

The law: once settled, the evidence is that of the plain way (`Node.add_object` of what a JSON parser gives), to the byte.
What a mould does not take it refuses before anything is counted. It may take less than there was: of variants and of forms
of keys that no one type takes together it has the usual ones.

msgspec and orjson take the same texts for JSON and give the same values, save integers beyond 64 bits, which a mould
refuses. The function is compiled from source that holds nothing from traffic: keys, tags and evidence are reached through
names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial, reduce
from operator import or_
from typing import Annotated, Any, Final, Literal
from weakref import WeakValueDictionary

import msgspec

from infer.model import Json
from infer.schema.formats import LOOKS
from infer.schema.keys import exclusive
from infer.schema.lists import Lists
from infer.schema.node import Kind, Node
from infer.schema.objects import Objects
from infer.schema.plans import WIDEST
from infer.schema.scalars import Numbers, Strings
from infer.schema.shapes import Shape
from infer.schema.sources import CAP, Sources
from infer.schema.tags import telling

REFUSED: Final = (msgspec.DecodeError, UnicodeEncodeError, RecursionError)
"""What a decoder raises at a text that it does not take."""
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

_BEYOND: Final = re.compile(r"[\[:,][ \t\r\n]*-?[0-9]{19}")
"""A number of so many digits may be."""
_PLACE: Final = re.compile(r"`\$\[([0-9]{1,9})\]")
"""Where in a list of documents msgspec says that one is not as it should be. Were it to say it otherwise, it would be searched for."""
_UNNAMEABLE: Final = re.compile(r'["\\\x00-\x1f]')
"""What msgspec takes in no name."""

Type = Any
_OBJECTS: Final[WeakValueDictionary[Any, Type]] = WeakValueDictionary()
Lines = list[str]
Tag = tuple[str, str] | None


class _Site:
    """What comes as often as something comes that is not in every payload."""

    __slots__ = ("counted", "nodes", "seen", "sessions", "total")

    def __init__(self) -> None:
        self.total = 0
        self.sessions = Sources()
        self.seen: list[int] = []
        """Sessions that are not in `sessions` yet: most sites are seen in the same, and adding many at once is done once for all."""
        self.counted: list[Kind] = []
        self.nodes: list[Node] = []

    def gather(self) -> None:
        """Have all sessions in `sessions`."""
        self.sessions.add_all(self.seen)
        self.seen = []


class Mould:
    """See the module. `visit` takes what `decode` gave."""

    __slots__ = ("_asked", "_counts", "_is_short", "_sites", "decode", "decode_lines", "ends_in_text", "visit")

    def __init__(self, name: str | None, slots: Sequence[Node], worth: int) -> None:
        """Of events of that name, which stands before their arguments; without one, of acknowledgements.

        It makes no more sites than what was seen is worth: one for each of `worth` payloads, and for every `PAYS` values.
        """
        made = _Maker(worth)
        root = made.site()
        fields: list[tuple[str, Type]] = [] if name is None else [("name", Literal[name])]
        lines: Lines = []
        for number, slot in enumerate(slots):
            kind, visiting = made.value(slot, root, f"v.a{number}")
            fields.append((f"a{number}", kind))
            lines += visiting
        struct = msgspec.defstruct("Payload", fields, array_like=True, forbid_unknown_fields=True, gc=False)
        decoder = msgspec.json.Decoder(struct)
        self.decode: Callable[[str], Any] = decoder.decode
        self.decode_lines: Callable[[str], list[Any]] = decoder.decode_lines
        """Of many texts, a line each: see `infer.schema.slots.Args.add_texts` for when each is one by itself."""
        if made.takes_plainly:
            self.decode = partial(_decoded_within, decoder.decode)
            self.decode_lines = partial(_decoded_within, decoder.decode_lines)
        self.visit: Callable[[Any], None] = made.function(lines)
        self.ends_in_text = bool(slots) and slots[-1].kind("string") is not None
        """Whether the last argument may be a string."""
        self._sites = made.sites
        self._counts = made.counts
        self._asked = made.asked
        self._is_short = made.is_short

    @property
    def is_outdated(self) -> bool:
        """Whether one that is made now would do with much less than this one, or take in more by itself."""
        closed = sum(questions != strings.questions for strings, questions in self._asked)
        return self._is_short or closed * RARE > len(self._asked)

    def turn_from(self, session: int) -> None:
        """What was visited since the last turn was seen in that session."""
        counts = self._counts
        for number, site in enumerate(self._sites):
            if counts[number]:
                site.total += counts[number]
                counts[number] = 0
                site.seen.append(session)
                if len(site.seen) == CAP:
                    site.gather()

    def settle(self, session: int) -> int:
        """Put what was counted where it belongs, up to now seen in that session; how many payloads that were."""
        self.turn_from(session)
        payloads = self._sites[0].total
        for site in self._sites:
            if site.total:
                site.gather()
                for kind in site.counted:
                    kind.count += site.total
                for node in site.nodes:
                    node.sources.merge(site.sessions)
                site.total, site.sessions = 0, Sources()
        return payloads


def refused_at(error: Exception) -> int | None:
    """The position of the text that one of many was refused for, where the decoder tells."""
    told = _PLACE.search(str(error))
    return None if told is None else int(told[1])


class Payload(Sequence[Json]):
    """Arguments that a mould has decoded and that were not counted yet: to whoever asks, the values that their text gives."""

    __slots__ = ("_args", "_text", "mould", "value")

    def __init__(self, mould: Mould, value: Any, text: str) -> None:
        """What the mould made of an event, given as the JSON of its name and arguments."""
        self.mould = mould
        self.value = value
        self._text = text
        self._args: list[Json] | None = None

    @property
    def args(self) -> list[Json]:
        """All of them."""
        if self._args is None:
            self._args = msgspec.json.decode(self._text)[1:]
        return self._args

    def __getitem__(self, index: Any) -> Any:
        return self.args[index]

    def __len__(self) -> int:
        return len(self.args)

    def __reduce__(self) -> tuple[type[list[Json]], tuple[list[Json]]]:
        return list, (self.args,)


class _Maker:
    """Makes types, and the lines of the function that visits them."""

    def __init__(self, worth: int) -> None:
        self._worth = worth
        self.is_short = False
        """Whether there was not enough to make more sites for."""
        self.asked: list[tuple[Strings, int]] = []
        """Strings of which something is open, with how much."""
        self.sites: list[_Site] = []
        self.counts: list[int] = []
        self.takes_plainly = False
        """Whether there are values of any type."""
        self._names: dict[str, Any] = {"UNSET": msgspec.UNSET, "c": self.counts}
        self._numbers = 0

    def site(self) -> _Site:
        """A new one. Errors: `_Odd` where there may be none."""
        if len(self.sites) >= min(self._worth, MOST):
            self.is_short |= len(self.sites) < MOST
            raise _Odd
        site = _Site()
        self.sites.append(site)
        self.counts.append(0)
        return site

    def function(self, lines: Lines) -> Callable[[Any], None]:
        """The function of the payload `v` with these lines, which counts it at the first site."""
        source = "\n    ".join(["def visit(v):", "c[0] += 1", *lines])
        exec(compile(source, "<mould>", "exec"), self._names)  # noqa: S102 (see the module: nothing from traffic is in it)
        visit: Callable[[Any], None] = self._names.pop("visit")  # or the two would hold each other
        return visit

    def value(self, node: Node, site: _Site, at: str) -> tuple[Type, Lines]:
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
                    f"if {local} is None: {self._count(null)}",
                    "else:",
                    f"    {self._count(other)}",
                    *_indented(lines),
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
        return Any, [f"{self._name(node.add_object)}({at})"]

    def _kind(self, node: Node, name: str, site: _Site, at: str) -> tuple[Type, Lines]:
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
            return [f"if {at} not in {self._name(strings.done)}: {self._name(strings.look_at)}({at})"]
        if strings.check is None:
            return []
        refuse = self._name(strings.refuse_format)
        if strings.format in LOOKS:  # no surrogate, which would not encode, gets through the decoder
            table, looks = LOOKS[strings.format]
            return [f"if {at}.encode().translate({self._name(table)}) != {self._name(looks)}: {refuse}()"]
        return [f"if not {self._name(strings.check)}({at}): {refuse}()"]

    def _lists(self, lists: Lists, at: str) -> tuple[Type, Lines]:
        if lists.places is not None:
            raise _Odd
        length = self._local()
        lines = [f"{length} = len({at})"]
        if lists.lengths is not None:
            known = self._name(lists.lengths)  # which is no longer looked at once there are too many
            lines += [f"if {length} in {known}: {known}[{length}] += 1", f"else: {self._name(lists.note_length)}({length})"]
        if not lists.items.kinds:
            return _EMPTY, lines
        items, item = self.site(), self._local()
        kind, visiting = self.value(lists.items, items, item)
        lines.append(self._count(items, length))
        if visiting:
            lines += [f"for {item} in {at}:", *_indented(visiting)]
        return list[kind], lines  # type: ignore[valid-type]

    def _objects(self, objects: Objects, site: _Site, at: str) -> tuple[Type, Lines]:
        variants = _usual(objects)
        if len(variants) == 1:
            tag, shape = next(iter(variants.items()))
            return self._shape(shape, tag, site, at, split=objects.split)
        local = self._local()
        kinds: list[Type] = []
        lines = [f"{local} = type({at})"]
        for tag, shape in variants.items():
            own = self.site()
            kind, visiting = self._shape(shape, tag, own, at, split=True)
            lines += [f"{'el' if kinds else ''}if {local} is {self._name(kind)}:", f"    {self._count(own)}", *_indented(visiting)]
            kinds.append(kind)
        return reduce(or_, kinds), lines

    def _shape(self, shape: Shape, tag: Tag, site: _Site, at: str, *, split: bool) -> tuple[Type, Lines]:
        """Objects of a variant, which are told apart by tags where they are `split`."""
        if shape.patterns:
            return self._map(shape, tag, site, at, split=split)
        if len(shape.keys) > WIDEST or (split and not _told_by(shape, tag)) or any(map(_UNNAMEABLE.search, shape.keys)):
            raise _Odd
        required: list[tuple[str, Type]] = []
        optional: list[tuple[str, Type, Any]] = []
        names: dict[str, str] = {}
        lines: Lines = []
        for number, (key, node) in enumerate(shape.keys.items()):
            field = f"f{number}"
            if tag is not None and key == tag[0]:
                lines += self._tag(node, tag[1], site)
                continue
            names[field] = key
            if node.count == shape.count:
                local = self._local()
                kind, visiting = self.value(node, site, local)
                required.append((field, kind))
                lines += [f"{local} = {at}.{field}", *visiting] if visiting else []
            else:
                own, local = self.site(), self._local()
                kind, visiting = self.value(node, own, local)
                optional.append((field, kind | msgspec.UnsetType, msgspec.UNSET))
                lines += [f"{local} = {at}.{field}", f"if {local} is not UNSET:", f"    {self._count(own)}", *_indented(visiting)]
        site.counted.append(shape)
        return _object(required, optional, names, tag), lines

    def _tag(self, node: Node, value: str, site: _Site) -> Lines:
        """The key that holds the tag: always that string."""
        strings = node.kind("string")
        assert isinstance(strings, Strings)
        site.nodes.append(node)
        site.counted.append(strings)
        return self._string(strings, self._name(value))

    def _map(self, shape: Shape, tag: Tag, site: _Site, at: str, *, split: bool) -> tuple[Type, Lines]:
        """Objects whose keys are data of the usual form: those with any other are few."""
        pattern, node = max(shape.patterns.items(), key=lambda item: item[1].count)
        others = sum(other.count for other in (*shape.patterns.values(), *shape.keys.values()) if other is not node)
        keys = exclusive(pattern)
        if tag is not None or keys is None or others * RARE > shape.count or (split and "string" in node.kinds):
            raise _Odd
        values, local = self.site(), self._local()
        kind, visiting = self.value(node, values, local)
        site.counted.append(shape)
        lines = [self._count(values, f"len({at})")]
        if visiting:
            lines += [f"for {local} in {at}.values():", *_indented(visiting)]
        return dict[Annotated[str, msgspec.Meta(pattern=keys)], kind], lines  # type: ignore[valid-type]

    def _count(self, site: _Site, number: str = "1") -> str:
        return f"c[{self.sites.index(site)}] += {number}"

    def _local(self) -> str:
        self._numbers += 1
        return f"v{self._numbers}"

    def _name(self, value: Any) -> str:
        self._numbers += 1
        name = f"g{self._numbers}"
        self._names[name] = value
        return name


def _object(required: list[tuple[str, Type]], optional: list[tuple[str, Type, Any]], names: dict[str, str], tag: Tag) -> Type:
    """The type of objects with those fields: the same one wherever they are the same.

    Moulds are made again and again, and msgspec holds on to the types that it has told apart by tags.
    """
    alike = tuple(required), tuple(optional), tuple(names.items()), tag
    made = _OBJECTS.get(alike)
    if made is None:
        how: dict[str, Any] = {} if tag is None else {"tag_field": tag[0], "tag": tag[1]}
        made = _OBJECTS[alike] = msgspec.defstruct(
            "Object", [*required, *optional], kw_only=True, gc=False, forbid_unknown_fields=True, rename=names, **how
        )
    return made


def _decoded_within(decode: Callable[[str], Any], text: str) -> Any:
    """What that decoder, some of whose types bound no number, gives; integers that may be beyond 64 bits are refused."""
    if _BEYOND.search(text):
        raise msgspec.DecodeError
    return decode(text)


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


def _indented(lines: Lines) -> Lines:
    return [f"    {line}" for line in lines]
