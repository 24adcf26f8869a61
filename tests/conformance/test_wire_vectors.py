r"""The vectors of the official test suites, as a table of our own: each decodes as stated or is rejected as stated.

Sources, all in socketio/socket.io:

- EP   packages/engine.io-parser/test/{index,node}.ts
- EP3  packages/engine.io/test/parser.js, and the examples of docs/engine.io-protocol/v3.md
- E3   docs/engine.io-protocol/v3-test-suite/test-suite.js
- E4   docs/engine.io-protocol/v4-test-suite/test-suite.js
- SP   packages/socket.io-parser/test/{parser,buffer,arraybuffer}.js
- S5   docs/socket.io-protocol/v5-test-suite/test-suite.js
- D5   the examples of docs/socket.io-protocol/v5-current.md

Left out, since they say nothing of what is on a wire that a capture can hold: the streams of WebTransport (no recorder
keeps them), what an encoder throws at, and how long a server waits. A suite that expects a connection to be closed
expects a diagnostic here. Where a listener takes more than the official decoder does, the table says so and why.
"""

from __future__ import annotations

from typing import Any

import pytest

from infer.model import ABSENT
from infer.wire import Limits, Packet, SocketType
from infer.wire.engineio import decode_message, decode_payload
from infer.wire.packet import EnginePacket, EngineType, Fault
from tests.unit.wire.making import C2S, S2C, Socket, body, decoded

OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP = EngineType
BYTES = bytes([1, 2, 3, 4])

MESSAGES = [
    # source, protocol, WebSocket message, packet or the diagnostic's code
    ("EP a string", 4, "4test", (MESSAGE, "test")),
    ("EP an empty packet", 4, "", "packet-invalid"),
    ("EP an unknown type", 4, "a123", "packet-invalid"),
    ("EP a Buffer", 4, BYTES, (MESSAGE, BYTES)),
    ("EP a Buffer as base64", 4, "bAQIDBA==", (MESSAGE, BYTES)),
    ("E3 plain text", 3, "4hello", (MESSAGE, "hello")),
    ("E3 binary", 3, b"\x04" + BYTES, (MESSAGE, BYTES)),
    ("E3 binary as base64", 3, "b4AQIDBA==", (MESSAGE, BYTES)),
    ("E3 invalid packet format", 3, "abc", "packet-invalid"),
    ("E3 ping of the client", 3, "2", (PING, "")),
    ("E3 pong of the server", 3, "3", (PONG, "")),
    ("E4 plain text", 4, "4hello", (MESSAGE, "hello")),
    ("E4 binary", 4, BYTES, (MESSAGE, BYTES)),
    ("E4 invalid packet format", 4, "abc", "packet-invalid"),
    ("E4 close", 4, "1", (CLOSE, "")),
    ("E4 probe", 4, "2probe", (PING, "probe")),
    ("E4 answer to the probe", 4, "3probe", (PONG, "probe")),
    ("E4 upgrade", 4, "5", (UPGRADE, "")),
    ("E4 noop", 4, "6", (NOOP, "")),
]

PAYLOADS: list[tuple[str, int, bytes, list[tuple[EngineType, str | bytes] | str]]] = [
    (
        "EP all packet types",
        4,
        b"0\x1e1\x1e2probe\x1e3probe\x1e4test",
        [(OPEN, ""), (CLOSE, ""), (PING, "probe"), (PONG, "probe"), (MESSAGE, "test")],
    ),
    ("EP malformed", 4, b"{", ["packet-invalid"]),
    ("EP malformed", 4, b"{}", ["packet-invalid"]),
    ("EP malformed", 4, b'["a123", "a456"]', ["packet-invalid"]),
    ("EP a string and a Buffer", 4, b"4test\x1ebAQIDBA==", [(MESSAGE, "test"), (MESSAGE, BYTES)]),
    ("E4 one packet", 4, b"4hello", [(MESSAGE, "hello")]),
    ("E4 several", 4, b"4test1\x1e4test2\x1e4test3", [(MESSAGE, "test1"), (MESSAGE, "test2"), (MESSAGE, "test3")]),
    ("E4 text and binary", 4, b"4hello\x1ebAQIDBA==", [(MESSAGE, "hello"), (MESSAGE, BYTES)]),
    ("E4 invalid packet format", 4, b"abc", ["packet-invalid"]),
    ("E3 one packet", 3, b"6:4hello", [(MESSAGE, "hello")]),
    ("E3 several", 3, b"6:4test16:4test26:4test3", [(MESSAGE, "test1"), (MESSAGE, "test2"), (MESSAGE, "test3")]),
    ("E3 text and binary as base64", 3, b"6:4hello10:b4AQIDBA==", [(MESSAGE, "hello"), (MESSAGE, BYTES)]),
    (
        "E3 text and binary",
        3,
        bytes([0, 6, 255, 52, 104, 101, 108, 108, 111, 1, 5, 255, 4, 1, 2, 3, 4]),
        [(MESSAGE, "hello"), (MESSAGE, BYTES)],
    ),
    ("E3 invalid packet format", 3, b"abc", ["payload-length"]),
    ("E3 ping", 3, b"1:2", [(PING, "")]),
    ("E3 noop", 3, b"1:6", [(NOOP, "")]),
    ("EP3 text in a document's example", 3, "6:4hello2:4€".encode(), [(MESSAGE, "hello"), (MESSAGE, "€")]),
    ("EP3 text and base64 in a document's example", 3, "2:4€10:b4AQIDBA==".encode(), [(MESSAGE, "€"), (MESSAGE, BYTES)]),
    (
        # encodePayload([€€€€, <01 02 03>], true, ...): lengths in bytes, 13 and 4
        "EP3 a mixed payload",
        3,
        bytes([0, 1, 3, 255]) + "4€€€€".encode() + bytes([1, 4, 255, 4, 1, 2, 3]),
        [(MESSAGE, "€€€€"), (MESSAGE, bytes([1, 2, 3]))],
    ),
]


def _engine(made: EnginePacket | Fault) -> tuple[EngineType, str | bytes] | str:
    return made.code if isinstance(made, Fault) else (made.type, made.data)


@pytest.mark.parametrize(("source", "protocol", "data", "expected"), MESSAGES)
def test_engine_io_message(source: str, protocol: int, data: str | bytes, expected: Any) -> None:
    """A WebSocket message is the packet that the suite says, or none."""
    assert _engine(decode_message(data, protocol)) == expected


@pytest.mark.parametrize(("source", "protocol", "data", "expected"), PAYLOADS)
def test_engine_io_payload(source: str, protocol: int, data: bytes, expected: list[Any]) -> None:
    """A polling body is the packets that the suite says."""
    assert [_engine(made) for made in decode_payload(data, protocol)] == expected


CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = SocketType


def _placed(number: int) -> str:
    return f'{{"_placeholder":true,"num":{number}}}'


PACKETS: list[tuple[str, list[str | bytes], dict[str, Any]]] = [
    ("SP connection", ['0/woot,{"token":"123"}'], {"type": CONNECT, "namespace": "/woot", "data": {"token": "123"}}),
    ("SP disconnection", ["1/woot,"], {"type": DISCONNECT, "namespace": "/woot"}),
    ("SP event", ['2["a",1,{}]'], {"type": EVENT, "event": "a", "args": [1, {}]}),
    ("SP integer as event name", ['2[1,"a",{}]'], {"type": EVENT, "event": "1", "args": ["a", {}]}),
    (
        "SP event with ack",
        ['2/test,1["a",1,{}]'],
        {"type": EVENT, "namespace": "/test", "event": "a", "args": [1, {}], "id": 1},
    ),
    ("SP ack", ['3123["a",1,{}]'], {"type": ACK, "args": ["a", 1, {}], "id": 123}),
    ("SP connect error", ['4"Unauthorized"'], {"type": CONNECT_ERROR, "data": "Unauthorized"}),
    (
        "SP connect error with object",
        ['4{"message":"Unauthorized"}'],
        {"type": CONNECT_ERROR, "data": {"message": "Unauthorized"}},
    ),
    ("SP decodes with a reviver", ['2["b",{"a":"val"}]'], {"type": EVENT, "event": "b", "args": [{"a": "val"}]}),
    (
        "SP Buffer",
        [f'51-/cool,23["a",{_placed(0)}]', b"abc"],
        {"type": BINARY_EVENT, "namespace": "/cool", "event": "a", "args": [b"abc"], "id": 23, "attachments": (3,)},
    ),
    (
        "SP nested Buffer",
        [f'51-/cool,23["a",{{"b":["c",{_placed(0)}]}}]', b"abc"],
        {"type": BINARY_EVENT, "namespace": "/cool", "event": "a", "args": [{"b": ["c", b"abc"]}], "id": 23, "attachments": (3,)},
    ),
    (
        "SP binary ack",
        [f'61-/back,127["a",{_placed(0)},{{}}]', b"xxx"],
        {"type": BINARY_ACK, "namespace": "/back", "args": ["a", b"xxx", {}], "id": 127, "attachments": (3,)},
    ),
    (
        "SP ArrayBuffer",
        [f'51-0["a",{_placed(0)}]', bytes(2)],
        {"type": BINARY_EVENT, "event": "a", "args": [bytes(2)], "id": 0, "attachments": (2,)},
    ),
    (
        "SP ArrayBuffers deep in JSON",
        [
            f'52-/deep,999["a",{{"a":"hi","b":{{"why":{_placed(0)}}},"c":{{"a":"bye","b":{{"a":{_placed(1)}}}}}}}]',
            bytes(3),
            bytes(6),
        ],
        {
            "type": BINARY_EVENT,
            "namespace": "/deep",
            "event": "a",
            "args": [{"a": "hi", "b": {"why": bytes(3)}, "c": {"a": "bye", "b": {"a": bytes(6)}}}],
            "id": 999,
            "attachments": (3, 6),
        },
    ),
    (
        "SP deep binary JSON with null values",
        [f'51-600["a",{{"a":"b","c":4,"e":{{"g":null}},"h":{_placed(0)}}}]', bytes(9)],
        {"type": BINARY_EVENT, "event": "a", "args": [{"a": "b", "c": 4, "e": {"g": None}, "h": bytes(9)}], "id": 600, "attachments": (9,)},
    ),
    # the official decoder stops at ten attachments unless told otherwise; who listens cannot know what it was told
    (
        "SP more attachments than the limit of the suite",
        [f'53-["hello",{_placed(0)},{_placed(1)},{_placed(2)}]', b"a", b"b", b"c"],
        {"type": BINARY_EVENT, "event": "hello", "args": [b"a", b"b", b"c"], "attachments": (1, 1, 1)},
    ),
    ("S5 connection", ["0"], {"type": CONNECT}),
    ("S5 connection with a payload", ['0{"token":"123"}'], {"type": CONNECT, "data": {"token": "123"}}),
    ("S5 connection to a namespace", ["0/custom,"], {"type": CONNECT, "namespace": "/custom"}),
    (
        "S5 connection to a namespace with a payload",
        ['0/custom,{"token":"abc"}'],
        {"type": CONNECT, "namespace": "/custom", "data": {"token": "abc"}},
    ),
    ("S5 namespace without its comma", ["0/random"], {"type": CONNECT, "namespace": "/random"}),
    (
        "S5 refusal",
        ['4/random,{"message":"Invalid namespace"}'],
        {"type": CONNECT_ERROR, "namespace": "/random", "data": {"message": "Invalid namespace"}},
    ),
    ("S5 disconnection", ["1"], {"type": DISCONNECT}),
    ("S5 disconnection without its comma", ["1/custom"], {"type": DISCONNECT, "namespace": "/custom"}),
    (
        "S5 plain text",
        ['2["message",1,"2",{"3":[true]}]'],
        {"type": EVENT, "event": "message", "args": [1, "2", {"3": [True]}]},
    ),
    (
        "S5 binary attachments",
        [f'52-["message",{_placed(0)},{_placed(1)}]', b"\x01\x02\x03", b"\x04\x05\x06"],
        {"type": BINARY_EVENT, "event": "message", "args": [b"\x01\x02\x03", b"\x04\x05\x06"], "attachments": (3, 3)},
    ),
    (
        "S5 plain text with an ack",
        ['2456["message-with-ack",1,"2",{"3":[false]}]'],
        {"type": EVENT, "event": "message-with-ack", "args": [1, "2", {"3": [False]}], "id": 456},
    ),
    ("S5 the ack", ['3456[1,"2",{"3":[false]}]'], {"type": ACK, "args": [1, "2", {"3": [False]}], "id": 456}),
    (
        "S5 the binary ack",
        [f"62-789[{_placed(0)},{_placed(1)}]", b"\x01\x02\x03", b"\x04\x05\x06"],
        {"type": BINARY_ACK, "args": [b"\x01\x02\x03", b"\x04\x05\x06"], "id": 789, "attachments": (3, 3)},
    ),
    ("D5 refusal of a namespace", ['4/admin,{"message":"Not authorized"}'], {"type": CONNECT_ERROR, "namespace": "/admin", "data": {"message": "Not authorized"}}),
    ("D5 event", ['2["foo"]'], {"type": EVENT, "event": "foo", "args": []}),
    ("D5 event of a namespace", ['2/admin,["bar"]'], {"type": EVENT, "namespace": "/admin", "event": "bar", "args": []}),
    (
        "D5 binary event",
        [f'51-["baz",{_placed(0)}]', b"\x01\x02\x03\x04"],
        {"type": BINARY_EVENT, "event": "baz", "args": [BYTES], "attachments": (4,)},
    ),
    ("D5 ack of an event without argument", ["312[]"], {"type": ACK, "args": [], "id": 12}),
]

REJECTED: list[tuple[str, list[str | bytes], list[str]]] = [
    # source, messages, codes of the diagnostics
    ("SP no attachment count", ["5"], ["packet-invalid"]),
    ("SP no dash", ["51"], ["packet-invalid"]),
    ("SP count is no number", ["5a-"], ["packet-invalid"]),
    ("SP count is no integer", ["51.23-"], ["packet-invalid"]),
    ("SP unknown type", ["999"], ["packet-invalid"]),
    ("SP truncated JSON", ['442["some","data"'], ["json-invalid"]),
    ("SP CONNECT with a string", ['0/admin,"invalid"'], ["packet-invalid"]),
    ("SP CONNECT with a list", ["0[]"], ["packet-invalid"]),
    ("SP DISCONNECT with a payload", ["1/admin,{}"], ["packet-invalid"]),
    ("SP truncated string", ['2/admin,"invalid'], ["json-invalid"]),
    ("SP EVENT with an object", ["2/admin,{}"], ["packet-invalid"]),
    ("SP EVENT with a string", ['2/admin,"invalid"'], ["packet-invalid"]),
    ("SP name is an object", ['2[{"toString":"foo"}]'], ["packet-invalid"]),
    ("SP name is a boolean", ['2[true,"foo"]'], ["packet-invalid"]),
    ("SP name is null", ['2[null,"bar"]'], ["packet-invalid"]),
    ("SP reserved name", ['2["connect"]'], ["packet-invalid"]),
    ("SP reserved name with an argument", ['2["disconnect","123"]'], ["packet-invalid"]),
    ("SP placeholder's number is a string", ['51-["hello",{"_placeholder":true,"num":"splice"}]', b"world"], ["placeholder-invalid"]),
    ("SP placeholder out of bounds", ['51-["hello",{"_placeholder":true,"num":1}]', b"world"], ["placeholder-invalid"]),
    ("SP attachment without a header", [b"world"], ["attachment-unexpected"]),
    ("S5 unknown packet type", ["abc"], ["packet-invalid"]),
    ("S5 invalid payload", ["2{}"], ["packet-invalid"]),
    ("S5 invalid ack id", ['2abc["message-with-ack",1,"2",{"3":[false]}]'], ["json-invalid"]),
    ("D5 ACK without an id", ["3[]"], ["packet-invalid"]),
]


def _on_the_wire(messages: list[str | bytes]) -> list[str | bytes]:
    return [f"4{message}" if isinstance(message, str) else message for message in messages]


def _stated(packet: Packet) -> dict[str, Any]:
    fields = ("type", "namespace", "event", "args", "id", "data", "attachments")
    return {field: getattr(packet, field) for field in fields}


_NOTHING = {"namespace": "/", "event": None, "args": None, "id": None, "data": ABSENT, "attachments": ()}


@pytest.mark.parametrize("direction", [C2S, S2C])
@pytest.mark.parametrize(("source", "messages", "expected"), PACKETS)
def test_socket_io_packet(direction: Any, source: str, messages: list[str | bytes], expected: dict[str, Any]) -> None:
    """A packet, with its attachments, is what the suite says, from either side."""
    made = decoded(Socket().said(direction, *_on_the_wire(messages)))
    assert [_stated(packet) for packet in made.packets] == [{**_NOTHING, **expected}]
    assert made.codes == []


@pytest.mark.parametrize(("source", "messages", "codes"), REJECTED)
def test_what_is_no_socket_io_packet(source: str, messages: list[str | bytes], codes: list[str]) -> None:
    """What the suite rejects is diagnosed, and what follows it is decoded all the same."""
    made = decoded(Socket().said(C2S, *_on_the_wire(messages), '42["after"]'))
    assert made.codes == codes
    assert made.events == [("after",)]


def test_text_between_a_header_and_its_attachment() -> None:
    """SP: plain text while attachments are awaited. The official decoder gives up; a listener loses neither."""
    made = decoded(Socket().said(C2S, f'451-["hello",{_placed(0)}]', '42["hello"]', b"world"))
    assert made.events == [("hello",), ("hello", b"world")]
    assert made.codes == []


def test_resumes_after_attachments_that_never_came() -> None:
    """SP: "should resume decoding after calling destroy()". A listener also keeps what was said of the packet."""
    made = decoded(Socket().said(C2S, '451-["hello"]', '42["after"]'))
    assert sorted(made.events) == [("after",), ("hello",)]
    assert made.codes == ["attachment-missing"]


def test_attachments_beyond_the_limit() -> None:
    """SP "too many attachments", with our own limit in place of the suite's."""
    messages = _on_the_wire([f'53-["hello",{_placed(0)},{_placed(1)},{_placed(2)}]'])
    made = decoded(Socket().said(C2S, *messages), limits=Limits(attachments=2))
    assert made.codes == ["packet-invalid"]
    assert made.packets == []


def test_handshakes_of_both_protocols() -> None:
    """E3, E4, S5: the open packet names the session, whichever transport it comes by."""
    opened = '0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200}'
    for frame in (
        body(S2C, f"{len(opened)}:{opened}", sid=None, protocol=3),
        body(S2C, opened, sid=None),
        *Socket("EIO=3&transport=websocket").said(S2C, opened),
        *Socket("EIO=4&transport=websocket").said(S2C, opened),
    ):
        made = decoded([frame])
        assert [packet.engine for packet in made.packets] == [OPEN]
        assert made.diagnostics == []
        assert made.packets[0].session.opened
