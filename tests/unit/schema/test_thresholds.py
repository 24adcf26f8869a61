"""The thresholds that `docs/rules.md` states, each from the last case that it excludes to the first that it takes in."""

from __future__ import annotations

from typing import Any

import pytest

from infer.schema import Args, Root, Rules, build

Seen = list[tuple[Any, int]]
"""Values of a key, each with the session that it was seen in."""
CASES = [a + b for a in "bcdfgh" for b in "aeiou"] + ["ka", "ke", "ki"]
"""33 words."""


def key(seen: Seen, name: str) -> Any:
    """The schema of what stands under a key."""
    args = Args()
    for value, session in seen:
        args.add([{name: value}], session)
    made = build({"it": Root(args, ("it",))}, Rules(), "#/").schemas["it"]
    assert made is not None
    return made["properties"][name]


def spread(values: list[Any], sessions: int = 5) -> Seen:
    return [(value, number % sessions) for number, value in enumerate(values)]


ENUM = {
    "six samples of a case": ("mode", spread(["a", "b", "a", "b", "a"]), spread(["a", "b", "a", "b", "a", "b"])),
    "two sessions of a case": ("mode", spread(["a", "a", "b"] * 3, 1), spread(["a", "a", "b"] * 3, 2)),
    "a fifth of a case met once": ("mode", spread(list("aaaabbbcd")), spread(list("aaaabbbbcd"))),
    "twenty samples of what is no case": ("thing", spread([*"ab" * 9, "a"]), spread([*"ab" * 10])),
    "three sessions of what is no case": ("thing", spread([*"aab" * 10], 2), spread([*"aab" * 10], 3)),
    "a twentieth of what is no case met once": ("thing", spread([*"aaaaaaaaabbbbbbbbbcd"]), spread([*"aaaaaaaaaabbbbbbbbbc"])),
    "32 members": ("mode", spread(CASES * 7), spread(CASES[:32] * 7)),
    "two members": ("mode", spread(["a"] * 9), spread(["a", "b"] * 9)),
    "two sessions for each member that one alone showed": (
        "mode",
        [(value, session) for session in range(5) for value in ("a", "b", *([f"c{session}"] * 2 if session < 3 else ()))],
        [(value, session) for session in range(6) for value in ("a", "b", *([f"c{session}"] * 2 if session < 3 else ()))],
    ),
}


@pytest.mark.parametrize(("name", "less", "enough"), ENUM.values(), ids=ENUM)
def test_an_enum_is_claimed_from_what_is_stated_on(name: str, less: Seen, enough: Seen) -> None:
    """And of those that were seen."""
    assert "enum" not in key(less, name)
    assert key(enough, name)["enum"] == sorted({value for value, _ in enough})


MIXED = [1, "a", True, None, [1], {"x": 1}, 2, "b"]
LISTS = {
    "a tuple from five samples": (spread([[1, "a"]] * 4), spread([[1, "a"]] * 5), "prefix"),
    "a tuple of two": (spread([["a"], ["b"], ["c"], ["d"], ["e"]]), spread([[1, "a"]] * 5), "prefix"),
    "a tuple of eight": (spread([[*MIXED, 3]] * 5), spread([MIXED] * 5), "prefix"),
    "a tuple of mixed kinds": (spread([["a", "b"]] * 19), spread([["a", 1]] * 5), "prefix"),
    "a length from twenty samples": (spread([[1, 2]] * 19), spread([[1, 2]] * 20), "length"),
    "a length of four": (spread([[1] * 5] * 20), spread([[1] * 4] * 20), "length"),
    "a length of two": (spread([[1]] * 20), spread([[1, 2]] * 20), "length"),
    "a length that never varied": (spread([[1, 2]] * 20 + [[1]]), spread([[1, 2]] * 21), "length"),
}


@pytest.mark.parametrize(("less", "enough", "claim"), LISTS.values(), ids=LISTS)
def test_a_list_is_a_record_or_keeps_its_length_from_what_is_stated_on(less: Seen, enough: Seen, claim: str) -> None:
    """Places of their own, or one schema and a length."""
    few, made = key(less, "at"), key(enough, "at")
    if claim == "prefix":
        assert not isinstance(few.get("items"), list)
        assert len(made["items"]) == len(enough[0][0])
    else:
        assert "maxItems" not in few
        assert made["minItems"] == made["maxItems"] == len(enough[0][0])


def coming(names: list[str], value: Any, always: int = 0) -> Seen:
    """Objects that have two of the keys each, and the first of them always."""
    return spread([dict.fromkeys([*names[:always], names[number], names[number - 1]], value) for number in range(len(names))] * 2)


RECORDS = [{name: {"x": 1, "y": 2}} for name in ("ann", "bob", "cyr", "dee")]
MAPS = {
    "80 % of keys that are data": (spread([{"1": 1, "2": 1, "3": 1, "on": 1}] * 3), spread([{"1": 1, "2": 1, "3": 1, "4": 1, "on": 1}] * 3)),
    "90 % of values of one kind": (
        spread([dict.fromkeys(map(str, range(8)), 1) | {"8": "x"}] * 3), spread([dict.fromkeys(map(str, range(9)), 1) | {"9": "x"}] * 3),
    ),
    "twelve keys that come and go": (coming(CASES[:11], 1), coming(CASES[:12], 1)),
    "twelve of which most come and go": (coming(CASES[:12], 1, always=2), coming(CASES[:12], 1, always=1)),
    "four records": (spread(RECORDS[:3] * 2), spread(RECORDS * 2)),
}  # fmt: skip


@pytest.mark.parametrize(("less", "enough"), MAPS.values(), ids=MAPS)
def test_a_map_is_claimed_from_what_is_stated_on(less: Seen, enough: Seen) -> None:
    """Whose keys are not in the document then."""
    assert "additionalProperties" not in key(less, "seen")
    made = key(enough, "seen")
    assert "additionalProperties" in made
    assert "properties" not in made
