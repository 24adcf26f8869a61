"""`infer.captures.exchanges`: what an entry of a HAR is, and what its bodies are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infer.model import Transport
from tests.unit.captures.reading import Reading, read, written

URL = "http://a.test/socket.io/?EIO=4&transport=polling&sid=s"
UPGRADE = [{"name": "Connection", "value": "Upgrade"}, {"name": "Upgrade", "value": "WebSocket"}]


def entry(tmp_path: Path, request: Any = None, response: Any = None, **more: Any) -> Reading:
    """What is read of one entry, of a GET that is answered by "2" unless told otherwise."""
    made = {
        "request": {"method": "GET", "url": URL, "headers": []} | (request or {}),
        "response": {"status": 200, "headers": [], "content": {"text": "2"}} | (response or {}),
        "startedDateTime": "2026-01-01T00:00:00Z",
        "time": 500,
    }
    return read(written({"log": {"version": "1.2", "entries": [made | more]}}, tmp_path / "a.har"))


@pytest.mark.parametrize(
    ("request_", "sent", "codes"),
    [
        ({"method": "POST", "postData": {"text": "3"}}, "3", []),
        ({"method": "POST", "postData": {"text": "3"}, "_content": {"text": "NA==", "encoding": "base64"}}, "3", []),
        ({"method": "POST", "_content": {"text": "NA==", "encoding": "base64"}}, "4", []),
        ({"method": "POST", "postData": {"text": ""}, "_content": {"text": "NA=="}}, "4", []),
        ({"method": "POST", "postData": {"text": "3"}, "_content": {"text": ""}}, "3", []),
        ({"method": "POST", "postData": {"params": [{"name": "d", "value": "1:2"}]}}, "d=1%3A2", []),
        ({"method": "POST", "postData": {"params": [{"name": "d", "value": "1:2"}]}, "_content": {"text": ""}}, "d=1%3A2", []),
        ({"method": "POST", "_content": {"text": "N@A=="}}, None, ["base64-invalid"]),
        ({"method": "POST", "bodySize": 7}, None, ["request-body-missing"]),
        ({"method": "POST", "bodySize": -1}, None, ["request-body-missing"]),
        ({"method": "POST"}, None, ["request-body-missing"]),
        ({"method": "POST", "bodySize": 0}, None, []),
        ({"method": "GET", "bodySize": 7}, None, []),
        ({"method": "post", "bodySize": 7}, None, ["request-body-missing"]),
    ],
)
def test_what_was_sent(tmp_path: Path, request_: Any, sent: str | None, codes: list[str]) -> None:
    """By what HAR 1.2 has for it, or HTTP Toolkit beside it; a POST that says it had a body and has none is told of."""
    reading = entry(tmp_path, request_, {"content": {"text": ""}, "status": 200})
    assert [frame.data for frame in reading.frames] == ([] if sent is None else [sent.encode()])
    assert reading.codes == codes


@pytest.mark.parametrize(
    ("content", "answered", "codes"),
    [
        ({"text": "4x"}, "4x", []),
        ({"text": "NHg=", "encoding": "base64"}, "4x", []),
        ({"text": "NH@g=", "encoding": "base64"}, None, ["base64-invalid"]),
        ({"size": 0}, None, []),
        ({"size": -1}, None, []),
        ({}, None, []),
        ({"size": 9}, None, ["response-body-missing"]),
    ],
)
def test_what_was_answered(tmp_path: Path, content: Any, answered: str | None, codes: list[str]) -> None:
    """One without a text though it has a size is told of."""
    reading = entry(tmp_path, response={"content": content})
    assert [frame.data for frame in reading.frames] == ([] if answered is None else [answered.encode()])
    assert reading.codes == codes


def test_an_answer_comes_when_it_is_whole(tmp_path: Path) -> None:
    """`time` is how long the exchange took, in milliseconds; where it is none, all is at its start."""
    request = {"method": "POST", "postData": {"text": "3"}}
    times = [[frame.time for frame in entry(tmp_path, request, time=time).frames] for time in (500, -1, None, 0)]
    assert times == [[1_767_225_600.0, 1_767_225_600.5]] + [[1_767_225_600.0] * 2] * 3


@pytest.mark.parametrize(
    ("request_", "response", "more", "is_one"),
    [
        ({}, {}, {}, False),
        ({"url": URL.replace("http", "ws")}, {}, {}, True),
        ({"url": URL.replace("http", "WSS")}, {}, {}, True),
        ({}, {"status": 101}, {}, True),
        ({}, {}, {"_resourceType": "websocket"}, True),
        ({}, {}, {"_resourceType": "xhr"}, False),
        ({"headers": UPGRADE}, {}, {}, True),
        ({"headers": [UPGRADE[0], {"name": "Upgrade", "value": "h2c"}]}, {}, {}, False),
        ({"headers": [{"name": "X-Was", "value": "websocket"}]}, {}, {}, False),
    ],
)
def test_a_web_socket_is_known_by_any_sign(tmp_path: Path, request_: Any, response: Any, more: Any, is_one: bool) -> None:
    """By its scheme, its status, what the recorder calls it, or the request to upgrade to one (RFC 6455, 4.1): it has no bodies."""
    reading = entry(tmp_path, {"method": "POST", "postData": {"text": "3"}} | request_, response, **more)
    assert [frame.data for frame in reading.frames] == ([] if is_one else [b"3", b"2"])
    assert all(frame.exchange.transport is Transport.POLLING for frame in reading.frames)


@pytest.mark.parametrize(("status", "known"), [(200, 200), (0, None), (-1, None), (None, None)])
def test_a_status_is_one_of_http_s(tmp_path: Path, status: int | None, known: int | None) -> None:
    """Playwright writes -1 for an exchange that failed."""
    post = {"method": "POST", "postData": {"text": "3"}}
    reading = entry(tmp_path, post, {"status": status})
    assert {frame.exchange.status for frame in reading.frames} == {known}
