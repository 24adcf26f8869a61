"""`infer.captures.http1`: the bytes of a connection to exchanges and frames."""

from __future__ import annotations

import gzip
import zlib
from itertools import count
from typing import Any

import pytest
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import FrameProtocol

from infer.captures import http1
from infer.captures.begins import Begin
from infer.captures.http1 import Connection
from infer.model import Diagnostic, Direction, Exchange, Frame, Transport

C2S, S2C = Direction.C2S, Direction.S2C
POST = b'POST /socket.io/?EIO=4&transport=polling&sid=s HTTP/1.1\r\nHost: chat.example\r\nContent-Length: 6\r\n\r\n42["a"'
GET = b"GET /socket.io/?EIO=4&transport=polling&sid=s HTTP/1.1\r\nHost: chat.example\r\n\r\n"
UPGRADE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: chat.example\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n%s\r\n"


def answer(body: bytes = b"ok", status: bytes = b"200 OK", more: bytes = b"") -> bytes:
    """A response."""
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, more, len(body), body)


class Heard:
    """A connection, with what it gave."""

    def __init__(self, *, wanted: bool = True) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.exchanges: list[Exchange] = []
        self.unread: list[Begin] = []
        self.frames: list[Frame] = []
        self._wanted = wanted
        numbers = count()
        self.connection = Connection(
            "a.pcapng", ("http", "10.0.0.1:3000"), lambda: next(numbers), self._ask, self.unread.append, self.diagnostics.append
        )
        self._time = 0.0

    def _ask(self, of: Exchange) -> bool:
        self.exchanges.append(of)
        return self._wanted

    def said(self, direction: Direction, data: bytes) -> Heard:
        """Further bytes, a second later."""
        self._time += 1
        self.frames += self.connection.feed(direction, data, self._time)
        return self

    def end(self) -> Heard:
        """The end of the capture."""
        self.frames += self.connection.end(self._time)
        return self

    @property
    def data(self) -> list[tuple[Direction, Any]]:
        """Direction and data of the frames."""
        return [(frame.direction, frame.data) for frame in self.frames]


def messages(client: bool, *data: str | bytes, extension: PerMessageDeflate | None = None) -> bytes:
    """WebSocket messages as a client (masked) or a server sends them."""
    protocol = FrameProtocol(client=client, extensions=[extension] if extension else [])
    return b"".join(protocol.send_data(one, fin=True) for one in data)


@pytest.mark.parametrize("step", [1, 7, 1_000])
def test_requests_and_responses(step: int) -> None:
    """Requests are paired with their answers over one connection, however the bytes are cut."""
    heard = Heard()
    for direction, data in ((C2S, POST), (S2C, answer()), (C2S, GET), (S2C, answer(b"42[1]"))):
        for start in range(0, len(data), step):
            heard.said(direction, data[start : start + step])
    assert heard.data == [(C2S, b'42["a"'), (S2C, b"ok"), (S2C, b"42[1]")]
    assert [of.method for of in heard.exchanges] == ["POST", "GET"]
    assert [of.url for of in heard.exchanges] == ["http://chat.example/socket.io/?EIO=4&transport=polling&sid=s"] * 2
    assert [of.origin.entry for of in heard.exchanges] == [0, 1]
    assert heard.diagnostics == []


def test_pipelined_requests() -> None:
    """Requests that do not wait for answers are answered in their order."""
    heard = Heard().said(C2S, POST + GET).said(S2C, answer(b"one") + answer(b"two"))
    assert heard.data == [(C2S, b'42["a"'), (S2C, b"one"), (S2C, b"two")]


def test_encodings() -> None:
    """Chunks and content encodings are undone; a damaged one leaves the body as it was."""
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n42[\r\n2\r\n1]\r\n0\r\n\r\n"
    packed = answer(gzip.compress(b"42[2]"), more=b"Content-Encoding: gzip\r\n")
    damaged = answer(b"no gzip", more=b"Content-Encoding: gzip\r\n")
    heard = Heard()
    for response in (chunked, packed, damaged):
        heard.said(C2S, GET).said(S2C, response)
    assert heard.data == [(S2C, b"42[1]"), (S2C, b"42[2]"), (S2C, b"no gzip")]


def test_a_body_that_the_end_of_the_connection_ends() -> None:
    """HTTP/1.0 servers say the length of nothing."""
    heard = Heard().said(C2S, GET).said(S2C, b"HTTP/1.0 200 OK\r\n\r\n42[").said(S2C, b"1]").end()
    assert heard.data == [(S2C, b"42[1]")]


def test_a_request_without_an_answer() -> None:
    """What was asked when the capture ended is an exchange without a status."""
    heard = Heard().said(C2S, POST).end()
    assert heard.data == [(C2S, b'42["a"')]
    assert heard.exchanges[0].status is None


def test_addresses() -> None:
    """A proxy is asked for whole addresses; without Host the address is the server's."""
    absolute = b"GET http://chat.example/rt/?EIO=4 HTTP/1.1\r\nHost: chat.example\r\n\r\n"
    nameless = b"GET /rt/?EIO=4 HTTP/1.0\r\n\r\n"
    heard = Heard().said(C2S, absolute).said(S2C, answer()).said(C2S, nameless).said(S2C, answer())
    assert [of.url for of in heard.exchanges] == ["http://chat.example/rt/?EIO=4", "http://10.0.0.1:3000/rt/?EIO=4"]


@pytest.mark.parametrize("step", [1, 1_000])
def test_websocket(step: int) -> None:
    """After the switch each side's messages are frames of one exchange, text as text, control frames left out."""
    heard = Heard().said(C2S, UPGRADE).said(S2C, SWITCH % b"" + messages(False, "0{}"))
    ping = FrameProtocol(client=True, extensions=[]).ping(b"p")
    for start in range(0, len(said := messages(True, "40") + ping + messages(True, '42["€😀"]', b"\x01\x02")), step):
        heard.said(C2S, said[start : start + step])
    assert heard.data == [(S2C, "0{}"), (C2S, "40"), (C2S, '42["€😀"]'), (C2S, b"\x01\x02")]
    assert {frame.exchange.transport for frame in heard.frames} == {Transport.WEBSOCKET}
    assert [frame.origin.frame for frame in heard.frames] == [0, 1, 2, 3]
    assert heard.exchanges[0].status == 101


def test_what_a_client_sends_before_the_answer() -> None:
    """Messages that follow the request at once wait for the switch."""
    heard = Heard().said(C2S, UPGRADE + messages(True, "early")).said(S2C, SWITCH % b"")
    assert heard.data == [(C2S, "early")]


def test_fragmented_message() -> None:
    """A message in several frames is one."""
    protocol = FrameProtocol(client=False, extensions=[])
    parts = protocol.send_data("42[", fin=False) + protocol.send_data("1]", fin=True)
    heard = Heard().said(C2S, UPGRADE).said(S2C, SWITCH % b"" + parts)
    assert heard.data == [(S2C, "42[1]")]


@pytest.mark.parametrize("takeover", ["", "; server_no_context_takeover"])
def test_control_frames_between_the_fragments_of_compressed_messages(takeover: str) -> None:
    """They interrupt a message and do not end it (RFC 6455, section 5.4), nor what it is compressed with."""
    accepted = f"permessage-deflate{takeover}"
    deflate = PerMessageDeflate()
    deflate.finalize(accepted)
    server = FrameProtocol(client=False, extensions=[deflate])
    said = b"".join(
        server.send_data(f'42["{word} words', fin=False)
        + server.ping(b"p")
        + server.send_data(" again and ", fin=False)
        + server.pong(b"")
        + server.send_data('again"]', fin=True)
        + server.ping()
        for word in ("many", "the same", "the same")
    )
    heard = Heard().said(C2S, UPGRADE).said(S2C, SWITCH % f"Sec-WebSocket-Extensions: {accepted}\r\n".encode() + said)
    assert heard.data == [(S2C, f'42["{word} words again and again"]') for word in ("many", "the same", "the same")]
    assert heard.diagnostics == []


@pytest.mark.parametrize("bits", ["8", '"10"', "nonsense", "99"])
def test_a_window_that_reads_all(bits: str) -> None:
    """Whatever window is agreed on, quoted (RFC 7692, section 7.1.2) or beyond all bounds, the messages are read."""
    server = PerMessageDeflate()
    server.finalize("permessage-deflate")
    header = f"Sec-WebSocket-Extensions: Permessage-Deflate; server_max_window_bits={bits}; client_max_window_bits\r\n".encode()
    heard = Heard().said(C2S, UPGRADE).said(S2C, SWITCH % header + messages(False, "0{}", "40", extension=server))
    assert heard.data == [(S2C, "0{}"), (S2C, "40")]


@pytest.mark.parametrize("parameters", ["", "; server_no_context_takeover", "; server_max_window_bits=10; client_max_window_bits=10"])
def test_compressed_messages(parameters: str) -> None:
    """permessage-deflate is undone as it was agreed on, with and without the memory of earlier messages."""
    accepted = f"permessage-deflate{parameters}"
    server = PerMessageDeflate()
    server.finalize(accepted)
    texts = [f'42["the same words again and again",{n}]' for n in range(5)]
    header = f"Sec-WebSocket-Extensions: {accepted}\r\n".encode()
    heard = Heard().said(C2S, UPGRADE).said(S2C, SWITCH % header + messages(False, *texts, extension=server))
    assert heard.data == [(S2C, text) for text in texts]


def test_a_refused_upgrade_leaves_the_connection_as_it_is() -> None:
    """A 400 in answer to an upgrade is an answer, and no message of the WebSocket that there is not; the next request is read."""
    heard = Heard().said(C2S, UPGRADE).said(S2C, answer(b"{}", b"400 Bad Request")).said(C2S, GET).said(S2C, answer(b"42[1]"))
    assert heard.data == [(S2C, b"42[1]")]
    assert [of.status for of in heard.exchanges] == [400, 200]


@pytest.mark.parametrize(
    ("direction", "data"),
    [(C2S, b"\x83\x80abcd"), (S2C, b"\xff\xff\xff"), (S2C, b"\xc1\x02\x00\x00"), (S2C, b"\x81\x02\xff\xff")],
)
def test_damage_ends_one_side(direction: Direction, data: bytes) -> None:
    """What is no WebSocket frame (or none of the agreed extensions, or no UTF-8) ends its side, told once."""
    heard = Heard().said(C2S, UPGRADE).said(S2C, SWITCH % b"" + messages(False, "0{}"))
    other, said = (S2C, messages(False, "42[2]")) if direction is C2S else (C2S, messages(True, "42[2]"))
    heard.said(direction, data * 3).said(direction, b"more").said(other, said)
    assert heard.data == [(S2C, "0{}"), (other, "42[2]")]
    assert [diagnostic.code for diagnostic in heard.diagnostics] == ["connection-broken"]


def test_an_answer_to_what_was_not_captured() -> None:
    """Responses before any request are left out, told once; what follows is read."""
    heard = Heard().said(S2C, answer() * 3).said(C2S, GET).said(S2C, answer(b"42[1]"))
    assert heard.data == [(S2C, b"42[1]")]
    assert [diagnostic.code for diagnostic in heard.diagnostics] == ["connection-unopened"]


def test_the_rest_of_an_answer_behind_the_next_request() -> None:
    """It belongs to what was not captured still."""
    late = answer(b"42[1]")
    heard = Heard().said(S2C, late[:-2]).said(C2S, POST).said(S2C, late[-2:] + answer(b"42[2]"))
    assert heard.data == [(C2S, b'42["a"'), (S2C, b"42[2]")]


def test_an_answer_to_nothing() -> None:
    """A response too many ends its side: it may be that others do not belong where they stand either."""
    heard = Heard().said(C2S, GET).said(S2C, answer(b"42[1]") + answer(b"42[2]"))
    assert heard.data == [(S2C, b"42[1]")]
    assert [diagnostic.code for diagnostic in heard.diagnostics] == ["connection-broken"]


def test_an_answer_before_its_request_is_whole() -> None:
    """It is that request's, and no other one's: its side ends, lest all that follow stand one place too early."""
    heard = Heard().said(C2S, POST[:-1]).said(S2C, answer()).said(C2S, POST[-1:] + GET).said(S2C, answer(b"42[1]")).end()
    assert heard.data == [(C2S, b'42["a"')]
    assert [diagnostic.code for diagnostic in heard.diagnostics] == ["connection-broken"]


def test_a_switch_that_was_not_captured() -> None:
    """The address of a WebSocket whose request is missing is unknown."""
    heard = Heard().said(S2C, SWITCH % b"" + messages(False, "0{}")).said(C2S, messages(True, "40"))
    assert heard.frames == []
    assert [diagnostic.code for diagnostic in heard.diagnostics] == ["websocket-unopened"]


def test_a_switch_without_its_answer() -> None:
    """What a client says in a protocol that nobody agreed to is not read, which is told."""
    heard = Heard().said(C2S, UPGRADE).said(C2S, messages(True, "40")).end()
    assert heard.frames == []
    assert [diagnostic.code for diagnostic in heard.diagnostics] == ["connection-broken"]


CONNECT = b"CONNECT 10.0.0.9:4800 HTTP/1.1\r\nHost: 10.0.0.9:4800\r\nProxy-Connection: keep-alive\r\n\r\n"
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@pytest.mark.parametrize("step", [1, 7, 1_000])
def test_a_tunnel(step: int) -> None:
    """What a proxy's tunnel carries is read as a connection is: polls, then a WebSocket."""
    heard = Heard().said(C2S, CONNECT).said(S2C, ESTABLISHED)
    for side, data in (
        (C2S, POST), (S2C, answer()), (C2S, UPGRADE), (S2C, SWITCH % b"" + messages(False, "0{}")), (C2S, messages(True, "40"))
    ):  # fmt: skip
        for start in range(0, len(data), step):
            heard.said(side, data[start : start + step])
    assert heard.data == [(C2S, b'42["a"'), (S2C, b"ok"), (S2C, "0{}"), (C2S, "40")]
    assert [of.url.partition("?")[0] for of in heard.exchanges] == [
        "http://10.0.0.9:4800", "http://chat.example/socket.io/", "http://chat.example/socket.io/"
    ]  # fmt: skip
    assert [of.origin.entry for of in heard.exchanges] == [0, 1, 2]
    assert heard.diagnostics == []


def test_a_tunnel_to_a_server_without_a_name() -> None:
    """Where no Host says it, its address is what the proxy was asked for."""
    nameless = b"GET /rt/?EIO=4 HTTP/1.0\r\n\r\n"
    heard = Heard().said(C2S, CONNECT).said(S2C, ESTABLISHED).said(C2S, nameless).said(S2C, answer())
    assert heard.exchanges[-1].url == "http://10.0.0.9:4800/rt/?EIO=4"


def test_a_client_that_does_not_wait_for_its_tunnel() -> None:
    """What it sends behind the request waits for the answer, and belongs to the proxy where that refuses."""
    heard = Heard().said(C2S, CONNECT + POST).said(S2C, ESTABLISHED + answer())
    assert heard.data == [(C2S, b'42["a"'), (S2C, b"ok")]
    asks = answer(b"", b"407 Proxy Authentication Required")
    heard = Heard().said(C2S, CONNECT).said(S2C, asks).said(C2S, CONNECT).said(S2C, ESTABLISHED).said(C2S, GET).said(S2C, answer())
    assert [of.status for of in heard.exchanges] == [407, 200, 200]
    assert heard.data == [(S2C, b"ok")]


def test_tunnels_in_tunnels() -> None:
    """However many."""
    heard = Heard()
    for _ in range(2_000):
        heard.said(C2S, CONNECT).said(S2C, ESTABLISHED)
    assert heard.said(C2S, GET).said(S2C, answer(b"42[1]")).data == [(S2C, b"42[1]")]
    heard = Heard().said(C2S, CONNECT * 2_000)
    assert heard.said(S2C, ESTABLISHED * 2_000).end().frames == []


@pytest.mark.parametrize(
    ("side", "data", "unread"),
    [
        (C2S, b"\x16\x03\x01\x01\x58\x01\0\0", Begin.TLS),
        (C2S, b"PRI * HTTP/2.0\r\n\r\n", Begin.HTTP2),
        (C2S, b"SSH-2.0-client\r\n", Begin.OTHER),
        (S2C, b"220 mail.example ESMTP\r\n", Begin.OTHER),
    ],
)
def test_a_tunnel_of_something_else(side: Direction, data: bytes, unread: Begin) -> None:
    """It is handed on what it is of, once, and the rest is passed over."""
    heard = Heard().said(C2S, CONNECT).said(S2C, ESTABLISHED).said(side, data).said(S2C, b"more").said(C2S, b"and more").end()
    assert heard.unread == [unread]
    assert heard.frames == []
    assert heard.diagnostics == []
    if side is C2S:
        assert Heard().said(C2S, CONNECT + data).said(S2C, ESTABLISHED + b"more").end().unread == [unread]


def test_a_request_for_the_server_itself() -> None:
    """Its target is no path."""
    heard = Heard().said(C2S, b"OPTIONS * HTTP/1.1\r\nHost: chat.example\r\n\r\n").said(S2C, answer())
    assert heard.exchanges[0].url == "http://chat.example/"


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies, messages and heads are bounded."""
    monkeypatch.setattr(http1, "MAX_MESSAGE", 4)
    assert Heard().said(C2S, POST).diagnostics[0].code == "connection-broken"
    assert Heard().said(C2S, b"GET /" + b"a" * (2 << 20)).diagnostics[0].code == "connection-broken"
    heard = Heard().said(C2S, UPGRADE).said(S2C, SWITCH % b"" + messages(False, "12345", "1"))
    assert heard.diagnostics[0].code == "connection-broken"
    monkeypatch.setattr(http1, "MAX_HEAD", 4)
    assert Heard().said(C2S, UPGRADE).said(C2S, b"early").diagnostics[0].code == "connection-broken"


def test_unwanted() -> None:
    """What is not wanted gives nothing, a WebSocket neither."""
    heard = Heard(wanted=False).said(C2S, POST).said(S2C, answer())
    heard.said(C2S, UPGRADE).said(S2C, SWITCH % b"" + messages(False, "0{}")).said(C2S, zlib.compress(b"x"))
    assert heard.frames == []
    assert heard.diagnostics == []
