"""Evidence to JSON Schema (draft 7), for all slots of a document at once, since they share definitions.

The law: a schema accepts every value that its evidence was made of. So nothing is claimed but what all values bear out:
objects stay open, and no bound is taken from a smallest or largest value.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from infer.schema.decide import enum_members, fixed_length, is_tuple, map_value, union_of
from infer.schema.evidence import Kind, Lists, Node, Numbers, Objects, Shape, Strings
from infer.schema.rules import Rules
from infer.schema.slots import Args
from infer.schema.words import singular, title, words

Schema: TypeAlias = dict[str, Any]
DRAFT_7: Final = "http://json-schema.org/draft-07/schema#"
EXTENSION: Final = "x-sio-infer"


@dataclass(frozen=True, slots=True)
class Root:
    """A slot to build: its evidence, and the words that name it."""

    evidence: Node | Args
    name: tuple[str, ...]


@dataclass(slots=True)
class Built:
    """The schemas of the slots, by their keys, and what they share, by name."""

    schemas: dict[Hashable, Schema | None] = field(default_factory=dict)
    definitions: dict[str, Schema] = field(default_factory=dict)


def build(roots: Mapping[Hashable, Root], rules: Rules, ref_prefix: str) -> Built:
    """The schemas of all roots.

    A list of arguments is None where none was ever given, the argument's schema where there was always one, else a
    tuple. Every root and every object has a `title` that nothing else in the result has. References are `ref_prefix` +
    name of the definition.
    """
    built = Built()
    for key, root in roots.items():
        builder = _Builder(rules)
        evidence = root.evidence
        schema = builder.args(evidence, root.name) if isinstance(evidence, Args) else builder.schema(evidence, root.name)
        built.schemas[key] = None if schema is None else {"title": title(root.name), **schema}
    _unique_titles(built.schemas)
    if rules.on("share"):
        _share(built, ref_prefix)
    return built


class _Builder:
    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def args(self, args: Args, name: tuple[str, ...]) -> Schema | None:
        """The schema of a list of arguments, in the form that AsyncAPI's tools all read."""
        if not args.slots:
            return None
        if len(args.slots) == 1 and args.least == 1:
            return self.schema(args.slots[0], name)
        items = [self.schema(slot, (*name, f"arg {place}")) for place, slot in enumerate(args.slots)]
        return {
            "$schema": DRAFT_7,
            "title": title((*name, "args")),
            "type": "array",
            "items": items,
            "minItems": args.least,
            "maxItems": len(items),
            "additionalItems": False,
        }

    def schema(self, node: Node, name: tuple[str, ...]) -> Schema:
        """The schema of a value."""
        made = {} if node.deeper else self._of_kinds(node, name)
        if self.rules.evidence == "full":
            made[EXTENSION] = {"samples": node.count, "sessions": node.sources.count}
        return made

    def _of_kinds(self, node: Node, name: tuple[str, ...]) -> Schema:
        kinds = [kind for kind in (node.kind(label) for label in node.kinds) if kind is not None]
        nullable = any(kind.NAME == "null" for kind in kinds)
        options = [self._of_kind(kind, name) for kind in kinds if kind.NAME != "null"]
        if not options:
            return {} if self.rules.on("nullable") else {"type": "null"} if nullable else {}
        plain = [option["type"] for option in options if len(option) == 1 and "type" in option]
        rich = [option for option in options if not (len(option) == 1 and "type" in option)]
        if not rich:
            types = sorted({*plain, *(["null"] if nullable else [])})
            return {"type": types[0] if len(types) == 1 else types}
        if len(rich) == 1 and not plain:
            return _or_null(rich[0]) if nullable else rich[0]
        if plain or nullable:
            types = sorted({*plain, *(["null"] if nullable else [])})
            rich.append({"type": types[0] if len(types) == 1 else types})
        return {"anyOf": rich}

    def _of_kind(self, kind: Kind, name: tuple[str, ...]) -> Schema:
        if isinstance(kind, Strings):
            return self._string(kind)
        if isinstance(kind, Numbers):
            return {"type": "integer" if self.rules.on("integer") and not kind.fractions else "number"}
        if isinstance(kind, Objects):
            return self._objects(kind, name)
        if isinstance(kind, Lists):
            return self._list(kind, name)
        return {"type": "string", "format": "binary"} if kind.NAME == "binary" else {"type": kind.NAME}

    def _string(self, strings: Strings) -> Schema:
        if strings.format and self.rules.on("format"):
            return {"type": "string", "format": strings.format}
        if self.rules.on("enum") and self.rules.values:
            members = enum_members(strings, strings.node.name)
            if members:
                return {"type": "string", "enum": members}
        return {"type": "string"}

    def _list(self, lists: Lists, name: tuple[str, ...]) -> Schema:
        if self.rules.on("tuple") and is_tuple(lists):
            assert lists.places is not None
            items = [self.schema(place, (*name, f"item {at}")) for at, place in enumerate(lists.places)]
            count = len(items)
            return {"$schema": DRAFT_7, "type": "array", "items": items, "minItems": count, "maxItems": count, "additionalItems": False}
        schema: Schema = {"type": "array"}
        if lists.items.count:
            items_schema = self.schema(lists.items, (*name[:-1], singular(name[-1])) if len(name) > 1 else (*name, "item"))
            if items_schema:
                schema["items"] = items_schema
        length = fixed_length(lists) if self.rules.on("length") else None
        if length is not None:
            schema |= {"minItems": length, "maxItems": length}
        return schema

    def _objects(self, objects: Objects, name: tuple[str, ...]) -> Schema:
        if self.rules.on("union") and self.rules.values:
            union = union_of(objects)
            if union is not None:
                branches = []
                for tag in sorted(union.branches):
                    branch = self._shape(union.branches[tag], (*name, tag))
                    branch["properties"][union.tag] = {"type": "string", "const": tag}
                    branches.append(branch)
                if union.rest is not None:
                    rest = self._shape(union.rest, (*name, "other"))
                    rest["properties"][union.tag] = {"type": "string", "not": {"enum": sorted(union.branches)}}
                    branches.append(rest)
                return {"title": title(name), "oneOf": branches}
        whole = objects.whole()
        if self.rules.on("map") or whole.patterns:
            found = map_value(whole, objects.node.depth)
            if found is not None:
                values, form = found
                value_name = (*name[:-1], singular(name[-1])) if len(name) > 1 else (*name, "value")
                return {"type": "object", "title": title(name), "description": form[:1].upper() + form[1:] + ".",
                        "additionalProperties": self.schema(values, value_name) or True}
        return self._shape(whole, name)

    def _shape(self, shape: Shape, name: tuple[str, ...]) -> Schema:
        properties: Schema = {}
        required = []
        for key in sorted(shape.keys):
            node = shape.keys[key]
            properties[key] = self.schema(node, (*name, key))
            if self.rules.evidence == "full":
                properties[key][EXTENSION]["share"] = round(node.count / shape.count, 4)
            if node.count == shape.count and shape.count >= (3 if self.rules.cautious else 1):
                required.append(key)
        schema: Schema = {"type": "object", "title": title(name), "properties": properties}
        if required and self.rules.on("required"):
            schema["required"] = required
        return schema


def _or_null(schema: Schema) -> Schema:
    """The schema, or null."""
    if "type" not in schema:
        return {**schema, "oneOf": [*schema["oneOf"], {"type": "null"}]} if "oneOf" in schema else {"anyOf": [schema, {"type": "null"}]}
    widened = {**schema, "type": [schema["type"], "null"]}
    if "enum" in widened:
        widened["enum"] = [*widened["enum"], None]
    return widened


def _walk(schema: Any) -> Iterator[Schema]:
    """The schema and all below it, parents first, in document order."""
    if not isinstance(schema, dict):
        return
    yield schema
    for keyword in ("properties", "items", "additionalProperties", "oneOf", "anyOf"):
        inner = schema.get(keyword)
        if keyword == "properties" and isinstance(inner, dict):
            for item in inner.values():
                yield from _walk(item)
        elif isinstance(inner, list):
            for item in inner:
                yield from _walk(item)
        else:
            yield from _walk(inner)


def _unique_titles(schemas: Mapping[Hashable, Schema | None]) -> None:
    """Give objects that came to the same title numbers, in the order of the document."""
    titled = [part for schema in schemas.values() for part in _walk(schema) if "title" in part]
    taken = Counter(part["title"] for part in titled)
    seen: Counter[str] = Counter()
    for part in titled:
        name = part["title"] or "Value"
        if taken[part["title"]] > 1 or not part["title"]:
            seen[name] += 1
            while seen[name] > 1 and taken[f"{name}{seen[name]}"]:
                seen[name] += 1
            part["title"] = name if seen[name] == 1 else f"{name}{seen[name]}"
            taken[part["title"]] += seen[name] > 1


def _share(built: Built, ref_prefix: str) -> None:
    """Make one definition of object schemas that are equal but for their titles and evidence, smallest first."""
    roots = {id(schema) for schema in built.schemas.values()}
    places: dict[str, list[Schema]] = {}
    for schema in built.schemas.values():
        for part in _walk(schema):
            if id(part) not in roots and part.get("type") in ("object", ["object", "null"]) and len(part.get("properties", ())) >= 2:
                places.setdefault(_content(part), []).append(part)
    groups = sorted((group for group in places.values() if len(group) > 1), key=lambda group: len(_content(group[0])))
    used = {part["title"] for schema in built.schemas.values() for part in _walk(schema) if "title" in part}
    for group in groups:
        live = [part for part in group if "$ref" not in part]
        if len(live) < 2:
            continue
        name = _common_name([part["title"] for part in live], used)
        used.add(name)
        built.definitions[name] = {**live[0], "title": name}
        for part in live:
            part.clear()
            part["$ref"] = ref_prefix + name


def _content(schema: Schema) -> str:
    """What a schema claims, without its names and evidence."""

    def bare(value: Any, *, is_map: bool = False) -> Any:
        if isinstance(value, list):
            return [bare(item) for item in value]
        if isinstance(value, dict):
            return {
                key: bare(item, is_map=key == "properties" and not is_map)
                for key, item in value.items()
                if is_map or key not in ("title", EXTENSION)
            }
        return value

    return json.dumps(bare(schema), sort_keys=True)


def _common_name(titles: list[str], used: set[str]) -> str:
    """The words that all titles end with, else the shortest title."""
    split = [words(name) for name in titles]
    common: list[str] = []
    for ending in zip(*(reversed(parts) for parts in split), strict=False):
        if len(set(ending)) > 1:
            break
        common.insert(0, ending[0])
    name = title(common) if common else min(titles, key=lambda text: (len(text), text))
    base, number = name, 2
    while name in used and name not in titles:
        name, number = f"{base}{number}", number + 1
    return name
