"""The bench: `python -m bench.run` measures everything that has a bar, and writes `bench/RESULTS.md`.

Inputs are made from a seed into `bench/data/` and kept there. Exits 1 where a ratio misses its bar. `--quick` takes
smaller inputs and fewer runs, for a look while working; it writes no file.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from bench import corpus
from bench.measure import DATA, ROOT, Contender, Cost, machine, side_by_side

_PYTHON: Final = str(Path(sys.executable))
_COMMAND: Final = (_PYTHON, "-m", "infer")
"""The command of this checkout, whichever is installed."""
_PEER: Final = DATA / "peer/bin/mitmproxy2swagger"
_PEER_VERSION: Final = "0.14.0"
_RESULTS: Final = ROOT / "bench/RESULTS.md"


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured."""

    sizes: tuple[int, int, int]
    """MB of the mixed capture; the second is the one for comparisons."""
    kind_size: int
    repeats: int


FULL: Final = Scale((20, 200, 1000), 20, 5)
QUICK: Final = Scale((5, 20, 50), 5, 3)


@dataclass(frozen=True, slots=True)
class Bar:
    """A ratio, and the most or least that it may be."""

    claim: str
    ratio: float
    limit: float
    at_most: bool = True

    @property
    def met(self) -> bool:
        """Whether the ratio is on the right side."""
        return self.ratio <= self.limit if self.at_most else self.ratio >= self.limit


class Report:
    """Tables and bars, as Markdown."""

    def __init__(self) -> None:
        self.bars: list[Bar] = []
        self.parts: list[str] = []

    def table(self, title: str, costs: dict[str, Cost], base: str, note: str = "") -> None:
        """One section: costs, and CPU as a multiple of the base's."""
        rows = [
            f"| {name} | {cost.cpu:.2f} | {cost.wall:.2f} | {cost.rss:,.0f} | {cost.cpu / costs[base].cpu:.2f} |"
            for name, cost in costs.items()
        ]
        head = f"| | CPU s | wall s | peak RSS MB | CPU, as a multiple of *{base}* |\n|---|---|---|---|---|"
        self.parts.append("\n".join([f"## {title}", "", *([note, ""] if note else []), head, *rows]))
        print(self.parts[-1] + "\n", flush=True)

    def bar(self, claim: str, ratio: float, limit: float, *, at_most: bool = True) -> None:
        """Hold a ratio to its bar."""
        self.bars.append(Bar(claim, ratio, limit, at_most))

    def text(self, scale: Scale) -> str:
        """The whole file."""
        rows = [
            f"| {bar.claim} | {bar.ratio:.2f} | {'at most' if bar.at_most else 'at least'} {bar.limit:g} | {'yes' if bar.met else '**no**'} |"
            for bar in self.bars
        ]
        head = (
            "# Results\n\n"
            f"Written by `make bench`: every figure is a median of {scale.repeats} runs that alternated with those it is compared to,\n"
            "each a process of its own. Seconds differ from machine to machine; the ratios are what is held.\n\n"
            f"Machine: {machine()}.\nVersions: {versions()}.\n\n"
            "| ratio | measured | bar | met |\n|---|---|---|---|\n"
        )
        return head + "\n".join(rows) + "\n\n" + "\n\n".join(self.parts) + "\n"


def versions() -> str:
    """Of what is compared."""
    names = ("sio-infer", "genson", "msgspec", "orjson", "python-engineio", "python-socketio", "mitmproxy", "typer", "rich")
    return ", ".join([*(f"{name} {version(name)}" for name in names), f"mitmproxy2swagger {_PEER_VERSION}"])


def capture(megabytes: int, kind: str = "mixed", seed: int = 1) -> str:
    """The capture, made where it is not there yet."""
    path = DATA / f"{kind}-{megabytes}{f'-{seed}' if seed > 1 else ''}.har"
    if not path.exists():
        DATA.mkdir(exist_ok=True)
        partial = path.with_suffix(".part")
        corpus.write(partial, megabytes, kind, seed)
        partial.rename(path)
    return str(path)


def ours(*arguments: str) -> Contender:
    """The command."""
    return Contender([*_COMMAND, "--quiet", *arguments])


def other(name: str, path: str) -> Contender:
    """One of `bench.contenders`."""
    return Contender([_PYTHON, "-m", "bench.contenders", name, path])


def comparison(report: Report, scale: Scale) -> None:
    """The whole command against doing it by hand, and against nothing but parsing."""
    size = scale.sizes[1]
    path = capture(size)
    costs = side_by_side({"sio-infer": ours(path), "naive": other("naive", path), "orjson": other("orjson", path)}, scale.repeats)
    report.table(
        f"A mixed capture of {size} MB", costs, "orjson",
        "`naive` is json.load, python-socketio's `Packet` and genson (see `bench/contenders.py`); `orjson` parses the file and does no more.",
    )  # fmt: skip
    report.bar("CPU of naive / CPU of sio-infer", costs["naive"].cpu / costs["sio-infer"].cpu, 7, at_most=False)
    report.bar("CPU of sio-infer / CPU of orjson.loads", costs["sio-infer"].cpu / costs["orjson"].cpu, 3)


def growth(report: Report, scale: Scale) -> None:
    """Memory and cost as captures grow."""
    small, middle, large = (f"{size} MB" for size in scale.sizes)
    costs = side_by_side({f"{size} MB": ours(capture(size)) for size in scale.sizes}, scale.repeats)
    report.table("The same command as captures grow", costs, small)
    for name, cost in costs.items():
        report.bar(f"peak RSS at {name}, in units of 100 MB", cost.rss / 100, 1)
    peaks = [cost.rss for cost in costs.values()]
    report.bar("largest / smallest peak RSS of the three", max(peaks) / min(peaks), 1.1)
    per_mb = {name: costs[name].cpu / size for name, size in zip((small, middle, large), scale.sizes, strict=True)}
    report.bar(f"CPU per MB at {large} / at {small}", per_mb[large] / per_mb[small], 1.1)


def kinds(report: Report, scale: Scale) -> None:
    """Each kind of traffic by itself."""
    for kind in corpus.KINDS:
        path = capture(scale.kind_size, kind)
        costs = side_by_side({"sio-infer": ours(path), "naive": other("naive", path), "orjson": other("orjson", path)}, scale.repeats)
        report.table(f"Traffic of one kind, {scale.kind_size} MB: {kind}", costs, "orjson")


def processes(report: Report, scale: Scale) -> None:
    """Two processes on two cores."""
    size = scale.sizes[1]
    ten = [capture(size // 10 or 1, "mixed", seed) for seed in range(1, 11)]
    for what, paths in (("one file", [capture(size)]), ("ten files", ten)):
        costs = side_by_side({"--jobs 1": ours("--jobs", "1", *paths), "--jobs 2": ours("--jobs", "2", *paths)}, scale.repeats)
        report.table(f"Two processes, {what} of {size} MB in all", costs, "--jobs 1", "CPU of both processes; peak RSS of the larger one.")
        report.bar(f"wall of --jobs 2 / of --jobs 1, {what}", costs["--jobs 2"].wall / costs["--jobs 1"].wall, 0.6)


def start_up(report: Report, scale: Scale) -> None:
    """What is paid before the first byte is read."""
    recordings = sorted(str(path) for path in (ROOT / "recordings").iterdir() if path.suffix in (".har", ".gz", ".mitm", ".zip", ".jsonl"))
    costs = side_by_side(
        {"import typer, rich": Contender([_PYTHON, "-c", "import typer, rich"]), "sio-infer --help": Contender([*_COMMAND, "--help"]), "sio-infer recordings": ours(*recordings)},
        3 * scale.repeats,
    )
    report.table("Start-up", costs, "import typer, rich", "`recordings` are the bundled ones, of every format.")
    base = costs["import typer, rich"].wall
    report.bar("wall of --help / of importing typer and rich", costs["sio-infer --help"].wall / base, 1.5)
    report.bar("wall of inferring the recordings / of importing typer and rich", costs["sio-infer recordings"].wall / base, 3)


def peer(report: Report, scale: Scale) -> None:
    """mitmproxy2swagger does for REST what this program does for Socket.IO."""
    if not _PEER.exists():
        raise SystemExit(f"{_PEER} is not there: make bench installs it")
    size = scale.sizes[1]
    rest, output = capture(size, "rest"), DATA / "peer.yml"
    template = DATA / f"peer-{size}.template.yml"
    call = [str(_PEER), "-i", rest, "-o", str(output), "-p", "http://bench.test", "-f", "har"]
    if not template.exists():  # its first run lists the paths, which a person then chooses from
        output.unlink(missing_ok=True)
        side_by_side({"first": Contender(call)}, 1)
        template.write_text(output.read_text().replace("- ignore:", "- "))
    costs = side_by_side(
        {"sio-infer": ours(capture(size)), "mitmproxy2swagger": Contender(call, before=lambda: shutil.copy(template, output))}, scale.repeats
    )
    report.table(
        f"The peer for REST, each on {size} MB of its own kind", costs, "sio-infer",
        "mitmproxy2swagger reads calls of a JSON API that carry the same payloads; only its second run is counted.",
    )  # fmt: skip
    report.bar("CPU per MB of mitmproxy2swagger / of sio-infer", costs["mitmproxy2swagger"].cpu / costs["sio-infer"].cpu, 3, at_most=False)


SECTIONS: Final = {
    "comparison": comparison, "growth": growth, "kinds": kinds, "processes": processes, "start-up": start_up, "peer": peer,
}  # fmt: skip


def failures(report: Report) -> Iterator[str]:
    """A line for each bar that was missed."""
    for bar in report.bars:
        if not bar.met:
            yield f"missed: {bar.claim} is {bar.ratio:.2f}, the bar {bar.limit:g}"


def main() -> None:
    """Measure, write, and judge."""
    parser = argparse.ArgumentParser(description="Measure sio-infer against its bars.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; all unless given")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    unknown = set(given.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    try:
        version("sio-infer")
    except PackageNotFoundError:
        parser.error("sio-infer is not installed here: make bench installs it")
    scale = QUICK if given.quick else FULL
    report = Report()
    for name in given.sections or SECTIONS:
        SECTIONS[name](report, scale)
    if not given.quick and not given.sections:
        _RESULTS.write_text(report.text(scale), encoding="utf-8")
    for bar in report.bars:
        print(f"{'ok    ' if bar.met else 'MISSED'} {bar.claim}: {bar.ratio:.2f} (bar {bar.limit:g})")
    missed = list(failures(report))
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
