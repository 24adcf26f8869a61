"""`infer.captures.devtools`: events of the DevTools protocol's `Network` domain to frames."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.captures.reading import Reading, read

POLL = "http://a.test/socket.io/?EIO=4&transport=polling&sid=s"
SOCKET = "ws://a.test/socket.io/?EIO=4&transport=websocket"
OPEN: list[tuple[str, dict[str, Any]]] = [
    ("webSocketCreated", {"requestId": "s", "url": SOCKET}),
    ("webSocketWillSendHandshakeRequest", {"requestId": "s", "timestamp": 100.0, "wallTime": 1_767_225_600.0, "request": {"headers": {"Origin": "x"}}}),
    ("webSocketHandshakeResponseReceived", {"requestId": "s", "timestamp": 100.1, "response": {"status": 101, "headers": {}}}),
]
"""A socket that was opened at the begin of 2026."""


def logged(tmp_path: Path, *events: tuple[str, dict[str, Any]]) -> Reading:
    """What is read of a log of these events."""
    path = tmp_path / "devtools.log"
    path.write_text("\n".join(json.dumps({"method": f"Network.{name}", "params": params}) for name, params in events), encoding="utf-8")
    return read(path)


def frame(side: str, opcode: int, text: str, at: float = 100.5, of: str = "s") -> tuple[str, dict[str, Any]]:
    return f"webSocketFrame{side}", {"requestId": of, "timestamp": at, "response": {"opcode": opcode, "payloadData": text}}


def asked(number: str, method: str = "POST", **more: Any) -> tuple[str, dict[str, Any]]:
    request = {"url": POLL, "method": method, "headers": {}, **more}
    return "requestWillBeSent", {"requestId": number, "timestamp": 100.0, "wallTime": 1_767_225_600.0, "request": request}


def answered(number: str, status: int = 200) -> tuple[str, dict[str, Any]]:
    return "responseReceived", {"requestId": number, "timestamp": 100.2, "response": {"url": POLL, "status": status, "headers": {}}}


def test_messages_have_their_side_their_time_and_their_data(tmp_path: Path) -> None:
    """Times are monotonic; the clock is told by a request. What is not text is base64, and pings are no data (RFC 6455, 5.2)."""
    reading = logged(
        tmp_path, *OPEN, frame("Received", 1, "0{}"), frame("Sent", 9, ""), frame("Sent", 2, "AQI=", 101.25), frame("Received", 2, "A@QI="),
        ("dataReceived", {"requestId": "s"}), frame("Received", 1, "2", 102.0),
    )  # fmt: skip
    assert [(each.direction.value, each.data, each.time) for each in reading.frames] == [
        ("s2c", "0{}", 1_767_225_600.5), ("c2s", b"\x01\x02", 1_767_225_601.25), ("s2c", "2", 1_767_225_602.0),
    ]  # fmt: skip
    assert reading.codes == ["base64-invalid"]
    (of,) = {each.exchange for each in reading.frames}
    assert (of.url, of.status, of.started, of.request_headers) == (SOCKET, 101, 1_767_225_600.0, (("origin", "x"),))


def test_without_a_clock_there_is_no_time(tmp_path: Path) -> None:
    """A monotonic time alone says nothing."""
    reading = logged(tmp_path, OPEN[0], frame("Received", 1, "0{}"))
    assert [(each.data, each.time) for each in reading.frames] == [("0{}", None)]


def test_messages_behind_the_end_of_their_socket_are_of_none(tmp_path: Path) -> None:
    """Of each such socket it is told once."""
    closed = ("webSocketClosed", {"requestId": "s", "timestamp": 101.0})
    reading = logged(tmp_path, *OPEN, closed, frame("Received", 1, "2"), frame("Received", 1, "3"), frame("Sent", 1, "2", of="t"))
    assert reading.frames == []
    assert reading.codes == ["websocket-unopened"] * 2


@pytest.mark.parametrize(
    ("request_", "sent", "codes"),
    [
        ({"postData": "3"}, b"3", []),
        ({"postData": "x", "postDataEntries": [{"bytes": "NA=="}, {"bytes": "Mw=="}]}, b"43", []),
        ({"postDataEntries": [{"bytes": "N"}]}, None, ["base64-invalid"]),
        ({"hasPostData": True}, None, ["request-body-missing"]),
        ({"hasPostData": False}, None, []),
        ({}, None, []),
    ],
)
def test_what_was_posted(tmp_path: Path, request_: dict[str, Any], sent: bytes | None, codes: list[str]) -> None:
    """In parts or whole, once for each request that was answered, at the time when it was asked."""
    reading = logged(tmp_path, answered("0"), asked("1", **request_), asked("2"), answered("1"), answered("1"))
    assert [(each.data, each.time, each.exchange.status) for each in reading.frames] == ([] if sent is None else [(sent, 1_767_225_600.0, 200)])
    assert reading.codes == codes


def test_what_was_polled_is_not_there_and_told_of_once(tmp_path: Path) -> None:
    """A log has no bodies of responses; one that failed or answers a POST would have none."""
    assert logged(tmp_path, asked("1", "GET"), answered("1", 400), asked("2", postData="3"), answered("2")).codes == []
    assert logged(tmp_path, *(each for number in "12" for each in (asked(number, "GET"), answered(number)))).codes == ["response-body-missing"]
