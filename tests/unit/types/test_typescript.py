"""`infer.types`: what TypeScript is made of which contract. That it compiles is held in tests/conformance."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infer.types.events import typescript
from infer.types.names import Names
from tests.unit.types.documents import BINARY, NULL, NUMBER, STRING, contract, items, obj, ref

Json = dict[str, Any]


OPEN: Json = {"type": "array", "items": [STRING], "minItems": 1, "additionalItems": True}


def asked(times: int) -> Json:
    """Evidence of two samples, of which so many asked for an acknowledgement."""
    return {"x-sio-infer": {"samples": 2, "acksAsked": times}}


def made(*messages: Json, schemas: Json | None = None, binary: str = "any") -> str:
    """The file for these messages of the root namespace, without line breaks of its layout."""
    text = typescript(contract({"/": list(messages)}, schemas), binary)
    return re.sub(r",?\s*\) =>", ") =>", re.sub(r"\(\s+", "(", re.sub(r"\s+", " ", text)))


def type_of(schema: Json, **schemas: Json) -> str:
    """The type of an event's one argument."""
    found = re.search(r'"e": \(data: (.*?)\) => void;', made({"name": "e", "payload": schema}, schemas=schemas))
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("message", "function"),
    [
        ({}, "() => void"),
        ({"payload": NUMBER}, "(data: number) => void"),
        ({"payload": items(STRING, NUMBER)}, "(arg0: string, arg1: number) => void"),
        ({"payload": items(STRING, NUMBER, least=1)}, "(arg0: string, arg1?: number) => void"),
        ({"payload": OPEN}, "(arg0: string, ...rest: unknown[]) => void"),
        ({"payload": {"type": "array", "items": STRING}}, "(data: string[]) => void"),
        ({"ack": STRING}, "(callback: (data: string) => void) => void"),
        ({"ack": {"type": "array", "maxItems": 0}}, "(callback: () => void) => void"),
        ({"payload": NUMBER, "ack": items(NULL, BINARY)}, "(data: number, callback: (arg0: null, arg1: Binary) => void) => void"),
        (
            {"payload": items(STRING, NUMBER, least=1), "ack": STRING},
            "(...args: [arg0: string, callback: (data: string) => void] | [arg0: string, arg1: number, callback: (data: string) => void]) => void",
        ),
        ({"payload": OPEN, "ack": STRING}, "(...args: [arg0: string, ...rest: unknown[], callback: (data: string) => void]) => void"),
        ({"payload": NUMBER, "ack": STRING, **asked(1)}, "(data: number, callback?: (data: string) => void) => void"),
        ({"payload": NUMBER, "ack": STRING, **asked(2)}, "(data: number, callback: (data: string) => void) => void"),
        ({"ack": STRING, **asked(1)}, "(callback?: (data: string) => void) => void"),
        (
            {"payload": items(STRING, NUMBER, least=1), "ack": STRING, **asked(1)},
            "(...args: [arg0: string, callback?: (data: string) => void] | [arg0: string, arg1: number, callback?: (data: string) => void]) => void",
        ),
        (
            {"payload": OPEN, "ack": STRING, **asked(1)},
            "(...args: [arg0: string, ...rest: unknown[]] | [arg0: string, ...rest: unknown[], callback: (data: string) => void]) => void",
        ),
        ({"payload": {"oneOf": [items(STRING), items(NUMBER, NUMBER)]}}, "(...args: [data: string] | [arg0: number, arg1: number]) => void"),
    ],
)
def test_an_event_is_a_function(message: Json, function: str) -> None:
    """Arguments are parameters, the acknowledgement is a callback in the last place, optional where it is not always asked for."""
    assert f'"e": {function};' in made({"name": "e", **message})


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({}, "unknown"),
        ({"not": {}}, "never"),
        ({"type": "integer"}, "number"),
        ({"type": ["null", "string"]}, "string | null"),
        ({"type": "string", "format": "date-time"}, "string"),
        ({"type": ["string", "null"], "format": "binary"}, "Binary | null"),
        ({"enum": ["a", 1, None]}, '"a" | 1 | null'),
        ({"const": "a"}, '"a"'),
        ({"type": "array"}, "unknown[]"),
        ({"type": "array", "items": {"type": ["string", "number"]}}, "(string | number)[]"),
        ({"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}, "[number, number]"),
        ({"type": "array", "items": NUMBER, "minItems": 9, "maxItems": 9}, "number[]"),
        ({"type": "object"}, "{ [key: string]: unknown; }"),
        ({"type": "object", "additionalProperties": NUMBER}, "{ [key: string]: number; }"),
        ({"type": "object", "additionalProperties": False}, "{ [key: string]: never; }"),
        (obj(a=STRING), "{ a: string; }"),
        ({"type": "object", "properties": {"a": STRING}}, "{ a?: string; }"),
        ({"anyOf": [STRING, NUMBER, STRING]}, "string | number"),
        ({"anyOf": [STRING, {}]}, "unknown"),
        ({"allOf": [obj(a=STRING), {"anyOf": [obj(b=STRING), obj(c=STRING)]}]}, "{ a: string; } & ({ b: string; } | { c: string; })"),
    ],
)
def test_a_schema_is_a_type(schema: Json, kind: str) -> None:
    """Every keyword that TypeScript can say is said; the others widen."""
    assert type_of(schema) == kind


def test_an_acknowledgement_of_one_alternative_is_optional() -> None:
    """Messages of one name of which one has none."""
    with_ack, without = {"name": "e", "payload": NUMBER, "ack": STRING}, {"name": "e", "payload": NUMBER}
    for messages in ((with_ack, without), (without, with_ack), (with_ack, without, with_ack)):
        assert '"e": (data: number, callback?: (data: string) => void) => void;' in made(*messages)


def test_components_are_declared_once_under_their_names() -> None:
    """A shared object is an interface; what is only a string reads better as that."""
    text = made(
        {"name": "a", "payload": ref("Point")},
        {"name": "b", "payload": {"type": "array", "items": ref("Point")}, "ack": ref("Id")},
        schemas={"Point": obj(x=NUMBER), "Id": STRING, "Unused": obj(y=NUMBER)},
    )
    assert '"a": (data: Point) => void;' in text
    assert '"b": (data: Point[], callback: (data: string) => void) => void;' in text
    assert text.count("export interface Point { x: number; }") == 1
    assert "Unused" not in text


def test_a_titled_object_that_may_be_null_has_a_name_too() -> None:
    """One with the object that never is, as it is the same object."""
    point = {**obj(x=NUMBER), "title": "Point"}
    text = made({"name": "a", "payload": items(point, {**point, "type": ["object", "null"]}, obj(at={**point, "type": ["object", "null", "string"]}))})
    assert '"a": (arg0: Point, arg1: Point | null, arg2: { at: Point | string | null; }) => void;' in text
    assert text.count("export interface Point { x: number; }") == 1


def test_titled_objects_are_declared_where_they_are_met() -> None:
    """Objects of one title are one interface where they are equal, and two with a number where they are not."""
    point = {**obj(x=NUMBER), "title": "Point"}
    text = made({"name": "a", "payload": items(point, point, {**obj(y=NUMBER), "title": "Point"})})
    assert '"a": (arg0: Point, arg1: Point, arg2: Point2) => void;' in text
    assert "export interface Point { x: number; }" in text
    assert "export interface Point2 { y: number; }" in text


def test_descriptions_are_comments() -> None:
    """Of events, interfaces and members; none can end the comment."""
    text = made(
        {"name": "a", "description": "Ends */ here?\n\nNo.", "payload": ref("T")},
        schemas={"T": {**obj(x={**NUMBER, "description": "How far."}), "description": "A thing."}},
    )
    assert '/** * Ends *\\/ here? * * No. */ "a": (data: T) => void;' in text
    assert "/** A thing. */ export interface T { /** How far. */ x: number; }" in text


def test_sides_and_namespaces() -> None:
    """The root's interfaces are always there; others carry their namespace's name."""
    text = typescript(contract({"/admin": [{"name": "kick", "action": "receive"}, {"name": "audit"}]}))
    assert "export interface ServerToClientEvents {}" in text
    assert 'export interface AdminClientToServerEvents {\n  "kick": () => void;\n}' in text
    assert 'export interface AdminServerToClientEvents {\n  "audit": () => void;\n}' in text
    assert '"/admin": {\n    serverToClient: AdminServerToClientEvents;' in text


def test_names_that_stand_for_many_are_patterns() -> None:
    """Of events and of namespaces."""
    room = {"name": "room:{id}:`$\\", "x-socketio-template": True, "payload": NUMBER}
    text = typescript(contract({"/t-{id}": [room]}))
    assert r"  [name: `room:${string}:\`\$\\`]: (data: number) => void;" in text
    assert "  [name: `/t-${string}`]: {" in text


@pytest.mark.parametrize(
    ("template", "other", "key"),
    [
        ("room:{id}", {"name": "room:list"}, "`room:${number}`"),
        ("room:{id}", {"name": "room:"}, "`room:${number}`"),
        ("room:{id}", {"name": "room:12ab"}, "`room:${number}`"),
        ("room:{id}", {"name": "room:list", "payload": NUMBER}, "`room:${string}`"),  # of one type with it
        ("room:{id}", {"name": "door:list"}, "`room:${string}`"),
        ("room:{id}", {"name": "room:7"}, None),
        ("room:{id}", {"name": "room: -7.5e3"}, None),
        ("room:{id}", {"name": "room:0x1F"}, None),
        ("room:{text}", {"name": "room:list"}, None),
        ("{text}:{id}", {"name": "room:list"}, "`${string}:${number}`"),
        ("room:{id}", {"name": "room:{id}:update", "x-socketio-template": True}, "`room:${number}`"),
        ("room:{text}", {"name": "room:{id}:update", "x-socketio-template": True}, None),
        ("room:{id}:update", {"name": "room:{text}", "x-socketio-template": True}, "`room:${string}:update`"),
    ],
)
def test_a_pattern_leaves_out_names_that_have_a_type_of_their_own(template: str, other: Json, key: str | None) -> None:
    """TypeScript wants both to be one type: numbers are taken alone where that helps; both that and leaving out is said."""
    said: list[str] = []
    messages = [{"name": template, "x-socketio-template": True, "payload": NUMBER}, other]
    for order in (messages, messages[::-1]):
        said.clear()
        text = typescript(contract({"/": order}), say=said.append)
        assert (f"[name: {key}]: (data: number) => void;" in text) == (key is not None)
        assert (f'// "{template}" is ' in text) == (key is None or ("number" in key))
        about = [line for line in said if f's2c "{template}" is ' in line]
        assert [re.sub(r"^test\.json:\d+:\d+: untyped: .* is (.*), as .*", r"\1", line) for line in about] == (
            ["left out"] if key is None else ["typed for numbers only"] if "number" in key else []
        )


def test_patterns_of_namespaces_leave_out_names_of_their_own_too() -> None:
    """They are members of one interface."""
    said: list[str] = []
    text = typescript(contract({"/user-{id}": [], "/user-alice": [{"name": "a"}]}), say=said.append)
    assert "  [name: `/user-${number}`]: {" in text
    assert len(said) == 1
    assert 'namespace "/user-{id}" is typed for numbers only, as "/user-alice" has' in said[0]


@pytest.mark.parametrize(("choice", "kind"), [("any", "ArrayBuffer | ArrayBufferView"), ("Buffer", "Buffer")])
def test_binary_is_one_type(choice: str, kind: str) -> None:
    """It is named where it is used and can be chosen."""
    text = made({"name": "e", "payload": BINARY}, binary=choice)
    assert '"e": (data: Binary) => void;' in text
    assert f"export type Binary = {kind};" in text


def test_the_same_contract_gives_the_same_bytes() -> None:
    """Nothing of the run stands in the file."""
    message = {"name": "e", "payload": obj(a=obj(b=STRING))}
    assert made(message) == made(message)


def test_deep_schemas_do_not_exhaust_the_stack() -> None:
    """As deep as a document may be."""
    schema: Json = STRING
    for _ in range(180):
        schema = {"type": "array", "items": schema}
    assert type_of(schema) == "string" + "[]" * 180


def test_names_are_identifiers_given_once() -> None:
    """Signs part words, digits do not begin them, what is taken gets a number."""
    names = Names({"Class"})
    asked = ["place order", "place-order", "class", "1st", "*/", "", "名前", "ﬁle", "a" * 300]
    given = [names.claim(text, "Type") for text in asked]
    assert given[:8] == ["PlaceOrder", "PlaceOrder2", "Class2", "Type1st", "Type", "Type2", "名前", "File"]
    assert all(name.isidentifier() and len(name) <= 80 for name in given)


def test_namespaces_with_long_names_and_with_those_of_other_interfaces() -> None:
    """Two that begin with the same eighty letters have interfaces of their own, and so has one called after another's."""
    long = "/" + "organisation/" * 20
    text = typescript(contract({name: [] for name in (f"{long}a", f"{long}b", "/chat-server-to-client-events", "/chat")}))
    names = re.findall(r"export interface (\w+)ClientToServerEvents ", text)
    assert names == [("Organisation" * 7)[:80], ("Organisation" * 7)[:80] + "2", "ChatServerToClientEvents", "Chat2"]
    interfaces = re.findall(r"export interface (\w+) ", text)
    assert len(interfaces) == len(set(interfaces)) == 11
