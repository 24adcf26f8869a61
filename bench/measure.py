"""What a program costs: CPU seconds, wall seconds and peak memory of a process of its own, as the kernel counts them.

Contenders take turns, so that whatever else the machine does meets all of them; medians are compared, never single
runs. Nothing but the standard library is imported here: a process inherits the peak of the one that started it.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
DATA: Final = ROOT / "bench/data"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run, or the medians of several."""

    cpu: float
    """Seconds, in user and kernel mode; children that were waited for included."""
    wall: float
    """Seconds."""
    rss: float
    """Peak resident memory of the process in MB of 10**6 bytes."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A program to measure; `before` sets the scene for each run, outside the measurement."""

    argv: Sequence[str]
    before: Callable[[], object] = lambda: None


def cost(contender: Contender) -> Cost:
    """Run the program once. Errors: `RuntimeError` where it fails."""
    contender.before()
    began = time.perf_counter()
    # stderr goes to a file: a pipe that nobody reads would stop the program
    errors = DATA / "stderr"
    # bytecode is written, as pip does for whoever installs: a run that compiles all of a program measures the compiler
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with errors.open("wb") as file:
        process = subprocess.Popen(contender.argv, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=file)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if process.returncode:
        said = errors.read_text(errors="replace").strip().splitlines()
        raise RuntimeError(f"{' '.join(contender.argv)} exited {process.returncode}: {said[-1] if said else ''}")
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * 1024 / 1e6)


def side_by_side(contenders: Mapping[str, Contender], repeats: int) -> dict[str, Cost]:
    """The medians of each contender's runs, which alternate."""
    runs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, contender in contenders.items():
            runs[name].append(cost(contender))
    return {
        name: Cost(*(statistics.median(getattr(run, part) for run in made) for part in ("cpu", "wall", "rss")))
        for name, made in runs.items()
    }


def machine() -> str:
    """What it was measured on."""
    model = platform.processor() or platform.machine()
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return f"{model}, {os.cpu_count()} cores, {memory / 1e6:.0f} GB, {platform.system()}, Python {platform.python_version()}"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
