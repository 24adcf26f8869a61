"""`infer.histogram`: counts in geometric buckets."""

from __future__ import annotations

import math

import pytest

from infer.histogram import Histogram


def histogram(*values: float) -> Histogram:
    filled = Histogram()
    for value in values:
        filled.add(value)
    return filled


@pytest.mark.parametrize("value", [1e-6, 0.004, 0.5, 1, 3, 1000, 1e9])
def test_a_quantile_is_within_ten_percent(value: float) -> None:
    """A lone value is its own median, within the width of a bucket."""
    assert histogram(value).quantile(0.5) == pytest.approx(value, rel=0.1)


def test_quantiles_are_ordered() -> None:
    """The 95th percentile of 1..100 lies near 95, the median near 50."""
    values = histogram(*range(1, 101))
    assert values.quantile(0.5) == pytest.approx(50, rel=0.1)
    assert values.quantile(0.95) == pytest.approx(95, rel=0.1)


def test_nothing_has_no_quantile() -> None:
    """An empty histogram has no median."""
    assert histogram().quantile(0.5) is None


@pytest.mark.parametrize("value", [0, -3, math.inf, math.nan])
def test_what_has_no_logarithm_does_not_raise(value: float) -> None:
    """Zero and less are counted lowest; what is not finite is left out."""
    assert histogram(value).count == (1 if math.isfinite(value) else 0)


def test_merge_adds() -> None:
    """Two halves merged are the whole."""
    half = histogram(1, 2, 3)
    half.merge(histogram(3, 4000))
    assert half == histogram(1, 2, 3, 3, 4000)
