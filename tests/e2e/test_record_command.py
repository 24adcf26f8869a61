"""`sio-infer record`, as a person runs it who does not know mitmproxy."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.e2e.commands import sio_infer
from tests.e2e.live import SERVERS, certificate, command, inferred, run, serving, until
from tests.e2e.processes import Running, free_ports, running
from tests.requires import requires

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = Path(sys.executable).with_name("sio-infer")


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    """The official server."""
    requires("node")
    with serving(SERVERS[:1]) as (port,):
        yield port


@contextmanager
def recording(folder: Path, *arguments: str | int | Path, stdout: str = "&1") -> Iterator[tuple[Running, int]]:
    """The command, listening on a port, with its standard output where a shell would send it."""
    (port,) = free_ports(1)
    argv = ["bash", "-c", f'exec "$@" >{stdout}', "bash", COMMAND, "record", "--port", port, "--confdir", folder, *arguments]
    with running([str(part) for part in argv], listening=[port], cwd=folder) as recorder:
        until(lambda: "--quiet" in arguments or "Listening" in recorder.output)
        yield recorder, port


def ended(recorder: Running, code: int = 0) -> str:
    """What it printed, after Ctrl-C; it must have exited so."""
    recorder.stop(signal.SIGINT)
    assert recorder.process.returncode == code, recorder.output
    return recorder.output


def test_document_grows_beside_a_server(server: int, tmp_path: Path) -> None:
    """It is there while the application is used, and at the end that of the flow file; all is said in the summary."""
    target = f"http://127.0.0.1:{server}"
    saved = ("--save", tmp_path / "flows.mitm", "--state", tmp_path / "live.sio")
    with recording(tmp_path, "--target", target, *saved, "--checkpoint", 1) as (recorder, port):
        run(command("live_client.js", "", f"http://127.0.0.1:{port}"))
        until((tmp_path / "asyncapi.yml").exists)
        printed = ended(recorder)
    assert f'io("http://127.0.0.1:{port}")' in printed
    assert f'sio.connect("http://127.0.0.1:{port}")' in printed
    assert "9 kinds of event in 2 namespaces of 1 server" in printed
    assert "written to asyncapi.yml" in printed
    document = (tmp_path / "asyncapi.yml").read_bytes()
    assert document == inferred(tmp_path / "flows.mitm") == inferred(tmp_path / "live.sio")


def test_document_may_go_to_standard_output(server: int, tmp_path: Path) -> None:
    """At the end, and nothing else does."""
    (port,) = free_ports(1)
    target = f"http://127.0.0.1:{server}"
    argv: list[str | Path] = [COMMAND, "record", "--port", str(port), "--confdir", tmp_path, "--target", target, "-o", "-"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as recorder:
        assert recorder.stderr is not None
        assert b"Listening" in recorder.stderr.readline()
        run(command("live_client.js", "", f"http://127.0.0.1:{port}"))
        recorder.send_signal(signal.SIGINT)
        output, said = recorder.communicate(timeout=30)
    assert recorder.returncode == 0
    assert yaml.safe_load(output)["asyncapi"] == "3.0.0"
    assert b"9 kinds of event" in said
    assert b"written to" not in said
    assert not (tmp_path / "asyncapi.yml").exists()


def test_an_ipv6_address_is_said_as_urls_have_it(tmp_path: Path) -> None:
    """What is said to be opened can be."""
    argv: list[str | Path] = [COMMAND, "record", "--listen", "::1", "--port", "0", "--confdir", tmp_path, "--target", "http://127.0.0.1:9"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, cwd=tmp_path) as recorder:
        assert recorder.stderr is not None
        said = recorder.stderr.readline().decode()
        recorder.send_signal(signal.SIGINT)
        recorder.communicate(timeout=60)
    assert re.match(r"Listening on http://\[::1\]:\d+ for http://127\.0\.0\.1:9\.", said)


def test_nothing_recorded_is_an_error(tmp_path: Path) -> None:
    """As it is where captures hold nothing; there is no document, and one line says so."""
    with recording(tmp_path, "--quiet", "-o", "-") as (recorder, _):
        assert ended(recorder, 2).startswith("sio-infer: error: no Socket.IO traffic found (")
        assert recorder.output.count("\n") == 1


def test_a_document_that_cannot_be_written_is_an_error(server: int, tmp_path: Path) -> None:
    """In one line, however little is to be said; the state is there."""
    arguments = ("--target", f"http://127.0.0.1:{server}", "-o", "/dev/full", "--state", tmp_path / "live.sio")
    with recording(tmp_path, "--quiet", *arguments) as (recorder, port):
        run(command("live_client.js", "", f"http://127.0.0.1:{port}"))
        (line,) = ended(recorder, 2).splitlines()
    assert line.startswith("sio-infer: error: /dev/full: cannot write: No space left on device")
    assert yaml.safe_load(inferred(tmp_path / "live.sio"))["operations"]


def test_a_document_that_stdout_does_not_take_is_kept(server: int, tmp_path: Path) -> None:
    """In a file for its owner, which the error names."""
    arguments = ("--quiet", "--target", f"http://127.0.0.1:{server}", "-o", "-")
    with recording(tmp_path, *arguments, stdout="/dev/full") as (recorder, port):
        run(command("live_client.js", "", f"http://127.0.0.1:{port}"))
        (line,) = ended(recorder, 2).splitlines()
    found = re.fullmatch(r"sio-infer: error: cannot write stdout: No space left on device \(the document is in (.+)\)", line)
    assert found is not None, line
    kept = Path(found[1])
    assert yaml.safe_load(kept.read_text())["asyncapi"] == "3.0.0"
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.unlink()


def test_flows_that_cannot_be_saved_are_an_error(server: int, tmp_path: Path) -> None:
    """The recording ends with the first that is not, as by Ctrl-C, or with what had waited: the rest of what was seen is written."""
    arguments = ("--target", f"http://127.0.0.1:{server}", "--quiet", "--save", "/dev/full")
    with recording(tmp_path, *arguments) as (recorder, port):
        with suppress(RuntimeError):
            run(command("live_client.js", "", f"http://127.0.0.1:{port}"))
        until(lambda: recorder.process.poll() is not None)
        assert recorder.process.returncode == 2
        (line,) = recorder.output.splitlines()
    assert line.startswith("sio-infer: error: Error while writing to /dev/full: [Errno 28] No space left on device")


def test_a_killed_worker_is_an_error_at_the_end(server: int, tmp_path: Path) -> None:
    """What it wrote last is there."""
    arguments = ("--target", f"http://127.0.0.1:{server}", "--checkpoint", 1)
    with recording(tmp_path, "--quiet", *arguments) as (recorder, port):
        run(command("live_client.js", "", f"http://127.0.0.1:{port}"))
        until((tmp_path / "asyncapi.yml").exists)
        (worker,) = Path(f"/proc/{recorder.process.pid}/task/{recorder.process.pid}/children").read_text().split()
        os.kill(int(worker), signal.SIGKILL)
        (line,) = ended(recorder, 2).splitlines()
    assert line.startswith("sio-infer: error: the worker has ended (what it wrote last is there")


def test_a_client_that_refuses_the_certificate_is_told_of(tmp_path: Path) -> None:
    """As a regular proxy: first a client that does not trust it, then one that does."""
    requires("node")
    cert, key = certificate(tmp_path)
    with serving(SERVERS[:1], (cert, key)) as (port,), recording(tmp_path, "--insecure") as (recorder, listen):
        address = f"http://127.0.0.1:{listen}"
        with pytest.raises(RuntimeError):
            run(command("live_client.js", address, f"https://localhost:{port}"))
        until(lambda: "refused the proxy's certificate for localhost" in recorder.output)
        authority = tmp_path / "mitmproxy-ca-cert.pem"
        run(command("live_client.js", address, f"https://localhost:{port}"), {"NODE_EXTRA_CA_CERTS": str(authority)})
        printed = ended(recorder)
    assert printed.count("refused the proxy's certificate") == 1
    for hint in ("chromium --proxy-server=", "NODE_EXTRA_CA_CERTS=", "HttpsProxyAgent", "REQUESTS_CA_BUNDLE=", "certutil"):
        assert hint in printed
    assert "9 kinds of event" in printed


def test_a_server_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    """In a line, while it listens on."""
    (nobody,) = free_ports(1)
    with recording(tmp_path, "--target", f"http://127.0.0.1:{nobody}") as (recorder, port):
        with pytest.raises(RuntimeError):
            run(command("live_client.py", f"http://127.0.0.1:{port}"), {"no_proxy": "*"})
        printed = ended(recorder, 2)
    assert f"cannot reach 127.0.0.1:{nobody}" in printed
    assert "sio-infer: error: no Socket.IO traffic found" in printed


def test_what_is_not_declared_is_told_as_it_passes(server: int, tmp_path: Path) -> None:
    """Once for each kind, and with the counts at the end; the exit code says that there was something, and that there was nothing."""
    declared = tmp_path / "declared.yml"
    target = ("--target", f"http://127.0.0.1:{server}")
    with recording(tmp_path, *target, "-o", declared) as (recorder, port):
        run(command("live_client.js", "", f"http://127.0.0.1:{port}"))
        ended(recorder)
    with recording(tmp_path, *target, "--declared", declared) as (recorder, port):
        run(command("live_client.js", "", f"http://127.0.0.1:{port}"))
        assert "all that was seen is as declared" in ended(recorder)
    document = yaml.safe_load(declared.read_text())
    key = next(key for key, each in document["operations"].items() if each["title"] == "say")
    del document["operations"][key]
    declared.write_text(yaml.safe_dump(document))
    with recording(tmp_path, *target, "--declared", declared) as (recorder, port):
        run(command("live_client.js", "", f"http://127.0.0.1:{port}"))
        until(lambda: "not as declared: / c2s" in recorder.output)
        printed = ended(recorder, 1)
    assert printed.count("not as declared: ") == 1
    assert '2 × / c2s "say"' in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--target", "localhost:3000"), "localhost:3000: the target is no http or https URL"),
        (("--state", "note.txt"), "note.txt: is no state of sio-infer"),
        (("--no-rule", "nonsense"), "there is no rule 'nonsense'"),
        (("--declared", "nowhere.yml"), "nowhere.yml: cannot be read"),
        (("-o", "/nowhere/at/all.yml"), "/nowhere/at/all.yml: cannot write: No such file or directory"),
        (("-o", "."), ".: cannot write: Is a directory"),
        (("--save", "."), "[Errno 21] Is a directory"),
        (("--target", "http://127.0.0.1:99999"), "http://127.0.0.1:99999: the target's port is none"),
        (("--checkpoint", "99999999999999999999"), "checkpoint is at most 1,000,000,000"),
    ],
)
def test_bad_requests_are_one_line(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    """With exit code 2, before anything is listened to."""
    (tmp_path / "note.txt").write_text("a note")
    argv: list[str | Path] = [COMMAND, "record", "--port", "0", "--confdir", tmp_path, *arguments]
    ran = subprocess.run(argv, capture_output=True, check=False, cwd=tmp_path, timeout=30)
    assert ran.returncode == 2
    (line,) = ran.stderr.decode().splitlines()
    assert line.startswith(f"sio-infer: error: {message}")


def test_a_port_that_is_taken_is_one_line(server: int, tmp_path: Path) -> None:
    """It says which, and what to do."""
    argv: list[str | Path] = [COMMAND, "record", "--port", str(server), "--confdir", tmp_path]
    ran = subprocess.run(argv, capture_output=True, check=False, cwd=tmp_path, timeout=30)
    assert ran.returncode == 2
    (line,) = ran.stderr.decode().splitlines()
    assert str(server) in line
    assert line.endswith("address already in use (choose another port, or an address of this machine)")
    assert "Errno" not in line


def test_dashboard_on_a_terminal(server: int, tmp_path: Path) -> None:
    """Events by namespace and direction with counts and acknowledgements, while they happen; Ctrl-C leaves the summary."""
    (port,) = free_ports(1)
    argv = [str(COMMAND), "record", "--port", str(port), "--confdir", str(tmp_path), "--target", f"http://127.0.0.1:{server}"]
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        os.environ |= {"TERM": "xterm-256color"}
        os.environ.pop("NO_COLOR", None)
        os.execv(argv[0], argv)
    screen = _Screen(terminal)
    try:
        screen.until("listening on 127.0.0.1")
        run(command("live_client.js", "", f"http://127.0.0.1:{port}"))
        screen.until("/admin")
        screen.until("thanks")
        os.write(terminal, b"\x03")
        screen.until("written to asyncapi.yml")
    except AssertionError:
        os.kill(pid, signal.SIGKILL)
        raise
    finally:
        ended_with = os.waitpid(pid, 0)[1]
        os.close(terminal)
    assert ended_with == 0
    said = next(line for line in screen.lines if "say " in line and "server" in line)
    assert re.search(r"→ server\s+say\s+2\s+[\d.]*\s*2\s+\d+\.\d", said), said


def test_a_closed_terminal_ends_it_as_ctrl_c_does(server: int, tmp_path: Path) -> None:
    """Nothing is lost of what clients have said that are connected yet."""
    (port,) = free_ports(1)
    flows = tmp_path / "flows.mitm"
    argv = [str(COMMAND), "record", "--port", str(port), "--confdir", str(tmp_path), "--target", f"http://127.0.0.1:{server}", "--save", str(flows)]
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        os.environ["TERM"] = "xterm-256color"
        os.execv(argv[0], argv)
    try:
        screen = _Screen(terminal)
        screen.until("listening on 127.0.0.1")
        with running(command("live_ticks.py", f"http://127.0.0.1:{port}", 2)) as ticking:
            screen.until("tick")
            sent = int(ticking.output.split()[-1])
            time.sleep(0.1)
            os.close(terminal)
            ended_with = os.waitpid(pid, 0)[1]
    except AssertionError:
        os.kill(pid, signal.SIGKILL)
        raise
    assert ended_with == 0
    for written in ((tmp_path / "asyncapi.yml").read_bytes(), inferred(flows)):
        messages = yaml.safe_load(written)["components"]["messages"].values()
        assert next(each for each in messages if each["name"] == "tick")["x-sio-infer"]["samples"] >= sent


class _Screen:
    """What a terminal was sent, without its controls."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._sent = b""
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        os.set_blocking(terminal, False)

    @property
    def text(self) -> str:
        with suppress(BlockingIOError, OSError):
            while data := os.read(self._terminal, 65_536):
                self._sent += data
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._sent.decode(errors="replace"))

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def until(self, words: str, seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < deadline, self.text[-2_000:]
            time.sleep(0.05)


def test_addon_says_where_it_is(tmp_path: Path) -> None:
    """Its path, or that of its copy, which is the same script."""
    path = Path(sio_infer("addon").decode().strip())
    copy = Path(sio_infer("addon", "--copy", tmp_path).decode().strip())
    assert path.name == copy.name == "sio_infer.py"
    assert copy.parent == tmp_path
    assert path.read_bytes() == copy.read_bytes()
