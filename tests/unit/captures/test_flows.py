"""mitmproxy flow files: the recorded ones, whole, in pieces and damaged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader, tnetstring

from infer.captures import flows
from infer.errors import CaptureError
from tests.unit.captures.reading import RECORDINGS, Reading, read

ORDERS = RECORDINGS / "orders.mitm"


@pytest.fixture(scope="module")
def plain() -> Reading:
    return read(ORDERS)


def test_every_body_and_message_is_a_frame(plain: Reading) -> None:
    """As many as mitmproxy's own reader counts."""
    with ORDERS.open("rb") as file:
        count = 0
        for flow in FlowReader(file).stream():
            assert isinstance(flow, HTTPFlow)
            assert flow.response
            bodies = [body for body in (flow.request.content, flow.response.content) if body]
            count += len(flow.websocket.messages if flow.websocket else bodies)
    assert len(plain.frames) == count
    assert plain.diagnostics == []


def test_large_records_are_walked(plain: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record whose messages are read one by one gives the same as one that is decoded at once."""
    monkeypatch.setattr(flows, "WHOLE", 100)
    walked = read(ORDERS)
    assert walked.content == plain.content
    assert [frame.origin for frame in walked.frames] == [frame.origin for frame in plain.frames]
    assert [frame.time for frame in walked.frames] == [frame.time for frame in plain.frames]


def test_every_truncation_keeps_what_came_before(tmp_path: Path, plain: Reading) -> None:
    """Cut anywhere, the frames are a beginning of the whole's, and the cut is told of."""
    data = ORDERS.read_bytes()
    refused = 0
    for cut in range(0, len(data), 499):
        path = tmp_path / "cut.mitm"
        path.write_bytes(data[:cut])
        try:
            reading = read(path)
        except CaptureError:
            refused = cut
            continue
        assert reading.content == plain.content[: len(reading.frames)]
        assert reading.codes in ([], ["capture-truncated"])
    assert refused < len(data) // 4


def records() -> list[bytes]:
    """The recorded flows as they stand in the file."""
    found, rest = [], ORDERS.read_bytes()
    while rest:
        digits = rest.partition(b":")[0]
        length = len(digits) + 1 + int(digits) + 1
        found.append(rest[:length])
        rest = rest[length:]
    return found


def test_a_damaged_flow_among_others(tmp_path: Path, plain: Reading) -> None:
    """A record that is none is told of; its length leads to the next."""
    found = records()
    path = tmp_path / "damaged.mitm"
    found.insert(2, tnetstring.dumps({"websocket": None, "version": 20, "type": "http"}))
    found.insert(4, b"10:0123456789]")
    path.write_bytes(b"".join(found))
    reading = read(path)
    assert reading.codes == ["flow-damaged", "flow-damaged"]
    assert [diagnostic.origin.entry for diagnostic in reading.diagnostics] == [2, 4]
    assert reading.content == plain.content


def test_a_length_beyond_the_file(tmp_path: Path, plain: Reading) -> None:
    """A claim of a terabyte takes no memory."""
    path = tmp_path / "claim.mitm"
    path.write_bytes(ORDERS.read_bytes() + b"999999999999:9:websocket;0:~")
    reading = read(path)
    assert reading.content == plain.content
    assert reading.codes == ["capture-truncated"]


def test_bytes_that_are_no_utf_8(tmp_path: Path) -> None:
    """In an address or a header they stand as U+FFFD: what lies behind an exchange can hold UTF-8 only."""
    path = tmp_path / "odd.mitm"
    state: Any = tnetstring.loads(records()[0])
    state["request"]["headers"] += [[b"cookie", b"n\xf6m=J\xf6rg"]]
    state["request"]["path"] += b"&n\xf6m=1"
    path.write_bytes(tnetstring.dumps(state))
    of = read(path).frames[0].exchange
    assert of.request_headers[-1] == ("cookie", "n\ufffdm=J\ufffdrg")
    assert of.url.endswith("&n\ufffdm=1")


def test_dropped_messages_were_not_sent(tmp_path: Path) -> None:
    """What the proxy's user dropped reached nobody."""
    path = tmp_path / "dropped.mitm"
    states = []
    with ORDERS.open("rb") as file:
        for flow in FlowReader(file).stream():
            assert isinstance(flow, HTTPFlow)
            if flow.websocket:
                flow.websocket.messages[2].dropped = True
            states.append(tnetstring.dumps(flow.get_state()))
    path.write_bytes(b"".join(states))
    reading = read(path)
    assert set(reading.codes) == {"websocket-messages-skipped"}
    assert len(reading.frames) == len(read(ORDERS).frames) - len(reading.codes)


def older() -> list[Any]:
    """The recorded flows as states of an older format, which mitmproxy takes as they are: what is wrong is known when it is looked at."""
    states: list[Any] = []
    with ORDERS.open("rb") as file:
        while file.peek(1):
            states.append(tnetstring.load(file))
    for state in states:
        state["version"] = 20
    return states


@pytest.mark.parametrize("opcode", [1, 2])
@pytest.mark.parametrize("content", [1.5, True, False, None, "text", []])
def test_a_message_of_another_type_costs_itself_alone(tmp_path: Path, plain: Reading, opcode: int, content: object) -> None:
    """Those before and after it are kept."""
    states = older()
    (at,) = [at for at, state in enumerate(states) if state["websocket"]][:1]
    states[at]["websocket"]["messages"][1][0] = opcode
    states[at]["websocket"]["messages"][1][2] = content
    path = tmp_path / "odd.mitm"
    path.write_bytes(b"".join(map(tnetstring.dumps, states)))
    found = read(path)
    assert [each.code for each in found.diagnostics] == ["flow-damaged"]
    assert (found.diagnostics[0].origin.entry, found.diagnostics[0].origin.frame) == (at, 1)
    assert len(found.frames) == len(plain.frames) - 1
    assert all(isinstance(frame.data, str | bytes) for frame in found.frames)


def test_a_body_of_another_type_costs_its_flow_alone(tmp_path: Path, plain: Reading) -> None:
    """As any other field of it."""
    states = older()
    (at,) = [at for at, state in enumerate(states) if state["request"]["method"] == b"POST"][:1]
    states[at]["request"]["content"] = 7
    path = tmp_path / "odd.mitm"
    path.write_bytes(b"".join(map(tnetstring.dumps, states)))
    found = read(path)
    assert [each.code for each in found.diagnostics] == ["flow-damaged"]
    assert found.diagnostics[0].origin.entry == at
    assert len(found.frames) == len(plain.frames) - sum(frame.origin.entry == at for frame in plain.frames)


@pytest.mark.parametrize("whole", [100, flows.WHOLE])
@pytest.mark.parametrize(
    ("sound", "damaged"), [(b"3:101#", b"3:101?"), (b"3:101#", b"9:101#"), (b"11:status_code;", b"99:status_code;"), (b"7:version;", b"7?version;")]
)
def test_damage_in_a_flow_costs_that_flow(
    tmp_path: Path, plain: Reading, monkeypatch: pytest.MonkeyPatch, whole: int, sound: bytes, damaged: bytes
) -> None:
    """Whatever its size, and wherever the lengths in it lead: its own leads to the next."""
    monkeypatch.setattr(flows, "WHOLE", whole)
    found = records()
    at = next(at for at, record in enumerate(found) if sound in record and b"3:101#" in record)
    found[at] = found[at].replace(sound, damaged)
    path = tmp_path / "damaged.mitm"
    path.write_bytes(b"".join(found))
    reading = read(path)
    assert [(each.code, each.origin.entry) for each in reading.diagnostics] == [("flow-damaged", at)]
    assert [frame.data for frame in reading.frames] == [frame.data for frame in plain.frames if frame.origin.entry != at]


@pytest.mark.parametrize("whole", [100, flows.WHOLE])
@pytest.mark.parametrize(("damaged", "lost"), [(b":1:7#", [1]), (b":1:1?", [1]), (b":9:1#", [1]), (b"?1:1#", range(1, 100))])
def test_damage_in_a_message_costs_that_message(
    tmp_path: Path, plain: Reading, monkeypatch: pytest.MonkeyPatch, whole: int, damaged: bytes, lost: Sequence[int]
) -> None:
    """And those behind it only where its length does not lead to them; what the flow holds before it, and other flows, are read."""
    monkeypatch.setattr(flows, "WHOLE", whole)
    found = records()
    at = next(at for at, record in enumerate(found) if b"3:101#" in record)
    head, messages = found[at].split(b"8:messages;")
    begin = messages.index(b":1:1#", messages.index(b":1:1#") + 1)  # the opcode of the second, with the colon of its message
    found[at] = head + b"8:messages;" + messages[:begin] + damaged + messages[begin + 5 :]
    path = tmp_path / "damaged.mitm"
    path.write_bytes(b"".join(found))
    reading = read(path)
    assert [(each.code, each.origin.entry, each.origin.frame) for each in reading.diagnostics] == [("flow-damaged", at, 1)]
    assert [frame.data for frame in reading.frames] == [
        frame.data for frame in plain.frames if frame.origin.entry != at or frame.origin.frame not in lost
    ]
