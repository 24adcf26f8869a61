"""Packet captures of real sessions, made by tshark on loopback."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infer import captures
from infer.errors import CaptureError
from infer.model import Diagnostic
from tests.e2e.commands import document
from tests.e2e.contracts import contract, expectation
from tests.e2e.decoding import decoded
from tests.e2e.processes import APPS, free_ports, node, npm_environment, running
from tests.requires import requires

HERE = Path(__file__).parent / "apps"


@contextmanager
def sniffing(port: int, into: Path) -> Iterator[None]:
    """A capture of the port's packets; the test skips where this user may not capture."""
    tshark = requires("tshark")
    command = [tshark, "-i", "lo", "-f", f"tcp port {port}", "-w", str(into), "-q", "-a", "duration:60"]
    with running(command) as capture:
        for _ in range(100):  # until it captures: a connection that is refused leaves two packets
            with socket.socket() as probe:
                probe.connect_ex(("127.0.0.1", port))
            if into.exists() and into.stat().st_size > 400:
                break
            if capture.process.poll() is not None:
                pytest.skip(f"tshark may not capture here: {capture.output[-200:]}")
            time.sleep(0.1)
        yield
        before = -1
        while before != (before := into.stat().st_size):  # what was captured is written in blocks
            time.sleep(0.5)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The file store's session, by polling and upgraded, in one capture; with its port."""
    requires("node")
    capture = tmp_path_factory.mktemp("plain") / "files.pcapng"
    (port,) = free_ports(1)
    with sniffing(port, capture), running(node(APPS / "files.js", port), listening=[port], env=npm_environment()):
        for transports in (["polling"], ["polling", "websocket"], ["websocket"]):
            client = node(APPS / "files_client.js", f"http://127.0.0.1:{port}", *transports)
            with running(client, env=npm_environment()) as child:
                child.wait()
    return capture, port


def test_contract_is_that_of_the_application(plain: tuple[Path, int]) -> None:
    """What was captured from the network is the same document as what a proxy or a browser recorded."""
    capture, port = plain
    expected = expectation("files")
    del expected["recordings"]
    expected["server"]["host"] = f"127.0.0.1:{port}"
    assert contract(document(capture)) == expected


def test_decoding_loses_nothing(plain: tuple[Path, int]) -> None:
    """Every frame gives a packet or is known to hold none; nothing is diagnosed."""
    result = decoded([plain[0]])
    assert result.stats.frames == result.stats.decoded + result.stats.ignored.total() > 100
    assert result.diagnostics == []


def test_a_capture_that_was_cut_short(plain: tuple[Path, int], tmp_path: Path) -> None:
    """What stands before the end is read, and the end is told of."""
    whole = plain[0].read_bytes()
    cut = tmp_path / "cut.pcapng"
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    result = decoded([cut])
    assert "capture-truncated" in {diagnostic.code for diagnostic in result.diagnostics}
    assert result.observations


def test_messages_that_come_close_together(tmp_path: Path) -> None:
    """A thousand messages in few segments are all read; tshark's own dissection loses most of them."""
    requires("node")
    capture = tmp_path / "burst.pcapng"
    (port,) = free_ports(1)
    server = node(HERE / "burst_server.js", port)
    client = node(HERE / "burst_client.js", f"http://127.0.0.1:{port}", 1_000)
    with (
        sniffing(port, capture),
        running(server, listening=[port], env=npm_environment()),
        running(client, env=npm_environment()) as child,
    ):
        child.wait()
    result = decoded([capture])
    assert result.diagnostics == []
    events = [one for one in result.observations if type(one).__name__ == "Event"]
    assert len(events) == 1_000


def test_encrypted(tmp_path: Path) -> None:
    """An encrypted session is read where the capture holds its secrets, and named where it does not."""
    requires("node")
    editcap = requires("editcap")
    key, certificate = _certificate(tmp_path)
    capture, secrets, opened = (tmp_path / name for name in ("tls.pcapng", "keys.txt", "opened.pcapng"))
    (port,) = free_ports(1)
    server = node(HERE / "burst_server.js", port, "127.0.0.1", key, certificate)
    client = _telling(secrets, node(HERE / "burst_client.js", f"https://127.0.0.1:{port}", 5))
    with (
        sniffing(port, capture),
        running(server, listening=[port], env=npm_environment()),
        running(client, env=npm_environment()) as child,
    ):
        child.wait()
    closed = decoded([capture])
    assert [diagnostic.code for diagnostic in closed.diagnostics] == ["capture-encrypted"]
    subprocess.run([editcap, "--inject-secrets", f"tls,{secrets}", capture, opened], check=True)
    result = decoded([opened])
    assert result.diagnostics == []
    events = [one for one in result.observations if type(one).__name__ == "Event"]
    assert len(events) == 5
    assert {one.server.secure for one in events} == {True}


def test_secrets_of_some(tmp_path: Path) -> None:
    """Beside a session whose secrets the capture holds, one that stays encrypted is told of, in a tunnel too."""
    requires("node")
    editcap = requires("editcap")
    key, certificate = _certificate(tmp_path)
    capture, secrets, opened = (tmp_path / name for name in ("tls.pcapng", "keys.txt", "opened.pcapng"))
    port, proxy = free_ports(2)
    server = node(HERE / "burst_server.js", port, "127.0.0.1", key, certificate)
    client = node(HERE / "burst_client.js", f"https://127.0.0.1:{port}", 5, "websocket", f"http://127.0.0.1:{proxy}")
    with (
        sniffing(proxy, capture),
        running(server, listening=[port], env=npm_environment()),
        running(node(HERE / "tunnel_proxy.js", proxy), listening=[proxy], env=npm_environment()),
    ):
        for command in (client, _telling(secrets, client)):
            with running(command, env=npm_environment()) as child:
                child.wait()
    subprocess.run([editcap, "--inject-secrets", f"tls,{secrets}", capture, opened], check=True)
    result = decoded([opened])
    assert [diagnostic.code for diagnostic in result.diagnostics] == ["capture-encrypted"]
    assert "of 2 encrypted connections 1 cannot be decrypted" in result.diagnostics[0].message
    assert len([one for one in result.observations if type(one).__name__ == "Event"]) == 5


def test_http2(tmp_path: Path) -> None:
    """What is decrypted and is HTTP/2 is told of, with what to do."""
    requires("node")
    editcap = requires("editcap")
    key, certificate = _certificate(tmp_path)
    capture, secrets, opened = (tmp_path / name for name in ("h2.pcapng", "keys.txt", "opened.pcapng"))
    (port,) = free_ports(1)
    poll = _telling(secrets, node(HERE / "http2_poll.js", port, key, certificate))
    with sniffing(port, capture), running(poll, env=npm_environment()) as child:
        child.wait()
    subprocess.run([editcap, "--inject-secrets", f"tls,{secrets}", capture, opened], check=True)
    result = decoded([opened])
    assert [diagnostic.code for diagnostic in result.diagnostics] == ["capture-http2"]


@pytest.mark.parametrize("transports", ["polling", "polling,websocket", "websocket"])
def test_through_a_proxy(tmp_path: Path, transports: str) -> None:
    """What a proxy's tunnels carry is read, from polls to the WebSocket."""
    requires("node")
    capture = tmp_path / "proxied.pcapng"
    port, proxy = free_ports(2)
    client = node(HERE / "burst_client.js", f"http://127.0.0.1:{port}", 5, transports, f"http://127.0.0.1:{proxy}")
    with (
        sniffing(proxy, capture),
        running(node(HERE / "burst_server.js", port), listening=[port], env=npm_environment()),
        running(node(HERE / "tunnel_proxy.js", proxy), listening=[proxy], env=npm_environment()),
        running(client, env=npm_environment()) as child,
    ):
        child.wait()
    result = decoded([capture])
    assert result.diagnostics == []
    events = [one for one in result.observations if type(one).__name__ == "Event"]
    assert len(events) == 5
    assert {one.server.host for one in events} == {f"127.0.0.1:{port}"}


def test_over_ipv6(tmp_path: Path) -> None:
    """Node's client writes the address without brackets when it polls: it is one server, and one session."""
    requires("node")
    capture = tmp_path / "six.pcapng"
    (port,) = free_ports(1)
    client = node(HERE / "burst_client.js", f"http://[::1]:{port}", 5, "polling,websocket")
    with (
        sniffing(port, capture),
        running(node(HERE / "burst_server.js", port, "::1"), env=npm_environment()),
        running(client, env=npm_environment()) as child,
    ):
        child.wait()
    result = decoded([capture])
    assert result.diagnostics == []
    assert {one.server.host for one in result.observations} == {f"[::1]:{port}"}
    assert len([one for one in result.observations if type(one).__name__ == "Event"]) == 5
    assert len([one for one in result.observations if type(one).__name__ == "Handshake"]) == 1


def test_without_tshark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where tshark is not installed, the error says so and how to come by it."""
    capture = tmp_path / "a.pcapng"
    capture.write_bytes(b"\x0a\x0d\x0d\x0a" + bytes(100))
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(CaptureError, match=r"a.pcapng: .*tshark, which is not installed \(install"):
        list(captures.read(capture, wanted=lambda _: True, report=lambda _: None))


def test_no_packet_capture(tmp_path: Path) -> None:
    """What begins as a packet capture and is none is an error with the file's name."""
    requires("tshark")
    capture = tmp_path / "a.pcapng"
    capture.write_bytes(b"\x0a\x0d\x0d\x0a" + b"\xff" * 100)
    diagnostics: list[Diagnostic] = []
    with pytest.raises(CaptureError, match=r"a.pcapng: tshark cannot read it"):
        list(captures.read(capture, wanted=lambda _: True, report=diagnostics.append))


def _telling(secrets: Path, command: list[str]) -> list[str]:
    """A Node command that writes the secrets of its connections into a file."""
    return ["node", f"--tls-keylog={secrets}", *command[1:]]


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A key and a certificate for it, by the library that mitmproxy makes its own with."""
    from mitmproxy.certs import CertStore  # noqa: PLC0415

    CertStore.create_store(folder, "test", 2048)
    pem = folder / "test-ca.pem"
    ssl.create_default_context().load_cert_chain(pem)
    return pem, pem
