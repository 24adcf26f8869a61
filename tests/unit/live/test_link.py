"""The pipe to the worker: bounded, and nobody waits for it who does not say so."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from infer import state
from infer.errors import SioInferError, UsageError
from infer.live.link import Link
from infer.live.messages import Said, Told, ToProxy
from infer.live.settings import Settings
from tests.unit.live.feeding import RECORDINGS, items

ORDERS = RECORDINGS / "orders.mitm"
PATIENCE = 120.0
"""Seconds for what is to come: the worker gives way to whatever else runs, and a machine may be busy."""


@pytest.fixture
def link(tmp_path: Path) -> Iterator[Link]:
    """A link to a worker that writes into the folder."""
    told: list[ToProxy] = []
    link = Link(told.append, 1 << 20)
    link.ask("configure", settings=_settings(tmp_path), seconds=PATIENCE)
    yield link
    with suppress(ProcessLookupError):
        os.kill(link._process.pid, signal.SIGCONT)
    link.close()
    link._process.wait(PATIENCE)


def test_a_worker_answers_after_all_before(link: Link, tmp_path: Path) -> None:
    """What was handed on before a question is in its answer; the end is an answer too."""
    for item in items(ORDERS):
        assert link.offer(item, 1_000)
    assert any("9 kinds of event" in line for line in link.ask("summary", seconds=PATIENCE))
    last = link.finish(PATIENCE)
    assert any("9 kinds of event" in line for line in last.lines)
    assert last.failed == ""
    assert state.load(tmp_path / "live.sio").events == 9


def test_errors_are_errors(link: Link) -> None:
    """In the worker's words."""
    with pytest.raises(SioInferError, match="no contract is declared"):
        link.ask("diff", seconds=PATIENCE)


def test_a_full_queue_skips_and_counts(link: Link, tmp_path: Path) -> None:
    """While the worker does nothing, offering is instant, memory is bounded, and what was skipped is known after."""
    for item in items(ORDERS):
        link.offer(item, 100)
    link.ask("status", seconds=PATIENCE)
    os.kill(link._process.pid, signal.SIGSTOP)
    said = Said(9_999, 0, 1, True, b'42["x"]' + b" " * 100_000, 0.0)
    began = time.perf_counter()
    taken = sum(link.offer(said, len(said.content)) for _ in range(10_000))
    assert time.perf_counter() - began < 2.0
    assert taken < 20
    assert link.skipped == 10_000 - taken
    os.kill(link._process.pid, signal.SIGCONT)
    link.ask("status", seconds=PATIENCE)
    status = link.status(PATIENCE)
    assert status is not None
    assert status.skipped == 10_000 - taken


def test_room_is_waited_for_where_waiting_helps(link: Link) -> None:
    """What is more than the queue ever holds is not."""
    said = Said(9_999, 0, 1, True, b'42["x"]' + b" " * 100_000, 0.0)
    for _ in range(100):
        link.wait_for_room(len(said.content))
        assert link.offer(said, len(said.content))
    began = time.perf_counter()
    link.wait_for_room(1 << 30)
    assert time.perf_counter() - began < 10.0


def test_signals_of_the_group_do_not_end_it(link: Link) -> None:
    """Ctrl-C is the proxy's, which ends the worker in its own time."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(link._process.pid, number)
    assert link.status(PATIENCE) is not None


def test_it_writes_when_its_proxy_is_gone(link: Link, tmp_path: Path) -> None:
    """The end of the input is the end of the recording: nothing that came is lost."""
    for item in items(ORDERS):
        link.offer(item, 1_000)
    link.close()
    link._process.wait(PATIENCE)
    assert state.load(tmp_path / "live.sio").events == 9
    assert (tmp_path / "live.yml").exists()


def test_a_killed_worker_is_known(link: Link) -> None:
    """Questions fail at once, offers are counted as skipped, nothing raises on the way."""
    link._process.kill()
    link._process.wait(PATIENCE)
    until = time.monotonic() + PATIENCE
    while not link.gone and time.monotonic() < until:
        time.sleep(0.01)
    assert not link.offer(Said(1, 0, 1, True, b"", 0.0), 0)
    with pytest.raises(UsageError, match="the worker has ended"):
        link.ask("status")
    with pytest.raises(UsageError, match="the worker has ended"):
        link.finish()
    link.wait_for_room(1 << 30)


def test_a_busy_worker_is_not_waited_for(link: Link) -> None:
    """A question has its time."""
    os.kill(link._process.pid, signal.SIGSTOP)
    with pytest.raises(UsageError, match="still busy"):
        link.ask("status", seconds=0.3)


def test_what_it_tells_arrives(tmp_path: Path) -> None:
    """Unasked lines come to the one who listens."""
    told: list[Any] = []
    link = Link(told.append, 1 << 20)
    link.ask("configure", settings=_settings(tmp_path / "nowhere"), seconds=PATIENCE)
    for item in items(ORDERS):
        link.offer(item, 1_000)
    link.finish(PATIENCE)
    assert [type(item) for item in told] == [Told]
    assert "cannot write" in told[0].line


def _settings(folder: Path) -> Settings:
    here = folder.exists()
    return Settings(output=str(folder / "live.yml"), state=str(folder / "live.sio") if here else "")
