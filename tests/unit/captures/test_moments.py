"""Times of captures: those that there are."""

from __future__ import annotations

import json
import math
import time as clock
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.io import FlowWriter
from mitmproxy.test.tflow import tflow, twebsocketflow

from infer import captures
from infer.captures.moments import moment, seconds, started


@pytest.mark.parametrize("time", [None, -1.0, math.inf, -math.inf, math.nan, 1e300, 253_402_300_800.0, b"7", "7"])
def test_what_is_no_time(time: Any) -> None:
    """Before the epoch, beyond the year 9999, or no number."""
    assert moment(time) is None


def test_what_is_one() -> None:
    """In seconds, or in milliseconds where it would be too late otherwise."""
    assert moment(0.0) == 0.0
    assert moment(1_767_225_600.5) == 1_767_225_600.5
    assert seconds(1_767_225_600.5) == 1_767_225_600.5
    assert seconds(1_767_225_600_500.0) == 1_767_225_600.5


@pytest.mark.parametrize("time", [None, 0.0, -1.0, math.nan, math.inf, 1e300])
def test_what_says_that_there_is_none(time: float | None) -> None:
    """HARs write -1 for it."""
    assert seconds(time) is None


@pytest.fixture
def far_from_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The reader's own clock."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Kathmandu")
        clock.tzset()
        yield
    clock.tzset()


@pytest.mark.usefixtures("far_from_greenwich")
@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2026-01-01T00:00:00Z", 1_767_225_600.0),
        ("2026-01-01T00:00:00", 1_767_225_600.0),
        ("2026-01-01T05:45:00.500+05:45", 1_767_225_600.5),
        (1_767_225_600, 1_767_225_600.0),
        ("1767225600.5", None),
        ("yesterday", None),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("1970-01-01T00:00:00Z", 0.0),
        (None, None),
    ],
)
def test_a_time_without_a_zone_is_utc_wherever_it_is_read(stamp: Any, expected: float | None) -> None:
    """So that the document is the same everywhere; the date of an epoch's seconds by `date -u -d @1767225600`."""
    assert started(stamp) == expected


def test_times_as_texts_are_times() -> None:
    """Numbers or dates, in seconds or milliseconds; 1e11 is the last that is in seconds."""
    texts = ("1767225600.5", "1767225600500", "2026-01-01T00:00:00.500Z", "-1", "0", "nan", "x")
    assert [seconds(text) for text in texts] == [1_767_225_600.5] * 3 + [None] * 4
    assert [seconds(number) for number in (1e11, 1e11 + 1000, 1, 100_000_000_000)] == [1e11, 100_000_001.0, 1, 1e11]


def test_no_capture_gives_what_is_no_time(tmp_path: Path) -> None:
    """A HAR whose response took for ever, and flows that ended or were sent at no time: all is read, without that time."""
    entry = {
        "request": {"method": "GET", "url": "http://h.test/socket.io/?EIO=4&transport=polling&sid=s", "headers": []},
        "response": {"status": 200, "headers": [], "content": {"text": "2"}},
        "startedDateTime": "2026-01-01T00:00:00Z",
    }
    har = tmp_path / "a.har"
    text = json.dumps({"log": {"entries": [{**entry, "time": 1}]}})
    har.write_text(text.replace('"time": 1', '"time": 99.4e3503418'))
    polled, spoken = tflow(resp=True), twebsocketflow()
    assert polled.response is not None
    polled.response.timestamp_end = math.inf
    assert spoken.websocket is not None
    for message in spoken.websocket.messages:
        message.timestamp = 1e300
    with (tmp_path / "a.mitm").open("wb") as file:
        for flow in (polled, spoken):
            FlowWriter(file).add(flow)  # type: ignore[no-untyped-call]
    for path, many in ((har, 1), (tmp_path / "a.mitm", 4)):
        frames = list(captures.read(str(path), wanted=lambda _: True, report=lambda _: None))
        assert len(frames) >= many
        assert all(frame.time is None or 0 <= frame.time < 2e10 for frame in frames)
        assert any(frame.time is None for frame in frames)
