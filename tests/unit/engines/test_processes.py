"""Several processes give what one gives; one that dies costs its unit only."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from infer import state
from infer.engines import local, parts, processes
from infer.engines.local import Options
from infer.errors import UsageError

RECORDINGS = Path(__file__).resolve().parents[3] / "recordings"
PATHS = sorted(str(path) for path in RECORDINGS.iterdir() if path.suffix in (".har", ".gz", ".mitm", ".zip", ".jsonl"))


@pytest.fixture(autouse=True)
def spans_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also small captures are cut."""
    monkeypatch.setattr(processes, "LEAST", 4_000)
    monkeypatch.setattr(processes, "LARGE", 0)


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes are copies of this one, with what was put in place here, whatever threads other tests have left."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)


@pytest.mark.parametrize("jobs", [2, 3])
def test_any_number_of_processes_gives_the_same(jobs: int) -> None:
    """The same bytes, counts and progress as one process."""
    told: list[int] = []
    result = processes.run(PATHS, Options(progress=told.append), jobs)
    alone = local.run(PATHS)
    assert state.encode(result.catalog) == state.encode(alone.catalog)
    assert (result.captures, result.frames, result.packets, result.observations) == (
        alone.captures, alone.frames, alone.packets, alone.observations,
    )  # fmt: skip
    assert result.diagnostics.counts == alone.diagnostics.counts


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


@pytest.mark.usefixtures("copied")
def test_a_process_that_dies_costs_its_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told of with its file and its signal, and all others are read."""
    victim = PATHS[1]
    read = parts.read

    def deadly(unit: parts.Unit, options: Options, known: parts.Known | None = None) -> parts.Part:
        if unit.path == victim:
            os.kill(os.getpid(), signal.SIGKILL)
        return read(unit, options, known)

    monkeypatch.setattr(processes, "read", deadly)
    monkeypatch.setattr(processes, "LEAST", 1 << 30)
    result = processes.run(PATHS, Options(), 2)
    assert [error.location for error in result.failed] == [victim]
    assert "signal 9" in str(result.failed[0])
    others = [path for path in PATHS if path != victim]
    assert state.encode(result.catalog) == state.encode(local.run(others).catalog)


@pytest.mark.usefixtures("copied")
def test_a_bug_in_a_process_costs_its_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that no one foresaw is told of with its file, and all others are read."""
    read = parts.read

    def faulty(unit: parts.Unit, options: Options, known: parts.Known | None = None) -> parts.Part:
        if unit.path == PATHS[0]:
            raise ZeroDivisionError
        return read(unit, options, known)

    monkeypatch.setattr(processes, "read", faulty)
    monkeypatch.setattr(processes, "LEAST", 1 << 30)
    result = processes.run(PATHS, Options(), 2)
    assert [error.location for error in result.failed] == [PATHS[0]]
    assert "ZeroDivisionError" in str(result.failed[0])
    assert result.captures == len(PATHS) - 1


@pytest.mark.usefixtures("copied")
def test_a_lost_span_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What killed a process would kill this one."""
    path = str(RECORDINGS / "chat-first.har")
    read = parts.read
    here = os.getpid()

    def deadly(unit: parts.Unit, options: Options, known: parts.Known | None = None) -> parts.Part:
        assert os.getpid() != here
        if unit.span is not None and unit.span.start > 0 and unit.span.stop is not None:
            os.kill(os.getpid(), signal.SIGKILL)
        return read(unit, options, known)

    monkeypatch.setattr(processes, "read", deadly)
    monkeypatch.setattr(parts, "read", deadly)
    result = processes.run([path], Options(), 2)
    assert result.failed
    assert all("at byte" in str(error) for error in result.failed)
    assert result.frames > 0


@pytest.mark.parametrize("given", ["0", "-1", "two", "1.5", "100000", ""])
def test_a_number_of_processes_that_is_none(given: str) -> None:
    """It is refused with what would be right."""
    with pytest.raises(UsageError, match="auto"):
        processes.jobs_of(given)


def test_auto_is_as_many_as_there_are_cores() -> None:
    """That this process may use."""
    assert processes.jobs_of("auto") >= 1
