"""mitmproxy flow files: the recorded ones, whole, in pieces and damaged."""

from __future__ import annotations

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


def test_a_damaged_flow_among_others(tmp_path: Path, plain: Reading) -> None:
    """A record that is none is told of; its length leads to the next."""
    records, rest = [], ORDERS.read_bytes()
    while rest:
        length = len(rest.partition(b":")[0]) + 1 + int(rest.partition(b":")[0]) + 1
        records.append(rest[:length])
        rest = rest[length:]
    path = tmp_path / "damaged.mitm"
    records.insert(2, tnetstring.dumps({"websocket": None, "version": 20, "type": "http"}))
    records.insert(4, b"10:0123456789]")
    path.write_bytes(b"".join(records))
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
