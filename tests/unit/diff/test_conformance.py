"""Traffic against a contract: for every rule a value that makes it fire and one that keeps it silent."""

from __future__ import annotations

from typing import Any

import pytest

from infer.diff import KINDS, Conformance, Finding, Group, Level
from infer.errors import SpecError
from tests.unit.diff.documents import document, event, read_document, template
from tests.unit.diff.observations import OTHER_SERVER, SERVER, connected, opened, said

S, INT, BIN = {"type": "string"}, {"type": "integer"}, {"type": "string", "format": "binary"}
OBJ = {"type": "object", "properties": {"a": S, "n": {"type": "object", "properties": {"b": INT}}}, "required": ["a"]}
CLOSED = OBJ | {"additionalProperties": False}
TAGGED = {
    "oneOf": [
        {"type": "object", "properties": {"t": {"const": "x"}, "n": INT}, "required": ["t", "n"]},
        {"type": "object", "properties": {"t": {"const": "y"}, "s": S}, "required": ["t", "s"]},
    ]
}

CASES = {
    "oneOf": [
        {"type": "object", "properties": {"t": {"const": "x"}, "how": {"enum": ["a", "b"]}}, "required": ["t", "how"]},
        {"type": "object", "properties": {"t": {"const": "y"}, "how": {"enum": ["c"]}}, "required": ["t", "how"]},
        {"type": "object", "properties": {"t": {"enum": ["v", "w"]}, "to": {"enum": ["a", "b"]}}, "required": ["t", "to"]},
    ]
}
"""What is enumerated beside the tag does not tell variants apart."""


def held(made: dict[str, Any], *observations: Any, **options: bool) -> list[Finding]:
    conformance = Conformance(read_document(made), **options)
    for observation in observations:
        conformance.add(observation)
    return conformance.findings()


# kind: schema, a value that conforms, one that does not; path, detail and instance of the finding
VALUES: list[tuple[str, Any, Any, Any, str, str, str]] = [
    ("undeclared-property", OBJ, {"a": ""}, {"a": "", "c": 1}, "", "c", "/c"),
    ("undeclared-property", OBJ, {"a": "", "n": {}}, {"a": "", "n": {"x": 1}}, "properties/n", "x", "/n/x"),
    ("undeclared-property", {"allOf": [OBJ, {"properties": {"z": S}}]}, {"a": "", "z": ""}, {"a": "", "y": 1}, "", "y", "/y"),
    ("unexpected-property", CLOSED, {"a": ""}, {"a": "", "c": 1}, "", "c", "/c"),
    ("unexpected-property", {"properties": {"a": False}}, {"b": 1}, {"a": 1}, "", "a", "/a"),
    ("missing-property", OBJ, {"a": ""}, {"n": {}}, "", "a", ""),
    ("missing-property", TAGGED, {"t": "x", "n": 1}, {"t": "x"}, "oneOf/0", "n", ""),
    ("type-mismatch", S, "", 5, "", "", ""),
    ("type-mismatch", OBJ, {"a": ""}, {"a": 5}, "properties/a", "", "/a"),
    ("type-mismatch", S | {"enum": ["a"]}, "a", 5, "", "", ""),
    ("type-mismatch", {"properties": {"": {"items": {"properties": {"": S}}}}}, {"": [{"": ""}]}, {"": [{"": 5}]},
     "properties//items/properties/", "", "/0"),
    ("type-mismatch", {"anyOf": [INT, {"properties": {"n": {"properties": {"a": S | {"const": "b"}}}}, "type": "object"}]}, 1,
     {"n": {"a": 5}}, "anyOf/1/properties/n/properties/a", "", "/n/a"),
    ("type-mismatch", {"type": "array", "items": INT}, [1], [1, 2, "x"], "items", "", "/2"),
    ("type-mismatch", {"type": "array", "items": [S, INT]}, ["", 1], ["", ""], "prefixItems/1", "", "/1"),
    ("type-mismatch", {"anyOf": [S, {"type": "null"}]}, None, 5, "", "", ""),
    ("type-mismatch", TAGGED, {"t": "y", "s": ""}, {"t": "y", "s": 5}, "oneOf/1/properties/s", "", "/s"),
    ("binary-mismatch", BIN, b"\x00", "text", "", "", ""),
    ("binary-mismatch", S, "text", b"\x00", "", "", ""),
    ("binary-mismatch", OBJ, {"a": ""}, b"\x00", "", "", ""),
    ("binary-mismatch", {"type": ["string", "null"], "format": "binary"}, None, "text", "", "", ""),
    ("enum-mismatch", {"enum": ["a", "b"]}, "a", "c", "", "", ""),
    ("enum-mismatch", {"const": 1}, 1, 2, "", "", ""),
    ("enum-mismatch", CASES, {"t": "x", "how": "a"}, {"t": "x", "how": "z"}, "oneOf/0/properties/how", "", "/how"),
    ("enum-mismatch", CASES, {"t": "w", "to": "a"}, {"t": "w", "to": "z"}, "oneOf/2/properties/to", "", "/to"),
    ("bound-mismatch", INT | {"minimum": 3}, 3, 2, "", "minimum", ""),
    ("bound-mismatch", S | {"maxLength": 2}, "ab", "abc", "", "maxLength", ""),
    ("bound-mismatch", {"type": "array", "items": [S], "additionalItems": False}, [""], ["", ""], "", "maxItems", ""),
    ("pattern-mismatch", S | {"pattern": "^a"}, "ab", "b", "", "", ""),
    ("format-mismatch", S | {"format": "date"}, "2024-05-17", "17 May", "", "date", ""),
    ("variant-mismatch", {"oneOf": [INT, {"type": "number"}]}, 0.5, 1, "", "oneOf", ""),
    ("variant-mismatch", TAGGED, {"t": "x", "n": 1}, {"t": "z", "n": 1}, "", "oneOf", ""),
    ("variant-mismatch", CASES, {"t": "y", "how": "c"}, {"t": "z", "how": "c"}, "", "oneOf", ""),
    ("schema-mismatch", {"not": {"const": 3}}, 4, 3, "", "not", ""),
    ("schema-mismatch", {"type": "array", "contains": INT}, [1], [""], "", "contains", ""),
]


@pytest.mark.parametrize(("kind", "schema", "good", "bad", "path", "detail", "instance"), VALUES)
@pytest.mark.parametrize("direction", ["c2s", "s2c"])
def test_a_value_fires_its_rule_where_it_departs(
    direction: str, kind: str, schema: Any, good: Any, bad: Any, path: str, detail: str, instance: str
) -> None:
    """One finding, of that rule, with the schema's part and the place in the value; none where the value conforms."""
    made = document(event(direction, schema, ack=[schema]))
    assert held(made, said(direction, good, ack=[good])) == []
    for again in (1, 4):
        (found,) = held(made, said(direction, good), *[said(direction, bad, frame=7)] * again)
        assert found.rule.id == f"{direction}-{kind}"
        assert (found.path, found.detail, found.instance, found.slot) == (path, detail, instance, "args[0]")
        assert (found.count, len(found.evidence)) == (again, again)
        assert str(found.evidence[0].origin) == "a.har entry 2 frame 7"
        assert not found.has_witness
        assert found.base is not None
        assert found.base.line > 1
    other = {"c2s": "s2c", "s2c": "c2s"}[direction]
    (found,) = held(made, said(direction, good, ack=[bad]))
    assert (found.rule.id, found.slot, found.direction) == (f"{other}-{kind}", "ack[0]", direction)


DECLARED = document(event("c2s", S, INT, least=1), event("s2c", S, ack=[S], name="ask"), template("c2s", S), namespaces=("/", "/room-{id}"))
EVENTS: list[tuple[str, Any, Any]] = [
    ("undeclared-namespace", said("c2s", "", name="say"), said("c2s", "", namespace="/admin")),
    ("undeclared-namespace", connected("/room-1"), connected("/admin")),
    ("undeclared-event", said("c2s", ""), said("c2s", "", name="shout")),
    ("undeclared-direction", said("c2s", ""), said("s2c", "")),
    ("undeclared-direction", said("c2s", "", name="room:7"), said("s2c", "", name="room:7")),
    ("undeclared-ack", said("s2c", "", name="ask", ack=[""]), said("c2s", "", ack=[""])),
    ("too-few-args", said("c2s", ""), said("c2s")),
    ("too-many-args", said("c2s", "", 1), said("c2s", "", 1, 2)),
]


@pytest.mark.parametrize(("kind", "good", "bad"), EVENTS)
def test_an_event_fires_its_rule(kind: str, good: Any, bad: Any) -> None:
    """Once, however often it comes."""
    assert held(DECLARED, good, connected("/nowhere", accepted=False)) == []
    (found,) = held(DECLARED, good, bad, bad)
    assert found.rule.kind.name == kind
    assert found.count == 2


def test_acknowledgements_that_never_come_are_missed() -> None:
    """Where one is declared and was asked for three times; one that came shows that they do, and who did not ask misses none."""
    asked, unasked, answered = said("s2c", "", name="ask", asked=True, frame=7), said("s2c", "", name="ask"), said("s2c", "", name="ask", ack=[""])
    (found,) = held(DECLARED, asked, unasked, asked, asked, *[said("c2s", "", asked=True)] * 3)
    assert (found.rule.id, found.level, found.subject, found.count) == ("s2c-missing-ack", Level.ERROR, '/ s2c "ask" ack', 3)
    assert [str(each.origin) for each in found.evidence] == ["a.har entry 2 frame 7"] * 3
    assert found.base is not None
    assert found.base.line > 1
    assert held(DECLARED, asked, asked, *[unasked] * 3) == []
    assert held(DECLARED, asked, asked, asked, answered, asked) == []


def test_what_a_handshake_says_is_held_to_the_contract() -> None:
    """The path to those of the servers, the query to its schema, which speaks of what its strings mean."""
    query = {"type": "object", "properties": {"EIO": {"const": "4"}, "v": INT}, "required": ["EIO", "transport", "v"]}
    servers = {"a": {"host": "app.test", "protocol": "ws", "pathname": "/socket.io"}}
    made = document(event("c2s", S), channel={"bindings": {"ws": {"query": query}}}, servers=servers)
    assert held(made, opened(SERVER, ("v", "3"))) == []
    assert [each.rule.id for each in held(made, opened(OTHER_SERVER, ("v", "3")))] == ["undeclared-path"]
    assert [each.rule.id for each in held(made, opened(SERVER, ("v", "x")))] == ["c2s-type-mismatch"]
    assert [(each.rule.id, each.slot) for each in held(made, opened(SERVER))] == [("c2s-missing-property", "query")]


def test_auth_and_refusals_are_held_to_the_contract() -> None:
    """What refused clients sent as auth is none of the contract's; what they were told is."""
    made = document(event("c2s", S), channel={"x-socketio-auth": OBJ, "x-socketio-connect-error": OBJ})
    good, bad = {"a": ""}, {"a": 5}
    assert held(made, connected(auth=good), connected(accepted=False, auth=bad, error=good)) == []
    found = held(made, connected(auth=bad), connected(accepted=False, error=bad))
    assert [(each.rule.id, each.slot, each.path) for each in found] == [
        ("c2s-type-mismatch", "auth", "properties/a"), ("s2c-type-mismatch", "error", "properties/a"),
    ]  # fmt: skip


def test_an_unknown_keyword_is_named_and_never_counts_as_passed() -> None:
    """Where its slot was seen; where it was not, nothing can be said at all."""
    made = document(event("c2s", {"type": "object", "properties": {"a": {"isOdd": True}}}))
    assert held(made) == []
    (found,) = held(made, said("c2s", {"a": 1}), said("c2s", {"a": 2}))
    assert (found.rule.id, found.detail, found.count) == ("c2s-unknown-keyword", "isOdd", 2)
    assert "isOdd" in found.message
    assert found.level is Level.WARNING


def test_every_rule_of_traffic_is_tried_here() -> None:
    """A rule that is new in the table wants a value that fires it."""
    elsewhere = {"missing-ack", "undeclared-path", "unknown-keyword"}
    tried = {kind for kind, *_ in VALUES} | {kind for kind, *_ in EVENTS} | elsewhere
    assert tried == {kind.name for kind in KINDS.values() if kind.group is Group.TRAFFIC}


def test_names_that_are_data_stay_in() -> None:
    """Keys by which an application maps persons appear neither in a finding's fields nor in its words."""
    found = held(document(event("c2s", OBJ)), said("c2s", {"a": "", "ann@example.com": 1}), said("c2s", {"a": "", "12345": 1}))
    assert [(each.detail, each.count) for each in found] == [("*", 2)]
    assert not any("ann" in text or "12345" in text for each in found for text in (each.message, each.instance or ""))


def test_values_stay_in_unless_they_are_asked_for() -> None:
    """A finding holds the shape; the value only on request."""
    made = document(event("c2s", OBJ))
    (found,) = held(made, said("c2s", {"a": 4711}))
    assert not found.has_witness
    assert found.shape == "an integer"
    assert "4711" not in repr(found)
    (found,) = held(made, said("c2s", {"a": 4711}), keep_values=True)
    assert found.witness == 4711


def test_memory_does_not_grow_with_names() -> None:
    """Of very many names at one place the first are told apart, the others are counted as one."""
    conformance = Conformance(read_document(document(event("c2s", OBJ))))
    for number in range(500):
        conformance.add(said("c2s", {"a": "", "key" + "abcdefghij"[number % 10] * (number // 10 + 1): 1}))
    found = conformance.findings()
    assert len(found) == 65
    assert sum(each.count for each in found) == 500
    assert max(each.count for each in found) == 500 - 64


def test_alternatives_of_an_event_are_told_by_their_number_of_arguments() -> None:
    """A list that fits none is held to the alternative that it comes nearest to."""
    payload = {"oneOf": [event("c2s", S)["payload"], event("c2s", S, INT)["payload"]]}
    made = document({"name": "say", "direction": "c2s", "payload": payload})
    assert held(made, said("c2s", ""), said("c2s", "", 1)) == []
    (found,) = held(made, said("c2s", "", "x"))
    assert (found.rule.id, found.slot, found.path) == ("c2s-type-mismatch", "args[1]", "")


def test_a_schema_that_is_none_is_refused_with_its_place() -> None:
    """At once, and not when the first value comes."""
    with pytest.raises(SpecError, match="no valid schema") as error:
        Conformance(read_document(document(event("c2s", {"type": "strnig"}))))
    assert "contract.json:" in str(error.value.location)


def test_a_type_that_is_none_is_named_with_those_that_there_are() -> None:
    """Wherever it stands, alone or among others."""
    for schema in ({"type": "int"}, {"properties": {"a": {"type": ["string", "int"]}}}):
        with pytest.raises(SpecError, match="is no type") as error:
            Conformance(read_document(document(event("c2s", schema))))
        assert "boolean, integer" in str(error.value.hint)


def test_what_is_of_no_alternative_has_the_names_of_all() -> None:
    """Which one was meant is not known, so that a wrong value does not make others undeclared."""
    schema = OBJ | {"anyOf": [{"properties": {"x": INT}, "required": ["x"]}, {"properties": {"y": S}, "required": ["y"]}]}
    assert held(document(event("c2s", schema)), said("c2s", {"a": "", "x": 1})) == []
    assert {found.rule.kind.name for found in held(document(event("c2s", schema)), said("c2s", {"a": "", "x": ""}))} == {"type-mismatch"}


def test_recursive_schemas_are_followed_as_deep_as_the_value() -> None:
    """The path names the part where it stands, not how often it was gone through."""
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}, "v": INT}}
    made = document(event("c2s", {"$ref": "#/components/schemas/Node"}), schemas={"Node": node})
    assert held(made, said("c2s", {"next": {"next": {"v": 1}}})) == []
    (found,) = held(made, said("c2s", {"next": {"next": {"v": ""}}}))
    assert (found.path, found.instance) == ("properties/next/properties/next/properties/v", "/next/next/v")


def test_a_value_of_no_variant_is_told_by_its_tag() -> None:
    """The property by which variants are told apart is named, where none has that one, or where it is not there."""
    (found,) = held(document(event("c2s", CASES)), said("c2s", {"t": "z", "how": "a"}))
    assert found.message == 'an object of 2 properties that is of no variant: none has that "t"'
    (found,) = held(document(event("c2s", CASES)), said("c2s", {"kind": "x", "how": "a"}))[:1]
    assert found.message == 'an object of 2 properties that is of no variant: all have "t"'
    (found,) = held(document(event("c2s", {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]})), said("c2s", {}))
    assert found.message == "an object of 0 properties that is of no variant"


def test_the_types_that_are_declared_are_named_also_where_references_lead() -> None:
    """Of all alternatives, each once, and of an attachment beside null what it is."""
    person, circle = {"$ref": "#/components/schemas/Person"}, {"$ref": "#/components/schemas/Circle"}
    schemas = {"Person": OBJ, "Circle": {"anyOf": [circle, S, S]}}
    for schema, value, words in (
        ({"anyOf": [{"type": "null"}, person]}, 5, "an integer where null or object is declared"),
        (circle, 5, "an integer where string is declared"),
        (BIN | {"type": ["string", "null"]}, 5, "an integer where binary or null is declared"),
    ):
        (found,) = held(document(event("c2s", schema), schemas=schemas), said("c2s", value))
        assert found.message == words


def test_references_beside_a_description_are_followed_without_an_end_to_them() -> None:
    """As draft 7 has to write them, in `allOf`: of a tree each level would be written out, and twice as often as the one above."""
    node = {"allOf": [{"$ref": "#/components/schemas/Node"}], "description": "A subtree."}
    schemas = {"Node": {"type": "object", "properties": {"left": node, "right": node, "value": {"type": "integer"}}}}

    def tree(levels: int) -> dict[str, Any]:
        return {"value": 1} | ({"left": tree(levels - 1), "right": tree(levels - 1)} if levels else {})

    seen = [said("c2s", tree(3)) for _ in range(4)]
    assert held(document(event("c2s", node), schemas=schemas), *seen) == []
    (found,) = held(document(event("c2s", node), schemas=schemas), *seen, said("c2s", {"left": {"value": 1, "weight": 2}}))
    assert (found.rule.id, found.detail, found.count) == ("c2s-undeclared-property", "weight", 1)
