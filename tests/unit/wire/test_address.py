"""`infer.wire.address`: what a URL says of Engine.IO."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infer.model import Server
from infer.templates import public
from infer.wire.address import address_of, parameters


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("http://Chat.Example/socket.io/?EIO=4&transport=polling", Server(False, "chat.example", "/socket.io/")),
        ("wss://chat.example:443/socket.io?EIO=4", Server(True, "chat.example", "/socket.io/")),
        ("ws://chat.example:80/?EIO=4", Server(False, "chat.example", "/")),
        ("https://chat.example:8443/a/b/socket.io/?EIO=3", Server(True, "chat.example:8443", "/a/b/socket.io/")),
        ("http://user:secret@[::1]:3000/rt/live?EIO=4", Server(False, "[::1]:3000", "/rt/live/")),
        ("http://::1:4105/socket.io/?EIO=4", Server(False, "[::1]:4105", "/socket.io/")),
        ("http://::1/socket.io/?EIO=4", Server(False, "[::1]", "/socket.io/")),
        ("http://::1:80/socket.io/?EIO=4", Server(False, "[::1]", "/socket.io/")),
        ("https://FE80::1%eth0:443/?EIO=4", Server(True, "[fe80::1%eth0]", "/")),
        ("http://2001:db8::80/?EIO=4", Server(False, "[2001:db8::80]", "/")),
        ("http://2001:db8:0:0:0:0:0:1/?EIO=4", Server(False, "[2001:db8:0:0:0:0:0:1]", "/")),
        ("http://2001:db8:0:0:0:0:0:1:3000/?EIO=4", Server(False, "[2001:db8:0:0:0:0:0:1]:3000", "/")),
        ("http://::1:beef/?EIO=4", Server(False, "[::1:beef]", "/")),
        ("http://a:1:2/?EIO=4", Server(False, "a:1:2", "/")),
    ],
)
def test_servers(url: str, server: Server) -> None:
    """Host in lower case without the scheme's own port and without credentials, IPv6 in brackets; path with both slashes."""
    address = address_of(url)
    assert address.server == server
    assert address.is_engineio


@pytest.mark.parametrize(
    ("query", "protocol", "is_engineio"),
    [
        ("EIO=4&transport=websocket", 4, True),
        ("EIO=3&transport=polling", 3, True),
        ("EIO=2&transport=polling", 3, True),
        ("transport=polling", 3, True),
        ("EIO=4", 4, True),
        ("transport=webSockets&connectionToken=x", 3, False),
        ("EIO=abc", 4, False),
        ("", 3, False),
    ],
)
def test_protocols(query: str, protocol: int, is_engineio: bool) -> None:
    """A missing EIO is version 3; another protocol's query is none of Engine.IO's."""
    address = address_of(f"http://h/socket.io/?{query}")
    assert (address.protocol, address.is_engineio) == (protocol, is_engineio)


def test_own_query() -> None:
    """Engine.IO's parameters are its own, the rest the application's, in the order sent."""
    address = address_of("http://h/socket.io/?token=a%20b&EIO=4&transport=polling&t=P8&sid=x&j=0&b64=1&room=&token=c")
    assert address.sid == "x"
    assert address.own_query == (("token", "a b"), ("room", ""), ("token", "c"))


@pytest.mark.parametrize("url", ["http://[::1/?EIO=4", "http://h/?" + "a=1&" * 2_000 + "EIO=4", "", "::::"])
def test_what_is_no_address(url: str) -> None:
    """What cannot be parsed is nobody's."""
    assert not address_of(url).is_engineio


@example("0000000000000")  # as good as a card's number
@given(st.text(alphabet="aA:/?#&=;%+@[]. 4é\t\n\x00\ud800\u2028", max_size=24).map(lambda text: "http://a" + text) | st.text(max_size=24))
def test_parts_are_as_the_library_splits_them(url: str) -> None:
    """Of any text, also where it is not asked."""
    address = address_of(url)
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True, errors="replace")
    except ValueError:
        assert address.server.host == ""
        assert not address.query
        return
    secure = parts.scheme in ("https", "wss")
    assert address.query == tuple(query)
    assert address.server.secure == secure
    authority = parts.netloc.rpartition("@")[2].lower()
    if authority.count(":") <= 1 or "[" in authority:  # else it may be an address without its brackets
        assert address.server.host == authority.removesuffix(":443" if secure else ":80")
    path = parts.path if parts.path.endswith("/") else parts.path + "/"
    assert address.server.path.rstrip("/") == public(path).rstrip("/")


def test_more_parameters_than_anyone_sends() -> None:
    """Are none at all."""
    assert len(address_of("http://a/?" + "&".join(["a=1"] * 1_000)).query) == 1_000
    assert address_of("http://a/?" + "&".join(["a=1"] * 1_001)).server.host == ""


@pytest.mark.parametrize("query", ["EIO=4&t=P1&transport=polling&sid=x", "EIO=4&transport=polling&sid=x&t=P1"])
def test_the_time_of_a_poll_is_no_part_of_its_address(query: str) -> None:
    """Polls of a session, which differ in it, are of one address."""
    address = address_of(f"http://h/socket.io/?{query}")
    assert address == address_of(f"http://h/socket.io/?{query.replace('P1', 'P2')}")
    assert (address.sid, address.protocol, address.own_query) == ("x", 4, ())
    assert address.query == (("EIO", "4"), ("transport", "polling"), ("sid", "x"))
    assert address_of(f"http://h/socket.io/?{query}#&t=&a").own_query == ()


def test_parameters_of_a_namespace_are_all_the_applications() -> None:
    """Whatever they are called."""
    assert parameters("t=1&EIO=2&at=3") == {"t": "1", "EIO": "2", "at": "3"}
    assert address_of("http://h/socket.io/?at=3&EIO=4&transport=polling").own_query == (("at", "3"),)
