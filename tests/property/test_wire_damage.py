"""Whatever bytes come, decoding ends soon, in bounded memory, with packets and diagnostics and never an exception."""

from __future__ import annotations

import json
import time
import tracemalloc
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infer.model import Frame
from infer.wire import MEANINGS, Limits
from tests.unit.wire.making import C2S, S2C, Made, Socket, body, decoded, observed

GOOD_3 = '11:42["first"]12:42["second"]'
GOOD_4 = '42["first"]\x1e42["second"]'
PLACED = '{"_placeholder":true,"num":0}'
SEEDS: list[tuple[int, bytes]] = [
    (4, GOOD_4.encode()),
    (4, f'451-7["up",{PLACED}]\x1ebAQIDBA==\x1e431[{{"é":"😀"}}]'.encode()),
    (4, b'0{"sid":"abc","upgrades":[],"pingInterval":1,"pingTimeout":1}\x1e40{"sid":"x","pid":"y"}'),
    (4, b'___eio[0]("42[\\"first\\"]");'),
    (3, GOOD_3.encode()),
    (3, '12:42["€","😀"]10:b4AQIDBA=='.encode()),
    (3, bytes([0, 1, 1, 255]) + b'42["first"]' + bytes([1, 5, 255, 4, 1, 2, 3, 4])),
    (3, b"d=11%3A42%5B%22first%22%5D"),
]
MESSAGES: list[str | bytes] = [
    '42/admin,17["name",{"a":[1,2.5,null,true]}]',
    f'451-["up",{PLACED}]',
    '4{"type":2,"nsp":"/","data":["first"],"id":3}',
    '40/admin?token=x,{"a":1}',
    b"\x04\x01\x02",
    msgpack.packb({"type": 2, "nsp": "/", "data": ["first", b"\x01"], "id": 1}),
]
SMALL = Limits(frame_bytes=1 << 16, packets_per_payload=50, attachments=4, fragments_per_session=8, sessions=8,
               pending_per_session=8, fragment_bytes=1 << 12, packet_bytes=1 << 12)  # fmt: skip


def check(frames: list[Frame], limits: Limits | None = None) -> Made:
    """The frames decode without an exception, each counted; whatever is diagnosed is a known code."""
    made = decoded(frames, limits=limits)
    assert {diagnostic.code for diagnostic in made.diagnostics} <= MEANINGS.keys()
    for packet in made.packets:
        json.dumps([packet.namespace, packet.event, packet.args, str(packet.data)], default=bytes.hex).encode()
        assert not any("\ud800" <= c <= "\udfff" for c in packet.namespace + (packet.event or ""))
    observed(frames, limits)
    return made


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=60), protocol=st.sampled_from([3, 4]), direction=st.sampled_from([C2S, S2C]))
def test_any_body(data: bytes, protocol: int, direction: Any) -> None:
    """Random bytes as a polling body."""
    check([body(direction, data, protocol=protocol), body(direction, data, sid=None, protocol=protocol)])


@settings(max_examples=300, deadline=None)
@given(messages=st.lists(st.text(max_size=30) | st.binary(max_size=30), max_size=6), protocol=st.sampled_from([3, 4]))
def test_any_messages(messages: list[str | bytes], protocol: int) -> None:
    """Random WebSocket messages, texts with Engine.IO's type before them too."""
    more = [f"4{text}" if isinstance(text, str) else b"\x04" + text for text in messages]
    check(Socket(f"EIO={protocol}&transport=websocket&sid=s").said(C2S, *messages, *more))


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """The bytes with some of them changed, left out or doubled."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        how = draw(st.sampled_from(["set", "cut", "insert", "double"]))
        if how == "set" and data:
            data[at] = draw(st.integers(0, 255))
        elif how == "cut":
            del data[at : at + draw(st.integers(1, 4))]
        elif how == "insert":
            data[at:at] = draw(st.sampled_from([b"\x1e", b"\xff", b"\x00", b'"', b"9", b"{", b"b", b"\xed\xa0\x80", b"\\ud800"]))
        else:
            data += data[at:]
    return bytes(data)


@settings(max_examples=400, deadline=None)
@given(data=st.data(), direction=st.sampled_from([C2S, S2C]))
def test_damaged_bodies(data: st.DataObject, direction: Any) -> None:
    """Valid bodies of every dialect with bytes changed; the next body is decoded as if nothing had been."""
    protocol, valid = data.draw(st.sampled_from(SEEDS))
    after = GOOD_3 if protocol == 3 else GOOD_4
    made = check([body(direction, data.draw(damaged(valid)), protocol=protocol), body(direction, after, protocol=protocol)], SMALL)
    whole = [event for event in made.events if event in (("first",), ("second",))]  # what waited in vain comes behind them
    assert whole[-2:] == [("first",), ("second",)]


@settings(max_examples=400, deadline=None)
@given(data=st.data(), protocol=st.sampled_from([3, 4]))
def test_damaged_messages(data: st.DataObject, protocol: int) -> None:
    """Valid WebSocket messages with bytes changed, of all parsers in one session; the next is decoded all the same."""
    messages: list[str | bytes] = []
    for _ in range(data.draw(st.integers(1, 4))):
        whole = data.draw(st.sampled_from(MESSAGES))
        if isinstance(whole, bytes):
            messages.append(data.draw(damaged(whole)))
        else:
            errors = data.draw(st.sampled_from(["replace", "surrogateescape"]))
            messages.append(data.draw(damaged(whole.encode())).decode("utf-8", errors))
    made = check(Socket(f"EIO={protocol}&transport=websocket&sid=s").said(C2S, *messages, '42["after"]'), SMALL)
    assert ("after",) in made.events


CLAIM = 2_000_000_000
"""Bytes that a length promises and no one sends."""
DEEP = 100_000
HOSTILE: list[tuple[str, Frame, set[str]]] = [
    # what, frame, codes that it may give
    ("2 GB of text", body(C2S, f'{CLAIM}:42["x"]', protocol=3), {"payload-length"}),
    ("a length of 40 digits", body(C2S, "9" * 40 + ':42["x"]', protocol=3), {"payload-length"}),
    ("a negative length", body(C2S, '-5:42["x"]', protocol=3), {"payload-length"}),
    ("a length of nothing", body(C2S, "0:0:0:", protocol=3), {"payload-length"}),
    ("2 GB of bytes", body(C2S, bytes([1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 4, 1]), protocol=3), {"payload-length"}),
    ("digits beyond nine", body(C2S, bytes([1, 200, 255, 4, 1]), protocol=3), {"payload-length"}),
    ("99,999,999 attachments", Socket().said(C2S, '4599999999-["x"]')[0], {"packet-invalid"}),
    ("a count of 1,000 digits", Socket().said(C2S, "45" + "9" * 1_000 + '-["x"]')[0], {"packet-invalid"}),
    ("an id beyond 64 bits", Socket().said(C2S, '4218446744073709551616["x"]')[0], {"packet-invalid"}),
    ("an id of a million digits", Socket().said(C2S, "42" + "1" * 1_000_000 + '["x"]')[0], {"packet-invalid"}),
    ("a number of a million digits", Socket().said(C2S, '42["x",' + "1" * 1_000_000 + "]")[0], {"json-invalid", ""}),
    ("deep lists", Socket().said(C2S, '42["x",' + "[" * DEEP + "]" * DEEP + "]")[0], {"json-too-deep"}),
    ("deep objects", Socket().said(C2S, '42["x",' + '{"a":' * DEEP + "1" + "}" * DEEP + "]")[0], {"json-too-deep"}),
    ("deep and open", Socket().said(C2S, '42["x",' + "[" * DEEP)[0], {"json-too-deep", "json-invalid"}),
    ("deep JSON of a parser", Socket().said(C2S, '4{"type":2,"nsp":"/","data":' + "[" * DEEP + "]" * DEEP + "}")[0], {"json-too-deep"}),
    ("deep MessagePack", Socket().said(C2S, b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data" + b"\x91" * DEEP + b"\xc0")[0],
     {"attachment-unexpected"}),
    ("MessagePack of 4 GB", Socket().said(C2S, b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\xdd\xff\xff\xff\xff\xc0")[0],
     {"attachment-unexpected"}),
    ("no base64", body(C2S, "b@@@@"), {"base64-invalid"}),
    ("base64 beyond ASCII", body(C2S, "bäöü"), {"base64-invalid"}),
    ("no UTF-8", body(C2S, b'42["\xff"]'), {"utf8-invalid"}),
    ("a lone surrogate", Socket().said(C2S, '42["\\ud800"]')[0], {"lone-surrogate"}),
    ("a lone surrogate in a namespace", Socket().said(C2S, '42/\ud800,["x"]')[0], {""}),
    ("separators and nothing else", body(C2S, "\x1e" * 200_000), {"packet-invalid", "payload-too-many"}),
    ("too many packets", body(C2S, "1:2" * 200_000, protocol=3), {"payload-too-many"}),
    ("too many records", body(C2S, "2\x1e" * 200_000), {"payload-too-many"}),
    ("an open JSONP call", body(S2C, '___eio[0]("42'), {"jsonp-invalid"}),
    ("JSONP of another value", body(S2C, "___eio[0]({});"), {"jsonp-invalid"}),
    ("JSONP, deep", body(S2C, "___eio[0](" + "[" * DEEP + ");"), {"jsonp-invalid"}),
    ("a form of nothing", body(C2S, "d="), {"packet-invalid"}),
]  # fmt: skip


@pytest.mark.parametrize(("frame", "codes"), [(frame, codes) for _, frame, codes in HOSTILE], ids=[what for what, *_ in HOSTILE])
def test_hostile_frame(frame: Frame, codes: set[str]) -> None:
    """Each claim is answered by its diagnostic, soon, and in memory that the frame's own size bounds."""
    limits = Limits(packets_per_payload=10_000)
    began = time.process_time()
    tracemalloc.start()
    try:
        made = decoded([frame], limits=limits)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * len(frame.data) + (20 << 20)
    assert time.process_time() - began < 30  # a bound on runaways, not a measure
    assert set(made.codes) <= codes
    assert made.codes or "" in codes
    check([frame], limits)


@pytest.mark.parametrize("separator", ["\x1e", "\\u001e"])
def test_separators_inside(separator: str) -> None:
    """A raw separator inside a string splits the packet as it splits it for every server; an escaped one does not."""
    made = check([body(C2S, f'42["a{separator}x"]\x1e42["after"]')])
    assert made.events[-1] == ("after",)
    assert made.codes == (["json-invalid", "packet-invalid"] if separator == "\x1e" else [])


def test_resynchronised_after_each_kind_of_damage() -> None:
    """Protocol 4's separator is found again after any packet that is none."""
    bad = [b"", b"9", b"b@@@", b"\xff\xfe", b"42[", b'451-["x"', b"4" + b"[" * DEEP]
    made = check([body(C2S, b"\x1e".join([b'42["%d"]' % n + b"\x1e" + part for n, part in enumerate(bad)] + [b'42["end"]']))])
    assert made.events == [*((str(n),) for n in range(len(bad))), ("end",)]
    assert len(made.codes) == len(bad)


def test_damaged_text_in_protocol_3_costs_its_packet_only() -> None:
    """Bytes that are no UTF-8 count as one unit each; the packets before and after stand."""
    made = check([body(C2S, b'11:42["first"]8:42["\xff\xfe"]12:42["second"]', protocol=3)])
    assert made.events == [("first",), ("second",)]
    assert made.codes == ["utf8-invalid"]


def test_endless_attachments_are_bounded() -> None:
    """A header that claims the most attachments, and ones that never end, hold no more than the limit."""
    limits = Limits(packet_bytes=1 << 19)
    socket = Socket()
    frames = socket.said(C2S, f'451024-["x",{PLACED}]', *[bytes(1 << 10)] * 1_100, '42["after"]')
    made = decoded(frames, limits=limits)
    assert made.events == [("after",)]
    assert set(made.codes) == {"frame-too-large", "attachment-unexpected"}


def test_endless_fragments_are_bounded() -> None:
    """Bodies of attachments that no header claims are let go, oldest first."""
    limits = Limits(fragments_per_session=16, fragment_bytes=1 << 12)
    frames = [body(C2S, "bAAAA", 1000.0 + n, sid=f"s{n % 3}") for n in range(500)]
    made = decoded(frames, limits=limits)
    assert made.packets == []
    assert made.codes == ["attachment-unexpected"] * 500


def test_endless_sessions_are_bounded() -> None:
    """Sessions beyond the limit make room for one another; every event is still given."""
    limits = Limits(sessions=10)
    frames = [body(C2S, f'42{n}["x"]', 1000.0 + n, sid=f"s{n % 40}") for n in range(400)]
    seen, _ = observed(frames, limits)
    events = [one for one in seen if type(one).__name__ == "Event"]
    assert len(events) == 400
