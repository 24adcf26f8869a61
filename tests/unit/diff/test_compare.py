"""`infer.diff.compare`: lists of arguments of any length, of several kinds, and servers of which one side says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from infer.diff import compare
from infer.diff.finding import Finding
from tests.unit.diff.documents import Json, arguments, document, event, read_document

S, INT = {"type": "string"}, {"type": "integer"}


def found(base: Json, revision: Json) -> list[Finding]:
    return compare(read_document(base), read_document(revision))


def changes(base: Json, revision: Json, direction: str = "c2s") -> list[Finding]:
    """What changes of an event with these payloads."""
    one, other = (document({"name": "say", "direction": direction, "payload": each}) for each in (base, revision))
    return found(one, other)


def told(findings: list[Finding]) -> list[tuple[str, str | None, str, str]]:
    return [(each.rule.id, each.slot, each.path, each.detail) for each in findings]


def further(rest: Json | bool, *items: Json) -> Json:
    """Arguments behind which others may come."""
    return {"type": "array", "items": list(items), "minItems": len(items), "additionalItems": rest}


@pytest.mark.parametrize(
    ("base", "revision", "expected", "lengths"),
    [
        (further(S, S), further(INT, S), [("c2s-type-replaced", "args", "items", "")], None),
        (further(S, S), arguments(S), [("c2s-arg-optional-removed", "args", "", "items")], (2, 99)),
        (arguments(S), further(S, S), [("c2s-arg-optional-added", "args", "", "items")], (2, 99)),
        (further(S, S), further(S, S, S), [("c2s-arg-became-required", "args[1]", "", "")], (1, 1)),
        (further(S, S, S), further(S, S), [("c2s-arg-became-optional", "args[1]", "", "")], (1, 1)),
        (arguments(S), arguments(S, S), [("c2s-arg-required-added", "args[1]", "", "")], (1, 1)),
        (arguments(S, S), arguments(S), [("c2s-arg-required-removed", "args[1]", "", "")], (1, 1)),
        (arguments(S), arguments(S, S, least=1), [("c2s-arg-optional-added", "args[1]", "", "")], (2, 2)),
        (arguments(S, S, least=1), arguments(S), [("c2s-arg-optional-removed", "args[1]", "", "")], (2, 2)),
        (arguments(S, S), arguments(S, S, least=1), [("c2s-arg-became-optional", "args[1]", "", "")], (1, 1)),
    ],
)
def test_a_change_of_the_list_is_one_finding_shown_by_a_list(base: Json, revision: Json, expected: Any, lengths: tuple[int, int] | None) -> None:
    """Too short or too long for the one side: as long as the change says."""
    made = changes(base, revision)
    assert told(made) == expected
    if lengths is not None:
        assert made[0].has_witness
        assert lengths[0] <= len(made[0].witness) <= lengths[1]


def test_lists_belong_to_those_that_are_written_alike_then_to_those_of_their_length() -> None:
    """Whatever the order of the alternatives."""
    one, two, three = arguments(S), arguments(S, INT), arguments(S, INT, S)
    assert changes({"oneOf": [one, two, three]}, {"oneOf": [three, one, two]}) == []
    assert told(changes({"oneOf": [one, two, three]}, {"oneOf": [three, one]})) == [("c2s-variant-removed", "args", "", "2 arguments")]
    assert told(changes({"oneOf": [two, three]}, {"oneOf": [three, one, two]})) == [("c2s-variant-added", "args", "", "1 argument")]
    changed = arguments(INT, INT)
    assert told(changes({"oneOf": [one, two]}, {"oneOf": [changed, one]})) == [("c2s-type-replaced", "args[0]", "", "")]


def test_the_worst_stands_first_and_then_what_comes_first_by_name() -> None:
    """Not as the documents have it."""
    base = document(event("c2s", S, name="b"), event("c2s", S, name="a"), event("s2c", S, name="c"))
    revision = document(event("s2c", INT, name="c"), event("c2s", INT, name="a"), event("c2s", S, name="b"), event("c2s", name="0"))
    assert [(each.event, each.level.value) for each in found(base, revision)] == [("a", "error"), ("c", "error"), ("0", "info")]


@pytest.mark.parametrize(("one", "other"), [({"pathname": "/a"}, {}), ({"protocolVersion": "5"}, {}), ({}, {})])
def test_servers_of_which_one_side_says_nothing_are_no_change(one: Json, other: Json) -> None:
    """Nor where a server has none of what another one has."""
    base, revision = (document(event("c2s", S), servers={"s": {"host": "h", "protocol": "ws", **each}}) for each in (one, other))
    assert found(base, revision) == found(revision, base) == []


def test_a_path_and_a_protocol_that_differ_are() -> None:
    """Each at the place of the server."""
    base, revision = (
        document(event("c2s", S), servers={"s": {"host": "h", "protocol": "ws", "pathname": path, "protocolVersion": version}})
        for path, version in (("/a", "4"), ("/b", "5"))
    )
    assert [(each.rule.id, each.detail) for each in found(base, revision)] == [
        ("path-removed", "/a/"), ("protocol-removed", "4"), ("path-added", "/b/"), ("protocol-added", "5"),
    ]  # fmt: skip


def test_the_side_that_takes_a_witness_is_told() -> None:
    """Of what hurts: what a client sends is refused, what it receives is new."""
    for direction, base, revision, side in (("c2s", S, S | {"minLength": 3}, "base"), ("s2c", S | {"minLength": 3}, S, "revision")):
        (one,) = changes(base, revision, direction)
        assert (one.level.value, one.witness_taken_by) == ("error", side)
        assert len(one.witness) < 3
