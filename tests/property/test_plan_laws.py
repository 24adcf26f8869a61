"""Plans change what evidence costs, and nothing of what it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from infer.limits import Limits
from infer.schema import Args, plans
from infer.schema import objects as of_objects

KEYS = st.sampled_from(["type", "kind", "status", "id", "a", "b", "7", "8", "9", "deadbeef01", "deadbeef02", "of a@a.test", "to a@a.test"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 3),
    st.sampled_from([0.5, 1e300]),
    st.sampled_from(["", "one", "two", "x y", "2026-01-01", "2026-01-01T00:00:00Z", "123e4567-e89b-12d3-a456-426614174000"]),
    st.sampled_from([b"", b"\x00"]),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8
)
FORMS = st.lists(st.lists(VALUES, max_size=2), min_size=1, max_size=6)
"""A few argument lists, which come again and again."""


LIMITS = (
    Limits(),
    Limits(ids_per_form=1, keys_per_object=3, variants_per_object=2, lengths_per_list=1, values_per_string=2),
    Limits(places=10),
    Limits(places=40),
)


def filled(rows: list[tuple[list[Any], int]], *, planned: bool, limits: Limits = LIMITS[0]) -> Args:
    args = Args(limits)
    args.scope.plans = planned
    for row, session in rows:
        args.add(row, session)
    return args


def state(args: Args) -> str:
    return json.dumps(args.to_state(), default=list)


@st.composite
def streams(draw: st.DrawFn) -> list[tuple[list[Any], int]]:
    forms = draw(FORMS)
    picks = draw(st.lists(st.tuples(st.integers(0, len(forms) - 1), st.integers(0, 5)), max_size=40))
    return [(forms[pick], session) for pick, session in picks]


UNDER_DATA = {"of b@a.test then": {"id": 1, "a": [1]}, "type": None, "kind": None}


@example([([UNDER_DATA], 0)] * 3 + [([{"id": None, "b": None}], 0)], LIMITS[1])
@settings(max_examples=150, deadline=None)
@given(streams(), st.sampled_from(LIMITS))
def test_plans_change_nothing(rows: list[tuple[list[Any], int]], limits: Limits) -> None:
    """Every stream leaves the state that the plain way leaves, with limits as they are and with some that are soon met."""
    with pytest.MonkeyPatch.context() as patch:
        if limits is not LIMITS[0]:
            patch.setattr(of_objects, "PLANS", 2)
            patch.setattr(of_objects, "WIDEST", 3)
        assert state(filled(rows, planned=True, limits=limits)) == state(filled(rows, planned=False, limits=limits))


@settings(max_examples=60, deadline=None)
@given(streams(), st.integers(0, 40), st.integers(0, 40))
def test_reading_and_merging_in_between_change_nothing(rows: list[tuple[list[Any], int]], look: int, cut: int) -> None:
    """Evidence may be read at any time, and filled in parts that are merged."""
    whole = filled([], planned=True)
    for place, (row, session) in enumerate(rows):
        whole.add(row, session)
        if place == look:
            assert state(whole) == state(filled(rows[: place + 1], planned=False))
    merged = filled(rows[:cut], planned=True)
    merged.merge(filled(rows[cut:], planned=True))
    for row, session in rows:
        merged.add(row, session)
    assert state(merged) == state(filled(rows + rows, planned=False))
    assert state(whole) == state(filled(rows, planned=False))


def test_plans_are_used() -> None:
    """A law that holds because nothing happens would be none: the second object of a form is only counted."""
    args = Args()
    for number in range(3):
        args.add([{"id": number, "on": True}], 1)
    (slot,) = args._slots
    objects = slot.kind("object")
    assert isinstance(objects, of_objects.Objects)
    assert objects.count == 1
    assert [plan.number for plan in (objects._plans or {}).values()] == [2]
    assert args.slots[0].count == 3
    assert plans.PLANS > 1
