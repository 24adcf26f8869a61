"""`infer.report.conversation`: what is shown of packets, and what is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infer.filters import Filter
from infer.model import Diagnostic, Frame
from infer.report.conversation import Look, in_time_order, jsonl, line, rows
from infer.wire import Decoder, Packet
from tests.unit.wire.making import C2S, S2C, Socket, body

PLACED = '{"_placeholder":true,"num":0}'


def shown(frames: list[Frame], look: Look | None = None) -> list[dict[str, Any]]:
    """The rows of frames."""
    seen: list[Packet | Diagnostic] = []
    decoder = Decoder(report=seen.append)
    for frame in frames:
        seen += decoder.feed(frame)
    seen += decoder.settle()
    wanted = (one for one in seen if isinstance(one, Packet) or one.code != "session-unopened")
    return list(rows(in_time_order(wanted), look or Look()))


def conversation() -> list[Frame]:
    """A bit of everything."""
    socket = Socket()
    return [
        *socket.said(C2S, "2probe", '40/admin,{"token":"hunter2"}'),
        *socket.said(S2C, '42/admin,7["ask",{"name":"ann","age":7,"ok":true,"none":null,"list":[1.5]}]'),
        *socket.said(C2S, f"461-/admin,7[{PLACED}]", b"\x01\x02", '42["other"]', "49"),
    ]


def test_rows() -> None:
    """Each packet with what stands in it, acknowledgements with their event and its latency; values masked."""
    assert [{key: value for key, value in row.items() if key not in {"time", "session", "origin", "size"}}
            for row in shown(conversation())] == [
        {"direction": "c2s", "transport": "websocket", "type": "connect", "namespace": "/admin", "data": {"token": "<string 7>"}},
        {"direction": "s2c", "transport": "websocket", "type": "event", "namespace": "/admin", "event": "ask", "id": 7,
         "args": [{"name": "<string 3>", "age": "<integer>", "ok": True, "none": None, "list": ["<number>"]}]},
        {"direction": "c2s", "transport": "websocket", "type": "binary_ack", "namespace": "/admin", "args": ["<binary 2>"],
         "id": 7, "answers": "ask", "latency": 0.001, "attachments": [2]},
        {"direction": "c2s", "transport": "websocket", "type": "event", "namespace": "/", "event": "other", "args": []},
        {"type": "diagnostic", "code": "packet-invalid", "message": "a Socket.IO packet begins with a type from 0 to 6"},
    ]  # fmt: skip


def test_values_where_they_are_asked_for() -> None:
    """As they are; bytes as hexadecimal, the first of them where there are many."""
    by_type = {row["type"]: row for row in shown(conversation(), Look(values=True))}
    assert by_type["connect"]["data"] == {"token": "hunter2"}
    assert by_type["binary_ack"]["args"] == [{"$binary": "0102", "bytes": 2}]
    long = shown(Socket().said(C2S, f'451-["a",{PLACED}]', bytes(100)), Look(values=True))[0]["args"]
    assert long == [{"$binary": "00" * 64, "bytes": 100}]


def test_numbers_that_json_has_not() -> None:
    """A line stays JSON."""
    (row,) = shown(Socket().said(C2S, '42["a",NaN,1e400]'), Look(values=True))
    assert json.loads(jsonl(row), parse_constant=pytest.fail)["args"] == [{"$number": "nan"}, {"$number": "inf"}]


def test_nothing_looks_like_another() -> None:
    """An object of the application's that has the form of bytes is not shown as bytes."""
    (row,) = shown(Socket().said(C2S, '42["a",{"$binary":"01","bytes":1,"$deeper":2}]'), Look(values=True))
    assert row["args"] == [{"$$binary": "01", "bytes": 1, "$$deeper": 2}]


@pytest.mark.parametrize("depth", [101, 1_000])
@pytest.mark.parametrize(("values", "deeper"), [(True, '{"$deeper": true}'), (False, '"<deeper>"')])
def test_what_is_nested_too_deep_to_show(depth: int, values: bool, deeper: str) -> None:
    """Levels beyond the limit are cut, and shown as that."""
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        text = opening * depth + "0" + closing * depth
        (row,) = shown(Socket().said(C2S, f'42["a",{text}]'), Look(values=values))
        assert deeper in jsonl(row)
        assert deeper[:200] in line(row) or "…" in line(row)


@pytest.mark.parametrize(
    ("look", "types"),
    [
        (Look(engine=True), ["engine ping", "connect", "event", "binary_ack", "event", "diagnostic"]),
        (Look(Filter(namespaces=["/admin"])), ["connect", "event", "binary_ack", "diagnostic"]),
        (Look(Filter(events=["ask"])), ["event", "binary_ack", "diagnostic"]),
        (Look(Filter(hosts=["elsewhere"])), ["diagnostic"]),
    ],
)
def test_filters(look: Look, types: list[str]) -> None:
    """An event's acknowledgement is shown with it; what could not be decoded is shown whatever is wanted."""
    assert [row["type"] for row in shown(conversation(), look)] == types


def test_order_of_time() -> None:
    """A capture lists responses by their requests; a table is read by the clock."""
    frames = [body(S2C, '42["late"]', 1009.0), body(C2S, '42["early"]', 1001.0)]
    assert [row["event"] for row in shown(frames)] == ["early", "late"]


def test_hostile_names_reach_no_terminal() -> None:
    """Escape sequences, line ends and reversed writing are escaped, in JSON too."""
    name = "\x1b]0;x\x07\r\n\u202e\u2028"
    (row,) = shown(Socket().said(C2S, f"42[{json.dumps(name)},1]"))
    for text in (line(row), line(row, coloured=True).replace("\x1b[36m", "").replace("\x1b[0m", ""), jsonl(row)):
        assert text.isprintable()
        assert "\x1b" not in text
    assert json.loads(jsonl(row))["event"] == name


def test_lines() -> None:
    """The table as people read it; without the session, which stands between time and direction."""
    frames = conversation()
    assert [line(row)[:13] + line(row)[20:] for row in shown(frames)] == [
        '00:16:40.001 → ws   /admin     connect                  {"token": "<string 7>"}',
        '00:16:40.002 ← ws   /admin     ask #7                   [{"name": "<string 3>", "age": "<integer>", "ok": true, "none": null, "list": ["<number>"]}]',
        '00:16:40.003 → ws   /admin     ↩ ask #7                 ["<binary 2>"]  (1.0 ms, attachments 2 B)',
        "00:16:40.005 → ws   /          other                    []",
        f"{'':31}diagnostic               packet-invalid: a Socket.IO packet begins with a type from 0 to 6 ({frames[-1].origin})",
    ]


def test_without_a_clock() -> None:
    """Unknown and absurd times are shown as such."""
    for time in (None, 1e300):
        (row,) = shown(Socket(time=time).said(C2S, '42["a"]'))
        assert line(row).startswith("?            ")
