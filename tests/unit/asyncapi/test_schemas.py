"""`infer.asyncapi.schemas`: what older drafts and OpenAPI say in other words, as JSON Schema 2020-12 says it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infer.asyncapi.contract import Contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.asyncapi.schemas import Schema
from infer.errors import SpecError

Json = dict[str, Any]


def reading(*payloads: Any, **more: Any) -> Contract:
    """The contract of a document whose events, called by their number, have these payloads."""
    messages = [{"name": str(number), "payload": payload} for number, payload in enumerate(payloads)]
    made = {"asyncapi": "2.6.0", "channels": {"/": {"publish": {"message": {"oneOf": messages}}}}, **more}
    return read(Documents(lambda _: json.dumps(made)), "a.json")


def schemas(contract: Contract) -> list[Schema]:
    return [contract.resolve(event.args.merged().slots[0].schema) for _, event in sorted(contract.events(), key=lambda each: each[1].name)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        # draft 4, 5.1: they were booleans beside the bounds
        ({"type": "number", "minimum": 1, "exclusiveMinimum": True}, {"type": "number", "exclusiveMinimum": 1}),
        ({"type": "number", "minimum": 1, "exclusiveMinimum": False}, {"type": "number", "minimum": 1}),
        ({"type": "number", "maximum": 1, "exclusiveMaximum": True}, {"type": "number", "exclusiveMaximum": 1}),
        ({"type": "number", "exclusiveMaximum": True}, {"type": "number"}),
        ({"type": "number", "exclusiveMaximum": 1}, {"type": "number", "exclusiveMaximum": 1}),
        # OpenAPI 3.0.3, Schema Object: a true value adds "null" to the type
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "enum": ["a"], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": "string", "enum": ["a", None], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": ["string", "null"], "nullable": True}, {"type": ["string", "null"]}),
        ({"type": ["string", "integer"], "nullable": True}, {"type": ["string", "integer", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        # draft 7, 6.5.7: split in two by 2019-09
        ({"dependencies": {"a": ["b"]}}, {"dependentRequired": {"a": ["b"]}}),
        ({"dependencies": {"a": {"required": ["b"]}}}, {"dependentSchemas": {"a": {"required": ["b"]}}}),
        ({"dependencies": {"a": ["b"], "c": False}}, {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"not": {}}}}),
        # Swagger 2.0's word for a file
        ({"type": "file"}, {"type": "string", "format": "binary"}),
        (True, {}),
        (False, {"not": {}}),
        # 2020-12, 9 and 7.7 of validation and core: annotations
        ({"type": "string", "title": "T", "default": 1, "$comment": "c", "examples": [1], "x-own": 1, "readOnly": True}, {"type": "string"}),
    ],
)
def test_what_older_dialects_say_is_said_in_one_way(written: Any, meant: Json) -> None:
    """Each by the text of its specification."""
    (made,) = schemas(reading(written))
    assert made == meant
    assert made.unknown == []


@pytest.mark.parametrize(
    "format_",
    ["application/schema+json;version=draft-07", "application/schema+yaml;version=draft-07", "application/vnd.oai.openapi;version=3.0.0",
     "application/vnd.oai.openapi+yaml;version=3.0.0", "application/vnd.aai.asyncapi;version=2.6.0", None],
)  # fmt: skip
def test_formats_that_are_json_schema_are_read(format_: str | None) -> None:
    """Those that AsyncAPI 2.6 says tools must or should support, and its own by default."""
    message = {"name": "0", "payload": {"type": "integer"}, **({} if format_ is None else {"schemaFormat": format_})}
    made = {"asyncapi": "2.6.0", "channels": {"/": {"publish": {"message": message}}}}
    assert schemas(read(Documents(lambda _: json.dumps(made)), "a.json")) == [{"type": "integer"}]


@pytest.mark.parametrize(
    "written",
    [
        {"minLength": "5"}, {"maxItems": True}, {"multipleOf": None}, {"type": 5}, {"type": ["string", 5]}, {"required": "a"},
        {"required": ["a", 1]}, {"enum": "a"}, {"pattern": 1}, {"format": ["email"]}, {"$ref": 1}, {"properties": []}, {"properties": {"a": 1}},
    ],
)  # fmt: skip
def test_a_keyword_with_a_value_that_it_cannot_have_is_refused(written: Json) -> None:
    """At the place of it."""
    with pytest.raises(SpecError) as error:
        reading(written)
    assert (error.value.location or "").startswith("a.json:1:")


def test_definitions_with_one_name_stay_apart() -> None:
    """As many as there are, whatever is in their names."""
    parts = {"one": {"É/x": {"type": "string"}}, "two": {"É/x": {"type": "integer"}}, "three": {"É/x": {"type": "boolean"}, "_x": {"type": "null"}}}
    references = [f"#/x-{name}/{key.replace('/', '~1')}" for name, part in parts.items() for key in part]
    contract = reading(*({"$ref": each} for each in references), **{f"x-{name}": part for name, part in parts.items()})
    assert [each["type"] for each in schemas(contract)] == ["string", "integer", "boolean", "null"]
    assert len(contract.definitions) == 4
    assert all(name.isascii() for name in contract.definitions)


def test_keywords_that_are_not_understood_are_told_in_order() -> None:
    """Whatever the order in which they were written."""
    (made,) = schemas(reading({"zip": 1, "between": 2, "type": "string", "after": 3}))
    assert made.unknown == ["after", "between", "zip"]
