"""DevTools logs, zips, and which files arguments name."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from infer import captures
from infer.captures import Format
from infer.errors import CaptureError, UsageError
from infer.model import Transport
from tests.unit.captures.reading import NOISE, RECORDINGS, flipped, read, socket_har

OFFICE = RECORDINGS / "office.cdp.jsonl"
BODIES = "response-body-missing"  # no event of the protocol has them
POLL = RECORDINGS / "poll-playwright.zip"


def events() -> list[dict[str, Any]]:
    return [json.loads(line) for line in OFFICE.read_text(encoding="utf-8").splitlines()]


def test_devtools_log_frames() -> None:
    """One frame a message event, with wall-clock times made from the monotonic ones."""
    reading = read(OFFICE)
    told = [event["params"]["response"] for event in events() if event["method"].startswith("Network.webSocketFrame")]
    assert [
        frame.data if isinstance(frame.data, str) else base64.b64encode(frame.data).decode()
        for frame in reading.frames
        if frame.exchange.transport is Transport.WEBSOCKET
    ] == [response["payloadData"] for response in told]
    walls = [event["params"]["wallTime"] for event in events() if "wallTime" in event["params"]]
    assert all(frame.time and walls[0] <= frame.time <= walls[0] + 600 for frame in reading.frames)


def test_devtools_log_as_an_array(tmp_path: Path) -> None:
    """Lighthouse saves one array; a damaged element is told of and the rest is read."""
    path = tmp_path / "log.json"
    path.write_text(json.dumps(events()), encoding="utf-8")
    assert read(path).content == read(OFFICE).content
    path.write_text(json.dumps([*events()[:3], 7, *events()[3:]], indent=2), encoding="utf-8")
    reading = read(path)
    assert reading.content == read(OFFICE).content
    assert [code for code in reading.codes if code != BODIES] == ["devtools-event-damaged"]


@pytest.mark.parametrize("between", ["", "\n", "\0\n\ufeff"])
def test_devtools_array_behind_array(tmp_path: Path, between: str) -> None:
    """Both are read, as one log; what is none behind them is told of, with its byte."""
    path = tmp_path / "log.json"
    text = between.join(json.dumps(some) for some in (events()[:9], events()[9:30], events()[30:]))
    path.write_text(text, encoding="utf-8")
    assert read(path).content == read(OFFICE).content
    assert read(path).codes == read(OFFICE).codes
    path.write_text(f'{text}\n{{"more": 1}}', encoding="utf-8")
    reading = read(path)
    assert reading.content == read(OFFICE).content
    (told,) = (diagnostic for diagnostic in reading.diagnostics if diagnostic.code != BODIES)
    assert told.code == "capture-trailing"
    assert f"byte {len(text.encode()) + 1}," in told.message


def chromedriver(event: dict[str, Any]) -> dict[str, Any]:
    return {"message": event, "webview": "ABC"}


def selenium(event: dict[str, Any]) -> dict[str, Any]:
    return {"level": "INFO", "message": json.dumps(chromedriver(event)), "timestamp": 1772323200000}


@pytest.mark.parametrize("wrap", [chromedriver, selenium])
@pytest.mark.parametrize("form", ["lines", "array"])
def test_performance_logs(tmp_path: Path, wrap: Any, form: str) -> None:
    """ChromeDriver puts events into `message`, Selenium's `get_log("performance")` the text of that once more."""
    path = tmp_path / "log"
    wrapped = list(map(wrap, events()))
    path.write_text("\n".join(map(json.dumps, wrapped)) if form == "lines" else json.dumps(wrapped, indent=1), encoding="utf-8")
    reading = read(path)
    assert reading.content == read(OFFICE).content != []
    assert reading.codes == read(OFFICE).codes
    odd = [{"level": "SEVERE", "message": "http://a.test/ 404"}, {"id": 3, "result": {}}, {"message": {"message": {"message": {}}}}]
    path.write_text("\n".join(map(json.dumps, [*wrapped, *odd])), encoding="utf-8")
    reading = read(path)
    assert reading.content == read(OFFICE).content
    assert [code for code in reading.codes if code != BODIES] == ["devtools-event-damaged"] * 2


def test_events_in_an_object(tmp_path: Path) -> None:
    """Whoever puts events into an object is told what is expected."""
    path = tmp_path / "log.json"
    path.write_text(json.dumps({"events": events()}), encoding="utf-8")
    with pytest.raises(CaptureError, match="no event") as error:
        read(path)
    assert "array" in str(error.value)


def test_devtools_log_with_damage(tmp_path: Path) -> None:
    """A line that is none is told of; a cut line at the end too."""
    lines = OFFICE.read_text(encoding="utf-8").splitlines()
    path = tmp_path / "log"
    path.write_text("\n".join([*lines[:4], "{nonsense", *lines[4:], '{"method": "Net']), encoding="utf-8")
    reading = read(path)
    assert reading.content == read(OFFICE).content
    assert [code for code in reading.codes if code != BODIES] == ["devtools-event-damaged"] * 2


def test_devtools_log_that_begins_late(tmp_path: Path) -> None:
    """Messages of a socket whose address is unknown are told of once."""
    late = [event for event in events() if event["method"] != "Network.webSocketCreated"]
    path = tmp_path / "log"
    path.write_text("\n".join(map(json.dumps, late)), encoding="utf-8")
    reading = read(path)
    assert [frame for frame in reading.frames if frame.exchange.transport is Transport.WEBSOCKET] == []
    assert {code for code in reading.codes if code != BODIES} == {"websocket-unopened"}


def test_playwright_unpacked(tmp_path: Path) -> None:
    """The zip, and the folder that it unpacks to, hold the same."""
    with zipfile.ZipFile(POLL) as archive:
        archive.extractall(tmp_path)
    assert read(tmp_path / "har.har").content == read(POLL).content != []


def test_attached_file_is_missing(tmp_path: Path) -> None:
    """Told of; everything else is read."""
    with zipfile.ZipFile(POLL) as archive, zipfile.ZipFile(tmp_path / "a.zip", "w") as copy:
        gone = next(info for info in archive.infolist() if info.filename.endswith(".jsonl"))
        for info in archive.infolist():
            if info is not gone:
                copy.writestr(info, archive.read(info))
    reading = read(tmp_path / "a.zip")
    assert "attached-missing" in reading.codes
    assert reading.frames


def test_attached_name_that_leaves_the_folder(tmp_path: Path) -> None:
    """No path out of the folder is followed, and no link."""
    secret = tmp_path / "secret.txt"
    secret.write_text("4secret")
    folder = tmp_path / "capture"
    folder.mkdir()
    (folder / "link.txt").symlink_to(secret)
    for number, name in enumerate(("../secret.txt", str(secret), "link.txt")):
        entry = {
            "request": {"url": "http://h/socket.io/?EIO=4&transport=polling&sid=x", "method": "GET", "headers": []},
            "response": {"status": 200, "headers": [], "content": {"_file": name}},
        }
        path = folder / f"{number}.har"
        path.write_text(json.dumps({"log": {"entries": [entry]}}))
        reading = read(path)
        assert reading.frames == []
        assert "attached-missing" in reading.codes


def test_zip_of_captures(tmp_path: Path) -> None:
    """HAR files, flow files and gzips, each under its own name; what is no capture is passed over."""
    path = tmp_path / "day.zip"
    names = ("orders.mitm", "chat-first.har", "files-polling.har.gz", "README.md")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.write(RECORDINGS / name, f"day/{name}")
    reading = read(path)
    assert {frame.origin.source for frame in reading.frames} == {
        f"{path}/day/{name}" for name in names if name != "README.md" and not name.endswith(".gz")
    } | {f"{path}/day/files-polling.har.gz"}
    one_by_one = [read(RECORDINGS / name).content for name in ("chat-first.har", "files-polling.har.gz", "orders.mitm")]
    assert reading.content == [frame for content in one_by_one for frame in content]


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_damage_in_a_zip(tmp_path: Path, packing: int) -> None:
    """What a file of the zip holds before the damage is read, and so are the others; a false checksum costs nothing."""
    path = tmp_path / "day.zip"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("a.har", json.dumps(socket_har(*NOISE)))
        archive.write(RECORDINGS / "orders.mitm", "b.mitm")
        packed = archive.getinfo("a.har")
    other = read(RECORDINGS / "orders.mitm").content
    begin = packed.header_offset + 30 + len("a.har")
    stored = packing == zipfile.ZIP_STORED
    place = path.read_bytes().index(NOISE[1_800].encode()) if stored else begin + packed.compress_size * 6 // 10
    path.write_bytes(flipped(path.read_bytes(), place))
    reading = read(path)
    kept = [data for _, data in reading.content[: -len(other)]]
    assert reading.content[-len(other) :] == other
    assert kept[: len(NOISE) // 2] == NOISE[: len(NOISE) // 2]
    assert (len(kept) == len(NOISE)) == stored
    assert "zip-member-damaged" in reading.codes


def test_zip_bomb(tmp_path: Path) -> None:
    """A member that unpacks to far more than traffic does is refused before it is."""
    path = tmp_path / "bomb.zip"
    head = b'{"log": {"entries": ['
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.har", "w") as member:
        member.write(head)
        for _ in range(100):
            member.write(b" " * (1 << 20))
    assert path.stat().st_size < 200_000
    with pytest.raises(CaptureError):
        read(path)


@pytest.mark.parametrize("content", [b"PK\x03\x04nothing", b"PK\x05\x06" + bytes(18)])
def test_zip_without_captures(tmp_path: Path, content: bytes) -> None:
    """Damaged, or empty."""
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(CaptureError):
        read(path)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is read as a stream, whatever comes."""
    for name in ("chat-first.har", "orders.mitm", "poll-playwright.zip", "files-polling.har.gz", "office.cdp.jsonl"):
        data = (RECORDINGS / name).read_bytes()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
        reading = read(Path("-"))
        assert reading.content == read(RECORDINGS / name).content


def test_folders_and_globs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder gives its captures and states, a glob its matches, each file once; what is no file is passed over."""
    (tmp_path / "in").mkdir()
    for name in ("chat-first.har", "orders.mitm"):
        (tmp_path / "in" / name).write_bytes((RECORDINGS / name).read_bytes())
    (tmp_path / "in" / "notes.txt").write_text("nothing")
    os.mkfifo(tmp_path / "in" / "pipe")  # which nobody writes to: to open it would be to wait for ever
    (tmp_path / "packed").write_bytes(gzip.compress((RECORDINGS / "chat-second.har").read_bytes()))
    monkeypatch.chdir(tmp_path)
    assert captures.expand(["in"]) == ["in/chat-first.har", "in/orders.mitm"]
    assert captures.expand(["."]) == ["in/chat-first.har", "in/orders.mitm", "packed"] or captures.expand(["."])[0] == "packed"
    assert captures.expand(["in/*.har", "in/chat-first.har", "./in"]) == ["in/chat-first.har", "in/orders.mitm"]
    assert captures.expand(["-"]) == ["-"]
    for wrong in ("absent.har", "in/*.zip", "x" * 5_000):
        with pytest.raises(UsageError):
            captures.expand([wrong])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no capture"):
        captures.expand(["empty"])


def test_formats() -> None:
    """Each recording is what it is."""
    kinds = {path.name: captures.format_of(str(path)) for path in RECORDINGS.iterdir() if path.is_file()}
    assert {name for name, kind in kinds.items() if kind is Format.FLOWS} == {"orders.mitm", "files-upgrade.mitm"}
    assert {name for name, kind in kinds.items() if kind is Format.ZIP} == {"poll-playwright.zip"}
    assert {name for name, kind in kinds.items() if kind is Format.DEVTOOLS} == {"office.cdp.jsonl"}
    assert all(kinds[name] is Format.HAR for name in kinds if ".har" in name)
    assert not any(kind.is_capture for name, kind in kinds.items() if name.endswith((".md", ".py", ".js")))
