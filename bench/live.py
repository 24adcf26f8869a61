"""What the addon costs the proxy, side by side in one run: `python -m bench.live`, about a quarter of an hour.

One server, four mitmdumps before it: without the addon, with it, with it while its worker is stopped nearly all of the
time, so that the load is many times what it takes (the table says how many), and without it once more, which shows how far
two of the same differ. They take turns under the same load, in rounds; ratios of speed and of processor time are medians of
rounds, of which the latter is the one that a busy machine does not blur: a proxy runs on one core. p99 is that of the
messages of all rounds. The rest is memory: a long session with trimming, and many sessions that leave unanswered events and
attachments behind. The table goes to bench/RESULTS-live.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from tests.e2e.processes import ROOT, free_ports, mitmdump, node, npm_environment, reverse, running
from tests.requires import NODE_MODULES

HERE: Final = Path(__file__).parent
RESULTS: Final = HERE / "RESULTS-live.md"
ADDON: Final = ROOT / "addons" / "sio_infer.py"
SMALL: Final = 120
"""Bytes of an event, as of chats and games."""
AGAIN: Final = "plain again"
RATE: Final = 400
"""Events a second where times are measured, half as many of the large ones: a tenth of what the proxy can do, so that no queue
is measured."""
LARGE: Final = 20_000
"""Bytes of a nested document, which costs the worker more than the proxy."""
_COSTS: Final = (
    "| proxy | plain, messages/s | messages/s | ratio | plain, CPU µs/message | CPU µs/message | ratio "
    "| plain, p99 ms | p99 ms | ratio |\n|---|---|---|---|---|---|---|---|---|---|"
)
DUTY: Final = (0.001, 6.0)
"""Seconds that the worker of the flood runs, and those that it is stopped."""


@dataclass(slots=True)
class Proxy:
    """A mitmdump that runs."""

    url: str
    pid: int
    document: Path

    @property
    def worker(self) -> int | None:
        """Its worker's process id."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return int(children[0]) if children else None


@contextmanager
def proxy(server: int, folder: Path, *options: str, addon: bool = True) -> Iterator[Proxy]:
    """A mitmdump before the server."""
    (port,) = free_ports(1)
    folder.mkdir()
    document = folder / "live.yml"
    loaded = ["-s", str(ADDON), "--set", f"sio_infer_output={document}"] if addon else []
    sets = [part for option in options for part in ("--set", option)]
    argv = mitmdump(*reverse((port, server)), *loaded, *sets, "--set", "flow_detail=0", confdir=folder)
    with running(argv, listening=[port], stop_signal=signal.SIGINT) as child:
        yield Proxy(f"http://127.0.0.1:{port}", child.process.pid, document)


@contextmanager
def serving() -> Iterator[int]:
    """The server."""
    (port,) = free_ports(1)
    with running(node(HERE / "live_server.js", port), listening=[port], env=npm_environment()):
        yield port


def load(kind: str, url: str, *numbers: float) -> dict[str, Any]:
    """What the load reports."""
    argv = node(HERE / "live_load.js", kind, url, *(str(number) for number in numbers))
    ran = subprocess.run(argv, env={**os.environ, **npm_environment()}, capture_output=True, check=True, timeout=900)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@contextmanager
def hindered(pid: int) -> Iterator[None]:
    """The process, stopped most of the time."""
    ended = threading.Event()

    def hinder() -> None:
        run, stop = DUTY
        while not ended.is_set():
            os.kill(pid, signal.SIGSTOP)
            time.sleep(stop)
            os.kill(pid, signal.SIGCONT)
            time.sleep(run)

    thread = threading.Thread(target=hinder)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def costs(rounds: int, seconds: float) -> list[str]:
    """Throughput and latency of all, in turns."""
    rows = []
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        folder = Path(place)
        server = stack.enter_context(serving())
        plain = stack.enter_context(proxy(server, folder / "plain", addon=False))
        ours = stack.enter_context(proxy(server, folder / "ours"))
        flooded = stack.enter_context(proxy(server, folder / "flooded", "sio_infer_queue=1"))
        assert flooded.worker is not None
        again = stack.enter_context(proxy(server, folder / "again", addon=False))
        hindrance = stack.enter_context(ExitStack())
        hindrance.enter_context(hindered(flooded.worker))
        for size, rate in ((SMALL, RATE), (LARGE, RATE // 2)):
            proxies = {"plain": plain, "ours": ours, "flooded": flooded, AGAIN: again}
            speed: dict[str, list[float]] = {name: [] for name in proxies}
            delay: dict[str, list[float]] = {name: [] for name in proxies}
            spent: dict[str, list[float]] = {name: [] for name in proxies}
            for round_ in range(rounds + 1):
                for name, target in _turns(round_, proxies):
                    steady = load("open", target.url, 3 * seconds, size, rate)
                    before = cpu(target.pid)
                    fast = load("closed", target.url, seconds, size)
                    used = cpu(target.pid) - before
                    rest(ours)  # what waits from a rush is not to be worked on in the turn of another
                    if round_:  # the first warms up
                        speed[name].append(2 * fast["events"] / fast["seconds"])
                        delay[name] += steady["times"]
                        spent[name].append(used / fast["events"] / 2)
            base = statistics.median(speed["plain"])
            for name in ("ours", "flooded", AGAIN):
                ratio = statistics.median(a / b for a, b in zip(speed[name], speed["plain"], strict=True))
                cost = statistics.median(a / b for a, b in zip(spent[name], spent["plain"], strict=True))
                late = _p99(delay[name]) / _p99(delay["plain"])
                rows.append(
                    f"| {name}, {size:,} bytes | {base:,.0f} | {statistics.median(speed[name]):,.0f} | **{ratio:.3f}** "
                    f"| {statistics.median(spent['plain']) * 1e6:.0f} | {statistics.median(spent[name]) * 1e6:.0f} | **{cost:.3f}** "
                    f"| {_p99(delay['plain']):.2f} | {_p99(delay[name]):.2f} | **{late:.3f}** |"
                )
                print(rows[-1], flush=True)
        stack.close()
        rows += ["", _flood(folder / "flooded" / "live.yml")]
    return rows


def _p99(times: list[float]) -> float:
    """The time that one in a hundred exceeds."""
    return statistics.quantiles(times, n=100)[-1]


def _turns(round_: int, proxies: dict[str, Proxy]) -> list[tuple[str, Proxy]]:
    """In another order each round."""
    turns = list(proxies.items())
    first = round_ % len(turns)
    return turns[first:] + turns[:first]


def _flood(path: Path) -> str:
    document = yaml.safe_load(path.read_text())
    skipped = document["info"].get("x-sio-infer", {}).get("skipped", 0)
    taken = sum(message["x-sio-infer"]["samples"] for message in document["components"]["messages"].values() if "x-sio-infer" in message)
    return (
        f"In the flood the worker took about {2 * taken:,} frames and {skipped:,} were skipped: a load of"
        f" {1 + skipped / max(1, 2 * taken):.0f} times what it took; the document says so."
    )


def cpu(pid: int) -> float:
    """Seconds of processor time that a process has used, its children not counted."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rest(proxy_: Proxy, seconds: float = 20.0) -> None:
    """Wait until its worker has done what there is to do."""
    until = time.monotonic() + seconds
    spent = -1.0
    while proxy_.worker is not None and time.monotonic() < until:
        before, spent = spent, cpu(proxy_.worker)
        if spent - before < 0.05:
            return
        time.sleep(0.7)


def rss(pid: int | None) -> float:
    """Resident memory in MB."""
    if pid is None:
        return 0.0
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def long_session(messages: int) -> list[str]:
    """Memory of the proxy and of the worker in one session, at a tenth and at the whole."""
    rows = []
    with tempfile.TemporaryDirectory() as place, serving() as server:
        for name, options in (("trimmed to 1,000", ("sio_infer_trim=1000",)), ("untrimmed", ())):
            with proxy(server, Path(place) / name.split()[0], *options) as ours:
                counts = [messages // 10, messages] if options else [messages // 10]
                sizes = []
                for before, count in zip([0, *counts], counts, strict=False):
                    load("stream", ours.url, count - before, SMALL)
                    time.sleep(1)
                    sizes.append((rss(ours.pid), rss(ours.worker)))
                for count, (proxy_, worker) in zip(counts, sizes, strict=True):
                    rows.append(f"| {name} | {count:,} | {proxy_:.0f} | {worker:.0f} |")
                    print(rows[-1], flush=True)
    return rows


def many_sessions(sessions: int) -> list[str]:
    """Memory after a fifth of the sessions and after all, each of which left what never comes."""
    rows = []
    with tempfile.TemporaryDirectory() as place, serving() as server:
        with proxy(server, Path(place) / "ours", "sio_infer_expire=2", "sio_infer_checkpoint=1") as ours:
            counts = [sessions // 5, sessions]
            sizes = []
            for before, count in zip([0, *counts], counts, strict=False):
                load("sessions", ours.url, count - before)
                time.sleep(5)
                sizes.append((rss(ours.pid), rss(ours.worker)))
                rows.append(f"| {count:,} | {sizes[-1][0]:.1f} | {sizes[-1][1]:.1f} |")
                print(rows[-1], flush=True)
        between = counts[1] - counts[0]
        grown = [(after - before) * 1024 / between for before, after in zip(*sizes, strict=True)]
        rows += ["", f"Growth per session between the two: proxy {grown[0]:.2f} kB, worker {grown[1]:.2f} kB."]
    return rows


def main() -> None:
    """Run all and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--sessions", type=int, default=5_000)
    parser.add_argument("--only", choices=("costs", "memory", "sessions"))
    given = parser.parse_args()
    if not (NODE_MODULES / "socket.io" / "package.json").is_file():
        sys.exit("skipped: the npm packages of tests/ are absent (npm ci --prefix tests)")
    parts: dict[str, tuple[str, Callable[[], list[str]]]] = {
        "costs": (
            _COSTS,
            lambda: costs(given.rounds, given.seconds),
        ),
        "memory": ("| session | messages | proxy, MB | worker, MB |\n|---|---|---|---|", lambda: long_session(given.messages)),
        "sessions": ("| sessions | proxy, MB | worker, MB |\n|---|---|---|", lambda: many_sessions(given.sessions)),
    }
    text = ["# Live, measured", "", f"`python -m bench.live`; Python {platform.python_version()}, {os.cpu_count()} cores.", ""]
    for name, (head, measure) in parts.items():
        if given.only in (None, name):
            text += [head, *measure(), ""]
    if given.only is None:
        RESULTS.write_text("\n".join(text))
    print("\n".join(text))


if __name__ == "__main__":
    main()
