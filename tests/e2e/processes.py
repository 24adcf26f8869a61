"""Real servers, clients, proxies and browsers as child processes that end when their block does.

Each is started in its own process group and ended by its own id, gently first: nothing is ever ended by name.
What a process prints goes to a file of its own and is quoted when the process fails.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from tests.requires import NODE_MODULES

ROOT: Final = Path(__file__).resolve().parents[2]
APPS: Final = ROOT / "recordings" / "apps"
START_SECONDS: Final = 30.0
"""How long a process may take until it listens; a cold Chromium or mitmdump needs a few."""
STOP_SECONDS: Final = 10.0


class Running:
    """A child process that was started by `running`."""

    def __init__(self, process: subprocess.Popen[bytes], output: IO[bytes]) -> None:
        self.process = process
        self._output = output

    @property
    def output(self) -> str:
        """What it printed so far, both streams."""
        self._output.flush()
        return Path(self._output.name).read_text(errors="replace")

    def wait(self, seconds: float = 120.0) -> str:
        """What it printed, once it has ended by itself; RuntimeError when it failed or took too long."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"still running after {seconds} s:\n{self.output}") from error
        if code != 0:
            raise RuntimeError(f"ended with {code}:\n{self.output}")
        return self.output

    def stop(self, signal_number: int = signal.SIGTERM) -> None:
        """End it, as Ctrl-C or a service manager would; by force when it does not listen."""
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    listening: Iterable[int] = (),
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stop_signal: int = signal.SIGTERM,
) -> Iterator[Running]:
    """The command as a child process: from when it listens on these loopback ports to the block's end."""
    with tempfile.NamedTemporaryFile(prefix="sio-infer-process-") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            start_new_session=True,
        )
        child = Running(process, output)
        try:
            for port in listening:
                _wait_until_listening(child, port)
            yield child
        finally:
            child.stop(stop_signal)


def node(script: Path, *arguments: str | int | Path) -> list[str]:
    """Command that runs a CommonJS script in Node; `npm_environment` lets it find the packages of tests/."""
    return ["node", str(script), *map(str, arguments)]


def npm_environment() -> dict[str, str]:
    """Environment in which any script finds the npm packages of tests/, wherever it lies."""
    return {"NODE_PATH": str(NODE_MODULES)}


def python(script: Path, *arguments: str | int | Path) -> list[str]:
    """Command that runs a script in this Python."""
    return [sys.executable, str(script), *map(str, arguments)]


def mitmdump(*arguments: str | int | Path, confdir: Path) -> list[str]:
    """Command that runs this environment's mitmdump, with its certificates in `confdir`."""
    command = Path(sys.executable).with_name("mitmdump")
    return [str(command), "--set", f"confdir={confdir}", "--quiet", *map(str, arguments)]


def reverse(*routes: tuple[int, int]) -> list[str]:
    """Arguments of mitmdump for reverse proxies on loopback, each (port to listen on, port of the server)."""
    modes = (f"reverse:http://127.0.0.1:{server}@127.0.0.1:{listen}" for listen, server in routes)
    return [part for mode in modes for part in ("--mode", mode)]


def free_ports(number: int) -> list[int]:
    """That many loopback ports which nothing listens on."""
    sockets = [socket.socket() for _ in range(number)]
    try:
        for candidate in sockets:
            candidate.bind(("127.0.0.1", 0))
        return [candidate.getsockname()[1] for candidate in sockets]
    finally:
        for candidate in sockets:
            candidate.close()


def _wait_until_listening(child: Running, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if child.process.poll() is not None:
            raise RuntimeError(f"ended with {child.process.returncode} before it listened on {port}:\n{child.output}")
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"does not listen on {port} after {START_SECONDS} s:\n{child.output}")
