"""Changes of the taxonomy, made to an AsyncAPI 3 document at every place where they fit, with what a diff must say of each.

The expectation is written by hand, a line a change: the kind of the table, the part of the slot's schema and the detail. The
slots that a part belongs to are found here by a walk over the document itself; nothing of the program has a part in it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

Json = dict[str, Any]
OTHER: Final = {"c2s": "s2c", "s2c": "c2s"}
FRESH: Final = "fresh"
"""The name of what is added."""


@dataclass(frozen=True, slots=True, order=True)
class Expected:
    """A finding: its rule, what it is about, and where."""

    rule: str
    namespace: str | None = None
    event: str | None = None
    slot: str | None = None
    path: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A pair of documents that differ in one change."""

    kind: str
    base: Json
    revision: Json
    expected: frozenset[Expected]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a slot meets a part of a schema."""

    namespace: str
    event: str | None
    slot: str
    travels: str
    path: str


@dataclass(slots=True)
class Site:
    """A part of a schema in the document, by its pointer, and all slots that it belongs to."""

    pointer: tuple[str | int, ...]
    spots: list[Spot] = field(default_factory=list)
    branch: bool = False
    """Whether it is itself an alternative."""


@dataclass(slots=True)
class Emission:
    """An event of the document, by the pointers to its parts."""

    namespace: str
    name: str
    travels: str
    operation: str
    message: tuple[str | int, ...]


def at(document: Any, pointer: tuple[str | int, ...]) -> Any:
    """What stands there."""
    for step in pointer:
        document = document[step]
    return document


def target(document: Json, pointer: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The pointer with references at its end followed."""
    node = at(document, pointer)
    while isinstance(node, dict) and "$ref" in node:
        pointer = tuple(step.replace("~1", "/").replace("~0", "~") for step in node["$ref"].split("/")[1:])
        node = at(document, pointer)
    return pointer


def emissions(document: Json) -> Iterator[Emission]:
    """The events of a document that describes a server."""
    for key, operation in document.get("operations", {}).items():
        channel = at(document, target(document, ("operations", key, "channel")))
        travels = "c2s" if operation["action"] == "receive" else "s2c"
        for index in range(len(operation["messages"])):
            message = target(document, ("operations", key, "messages", index))
            yield Emission(channel["address"], at(document, message)["name"], travels, key, message)


def is_tuple(schema: Json) -> bool:
    """Whether a schema is that of a list of arguments."""
    return isinstance(schema.get("items"), list)


def sites(document: Json) -> list[Site]:
    """All parts of schemas that slots lead to."""
    found: dict[tuple[str | int, ...], Site] = {}

    def visit(pointer: tuple[str | int, ...], spot: Spot, seen: set[Any], *, branch: bool = False) -> None:
        pointer = target(document, pointer)
        if pointer in seen:
            return  # what a slot shares with itself is reported where it is met first
        seen.add(pointer)
        site = found.setdefault(pointer, Site(pointer))
        site.spots.append(spot)
        site.branch = site.branch or branch
        schema = at(document, pointer)

        def inside(*steps: str | int, counted: bool = True, branch: bool = False) -> None:
            shown = [str(step).replace("~", "~0").replace("/", "~1") for step in steps] if counted else []
            if is_tuple(schema) and steps[0] == "items":
                shown[0] = "prefixItems"
            path = "/".join(filter(None, [spot.path, *shown]))
            visit((*pointer, *steps), Spot(spot.namespace, spot.event, spot.slot, spot.travels, path), seen, branch=branch)

        for name in schema.get("properties", {}):
            inside("properties", name)
        if isinstance(schema.get("items"), list):
            for index in range(len(schema["items"])):
                inside("items", index)
        elif "items" in schema:
            inside("items")
        if isinstance(schema.get("additionalProperties"), dict):
            inside("additionalProperties")
        for keyword in ("oneOf", "anyOf"):
            branches = [at(document, target(document, (*pointer, keyword, i))) for i in range(len(schema.get(keyword, ())))]
            types = [branch.get("type") for branch in branches if branch.get("type") != "null"]
            apart = all(isinstance(name, str) for name in types) and len(set(types)) == len(types)
            for index in range(len(branches)):
                inside(keyword, index, counted=not apart, branch=True)

    for emission in emissions(document):
        message = at(document, emission.message)
        for what, pointer, travels in (
            ("args", (*emission.message, "payload"), emission.travels),
            ("ack", (*emission.message, "x-ack", "args"), OTHER[emission.travels]),
        ):
            if {"args": "payload", "ack": "x-ack"}[what] not in message:
                continue
            top = target(document, pointer)
            schema = at(document, top)
            if is_tuple(schema):
                for index in range(len(schema["items"])):
                    spot = Spot(emission.namespace, emission.name, f"{what}[{index}]", travels, "")
                    visit((*top, "items", index), spot, set())
            elif schema.get("maxItems") != 0:
                visit(top, Spot(emission.namespace, emission.name, f"{what}[0]", travels, ""), set())
    for key, channel in document["channels"].items():
        for slot, keyword, travels in (("auth", "x-socketio-auth", "c2s"), ("error", "x-socketio-connect-error", "s2c")):
            if keyword in channel:
                visit(("channels", key, keyword), Spot(channel["address"], None, slot, travels, ""), set())
    return list(found.values())


Edit = Callable[[Json], object]


def _nothing(_: Json) -> None:
    """No edit."""


def mutations(document: Json) -> Iterator[Mutation]:
    """Every change at every place."""
    for site in sites(document):
        for kind, detail, before, after in _of_schema(at(document, site.pointer), site):
            base, revision = copy.deepcopy(document), copy.deepcopy(document)
            before(at(base, site.pointer))
            before(at(revision, site.pointer))
            after(at(revision, site.pointer))
            expected = {
                Expected(f"{spot.travels}-{kind}", spot.namespace, spot.event, spot.slot, spot.path, detail) for spot in site.spots
            }
            yield Mutation(kind, base, revision, frozenset(expected))
    yield from _of_events(document)
    yield from _of_the_whole(document)


Change = tuple[str, str, Edit, Edit]
"""Kind, detail, the edit that makes the place fit (to both documents), the change."""


def _of_schema(schema: Json, site: Site) -> Iterator[Change]:
    if "properties" in schema and schema.get("type") in ("object", ["object", "null"]):
        yield from _of_object(schema, site)
    if "oneOf" in schema and not site.branch:
        yield from _of_variants()
    if site.branch or "const" in schema or "$ref" in schema or not isinstance(schema.get("type"), str):
        return
    kind = schema["type"]
    if kind in {"string", "integer", "number", "boolean"} and schema.get("format") != "binary":
        yield from _of_scalar(schema, kind)
    elif schema.get("format") == "binary":
        yield "binary-changed", "", _nothing, _becomes({"type": "object"})
    if kind != "null":
        yield "null-allowed", "", _nothing, _also_null
        yield "null-disallowed", "", _also_null, partial(_not_null, kind=kind)
    yield "schema-undecided", "isFresh", _nothing, lambda node: node.update({"isFresh": True})


def _of_scalar(schema: Json, kind: str) -> Iterator[Change]:
    plain = not schema.keys() & {"enum", "format"}
    other = "integer" if kind in {"string", "boolean"} else "string"
    yield "type-replaced", "", _nothing, _becomes({"type": other})
    if plain:
        both = [kind, "object"]
        yield "type-widened", "", _nothing, lambda node: node.update({"type": both})
        yield "type-narrowed", "", lambda node: node.update({"type": both}), lambda node: node.update({"type": kind})
    if kind in {"integer", "number"}:
        for old, new, name in ((None, 3, "tightened"), (3, None, "loosened"), (3, 4, "tightened"), (4, 3, "loosened")):
            yield f"bound-{name}", "minimum", _with("minimum", old), _with("minimum", new)
        yield "schema-replaced", "multipleOf", _with("multipleOf", 2), _with("multipleOf", 3)
        yield "schema-narrowed", "not", _nothing, _with("not", {"const": 7})
        yield "schema-widened", "not", _with("not", {"const": 7}), _with("not", None)
    if kind == "string" and plain:
        for old, new, name in ((None, 9, "tightened"), (9, None, "loosened"), (9, 8, "tightened"), (8, 9, "loosened")):
            yield f"bound-{name}", "maxLength", _with("maxLength", old), _with("maxLength", new)
        for before, after, name in (
            ("^[a-z]+$", "^[a-c]+$", "tightened"), ("^ab", "^a", "loosened"), (None, "^a", "tightened"), ("^a", None, "loosened"),
            ("^[A-Z]{2}-[0-9]+$", "^[A-Z]{3}-[0-9]+$", "replaced"),
        ):  # fmt: skip
            yield f"pattern-{name}", "", _with("pattern", before), _with("pattern", after)
        yield "enum-introduced", "", _nothing, _with("enum", ["a", "b"])
        yield "enum-dropped", "", _with("enum", ["a", "b"]), _with("enum", None)
        yield "enum-value-added", '"c"', _with("enum", ["a", "b"]), _with("enum", ["a", "c", "b"])
        yield "enum-value-removed", '"a"', _with("enum", ["a", "b"]), _with("enum", ["b"])
        yield "format-changed", "", _with("format", "date"), _with("format", "date-time")
    if "format" in schema:
        yield "format-changed", "", _nothing, _with("format", "email" if schema["format"] != "email" else "uuid")
    if "enum" in schema:
        yield "enum-value-added", f'"{FRESH}"', _nothing, lambda node: node["enum"].append(FRESH)
        yield "enum-value-removed", f'"{schema["enum"][0]}"', _nothing, lambda node: node["enum"].pop(0)


def _of_object(schema: Json, site: Site) -> Iterator[Change]:
    is_open = "additionalProperties" not in schema and "patternProperties" not in schema
    if is_open:
        yield "object-closed", "", _nothing, _closed
        yield "object-opened", "", _closed, _with("additionalProperties", None)
        for name, closing in (("", _nothing), ("-closed", _closed)):
            yield f"property-required-added{name}", FRESH, closing, partial(_add, required=True)
            yield f"property-optional-added{name}", FRESH, closing, partial(_add, required=False)
    for name, part in schema["properties"].items():
        if "const" in part or (site.branch and "not" in part):
            continue  # a tag: without it the variant is another one
        required = name in schema.get("required", ())
        kind = "required" if required else "optional"
        if is_open:
            for suffix, closing in (("", _nothing), ("-closed", _closed)):
                yield f"property-{kind}-removed{suffix}", name, closing, partial(_remove, name=name)
        if required:
            yield "property-became-optional", name, _nothing, partial(_relax, name=name)
        else:
            yield "property-became-required", name, _nothing, partial(_demand, name=name)


def _of_variants() -> Iterator[Change]:
    fresh = {
        "type": "object", "title": "Fresh", "properties": {"kind of fresh": {"const": FRESH}, "worth": {"type": "integer"}},
        "required": ["kind of fresh"],
    }  # fmt: skip
    yield "variant-added", "Fresh", _nothing, lambda node: node["oneOf"].append(copy.deepcopy(fresh))
    yield "variant-removed", "Fresh", lambda node: node["oneOf"].append(copy.deepcopy(fresh)), lambda node: node["oneOf"].pop()


def _pair(document: Json, kind: str, change: Edit, *expected: Expected, before: Edit = _nothing) -> Mutation:
    """The document against itself with a change, both with what must be there before."""
    base, revision = copy.deepcopy(document), copy.deepcopy(document)
    before(base)
    before(revision)
    change(revision)
    return Mutation(kind, base, revision, frozenset(expected))


def _of_events(document: Json) -> Iterator[Mutation]:
    pair = partial(_pair, document)
    for emission in emissions(document):
        message = at(document, emission.message)
        about = (emission.namespace, emission.name)

        def drop(made: Json, operation: str = emission.operation) -> None:
            del made["operations"][operation]

        yield pair("event-removed", drop, Expected(f"{emission.travels}-event-removed", *about))
        base, revision = copy.deepcopy(document), copy.deepcopy(document)
        drop(base)
        yield Mutation("event-added", base, revision, frozenset({Expected(f"{emission.travels}-event-added", *about)}))

        def unacknowledged(made: Json, emission: Emission = emission) -> None:
            at(made, emission.message).pop("x-ack", None)
            made["operations"][emission.operation].pop("reply", None)

        def acknowledged(made: Json, emission: Emission = emission) -> None:
            at(made, emission.message)["x-ack"] = {"args": {"type": "string"}}

        if "x-ack" in message:
            yield pair("ack-removed", unacknowledged, Expected(f"{emission.travels}-ack-removed", *about))
        else:
            yield pair("ack-added", acknowledged, Expected(f"{emission.travels}-ack-added", *about))
        yield from _of_arguments(document, emission, pair)
        yield from _of_names(document, "event", emission.travels, emission.namespace, partial(_event_again, emission=emission))


Again = Callable[[Json, str], None]
"""Puts something into a document once more, under a name, which is that of a template if it has a placeholder."""


def _of_names(document: Json, what: str, travels: str | None, namespace: str | None, again: Again) -> Iterator[Mutation]:
    """Two names that become one template, and the way back."""
    fixed, made = copy.deepcopy(document), copy.deepcopy(document)
    stem = f"/{FRESH}-" if what == "namespace" else f"{FRESH}:"
    for number in ("1", "2"):
        again(fixed, stem + number)
    template = stem + "{id}"
    again(made, template)
    about = (template,) if namespace is None else (namespace, template)
    for change, base, revision in (("widened", fixed, made), ("narrowed", made, fixed)):
        kind = f"{what}-names-{change}"
        rule = kind if travels is None else f"{travels}-{kind}"
        yield Mutation(kind, base, revision, frozenset({Expected(rule, *about)}))


def _event_again(document: Json, name: str, emission: Emission) -> None:
    operation = document["operations"][emission.operation]
    message = copy.deepcopy(at(document, emission.message)) | {"name": name}
    message.pop("x-socketio-template", None)
    if "{" in name:
        message["x-socketio-template"] = True
    at(document, target(document, ("operations", emission.operation, "channel")))["messages"][name] = message
    reference = {"$ref": f"{operation['channel']['$ref']}/messages/{name}"}
    document["operations"][name] = copy.deepcopy(operation) | {"messages": [reference]}


def _namespace_again(document: Json, name: str, key: str) -> None:
    own, old = f"{FRESH}{len(document['channels'])}", f"#/channels/{key}"
    channel = copy.deepcopy(document["channels"][key]) | {"address": name}
    document["channels"][own] = channel | ({"parameters": {"id": {}}} if "{" in name else {})
    for operation in [each for each in document["operations"].items() if each[1]["channel"]["$ref"] == old]:
        document["operations"][f"{own}.{operation[0]}"] = _referring(operation[1], old, f"#/channels/{own}")


def _referring(node: Any, old: str, new: str) -> Any:
    """A copy that refers to the parts of another channel."""
    if isinstance(node, list):
        return [_referring(each, old, new) for each in node]
    if isinstance(node, dict):
        return {key: _referring(each, old, new) for key, each in node.items()}
    return new + node.removeprefix(old) if isinstance(node, str) and (node == old or node.startswith(f"{old}/")) else node


def _of_arguments(document: Json, emission: Emission, pair: Callable[..., Mutation]) -> Iterator[Mutation]:
    """Arguments appended, taken away, made optional and required."""
    message = at(document, emission.message)
    now = at(document, target(document, (*emission.message, "payload"))) if "payload" in message else None
    items = [] if now is None else list(now["items"]) if is_tuple(now) else [message["payload"]]
    least = len(items) if now is None or not is_tuple(now) else now["minItems"]

    def with_items(more: list[Json], count: int) -> Edit:
        made = {"type": "array", "items": copy.deepcopy(more), "minItems": count, "maxItems": len(more), "additionalItems": False}
        made["$schema"] = "http://json-schema.org/draft-07/schema#"
        return lambda whole: at(whole, emission.message).update({"payload": copy.deepcopy(made)})

    def expected(kind: str, index: int) -> Expected:
        return Expected(f"{emission.travels}-{kind}", emission.namespace, emission.name, f"args[{index}]")

    fresh, count = [*items, {"type": "string"}], len(items)
    longer = with_items(fresh, least)
    if least == count:
        needed = with_items(fresh, count + 1)
        yield pair("arg-required-added", needed, expected("arg-required-added", count))
        yield pair("arg-required-removed", with_items(items, least), expected("arg-required-removed", count), before=needed)
        yield pair("arg-became-required", needed, expected("arg-became-required", count), before=longer)
        yield pair("arg-became-optional", longer, expected("arg-became-optional", count), before=needed)
    yield pair("arg-optional-added", longer, expected("arg-optional-added", count))
    yield pair("arg-optional-removed", with_items(items, least), expected("arg-optional-removed", count), before=longer)


def _of_the_whole(document: Json) -> Iterator[Mutation]:
    """Namespaces, handshakes, servers."""
    pair = partial(_pair, document)

    def add(made: Json) -> None:
        made["channels"][FRESH] = {"address": "/fresh"}

    def remove(made: Json) -> None:
        del made["channels"][FRESH]

    yield pair("namespace-added", add, Expected("namespace-added", "/fresh"))
    yield pair("namespace-removed", remove, Expected("namespace-removed", "/fresh"), before=add)
    for key, channel in document["channels"].items():
        yield from _of_names(document, "namespace", None, None, partial(_namespace_again, key=key))
        for kind, slot, keyword, travels in (
            ("auth", "auth", "x-socketio-auth", "c2s"), ("refusal", "error", "x-socketio-connect-error", "s2c"),
        ):  # fmt: skip
            about = (channel["address"], None, slot)

            def give(made: Json, key: str = key, keyword: str = keyword) -> None:
                made["channels"][key].setdefault(keyword, {"type": "string"})

            def take(made: Json, key: str = key, keyword: str = keyword) -> None:
                made["channels"][key].pop(keyword, None)

            if keyword in channel:
                yield pair(f"{kind}-removed", take, Expected(f"{travels}-{kind}-removed", *about))
            else:
                yield pair(f"{kind}-added", give, Expected(f"{travels}-{kind}-added", *about))
    for name, server in document["servers"].items():

        def move(made: Json, name: str = name) -> None:
            made["servers"][name]["pathname"] = "/fresh/"

        def speak(made: Json, name: str = name) -> None:
            made["servers"][name]["protocolVersion"] = FRESH

        path = f"/{server['pathname'].strip('/')}/"
        shared = sum(each["pathname"] == server["pathname"] for each in document["servers"].values()) > 1
        gone = () if shared else (Expected("path-removed", detail=path),)
        yield pair("path-removed", move, *gone, Expected("path-added", detail="/fresh/"))
        same = sum(each["protocolVersion"] == server["protocolVersion"] for each in document["servers"].values()) > 1
        gone = () if same else (Expected("protocol-removed", detail=server["protocolVersion"]),)
        yield pair("protocol-removed", speak, *gone, Expected("protocol-added", detail=FRESH))


def _with(keyword: str, value: Any) -> Edit:
    """Set a keyword; None takes it away."""

    def edit(node: Json) -> None:
        node.pop(keyword, None)
        if value is not None:
            node[keyword] = copy.deepcopy(value)

    return edit


def _becomes(schema: Json) -> Edit:
    def edit(node: Json) -> None:
        node.clear()
        node.update(schema)

    return edit


def _also_null(node: Json) -> None:
    node["type"] = [node["type"], "null"]
    if "enum" in node:
        node["enum"] = [*node["enum"], None]


def _not_null(node: Json, kind: str) -> None:
    node["type"] = kind
    if "enum" in node:
        node["enum"] = [each for each in node["enum"] if each is not None]


def _closed(node: Json) -> None:
    node["additionalProperties"] = False


def _add(node: Json, *, required: bool) -> None:
    node["properties"][FRESH] = {"type": "string"}
    if required:
        node["required"] = [*node.get("required", ()), FRESH]


def _relax(node: Json, name: str) -> None:
    node["required"].remove(name)


def _demand(node: Json, name: str) -> None:
    node.setdefault("required", []).append(name)


def _remove(node: Json, name: str) -> None:
    del node["properties"][name]
    if name in node.get("required", ()):
        node["required"] = [each for each in node["required"] if each != name]
