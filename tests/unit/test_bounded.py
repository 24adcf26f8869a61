"""`infer.bounded`: the same entries in any order of arrival."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infer.bounded import Bounded, Count
from infer.errors import UsageError

NAMES = st.lists(st.text(max_size=3), max_size=60)


def bounded(names: list[str], cap: int) -> Bounded[str, Count]:
    filled: Bounded[str, Count] = Bounded(cap, Count)
    for name in names:
        entry = filled.at(name)
        if entry is not None:
            entry.count += 1
    return filled


@given(NAMES, st.integers(1, 8), st.randoms(use_true_random=False), st.integers(0, 60))
def test_any_split_in_any_order_gives_the_same(names: list[str], cap: int, random: object, cut: int) -> None:
    """Shuffled, cut in two and merged, the entries and the overflow stay as they were, and nothing is lost."""
    whole = bounded(names, cap)
    shuffled = list(names)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    left, right = bounded(shuffled[cut:], cap), bounded(shuffled[:cut], cap)
    left.merge(right)
    assert left == whole
    assert whole.overflow + sum(entry.count for _, entry in whole.items()) == len(names)
    assert len(whole) == min(cap, len(set(names)))


def grouped(names: list[str], cap: int) -> Bounded[str, Count]:
    """Names of a letter and digits are siblings by their letter; `#` tells none apart."""
    filled: Bounded[str, Count] = Bounded(
        cap, Count, lambda name: (name[0] + "{}", 0 if name[0] == "#" else 3) if name[1:] and name[0] in "ab#" else None
    )
    for name in names:
        entry = filled.at(name)
        if entry is not None:
            entry.count += 1
    return filled


SIBLINGS = st.lists(st.sampled_from(["a", "b", "c", "c1", *(f"{x}{i}" for x in "ab#" for i in range(6)), "a{}", "b{}"]), max_size=60)


@given(SIBLINGS, st.integers(1, 6), st.randoms(use_true_random=False), st.integers(0, 60))
def test_groups_are_the_same_in_any_order(names: list[str], cap: int, random: object, cut: int) -> None:
    """Shuffled, cut in two and merged, with groups that become one entry on either side or only together."""
    whole = grouped(names, cap)
    shuffled = list(names)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    left, right = grouped(shuffled[cut:], cap), grouped(shuffled[:cut], cap)
    left.merge(right)
    assert left == whole
    assert whole.overflow + sum(entry.count for _, entry in whole.items()) == len(names)


def test_many_of_a_template_are_one() -> None:
    """Few are told apart."""
    few = grouped(["a1", "a2", "a3", "b1", "c1", "#7"], 10)
    assert list(few) == ["#{}", "a1", "a2", "a3", "b1", "c1"]
    many = grouped(["a1", "a2", "a3", "a4", "a1", "c1"], 10)
    assert [(key, entry.count) for key, entry in many.items()] == [("a{}", 5), ("c1", 1)]
    assert many.is_template("a{}")
    assert not many.is_template("c1")


def test_what_is_kept_is_complete() -> None:
    """An entry that stays has every one of its observations."""
    names = [f"event{i % 50}" for i in range(1000)]
    assert {entry.count for _, entry in bounded(names, 10).items()} == {20}


def test_caps_must_agree() -> None:
    """Merging under different caps is refused: its result would depend on the order."""
    with pytest.raises(UsageError):
        bounded(["a"], 2).merge(bounded(["b"], 3))


def test_entries_that_are_not_wanted_leave_without_a_trace() -> None:
    """Filtering is no overflow."""
    filled = bounded(["a", "b"], 5)
    filled.keep(lambda name: name == "a")
    assert list(filled) == ["a"]
    assert filled.overflow == 0
