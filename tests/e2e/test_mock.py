"""The circle closes: what is inferred from the mock's traffic is the contract that it speaks."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
import socketio

from infer.asyncapi import DocumentOptions
from infer.asyncapi.contract import Contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.engines import local
from infer.mock.script import Recorder, Script
from infer.mock.values import Values
from infer.model import Direction, Json
from tests.e2e.commands import document
from tests.e2e.contracts import contract as written
from tests.e2e.contracts import expectation
from tests.e2e.processes import ROOT, free_ports, mitmdump, node, npm_environment, reverse, running
from tests.requires import requires

COMMAND: Final = Path(sys.executable).with_name("sio-infer")
RECORDINGS: Final = ROOT / "recordings"
APPS: Final = {
    "chat": ("chat-first.har", "chat-second.har"),
    "orders": ("orders.mitm",),
    "poll": ("poll-playwright.zip",),
    "files": ("files-polling.har.gz", "files-websocket.har", "files-upgrade.mitm"),
    "office": ("office.cdp.jsonl",),
    "legacy": ("legacy-jsonp.har.gz", "legacy-polling.har.gz"),
    "telemetry": ("telemetry-msgpack.har",),
    "ticker": ("ticker-recovery.har",),
}
SAMPLES: Final = 24
"""Of each event: an optional part or a branch that is missing in all of them is one in a million."""


def files_of(app: str) -> list[str]:
    return [str(RECORDINGS / file) for file in APPS[app]]


def contract_of(app: str) -> Contract:
    text = json.dumps(local.run(files_of(app)).catalog.to_asyncapi(DocumentOptions()))
    return read(Documents(lambda _: text), app)


def encoded(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: encoded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [encoded(item) for item in value]
    return {"$bytes": value.hex()} if isinstance(value, bytes) else value


def scenario_of(app: str, port: int) -> dict[str, Any]:
    """What a client does that shows all of a contract: visits with every handshake, refusals, events, answers."""
    spoken = contract_of(app)
    values = Values(spoken, seed=7)
    visits = []
    for number in range(8):
        query: dict[str, Json] = {}
        asked = spoken.namespaces["/"].query
        if asked is not None and number:  # one visit without what is optional
            made = values.value(asked)
            query = {key: item for key, item in made.items() if key not in {"EIO", "transport"}}
        auths = {name: None if space.auth is None else values.value(space.auth) for name, space in spoken.namespaces.items()}
        visits.append({"query": query, "auths": {"/": None, **auths}})
    return {
        "name": app,
        "url": f"http://127.0.0.1:{port}",
        "path": "/socket.io/",
        "parser": "msgpack" if app == "telemetry" else "default",
        "visits": visits,
        "refused": {name: None for name, space in spoken.namespaces.items() if space.auth is not None and space.error is not None},
        "namespaces": {
            name: {
                "emits": [
                    {"event": event.name, "args": encoded(values.args(event.args)), "ack": event.ack is not None}
                    for _ in range(SAMPLES)
                    for event in space.events.values()
                    if event.direction is Direction.C2S
                ],
                "answers": {
                    event.name: [encoded(values.args(event.ack)) for _ in range(SAMPLES)]
                    for event in space.events.values()
                    if event.direction is Direction.S2C and event.ack is not None
                },
                "counts": {event.name: SAMPLES for event in space.events.values() if event.direction is Direction.S2C},
            }
            for name, space in {"/": spoken.namespaces["/"], **spoken.namespaces}.items()
        },
    }


@pytest.fixture(scope="module")
def circle(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every application's mock, visited by the official client through mitmdump: what came of it, by application."""
    requires("node")
    folder = tmp_path_factory.mktemp("circle")
    flows = folder / "circle.mitm"
    ports = free_ports(2 * len(APPS))
    mocked = dict(zip(APPS, ports[::2], strict=True))
    proxied = dict(zip(APPS, ports[1::2], strict=True))
    scenarios = folder / "scenarios.json"
    scenarios.write_text(json.dumps([scenario_of(app, proxied[app]) for app in APPS]))
    proxy = mitmdump(*reverse(*((proxied[app], mocked[app]) for app in APPS)), "--set", f"save_stream_file={flows}", confdir=folder)
    with ExitStack() as stack:
        mocks = {
            app: stack.enter_context(
                running([COMMAND, "mock", *files_of(app), "--port", str(port), "--speed", "10"], listening=[port])
            )
            for app, port in mocked.items()
        }
        stack.enter_context(running(proxy, listening=proxied.values()))
        client = stack.enter_context(running(node(ROOT / "tests/e2e/apps/mock_client.js", scenarios), env=npm_environment()))
        told = client.wait(150).splitlines()
        said = {app: mock.output for app, mock in mocks.items()}
    return {
        app: {
            "flows": flows,
            "host": f"127.0.0.1:{mocked[app]}",
            "told": [line for line in told if line.split()[1].rstrip(":") == app],
            "said": said[app],
        }
        for app in APPS
    }


@pytest.mark.parametrize("app", APPS)
def test_mock_speaks_the_contract_that_it_was_given(circle: dict[str, dict[str, Any]], app: str) -> None:
    """A recording of the mock gives the contract that its author wrote by hand.

    The mock speaks protocol 5, where a refusal is a message with data; before, it was any one value.
    """
    came = circle[app]
    assert came["told"] == [f"ok {app}"], came["said"]
    expected = expectation(app)
    expected["server"] = {"host": came["host"], "pathname": "/socket.io/", "protocol": "ws"}
    if app == "legacy":
        admin = expected["namespaces"]["/admin"]
        admin["refusal"] = {"message": "string", "data": admin["refusal"]}
    del expected["recordings"]
    assert written(document("--host", came["host"], came["flows"])) == expected


@pytest.mark.parametrize("app", APPS)
def test_mock_finds_no_fault_with_a_client_that_keeps_to_the_contract(circle: dict[str, dict[str, Any]], app: str) -> None:
    """It says where it listens, what it read, and which connections it refused on purpose."""
    lines = circle[app]["said"].splitlines()
    assert [line for line in lines if "(c2s-" in line or "(s2c-" in line] == []


def recorded(file: str) -> Script:
    recorder = Recorder()
    local.run([str(RECORDINGS / file)], local.Options(observer=recorder))
    return recorder.script()


def test_replay_plays_a_session_as_it_was() -> None:
    """The server's events come with their values and in their order, and requests get the recorded answers."""
    script = recorded("orders.mitm")
    (port,) = free_ports(1)
    heard: dict[str, list[Any]] = {name: [] for name in script.lines}
    command: list[str | Path] = [COMMAND, "mock", "--replay", str(RECORDINGS / "orders.mitm"), "--port", str(port), "--speed", "2"]
    with running(command, listening=[port]) as mock:
        client = socketio.Client()
        for name in script.lines:
            client.on("*", lambda event, *args, name=name: heard[name].append((event, list(args))), namespace=name)
        started = time.monotonic()
        client.connect(f"http://127.0.0.1:{port}", auth={"token": "any"}, namespaces=list(script.lines))
        answers = [client.call("place order", {"dishes": [], "table": 1}) for _ in range(2)]
        longest = max(line.after for lines in script.lines.values() for line in lines)
        while sum(map(len, heard.values())) < sum(map(len, script.lines.values())) and time.monotonic() < started + 20:
            time.sleep(0.02)
        took = time.monotonic() - started
        client.disconnect()
        assert "speaking the contract" in mock.output
    assert took >= longest / 2
    assert heard == {name: [(line.name, list(line.args)) for line in lines] for name, lines in script.lines.items()}
    assert [[answer] for answer in answers] == [list(values) for _, values in script.answers["/", "place order"][:2]]


def served(*arguments: str) -> tuple[int, list[str]]:
    (port,) = free_ports(1)
    return port, [str(COMMAND), "mock", str(RECORDINGS / "orders.mitm"), "--port", str(port), *arguments]


def test_what_the_contract_refuses_is_told_and_ends_the_session() -> None:
    """Each kind once, without the value; with --refuse the client is out; the exit code says that there were findings."""
    port, command = served("--refuse", "--duration", "6")
    with running(command, listening=[port]) as mock:
        client = socketio.Client(reconnection=False)
        client.connect(f"http://127.0.0.1:{port}", auth={"token": "any"}, namespaces=["/"])
        client.emit("place order", {"dishes": "hunter2"})
        deadline = time.monotonic() + 5
        while client.connected and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not client.connected
        assert mock.process.wait(15) == 1
        output = mock.output
    assert 'c2s "place order" args[0]: a string of 7 characters where array is declared (c2s-type-mismatch)' in output
    assert "hunter2" not in output
    assert "1 violation of the contract" in output


def ask(port: int, **headers: str) -> tuple[int, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("GET", "/socket.io/?EIO=4&transport=polling", skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}


def test_only_this_machine_is_served() -> None:
    """Another's name or page is refused; a development server on another port of this machine is not."""
    port, command = served("--allow-origin", "https://app.example")
    with running(command, listening=[port]):
        assert ask(port)[0] == 200
        assert ask(port, Host=f"attacker.example:{port}")[0] == 403
        assert ask(port, Origin="https://attacker.example")[0] == 403
        for origin in ("http://localhost:5173", "http://127.0.0.1:8080", "https://app.example"):
            status, headers = ask(port, Origin=origin)
            assert (status, headers["access-control-allow-origin"]) == (200, origin)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing to speak"),
        (["no-such-file.har"], "no such file"),
        ([str(ROOT / "recordings" / "README.md")], "is no capture that is known"),
        (["--replay", str(ROOT / "tests" / "fixtures" / "state-2.sio")], "a saved catalog has no session to replay"),
    ],
)
def test_nothing_to_speak_is_one_line(arguments: list[str], said: str) -> None:
    """What is missing, and what to do."""
    ran = subprocess.run([COMMAND, "mock", *arguments], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
