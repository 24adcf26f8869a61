"""The document that grows beside the application is the one that its captures give."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.e2e.commands import sio_infer
from tests.e2e.live import (
    ADDON,
    SERVERS,
    Live,
    certificate,
    command,
    inferred,
    key_hash,
    kill,
    live,
    reversed_,
    run,
    serving,
    until,
)
from tests.e2e.processes import free_ports, mitmdump, running
from tests.requires import requires

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVENTS = {
    "/": {"c2s": {"say", "store", "ask me"}, "s2c": {"welcome", "said", "stored", "sure", "thanks"}},
    "/admin": {"c2s": {"count"}, "s2c": set()},
}
"""What live_*_server say and take, read from their sources."""


@pytest.fixture(scope="module", params=["reverse", "regular, TLS"])
def conversation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Every client has told its scenario to every server through one mitmdump, which has ended."""
    requires("node")
    chromium = requires("chromium")
    folder = tmp_path_factory.mktemp("live")
    if request.param == "reverse":
        with serving(SERVERS) as ports, reversed_(folder, ports) as proxy:
            _converse(proxy, chromium, [f"http://127.0.0.1:{port}" for port in proxy.ports])
            proxy.stop()
            yield proxy
        return
    cert, key = certificate(folder)
    (port,) = free_ports(1)
    arguments = ("--mode", f"regular@127.0.0.1:{port}", "--set", f"ssl_verify_upstream_trusted_ca={cert}")
    with serving(SERVERS, (cert, key)) as ports, live(folder, arguments, [port]) as proxy:
        _converse(proxy, chromium, [f"https://localhost:{port}" for port in ports], f"http://127.0.0.1:{port}")
        proxy.stop()
        yield proxy


def _converse(proxy: Live, chromium: str, urls: list[str], address: str = "") -> None:
    authority = proxy.confdir / "mitmproxy-ca-cert.pem"
    trusted = {"NODE_EXTRA_CA_CERTS": str(authority)} if address else {}
    run(command("live_client.js", address, *urls), trusted)
    run(command("live_page.js", chromium, address, key_hash(authority) if address else "", *urls))
    proxied = {f"{scheme}_proxy": address for scheme in ("http", "https", "ws", "wss")}
    # where this runs loopback may be left out of proxying
    proxied |= {"no_proxy": "nobody.example", "SSL_CERT_FILE": str(authority)}
    run(command("live_client.py", *urls), proxied if address else {"no_proxy": "*"})
    until(lambda: proxy.flows.exists() and proxy.document.exists())


@pytest.mark.parametrize("capture", ["flows", "har", "state"])
def test_live_document_is_that_of_the_captures(conversation: Live, capture: str) -> None:
    """Byte for byte: of the flow file, of the HAR and of the state of the same run."""
    assert inferred(getattr(conversation, capture)) == conversation.document.read_bytes()


def test_live_document_says_what_the_servers_do(conversation: Live) -> None:
    """All three servers, each with both namespaces and every event, and nothing else."""
    document = yaml.safe_load(conversation.document.read_text())
    assert len(document["servers"]) == len(SERVERS)
    found: dict[str, dict[str, set[str]]] = {}
    for channel in document["channels"].values():
        found.setdefault(channel["address"], {"c2s": set(), "s2c": set()})
    for operation in document["operations"].values():
        channel = document["channels"][operation["channel"]["$ref"].rpartition("/")[2]]
        side = "c2s" if operation["action"] == "receive" else "s2c"
        found[channel["address"]][side].add(operation["title"])
    assert found == EVENTS


def test_summary_is_printed_at_the_end(conversation: Live) -> None:
    """Ctrl-C ends with what was recorded; nothing was skipped and nothing went wrong."""
    printed = conversation.running.output
    assert "kinds of event in" in printed
    assert f"written to {conversation.document}" in printed
    assert "skipped" not in printed
    assert "Traceback" not in printed
    assert conversation.running.process.returncode == 0


def test_summary_says_what_is_not_written(tmp_path: Path) -> None:
    """Instead of where it is."""
    with serving(SERVERS[1:2]) as ports, reversed_(tmp_path, ports, "sio_infer_checkpoint=1", saving=False) as proxy:
        run(command("live_client.py", f"http://127.0.0.1:{proxy.ports[0]}"), {"no_proxy": "*"})
        until(proxy.document.exists)
        proxy.document.unlink()
        proxy.document.mkdir()
        printed = proxy.stop()
    assert f"{proxy.document}: cannot write: Is a directory" in printed.partition("kinds of event in")[2]
    assert "written to" not in printed
    assert proxy.state.exists()


def test_open_sockets_lose_nothing(tmp_path: Path) -> None:
    """SIGINT while clients are connected and send: the document is that of mitmproxy's own flow file."""
    with serving(SERVERS[1:2]) as ports, reversed_(tmp_path, ports) as proxy:
        client = command("live_ticks.py", f"http://127.0.0.1:{proxy.ports[0]}", 2)
        with running(client) as ticking:
            until(lambda: _last(ticking.output) > 200)
            proxy.stop()
        assert _ticks(proxy.document) >= 200
        assert inferred(proxy.flows) == proxy.document.read_bytes()


@pytest.mark.parametrize("whole", [True, False], ids=["with its worker", "the proxy alone"])
def test_kill_loses_at_most_one_interval(tmp_path: Path, whole: bool) -> None:
    """After kill -9 in the middle of traffic, a restart on the same state, and the rest, all is there but for the last second.

    Where the worker survives its proxy, it writes what had reached it, and only the last moment is lost.
    """
    pause, interval = 5, 1.0
    with serving(SERVERS[1:2]) as ports:
        with reversed_(tmp_path, ports, f"sio_infer_checkpoint={interval:.0f}", saving=False) as proxy:
            url = f"http://127.0.0.1:{proxy.ports[0]}"
            run(command("live_client.py", url), {"no_proxy": "*"})
            with running(command("live_ticks.py", url, pause)) as ticking:
                until(lambda: proxy.document.exists() and _ticks(proxy.document) > 100)
                if whole:
                    os.killpg(proxy.running.process.pid, signal.SIGKILL)
                else:
                    kill(proxy.running.process)
                sent = _last(ticking.output)
        with reversed_(tmp_path, ports, saving=False) as proxy:
            run(command("live_client.py", f"http://127.0.0.1:{proxy.ports[0]}"), {"no_proxy": "*"})
            assert "going on from" in proxy.stop()
    kept = _ticks(proxy.document)
    lost = sent - kept
    assert lost <= (interval + 0.5) * 1000 / pause if whole else lost <= 0.7 * 1000 / pause
    document = yaml.safe_load(proxy.document.read_text())
    said = next(each for each in document["components"]["messages"].values() if each["name"] == "say")
    assert said["x-sio-infer"]["samples"] == 4, "two of each run"


def test_traffic_is_untouched_whatever_it_holds(tmp_path: Path) -> None:
    """Frames that no decoder can take reach the other side byte for byte, and the addon lives on."""
    requires("node")
    hostile = [
        b"42" + b"[" * 100_000, b"42[", b'451-["x",{"_placeholder":true,"num":7}]', b"4", b"", b"\x00", b"\xff" * 70_000,
        '42["\u202e\x1b[2J",null]'.encode(), b'0{"sid":', b"43999999999999999999999[]", b'42["a"]' * 5_000,
    ]  # fmt: skip
    with serving(["live_echo.js"]) as ports, reversed_(tmp_path, ports) as proxy:
        from websocket import ABNF, create_connection  # noqa: PLC0415 (its own warnings)

        socket = create_connection(f"ws://127.0.0.1:{proxy.ports[0]}/socket.io/?EIO=4&transport=websocket", timeout=10)
        for frame in hostile:
            for opcode in (ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY):
                if opcode == ABNF.OPCODE_TEXT and b"\xff" in frame:
                    continue
                socket.send(frame, opcode)
                assert socket.recv_data() == (opcode, frame)
        socket.close()
        printed = proxy.stop()
    assert "Traceback" not in printed
    assert "bug" not in printed
    assert "json-too-deep" in printed


def test_reload_of_the_script_keeps_everything(tmp_path: Path) -> None:
    """When mitmproxy loads the script anew, open sockets are followed on as the same sessions."""
    requires("node")
    with serving(SERVERS[1:2]) as ports:
        sio_infer("addon", "--copy", tmp_path)
        script = tmp_path / "sio_infer.py"
        with reversed_(tmp_path, ports, script=script) as proxy:
            url = f"http://127.0.0.1:{proxy.ports[0]}"
            with running(command("live_ticks.py", url, 5)) as ticking:
                until(lambda: _last(ticking.output) > 50)
                script.write_bytes(script.read_bytes() + b"\n")
                os.utime(script, (2_000_000_000, 2_000_000_000))
                until(lambda: proxy.running.output.count("Loading script") == 2)
                until(lambda: _last(ticking.output) > 400)
                proxy.stop()
            assert inferred(proxy.flows) == proxy.document.read_bytes()


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("sio_infer_checkpoint=0", "checkpoint is at least 1, not 0"),
        ("sio_infer_expire=99999999999999999999", "expire is at most 1,000,000,000, not 99999999999999999999"),
        ("sio_infer_output=/nowhere/at/all.yml", "/nowhere/at/all.yml: cannot write: No such file or directory"),
        ("sio_infer_asyncapi=9.9", "sio_infer_asyncapi is none of 3.0.0, 3.1.0, 2.6.0"),
        ("sio_infer_declared=nowhere.yml", "nowhere.yml: cannot be read: No such file or directory"),
        ("sio_infer_state=script.py", "script.py: is no state of sio-infer (states are what --state writes)"),
        ("sio_infer_no_rule=nonsense", "there is no rule 'nonsense'"),
    ],
)
def test_bad_options_are_one_line(tmp_path: Path, setting: str, line: str) -> None:
    """What is wrong is said in one line, and mitmdump ends."""
    (tmp_path / "script.py").write_text("no state")
    (port,) = free_ports(1)
    argv = mitmdump("--listen-port", port, "-s", ADDON, "--set", setting, confdir=tmp_path)
    with running(argv, cwd=tmp_path) as proxy, pytest.raises(RuntimeError, match="ended with 1") as failure:
        proxy.wait(20)
    lines = [each for each in str(failure.value).splitlines() if "sio-infer:" in each]
    assert len(lines) == 1
    assert line in lines[0]
    assert "Traceback" not in str(failure.value)


def _last(output: str) -> int:
    """The number on the last whole line."""
    lines = [line for line in output.split("\n")[:-1] if line.isdigit()]
    return int(lines[-1]) if lines else 0


def _ticks(document: Path) -> int:
    """How many ticks a document counts."""
    messages = yaml.safe_load(document.read_text())["components"]["messages"].values()
    return next((each["x-sio-infer"]["samples"] for each in messages if each["name"] == "tick"), 0)
