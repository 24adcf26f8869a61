"""Circles of schemas about one value: classes that list their subclasses, and worse."""

from __future__ import annotations

from typing import Any

import pytest

from infer.diff import Conformance, compare
from tests.unit.diff.documents import document, event, read_document
from tests.unit.diff.observations import said

S, INT = {"type": "string"}, {"type": "integer"}
Json = dict[str, Any]


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def pets(lives: Json = INT) -> Json:
    """The class is one of its subclasses, and each of those is the class with more."""
    return {
        "Pet": {"type": "object", "properties": {"kind": S}, "required": ["kind"], "oneOf": [ref("Cat"), ref("Dog")]},
        "Cat": {"allOf": [ref("Pet"), {"properties": {"kind": {"const": "cat"}, "lives": lives}, "required": ["lives"]}]},
        "Dog": {"allOf": [ref("Pet"), {"properties": {"kind": {"const": "dog"}, "parent": ref("Dog")}}]},
    }


def rules(schemas: Json, name: str, *values: Any) -> list[tuple[str, str, str]]:
    """Rules with the property that they are about and the place in the value, of values of that definition."""
    conformance = Conformance(read_document(document(event("c2s", ref(name)), schemas=schemas)))
    for value in values:
        conformance.add(said("c2s", value))
    return [(found.rule.id, found.detail, found.instance or "") for found in conformance.findings()]


CAT = {"kind": "cat", "lives": 9}
DOG = {"kind": "dog", "parent": {"kind": "dog"}}


@pytest.mark.parametrize(("name", "good"), [("Pet", [CAT, DOG]), ("Cat", [CAT]), ("Dog", [DOG])])
def test_a_class_that_lists_its_subclasses_takes_them_and_they_what_is_its_own(name: str, good: list[Json]) -> None:
    """Whichever of them stands in the document, and as deep as values go."""
    assert rules(pets(), name, *good * 4) == []


@pytest.mark.parametrize(
    ("name", "bad", "expected"),
    [
        ("Pet", {"kind": "cat", "lives": "9"}, [("c2s-type-mismatch", "", "/lives")]),
        ("Pet", CAT | {"name": 1}, [("c2s-undeclared-property", "name", "/name")]),
        ("Cat", {"lives": 9}, [("c2s-missing-property", "kind", "")]),
        ("Dog", {"kind": "dog", "parent": {"kind": 1}}, [("c2s-type-mismatch", "", "/parent/kind"), ("c2s-enum-mismatch", "", "/parent/kind")]),
    ],
)
def test_what_departs_from_a_class_or_a_subclass_is_found(name: str, bad: Json, expected: list[tuple[str, str, str]]) -> None:
    """Where it departs, and nothing of what it has besides is undeclared."""
    assert sorted(rules(pets(), name, CAT if name == "Pet" else DOG if name == "Dog" else CAT, bad)) == sorted(expected)


def test_a_subclass_that_changed_is_a_change_of_its_class() -> None:
    """At its place, and once."""
    old, new = (read_document(document(event("c2s", ref("Pet")), schemas=pets(lives))) for lives in (INT, S))
    (found,) = compare(old, new)
    assert (found.rule.id, found.path) == ("c2s-type-replaced", "oneOf/0/properties/lives")


@pytest.mark.parametrize(
    ("schemas", "bad"),
    [
        ({"A": {"anyOf": [ref("A"), S]}}, 1),
        ({"A": {"oneOf": [ref("B"), S]}, "B": {"oneOf": [ref("A"), INT]}}, True),
        ({"A": {"allOf": [ref("B"), S]}, "B": {"allOf": [ref("A"), {"maxLength": 9}]}}, "a long text"),
        ({"A": {"allOf": [{"oneOf": [ref("A"), S]}]}}, 1),
        ({"A": {"not": ref("A"), "type": "string"}}, 1),
        ({"A": {"type": "string", "if": ref("B"), "then": {"maxLength": 9}}, "B": {"anyOf": [ref("A"), {}]}}, 1),
    ],
)
def test_circles_without_sense_end(schemas: Json, bad: Any) -> None:
    """What a schema says of itself demands nothing; what it says besides does."""
    assert rules(schemas, "A", *["text"] * 4) == []
    assert len(rules(schemas, "A", bad)) == 1


@pytest.mark.parametrize("first", ["One", "Two"])
def test_what_a_circle_leads_out_to_is_left(first: str) -> None:
    """Two circles, of which the one refers to the other, whichever stands first in the document."""
    schemas = {"One": {"anyOf": [ref("One"), S]}, "Two": {"anyOf": [ref("Two"), ref("One")]}}
    declared = [event("c2s", ref(name), name=name) for name in sorted(schemas, key=lambda name: name != first)]
    conformance = Conformance(read_document(document(*declared, schemas=schemas)))
    for name in schemas:
        conformance.add(said("c2s", "text", name=name))
        conformance.add(said("c2s", 1, name=name))
    assert sorted((found.event, found.rule.id) for found in conformance.findings()) == [
        ("One", "c2s-type-mismatch"), ("Two", "c2s-type-mismatch"),
    ]  # fmt: skip
