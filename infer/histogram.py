"""A histogram whose buckets grow geometrically: quantiles within 10 %, in state that merges by addition."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

_PER_OCTAVE = 4
"""Buckets per doubling: a bucket is 19 % wide, so its middle is within 10 % of any value in it."""


class Histogram:
    """Counts of positive numbers (seconds, bytes), merged by addition; zero and less count in the lowest bucket."""

    __slots__ = ("buckets",)

    def __init__(self, buckets: Mapping[int, int] | None = None) -> None:
        self.buckets: dict[int, int] = dict(buckets or {})

    def add(self, value: float) -> None:
        """Count one value. What is not finite is left out: it has no place on the scale."""
        if type(value) is int and 0 < value < _LARGE:
            bucket = _BUCKETS[value]
        elif math.isfinite(value):
            bucket = _bucket(value)
        else:
            return
        self.buckets[bucket] = self.buckets.get(bucket, 0) + 1

    def add_sizes(self, values: Sequence[int]) -> None:
        """Count whole numbers above zero."""
        if len(values) < _MANY:
            for value in values:
                self.add(value)
            return
        bucket_of = _BUCKETS.__getitem__ if max(values, default=0) < _LARGE else _bucket
        buckets = self.buckets
        for bucket, count in Counter(map(bucket_of, values)).items():
            buckets[bucket] = buckets.get(bucket, 0) + count

    def merge(self, other: Histogram) -> None:
        """Take the other's counts in."""
        for bucket, count in other.buckets.items():
            self.buckets[bucket] = self.buckets.get(bucket, 0) + count

    @property
    def count(self) -> int:
        """How many values were counted."""
        return sum(self.buckets.values())

    def quantile(self, share: float) -> float | None:
        """The value below which `share` (0 to 1) of the values lie, within 10 %; None where there are none."""
        rank = share * self.count
        below = 0
        for bucket in sorted(self.buckets):
            below += self.buckets[bucket]
            if below >= rank:
                return float(2 ** ((bucket + 0.5) / _PER_OCTAVE))
        return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.buckets == other.buckets

    __hash__ = None  # type: ignore[assignment]


@lru_cache(maxsize=1024)
def _bucket(value: float) -> int:
    return math.floor(math.log2(max(value, 1e-9)) * _PER_OCTAVE)


_LARGE: Final = 1 << 14
_MANY: Final = 8
"""Values that are faster counted together."""
_STARTS: Final = [bisect_left(range(_LARGE), bucket, lo=1, key=_bucket) for bucket in range(_bucket(_LARGE) + 1)]
_BUCKETS: Final = bytes(1) + b"".join(bytes([bucket]) * (stop - start) for bucket, (start, stop) in enumerate(pairwise(_STARTS)))
"""The bucket of each whole number below `_LARGE`: most sizes are, and the logarithm of each would be taken again and again."""
