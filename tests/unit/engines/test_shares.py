"""Runs of units: every unit is read once, in its place, whoever comes to read it and whoever dies."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from infer import captures
from infer.engines.parts import Part, Unit
from infer.engines.shares import ANEW, MOST, Run, Runs

MB = 1 << 20


def units_of(sizes: Sequence[int]) -> list[Unit]:
    return [Unit(str(number), size=size) for number, size in enumerate(sizes)]


def read(run: Run, count: int) -> None:
    """Have the worker of a run read so many more of its units."""
    run.given, run.left = run.left[:count], run.left[count:]
    run.read += run.given
    run.given = []


@given(st.lists(st.integers(0, 900 * MB), min_size=1, max_size=60), st.integers(1, 9), st.data())
def test_all_units_are_folded_once_and_in_their_order(sizes: list[int], jobs: int, data: st.DataObject) -> None:
    """Whatever the sizes, whoever is fast, and whoever dies."""
    units = units_of(sizes)
    runs = Runs(units, jobs, 4 * jobs)
    busy: list[Run] = []
    folded: list[Unit] = []
    dead: list[Unit] = []
    while runs:
        while len(busy) < jobs and (run := runs.take()) is not None:
            busy.append(run)
        while runs and runs.first.part is not None:
            folded += runs.first.units
            dead += runs.first.units if runs.first.part.lost else []
            runs.fold_first()
        if not busy:
            continue
        run = busy[data.draw(st.integers(0, len(busy) - 1))]
        if data.draw(st.integers(0, 9)) == 0:
            busy.remove(run)
            run.given, run.left = run.left[:2], run.left[2:]
            runs.lose(run, "died", "")
            continue
        read(run, data.draw(st.integers(1, 5)))
        if not run.left:
            busy.remove(run)
            run.part = Part()
    assert folded == units
    assert len(set(dead)) == len(dead)


def test_shares_are_even() -> None:
    """Ten captures of about one size are two runs of five."""
    runs = Runs(units_of([20 * MB + n for n in range(10)]), 2, 8)
    first, second = runs.take(), runs.take()
    assert first is not None
    assert second is not None
    assert (len(first.units), len(second.units)) == (5, 5)


def test_a_run_is_no_longer_than_what_may_be_lost_with_it() -> None:
    """A terabyte of captures is read in runs of half a gigabyte."""
    runs = Runs(units_of([100 * MB] * 10_000), 4, 16)
    sizes = []
    while runs:
        sizes.append(sum(unit.size for unit in runs.first.units))
        runs.fold_first()
    assert max(sizes) <= MOST + 100 * MB
    assert len(sizes) < 2_100


def test_who_is_done_takes_the_end_of_what_is_left() -> None:
    """So much of it that both are done at the same time, the price of beginning anew included; none of what is little."""
    runs = Runs(units_of([8 * MB] * 40), 2, 8)
    first, second = runs.take(), runs.take()
    assert first is not None
    assert second is not None
    read(first, 20)
    first.part = Part()
    read(second, 2)
    third = runs.take()
    assert third is not None
    left, taken = (sum(unit.size for unit in units) for units in (second.left, third.units))
    assert abs(left - taken - ANEW) <= 8 * MB
    assert [*second.units, *third.units] == units_of([8 * MB] * 40)[20:]
    read(third, 100)
    third.part = Part()
    read(second, 7)
    assert runs.take() is None


def test_what_cannot_be_divided_is_taken_whole_or_left() -> None:
    """Of two large captures the one that was not begun goes to who has nothing to do; standard input goes to no one."""
    units = [*units_of([200 * MB] * 3), Unit(captures.STDIN, size=900 * MB)]
    runs = Runs(units, 1, 8)
    run = runs.take()
    assert run is not None
    run.given, run.left = run.left[:1], run.left[1:]
    second, third = runs.take(), runs.take()
    assert second is not None
    assert [*second.units] == units[2:3]
    assert third is not None
    assert [*third.units] == units[1:2]
    assert runs.take() is None


def test_no_more_runs_are_given_out_than_can_wait() -> None:
    """The parts of later runs wait for the first one's: a slow first capture stops the others after a while."""
    runs = Runs(units_of([MOST] * 100), 2, 8)
    taken = 0
    while runs.take() is not None:
        taken += 1
    assert taken == 8


def test_standard_input_is_left_to_the_process_that_has_it() -> None:
    """It is a run of its own, which no worker gets."""
    units = units_of([MB] * 9)
    units[4] = Unit(captures.STDIN, size=64 * MB)
    runs = Runs(units, 2, 8)
    runs_of_units = []
    while runs:
        run = runs.take()
        if run is not None:
            assert all(unit.path != captures.STDIN for unit in run.units)
        runs_of_units.append([*runs.first.units])
        runs.fold_first()
    assert [units[4]] in runs_of_units
    assert [unit for some in runs_of_units for unit in some] == units


def test_who_dies_of_a_unit_takes_no_other_along() -> None:
    """What stood before it and behind it is read by others, and it is told of in its place."""
    units = units_of([MB] * 9)
    runs = Runs(units, 1, 8)
    run = runs.take()
    assert run is not None
    read(run, 3)
    run.given, run.left = run.left[:2], run.left[2:]
    runs.lose(run, "died", "")
    before, after = runs.take(), runs.take()
    assert before is not None
    assert after is not None
    assert [*before.units] == units[:3]
    assert [*after.units] == units[4:]
    runs.fold_first()
    assert runs.first.part is not None
    assert (runs.first.part.lost, [*runs.first.units]) == (True, [units[3]])


def test_runs_stay_in_a_row() -> None:
    """Whatever is taken over, each run ends where the next begins."""
    runs = Runs(units_of([8 * MB] * 300), 3, 12)
    units: list[list[str]] = []
    while runs:
        while (run := runs.take()) is not None:
            read(run, 4)
        first = runs.first
        read(first, 1_000)
        units.append([unit.path for unit in first.units])
        runs.fold_first()
    assert all(int(a[-1]) + 1 == int(b[0]) for a, b in pairwise(units))
