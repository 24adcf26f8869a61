"""What is Socket.IO on a host and what is not: two servers, the admin UI, and a WebSocket of others, through mitmdump."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.commands import document
from tests.e2e.contracts import schemas
from tests.e2e.decoding import decoded
from tests.e2e.processes import ROOT, free_ports, mitmdump, node, npm_environment, reverse, running
from tests.requires import requires

APPS = ROOT / "tests" / "e2e" / "apps"


@pytest.fixture(scope="module")
def flows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of it in one flow file."""
    requires("node")
    folder = tmp_path_factory.mktemp("mixed")
    listening, port = free_ports(2)
    flows = folder / "mixed.mitm"
    proxy = mitmdump(*reverse((listening, port)), "--set", f"save_stream_file={flows}", confdir=folder)
    with (
        running(node(APPS / "mixed_server.js", port), listening=[port], env=npm_environment()),
        running(proxy, listening=[listening]),
        running(node(APPS / "mixed_client.js", f"http://127.0.0.1:{listening}"), env=npm_environment()) as client,
    ):
        client.wait()
    return flows


def test_two_servers_of_one_host(flows: Path) -> None:
    """Two paths are two servers, each with its own channels; `--path` takes one of them."""
    both = document("--no-admin", flows)
    assert sorted(server["pathname"] for server in both["servers"].values()) == ["/chat/socket.io/", "/stock/rt/"]
    assert len(both["channels"]) == 2
    stock = document("--path", "/stock/*", flows)
    assert [server["pathname"] for server in stock["servers"].values()] == ["/stock/rt/"]
    assert list(schemas(stock)) == [("/", "s2c", "price")]


def test_the_admin_ui_is_labelled_and_can_be_left_out(flows: Path) -> None:
    """Its namespace is named for what it is, since its events quote the application's."""
    kept = document("--path", "/chat/*", flows)
    labelled = [channel["address"] for channel in kept["channels"].values() if channel.get("x-socketio-admin-ui")]
    assert labelled == ["/admin"]
    left = document("--path", "/chat/*", "--no-admin", flows)
    assert [channel["address"] for channel in left["channels"].values()] == ["/"]


def test_a_websocket_of_others_is_left_alone_and_counted(flows: Path) -> None:
    """Even one whose messages look like ours; the summary says that there was one."""
    result = decoded([flows])
    assert result.stats.ignored["not-socket.io"] == 2
    assert result.diagnostics == []
    command = [str(Path(sys.executable).with_name("sio-infer")), str(flows), "-o", "/dev/null"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "1 WebSocket without Engine.IO's query looked at by content" in ran.stderr
