"""The table of rules, and for every rule of a change one pair of documents that makes it fire and one that does not."""

from __future__ import annotations

from typing import Any

import pytest

from infer.asyncapi.schemas import Schema
from infer.diff import KINDS, RULES, Compat, Group, Level, compare
from infer.diff.checker import Checker
from infer.diff.rules import rule_of
from infer.diff.walk import Walk
from infer.model import Direction
from tests.unit.diff.documents import document, event, read_document, template

CHANGES = [kind for kind in KINDS.values() if kind.group is Group.CHANGE]


def obj(required: str = "", *, closed: bool = False, **properties: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        made["required"] = required.split()
    return made | ({"additionalProperties": False} if closed else {})


S, N, INT, BIN = {"type": "string"}, {"type": "number"}, {"type": "integer"}, {"type": "string", "format": "binary"}


def one_of(*tags: str) -> dict[str, Any]:
    return {
        "oneOf": [
            {"type": "object", "properties": {"t": {"const": tag}, tag: S, "n": INT}, "required": ["t", tag]} for tag in tags
        ]
    }


# kind: the part before, after, and after another change, which is none of that kind
SCHEMAS: dict[str, tuple[Any, Any, Any]] = {
    "property-required-added": (obj(a=S), obj("b", a=S, b=S), obj(a=S, b=S)),
    "property-required-added-closed": (obj(a=S, closed=True), obj("b", a=S, b=S, closed=True), obj("a", a=S, closed=True)),
    "property-optional-added": (obj(a=S), obj(a=S, b=S), obj("b", a=S, b=S)),
    "property-optional-added-closed": (obj(a=S, closed=True), obj(a=S, b=S, closed=True), obj(a=S)),
    "property-required-removed": (obj("b", a=S, b=S), obj(a=S), obj(a=S, b=S)),
    "property-required-removed-closed": (obj("b", a=S, b=S, closed=True), obj(a=S, closed=True), obj(a=S, b=S, closed=True)),
    "property-optional-removed": (obj(a=S, b=S), obj(a=S), obj("b", a=S, b=S)),
    "property-optional-removed-closed": (obj(a=S, b=S, closed=True), obj(a=S, closed=True), obj(a=S, b=S)),
    "property-became-required": (obj(a=S), obj("a", a=S), obj(a=INT)),
    "property-became-optional": (obj("a", a=S), obj(a=S), obj("a", a=INT)),
    "object-closed": (obj(a=S), obj(a=S, closed=True), obj("a", a=S)),
    "object-opened": (obj(a=S, closed=True), obj(a=S), obj("a", a=S, closed=True)),
    "type-widened": (INT, N, S),
    "type-narrowed": ({"type": ["string", "integer"]}, S, {"type": ["string", "integer", "boolean"]}),
    "type-replaced": (S, INT, {"type": ["string", "integer"]}),
    "null-allowed": (S, {"type": ["string", "null"]}, {"type": ["string", "integer"]}),
    "null-disallowed": ({"anyOf": [S, {"type": "null"}]}, S, {"type": "null"}),
    "binary-changed": (BIN, obj(a=S), {"type": "string", "format": "byte"} | {"type": ["string"], "format": "binary"}),
    "enum-value-added": ({"enum": ["a", "b"]}, {"enum": ["a", "c", "b"]}, {"enum": ["b", "a"]}),
    "enum-value-removed": ({"enum": ["a", "b"]}, {"enum": ["a"]}, {"enum": ["b", "a", "c"]}),
    "enum-introduced": (S, S | {"enum": ["a", "b"]}, S | {"minLength": 1}),
    "enum-dropped": (S | {"enum": ["a", "b"]}, S, S | {"enum": ["a"]}),
    "bound-tightened": (INT | {"minimum": 0}, INT | {"exclusiveMinimum": 0}, INT | {"minimum": -1}),
    "bound-loosened": (S | {"maxLength": 4}, S | {"maxLength": 5}, S | {"maxLength": 3}),
    "pattern-tightened": (S | {"pattern": "^[a-z]+$"}, S | {"pattern": "^[a-c]+$"}, S | {"pattern": "^[a-z][a-z]*$"}),
    "pattern-loosened": (S | {"pattern": "^ab"}, S | {"pattern": "^a"}, S | {"pattern": "^(?:ab)"}),
    "pattern-replaced": (S | {"pattern": "^[A-Z]{2}-[0-9]+$"}, S | {"pattern": "^[A-Z]{3}-[0-9]+$"}, S),
    "format-changed": (S | {"format": "date"}, S | {"format": "date-time"}, S | {"format": "date", "minLength": 1}),
    "variant-added": (one_of("x"), one_of("x", "y"), obj("t x", t={"const": "x"}, x=S, n=INT)),
    "variant-removed": (one_of("x", "y"), one_of("y"), one_of("y", "x")),
    "schema-narrowed": (INT, INT | {"not": {"const": 3}}, N),
    "schema-widened": (INT | {"not": {"const": 3}}, INT, INT | {"not": {"enum": [3, 4]}}),
    "schema-replaced": (INT | {"multipleOf": 2}, INT | {"multipleOf": 3}, INT | {"multipleOf": 4}),
    "schema-undecided": (INT, INT | {"isOdd": True}, INT | {"x-odd": True, "description": "odd"}),
}


def _lists(kind: str) -> tuple[Any, Any, Any]:
    return {
        "arg-required-added": (((S,), 1), ((S, INT), 2), ((S, INT), 1)),
        "arg-optional-added": (((S,), 1), ((S, INT), 1), ((S, INT), 2)),
        "arg-required-removed": (((S, INT), 2), ((S,), 1), ((S, INT), 1)),
        "arg-optional-removed": (((S, INT), 1), ((S,), 1), ((S, INT), 2)),
        "arg-became-required": (((S, INT), 1), ((S, INT), 2), ((S, N), 1)),
        "arg-became-optional": (((S, INT), 2), ((S, INT), 1), ((S, N), 2)),
    }[kind]


def _documents(kind: str, direction: str) -> list[dict[str, Any]]:
    """A document, one with that change, and one with another change, for a slot that travels in that direction."""
    other = {"c2s": "s2c", "s2c": "c2s"}[direction]
    plain = event(direction, S)
    acked = event(direction, S, ack=[S])
    if kind in SCHEMAS:
        return [document(event(direction, schema)) for schema in SCHEMAS[kind]]
    if kind.startswith("arg-"):
        return [document(event(direction, *args, least=least)) for args, least in _lists(kind)]
    second = event(direction, S, name="more")
    return {
        "event-removed": [document(plain, second), document(plain), document(plain, event(direction, INT, name="more"))],
        "event-added": [document(plain), document(plain, second), document(event(direction, INT))],
        "ack-removed": [document(acked), document(plain), document(event(direction, S, ack=[INT]))],
        "ack-added": [document(plain), document(acked), document(event(direction, INT))],
        "auth-added": [document(plain), document(plain, channel={"x-socketio-auth": S}), document(event(direction, INT))],
        "auth-removed": [
            document(plain, channel={"x-socketio-auth": S}), document(plain), document(plain, channel={"x-socketio-auth": INT}),
        ],
        "refusal-added": [document(plain), document(plain, channel={"x-socketio-connect-error": S}), document(event(other, S))],
        "refusal-removed": [
            document(plain, channel={"x-socketio-connect-error": S}), document(plain),
            document(plain, channel={"x-socketio-connect-error": INT}),
        ],
        "namespace-removed": [
            document(plain, namespaces=("/", "/b")), document(plain), document(event(direction, INT), namespaces=("/", "/b")),
        ],
        "namespace-added": [document(plain), document(plain, namespaces=("/", "/b")), document(event(direction, INT))],
        "namespace-names-narrowed": [
            document(plain, namespaces=("/", "/b-{id}")), document(plain, namespaces=("/", "/b-7")),
            document(event(direction, INT), namespaces=("/", "/b-{id}")),
        ],
        "namespace-names-widened": [
            document(plain, namespaces=("/", "/b-7")), document(plain, namespaces=("/", "/b-{id}")),
            document(event(direction, INT), namespaces=("/", "/b-7")),
        ],
        "event-names-narrowed": [
            document(template(direction, S)), document(event(direction, S, name="room:7")), document(template(direction, INT)),
        ],
        "event-names-widened": [
            document(event(direction, S, name="room:7")), document(template(direction, S)),
            document(event(direction, INT, name="room:7")),
        ],
        "path-removed": [_served("/a/"), _served("/b/"), _served("/a/", "/b/")],
        "path-added": [_served("/a/"), _served("/a/", "/b/"), _served("/a/")],
        "protocol-removed": [_served("/a/", version="4"), _served("/a/", version="5"), _served("/b/", version="4")],
        "protocol-added": [_served("/a/", version="4"), _served("/a/", version="5"), _served("/b/", version="4")],
    }[kind]  # fmt: skip


def _served(*paths: str, version: str = "5") -> dict[str, Any]:
    servers = {
        f"s{number}": {"host": "h", "protocol": "ws", "pathname": path, "protocolVersion": version}
        for number, path in enumerate(paths)
    }
    return document(event("c2s", S), servers=servers)


FIRING = [
    (kind.name, direction)
    for kind in CHANGES
    for direction in (["c2s", "s2c"] if kind.any is None else ["c2s"])
    if kind.any is not None or getattr(kind, direction) is not None
]


@pytest.mark.parametrize(("kind", "direction"), FIRING)
def test_a_change_fires_its_rule_alone_at_the_level_of_the_table(kind: str, direction: str) -> None:
    """The change is one finding, of that rule, and the change that is another kind does not fire it."""
    before, after, otherwise = map(read_document, _documents(kind, direction))
    rule = rule_of(kind, Direction(direction))
    found = compare(before, after)
    pairs = {"path-removed": "path-added", "protocol-removed": "protocol-added", "protocol-added": "protocol-removed"}
    expected = {rule.id, pairs.get(kind, rule.id)}
    assert {finding.rule.id for finding in found} == expected
    assert len(found) == len(expected)
    mine = next(finding for finding in found if finding.rule is rule)
    assert mine.level is rule.level
    assert mine.place is not None
    assert mine.place.file == "contract.json"
    others = compare(before, otherwise)
    assert rule.id not in {finding.rule.id for finding in others if finding.fingerprint == mine.fingerprint}
    if kind not in {"binary-changed", "pattern-tightened", "pattern-loosened"}:
        assert rule.id not in {finding.rule.id for finding in others}


@pytest.mark.parametrize(("kind", "direction"), FIRING)
def test_a_document_does_not_differ_from_itself(kind: str, direction: str) -> None:
    """Whatever it holds, and however its annotations read."""
    for made in _documents(kind, direction):
        again = read_document(made | {"info": {"title": "Other", "version": "9", "description": "words"}})
        assert compare(read_document(made), again) == []


def test_each_kind_has_a_rule_a_direction_or_says_why_not() -> None:
    """The symmetry of the table: c2s and s2c stand beside each other, or a waiver is written."""
    for kind in KINDS.values():
        if kind.any is not None:
            assert kind.c2s is None
            assert kind.s2c is None
        elif kind.c2s is None or kind.s2c is None:
            assert kind.waiver, f"{kind.name} has one direction only and no waiver"
        else:
            assert kind.waiver is None, f"{kind.name} has both directions: its waiver is stale"


def test_each_change_has_its_way_back() -> None:
    """The reverse of a reverse is the change itself, and both know the same directions."""
    for kind in CHANGES:
        assert kind.reverse is not None
        back = KINDS[kind.reverse]
        assert back.reverse == kind.name
        assert (kind.c2s is None, kind.s2c is None, kind.any is None) == (back.c2s is None, back.s2c is None, back.any is None)


def test_what_hurts_no_one_is_information_on_the_other_side() -> None:
    """What is refused by a narrower schema is safe to receive, and the other way round: levels mirror each other."""
    asymmetric = {
        # both sides suffer from what is replaced or gone, and formats and the undecided are the same doubt for both
        "event-removed", "event-added", "event-names-narrowed", "event-names-widened", "type-replaced", "binary-changed", "pattern-replaced", "schema-replaced",
        "format-changed", "schema-undecided",
        # JavaScript ignores an argument too many, a fixed signature does not
        "arg-required-added", "arg-required-removed", "arg-optional-added", "arg-optional-removed",
        # properties that are unknown are ignored, unless they are refused
        "property-required-added-closed", "property-required-removed-closed", "property-optional-added",
        "property-optional-removed", "property-optional-added-closed", "property-optional-removed-closed",
    }  # fmt: skip
    for kind in CHANGES:
        if kind.any is None and kind.waiver is None and kind.name not in asymmetric:
            assert {kind.c2s, kind.s2c} == {Level.ERROR, Level.INFO}, kind.name
            back = KINDS[kind.reverse or ""]
            assert (kind.c2s, kind.s2c) == (back.s2c, back.c2s), kind.name


def test_an_acknowledgement_travels_the_other_way() -> None:
    """A property that is gone from the answer to a client's request is an error; from a client's answer, information."""
    before, after = obj("a", a=S), obj()
    for direction, level, rule in (
        ("c2s", Level.ERROR, "s2c-property-required-removed"), ("s2c", Level.INFO, "c2s-property-required-removed"),
    ):  # fmt: skip
        old, new = (read_document(document(event(direction, S, ack=[each]))) for each in (before, after))
        found = compare(old, new)
        assert [(each.rule.id, each.level, each.slot, each.direction) for each in found] == [(rule, level, "ack[0]", direction)]


SAYING_MUCH: tuple[Any, ...] = obj("a", a=S, b=obj(c=INT)), {"type": "array", "items": obj("a", a=S)}, one_of("x", "y"), S | {"maxLength": 3}


@pytest.mark.parametrize("schema", SAYING_MUCH)
@pytest.mark.parametrize("place", [lambda schema: schema, lambda schema: obj("k", k=schema), lambda schema: {"type": "array", "items": schema}])
def test_what_a_schema_said_before_anything_was_possible_is_one_change(schema: Any, place: Any) -> None:
    """That its properties and bounds are gone goes with it, and so it does on the way back."""
    before, after = (read_document(document(event("s2c", place(each)))) for each in [schema, {}])
    assert [each.rule.id for each in compare(before, after)] == ["s2c-type-widened"]
    assert [each.rule.id for each in compare(after, before)] == ["s2c-type-narrowed"]


def test_what_is_said_without_a_type_has_its_own_name_also_where_it_is_all() -> None:
    """Where types stay, there is nothing that it goes with."""
    said: list[tuple[dict[str, Any], str]] = [
        ({"maxLength": 3}, "bound-loosened"), ({"properties": {"a": S}, "required": ["a"]}, "property-required-removed"),
    ]  # fmt: skip
    for schema, rule in said:
        before, after = (read_document(document(event("s2c", obj("k", k=each)))) for each in (schema, {}))
        assert [each.rule.id for each in compare(before, after)] == [f"s2c-{rule}"]


@pytest.mark.parametrize("compat", Compat)
def test_forward_is_backward_of_the_way_back(compat: Compat) -> None:
    """The level of a change going forward is that of its reverse going backward; full takes the worse."""
    for rule in RULES.values():
        if rule.kind.group is Group.TRAFFIC:
            assert rule.under(compat) is rule.level
            continue
        back = rule_of(rule.kind.reverse or "", rule.direction).level
        worse = max(rule.level, back, key=lambda level: level.rank)
        assert rule.under(compat) is {"backward": rule.level, "forward": back, "full": worse}[compat.value]


def test_a_direction_that_is_turned_is_gone_on_the_one_side_and_new_on_the_other() -> None:
    """There is no rule of its own for it."""
    found = compare(read_document(document(event("c2s", S))), read_document(document(event("s2c", S))))
    assert sorted(finding.rule.id for finding in found) == ["c2s-event-removed", "s2c-event-added"]


SAME: list[tuple[Any, Any]] = [
    (INT | {"exclusiveMinimum": 0}, INT | {"minimum": 1}),
    (N | {"multipleOf": 1}, INT),
    ({"type": "boolean"}, {"enum": [True, False]}),
    ({"type": "null"}, {"const": None}),
    ({"enum": [1, 2]}, {"enum": [2.0, 1.0]}),
    (S | {"pattern": "^a+$"}, S | {"pattern": "^aa*$"}),
    ({"anyOf": [{"oneOf": [S, INT]}, N]}, {"type": ["string", "number"]}),
    ({"if": S, "then": {"minLength": 1}}, {"anyOf": [{"not": S}, {"minLength": 1}]}),
    ({"allOf": [obj("a", a=S), obj("b", b=S)]}, obj("a b", a=S, b=S)),
]


@pytest.mark.parametrize(("one", "other"), SAME)
@pytest.mark.parametrize("direction", ["c2s", "s2c"])
def test_what_is_only_written_in_another_way_is_no_change(direction: str, one: Any, other: Any) -> None:
    """Alone and inside another schema; a change beside it is still one."""
    for before, after in ((one, other), (other, one)):
        alone, alike = (read_document(document(event(direction, each))) for each in (before, after))
        assert compare(alone, alike) == []
        old, new = (read_document(document(event(direction, obj("p", p=each, q=q)))) for each, q in ((before, S), (after, INT)))
        assert [each.path for each in compare(old, new)] == ["properties/q"]


def test_null_goes_with_everything_else() -> None:
    """Where anything was possible, or is now, it is one change."""
    some, anything = (read_document(document(event("c2s", obj(a=each)))) for each in (S, {}))
    assert [each.rule.id for each in compare(anything, some)] == ["c2s-type-narrowed"]
    assert [each.rule.id for each in compare(some, anything)] == ["c2s-type-widened"]


def test_what_is_no_change_in_one_place_may_be_one_in_another() -> None:
    """A definition whose change another alternative makes up for stands in another property too."""
    def made(limit: int) -> Any:
        some = {"$ref": "#/components/schemas/Some"}
        return document(event("c2s", obj(a={"anyOf": [some, INT]}, b=some)), schemas={"Some": INT | {"minimum": limit}})

    found = compare(read_document(made(1)), read_document(made(2)))
    assert [(each.rule.id, each.path) for each in found] == [("c2s-bound-tightened", "properties/b")]


X = "^x"


def like(kind: Any = None, *, others: Any = None, **properties: Any) -> dict[str, Any]:
    """An object whose properties that begin with x are of that kind, and those that nothing is said of of the others'."""
    made: dict[str, Any] = {"type": "object", "properties": properties} | ({} if kind is None else {"patternProperties": {X: kind}})
    return made | ({} if others is None else {"additionalProperties": others})


AB: dict[str, Any] = {"a": S, "b": S}
EITHER = [{"required": ["a"]}, {"required": ["b"]}]
SHARED: list[tuple[Any, Any, dict[str, str], dict[str, str]]] = [
    # a property is what the patterns or `additionalProperties` say where it is not declared
    (like(others=S, a=N), like(others=S), {"property-optional-removed": "", "type-replaced": "properties/a"},
     {"property-optional-added": "", "type-replaced": "properties/a"}),
    (like(S, x1=N), like(S), {"property-optional-removed": "", "type-replaced": "properties/x1"},
     {"property-optional-added": "", "type-replaced": "properties/x1"}),
    (like(others=S, a=S), like(others=S), {"property-optional-removed": ""}, {"property-optional-added": ""}),
    (like(N, others=S), like(others=S), {"type-replaced": "patternProperties/^x"}, {"type-replaced": "patternProperties/^x"}),
    (like(N, others=False), like(others=False), {"object-closed": ""}, {"object-opened": ""}),
    (like(N), like(), {"type-widened": "patternProperties/^x"}, {"type-narrowed": "patternProperties/^x"}),
    ({"type": "object", "patternProperties": {"^xy": N}}, {"type": "object", "patternProperties": {"^xy": N, "^x": N}},
     {"type-narrowed": "patternProperties/^x"}, {"type-widened": "patternProperties/^x"}),
    (like(a=N), like(a=S, b=False), {"type-replaced": "properties/a", "object-closed": ""}, {"type-replaced": "properties/a", "object-opened": ""}),
    # alternatives are of what all of them share, whether or not the other side has any
    (obj(**AB) | {"anyOf": EITHER}, obj(**AB), {"property-became-optional": "anyOf/0"}, {"property-became-required": "anyOf/0"}),
    (obj(**AB) | {"anyOf": EITHER}, obj("a", **AB), {"variant-removed": ""}, {"variant-added": ""}),
    (S | {"pattern": "z", "anyOf": [{"minLength": 1}, {"maxLength": 9}]}, S | {"pattern": "^[xy]", "minLength": 1},
     {"pattern-replaced": "anyOf/0", "variant-removed": ""}, {"pattern-replaced": "anyOf/0", "variant-added": ""}),
    # what is of several variants of a `oneOf` is of none
    ({"oneOf": [obj("a", a=S), obj("b", b=S, closed=True)]}, {"oneOf": [obj("a", a=S), obj("b", b=S)]},
     {"object-opened": "oneOf/1", "schema-narrowed": ""}, {"object-closed": "oneOf/1", "schema-widened": ""}),
    (obj(**AB) | {"anyOf": EITHER}, obj(**AB) | {"oneOf": EITHER}, {"schema-narrowed": ""}, {"schema-widened": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "there", "back"), SHARED)
def test_what_a_part_may_be_is_said_in_several_places(one: Any, other: Any, there: dict[str, str], back: dict[str, str]) -> None:
    """By patterns, by what is said of all other properties, by what alternatives share, and by their being alternatives."""
    first, second = (read_document(document(event("c2s", each))) for each in (one, other))
    assert {each.rule.kind.name: each.path for each in compare(first, second)} == there
    assert {each.rule.kind.name: each.path for each in compare(second, first)} == back


def test_schemas_that_are_made_for_the_comparison_alone_are_told_apart() -> None:
    """One that is gone does not stand for another that is made in its place."""
    contract = read_document(document())
    walk = Walk(Checker(contract), Checker(contract))
    assert [walk.same(*(Schema({"minLength": bound}, contract.place) for bound in (7, number))) for number in range(8)] == [False] * 7 + [True]
