"""Several processes give what one gives; one that dies costs its unit only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infer import state
from infer.engines import local, parts, processes, shares
from infer.engines.local import Options
from infer.errors import UsageError
from tests.unit.engines.test_parts import seen

RECORDINGS = Path(__file__).resolve().parents[3] / "recordings"
PATHS = sorted(str(path) for path in RECORDINGS.iterdir() if path.suffix in (".har", ".gz", ".mitm", ".zip", ".jsonl"))


@pytest.fixture(autouse=True)
def spans_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also small captures are cut, and shares taken over."""
    monkeypatch.setattr(processes, "LEAST", 4_000)
    monkeypatch.setattr(shares, "ANEW", 4_000)
    monkeypatch.setattr(processes, "_AT_HAND", 1)


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes are copies of this one, with what was put in place here, whatever threads other tests have left."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)


@pytest.mark.parametrize("jobs", [2, 3])
def test_any_number_of_processes_gives_the_same(jobs: int) -> None:
    """The same bytes, counts and progress as one process."""
    told: list[int] = []
    result = processes.run(PATHS, Options(progress=told.append), jobs)
    assert seen(result) == seen(local.run(PATHS))


@pytest.mark.parametrize("jobs", [2, 4])
def test_many_small_captures_of_any_kind(tmp_path: Path, jobs: int) -> None:
    """Each recording three times over (one whose sessions are known, then), files that are none, an empty one, states among them."""
    saved = tmp_path / "saved.sio"
    state.save(local.run(PATHS[:2]).catalog, saved)
    paths: list[str] = []
    for number in range(3):
        for path in PATHS:
            copy = tmp_path / f"{number}-{Path(path).name}"
            copy.write_bytes(Path(path).read_bytes())
            paths.append(str(copy))
        bad = tmp_path / f"{number}-bad.har"
        bad.write_text("no capture" if number else "")
        paths += [str(bad), str(saved)]
    result = processes.run(paths, Options(), jobs)
    assert len(result.failed) == 3
    assert seen(result) == seen(local.run(paths))


def test_beside_other_threads_processes_begin_afresh() -> None:
    """A process with threads is not copied; what begins afresh gives the same."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        result = processes.run(PATHS[:3], Options(), 2)
    finally:
        done.set()
        thread.join()
    assert state.encode(result.catalog) == state.encode(local.run(PATHS[:3]).catalog)


def before_each(monkeypatch: pytest.MonkeyPatch, act: Callable[[parts.Unit], None]) -> None:
    """Have every process, copies of this one included, do that before it reads a unit."""
    take = parts.Reader.take

    def acting(reader: parts.Reader, unit: parts.Unit) -> None:
        act(unit)
        take(reader, unit)

    monkeypatch.setattr(parts.Reader, "take", acting)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.usefixtures("copied")
@pytest.mark.parametrize("jobs", [2, 5])
@pytest.mark.parametrize("number", [0, 1, 2, -1])
def test_a_process_that_dies_costs_what_it_died_of(monkeypatch: pytest.MonkeyPatch, number: int, jobs: int) -> None:
    """It is told of with its file and its signal, and all others are read, also those that the same process had read before."""
    victim = PATHS[number]
    before_each(monkeypatch, lambda unit: die() if unit.path == victim else None)
    monkeypatch.setattr(processes, "LEAST", 1 << 30)
    result = processes.run(PATHS, Options(), jobs)
    assert [error.location for error in result.failed] == [victim]
    assert "signal 9" in str(result.failed[0])
    others = [path for path in PATHS if path != victim]
    assert seen(result)["state"] == seen(local.run(others))["state"]
    assert result.captures == len(others)


@pytest.mark.usefixtures("copied")
def test_a_process_that_dies_of_more_than_one_capture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is told of, in the order of the input."""
    victims = [PATHS[1], PATHS[2], PATHS[4]]
    before_each(monkeypatch, lambda unit: die() if unit.path in victims else None)
    monkeypatch.setattr(processes, "LEAST", 1 << 30)
    result = processes.run(PATHS, Options(), 2)
    assert [error.location for error in result.failed] == victims
    others = [path for path in PATHS if path not in victims]
    assert seen(result)["state"] == seen(local.run(others))["state"]


@pytest.mark.usefixtures("copied")
def test_a_process_that_others_end_while_it_has_nothing_to_do_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another takes its place."""
    give = processes._Crew.give

    def after_the_end(crew: processes._Crew, run: shares.Run, known: parts.Known) -> None:
        worker = next(worker for worker in crew._workers if worker.run is None)
        worker.process.kill()
        worker.process.join()
        give(crew, run, known)

    monkeypatch.setattr(processes._Crew, "give", after_the_end)
    assert seen(processes.run(PATHS, Options(), 2)) == seen(local.run(PATHS))


@pytest.mark.usefixtures("copied")
def test_a_bug_in_a_process_costs_its_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that no one foresaw is told of with its file, and all others are read."""

    def fail(unit: parts.Unit) -> None:
        if unit.path == PATHS[0]:
            raise ZeroDivisionError

    before_each(monkeypatch, fail)
    monkeypatch.setattr(processes, "LEAST", 1 << 30)
    result = processes.run(PATHS, Options(), 2)
    assert [error.location for error in result.failed] == [PATHS[0]]
    assert "ZeroDivisionError" in str(result.failed[0])
    assert result.captures == len(PATHS) - 1


@pytest.mark.usefixtures("copied")
def test_a_lost_span_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What killed a process would kill this one. What stands before and behind it is kept."""
    path = str(RECORDINGS / "chat-first.har")
    here = os.getpid()
    spans = [unit.span for unit in parts.plan([path], 4_000)]

    def kill(unit: parts.Unit) -> None:
        assert os.getpid() != here
        if unit.span == spans[2]:
            die()

    before_each(monkeypatch, kill)
    monkeypatch.setattr(processes, "UNITS", 100)
    result = processes.run([path], Options(), 2)
    assert ["at byte" in str(error) for error in result.failed] == [True]
    whole = local.run([path])
    assert 0 < whole.frames - result.frames < whole.frames / 2


@pytest.mark.usefixtures("copied")
def test_who_is_done_takes_of_what_others_have_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow one is, and though captures are of very unequal size: the bytes are the same."""
    here = os.getpid()
    slow: set[int] = set()

    def wait(unit: parts.Unit) -> None:
        if unit.path == PATHS[0]:
            slow.add(os.getpid())
        time.sleep(0.03 if os.getpid() in slow - {here} else 0.0)

    before_each(monkeypatch, wait)
    split = shares.Runs._split
    taken: list[shares.Run | None] = []

    def noted(runs: shares.Runs) -> shares.Run | None:
        taken.append(split(runs))
        return taken[-1]

    monkeypatch.setattr(shares.Runs, "_split", noted)
    result = processes.run(PATHS, Options(), 3)
    assert any(taken)
    assert seen(result) == seen(local.run(PATHS))


@pytest.mark.parametrize("given", ["0", "-1", "two", "1.5", "100000", ""])
def test_a_number_of_processes_that_is_none(given: str) -> None:
    """It is refused with what would be right."""
    with pytest.raises(UsageError, match="auto"):
        processes.jobs_of(given)


def test_auto_is_as_many_as_there_are_cores() -> None:
    """That this process may use."""
    assert processes.jobs_of("auto") >= 1


def test_workers_end_with_the_one_who_started_them() -> None:
    """Also where that one is killed, and cannot tell them: what it printed to, which they have too, is closed at once."""
    script = """
import time
from infer.engines.local import Options
from infer.engines.processes import _Crew
crew = _Crew(3, Options())
print("there", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"there\n"
        starter.kill()
        began = time.monotonic()
        assert starter.stdout.read() == b""
        assert time.monotonic() - began < 10
