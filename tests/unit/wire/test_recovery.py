"""`infer.wire.recovery`: the offset that a server appends, and the client's request for a replay."""

from __future__ import annotations

from typing import Any

import pytest

from infer.model import ABSENT
from infer.wire.recovery import offset_of, strip

NOW = 1_795_467_223.577
"""A server's clock when it made the offset below (recordings/ticker-recovery.har is of that minute)."""
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"


def yeast(seconds: float) -> str:
    """The time in milliseconds, base 64, most significant digit first: the npm package's rule."""
    number, text = int(seconds * 1000), ""
    while number:
        number, digit = divmod(number, 64)
        text = ALPHABET[digit] + text
    return text


@pytest.mark.parametrize("suffix", ["", ".0", ".1a"])
@pytest.mark.parametrize("offered", [True, None])
def test_in_memory_offset(suffix: str, offered: bool | None) -> None:
    """The adapter's own form near the frame's clock, with and without the CONNECT that offers recovery."""
    offset = yeast(NOW) + suffix
    assert offset_of(["a", offset], NOW + 0.01, offered=offered) == offset


@pytest.mark.parametrize(
    ("args", "time", "offered"),
    [
        ([], NOW, True),
        ([1], NOW, True),
        (["message"], NOW, True),  # seven characters: the year 2066
        (["welcome"], NOW, None),
        ([yeast(NOW)], NOW, False),
        ([yeast(NOW - 10 * 86_400)], NOW, True),
        ([yeast(NOW + 86_400)], NOW, True),
        ([yeast(NOW)], None, None),
        ([yeast(NOW), "after"], NOW, True),
        ([[yeast(NOW)]], NOW, True),
        (["1795467223577-0"], NOW, None),
    ],
)
def test_what_is_no_offset(args: list[Any], time: float | None, offered: bool | None) -> None:
    """Other strings, other times, other places; and where the server said that it offers none, nothing is taken."""
    assert offset_of(args, time, offered=offered) is None


def test_replayed_packets_keep_their_offset() -> None:
    """A packet that is sent again after two minutes carries the time of its first sending."""
    assert offset_of([yeast(NOW - 120)], NOW, offered=True) is not None


@pytest.mark.parametrize("offset", ["1795467223577-0", f"{int(NOW):08x}0123456789abcdef"])
def test_offsets_of_other_adapters(offset: str) -> None:
    """Redis streams and MongoDB, only where recovery is offered."""
    assert offset_of([offset], NOW, offered=True) == offset


@pytest.mark.parametrize(
    ("auth", "own"),
    [
        ({"pid": "a" * 20, "offset": "Q", "token": "x"}, {"token": "x"}),
        ({"pid": "a" * 20, "offset": "Q"}, ABSENT),
        ({"pid": "a" * 20}, ABSENT),
        ({"pid": 7, "token": "x"}, {"pid": 7, "token": "x"}),
        ({"pid": "player-1"}, {"pid": "player-1"}),
        ({"offset": "Q"}, {"offset": "Q"}),
        (ABSENT, ABSENT),
        ("x", "x"),
    ],
)
def test_auth_without_recovery(auth: Any, own: Any) -> None:
    """The client's `pid` and `offset` are not the application's; a `pid` of another form is."""
    assert strip(auth) == own
