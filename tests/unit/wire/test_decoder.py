"""`infer.wire.decoder`: one session is one session, whatever carries it."""

from __future__ import annotations

import random
from typing import Any

import msgpack
import pytest

from infer.model import ABSENT, Direction, Frame, Handshake, Transport
from infer.wire import EngineType, Limits, SocketType
from tests.unit.wire.making import C2S, S2C, Socket, body, decoded, exchange, observed

OPEN = '0{"sid":"s1","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'
PLACED = '{"_placeholder":true,"num":0}'


def test_polling_upgraded() -> None:
    """A session that is opened by polling and goes on by WebSocket, with its probe and its noop."""
    socket = Socket(time=1002.0)
    frames = [
        body(S2C, OPEN, 1000.0, sid=None),
        body(C2S, "40", 1000.1),
        body(S2C, '40{"sid":"x"}', 1000.2),
        *socket.said(C2S, "2probe"),
        *socket.said(S2C, "3probe"),
        body(S2C, "6", 1002.2),
        *socket.said(C2S, "5", '42["hello"]'),
    ]
    made = decoded(frames)
    assert made.diagnostics == []
    assert len({packet.session for packet in made.packets}) == 1
    assert [packet.engine for packet in made.packets if packet.type is None] == [
        EngineType.OPEN, EngineType.PING, EngineType.PONG, EngineType.NOOP, EngineType.UPGRADE,
    ]  # fmt: skip
    assert [packet.transport for packet in made.packets if packet.type is not None] == [
        Transport.POLLING, Transport.POLLING, Transport.WEBSOCKET,
    ]  # fmt: skip
    assert made.packets[0].session.opened


def split_frames() -> list[Frame]:
    """Headers and attachments in bodies of their own, both directions, events between them."""
    return [
        body(S2C, OPEN, 1000.0, sid=None),
        body(C2S, f'451-0["up",{PLACED}]', 1001.0),
        body(C2S, "bAQ==", 1002.0),
        body(S2C, f'42["note"]\x1e452-["down",{PLACED},{{"_placeholder":true,"num":1}}]', 1003.0),
        body(C2S, f'451-1["up",{PLACED}]\x1ebAg==\x1e42["plain"]', 1004.0),
        body(S2C, "bAw==", 1005.0),
        body(S2C, f"bBA==\x1e461-0[{PLACED}]", 1006.0),
        body(S2C, "bBQ==", 1007.0),
    ]


EXPECTED = {
    ("note",),
    ("plain",),
    ("up", b"\x01"),
    ("up", b"\x02"),
    ("down", b"\x03", b"\x04"),
}


@pytest.mark.parametrize("seed", range(8))
def test_any_order_of_bodies(seed: int) -> None:
    """Requests and responses in flight at once, listed in any order: their times tell what belongs together."""
    frames = split_frames()
    if seed:
        random.Random(seed).shuffle(frames)
    made = decoded(frames)
    assert set(made.events) == EXPECTED
    assert len(made.events) == len(EXPECTED)
    assert [packet.args for packet in made.packets if packet.type is SocketType.BINARY_ACK] == [[b"\x05"]]
    assert made.diagnostics == []


def test_times_that_are_not_known() -> None:
    """Without times the order of the capture counts."""
    frames = [body(C2S, f'451-["up",{PLACED}]', None), body(C2S, "bAQ==", None)]
    made = decoded(frames)
    assert made.events == [("up", b"\x01")]
    assert made.codes == []


def test_two_sessions_at_once_keep_their_attachments() -> None:
    """Of one server, of two servers on a host, and of two hosts, with the same sid even."""
    places = [("s1", "/socket.io/"), ("s2", "/socket.io/"), ("s1", "/rt/"), ("s1", "/socket.io/")]
    hosts = ["a.test"] * 3 + ["b.test"]
    headers = [body(C2S, f'451-["up",{PLACED}]', 1000.0 + n, sid=sid, endpoint=f"http://{host}{path}")
               for n, ((sid, path), host) in enumerate(zip(places, hosts, strict=True))]  # fmt: skip
    attachments = [body(C2S, f"b{'ABCD'[n]}Q==", 1010.0 + n, sid=sid, endpoint=f"http://{host}{path}")
                   for n, ((sid, path), host) in enumerate(zip(places, hosts, strict=True))]  # fmt: skip
    made = decoded(headers + attachments)
    assert made.events == [("up", bytes([1 + 4 * n])) for n in range(4)]
    assert len({packet.session.id for packet in made.packets}) == 4


def test_transports_of_one_sid_are_one_session_over_http_and_ws() -> None:
    """A HAR writes `ws://` where a proxy writes `http://`: the same server."""
    socket = Socket(endpoint="ws://chat.example/socket.io/")
    made = decoded([body(C2S, '420["ask"]'), *socket.said(S2C, "430[]")])
    assert len({packet.session.id for packet in made.packets}) == 1


@pytest.mark.parametrize("protocol", [3, 4])
def test_a_capture_that_starts_mid_session(protocol: int) -> None:
    """No handshake and no sid: the events are given all the same, and one diagnostic says what is unknown."""
    socket = Socket(f"EIO={protocol}&transport=websocket")
    made = decoded(socket.said(C2S, '42["first"]', '42["second"]'))
    assert made.events == [("first",), ("second",)]
    assert [diagnostic.code for diagnostic in made.diagnostics] == ["session-unopened"]


@pytest.mark.parametrize("protocol", [3, 4])
def test_a_client_that_speaks_before_the_open_packet(protocol: int) -> None:
    """As the client in C++ does, which asks for its namespace as soon as the WebSocket is there: its opening was seen."""
    socket = Socket(f"EIO={protocol}&transport=websocket&version=2")
    frames = [*socket.said(C2S, "40"), *socket.said(S2C, OPEN, '40{"sid":"n1"}', '42["hello"]'), *socket.said(C2S, '42["a"]')]
    assert decoded(frames).diagnostics == []
    observations, codes = observed(frames)
    handshakes = [each for each in observations if isinstance(each, Handshake)]
    assert [dict(each.query) for each in handshakes] == [{"version": "2"}]
    assert codes == []


def test_mid_session_with_a_sid() -> None:
    """The sid in the address is enough to know the session by; that its opening was not seen is said once."""
    frames = [body(C2S, '42["a"]', 1000.0), body(C2S, '42["b"]', 1001.0), *Socket(time=1002.0).said(S2C, '42["c"]')]
    made = decoded(frames)
    assert made.events == [("a",), ("b",), ("c",)]
    assert [diagnostic.code for diagnostic in made.diagnostics] == ["session-unopened"]
    assert decoded([*frames, body(S2C, OPEN, 999.0, sid=None)]).diagnostics == []


def test_websockets_of_others_are_left_alone() -> None:
    """A WebSocket without Engine.IO's query is taken where it begins with an open packet, and is else counted."""
    mine = Socket("", endpoint="wss://chat.example/proxy/rt")
    other = Socket("", endpoint="wss://chat.example/graphql")
    made = decoded([*mine.said(S2C, OPEN), *other.said(C2S, '{"type":"connection_init"}'), *mine.said(C2S, '42["a"]'),
                    *other.said(S2C, '42["looks like ours"]')])  # fmt: skip
    assert made.events == [("a",)]
    assert made.stats.ignored == {"not-socket.io": 2}
    assert made.diagnostics == []


@pytest.mark.parametrize("first", ["1::", '5:1+::{"name":"q","args":[1]}', "2::", "3:::hello", "5::/chat:{}"])
def test_version_0_9_by_its_frames(first: str) -> None:
    """A WebSocket of Socket.IO 0.9 under a path of its own is named."""
    made = decoded(Socket("", endpoint="ws://chat.example/live/1/websocket/1234").said(S2C, first, "2::"))
    assert [diagnostic.code for diagnostic in made.diagnostics] == ["socketio-0.9"]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (body(S2C, '{"code":1,"message":"Session ID unknown"}', status=400), "http-status"),
        (body(C2S, '42["refused"]', status=400), "http-status"),
        (body(S2C, ""), "empty"),
    ],
)
def test_bodies_without_packets(frame: Frame, reason: str) -> None:
    """Refused requests and empty answers are counted by their reason."""
    made = decoded([frame])
    assert made.stats.ignored == {reason: 1}
    assert made.diagnostics == []


def test_the_answer_to_a_post_is_no_payload() -> None:
    """`ok`, or Python's `OK`."""
    of = exchange("EIO=4&transport=polling&sid=s1", method="POST", status=200)
    assert decoded([Frame(of, S2C, 1.0, b"ok")]).stats.ignored == {"post-answer": 1}


def test_an_answer_that_opens_nothing() -> None:
    """The first answer must name the session."""
    assert decoded([body(S2C, "<html>", sid=None)]).codes == ["packet-invalid"]
    assert decoded([body(S2C, "0{}", sid=None)]).codes == ["open-invalid"]
    assert decoded([body(S2C, '42["x"]', sid=None)]).codes == ["open-invalid"]


@pytest.mark.parametrize("messages", [['451-["a"]', '451-["b"]', b"x"], ['452-["a"]', b"y", '451-["b"]', b"x"]])
def test_a_header_that_another_follows(messages: list[str | bytes]) -> None:
    """What was not completed before the next binary packet never will be, and counts as far as it was seen."""
    made = decoded(Socket().said(C2S, *messages))
    assert made.events == [("a",), ("b",)]
    assert made.codes == ["attachment-missing"]


def test_attachments_that_never_came_are_empty() -> None:
    """The packet says all else: its event, its arguments, which of them are binary, and what acknowledges it."""
    frames = [*Socket().said(C2S, f'452-7["upload","a.txt",{PLACED},{{"_placeholder":true,"num":1}}]', b"x"), *Socket().said(S2C, '437["ok"]')]
    made = decoded(frames)
    assert made.events == [("upload", "a.txt", b"x", b"")]
    assert made.codes == ["attachment-missing"]


def test_heartbeats_between_a_header_and_its_attachment() -> None:
    """Engine.IO's packets, and the other side's, do not come between."""
    socket = Socket()
    frames = [*socket.said(C2S, f'451-["a",{PLACED}]', "3"), *socket.said(S2C, "2", '42["b"]'), *socket.said(C2S, b"x")]
    made = decoded(frames)
    assert made.events == [("b",), ("a", b"x")]
    assert made.codes == []


def test_connect_of_protocol_4() -> None:
    """The query string of a namespace is the auth."""
    made = decoded(Socket("EIO=3&transport=websocket&sid=s").said(C2S, "40/admin?token=a%20b&x=,"))
    assert [(packet.namespace, packet.data) for packet in made.packets] == [("/admin", {"token": "a b", "x": ""})]


NOW = 1_795_467_223.0


def _offset(seconds: float) -> str:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
    number, text = int(seconds * 1000), ""
    while number:
        number, digit = divmod(number, 64)
        text = alphabet[digit] + text
    return text


@pytest.mark.parametrize(
    ("connect", "stripped"), [('40{"sid":"a","pid":"b"}', True), ('40{"sid":"a"}', False), (None, True)]
)
def test_recovery_offset(connect: str | None, stripped: bool) -> None:
    """The server's appended offset is no argument, unless its CONNECT says that it appends none."""
    offset = _offset(NOW)
    socket = Socket(time=NOW)
    frames = socket.said(S2C, *([connect] if connect else []), f'42["tick",1,"{offset}"]', f'420["ask","{offset}"]')
    frames += socket.said(C2S, f'42["tick","{offset}"]')
    made = decoded(frames)
    assert made.events == [("tick", 1, *([] if stripped else [offset])), ("ask", offset), ("tick", offset)]
    assert next(packet.offset for packet in made.packets if packet.event == "tick") == (offset if stripped else None)


def test_replay_request_is_no_auth() -> None:
    """A client that asks for a replay shows its private id, which is not the application's."""
    socket = Socket()
    made = decoded(socket.said(C2S, '40{"pid":"%s","offset":"Q","token":"x"}' % ("a" * 20), '40{"pid":"%s"}' % ("a" * 20)))
    assert [packet.data for packet in made.packets] == [{"token": "x"}, ABSENT]


def test_parsers_are_found_by_content() -> None:
    """Each session has the parser that its messages are of; the handshake tells."""
    packed = msgpack.packb({"type": 2, "nsp": "/", "data": ["m"]})
    made = decoded([
        *Socket("EIO=4&transport=websocket&sid=a").said(C2S, '42["d"]'),
        *Socket("EIO=4&transport=websocket&sid=b").said(C2S, packed),
        *Socket("EIO=4&transport=websocket&sid=c").said(C2S, '4{"type":2,"nsp":"/","data":["j"]}'),
        *Socket("EIO=3&transport=websocket&sid=e").said(C2S, '4{"type":0,"nsp":"/"}', b"\x04" + packed),
    ])  # fmt: skip
    assert {packet.session.parser for packet in made.packets} == {"default", "msgpack", "json"}
    assert [packet.session.parser for packet in made.packets][-1] == "msgpack"
    assert made.codes == []


@pytest.mark.parametrize(("parser", "events", "codes"), [
    ("default", [("d",)], ["packet-invalid", "attachment-unexpected"]),
    ("json", [("j",)], ["packet-invalid", "attachment-unexpected"]),
    ("msgpack", [("m",)], ["packet-invalid", "packet-invalid"]),
])  # fmt: skip
def test_a_forced_parser_is_the_only_one(parser: str, events: list[Any], codes: list[str]) -> None:
    """What is not its own is diagnosed."""
    packed = msgpack.packb({"type": 2, "nsp": "/", "data": ["m"]})
    made = decoded(Socket().said(C2S, '42["d"]', packed, '4{"type":2,"nsp":"/","data":["j"]}'), parser=parser)
    assert made.events == events
    assert made.codes == codes


def test_damaged_messagepack_is_said_to_be() -> None:
    """In a session that speaks it, a binary message that is none is no attachment."""
    packed = msgpack.packb({"type": 2, "nsp": "/", "data": ["m"]})
    made = decoded(Socket().said(C2S, packed, packed[:-1]))
    assert made.codes == ["msgpack-invalid"]


def test_an_attachment_may_look_like_messagepack() -> None:
    """A map that a packet announced is an attachment; one that is no packet waits for its header."""
    packed = msgpack.packb({"type": 2, "nsp": "/", "data": ["m"]})
    other = msgpack.packb({"type": 2, "data": ["m"]})
    made = decoded(Socket().said(C2S, f'451-["a",{PLACED}]', packed))
    assert made.events == [("a", packed)]
    frames = [body(C2S, f'451-["a",{PLACED}]', 1000.0), *Socket(time=1001.0).said(C2S, other)]
    assert decoded(frames).events == [("a", other)]


def test_a_busy_session_is_not_let_go() -> None:
    """Who was silent longest makes room, not who came first."""
    busy = Socket("EIO=4&transport=websocket&sid=busy")
    frames = busy.said(C2S, f'451-["kept",{PLACED}]')
    for number in range(30):
        frames += [body(C2S, '42["x"]', sid=f"s{number}"), *busy.said(C2S, "3")]
    made = decoded([*frames, *busy.said(C2S, b"\x01")], limits=Limits(sessions=4))
    assert ("kept", b"\x01") in made.events
    assert made.codes == []


def test_settle_up_to_a_time_leaves_what_is_still_open() -> None:
    """A live listener settles again and again: what may yet be completed waits on."""
    from infer.wire import Decoder  # noqa: PLC0415

    reports: list[Any] = []
    decoder = Decoder(report=reports.append)
    for frame in (body(C2S, f'452-["a",{PLACED},{{"_placeholder":true,"num":1}}]', 1000.0), body(C2S, "bAQ==", 1001.0)):
        assert list(decoder.feed(frame)) == []
    assert list(decoder.settle(1001.5)) == []
    decoder.feed(body(C2S, "bAg==", 1002.0))
    assert [packet.args for packet in decoder.settle(1003.0)] == [[b"\x01", b"\x02"]]
    assert reports == []


def test_what_has_no_time_takes_nothing_from_what_waits() -> None:
    """Where the oldest must be put together, a fragment without a time goes with them, once, and later ones wait on."""
    frames = [
        body(C2S, f'451-["old",{PLACED}]', 1001.0),
        body(C2S, "bAQ==", 1002.0),
        body(C2S, f'451-["new",{PLACED}]', 1009.0),
        body(C2S, "bAg==", None),
        body(C2S, "bAw==", 1010.0),
    ]
    made = decoded(frames, limits=Limits(fragments_per_session=3))
    assert made.events == [("old", b"\x01"), ("new", b"\x03")]
    assert made.codes == ["attachment-unexpected"]


@pytest.mark.parametrize("direction", Direction)
def test_every_packet_of_a_payload_is_accounted_for(direction: Direction) -> None:
    """Packets plus diagnostics are the parts of a payload."""
    parts = ['42["a"]', "9", "2", "b@", '43["no id"]', '42["b"]', "", "3probe"]
    made = decoded([body(direction, "\x1e".join(parts))])
    assert len(made.packets) + len(made.codes) == len(parts)
