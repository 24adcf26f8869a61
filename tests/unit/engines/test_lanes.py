"""The short way of events leaves everything as the general way does, which is gone where there is an observer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from bench import corpus
from infer import captures, state
from infer.engines import local
from infer.engines.lanes import Lanes
from infer.engines.local import Options
from infer.engines.result import Result
from infer.errors import CaptureError
from infer.filters import Filter
from infer.limits import Limits
from infer.model import Frame
from infer.schema import slots
from tests.unit.engines.test_parts import RECORDINGS, seen, socket

SERVER = "ws://app.test/socket.io/?EIO=4&transport=websocket"


@pytest.fixture(autouse=True)
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moulds are made early, so that small captures meet them."""
    monkeypatch.setattr(slots, "_FIRST", 16)


def generally(paths: list[str], **options: Any) -> Result:
    return local.run(paths, Options(**options, observer=lambda _: None))


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many of each run the short way took."""
    offered: list[int] = []
    take = Lanes.take

    def noted(self: Lanes, *args: Any) -> tuple[int, Sequence[Frame]]:
        number, left = take(self, *args)
        offered.append(number - len(left))
        return number, left

    monkeypatch.setattr(Lanes, "take", noted)
    return offered


@pytest.mark.parametrize("kind", ["mixed", "chat", "telemetry", "nested", "polling"])
def test_captures_are_the_same_either_way(tmp_path: Path, taken: list[int], kind: str) -> None:
    """Of any kind, several at once."""
    paths = []
    for seed in (1, 2):
        paths.append(str(tmp_path / f"{seed}.har"))
        corpus.write(Path(paths[-1]), 1.5, kind, seed)
    assert seen(local.run(paths)) == seen(generally(paths))
    assert sum(taken) > 100


@pytest.mark.parametrize("path", sorted(path for path in RECORDINGS.iterdir() if path.suffix in (".har", ".mitm")), ids=lambda path: path.name)
def test_recordings_are_the_same_either_way(path: Path) -> None:
    """Of real servers and clients, read twice, so that there are enough of a kind."""
    paths = [str(path)] * 20
    assert seen(local.run(paths)) == seen(generally(paths))


@pytest.mark.parametrize("limits", [Limits(events=3), Limits(events=8, siblings=1), Limits(namespaces=1), Limits(sessions=2, pending_per_session=1)])
def test_limits_hold_either_way(tmp_path: Path, limits: Limits) -> None:
    """What is let go while lanes lead to it counts where it would have."""
    path = tmp_path / "mixed.har"
    corpus.write(path, 2)
    assert seen(local.run([str(path)], Options(limits=limits))) == seen(generally([str(path)], limits=limits))


@pytest.mark.parametrize("wanted", [Filter(events=("*:document",)), Filter(namespaces=("/chat",)), Filter(hosts=("other.test",))])
def test_filters_hold_either_way(tmp_path: Path, wanted: Filter) -> None:
    """What is not wanted gets no lane."""
    path = tmp_path / "mixed.har"
    corpus.write(path, 1)
    assert seen(local.run([str(path)], Options(filter=wanted))) == seen(generally([str(path)], filter=wanted))


def test_namespaces_and_sockets_in_turns(tmp_path: Path, taken: list[int]) -> None:
    """Two sessions, three namespaces, names with quotes: each event counts where it belongs."""
    messages = []
    for number in range(3_600):
        space = ("", "/a,", "/b[c,")[number % 3]
        name = ("say", 'a "quoted" one', "")[number // 3 % 3]
        messages.append(("receive" if number % 2 else "send", f"42{space}" + json.dumps([name, {"n": number, "of": space}])))
    begin = [("receive", '0{"sid":"%s","maxPayload":9}'), ("send", "40/a,"), ("receive", '40/a,{"sid":"x"}')]
    entries = []
    for sid in ("one", "two"):
        opened = [(who, text % sid if "%" in text else text) for who, text in begin]
        entries.append(socket(SERVER, 1.0, *opened, *messages))
    path = tmp_path / "turns.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "creator": {"name": "x"}, "entries": entries}}))
    assert seen(local.run([str(path)])) == seen(generally([str(path)]))
    assert sum(taken) > 1_000


def test_short_sessions_are_taken_from_their_first_event(tmp_path: Path, taken: list[int]) -> None:
    """It gives out the handshake, with and without an acknowledgement asked for."""
    entries = []
    for number in range(60):
        begin = [("receive", f'0{{"sid":"s{number}","maxPayload":9}}'), ("send", "40"), ("receive", '40{"sid":"x"}')]
        asked = [("send", '420["ask",1]'), ("receive", '430["yes"]')] if number % 3 == 0 else [("send", '42["say",{"n":1}]')]
        entries.append(socket(SERVER, number, *begin, *asked))
    path = tmp_path / "short.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "creator": {"name": "x"}, "entries": entries}}))
    made = local.run([str(path)])
    assert seen(made) == seen(generally([str(path)]))
    (server,) = made.catalog.servers.values()
    assert server.sessions.count == 60
    assert sum(taken) == (40 - 16) + 2 * (20 - 16)


def test_counting_anew_leads_to_the_new_catalog(tmp_path: Path) -> None:
    """No lane leads to the catalog before."""
    path = tmp_path / "chat.har"
    corpus.write(path, 1, "chat")
    made = []
    for observer in (None, lambda _: None):
        result = Result()
        pipeline = local.Pipeline(result, Options(observer=observer))
        pipeline.read(str(path))
        pipeline.reset()
        pipeline.read(str(path))
        pipeline.finish()
        made.append(state.encode(result.catalog))
    assert made[0] == made[1]


def test_what_was_read_before_an_error_is_taken_in(tmp_path: Path) -> None:
    """Also what was read ahead."""
    path = tmp_path / "chat.har"
    corpus.write(path, 1, "chat")

    def broken() -> Iterator[Frame]:
        frames = captures.read(str(path), wanted=lambda _: True, report=lambda _: None)
        yield from islice(frames, 2_345)
        raise CaptureError("the disk is gone", str(path), "plug it in")

    made = []
    for observer in (None, lambda _: None):
        result = Result()
        pipeline = local.Pipeline(result, Options(observer=observer))
        with pytest.raises(CaptureError):
            pipeline.feed(broken())
        pipeline.finish()
        made.append((result.frames, result.packets, state.encode(result.catalog)))
    assert made[0] == made[1]
    assert made[0][0] == 2_345
