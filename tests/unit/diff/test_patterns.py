"""`infer.diff.patterns`: how patterns relate, as JSON Schema understands them, which matches anywhere."""

from __future__ import annotations

import jsonschema_rs
import pytest

from infer.diff.patterns import LONGEST, Relation, between, example, relation

SAME, NARROWER, WIDER, OTHER, UNKNOWN = Relation
BACK = {SAME: SAME, NARROWER: WIDER, WIDER: NARROWER, OTHER: OTHER, UNKNOWN: UNKNOWN}


def takes(pattern: str | None, text: str) -> bool:
    return jsonschema_rs.is_valid({} if pattern is None else {"pattern": pattern}, text)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, "^a", NARROWER),
        ("^[a-c]$", "^[ab]$", NARROWER),
        ("a", "ab", NARROWER),
        ("^a", "^b", OTHER),
        ("a", "b", OTHER),
        ("^a", r"^a[\s\S]*$", SAME),
        ("a$", r"^[\s\S]*a$", SAME),
        ("^a|b$", r"^(?:a[\s\S]*|[\s\S]*b)$", SAME),
        ("^(a|b)c$", "^[ab]c$", SAME),
        ("^(a|b)c$", "^(a|bc)$", OTHER),
        (r"^[|]$", r"^\|$", SAME),
        (r"^[(]|b$", r"^\(|b$", SAME),
        (r"^a\$", r"^a[$]", SAME),
        (r"^[\]$]$", r"^(?:\]|\$)$", SAME),
        ("^a(b$)", "^a", UNKNOWN),
        ("a(^b)", "a", UNKNOWN),
        (r"a\b", "a", UNKNOWN),
        (r"a\B", "a", UNKNOWN),
        (r"(a)\1", "a", UNKNOWN),
        ("^a|(b$)", "^a", UNKNOWN),
        ("a" * LONGEST, "a", WIDER),
        ("a" * (LONGEST + 1), "a", UNKNOWN),
        ("^a{200}b{200}$", "^a", WIDER),
        ("^a{200}b{201}$", "^a", UNKNOWN),
    ],
)
def test_patterns_relate_as_their_strings_do(old: str | None, new: str | None, expected: Relation) -> None:
    """And the other way round; of what automata cannot do nothing is claimed."""
    assert relation(old, new) is expected
    assert relation(new, old) is BACK[expected]
    for first, second, differ in ((old, new, expected in (NARROWER, OTHER)), (new, old, expected in (WIDER, OTHER))):
        found = between(first, second)
        assert (found is None) == (expected is UNKNOWN)
        assert bool(found) is differ
        assert [(takes(first, text), takes(second, text)) for text in found or ()] == [(True, False)] * differ


@pytest.mark.parametrize(
    ("pattern", "length"), [("^[0-9]{4}$", 4), ("b|^aaa$", 1), (r"^\d+-\w$", 3), ("^[^a]$", 1), ("^(a|b)$|^$", 0), (r"^\$\^$", 2)]
)
def test_an_example_is_a_shortest_string(pattern: str, length: int) -> None:
    """One that the pattern takes."""
    (text,) = example(pattern)
    assert len(text) == length
    assert takes(pattern, text)


def test_what_takes_nothing_or_is_not_understood_has_none() -> None:
    """Also what is no pattern at all."""
    assert [example(pattern) for pattern in (r"^[^\s\S]$", r"(a)\1", "(", "a^")] == [()] * 4
