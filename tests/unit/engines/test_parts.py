"""Captures read in parts and put together are the captures read in a row, to the byte."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bench import corpus
from infer import state
from infer.engines import local, parts
from infer.engines.local import Options
from infer.engines.result import Result

RECORDINGS = Path(__file__).resolve().parents[3] / "recordings"
SERVER = "http://app.test/socket.io/?EIO=4"


def in_parts(paths: list[str], least: int, again: list[parts.Unit] | None = None, together: int = 1) -> Result:
    """Read units apart, so many `together` by one reader; `again` gets those that the fold has read again."""

    def read_again(units: Sequence[parts.Unit], options: Options, known: parts.Known) -> parts.Part:
        if again is not None:
            again.extend(units)
        return parts.read(units, options, known)

    fold = parts.Fold(Options(), read_again)
    units = parts.plan(paths, least)
    assert len(units) > 1
    for start in range(0, len(units), together):
        some = units[start : start + together]
        fold.add(some, parts.Part.from_bytes(parts.read(some, Options()).to_bytes()))
    return fold.finish()


def seen(result: Result) -> dict[str, Any]:
    return {
        "state": state.encode(result.catalog),
        "diagnostics": result.diagnostics.counts,
        "kept": sorted(map(str, result.diagnostics.kept)),
        "counts": (result.captures, result.frames, result.packets, result.observations),
        "failed": list(map(str, result.failed)),
        "met": (result.recogniser.seen, result.recogniser.filtered, result.recogniser.recognised, result.recogniser.websockets),
    }


def entry(url: str, at: float, **more: Any) -> dict[str, Any]:
    stamp = f"2026-03-01T00:00:{at:06.3f}Z"
    return {"startedDateTime": stamp, "request": {"url": url, "method": "GET", "headers": []}, "response": {"status": 200}, **more}


def polled(url: str, at: float, text: str) -> dict[str, Any]:
    return entry(url, at, response={"status": 200, "content": {"text": text}})


def socket(url: str, at: float, *messages: tuple[str, str]) -> dict[str, Any]:
    frames = [{"type": who, "opcode": 1, "time": 1772323200 + at, "data": text} for who, text in messages]
    return entry(url, at, _resourceType="websocket", _webSocketMessages=frames)


def har(path: Path, entries: list[dict[str, Any]], indent: int | None = 2) -> str:
    path.write_text(json.dumps({"log": {"version": "1.2", "creator": {"name": "x"}, "entries": entries, "pages": []}}, indent=indent))
    return str(path)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parts") / "mixed.har"
    corpus.write(path, 2, "mixed", seed=7)
    return path


@pytest.mark.parametrize(("least", "together"), [(20_000, 1), (20_000, 3), (150_000, 1), (150_000, 2), (700_000, 1)])
def test_spans_of_a_har_are_the_har(mixed: Path, least: int, together: int) -> None:
    """Whatever the size of the spans, however many are read in a row, polling sessions that cross them included."""
    assert seen(in_parts([str(mixed)], least, together=together)) == seen(local.run([str(mixed)]))


@pytest.mark.parametrize("together", [1, 2, 4])
def test_spans_of_a_damaged_har_tell_of_the_same_damage(mixed: Path, tmp_path: Path, together: int) -> None:
    """Damage is told of with the entry's number in the whole file, and the same entries are left out."""
    text = bytearray(mixed.read_bytes())
    places = [found.start() for found in re.finditer(rb'"request"', text)]
    for place in (places[1], places[len(places) // 2], places[-1]):
        text[place - 30 : place - 20] = b"}}}}}}}}}}"
    path = tmp_path / "damaged.har"
    path.write_bytes(text)
    result = in_parts([str(path)], 100_000, together=together)
    assert result.diagnostics.counts["har-entry-damaged"] == 3
    assert seen(result) == seen(local.run([str(path)]))


@pytest.mark.parametrize("together", [1, 2])
def test_what_is_told_of_at_the_end_is_told_of_where_it_stands(tmp_path: Path, together: int) -> None:
    """What waits for the end of the capture keeps the number that its entry has in the whole file."""
    open_ = '0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'
    url = SERVER + "&transport=polling"
    filler = [polled("http://app.test/", n, "x" * 500) for n in range(9)]
    entries = [
        polled(url, 0, open_),
        *filler,
        polled(f"{url}&sid=s", 20, '430["an answer to nothing"]'),
        *filler,
        polled(f"{url}&sid=s", 30, '451-["half",{"_placeholder":true,"num":0}]'),
        polled(f"{url}&sid=unopened", 31, '42["late"]'),
        *filler,
    ]
    path = har(tmp_path / "ends.har", entries)
    result = in_parts([path], 2_000, together=together)
    assert {kept.code: kept.origin.entry for kept in result.diagnostics.kept} == {
        "ack-without-event": 10, "attachment-missing": 20, "session-unopened": 21,
    }  # fmt: skip
    assert seen(result) == seen(local.run([path]))


@pytest.mark.parametrize("together", [1, 2])
def test_a_truncated_har_is_told_of_once(mixed: Path, tmp_path: Path, together: int) -> None:
    """The end is missing for the last span only."""
    path = tmp_path / "truncated.har"
    path.write_bytes(mixed.read_bytes()[:-60_000])
    result = in_parts([str(path)], 200_000, together=together)
    assert result.diagnostics.counts["capture-truncated"] == 1
    assert seen(result) == seen(local.run([str(path)]))


def test_what_follows_the_entries_is_read_too(tmp_path: Path) -> None:
    """A document that ends behind its entries, before its last brace, is as truncated as one that ends in them."""
    path = Path(har(tmp_path / "tail.har", [polled(SERVER + "&transport=polling", n, "x" * 500) for n in range(9)]))
    path.write_text(path.read_text().rstrip().removesuffix("}"))
    assert seen(in_parts([str(path)], 1_000)) == seen(local.run([str(path)]))


def behind_each_other(path: Path, *documents: dict[str, Any]) -> str:
    path.write_text("\n".join(map(json.dumps, documents)))
    return str(path)


@pytest.mark.parametrize("together", [1, 2, 3, 7])
def test_har_behind_har_in_spans(tmp_path: Path, together: int) -> None:
    """What stands around an entry is that of its own document, though spans are cut by the first one's."""
    snowman = '42["\u00e2\u0098\u0083"]'
    url = SERVER + "&transport=polling"
    entries = [polled(url, 0, '0{"sid":"s"}'), *(polled(f"{url}&sid=s", n, snowman) for n in range(1, 40))]
    other = [{"comment": "", **entry} for entry in entries]
    documents: list[dict[str, Any]] = [
        {"log": {"creator": {"name": "x"}, "entries": entries}},
        {"log": {"creator": {"name": "mitmproxy"}, "entries": entries}},
        {"creator": {"name": "x"}, "entries": entries, "more": 1},
        {"log": {"creator": {"name": "x"}, "entries": other}},
        {"log": {"creator": {"name": "x"}, "entries": entries}},
    ]
    again: list[parts.Unit] = []
    path = behind_each_other(tmp_path / "same.har", *documents[:1] * 5)
    whole = local.run([path])
    assert whole.frames == 200
    assert seen(in_parts([path], 2_000, again, together)) == seen(whole)
    assert again == []
    path = behind_each_other(tmp_path / "mixed.har", *documents)
    whole = local.run([path])
    assert (whole.frames, whole.diagnostics.total) == (200, 0)
    (space,) = whole.catalog.namespaces
    assert len(space.events) == 2
    assert seen(in_parts([path], 2_000, together=together)) == seen(whole)


@pytest.mark.parametrize("together", [1, 2, 3])
@pytest.mark.parametrize("key", ["comment", "startedDateTime", "time"])
def test_damage_in_spans_of_har_behind_har(tmp_path: Path, together: int, key: str) -> None:
    """Entries behind damage are found by what the entries of their document begin with, whoever reads them."""
    entries = [{key: None, **socket(f"ws://{n}.test/", n, *[("send", "x" * 50)] * 5)} for n in range(40)]
    other = [{"_id": 1, **entry} for entry in entries]
    path = Path(behind_each_other(tmp_path / "damaged.har", *({"log": {"entries": some}} for some in (entries, other, entries))))
    text = bytearray(path.read_bytes())
    for place in [found.start() for found in re.finditer(rb'"request"', text)][::9]:
        text[place - 3 : place] = b"}}}"
    path.write_bytes(text + b"what is none")
    whole = local.run([str(path)])
    assert whole.diagnostics.counts["har-entry-damaged"] == 14
    assert seen(in_parts([str(path)], 4_000, together=together)) == seen(whole)


def test_a_span_without_a_log(tmp_path: Path) -> None:
    """A HAR that stands by itself, without `log`, is cut and left like another."""
    path = tmp_path / "logless.har"
    path.write_text(json.dumps({"version": "1.2", "entries": [polled(SERVER, n, "x" * 500) for n in range(20)], "pages": []}))
    for text, cut in ((path.read_text(), 0), (path.read_text().removesuffix("}"), 1)):
        path.write_text(text)
        whole = local.run([str(path)])
        assert (whole.frames, whole.diagnostics.counts["capture-truncated"]) == (20, cut)
        assert seen(in_parts([str(path)], 2_000)) == seen(whole)


@pytest.mark.parametrize("together", [1, 2, 3])
@pytest.mark.parametrize("indent", [None, 2])
def test_what_only_looks_like_an_entry_is_found_out(tmp_path: Path, indent: int | None, together: int) -> None:
    """A span that began inside an entry is read again from where the entry before it really ended."""
    bait = [{"startedDateTime": "x" * 300} for _ in range(30)]
    entries = [entry(f"http://app.test/{n}", n, _extra=bait) for n in range(5)]
    path = har(tmp_path / "bait.har", entries, indent=indent)
    again: list[parts.Unit] = []
    assert seen(in_parts([path], 5_000, again, together)) == seen(local.run([path]))
    assert again


@pytest.mark.parametrize("together", [1, 3])
@pytest.mark.parametrize("name", ["orders.mitm", "files-upgrade.mitm"])
def test_spans_of_a_flow_file_are_the_flow_file(name: str, together: int) -> None:
    """Each flow by itself, or some in a row: upgraded sessions and their acknowledgements are put together again."""
    path = str(RECORDINGS / name)
    assert seen(in_parts([path], 1, together=together)) == seen(local.run([path]))


@pytest.mark.parametrize("together", [1, 2, 3, 5])
@pytest.mark.parametrize("least", [4_000, 1 << 20])
def test_files_are_one_run(tmp_path: Path, least: int, together: int) -> None:
    """A session that begins in one file and ends in the next, one in two captures, a file that is none, a state among them."""
    other, saved = tmp_path / "none.har", tmp_path / "saved.sio"
    other.write_text("no capture")
    state.save(local.run([str(RECORDINGS / "telemetry-msgpack.har")]).catalog, saved)
    paths = [str(RECORDINGS / name) for name in ("orders.har", "orders.mitm", "chat-first.har", "chat-second.har")]
    paths[2:2] = [str(other), str(saved)]
    assert seen(in_parts(paths, least, together=together)) == seen(local.run(paths))


def test_a_call_and_its_answer_in_two_files(tmp_path: Path) -> None:
    """An acknowledgement is paired with its event across files."""
    url = SERVER + "&transport=polling&sid=abc"
    first = har(tmp_path / "1.har", [polled(SERVER + "&transport=polling", 1, '0{"sid":"abc"}'), polled(url, 2, '427["ask",1]')])
    answer = entry(url, 3)
    answer["request"] |= {"method": "POST", "postData": {"text": '437["yes"]'}}
    second = har(tmp_path / "2.har", [answer])
    result = in_parts([first, second], 1 << 20)
    (space,) = result.catalog.namespaces
    ((_, event),) = space.events.items()
    assert (event.ack_asked, event.ack_given) == (1, 1)
    assert seen(result) == seen(local.run([first, second]))


def test_what_an_earlier_part_knows_of_a_session_holds_in_a_later_one(tmp_path: Path) -> None:
    """The offset of connection state recovery is no argument, though only the first file says that recovery is on."""
    first = har(tmp_path / "1.har", [
        polled(SERVER + "&transport=polling", 1, '0{"sid":"abc"}'),
        polled(SERVER + "&transport=polling&sid=abc", 2, '40{"sid":"s","pid":"p"}'),
    ])  # fmt: skip
    second = har(tmp_path / "2.har", [socket(SERVER + "&transport=websocket&sid=abc", 3, ("receive", '42["tick",1,"1772323203000-0"]'))])
    again: list[parts.Unit] = []
    result = in_parts([first, second], 1 << 20, again)
    assert seen(result) == seen(local.run([first, second]))
    assert [unit.path for unit in again] == [second]
    (space,) = result.catalog.namespaces
    ((_, event),) = space.events.items()
    assert event.args.arities == {1: 1}
