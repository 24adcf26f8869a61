"""HAR files of every producer: real recordings, changed as another producer would have written them."""

from __future__ import annotations

import base64
import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from infer import captures, state
from infer.engines import local
from infer.errors import CaptureError
from infer.model import Transport
from tests.unit.captures.reading import (
    NOISE,
    RECORDINGS,
    Reading,
    flipped,
    har,
    read,
    socket_entry,
    socket_har,
    written,
)

CHAT = "chat-first.har"


def sockets(document: Any) -> list[dict[str, Any]]:
    return [entry for entry in document["log"]["entries"] if "_webSocketMessages" in entry]


@pytest.fixture(scope="module")
def plain() -> Reading:
    return read(RECORDINGS / CHAT)


def test_what_the_recording_holds(plain: Reading) -> None:
    """Every message of the WebSocket and every body, in the file's order, each with its place."""
    document = har(CHAT)
    (socket,) = sockets(document)
    messages = [frame for frame in plain.frames if frame.exchange.transport is Transport.WEBSOCKET]
    assert [frame.data for frame in messages] == [message["data"] for message in socket["_webSocketMessages"]]
    assert [frame.origin.frame for frame in messages] == list(range(len(messages)))
    entry = document["log"]["entries"].index(socket)
    assert {frame.origin.entry for frame in messages} == {entry}
    assert [frame.time for frame in messages] == [message["time"] for message in socket["_webSocketMessages"]]
    assert plain.diagnostics == []


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_layout_does_not_matter(tmp_path: Path, plain: Reading, indent: int | str | None) -> None:
    """One line, or indented."""
    assert read(written(har(CHAT), tmp_path / "a.har", indent=indent)).content == plain.content


def test_byte_order_mark(tmp_path: Path, plain: Reading) -> None:
    """Fiddler and PowerShell put one in front."""
    path = tmp_path / "a.har"
    path.write_bytes(b"\xef\xbb\xbf" + (RECORDINGS / CHAT).read_bytes())
    assert read(path).content == plain.content


def test_gzip_whatever_the_name(tmp_path: Path, plain: Reading) -> None:
    """Content decides, not the extension; gzip within gzip too."""
    path = tmp_path / "a.txt"
    path.write_bytes(gzip.compress(gzip.compress((RECORDINGS / CHAT).read_bytes())))
    assert read(path).content == plain.content


def test_gzip_of_a_byte_order_mark(tmp_path: Path, plain: Reading) -> None:
    """Both at once."""
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + (RECORDINGS / CHAT).read_bytes()))
    assert read(path).content == plain.content


def test_times_in_milliseconds(tmp_path: Path, plain: Reading) -> None:
    """Playwright writes milliseconds where DevTools writes seconds."""
    document = har(CHAT)
    for message in sockets(document)[0]["_webSocketMessages"]:
        message["time"] *= 1000
    times = [frame.time for frame in read(written(document, tmp_path / "a.har")).frames]
    assert times == pytest.approx([frame.time for frame in plain.frames])


def test_times_that_are_none(tmp_path: Path, plain: Reading) -> None:
    """Playwright's minimal mode writes -1; the order of the list stands."""
    document = har(CHAT)
    for message in sockets(document)[0]["_webSocketMessages"]:
        message["time"] = -1
    reading = read(written(document, tmp_path / "a.har"))
    assert reading.content == plain.content
    assert {frame.time for frame in reading.frames if frame.origin.frame is not None} == {None}


def test_sanitised(tmp_path: Path, plain: Reading) -> None:
    """Without cookies, headers and times the frames are the same."""
    document = har(CHAT)
    for entry in document["log"]["entries"]:
        del entry["startedDateTime"]
        for side in ("request", "response"):
            entry[side]["headers"] = []
            entry[side].pop("cookies", None)
    reading = read(written(document, tmp_path / "a.har"))
    assert reading.content == plain.content
    assert all(frame.exchange.request_headers == () for frame in reading.frames)


def test_headers_as_pairs(tmp_path: Path, plain: Reading) -> None:
    """Slack's export has `[name, value]`."""
    document = har(CHAT)
    for entry in document["log"]["entries"]:
        for side in ("request", "response"):
            entry[side]["headers"] = [[header["name"], header["value"]] for header in entry[side]["headers"]]
    reading = read(written(document, tmp_path / "a.har"))
    assert reading.content == plain.content
    assert [frame.exchange.request_headers for frame in reading.frames] == [
        frame.exchange.request_headers for frame in plain.frames
    ]


def test_undecodable_body_of_http_toolkit(tmp_path: Path) -> None:
    """`request._content` holds base64 where the body is no text."""
    body = b"\x00\x05\xff4\x02"
    entry = {
        "startedDateTime": "2026-01-01T00:00:00Z",
        "request": {
            "url": "http://h/socket.io/?EIO=3&transport=polling&sid=s",
            "method": "POST",
            "headers": [],
            "postData": {"mimeType": "application/octet-stream"},
            "_content": {"text": base64.b64encode(body).decode(), "encoding": "base64"},
        },
        "response": {"status": 200, "headers": [], "content": {"text": "ok"}},
        "time": 5,
    }
    reading = read(written({"log": {"creator": {"name": "HTTP Toolkit"}, "entries": [entry]}}, tmp_path / "a.har"))
    assert reading.content == [("c2s", body), ("s2c", b"ok")]


def test_recorder_without_messages(tmp_path: Path) -> None:
    """Firefox and Safari list the WebSocket and keep none of its messages: said once each, with what to do."""
    document = har(CHAT)
    for socket in sockets(document):
        del socket["_webSocketMessages"]
    reading = read(written(document, tmp_path / "a.har"))
    assert reading.codes == ["websocket-messages-missing"]
    assert "Chrome" in reading.diagnostics[0].message


@pytest.mark.parametrize("status", [-1, 400, 502])
def test_failed_socket(tmp_path: Path, status: int) -> None:
    """Playwright gives it the status -1; a server may have refused it. No other recorder would have more."""
    document = har(CHAT)
    for socket in sockets(document):
        del socket["_webSocketMessages"]
        socket["response"]["status"] = status
    reading = read(written(document, tmp_path / "a.har"))
    assert reading.codes == ["websocket-failed"]
    assert str(status) in reading.diagnostics[0].message


def polled(sent: dict[str, Any], answered: dict[str, Any]) -> dict[str, Any]:
    """A request of polling with that `postData`, and an answer with that `content`."""
    return {
        "startedDateTime": "2026-01-01T00:00:00Z",
        "request": {"url": "http://h/socket.io/?EIO=3&transport=polling&sid=s", "method": "POST", "headers": [], "postData": sent},
        "response": {"status": 200, "headers": [], "content": answered},
        "time": 5,
    }


@pytest.mark.parametrize("damaged", ["4\u00e9", "!!", "A"])
def test_a_body_that_is_no_base64_costs_itself(tmp_path: Path, damaged: str) -> None:
    """Neither what answers it nor another entry; letters beyond ASCII are as little base64 as other signs."""
    wrong = {"text": damaged, "encoding": "base64"}
    entries = [polled(wrong, {"text": "one"}), polled({"text": "two"}, wrong), polled({"text": "three"}, {"text": "four"})]
    reading = read(written({"log": {"entries": entries}}, tmp_path / "a.har"))
    assert reading.content == [("s2c", b"one"), ("c2s", b"two"), ("c2s", b"three"), ("s2c", b"four")]
    assert reading.codes == ["base64-invalid", "base64-invalid"]


@pytest.mark.parametrize("large", [False, True])
def test_bytes_that_are_no_text(tmp_path: Path, large: bool) -> None:
    """Of a body that says it is UTF-8 mitmproxy writes them as halves of surrogate pairs, in requests and answers alike."""
    body = b'\x00\t\xff42["bin"]' * (100_000 if large else 1)
    text = {"mimeType": "text/plain; charset=UTF-8", "text": body.decode("utf-8", "surrogateescape")}
    document = {"log": {"creator": {"name": "mitmproxy"}, "entries": [polled(text, text)]}}
    reading = read(written(document, tmp_path / "a.har"))
    assert reading.content == [("c2s", body), ("s2c", body)]
    assert reading.codes == []


def test_half_a_surrogate_pair_in_an_exchange(tmp_path: Path) -> None:
    """Stands as U+FFFD in its address and headers, so that a catalog of it can be saved; a whole pair is a sign."""
    document = socket_har('0{"sid":"a"}', '42["x"]')
    request = document["log"]["entries"][0]["request"]
    request |= {"headers": [{"name": "X-\ud800", "value": "\ud83d\ude00"}, {"name": "cookie", "value": "\udce9=1"}]}
    request["url"] += "&n\udce9m=1"
    path = written(document, tmp_path / "a.har")
    of = read(path).frames[0].exchange
    assert of.request_headers == (("x-\ufffd", "\U0001f600"), ("cookie", "\ufffd=1"))
    assert of.url.endswith("&n\ufffdm=1")
    catalog = local.run([str(path)]).catalog
    assert state.decode(state.encode(catalog)) == catalog


def test_half_a_surrogate_pair_in_a_form(tmp_path: Path) -> None:
    """A field of a form that no URL can hold as it stands costs no more than that sign."""
    sent = {"params": [{"name": "d", "value": "4\ud8002"}]}
    reading = read(written({"log": {"entries": [polled(sent, {"text": "ok"})]}}, tmp_path / "a.har"))
    assert reading.content == [("c2s", b"d=4%3F2"), ("s2c", b"ok")]


def test_order_of_keys(tmp_path: Path, plain: Reading) -> None:
    """Messages that stand before the request and the response they belong to."""
    document = har(CHAT)
    document["log"]["entries"] = [dict(sorted(entry.items())) for entry in document["log"]["entries"]]
    assert next(iter(document["log"]["entries"][-1])).startswith("_")
    assert read(written(document, tmp_path / "a.har")).content == plain.content
    packed = tmp_path / "b.har"
    packed.write_bytes(gzip.compress((tmp_path / "a.har").read_bytes()))
    assert read(packed).content == plain.content


@pytest.mark.parametrize("large", [False, True])
def test_damaged_entry(tmp_path: Path, large: bool) -> None:
    """One entry that is no JSON: told of with its place, and all others are read."""
    document = har(CHAT)
    entries = document["log"]["entries"]
    if large:
        sockets(document)[0]["_webSocketMessages"] *= 3_000
    whole = read(written(document, tmp_path / "whole.har", indent=1))
    victim = next(number for number, entry in enumerate(entries) if "socket.io/?EIO" in entry["request"]["url"])
    marked = json.dumps(document, indent=1).split('"startedDateTime"')
    marked[victim + 1] = marked[victim + 1].replace('"request": {', '"request": }', 1)
    path = tmp_path / "damaged.har"
    path.write_text('"startedDateTime"'.join(marked), encoding="utf-8")
    reading = read(path)
    assert "har-entry-damaged" in reading.codes
    assert reading.diagnostics[0].origin.entry == victim
    kept = [frame.data for frame in whole.frames if frame.origin.entry != victim]
    assert [frame.data for frame in reading.frames if frame.data in kept] == kept


def test_every_truncation_keeps_what_came_before(tmp_path: Path, plain: Reading) -> None:
    """Cut anywhere, the frames are a beginning of the whole's, and the cut is told of."""
    data = (RECORDINGS / CHAT).read_bytes()
    longest = -1
    for cut in [*range(0, len(data), 997), len(data)]:
        path = tmp_path / "cut.har"
        path.write_bytes(data[:cut])
        try:
            reading = read(path)
        except CaptureError:
            assert longest <= 0
            continue
        count = len(reading.frames)
        assert reading.content == plain.content[:count]
        assert count >= longest
        longest = count
        assert count == len(plain.frames) or "capture-truncated" in reading.codes
    assert longest == len(plain.frames)


def test_truncated_gzip(tmp_path: Path, plain: Reading) -> None:
    """What was packed before the cut is read."""
    path = tmp_path / "cut.gz"
    data = gzip.compress((RECORDINGS / CHAT).read_bytes())
    path.write_bytes(data[: len(data) * 9 // 10])
    reading = read(path)
    assert reading.frames
    assert reading.content == plain.content[: len(reading.frames)]
    assert "capture-truncated" in reading.codes


@pytest.mark.parametrize("tenths", range(3, 10))
def test_damaged_gzip(tmp_path: Path, tenths: int) -> None:
    """What was packed before the damage is read, however small the file."""
    data = gzip.compress(json.dumps(socket_har(*NOISE)).encode())
    path = tmp_path / "damaged.gz"
    path.write_bytes(flipped(data, len(data) * tenths // 10))
    reading = read(path)
    before = len(NOISE) * (tenths - 1) // 10
    assert [frame.data for frame in reading.frames[:before]] == NOISE[:before]
    assert "gzip-damaged" in reading.codes


def test_gzip_with_a_false_checksum(tmp_path: Path, plain: Reading) -> None:
    """It costs nothing but a word."""
    path = tmp_path / "a.gz"
    packed = gzip.compress((RECORDINGS / CHAT).read_bytes())
    path.write_bytes(flipped(packed, len(packed) - 6))
    reading = read(path)
    assert reading.content == plain.content
    assert reading.codes == ["gzip-damaged"]


def test_gzip_that_is_none_from_its_begin(tmp_path: Path) -> None:
    """It is the gzip that cannot be read, not an empty capture."""
    path = tmp_path / "damaged.gz"
    path.write_bytes(b"\x1f\x8b\x08" + b"\xff" * 500)
    with pytest.raises(CaptureError, match="gzip is damaged"):
        read(path)


@pytest.mark.parametrize(
    ("behind", "codes"), [(b"garbage after", ["gzip-trailing"]), (bytes(300_000), []), (b"\r\n", []), (b"\0\0x", ["gzip-trailing"])]
)
def test_what_stands_behind_a_gzip(tmp_path: Path, plain: Reading, behind: bytes, codes: list[str]) -> None:
    """Padding is passed over; anything else is told of, with its byte."""
    path = tmp_path / "a.gz"
    packed = gzip.compress((RECORDINGS / CHAT).read_bytes())
    path.write_bytes(packed + behind)
    reading = read(path)
    assert reading.content == plain.content
    assert reading.codes == codes
    assert all(f"byte {len(packed) + behind.count(0)}" in diagnostic.message for diagnostic in reading.diagnostics)


@pytest.mark.parametrize("between", [b"", b"\n", bytes(300_000), b"\r\n\xef\xbb\xbf"])
@pytest.mark.parametrize("packed", [False, True])
def test_har_behind_har(tmp_path: Path, between: bytes, packed: bool) -> None:
    """As `cat a.har b.har` gives it: both are read, and their entries are counted on."""
    pack = gzip.compress if packed else bytes
    path = tmp_path / "cat.har"
    first = json.dumps({"log": {"entries": [socket_entry([], f"http://a.test/{n}") for n in range(3)]}}).encode()
    second = json.dumps(socket_har("second", "third")).encode()
    path.write_bytes(pack(first) + pack(between + second) + b"\0\n")
    reading = read(path)
    assert [(frame.data, frame.origin.entry, frame.origin.frame) for frame in reading.frames] == [("second", 3, 0), ("third", 3, 1)]
    assert reading.codes == []


def test_har_of_another_program_behind_har(tmp_path: Path) -> None:
    """How a body is to be read depends on who wrote the document that it stands in, on nothing before it."""
    entry = {
        "request": {"url": "http://a.test/", "method": "GET"},
        "response": {"status": 200, "content": {"text": "\u00e2\u0098\u0083"}},
    }
    documents = [{"log": {"creator": {"name": name}, "entries": [entry]}} for name in ("mitmproxy", "x")]
    path = tmp_path / "cat.har"
    path.write_text("".join(map(json.dumps, documents)))
    assert [frame.data for frame in read(path).frames] == ["\u2603".encode(), "\u00e2\u0098\u0083".encode()]


@pytest.mark.parametrize("junk", [b"garbage", b"]}}", b"\x01", b'"text"'])
def test_what_is_no_har_behind_a_har(tmp_path: Path, junk: bytes) -> None:
    """It is told of with its byte; where entries come behind it, they are read."""
    whole = json.dumps(socket_har("one")).encode()
    path = tmp_path / "a.har"
    path.write_bytes(whole + b" " + junk)
    reading = read(path)
    assert [frame.data for frame in reading.frames] == ["one"]
    assert reading.codes == ["capture-trailing"]
    assert f"byte {len(whole) + 1}," in reading.diagnostics[0].message
    path.write_bytes(whole + b" " + junk + whole + whole)
    reading = read(path)
    assert [(frame.data, frame.origin.entry) for frame in reading.frames] == [("one", 0), ("one", 1), ("one", 2)]
    assert reading.codes == ["capture-trailing"]


def test_document_of_another_kind_behind_a_har(tmp_path: Path) -> None:
    """Told of, with its byte; what comes behind it is read."""
    whole = json.dumps(socket_har("one"))
    path = tmp_path / "a.har"
    path.write_text(whole + '{"a": [1]}' + whole)
    reading = read(path)
    assert [frame.data for frame in reading.frames] == ["one", "one"]
    assert reading.codes == ["har-entries-missing"]
    assert f"byte {len(whole)} " in reading.diagnostics[0].message


@pytest.mark.parametrize("indent", [None, 2])
def test_har_without_log(tmp_path: Path, indent: int | None) -> None:
    """Some tools write what belongs into `log` by itself."""
    path = written(socket_har("one", "two")["log"], tmp_path / "a.har", indent=indent)
    reading = read(path)
    assert [frame.data for frame in reading.frames] == ["one", "two"]
    assert reading.codes == []


@pytest.mark.parametrize("first", ["comment", "_id", "time", "_clientName"])
@pytest.mark.parametrize("large", [False, True])
def test_entries_behind_damage_begin_with_any_key(tmp_path: Path, first: str, large: bool) -> None:
    """The key is learned, and is no entry's alone: messages, too, may begin with it."""
    messages: list[dict[str, Any]] = [{first: 1, "type": "send", "data": "x" * 300} for _ in range(3_000 if large else 3)]
    urls = ("ws://a.test/", *(f"ws://{n}.test/" for n in range(4)))
    entries = [{first: 1, **socket_entry(messages if url == urls[0] else messages[:1], url)} for url in urls]
    text = json.dumps({"log": {"entries": entries}})
    at = text.index('"request"', text.index("ws://0.test/") - 400)
    path = tmp_path / "a.har"
    path.write_text(text[:at] + "}" + text[at:])
    reading = read(path)
    assert reading.codes == ["har-entry-damaged"]
    assert [(frame.exchange.url, frame.origin.entry) for frame in reading.frames[len(messages) :]] == [
        ("ws://1.test/", 2), ("ws://2.test/", 3), ("ws://3.test/", 4),
    ]  # fmt: skip
    at = text.index('"request"')
    path.write_text(text[:at] + "}" + text[at:])
    reading = read(path)
    assert [frame.exchange.url for frame in reading.frames] == [f"ws://{n}.test/" for n in range(4)]


def test_nothing_behind_damage(tmp_path: Path) -> None:
    """Where no further entry is found, that is said."""
    path = tmp_path / "a.har"
    whole = json.dumps(socket_har("one"))
    path.write_text(whole.removesuffix("]}}") + ', {"startedDateTime": }, {"nothing": "known"}]}}')
    reading = read(path)
    assert [frame.data for frame in reading.frames] == ["one"]
    assert reading.codes == ["har-entry-damaged", "har-rest-unread"]


def test_a_message_without_data(tmp_path: Path, plain: Reading) -> None:
    """One that is no message is told of; its neighbours stay."""
    document = har(CHAT)
    messages = sockets(document)[0]["_webSocketMessages"]
    messages.insert(3, {"type": "send"})
    messages.insert(5, "what")
    reading = read(written(document, tmp_path / "a.har"))
    assert reading.codes == ["har-message-damaged"] * 2
    assert reading.content == plain.content


def test_times_of_messages_as_texts(tmp_path: Path) -> None:
    """As `startedDateTime` is written; what is no time at all costs the time only."""
    stamps = ["2026-03-01T00:00:01.500Z", "2026-03-01T01:00:02+01:00", "1772323203.0", "soon", "", {"at": 1}, True, None, [1]]
    messages = [{"type": "send", "time": stamp, "data": str(number)} for number, stamp in enumerate(stamps)]
    reading = read(written({"log": {"entries": [socket_entry(messages)]}}, tmp_path / "a.har"))
    begin = 1772323200.0
    assert [frame.time for frame in reading.frames] == [begin + 1.5, begin + 2, begin + 3, None, None, None, None, None, None]
    assert [frame.data for frame in reading.frames] == [str(number) for number in range(len(stamps))]
    assert reading.codes == []


@pytest.mark.parametrize("stamp", ["2026-03-01T00:00:00Z", 1772323200, 1772323200_000.0])
def test_times_of_entries_as_numbers(tmp_path: Path, stamp: str | float) -> None:
    """In seconds or milliseconds."""
    entry = {**socket_entry([{"type": "send", "data": "2"}]), "startedDateTime": stamp}
    (frame,) = read(written({"log": {"entries": [entry]}}, tmp_path / "a.har")).frames
    assert frame.exchange.started == 1772323200


def test_messages_that_nobody_is_said_to_have_sent(tmp_path: Path) -> None:
    """Told of as what they are: their opcodes are as they should be."""
    messages = [{"type": kind, "opcode": 1, "data": "2"} for kind in ("request", "response", "send")]
    messages.append({"type": "error", "opcode": -1, "data": "net::ERR"})
    reading = read(written({"log": {"entries": [socket_entry(messages)]}}, tmp_path / "a.har"))
    assert len(reading.frames) == 1
    assert [(diagnostic.code, diagnostic.message.split(" are ")[0]) for diagnostic in reading.diagnostics] == [
        ("websocket-messages-skipped", "1 messages"), ("websocket-messages-undirected", "2 messages"),
    ]  # fmt: skip


def test_control_frames_are_counted(tmp_path: Path, plain: Reading) -> None:
    """Pings and closes of the WebSocket itself are no messages."""
    document = har(CHAT)
    sockets(document)[0]["_webSocketMessages"].append({"type": "send", "opcode": 8, "data": "", "time": 1.0})
    reading = read(written(document, tmp_path / "a.har"))
    assert reading.codes == ["websocket-messages-skipped"]
    assert reading.content == plain.content


def test_memory_does_not_hold_the_document(tmp_path: Path) -> None:
    """A socket of 40 MB is read in a few: its messages pass by."""
    document = har(CHAT)
    socket = sockets(document)[0]
    socket["_webSocketMessages"] = [socket["_webSocketMessages"][3]] * 300_000
    path = written(document, tmp_path / "a.har", indent=1)
    assert path.stat().st_size > 25_000_000
    tracemalloc.start()
    count = sum(1 for _ in captures.read(path, wanted=lambda _: True, report=lambda _: None))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count > 300_000
    assert peak < 8_000_000


@pytest.mark.parametrize("content", ["{}", '{"log": 5}', '{"log": {"entries": {}}}', '{"log": {"entries": []}}'])
def test_no_entries(tmp_path: Path, content: str) -> None:
    """A HAR without entries has no frames, which is for the command to judge."""
    path = tmp_path / "a.har"
    path.write_text(content)
    if content == "{}":
        with pytest.raises(CaptureError, match="no HAR"):
            read(path)
    else:
        reading = read(path)
        assert reading.frames == []
        assert reading.codes == ([] if "[" in content else ["har-entries-missing"])


@pytest.mark.parametrize("content", ["", "   ", "hello", "<html>", "[1, 2]", "\x00\x01"])
def test_no_capture(tmp_path: Path, content: str) -> None:
    """Said in one line, with the file's name and what is read."""
    path = tmp_path / "a.har"
    path.write_text(content)
    with pytest.raises(CaptureError) as error:
        read(path)
    assert error.value.location == str(path)
    assert error.value.hint
