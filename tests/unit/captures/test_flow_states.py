"""`infer.captures.flow_states`: what it reads is what mitmproxy's own classes read, and what it does not know it leaves to them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy.flow import Flow
from mitmproxy.http import HTTPFlow
from mitmproxy.io import tnetstring
from mitmproxy.net import encoding

from infer.captures import flow_states, flows
from infer.model import Diagnostic, Exchange, Frame, Origin
from tests.unit.captures.reading import RECORDINGS

ORIGIN = Origin("flows.mitm", 0)


def _states() -> list[dict[str, Any]]:
    found = []
    for path in sorted(RECORDINGS.glob("*.mitm")):
        with path.open("rb") as file:
            while file.peek():
                state = tnetstring.load(file)
                assert isinstance(state, dict)
                found.append(state)
    return found


STATES = _states()
POLLING = next(state for state in STATES if not state["websocket"] and state["request"]["content"])


def _seen(flow: Any) -> tuple[Exchange, list[Frame | None], list[Diagnostic]]:
    """All that a capture's reader takes from a flow."""
    said: list[Diagnostic] = []
    of = flows.exchange_of(flow, ORIGIN)
    found: list[Frame | None] = list(flows.body_frames(flow, of, said.append))
    if flow.websocket is not None:
        found += [flows.message_frame(message, number, of) for number, message in enumerate(flow.websocket.messages)]
    return of, found, said


def _plain(seen: tuple[Exchange, list[Frame | None], list[Diagnostic]]) -> Any:
    of, found, said = seen
    exchange = tuple(getattr(of, name) for name in of.__struct_fields__)
    return exchange, [frame and (frame.direction, frame.time, frame.data, frame.origin) for frame in found], said


def _agrees(state: dict[str, Any]) -> None:
    ours = flow_states.usual(state)
    theirs = Flow.from_state(copy.deepcopy(state))
    assert isinstance(theirs, HTTPFlow)
    assert ours is not None
    assert _plain(_seen(ours)) == _plain(_seen(theirs))


def test_recordings() -> None:
    """Every flow of every recording, polling and WebSocket."""
    assert len(STATES) > 10
    for state in STATES:
        _agrees(state)


def test_what_is_not_looked_at_is_stepped_over() -> None:
    """The states of connections, most of a record: as if they had been read, and whatever has become of them."""
    for state in STATES:
        data = tnetstring.dumps(state).partition(b":")[2]
        connection = tnetstring.dumps(state["client_conn"]).partition(b":")[2]
        assert data.count(connection) == 1
        for damaged in (data, data.replace(connection, b"9:" * (len(connection) // 2) + b"}" * (len(connection) % 2))):
            found = flow_states.parse_usual(damaged)
            assert found.keys() == {"version", "type", "request", "response", "websocket"}
            ours, all_of_it = flow_states.usual(found), flow_states.usual(state)
            assert ours is not None
            assert _plain(_seen(ours)) == _plain(_seen(all_of_it))


BODY = b"4:body of an answer"
ENCODED: dict[str, Any] = {coding: encoding.encode(BODY, coding) for coding in ("gzip", "deflate", "br", "zstd", "GZIP")}
ENCODED |= {"identity": BODY, "utf-8": BODY, "unheard-of": BODY, "gzip, br": BODY}


@pytest.mark.parametrize("coding", ENCODED)
def test_content_encodings(coding: str) -> None:
    """Each, in its own right and around what it does not fit; a charset in its place; several headers."""
    for content in (ENCODED[coding], b"\xff\x00 damaged", b"", None):
        for fields in ([[b"Content-Encoding", coding.encode()]], [[b"content-encoding", b"gzip"], [b"CONTENT-ENCODING", coding.encode()]]):
            state = copy.deepcopy(POLLING)
            state["response"] |= {"content": content, "headers": fields}
            _agrees(state)


@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/2.0", b"HTTP/3"])
@pytest.mark.parametrize("authority", [b"", b"chat.example", b"chat.example:8443", b"xn--bcher-kva.example", b"\xff\xfe", b"[::1]:80"])
@pytest.mark.parametrize("host", [None, b"named.example", b"named.example:444", b"[::1]", b"not a host", b"\xff", b""])
def test_addresses(version: bytes, authority: bytes, host: bytes | None) -> None:
    """The address is the one that the client knew, whatever tells it."""
    for scheme, method, path in ((b"http", b"GET", b"/socket.io/?EIO=4&a=\xc3\xa9"), (b"https", b"options", b"/*"), (b"http", b"CONNECT", b"")):
        state = copy.deepcopy(POLLING)
        fields = [[b"X-A", b"1"], [b"x-a", b"\xe9"], *([[b"HOST", host]] if host is not None else [])]
        state["request"] |= {"http_version": version, "authority": authority, "headers": fields, "scheme": scheme, "method": method, "path": path}
        _agrees(state)


def test_an_exchange_without_its_answer() -> None:
    """A request whose response never came, and a response whose body was streamed."""
    _agrees({**copy.deepcopy(POLLING), "response": None})
    state = copy.deepcopy(POLLING)
    state["response"] |= {"content": None, "timestamp_end": None}
    _agrees(state)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 20}, {"version": 22}, {"version": None}, {"type": "tcp"}, {"request": None}, {"response": {}},
        {"request": {**POLLING["request"], "new": 1}}, {"request": {**POLLING["request"], "path": "/text"}},
        {"request": {**POLLING["request"], "path": b"*"}},
        {"request": {**POLLING["request"], "headers": [[b"one"]]}}, {"websocket": {"messages": [[7, True, b"", 1.0, False, False]]}},
        {"websocket": {"messages": [[1, True, "text", 1.0, False, False]]}},
    ],
)  # fmt: skip
def test_anything_else_is_left_to_mitmproxy(change: dict[str, Any]) -> None:
    """Another version, another protocol, a key too many, a value of another kind, an address that its versions make differently."""
    assert flow_states.usual({**copy.deepcopy(POLLING), **change}) is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.binary(max_size=20) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_tnetstrings(value: Any) -> None:
    """What mitmproxy writes is read as it was."""
    assert flow_states.parse(tnetstring.dumps(value).partition(b":")[2]) == value


@given(VALUES, st.data())
def test_damaged_tnetstrings(value: Any, data: st.DataObject) -> None:
    """Of damaged ones what is read is what mitmproxy reads; all else is refused by an error that is caught."""
    text = bytearray(tnetstring.dumps(value).partition(b":")[2])
    for _ in range(data.draw(st.integers(1, 3))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.sampled_from(b"0123456789:,;#^!~]}x-"))
    try:
        read = flow_states.parse(bytes(text))
    except (ValueError, TypeError, LookupError):
        return
    assert repr(read) == repr(tnetstring.parse(text[-1], memoryview(bytes(text))[:-1]))
