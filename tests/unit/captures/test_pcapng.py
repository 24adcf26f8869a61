"""`infer.captures.pcapng`: which connections of a packet capture are read, and from where on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infer.captures import pcapng
from infer.model import Diagnostic, Frame
from tests.requires import requires
from tests.unit.captures.packets import SERVER, Talk, captured
from tests.unit.captures.reading import Reading, read

POLL = b"GET /socket.io/?EIO=4&transport=polling&sid=s HTTP/1.1\r\nHost: chat.example\r\n\r\n"
POST = b'POST /socket.io/?EIO=4&transport=polling&sid=s HTTP/1.1\r\nHost: chat.example\r\nContent-Length: 6\r\n\r\n42["a"'
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"
HELLO = b"\x16\x03\x01\x01\x58\x01" + bytes(300)
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


@pytest.fixture
def reading(tmp_path: Path) -> _Reads:
    requires("tshark")
    return _Reads(tmp_path / "a.pcap")


class _Reads:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, *talks: Talk) -> Reading:
        return read(captured(self._path, *talks))


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> list[pcapng._Stream]:
    """The connections of what is read, as they are at its end."""
    found: list[pcapng._Stream] = []
    close = pcapng._Reader._close

    def closed(reader: pcapng._Reader, number: str, stream: pcapng._Stream) -> Iterator[Frame]:
        found.append(stream)
        return close(reader, number, stream)

    monkeypatch.setattr(pcapng._Reader, "_close", closed)
    return found


def test_a_capture_that_begins_with_a_response(reading: _Reads) -> None:
    """Its request is unknown, so it is left out and told of; what follows on the connection is read."""
    got = reading(Talk(begun=False).answers(OK + b"42[00]").asks(POLL).answers(OK + b"42[01]").asks(POST).answers(OK + b"okokok"))
    assert got.content == [("s2c", b"42[01]"), ("c2s", b'42["a"'), ("s2c", b"okokok")]
    assert got.codes == ["connection-unopened"]
    assert {frame.exchange.url.partition("?")[0] for frame in got.frames} == {"http://chat.example/socket.io/"}


def test_a_capture_that_begins_in_a_body(reading: _Reads) -> None:
    """The connection is read from its next request on, whichever side the body is of."""
    of_server = Talk(begun=False).answers(b"the end of a body").asks(POLL).answers(OK + b"42[01]")
    of_client = Talk(5_001, begun=False).asks(b"the end of a body").answers(OK + b"okokok").asks(POLL).answers(OK + b"42[02]")
    got = reading(of_server, of_client)
    assert got.content == [("s2c", b"42[01]"), ("s2c", b"42[02]")]
    assert set(got.codes) == {"connection-unopened"}


def test_a_capture_that_begins_on_an_idle_connection(reading: _Reads) -> None:
    """Nothing is missing of it."""
    got = reading(Talk(begun=False).asks(POLL).answers(OK + b"42[01]"))
    assert got.content == [("s2c", b"42[01]")]
    assert got.codes == []


def test_a_capture_that_begins_with_a_switch(reading: _Reads) -> None:
    """A WebSocket without its request has no address."""
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    got = reading(Talk(begun=False).answers(switch, b"\x81\x0240").asks(b"\x81\x82\0\0\0\x0040"))
    assert got.content == []
    assert got.codes == ["websocket-unopened"]


@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize(("first", "second"), [(0, 1), (0, 2), (1, 2)])
def test_the_first_segments_out_of_order(reading: _Reads, begun: bool, first: int, second: int) -> None:
    """They are put in order, whether or not the connection's own begin was captured."""
    syn = 2 * begun
    talk = Talk(begun=begun).asks(POST[:30], POST[30:60], POST[60:]).swapped(syn + first, syn + second)
    got = reading(talk.answers(OK[:20], OK[20:] + b"okokok").swapped(-2, -1))
    if begun or first:
        assert got.content == [("c2s", b'42["a"'), ("s2c", b"okokok")]
        assert got.codes == []
    else:  # numbers are relative to the segment that is seen first: it cannot be known to be early
        assert got.codes


def test_a_first_segment_that_never_comes(reading: _Reads) -> None:
    """Connections whose begin is lost are told of in one line, unless a later request of theirs is found."""
    talks = [Talk(5_000 + n).lost(True, 30).asks(b"what follows") for n in range(3)]
    found = Talk(5_003).lost(True, 30).asks(POST[30:]).answers(OK + b"okokok").asks(POLL).answers(OK + b"42[01]")
    got = reading(*talks, found)
    assert got.content == [("s2c", b"42[01]")]
    assert sorted(got.codes) == ["capture-incomplete", "connection-unopened", "connection-unopened"]
    assert "of them: 3)" in next(one.message for one in got.diagnostics if one.code == "capture-incomplete")


@pytest.mark.parametrize("size", [1, 1_000])
def test_what_waits_for_a_first_segment_is_bounded(reading: _Reads, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Of more than a window, the latest is held; a request behind it is read."""
    held: list[int] = []
    pass_over = pcapng._Reader._pass

    def passed(reader: pcapng._Reader, stream: pcapng._Stream, segment: pcapng._Segment) -> None:
        pass_over(reader, stream, segment)
        held.append(sum(len(one.data) for one in stream.held))

    monkeypatch.setattr(pcapng._Reader, "_pass", passed)
    monkeypatch.setattr(pcapng, "MAX_HELD", 10_000)
    got = reading(Talk().lost(True, 30).asks(*[b"x" * size] * 200).asks(POLL).answers(OK + b"42[01]"))
    assert max(held) <= min(64 * size, 10_000)
    assert got.content == [("s2c", b"42[01]")]
    assert got.codes == ["connection-unopened"]


def test_other_protocols_are_passed_over(reading: _Reads, streams: list[pcapng._Stream]) -> None:
    """They are not told of, and nothing of them is held."""
    banner = Talk().answers(b"220 mail.example ESMTP\r\n").asks(b"EHLO a\r\n", b"HELP\r\n")
    database = Talk(5_001).asks(b"\0\0\0\x08\x04\xd2\x16\x2f").answers(b"N").asks(*[b"\0\0\0\x64" + bytes(96)] * 100)
    resolver = Talk(5_002).asks(b"\0\x1d\xab\xcd\x01\0\0\1\0\0\0\0\0\0\x07example\0\0\1\0\1")
    got = reading(banner, database, resolver, Talk(5_003, begun=False).asks(b"DELETE FROM orders"))
    assert got.frames == []
    assert got.codes == []
    assert [stream.held for stream in streams] == [[]] * 4


def test_http_behind_another_protocol(reading: _Reads) -> None:
    """A SOCKS proxy's greeting is passed over, and said to be."""
    got = reading(Talk().asks(b"\5\1\0").answers(b"\5\0").asks(POLL).answers(OK + b"42[01]"))
    assert got.content == [("s2c", b"42[01]")]
    assert got.codes == ["connection-unopened"]


def test_websockets_under_way(reading: _Reads) -> None:
    """Each is told of."""
    got = reading(*[Talk(5_000 + n, begun=False).asks(b"\x81\x82\0\0\0\x0040", b"\x81\x82\0\0\0\x0041") for n in range(2)])
    assert got.codes == ["websocket-unopened", "websocket-unopened"]


def test_packets_that_are_cut_off(tmp_path: Path) -> None:
    """By a limit on their size: what stands before one is read, and that is told once, with how to do without."""
    requires("tshark")
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n" + b"42[1]\x1e" * 100
    talk = Talk().asks(POLL).answers(OK + b"42[00]").asks(POLL).answers(long).asks(POLL).answers(OK + b"42[01]")
    assert read(captured(tmp_path / "whole.pcap", talk)).codes == []
    got = read(captured(tmp_path / "cut.pcap", talk, most=200))
    assert got.content == [("s2c", b"42[00]")]
    assert sorted(got.codes) == ["capture-cut", "connection-broken"]
    assert "of them: 1)" in next(one.message for one in got.diagnostics if one.code == "capture-cut")


def test_http2(reading: _Reads) -> None:
    """It is told of in one line, with what to do."""
    got = reading(*[Talk(5_000 + n).asks(PREFACE).answers(b"\0\0\6\4\0\0\0\0\0" + bytes(6)) for n in range(3)])
    assert got.codes == ["capture-http2"]
    assert "speak it: 3): record with mitmproxy" in got.diagnostics[0].message


def test_encrypted_beside_others(reading: _Reads) -> None:
    """Connections that stay encrypted are counted, those that were under way and those in a tunnel too."""
    under_way = Talk(5_001, begun=False).answers(b"\x17\x03\x03\0\x20" + bytes(32))
    tunnel = Talk(5_002).asks(b"CONNECT chat.example:443 HTTP/1.0\r\n\r\n").answers(b"HTTP/1.1 200 OK\r\n\r\n").asks(HELLO)
    got = reading(Talk().asks(HELLO), under_way, tunnel, Talk(5_003).asks(POLL).answers(OK + b"42[01]"))
    assert got.content == [("s2c", b"42[01]")]
    assert got.codes == ["capture-encrypted"]
    assert got.diagnostics[0].message.startswith("of 3 encrypted connections 3 cannot be decrypted: ")


def test_the_second_segment_of_what_is_encrypted(reading: _Reads, streams: list[pcapng._Stream]) -> None:
    """Where it comes first, it is not held for longer than until the first comes."""
    got = reading(Talk().asks(HELLO, b"the rest of it").swapped(2, 3))
    assert got.codes == ["capture-encrypted"]
    assert [stream.held for stream in streams] == [[]]


def test_a_decrypted_connection_from_its_middle() -> None:
    """It is read from its first request or response on as others are."""
    told: list[Diagnostic] = []
    reader = pcapng._Reader("tshark", Path("a.pcap"), "a.pcap", lambda _: True, told.append)
    body, asked, answered = (b"0", 1.0, b"the end of a body"), (b"1", 2.0, POLL), (b"0", 3.0, OK + b"42[01]")
    assert [frame.data for frame in reader._opened([body, asked, answered])] == [b"42[01]"]
    assert [frame.data for frame in reader._opened([answered, asked, answered])] == [b"42[01]"]
    assert [frame.data for frame in reader._opened([body])] == []
    assert [frame.data for frame in reader._opened([(b"0", 1.0, PREFACE)])] == []
    assert [frame.data for frame in reader._opened([(b"0", 1.0, HELLO)])] == []
    reader._sum_up(1)
    assert [one.code for one in told] == ["connection-unopened", "connection-unopened", "capture-encrypted", "capture-http2"]


def test_a_server_without_a_name(reading: _Reads) -> None:
    """Its address is that of whom the request was sent to, also where a response came first."""
    nameless = POLL.replace(b"Host: chat.example\r\n", b"").replace(b"1.1", b"1.0")
    got = reading(Talk(begun=False).answers(OK + b"42[00]").asks(nameless).answers(OK + b"42[01]"))
    assert got.frames[0].exchange.url.startswith(f"http://10.0.0.2:{SERVER}/socket.io/?")
