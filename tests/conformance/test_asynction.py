"""Asynction 0.8.3, unmodified, loads our profile of every recording, and its mock speaks what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from infer.asyncapi.asynction import profile
from infer.asyncapi.opening import open_contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.diff import compare
from infer.errors import UsageError
from tests.e2e.commands import document, sio_infer
from tests.e2e.contracts import contract, expectation
from tests.e2e.processes import ROOT, free_ports, mitmdump, node, npm_environment, reverse, running
from tests.requires import TESTS, requires

VENV: Final = TESTS / ".asynction-venv"
PINS: Final = ("asynction[mock,cli]==0.8.3", "Flask-SocketIO<5.3", "Faker==13.3.4", "hypothesis==6.46.2", "setuptools<81")
"""Its last release, with what was new when it was made; of setuptools, one that still has pkg_resources."""
RECORDINGS: Final = {
    "chat": ("chat-first.har", "chat-second.har"),
    "orders": ("orders.har",),
    "poll": ("poll-playwright.zip",),
    "files": ("files-websocket.har",),
    "office": ("office.cdp.jsonl",),
    "legacy": ("legacy-polling.har.gz",),
    "telemetry": ("telemetry-msgpack.har",),
    "ticker": ("ticker-recovery.har",),
}
SAMPLES: Final = 4


@pytest.fixture(scope="session")
def asynction() -> Path:
    """Python of an environment with Asynction, which is made once and kept; the test skips where it cannot be made."""
    python = VENV / "bin" / "python"
    done = VENV / "made-of.txt"
    wanted = "\n".join(PINS)
    if not (done.is_file() and done.read_text() == wanted):
        make = [sys.executable, "-m", "venv", "--clear", str(VENV)]
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PINS]
        for command in (make, install):
            ran = subprocess.run(command, capture_output=True, check=False, text=True)
            if ran.returncode:
                reason = f"asynction is absent: its environment cannot be made: {ran.stderr.strip()[-200:]}"
                (pytest.fail if "asynction" in os.environ.get("SIO_INFER_REQUIRE", "") else pytest.skip)(reason)
        done.write_text(wanted)
    return python


@pytest.fixture(scope="module")
def profiles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The profile of every application, as the command writes it."""
    folder = tmp_path_factory.mktemp("asynction")
    for app, files in RECORDINGS.items():
        recordings = [ROOT / "recordings" / file for file in files]
        sio_infer(*recordings, "--asyncapi", "2.6.0", "--profile", "asynction", "-q", "-o", folder / f"{app}.yml")
    return {app: folder / f"{app}.yml" for app in RECORDINGS}


def test_asynction_loads_every_profile(asynction: Path, profiles: dict[str, Path]) -> None:
    """And finds a handler for each event of a client."""
    script = """
import json, sys
from pathlib import Path
from asynction.server import load_spec
loaded = {}
for name in sys.argv[1:]:
    spec = load_spec(Path(name))
    loaded[name] = {address: [message.x_handler for message in channel.publish.message.oneOf] if channel.publish else []
                    for address, channel in spec.channels.items()}
print(json.dumps(loaded))
"""
    ran = subprocess.run([asynction, "-W", "ignore", "-c", script, *profiles.values()], capture_output=True, check=True, text=True)
    loaded = json.loads(ran.stdout)
    for app, file in profiles.items():
        expected = expectation(app)["namespaces"]
        assert {address: len(handlers) for address, handlers in loaded[str(file)].items()} == {
            address: len(sides["c2s"]) for address, sides in expected.items()
        }
    assert loaded[str(profiles["chat"])]["/"][0] == "handlers.root_add_user"
    assert loaded[str(profiles["office"])]["/admin"] == ["handlers.admin_kick"]


@pytest.mark.parametrize("app", RECORDINGS)
def test_profile_promises_what_the_document_promises(profiles: dict[str, Path], tmp_path: Path, app: str) -> None:
    """No difference is found between them, read by our own diff."""
    whole = tmp_path / "whole.yml"
    sio_infer(*(ROOT / "recordings" / file for file in RECORDINGS[app]), "--asyncapi", "2.6.0", "-q", "-o", whole)
    assert compare(open_contract(str(whole)), open_contract(str(profiles[app]))) == []


def test_mock_of_asynction_speaks_the_contract(asynction: Path, profiles: dict[str, Path], tmp_path: Path) -> None:
    """The official client talks with it through mitmdump; what is inferred is the contract that was given.

    Its generator adds keys to objects, which are open; those that nobody declared are left out of the comparison. Its
    integers are of any size, and those beyond 64 bits are numbers to JSON's usual readers, ours and JavaScript's.
    """
    requires("node")
    server, proxied = free_ports(2)
    flows = tmp_path / "asynction.mitm"
    expected = expectation("chat")
    spoken = expected["namespaces"]["/"]
    scenario = {
        "name": "chat",
        "url": f"http://127.0.0.1:{proxied}",
        "path": "/socket.io/",
        "parser": "default",
        "visits": [{"query": {}, "auths": {"/": None}}],
        "refused": {},
        "namespaces": {
            "/": {
                "emits": [
                    {"event": name, "args": ["word"] if event["args"] else [], "ack": False}
                    for _ in range(SAMPLES)
                    for name, event in spoken["c2s"].items()
                ],
                "answers": {},
                "counts": dict.fromkeys(spoken["s2c"], SAMPLES),
            }
        },
    }
    scenarios = tmp_path / "scenarios.json"
    scenarios.write_text(json.dumps([scenario]))
    command: list[str | Path] = [asynction.with_name("asynction"), "--spec", profiles["chat"], "mock"]
    command += ["--custom-formats-sample-size", "0", "run", "--host", "127.0.0.1", "--port", str(server)]
    command += ["--max-workers", "1", "--subscription-task-interval", "0.1"]
    proxy = mitmdump(*reverse((proxied, server)), "--set", f"save_stream_file={flows}", confdir=tmp_path)
    with ExitStack() as stack:
        mock = stack.enter_context(running(command, listening=[server], env={"PYTHONWARNINGS": "ignore"}, cwd=tmp_path))
        stack.enter_context(running(proxy, listening=[proxied]))
        client = stack.enter_context(running(node(ROOT / "tests/e2e/apps/mock_client.js", scenarios), env=npm_environment()))
        assert client.wait(120).strip() == "ok chat", mock.output
    inferred = document("--no-rule", "map", "--no-rule", "enum", flows)
    names = {key for side in ("c2s", "s2c") for event in spoken[side].values() for arg in event["args"] if isinstance(arg, dict) for key in arg}
    _leave(inferred["components"]["schemas"], names)
    shown = json.loads(json.dumps(contract(inferred)["namespaces"]).replace('"number"', '"integer"'))
    assert shown == expected["namespaces"]


def _leave(node: Any, names: set[str]) -> None:
    """Leave only the properties of these names."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            node["properties"] = {key: value for key, value in node["properties"].items() if key in names}
        for value in node.values():
            _leave(value, names)
    elif isinstance(node, list):
        for value in node:
            _leave(value, names)


def base(payload: Any, schemas: dict[str, Any] | None = None, name: str = "say") -> dict[str, Any]:
    return {
        "asyncapi": "2.6.0",
        "info": {"title": "t", "version": "1"},
        "channels": {"/chat room": {"publish": {"message": {"$ref": "#/components/messages/m"}}}},
        "components": {
            "messages": {"m": {"name": name, "payload": payload, "x-sio-infer": {"samples": 3}}},
            "schemas": schemas or {},
            "securitySchemes": {"queryToken": {"type": "httpApiKey", "in": "query", "name": "token"}, "digest": {"type": "http", "scheme": "digest"}},
        },
        "servers": {"s": {"url": "localhost", "protocol": "ws", "security": [{"queryToken": []}, {"digest": []}]}},
    }


TREE: Final = {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}
HARD: Final[dict[str, Any]] = {
    "optional arguments": {"type": "array", "items": [{"type": "string"}, {"type": "integer"}], "minItems": 1, "maxItems": 2, "additionalItems": False},
    "no argument": {"type": "array", "maxItems": 0},
    "constants": {"type": "object", "properties": {"a": {"const": 1}, "b": {"enum": ["x", None]}, "c": {"enum": [True, 2]}, "d": {"const": "y"}}},
    "closed": {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
    "open": {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
    "bounds": {"type": "object", "properties": {"a": {"type": "integer", "minimum": 0, "maximum": 9}}, "minProperties": 1},
    "recursion": {"$ref": "#/components/schemas/Tree"},
}


@pytest.mark.parametrize("case", HARD)
def test_nothing_but_text_is_left(asynction: Path, tmp_path: Path, case: str) -> None:
    """No number, boolean or null stands in a profile, and Asynction loads it."""
    made = profile(base(HARD[case], {"Tree": TREE}))
    assert list(_others(made)) == []
    file = tmp_path / "profile.yml"
    file.write_text(yaml.safe_dump(made))
    script = "import sys; from pathlib import Path; from asynction.server import load_spec; load_spec(Path(sys.argv[1]))"
    subprocess.run([asynction, "-W", "ignore", "-c", script, file], check=True)


def _others(node: Any) -> Any:
    if isinstance(node, dict):
        for value in node.values():
            yield from _others(value)
    elif isinstance(node, list):
        for value in node:
            yield from _others(value)
    elif not isinstance(node, str):
        yield node


def test_optional_arguments_are_lists_of_each_length() -> None:
    """Which is read back as one list whose end may be missing."""
    made = profile(base(HARD["optional arguments"]))
    read_back = read(Documents(lambda _: json.dumps(made)), "profile")
    ((_, event),) = read_back.events()
    assert [len(each.slots) for each in event.args.alternatives] == [1, 2]
    assert [slot.required for slot in event.args.merged().slots] == [True, False]


def test_handlers_and_checks_have_names_of_functions() -> None:
    """By template; what Asynction cannot enforce is not asked for."""
    made = profile(base({"type": "string"}, name="class 2nd-Öl"), "app.events.on_{event}")
    assert made["components"]["messages"]["m"]["x-handler"] == "app.events.on_class_2nd_öl"
    assert made["components"]["securitySchemes"]["queryToken"]["x-apiKeyInfoFunc"] == "app.events.check_query_token"
    assert made["servers"]["s"]["security"] == [{"queryToken": []}]


@pytest.mark.parametrize("template", ["handlers", "no.field", "a.{other}", "a.{event", "a b.{event}", "a..{event}"])
def test_template_that_names_no_function_is_refused(template: str) -> None:
    """With what it may hold."""
    with pytest.raises(UsageError, match=r"--handler"):
        profile(base({}), template)
