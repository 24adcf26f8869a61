"""Evidence to JSON Schema (draft 7), for all slots of a document at once, since they share definitions.

The law: a schema accepts every value that its evidence was made of. So nothing is claimed but what all values bear out:
objects stay open, and no bound is taken from a smallest or largest value.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, TypeAlias

import msgspec

from infer.schema.decide import PASSING, Union, fixed_length, is_tuple, passing_keys, shared_format
from infer.schema.examples import Examples
from infer.schema.graph import Form, Place, Type, places_of, walk
from infer.schema.keys import ANY, words_of
from infer.schema.naming import ITEM, VALUE, Path, make_titles_unique, one_of, type_name
from infer.schema.node import Node
from infer.schema.pool import enums, settle
from infer.schema.rules import Rules
from infer.schema.slots import Args
from infer.schema.words import title

Schema: TypeAlias = dict[str, Any]
DRAFT_7: Final = "http://json-schema.org/draft-07/schema#"
EXTENSION: Final = "x-sio-infer"
NOT_LOOKED_INTO: Final = "Nested deeper, or with more in it, than the limits allow: not looked into."
_TEXTUAL: Final = frozenset({"string", "binary", "deeper"})
"""Kinds of values whose schemas may take a string."""
_TURNS: Final = 4
"""Tries for each example that is wanted: many come out alike."""


class Root(msgspec.Struct, frozen=True):
    """A slot to build: its evidence, and the words that name it."""

    evidence: Node | Args
    name: tuple[str, ...]


class Built(msgspec.Struct):
    """The schemas of the slots, by their keys, and what they share, by name."""

    schemas: dict[Hashable, Schema | None] = msgspec.field(default_factory=dict)
    definitions: dict[str, Schema] = msgspec.field(default_factory=dict)
    examples: dict[Hashable, list[Any]] = msgspec.field(default_factory=dict)
    """Of each slot, what its schema accepts: usual ones first."""


def build(roots: Mapping[Hashable, Root], rules: Rules, ref_prefix: str, examples: int = 0) -> Built:
    """The schemas of all roots.

    A list of arguments is None where none was ever given, the argument's schema where there was always one, else a
    tuple; a tuple too where the one argument's schema is that of a tuple itself, and would be taken for theirs. Every root
    and every object has a `title` that nothing else in the result has. References are `ref_prefix` + name of the definition.
    `examples` is how many are wanted of each slot at most.
    """
    places = {key: places_of(root.evidence) for key, root in roots.items()}
    builder = _Builder(rules, ref_prefix, [place for each in places.values() for place in each])
    for key, root in roots.items():
        for place, path in builder.slots(places[key], root):
            builder.find_paths(place, path)
    builder.name_types([root.name for root in roots.values()])
    built = Built()
    for key, root in roots.items():
        schema = builder.root(places[key], root)
        built.schemas[key] = None if schema is None else {"title": title(root.name), **schema}
        built.examples[key] = builder.examples(places[key], root, examples)
    built.definitions = builder.definitions()
    schemas = [schema for schema in built.schemas.values() if schema is not None and "$ref" not in schema]
    tops = [part for schema in schemas for part in _titled(schema)]
    below = [part for schema in built.definitions.values() for part in _titled(schema) if part is not schema]
    make_titles_unique([*tops, *below], built.definitions)
    return built


class _Builder:
    """Decides on the whole document once, then writes schema by schema."""

    def __init__(self, rules: Rules, ref_prefix: str, tops: list[Place]) -> None:
        self.rules = rules
        self.ref_prefix = ref_prefix
        self.unions = settle(tops, rules)
        self.tops = {top.found().type for top in tops}
        self.passing = passing_keys([kind for kind in self.tops if kind is not None])
        self.enums = enums(tops, rules, self.unions.values()) if rules.on("enum") and rules.values else {}
        self.paths: dict[Type, list[Path]] = {}
        """Where each type stands; what stands in it is looked at once."""
        self.names: dict[Type, str] = {}
        """Of types that are definitions."""

    def find_paths(self, top: Place, path: Path) -> None:
        """Note where the types of a slot stand."""
        waiting = [(top, path)]
        while waiting:
            place, at = waiting.pop()
            if "deeper" in place.kinds:
                continue
            kind = place.type
            inner = list(self._items(place, at))
            if kind is not None:
                if kind not in self.paths:
                    inner += self._members(kind, at)
                self.paths.setdefault(kind, []).append(at)
            waiting += reversed(inner)

    def name_types(self, roots: Collection[Path]) -> None:
        """Make definitions of types that stand in several places (which those that hold themselves do).

        What a slot is itself is called as the slot, unless another type is.
        """
        if not self.rules.on("share"):  # no type holds itself then
            return
        taken, given = set(map(title, roots)), set[str]()
        for kind, paths in self.paths.items():
            if len(paths) > 1 and (len(kind.keys) > 1 or any(place.type is kind for place in walk(kind.places))):
                own = next((name for path in paths if path in roots and (name := title(path)) not in given), None)
                self.names[kind] = own or type_name(paths, taken)
                given.add(self.names[kind])
                taken.add(self.names[kind])

    def definitions(self) -> dict[str, Schema]:
        """The schemas of the types that have a name."""
        return {name: {**self._object(kind, (name,)), "title": name} for kind, name in self.names.items()}

    def slots(self, places: list[Place], root: Root) -> Iterator[tuple[Place, Path]]:
        """The places of a root with the words that name them; of an open list of arguments the last is of all that follow."""
        evidence = root.evidence
        if self._is_alone(places, evidence):
            yield from ((place.found(), root.name) for place in places)
            return
        assert isinstance(evidence, Args)
        spread = len(places) < len(evidence.slots)
        yield from ((place.found(), (*root.name, ITEM if spread else f"arg {at}")) for at, place in enumerate(places))
        if spread or evidence.is_open:
            yield places[-1].found(), (*root.name, ITEM)

    def root(self, places: list[Place], root: Root) -> Schema | None:
        """The schema of a slot, or of a list of arguments in the form that AsyncAPI's tools all read."""
        if not places:
            return None
        evidence = root.evidence
        schemas = [self.schema(*slot) for slot in self.slots(places, root)]
        if self._is_alone(places, evidence):
            refers = schemas[0].keys() == {"allOf", EXTENSION}  # the message says what it rests on
            return schemas[0]["allOf"][0] if refers else schemas[0]
        assert isinstance(evidence, Args)
        items, rest = schemas[: len(places)], schemas[len(places) :]
        named = {"$schema": DRAFT_7, "title": title((*root.name, "args")), "type": "array"}
        # how many there are of an open list is data, as in other lists
        bounds: Schema = {"minItems": min(evidence.least, len(items))} if rest else {"minItems": evidence.least, "maxItems": len(items)}
        return {**named, "items": items, **bounds, "additionalItems": (rest[0] or True) if rest else False}

    def examples(self, places: list[Place], root: Root, wanted: int) -> list[Any]:
        """Examples of a slot, no two alike: of a list of arguments, of the lengths that were seen, the usual one first."""
        maker = Examples(self.rules, self.unions, self.enums)
        evidence, found = root.evidence, list[Any]()
        for turn in range(wanted * _TURNS):
            if len(found) == wanted or not places:
                break
            with suppress(RecursionError):
                if self._is_alone(places, evidence):
                    example = maker.of(places[0].found(), turn)
                else:
                    assert isinstance(evidence, Args)
                    lengths = sorted(evidence.arities, key=lambda length: (-evidence.arities[length], length))
                    length = lengths[turn % len(lengths)]
                    slots = places * length if len(places) < len(evidence.slots) else places[:length]
                    example = [maker.of(place.found(), turn // len(lengths)) for place in slots]
                if repr(example) not in map(repr, found):  # 1 and True are equal
                    found.append(example)
        return found

    def schema(self, place: Place, path: Path, share: float | None = None) -> Schema:
        """The schema of the values at a place; `share` is that of the objects that have the key."""
        made: Schema = {"description": NOT_LOOKED_INTO} if "deeper" in place.kinds else self._of_kinds(place, path)
        if self.rules.evidence == "full":
            made = {"allOf": [made]} if "$ref" in made else made  # beside a $ref draft 7 reads nothing
            made[EXTENSION] = {"samples": place.count, "sessions": place.sessions}
            if share is not None:
                made[EXTENSION]["share"] = round(share, 4)
        return made

    def _of_kinds(self, place: Place, path: Path) -> Schema:
        kinds = sorted(place.kinds - {"null"})
        nullable = "null" in place.kinds
        if not kinds:
            return {"type": "null"} if nullable and not self.rules.on("nullable") else {}
        options = [self._of_kind(kind, place, path) for kind in kinds]
        rich = [option for option in options if option.keys() != {"type"}]
        types = sorted(
            {*(option["type"] for option in options if option.keys() == {"type"}), *(["null"] if nullable else [])}
        )
        if len(rich) == 1 and types in ([], ["null"]):
            return _or_null(rich[0]) if nullable else rich[0]
        plain: Schema = {"type": types[0] if len(types) == 1 else types}
        return {"anyOf": [*rich, *([plain] if types else [])]} if rich else plain

    def _of_kind(self, kind: str, place: Place, path: Path) -> Schema:
        if kind == "string":
            return self._string(place)
        if kind == "number":
            return {"type": "integer" if self.rules.on("integer") and not place.fractions else "number"}
        if kind == "object":
            assert place.type is not None
            name = self.names.get(place.type)
            return self._object(place.type, path) if name is None else {"$ref": self.ref_prefix + name}
        if kind == "array":
            return self._list(place, path)
        return {"type": "string", "format": "binary"} if kind == "binary" else {"type": kind}

    def _string(self, place: Place) -> Schema:
        form = shared_format(place.strings, place.name) if self.rules.on("format") else None
        if form is not None:
            return {"type": "string", "format": form}
        members = self.enums.get(id(place))
        return {"type": "string", "enum": members} if members else {"type": "string"}

    def _list(self, place: Place, path: Path) -> Schema:
        inner = [self.schema(*item) for item in self._items(place, path)]
        if self._is_tuple(place):
            count = len(inner)
            return {
                "$schema": DRAFT_7,
                "type": "array",
                "items": inner,
                "minItems": count,
                "maxItems": count,
                "additionalItems": False,
            }
        schema: Schema = {"type": "array"}
        if inner and inner[0]:
            schema["items"] = inner[0]
        length = fixed_length(place) if self.rules.on("length") else None
        return schema if length is None else {**schema, "minItems": length, "maxItems": length}

    def _object(self, kind: Type, path: Path) -> Schema:
        if kind.values is not None:
            words = kind.key_words[:1].upper() + kind.key_words[1:] + "."
            inner = self.schema(kind.values.found(), one_of(path, VALUE))
            return {"type": "object", "title": title(path), "description": words, "additionalProperties": inner or True}
        union = self.unions.get(id(kind))
        if union is None:
            return self._form(kind.forms[None], path, kind in self.tops)
        branches = []
        for tag, form, at in self._branches(union, path):
            branch = self._form(form, at, kind in self.tops)
            own = branch["properties"]
            own[union.tag] = {"type": "string", "const": tag} if tag else _other(own.get(union.tag), form, union)
            if tag:  # else what lacks it would be of every branch, whatever else is claimed of required keys
                branch["required"] = sorted({*branch.get("required", ()), union.tag})
            branches.append(branch)
        if union.rest is None and union.is_open:
            unmet = {"type": "string", "not": {"enum": sorted(union.branches)}}
            named = {"type": "object", "title": title((*path, "other"))}
            branches.append({**named, "properties": {union.tag: unmet}, "required": [union.tag]})
        return {"title": title(path), "oneOf": branches}

    def _branches(self, union: Union, path: Path) -> Iterator[tuple[str, Form, Path]]:
        """The branches of a union with their tags, last the one of other tags, which is "" here."""
        for tag in sorted(union.branches):
            yield tag, union.branches[tag], (*path, tag)
        if union.rest is not None:
            yield "", union.rest, (*path, "other")

    def _form(self, form: Form, path: Path, at_top: bool) -> Schema:  # noqa: FBT001
        schema: Schema = {"type": "object", "title": title(path), "properties": {}}
        for key in sorted(form.keys):
            schema["properties"][key] = self.schema(form.at(key), (*path, key), form.present[key] / form.count)
        inner = {
            pattern: self.schema(form.patterns[pattern].found(), one_of(path, VALUE))
            for pattern in sorted(form.patterns)
        }
        if ANY in inner:
            schema["additionalProperties"] = inner.pop(ANY) or True
        if inner:
            schema["patternProperties"] = inner
            schema["description"] = f"Some keys are {' or '.join(sorted({words_of(pattern) for pattern in inner}))}."
        least = 3 if self.rules.cautious else 1
        required = [
            key
            for key in sorted(form.keys)
            if form.present[key] == form.count >= (PASSING if at_top and key in self.passing else least)
        ]
        if required and self.rules.on("required"):
            schema["required"] = required
        return schema

    def _is_alone(self, places: list[Place], evidence: Node | Args) -> bool:
        """Whether the schema is that of one value; to readers that of a tuple is one of a list of arguments."""
        if not isinstance(evidence, Args) or not places:
            return True
        place = places[0].found()
        return evidence.is_single and not (place.kinds - {"null"} == {"array"} and self._is_tuple(place))

    def _is_tuple(self, place: Place) -> bool:
        return self.rules.on("tuple") and is_tuple(place)

    def _items(self, place: Place, path: Path) -> Iterator[tuple[Place, Path]]:
        """What stands in the lists at a place."""
        if self._is_tuple(place):
            assert place.positions is not None
            for at, position in enumerate(place.positions):
                yield position.found(), (*path, f"{ITEM} {at}")
        elif place.items is not None and place.items.found().kinds:
            yield place.items.found(), one_of(path, ITEM)

    def _members(self, kind: Type, path: Path) -> Iterator[tuple[Place, Path]]:
        """What stands in the objects of a type."""
        if kind.values is not None:
            yield kind.values.found(), one_of(path, VALUE)
            return
        union = self.unions.get(id(kind))
        forms = (
            [(kind.forms[None], path)] if union is None else [(form, at) for _, form, at in self._branches(union, path)]
        )
        for form, at in forms:
            for key in sorted(form.keys):
                yield form.at(key), (*at, key)
            for pattern in sorted(form.patterns):
                yield form.patterns[pattern].found(), one_of(at, VALUE)


def _other(schema: Schema | None, form: Form, union: Union) -> Schema:
    """The schema of what stands under the tag's key there, without the tags that have a branch."""
    if schema is None:
        return {"not": {}}  # nothing does: what has the tag is of a branch
    place = form.at(union.tag)
    if place.kinds == {"null"}:
        return {"type": "null", **schema}  # here it claims something: the others have tags
    if "enum" in schema or not place.kinds & _TEXTUAL:
        return schema
    return {**schema, "not": {"enum": sorted(union.branches)}}


def _or_null(schema: Schema) -> Schema:
    """The schema, or null."""
    if "type" not in schema:
        wide = "oneOf" if "oneOf" in schema else "anyOf"
        return (
            {**schema, wide: [*schema[wide], {"type": "null"}]}
            if wide in schema
            else {"anyOf": [schema, {"type": "null"}]}
        )
    widened = {**schema, "type": [schema["type"], "null"]}
    if "enum" in widened:
        widened["enum"] = [*widened["enum"], None]
    return widened


def _titled(schema: Any) -> Iterator[Schema]:
    """The schema and all below it that have a title, parents first, in the order of the document."""
    if not isinstance(schema, dict):
        return
    if "title" in schema:
        yield schema
    for keyword in ("properties", "patternProperties", "items", "additionalItems", "additionalProperties", "oneOf", "anyOf"):
        inner = schema.get(keyword)
        if isinstance(inner, list):
            parts: Iterable[Any] = inner
        else:
            parts = (
                inner.values()
                if keyword.endswith("roperties") and keyword != "additionalProperties" and inner
                else [inner]
            )
        for part in parts:
            yield from _titled(part)
