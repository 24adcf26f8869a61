"""Real servers behind a real mitmdump with the addon, and everything that says what went through it."""

from __future__ import annotations

import base64
import datetime as dt
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.e2e.commands import sio_infer
from tests.e2e.processes import ROOT, Running, free_ports, mitmdump, node, npm_environment, python, reverse, running

HERE: Final = ROOT / "tests" / "e2e" / "apps"
ADDON: Final = ROOT / "addons" / "sio_infer.py"
SERVERS: Final = ("live_node_server.js", "live_python_server.py", "live_flask_server.py")
QUIET: Final = 60.0
"""Seconds that clients have."""


@dataclass(slots=True)
class Live:
    """A mitmdump with the addon, and the files that it writes."""

    folder: Path
    ports: list[int]
    """Where clients connect: a port a server in reverse mode, else the proxy's own."""
    running: Running
    confdir: Path
    files: dict[str, Path] = field(default_factory=dict)

    @property
    def document(self) -> Path:
        """The document that the addon writes."""
        return self.folder / "live.yml"

    @property
    def state(self) -> Path:
        """The state likewise."""
        return self.folder / "live.sio"

    @property
    def flows(self) -> Path:
        """The flow file that mitmproxy itself saves."""
        return self.folder / "flows.mitm"

    @property
    def har(self) -> Path:
        """The HAR likewise."""
        return self.folder / "flows.har"

    def stop(self) -> str:
        """End it as Ctrl-C does; what it printed."""
        self.running.stop(signal.SIGINT)
        return self.running.output


def command(script: str, *arguments: str | int | Path) -> list[str]:
    """Command of one of the apps."""
    return (python if script.endswith(".py") else node)(HERE / script, *arguments)


@contextmanager
def live(
    folder: Path, arguments: Sequence[str | Path], ports: Sequence[int], *options: str,
    saving: bool = True, script: Path = ADDON,
) -> Iterator[Live]:
    """A mitmdump with the addon in a folder, listening on the ports by those arguments."""
    listening = Live(folder, list(ports), running=None, confdir=folder / "certificates")  # type: ignore[arg-type]
    settings = [f"sio_infer_output={listening.document}", f"sio_infer_state={listening.state}", *options]
    if saving:
        settings += [f"save_stream_file={listening.flows}", f"hardump={listening.har}"]
    sets = [part for setting in settings for part in ("--set", setting)]
    loud = mitmdump(*arguments, "-s", script, "--set", "flow_detail=0", *sets, confdir=listening.confdir)
    loud.remove("--quiet")
    with running(loud, listening=ports, cwd=folder) as proxy:
        listening.running = proxy
        yield listening


@contextmanager
def serving(scripts: Sequence[str], tls: Sequence[Path] = ()) -> Iterator[list[int]]:
    """The servers, each on a port of its own, with TLS by a certificate and its key.

    Those in Python get it from a front (see `tls_front.py`).
    """
    ports = free_ports(2 * len(scripts))
    with ExitStack() as stack:
        for script, port, behind in zip(scripts, ports, ports[len(scripts) :], strict=False):
            fronted = bool(tls) and script.endswith(".py")
            server = command(script, behind) if fronted else command(script, port, *tls)
            stack.enter_context(running(server, listening=[behind if fronted else port], env=npm_environment()))
            if fronted:
                stack.enter_context(running(command("tls_front.py", port, behind, *tls), listening=[port]))
        yield ports[: len(scripts)]


@contextmanager
def reversed_(
    folder: Path, servers: Sequence[int], *options: str, saving: bool = True, script: Path = ADDON
) -> Iterator[Live]:
    """A mitmdump as the reverse proxy before each of the servers."""
    ports = free_ports(len(servers))
    routes = reverse(*zip(ports, servers, strict=True))
    with live(folder, routes, ports, *options, saving=saving, script=script) as proxy:
        yield proxy


def inferred(*captures: Path) -> bytes:
    """The document that the command infers from captures."""
    return sio_infer("--quiet", *captures)


def run(argv: Sequence[str], env: dict[str, str] | None = None) -> None:
    """A client, until it has said all."""
    with running(argv, env={**npm_environment(), **(env or {})}) as client:
        client.wait(QUIET)


def until(true: object, seconds: float = 20.0) -> None:
    """Wait until what is called is true. AssertionError where it never is."""
    assert callable(true)
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate of loopback, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "server.pem", folder / "server.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths


def key_hash(authority: Path) -> str:
    """SHA-256 of a certificate's public key in base64, as Chromium's flag names it."""
    read = x509.load_pem_x509_certificate(authority.read_bytes())
    encoded = read.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(sha256(encoded).digest()).decode()


def kill(process: subprocess.Popen[bytes]) -> None:
    """As the kernel does it: no signal handler runs."""
    process.kill()
    process.wait()
