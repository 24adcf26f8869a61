"""`infer.diff.pairs`: which alternative became which."""

from __future__ import annotations

from typing import Any

import pytest

from infer.asyncapi.contract import Contract
from infer.asyncapi.schemas import Schema
from infer.diff.pairs import pairs
from tests.unit.diff.documents import Json, document, event, read_document

S, INT = {"type": "string"}, {"type": "integer"}


def alternatives(*parts: Json) -> tuple[Contract, list[Schema]]:
    contract = read_document(document(event("c2s", {"anyOf": list(parts)})))
    ((_, declared),) = contract.events()
    return contract, declared.args.merged().slots[0].schema["anyOf"]


def of(*names: str, title: str | None = None, **properties: Json) -> Json:
    made: Json = {"type": "object", "properties": {**dict.fromkeys(names, INT), **properties}}
    return made if title is None else {**made, "title": title}


def tagged(tag: Any, *names: str) -> Json:
    return of(*names, kind={"const": tag})


@pytest.mark.parametrize(
    ("base", "revision", "expected"),
    [
        # the same ones are no change, wherever they stand
        ([S, INT], [INT, S], ([], [], [])),
        ([of("a"), of("b")], [of("b"), of("a"), of("b")], ([], [], [2])),
        # a tag tells, whatever else there is in common
        ([tagged("x", "a", "b"), tagged("y", "c")], [tagged("y", "a", "b"), tagged("x", "c")], ([(1, 0), (0, 1)], [], [])),
        ([tagged("x", "a", "b")], [tagged("y", "a", "b")], ([], [0], [0])),
        ([tagged({"p": 1, "q": 2}, "a")], [tagged({"q": 2, "p": 1}, "b", "c")], ([(0, 0)], [], [])),
        ([of("a", kind={"enum": ["x"]})], [tagged("x", "b")], ([(0, 0)], [], [])),
        ([of("a", kind={"enum": ["x", "y"]})], [of("a", "b", kind={"enum": ["x", "z"]})], ([(0, 0)], [], [])),
        # then a title
        ([of("a", title="A"), of("b", title="B")], [of("c", title="B"), of("d", title="A")], ([(1, 0), (0, 1)], [], [])),
        # then what properties there are in common: a fifth at least, and the most of all
        ([of("a", "b", "c")], [of("c", "d", "e")], ([(0, 0)], [], [])),
        ([of("a", "b", "c", "f")], [of("c", "d", "e")], ([], [0], [0])),
        ([of("a", "b", "c"), of("c", "d")], [of("c", "d", "e"), of("a", "b", "x")], ([(1, 0), (0, 1)], [], [])),
        ([of("a", "b"), of("a", "b", "c")], [of("a", "b", "c", "d")], ([(1, 0)], [0], [])),
        # of what has none, the types
        ([S | {"maxLength": 9}, INT], [INT | {"minimum": 1}, S | {"maxLength": 5}], ([(1, 0), (0, 1)], [], [])),
        ([S, {"type": ["string", "integer"]}], [{"type": ["integer", "string"], "minLength": 1}], ([(1, 0)], [0], [])),
        ([S], [INT], ([], [0], [0])),
        ([{"type": ["string", "null"]}], [{"type": ["integer", "null"]}], ([], [0], [0])),
        ([of("a")], [S], ([], [0], [0])),
    ],
)
def test_an_alternative_became_the_one_that_is_most_like_it(base: list[Json], revision: list[Json], expected: Any) -> None:
    """Pairs in the order of the revision, what is gone, and what is new."""
    (old, before), (new, after) = alternatives(*base), alternatives(*revision)
    assert pairs((old, before), (new, after), lambda first, second: first == second) == expected
