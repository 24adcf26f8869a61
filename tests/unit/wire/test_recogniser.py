"""`infer.wire.recogniser`: which exchanges may carry Socket.IO."""

from __future__ import annotations

import pytest

from infer.filters import Filter
from infer.model import Diagnostic, Server
from infer.wire import Recogniser
from tests.unit.wire.making import exchange


@pytest.mark.parametrize(
    "endpoint", ["http://a.test/socket.io/", "https://a.test/deep/er/rt", "http://a.test/", "ws://a.test/browser-sync/socket.io/"]
)
def test_any_path(endpoint: str) -> None:
    """The query tells, not the path."""
    assert Recogniser()(exchange("EIO=4&transport=polling", endpoint=endpoint))
    assert Recogniser()(exchange("EIO=3&transport=websocket", endpoint=endpoint))


def test_other_traffic_is_counted() -> None:
    """Pages are left out; WebSockets without the query are looked at by content."""
    recogniser = Recogniser()
    assert not recogniser(exchange("transport=polling", endpoint="http://a.test/", method="OPTIONS"))
    assert not recogniser(exchange("", endpoint="http://a.test/page", method="POST"))
    assert recogniser(exchange("", endpoint="wss://a.test/graphql"))
    assert recogniser.websockets == 1
    assert recogniser.seen == {Server(False, "a.test", "/page/"): 1, Server(True, "a.test", "/graphql/"): 1}
    assert not recogniser.recognised


def test_servers_of_one_host_are_kept_apart() -> None:
    """By path; a filter takes one of them."""
    recogniser = Recogniser(wanted=Filter(paths=["/rt/*"]))
    assert recogniser(exchange("EIO=4&transport=websocket", endpoint="http://a.test/rt/live/"))
    assert not recogniser(exchange("EIO=4&transport=websocket", endpoint="http://a.test/socket.io/"))
    assert recogniser.recognised == {Server(False, "a.test", "/rt/live/"): 1}
    assert recogniser.filtered == {Server(False, "a.test", "/socket.io/"): 1}


@pytest.mark.parametrize(
    ("endpoint", "named"),
    [
        ("http://a.test/socket.io/1/", True),
        ("http://a.test/socket.io/1/websocket/4d4f185e96a7b/", True),
        ("http://a.test/app/socket.io/1/xhr-polling/4d4f/", True),
        ("http://a.test/socket.io/1/other/page/", False),
        ("http://a.test/api/1/users/", False),
    ],
)
def test_version_0_9_is_named(endpoint: str, named: bool) -> None:
    """Once a run, and its frames are left alone."""
    reports: list[Diagnostic] = []
    recogniser = Recogniser(reports.append)
    for _ in range(3):
        assert recogniser(exchange("t=1", endpoint=endpoint, method="POST")) is False
    assert [report.code for report in reports] == ["socketio-0.9"] * named


def test_webtransport_is_named() -> None:
    """Its packets are in no capture, but that it was used is seen."""
    reports: list[Diagnostic] = []
    Recogniser(reports.append)(exchange("EIO=4&transport=webtransport"))
    assert [report.code for report in reports] == ["webtransport"]


def test_the_memory_is_bounded() -> None:
    """A crawl meets endless paths."""
    recogniser = Recogniser()
    for number in range(3_000):
        recogniser(exchange("", endpoint=f"http://a.test/{number}/", method="POST"))
    assert len(recogniser.seen) == 1_000
