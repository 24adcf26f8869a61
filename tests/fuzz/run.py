"""Fuzz the targets by atheris: `python -m tests.fuzz.run [--seconds N | --runs N] [TARGET...]`; `make fuzz` does.

Each target runs in a process of its own, with coverage to lead it, and ends by itself. What it found worth keeping stays
in build/fuzz/corpus, so that the next run goes on from there; an input that breaks the law lies in build/fuzz/crashes.
The table at the end, which `build/fuzz/RESULTS.md` keeps, says how often each was executed, and how much of the modules
that it is there for the corpus reaches (lines and branches, by coverage.py).
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
PLACE: Final = ROOT / "build" / "fuzz"
REPLAYED: Final = 3_000
"""Inputs of a corpus, the shortest, by which coverage is counted: tracing costs a hundredfold."""


def main(arguments: list[str]) -> int:
    """Run those asked for, one after the other; 1 where one of them broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--seconds", type=int, default=60, help="of each target (default: 60)")
    parser.add_argument("--runs", type=int, default=-1, help="executions of each target, if that comes first")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--replay", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.one:
        return fuzz(given.one, given.seconds, given.runs)
    if given.replay:
        return replay(given.replay)
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415 (a fuzzed process must instrument before it imports)

    unknown = set(given.targets) - TARGETS.keys()
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    rows = [outcome(name, given.seconds, given.runs) for name in given.targets or TARGETS]
    lines = ["| target | executions | coverage of its modules | outcome |", "|---|---:|---:|---|"]
    lines += [f"| {name} | {runs:,} | {covered} | {what} |" for name, runs, covered, what in rows]
    lines.append(f"| all | {sum(row[1] for row in rows):,} | | |")
    text = "\n".join(lines) + "\n"
    PLACE.joinpath("RESULTS.md").write_text(text, encoding="utf-8")
    print(text)  # noqa: T201 (the table is what it is run for)
    return int(any(row[3] != "no fault" for row in rows))


def outcome(name: str, seconds: int, runs: int) -> tuple[str, int, str, str]:
    """A target's row: its name, executions, coverage, and what came of it."""
    log = PLACE / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.fuzz.run", "--one", name, "--seconds", str(seconds), "--runs", str(runs)]
    with log.open("wb") as said:
        ended = subprocess.run(command, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT, check=False)
    text = log.read_text(errors="replace")
    done = re.search(r"stat::number_of_executed_units: *(\d+)", text)
    covered = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run", "--replay", name], cwd=ROOT, capture_output=True, text=True, check=False
    )
    what = "no fault" if ended.returncode == 0 else f"FAULT: see {log.relative_to(ROOT)}"
    return name, int(done[1]) if done else 0, covered.stdout.strip().rpartition("\n")[2] or "unknown", what


def corpus(name: str) -> Path:
    """Where a target's inputs are kept, with its seeds in it."""
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415 (as above)

    folder = PLACE / "corpus" / name
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(TARGETS[name].seeds()):
        (folder / f"seed-{number:03}").write_bytes(seed)
    return folder


def fuzz(name: str, seconds: int, runs: int) -> int:
    """One target, in this process, by atheris; it ends the process."""
    import atheris  # noqa: PLC0415 (a dependency group of its own)

    with atheris.instrument_imports(include=["infer"]):
        from tests.fuzz.targets import TARGETS, words  # noqa: PLC0415

        target = TARGETS[name]
        folder = corpus(name)
    dictionary = PLACE / "words"
    escaped = ("".join(f"\\x{byte:02x}" for byte in word) for word in words() if len(word) < 64)
    dictionary.write_text("".join(f'"{word}"\n' for word in escaped))
    crashes = PLACE / "crashes" / name
    crashes.mkdir(parents=True, exist_ok=True)
    runs = min(runs, 2_000) if target.slow and runs > 0 else runs
    options = [
        f"-max_total_time={seconds}", f"-runs={runs}", f"-max_len={target.longest}", "-timeout=20", "-rss_limit_mb=3000", "-print_final_stats=1",
        f"-dict={dictionary}", f"-artifact_prefix={crashes}{os.sep}", "-verbosity=1",
    ]  # fmt: skip
    atheris.Setup([name, *options, str(folder)], target.run)
    atheris.Fuzz()
    return 0


def replay(name: str) -> int:
    """Run a target over its corpus and print how much of its modules that reaches."""
    import coverage  # noqa: PLC0415 (as atheris)

    rooms = [str(ROOT / "infer" / room) for room in _rooms(name)]
    trace = coverage.Coverage(branch=True, data_file=None, include=rooms)
    trace.start()
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415 (what runs at import counts)

    target = TARGETS[name]
    for path in sorted(corpus(name).iterdir(), key=lambda path: path.stat().st_size)[: 20 if target.slow else REPLAYED]:
        target.run(path.read_bytes())
    trace.stop()
    total: Any = trace.report(file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 (nothing is kept)
    print(f"{total:.0f} %")  # noqa: T201 (as above)
    return 0


def _rooms(name: str) -> tuple[str, ...]:
    """The modules of a target: asked of another process, for here nothing may be imported yet."""
    code = f"from tests.fuzz.targets import TARGETS; print(*TARGETS[{name!r}].rooms)"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(said.stdout.split())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
