"""`infer.diff.subtype`: yes is proved, and no has a value that shows it, by JSON Schema's own validator."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from infer.asyncapi.contract import Contract
from infer.asyncapi.schemas import Schema
from infer.diff.checker import Checker
from infer.diff.subtype import Answer, Verdict, subtype
from tests.unit.diff.documents import Json, document, event, read_document

S, INT, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
TREE = {"type": "object", "properties": {"of": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}


def answer(first: Json | bool, second: Json | bool, **schemas: Json) -> Verdict:
    """Whether every value of the first is one of the second, both as the argument of an event."""
    contracts = [read_document(document(event("c2s", each), schemas=schemas)) for each in (first, second)]
    (one, other) = map(argument, contracts)
    return subtype(Checker(contracts[0]), one, Checker(contracts[1]), other)


def argument(contract: Contract) -> Schema:
    ((_, declared),) = contract.events()
    return declared.args.merged().slots[0].schema


def objects(*required: str, **properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(required)}


def lists(*items: Json, rest: Json | bool = True, **more: Any) -> Json:
    return {"type": "array", "items": rest, **({"prefixItems": list(items)} if items else {}), **more}


NARROWER: dict[str, tuple[Json | bool, Json | bool]] = {
    "a type": (True, S),
    "one type of several": ({"type": ["string", "null"]}, S),
    "another type of several": ({"type": ["integer", "boolean"]}, INT),
    "integers": (NUMBER, INT),
    "a member less": ({"enum": ["x", "y", 4711]}, {"enum": ["x", "y"]}),
    "a constant": ({"enum": [1, 2]}, {"const": 1}),
    "a minimum": (INT, INT | {"minimum": 5000}),
    "a higher minimum": (INT | {"minimum": 5000}, INT | {"minimum": 5001}),
    "a minimum of fractions": (NUMBER | {"minimum": 100}, NUMBER | {"exclusiveMinimum": 100}),
    "a maximum": (INT | {"minimum": 5000}, INT | {"minimum": 5000, "maximum": 6000}),
    "a lower maximum": (NUMBER | {"maximum": -500}, NUMBER | {"maximum": -500.5}),
    "multiples": (INT | {"multipleOf": 3}, INT | {"multipleOf": 6}),
    "a least length": (S, S | {"minLength": 5}),
    "a greater least length": (S | {"minLength": 50}, S | {"minLength": 51}),
    "a greatest length": (S | {"minLength": 50}, S | {"minLength": 50, "maxLength": 50}),
    "a pattern": (S | {"pattern": "^k[a-z]{3}$"}, S | {"pattern": "^k[a-y]{3}$"}),
    "a format": (S, S | {"format": "ipv4"}),
    "a required property": (objects(a=S, b=INT), objects("b", a=S, b=INT)),
    "a required property of which nothing is said": (objects("a", a=S), objects("a", "b", a=S)),
    "a required property that is new": ({"type": "object"}, objects("b", b=INT)),
    "a property": (objects("a", a=INT), objects("a", a=INT | {"maximum": 3000})),
    "an optional property": (objects("a", a=S, b=INT), objects("a", a=S, b=INT | {"maximum": 3000})),
    "a property within": (objects("a", a=objects("b", b=S)), objects("a", a=objects("b", b=S | {"maxLength": 9}))),
    "a property of which nothing was said": ({"type": "object"}, objects(b=INT)),
    "a closed object": (objects("a", a=S), objects("a", a=S) | {"additionalProperties": False}),
    "other properties": (objects(a=S) | {"additionalProperties": NUMBER}, objects(a=S) | {"additionalProperties": INT}),
    "properties by a pattern": (
        {"type": "object", "patternProperties": {"^[0-9]{3}$": NUMBER}, "additionalProperties": False},
        {"type": "object", "patternProperties": {"^[0-9]{3}$": INT}, "additionalProperties": False},
    ),
    "a pattern less": (
        {"type": "object", "patternProperties": {"^k": INT, "^x-": INT}, "additionalProperties": False},
        {"type": "object", "patternProperties": {"^k": INT}, "additionalProperties": False},
    ),
    "fewer properties": (objects(a=S), objects(a=S) | {"maxProperties": 12}),
    "more properties": (objects(a=S) | {"minProperties": 12}, objects(a=S) | {"minProperties": 13}),
    "a property that another demands": (objects(a=S, b=S), objects(a=S, b=S) | {"dependentRequired": {"a": ["b"]}}),
    "a property where another is": (
        objects("b", a=S, b=INT),
        objects("b", a=S, b=INT) | {"dependentSchemas": {"a": {"properties": {"b": {"minimum": 900}}}}},
    ),
    "names of properties": (objects(), objects() | {"propertyNames": {"maxLength": 3}}),
    "items": (lists(rest=NUMBER), lists(rest=INT)),
    "a place of a list": (lists(S, NUMBER, rest=False, minItems=2), lists(S, INT, rest=False, minItems=2)),
    "a place behind": (lists(S), lists(S, INT)),
    "the rest of a list": (lists(S, rest=S), lists(S, rest=S | {"maxLength": 20})),
    "a list that is closed": (lists(S), lists(S, rest=False)),
    "a longer list": (lists(rest=INT), lists(rest=INT, minItems=3)),
    "a list of more": (lists(rest=INT, minItems=20), lists(rest=INT, minItems=21)),
    "a shorter list": (lists(rest=INT), lists(rest=INT, maxItems=20)),
    "items that differ": (lists(rest=INT), lists(rest=INT, uniqueItems=True)),
    "a list that has one": (lists(rest=INT), lists(rest=INT, contains={"minimum": 40})),
    "an alternative less": ({"anyOf": [S, INT, objects("a", a=S)]}, {"anyOf": [S, INT]}),
    "a branch": ({"oneOf": [objects("k", "a", k={"const": "x"}, a=INT), objects("k", k={"const": "y"})]},
                 {"oneOf": [objects("k", "a", k={"const": "x"}, a=INT | {"minimum": 70}), objects("k", k={"const": "y"})]}),
    "one more demand": ({"allOf": [S]}, {"allOf": [S, {"minLength": 30}]}),
    "what is not": (S, S | {"not": {"const": "a certain one"}}),
    "a condition": (NUMBER, NUMBER | {"if": {"const": 4711}, "then": {"multipleOf": 2}}),
    "a tree": (TREE, TREE | {"required": ["of"]}),
}  # fmt: skip
"""Schemas with narrower ones."""


@pytest.mark.parametrize(("wide", "narrow"), NARROWER.values(), ids=NARROWER)
def test_a_narrower_schema_refuses_a_value_of_the_wider_one(wide: Json | bool, narrow: Json | bool) -> None:
    """The witness is one; the other way round all are taken."""
    found = answer(wide, narrow, Tree=TREE)
    assert found.answer is Answer.NO
    whole = [{"allOf": [each], "components": {"schemas": {"Tree": TREE}}} for each in (wide, narrow)]
    assert [jsonschema_rs.Draft202012Validator(each, validate_formats=True).is_valid(found.witness) for each in whole] == [True, False]
    assert answer(narrow, wide, Tree=TREE).answer is not Answer.NO
