"""The recorder: frames in; a document, a state and answers out, whatever comes."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

import msgspec
import pytest
import yaml
from msgspec.structs import replace

import infer
from infer import state
from infer.asyncapi import document, dump
from infer.catalog import SKIPPED, Catalog, EventEntry
from infer.engines.local import Options, run
from infer.live.messages import Ended, Met, Noted, Opened, Said, Skipped, ToWorker, Violated
from infer.live.settings import Settings
from infer.model import Diagnostic, Event, Exchange, Observation, Origin, Server, Transport
from infer.wire import Session
from tests.unit.live.feeding import RECORDINGS, Fed, items

if TYPE_CHECKING:
    from collections.abc import Iterator

FLOWS = sorted(RECORDINGS.glob("*.mitm"))
ORDERS = RECORDINGS / "orders.mitm"


def of_files(settings: Settings, *paths: Path) -> str:
    """The document of the same flows read as a file."""
    result = run(map(str, paths), replace(settings.pipeline(), progress=None))
    return dump(document(result.catalog, settings.document()), settings.format)


def settings(folder: Path, **given: object) -> Settings:
    """Settings that write into a folder."""
    return Settings(output=str(folder / "live.yml"), state=str(folder / "live.sio"), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.name)
@pytest.mark.parametrize("given", [{}, {"perspective": "client", "asyncapi": "2.6.0", "format": "json", "namespace": ("/k*",)}])
def test_document_is_that_of_the_file(tmp_path: Path, path: Path, given: dict[str, object]) -> None:
    """Byte for byte, with any settings; the state gives the same."""
    wanted = settings(tmp_path, **given)
    fed = Fed(wanted)
    fed.feed(*items(path))
    fed.ask("finish")
    if "namespace" in given and path != ORDERS:
        assert not Path(wanted.output).exists(), "nothing is written of nothing"
        return
    assert Path(wanted.output).read_text() == of_files(wanted, path)
    assert dump(document(state.load(wanted.state), wanted.document()), wanted.format) == Path(wanted.output).read_text()
    assert fed.lines == []


def test_checkpoints_are_whole_at_any_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After every frame, state and document are valid, grow, and do not disturb what goes on."""
    clock = iter(range(0, 1_000_000, 20))
    monkeypatch.setattr("infer.live.recorder.time", _Clock(clock))
    wanted = settings(tmp_path, checkpoint=1)
    fed = Fed(wanted)
    counts = []
    for number, item in enumerate(items(ORDERS)):
        fed.feed(item)
        if number % 4:
            continue
        fed.recorder.tick()
        if Path(wanted.output).exists():
            counts.append(sum(entry.count for space in state.load(wanted.state).namespaces for _, entry in space.events.items()))
            yaml.safe_load(Path(wanted.output).read_text())
    assert len(counts) > 5
    assert counts == sorted(counts)
    fed.ask("finish")
    assert Path(wanted.output).read_text() == of_files(wanted, ORDERS)


def followed() -> int:
    """How many sessions anything still knows of."""
    gc.collect()
    return sum(isinstance(each, Session) for each in gc.get_objects())


class _Clock:
    """A clock that advances by a step whenever it is looked at; unless given, the time of day is before all recordings."""

    def __init__(self, steps: Iterator[int], now: float = 0.0) -> None:
        self._steps = steps
        self._now = now

    def monotonic(self) -> float:
        return float(next(self._steps))

    def time(self) -> float:
        return self._now


def test_events_that_wait_for_their_ack_are_in_a_checkpoint(tmp_path: Path) -> None:
    """A look in between shows the event; the acknowledgement that comes later still finds it."""
    wanted = settings(tmp_path)
    fed = Fed(wanted)
    fed.feed(_socket(), _text(0, '0{"sid":"s"}', sent=False), _text(1, '420["ask",1]'))
    fed.ask("save", str(tmp_path / "early.sio"))
    fed.feed(_text(2, '430["answer"]', sent=False))
    fed.ask("save", str(tmp_path / "late.sio"))
    early, late = (_only(state.load(tmp_path / name)) for name in ("early.sio", "late.sio"))
    assert (early.count, early.ack_asked, early.ack_given) == (1, 1, 0)
    assert (late.count, late.ack_asked, late.ack_given) == (1, 1, 1)


def test_a_state_is_gone_on_from(tmp_path: Path) -> None:
    """Two runs, one after the other, on one state are the two files."""
    wanted = settings(tmp_path)
    paths = [ORDERS, RECORDINGS / "files-upgrade.mitm"]
    for path in paths:
        fed = Fed(wanted)
        fed.feed(*items(path))
        fed.ask("finish")
    assert fed.settled.lines == [f"going on from {wanted.state}: 9 kinds of event are known"]
    assert Path(wanted.output).read_text() == of_files(wanted, *paths)


def test_skipped_frames_are_said_in_the_document(tmp_path: Path) -> None:
    """The count stands in the evidence of `info`, in the state and in the summary, and is told once."""
    wanted = settings(tmp_path)
    fed = Fed(wanted)
    fed.feed(*items(ORDERS), Skipped(5), Skipped(7))
    lines = fed.ask("finish").lines
    assert yaml.safe_load(Path(wanted.output).read_text())["info"]["x-sio-infer"] == {"skipped": 12}
    assert state.load(wanted.state).diagnostics[SKIPPED] == 12
    assert any(line.startswith(f"12 × {SKIPPED}") for line in lines)
    assert len(fed.lines) == 1
    assert "evidence" not in yaml.safe_load(Path(wanted.output).read_text())["info"]


def test_no_document_is_written_of_nothing(tmp_path: Path) -> None:
    """An old document stays when nothing is seen; the summary says what was met instead."""
    wanted = settings(tmp_path)
    Path(wanted.output).write_text("old")
    fed = Fed(wanted)
    fed.feed(Met([(Server(secure=False, host="a.example", path="/api/"), 3)], [], [], 0))
    why = "no Socket.IO traffic found; seen: a.example/api/ (was the recording started before the page connected?)"
    assert fed.ask("summary").lines == [why]
    last = fed.ask("finish")
    assert Path(wanted.output).read_text() == "old"
    assert (last.lines, last.failed) == ([], why)


def test_no_document_is_written_of_connects_alone_where_events_are_asked_for(tmp_path: Path) -> None:
    """As a capture that shows none of the events that are wanted makes none."""
    wanted = settings(tmp_path, event=("nothing of the kind",))
    fed = Fed(wanted)
    fed.feed(*items(ORDERS))
    assert "no event found that is wanted" in fed.ask("finish").failed
    assert not Path(wanted.output).exists()


def test_a_document_of_someone_else_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody named the output, a file that is none of ours is left alone."""
    monkeypatch.chdir(tmp_path)
    Path("asyncapi.yml").write_text("asyncapi: 3.0.0\ninfo: {title: written by hand}\n")
    answer = Fed(Settings()).settled
    assert answer.error == "asyncapi.yml: is there, and was not written by sio-infer (name the output)"
    fed = Fed(Settings(output="./other.yml"))
    fed.feed(*items(ORDERS))
    fed.ask("finish")
    Path("other.yml").rename("asyncapi.yml")
    assert Fed(Settings()).settled.error is None


def test_reset_counts_anew(tmp_path: Path) -> None:
    """After a reset, the sessions under way are followed on, and their handshakes known."""
    wanted = settings(tmp_path)
    fed = Fed(wanted)
    fed.feed(*items(RECORDINGS / "files-upgrade.mitm"), _socket(), _text(0, '0{"sid":"s"}', sent=False), _text(1, '42["before"]'))
    fed.ask("reset")
    fed.feed(_text(2, '42["after"]'))
    fed.ask("finish")
    catalog = state.load(wanted.state)
    assert [name for space in catalog.namespaces for (_, name), _ in space.events.items()] == ["after"]
    assert [entry.protocols for _, entry in catalog.servers.items() if entry.namespaces.entries] == [{"4": 1}]


def test_settings_may_change_meanwhile(tmp_path: Path) -> None:
    """From the next writing on; on an error all stays as it was."""
    wanted = settings(tmp_path)
    fed = Fed(wanted)
    fed.feed(*items(ORDERS))
    wrong = msgspec.structs.replace(wanted, no_rule=("nonsense",), output=str(tmp_path / "wrong.yml"))
    assert "there is no rule" in (fed.ask("configure", settings=wrong).error or "")
    changed = msgspec.structs.replace(wanted, format="json", output=str(tmp_path / "other.json"))
    assert fed.ask("configure", settings=changed).error is None
    fed.ask("finish")
    assert (tmp_path / "other.json").read_text() == of_files(changed, ORDERS)
    assert not Path(wanted.output).exists()
    assert not (tmp_path / "wrong.yml").exists()


def test_declared_contract_is_watched(tmp_path: Path) -> None:
    """Each kind is told once as it passes, its flows are named, and the counts are in the summary."""
    declared = tmp_path / "declared.yml"
    text = of_files(Settings(), ORDERS)
    made = yaml.safe_load(text)
    operation = next(key for key, each in made["operations"].items() if each["title"] == "place order")
    del made["operations"][operation]
    made["components"]["schemas"]["ConfirmPickup"]["properties"]["order"] = {"type": "string"}
    declared.write_text(yaml.safe_dump(made))
    fed = Fed(settings(tmp_path, declared=str(declared)))
    fed.feed(*items(ORDERS))
    fed.recorder.tick()
    told = sorted(line for line in fed.lines if line.startswith("not as declared"))
    assert len(told) == 2
    assert "place order" in told[0]
    assert "args[0]/properties/order: an integer where string is declared" in told[1]
    assert any(isinstance(item, Violated) for item in fed.sent)
    assert any("undeclared-event" in line for line in fed.ask("diff").lines)
    assert fed.ask("status").status.violations > 0  # type: ignore[union-attr]
    last = fed.ask("finish")
    assert any("2 kinds of traffic are not as declared" in line for line in last.lines)
    assert last.status is not None
    assert last.status.violations > 0


def test_a_contract_may_be_declared_while_events_pass_the_short_way(tmp_path: Path) -> None:
    """What comes from then on is held to it, an event that waits for its acknowledgement too; then no more, and no count is lost."""
    declared = tmp_path / "declared.yml"
    wanted = settings(tmp_path)
    fed = Fed(wanted)
    calls = [text for number in range(400) for text in ((f'42{number}["ask",{{"n":{number}}}]', True), (f"43{number}[1]", False))]
    said = iter([_text(index, text, sent=sent) for index, (text, sent) in enumerate(calls, 1)])
    fed.feed(_socket(), _text(0, '0{"sid":"s"}', sent=False), *(next(said) for _ in range(701)))
    fed.ask("save", str(declared))
    declared.write_text(declared.read_text().replace("type: integer", "type: boolean"))
    fed.ask("configure", settings=settings(tmp_path, declared=str(declared)))
    fed.feed(*(next(said) for _ in range(50)))
    lines = fed.ask("diff").lines
    assert any(line.startswith("25 × ") and "ask" in line for line in lines), lines
    fed.ask("configure", settings=wanted)
    fed.feed(*said)
    status = fed.ask("status").status
    assert status is not None
    assert [(row.event, row.count, row.acks) for row in status.rows] == [("ask", 400, 400)]


def test_a_dashboard_counts_from_where_it_began(tmp_path: Path) -> None:
    """What an earlier run has counted is in the document, not on the screen."""
    wanted = settings(tmp_path)
    opened: list[Opened | Said] = [_socket(), _text(0, '0{"sid":"s"}', sent=False)]
    earlier = Fed(wanted)
    earlier.feed(*opened, *(_text(index, '42["say",1]') for index in range(1, 6)))
    earlier.ask("finish")
    fed = Fed(wanted)
    assert fed.ask("status").status.rows == []  # type: ignore[union-attr]
    fed.feed(*opened, _text(6, '42["say",1]'), _text(7, '42["say",1]'))
    (row,) = fed.ask("status").status.rows  # type: ignore[union-attr]
    assert (row.event, row.count) == ("say", 2)
    fed.ask("finish")
    assert _only(state.load(wanted.state)).count == 7


def test_its_own_document_is_kept_to(tmp_path: Path) -> None:
    """Traffic keeps to the document that was inferred from it."""
    declared = tmp_path / "declared.yml"
    declared.write_text(of_files(Settings(), ORDERS))
    fed = Fed(settings(tmp_path, declared=str(declared)))
    fed.feed(*items(ORDERS))
    assert fed.ask("diff").lines[0].startswith(f"{declared}: all that was seen is as declared")


@pytest.mark.parametrize(
    ("what", "argument", "error"),
    [
        ("diff", "", "no contract is declared"),
        ("save", "", "no file is named"),
        ("save", "/nowhere/at/all.yml", "cannot write"),
        ("nonsense", "", "unexpected KeyError"),
    ],
)
def test_questions_that_cannot_be_answered(tmp_path: Path, what: str, argument: str, error: str) -> None:
    """An answer with one error line, never an exception."""
    answer = Fed(settings(tmp_path)).ask(what, argument)
    assert error in (answer.error or "")
    assert "\n" not in (answer.error or "")


def test_a_place_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    """The recording goes on, and is written where the place comes back."""
    place = tmp_path / "gone"
    wanted = settings(place)
    wanted = msgspec.structs.replace(wanted, state="")
    fed = Fed(wanted)
    fed.feed(*items(ORDERS))
    for _ in range(3):
        fed.recorder._write(fed.recorder._pipeline.so_far())  # type: ignore[union-attr]
    assert len(fed.lines) == 1
    assert "cannot write" in fed.lines[0]
    assert "cannot write" in fed.ask("summary").lines[-1]
    place.mkdir()
    assert fed.ask("finish").failed == ""
    assert Path(wanted.output).read_text() == of_files(wanted, ORDERS)


@pytest.mark.parametrize("unwritable", ["state", "output"])
def test_what_cannot_be_written_is_in_the_last_answer(tmp_path: Path, unwritable: str) -> None:
    """By its name, however often it is asked; the other of the two is written."""
    place = tmp_path / "gone"
    place.mkdir()
    wanted = msgspec.structs.replace(settings(tmp_path), **{unwritable: str(place / "file")})
    fed = Fed(wanted)
    fed.feed(*items(ORDERS))
    rmtree(place)
    last = fed.ask("finish")
    assert last.failed.startswith(f"{place / 'file'}: cannot write: No such file or directory")
    assert not any("written" in line for line in last.lines)
    assert Path(wanted.state if unwritable == "output" else wanted.output).exists()
    assert fed.ask("finish").failed == last.failed


def test_what_is_unknown_is_let_pass(tmp_path: Path) -> None:
    """Messages of sockets that were not told of, diagnostics, ends: nothing raises and nothing is lost."""
    fed = Fed(settings(tmp_path))
    fed.feed(_text(0, '42["x"]'), Ended(7), Noted(Diagnostic("a-code", "a message", Origin("live"))))
    fed.feed(Said(1, 0, 9, True, b"ping", 0.0))
    fed.feed(*items(ORDERS))
    assert any(line.startswith("1 × a-code") for line in fed.ask("summary").lines)


def test_a_bug_costs_what_was_read_with_it_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever raises is counted and told once; what comes in the same batch, and what follows, is recorded."""
    add = Catalog.add

    def stumble(catalog: Catalog, observation: Observation) -> None:
        assert not isinstance(observation, Event) or observation.name != "x"
        add(catalog, observation)

    fed = Fed(settings(tmp_path))
    monkeypatch.setattr(Catalog, "add", stumble)
    for number in (1, 4):
        fed.feed(
            *(_socket(number + n) for n in range(3)),
            _text(0, '42["x"]', socket=number),
            _text(0, '42["y"]', socket=number + 1),
            _text(0, '42["z"]', socket=number + 2),
        )
    lines = fed.ask("finish").lines
    assert sum("unexpected AssertionError" in line for line in fed.lines) == 1
    assert any(line.startswith("2 × internal-error") for line in lines)
    counts = {name: entry.count for space in state.load(tmp_path / "live.sio").namespaces for (_, name), entry in space.events.items()}
    assert counts == {"y": 2, "z": 2}


def test_messages_of_sockets_that_take_turns_are_those_of_each(tmp_path: Path) -> None:
    """However their messages lie among one another in a batch, and whatever is asked in between."""
    talk = ['0{"sid":"%d"}', "40", "40", '42["a",1]', '421["b",{"c":%d}]', '431["d"]', '42["a",2.5]', "2", "3"]
    wanted = settings(tmp_path)
    fed = Fed(wanted)
    batch: list[ToWorker] = [_socket(number) for number in range(20)]
    for index, text in enumerate(talk):
        for number in range(20):
            said = text % number if "%" in text else text
            batch.append(_text(index, said, sent=index % 2 == 1, socket=number, at=1_764_000_000.0 + index))
    middle = len(batch) // 2
    fed.feed(*batch[:middle])
    fed.ask("status")
    fed.feed(*batch[middle:])
    fed.ask("finish")
    entries = {name: entry for space in state.load(wanted.state).namespaces for (_, name), entry in space.events.items()}
    assert {name: (entry.count, entry.ack_given, entry.sessions.count) for name, entry in entries.items()} == {"a": (20, 0, 20), "b": (20, 20, 20)}


def test_what_waits_expires_by_silence(tmp_path: Path) -> None:
    """Sessions, unanswered events, acknowledgements without event, attachments: all are let go after `expire` seconds."""
    fed = Fed(settings(tmp_path, expire=60))
    long_ago = time.time() - 3_600
    for number in range(50):
        fed.feed(
            _socket(number),
            _text(0, f'0{{"sid":"s{number}"}}', sent=False, socket=number, at=long_ago),
            _text(1, '421["asked",1]', socket=number, at=long_ago),
            _text(2, "439[1]", socket=number, at=long_ago),
            _text(3, '451-["whole",{"_placeholder":true,"num":0}]', socket=number, at=long_ago),
            Ended(number),
        )
    assert followed() == 50
    fed.recorder._expire_at = 0.0
    fed.recorder.tick()
    assert followed() <= 1, "the latest may be at hand yet"
    lines = fed.ask("finish").lines
    assert any(line.startswith("50 × ack-without-event") for line in lines)
    assert any(line.startswith("50 × attachment-missing") for line in lines)


def test_a_websocket_that_was_silent_for_long_goes_on(tmp_path: Path) -> None:
    """As after the computer was asleep: the session is the one that it was, and was seen to open."""
    wanted = settings(tmp_path, expire=60)
    fed = Fed(wanted)
    then = time.time() - 7_200
    fed.feed(_socket(), _text(0, '0{"sid":"s"}', sent=False, at=then), _text(1, '42["a"]', at=then))
    fed.recorder._expire_at = 0.0
    fed.recorder.tick()
    fed.feed(_text(2, "2", sent=False), _text(3, '42["a"]'))
    assert not any("session-unopened" in line for line in fed.ask("finish").lines)
    kept = state.load(wanted.state)
    entry = _only(kept)
    assert (entry.count, entry.sessions.count, kept.sessions.count) == (2, 1, 1)


def test_thousands_of_sessions_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day of sessions that each leave an unanswered event and half a packet: what is followed is those of the last minute."""
    fed = Fed(settings(tmp_path, expire=60, checkpoint=1_000_000))
    began = time.time()
    held = []
    for number in range(3_000):
        at = began + number
        fed.feed(
            _socket(number),
            _text(0, f'0{{"sid":"s{number}"}}', sent=False, socket=number, at=at),
            _text(1, '421["asked"]', socket=number, at=at),
            _text(2, '451-["half",{"_placeholder":true,"num":0}]', socket=number, at=at),
            Ended(number),
        )
        if number % 100 == 0:
            monkeypatch.setattr("infer.live.recorder.time", _Clock(iter([number]), at))
            fed.recorder._expire_at = 0.0
            fed.recorder.tick()
            held.append(followed())
    assert max(held) <= 60 + 1


def test_waiting_in_a_session_that_speaks_expires_too(tmp_path: Path) -> None:
    """An event of long ago is unanswered although its session is heard of every minute; a recent one waits on."""
    fed = Fed(settings(tmp_path, expire=60))
    now = time.time()
    fed.feed(_socket(), _text(0, '0{"sid":"s"}', sent=False, at=now - 600), _text(1, '421["old"]', at=now - 500))
    fed.feed(_text(2, '422["young"]', at=now - 5))
    fed.recorder._expire_at = 0.0
    fed.recorder.tick()
    waiting = fed.recorder._pipeline._correlator._waiting.values()  # type: ignore[union-attr]
    assert [event.event for each in waiting for event in each.events.values()] == ["young"]


def test_two_recorders_do_not_share_a_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is told so, unless the first ends in time."""
    monkeypatch.setattr("infer.live.lock.PATIENCE", 0.2)
    wanted = settings(tmp_path)
    first = Fed(wanted)
    assert "another sio-infer is keeping this state" in (Fed(wanted).settled.error or "")
    first.ask("finish")
    assert Fed(wanted).settled.error is None


def test_status_is_what_a_dashboard_needs(tmp_path: Path) -> None:
    """Rows by namespace and direction, with acknowledgements and their latency."""
    fed = Fed(settings(tmp_path))
    fed.feed(*items(ORDERS))
    status = fed.ask("status").status
    assert status is not None
    rows = {(row.namespace, row.direction, row.event): row for row in status.rows}
    placed = rows["/", "c2s", "place order"]
    assert placed.acks == placed.count > 0
    assert 0 < (placed.latency or 0) < 10
    assert rows["/kitchen", "s2c", "ticket"].acks == 0


def test_infer_s_own_catalog_is_the_same(tmp_path: Path) -> None:
    """The state equals the catalog of the file, diagnostics too."""
    wanted = settings(tmp_path)
    fed = Fed(wanted)
    fed.feed(*items(ORDERS))
    fed.ask("finish")
    assert state.load(wanted.state) == infer.infer([str(ORDERS)], Options())


def _socket(number: int = 1) -> Opened:
    url = "ws://a.example/socket.io/?EIO=4&transport=websocket"
    return Opened(Exchange(url, "GET", (), (), 101, Transport.WEBSOCKET, 0.0, Origin("live", number)))


def _text(index: int, text: str, *, sent: bool = True, socket: int = 1, at: float | None = None) -> Said:
    return Said(socket, index, 1, sent, text.encode(), time.time() if at is None else at)


def _only(catalog: infer.Catalog) -> EventEntry:
    (entry,) = (entry for space in catalog.namespaces for _, entry in space.events.items())
    return entry


def test_calls_that_wait_for_ever_keep_no_one_alive(tmp_path: Path) -> None:
    """A recorder that is let go while events wait the short way for their acknowledgements leaves no session behind."""
    before = followed()
    fed = Fed(settings(tmp_path))
    fed.feed(_socket(), _text(0, '0{"sid":"s"}', sent=False))
    for number in range(300):
        fed.feed(_text(2 * number + 1, f'42{number}["ask",1]'))
        if number < 290:
            fed.feed(_text(2 * number + 2, f"43{number}[1]", sent=False))
    assert followed() == before + 1
    fed.recorder._lock.release()
    del fed
    assert followed() == before
