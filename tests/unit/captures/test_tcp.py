"""`infer.captures.tcp`: segments to bytes in order."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infer.captures import tcp
from infer.captures.tcp import Pipe

STREAM = bytes(range(1, 200))


@given(cuts=st.sets(st.integers(1, len(STREAM) - 1), max_size=12), first=st.sampled_from([1, 2**31 - 100, 2**32 - 100]), data=st.data())
def test_any_segments_in_any_order_are_the_stream(cuts: set[int], first: int, data: st.DataObject) -> None:
    """However it was cut, reordered, repeated or sent again in other pieces, each byte is given once, in order; numbers may wrap."""
    places = [0, *sorted(cuts), len(STREAM)]
    segments = [((first + start) % 2**32, STREAM[start:stop]) for start, stop in itertools.pairwise(places)]
    again = data.draw(st.lists(st.tuples(st.integers(0, len(STREAM) - 1), st.integers(1, 50)), max_size=5))
    segments += [((first + start) % 2**32, STREAM[start : start + length]) for start, length in again]
    pipe = Pipe(first)
    given_bytes = b"".join(pipe.feed(at, part) for at, part in data.draw(st.permutations(segments)))
    assert given_bytes == STREAM
    assert not pipe.waiting
    assert not pipe.lost


def test_sequence_numbers_wrap() -> None:
    """After 4 GB the numbers begin again."""
    pipe = Pipe(2**32 - 2)
    assert pipe.feed(2**32 - 2, b"ab") == b"ab"
    assert pipe.feed(2, b"ef") == b""
    assert pipe.feed(0, b"cd") == b"cdef"
    assert [pipe.is_past(number) for number in (2**32 - 2, 3, 4, 5, 2**31)] == [True, True, False, False, False]


def test_what_never_comes_ends_the_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where more waits than a window holds, the bytes before it are lost, and nothing is given any more."""
    monkeypatch.setattr(tcp, "MAX_EARLY", 10)
    pipe = Pipe(1)
    assert pipe.feed(1, b"a") == b"a"
    assert pipe.feed(10, b"x" * 8) == b""
    assert not pipe.lost
    assert pipe.feed(30, b"y" * 8) == b""
    assert pipe.lost
    assert pipe.feed(2, b"b") == b""
