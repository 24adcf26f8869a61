"""The circle closes: what is inferred from the mock's traffic is the contract that it speaks."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import msgpack
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
from tests.e2e.commands import document, sio_infer
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
    expected["server"] |= {"host": came["host"], "pathname": "/socket.io/", "protocol": "ws"}
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


def test_a_document_says_by_which_parser_it_is_spoken(tmp_path: Path) -> None:
    """In every version, and as a client of that parser finds it, whose dates are those of the recorded one."""
    for version in ("2.6.0", "3.0.0"):
        declared = tmp_path / f"{version}.yml"
        declared.write_bytes(sio_infer(RECORDINGS / "telemetry-msgpack.har", "--asyncapi", version))
        (port,) = free_ports(1)
        command: list[str | Path] = [COMMAND, "mock", declared, "--port", str(port), "--interval", "0.1"]
        with running(command, listening=[port]) as mock:
            client = socketio.Client(serializer="msgpack")
            client.connect(f"http://127.0.0.1:{port}")
            client.emit("sample", ("a", {"at": msgpack.Timestamp(1), "values": [1.5], "raw": b"x"}))
            answer = client.call("firmware", "1.0", timeout=10)
            client.disconnect()
            assert "Traceback" not in mock.output
            assert "(c2s-" not in mock.output
        assert isinstance(answer["image"], bytes)


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
    assert 'c2s "place order" args[0]/properties/dishes: a string of 7 characters where array is declared (c2s-type-mismatch)' in output
    assert "hunter2" not in output
    assert "1 violation of the contract" in output


@pytest.mark.parametrize("path", ["rt/live", "/rt/live/"])
def test_the_path_of_the_endpoint_is_served_as_it_is_told(path: str) -> None:
    """With or without the slashes around it; the address that is printed is one."""
    port, command = served("--socketio-path", path)
    with running(command, listening=[port]) as mock:
        client = socketio.Client(reconnection=False)
        client.connect(f"http://127.0.0.1:{port}", socketio_path="rt/live", auth={"token": "any"}, namespaces=["/"])
        client.disconnect()
        assert f"http://127.0.0.1:{port}/rt/live" in mock.output


def session(namespace: str, lots: int) -> list[tuple[str, str]]:
    """Frames of one session: so many lots, and a bid that is acknowledged with the namespace's name."""
    return [
        ("receive", '0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'),
        ("send", f"40{namespace},"),
        ("receive", f'40{namespace},{{"sid":"n"}}'),
        *(("receive", f'42{namespace},["lot {number}","a"]') for number in range(lots)),
        ("send", f'42{namespace},0["bid",1]'),
        ("receive", f'43{namespace},0["{namespace}"]'),
    ]


def har(sessions: list[list[tuple[str, str]]]) -> Json:
    """An HTTP archive of WebSocket sessions, as Chrome writes it."""
    request = {"method": "GET", "url": "ws://app.local/socket.io/?EIO=4&transport=websocket", "headers": [], "queryString": []}
    entries = [
        {
            "_resourceType": "websocket",
            "startedDateTime": "2026-03-01T10:00:00.000Z",
            "request": request,
            "response": {"status": 101, "headers": [], "content": {"size": 0}},
            "_webSocketMessages": [{"type": way, "time": 1_772_359_200 + at / 100, "opcode": 1, "data": data} for at, (way, data) in enumerate(frames)],
        }
        for frames in sessions
    ]
    return {"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "1"}, "entries": entries}}


DYNAMIC: Final[dict[str, Json]] = {
    "asyncapi": "3.0.0",
    "info": {"title": "auctions", "version": "1"},
    "channels": {
        "lobby": {"address": "/lobby", "messages": {}},
        "auction": {
            "address": "/auction-{id}",
            "messages": {
                "bid": {"name": "bid", "payload": {"type": "integer"}, "x-ack": {"args": {"type": "boolean"}}},
                "lot": {"name": "lot", "payload": {"type": "string"}},
            },
        },
    },
    "operations": {
        name: {"action": action, "channel": {"$ref": "#/channels/auction"}, "messages": [{"$ref": f"#/channels/auction/messages/{name}"}]}
        for name, action in (("bid", "receive"), ("lot", "send"))
    },
}
"""Namespaces of which one stands for many."""


def visited(folder: Path, document: Json, names: list[str], *arguments: str | Path, end: int = signal.SIGINT) -> tuple[list[Json], list[str], int]:
    """What the official client met in these namespaces of a document's mock, what the mock said, and its exit code."""
    requires("node")
    (port,) = free_ports(1)
    written_to = folder / "auctions.json"
    written_to.write_text(json.dumps(document))
    command = [COMMAND, "mock", written_to, "--port", str(port), "--interval", "0.2", *arguments]
    client = node(ROOT / "tests/e2e/apps/mock_visits.js", f"http://127.0.0.1:{port}", "bid", *names)
    with running(command, listening=[port]) as mock:
        with running(client, env=npm_environment()) as visitor:
            met = [json.loads(line) for line in visitor.wait(60).splitlines()]
        mock.stop(end)
        return met, mock.output.splitlines(), mock.process.returncode


def test_a_namespace_that_stands_for_many_is_served_under_each_name(tmp_path: Path) -> None:
    """With its events and acknowledgements, and nothing is found against a client that uses it."""
    met, said, code = visited(tmp_path, DYNAMIC, ["/auction-999", "/auction-abc"])
    assert [(each["namespace"], each["error"], each["heard"]) for each in met] == [("/auction-999", None, ["lot"]), ("/auction-abc", None, ["lot"])]
    assert all(isinstance(each["ack"], bool) for each in met)
    assert said[-1].startswith("2 connections, 0 refused; 2 events received")
    assert code == 0


BY_EVENT: Final[dict[str, Json]] = {
    "asyncapi": "2.6.0",
    "info": {"title": "auctions", "version": "1"},
    "channels": {
        "bid": {"subscribe": {"message": {"name": "BidDto", "payload": {"type": "integer"}, "x-ack": {"args": {"type": "boolean"}}}}},
        "lot": {"publish": {"message": {"name": "LotDto", "payload": {"type": "string"}}}},
    },
}
"""A document of the client, whose channels are events."""


def test_events_of_no_certain_namespace_are_spoken_in_any_and_from_the_side_that_is_asked_for(tmp_path: Path) -> None:
    """A document of the client has them the other way round."""
    met, said, code = visited(tmp_path, BY_EVENT, ["/auction", "/"], "--perspective", "client")
    assert [(each["namespace"], each["error"], each["heard"]) for each in met] == [("/auction", None, ["lot"]), ("/", None, ["lot"])]
    assert all(isinstance(each["ack"], bool) for each in met)
    assert said[-1].startswith("2 connections, 0 refused; 2 events received")
    assert said[-1].endswith("0 violations of the contract")
    assert code == 0


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_namespace_that_is_not_declared_is_refused_and_told_once(tmp_path: Path, end: int) -> None:
    """In the words of the official server; the root is no exception, though protocols before 5 connect to it unasked.

    The verdict is the same whoever ends it: Ctrl-C, or a script that has started it in the background.
    """
    met, said, code = visited(tmp_path, DYNAMIC, ["/auction-1/x", "/", "/auction-1/x", "/"], end=end)
    assert [each["error"] for each in met] == ["Invalid namespace"] * 4
    assert said[1:] == [
        "/auction-1/x: the namespace /auction-1/x is not declared (undeclared-namespace)",
        "/ refused a connection: the contract has no such namespace",
        "0 connections, 4 refused; 0 events received, 0 emitted; 2 violations of the contract",
    ]
    assert code == 1


def test_replay_serves_namespaces_under_the_names_that_they_were_recorded_with(tmp_path: Path) -> None:
    """Those of every session, whether the contract declares them (by a template) or not; the latter is told."""
    capture = tmp_path / "auctions.har"
    capture.write_text(json.dumps(har([session("/auction-7", 3), session("/auction-8", 2), session("/hall", 1)])))
    names = ["/auction-7", "/auction-8", "/hall", "/auction-9", "/nope"]
    met, said, code = visited(tmp_path, DYNAMIC, names, "--replay", capture)
    assert [(each["error"], each["heard"]) for each in met] == [
        (None, ["lot 0", "lot 1", "lot 2"]),
        (None, ["lot 0", "lot 1"]),
        (None, ["lot 0"]),
        (None, []),
        ("Invalid namespace", []),
    ]
    assert [each["ack"] for each in met[:3]] == ["/auction-7", "/auction-8", "/hall"]
    told = [line.partition(":")[0] for line in said if "(undeclared-namespace)" in line]
    assert told == ["/hall", "/nope"]
    assert code == 1


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
        ([str(ROOT / "tests" / "real" / "asynction" / "contract.yml"), "--host", "a"], "--host cannot choose within a document"),
        ([str(ROOT / "recordings" / "README.md")], "is no capture that is known"),
        ([str(ROOT / "tests" / "real" / "asynction" / "contract.yml"), "--bind", "192.0.2.1"], "--bind to an address of this machine"),
        (["--replay", str(ROOT / "tests" / "fixtures" / "state-2.sio")], "a saved catalog has no session to replay"),
    ],
)
def test_nothing_to_speak_is_one_line(arguments: list[str], said: str) -> None:
    """What is missing, and what to do."""
    ran = subprocess.run([COMMAND, "mock", *arguments], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
