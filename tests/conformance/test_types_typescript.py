"""TypeScript compiles against what `sio-infer types` writes, with the official types of socket.io and socket.io-client.

Of every recording a small server and a small client are made after its hand-written expectation: they use each event,
argument and acknowledgement as the application's source does. The compiler must take them, and must refuse a wrong
event name, argument and acknowledgement; a line that it should refuse and does not is an error of its own
(`@ts-expect-error`).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conformance.todos import record
from tests.e2e.commands import sio_infer
from tests.e2e.contracts import expectation
from tests.e2e.processes import ROOT
from tests.requires import NODE_MODULES
from tests.unit.types.documents import HOSTILE_NAMES, NUMBER, STRING, document, hostile

APPLICATIONS: Final = ("chat", "files", "legacy", "office", "orders", "poll", "telemetry", "ticker")
VALUES: Final = {
    "string": '"text"', "integer": "1", "number": "0.5", "boolean": "true", "null": "null",
    "binary": "Buffer.from([1])", "date-time": '"2024-05-01T12:00:00Z"',
}  # fmt: skip
OPTIONS: Final = {
    "strict": True,
    "noEmit": True,
    "target": "es2022",
    "module": "nodenext",
    "noUnusedLocals": True,
    "exactOptionalPropertyTypes": True,
    "checkJs": True,
    "types": ["node"],
    "skipLibCheck": False,
}
HAND_WRITTEN: Final = Path(__file__).parent / "typescript"


def value(shape: Any) -> str:
    """An expression of the shape's type, see tests/expectations/README.md."""
    if isinstance(shape, list):
        return f"[{value(shape[0])}]"
    if isinstance(shape, dict):
        return "{ " + ", ".join(f"{json.dumps(key.rstrip('?'))}: {value(part)}" for key, part in shape.items()) + " }"
    return VALUES[shape.split(" | ")[0]]


def kind(shape: Any) -> str:
    """The type that the shape stands for."""
    if isinstance(shape, list):
        return f"Array<{kind(shape[0])}>"
    if isinstance(shape, dict):
        members = (f"{json.dumps(key.rstrip('?'))}{'?' * key.endswith('?')}: {kind(part)}" for key, part in shape.items())
        return "{ " + "; ".join(members) + " }"
    names = {"integer": "number", "binary": "ArrayBuffer | ArrayBufferView", "date-time": "string"}
    return " | ".join(names.get(name, name) for name in shape.split(" | "))


WRONG: Final = "Symbol()"
"""No JSON value, and nothing that any type of ours takes."""


def emits(events: dict[str, Any]) -> Iterator[str]:
    """Statements of the side that emits."""
    for name, event in events.items():
        args = [value(shape) for shape in event["args"]]
        wrong = [*args[:-1], WRONG] if args else [WRONG]
        if "ack" in event:
            parameters = ", ".join(f"a{at}: {kind(shape)}" for at, shape in enumerate(event["ack"]))
            yield call(name, *args, f"({parameters}) => void [{', '.join(f'a{at}' for at in range(len(event['ack'])))}]")
            yield refused(call(name, *args))
            if event["ack"]:
                yield refused(call(name, *args, "(wrong: symbol) => void wrong"))
            wrong.append("() => {}")
        else:
            yield call(name, *args)
        yield refused(call(name, *wrong))
        yield refused(call(name + "!", *args))


def handles(events: dict[str, Any]) -> Iterator[str]:
    """Statements of the side that listens."""
    for name, event in events.items():
        names = [f"a{at}" for at in range(len(event["args"]))]
        checks = [f"same<{kind(shape)}>()({each});" for each, shape in zip(names, event["args"], strict=True)]
        wrong = [f"{each}: symbol" for each in names[-1:]]
        if "ack" in event:
            names.append("done")
            answer = [value(shape) for shape in event["ack"]]
            checks.append(f"done({', '.join(answer)});")
            checks.append(refused(f"done({', '.join([*answer[:-1], WRONG])});"))
        yield f"socket.on({json.dumps(name)}, ({', '.join(names)}) => {{\n{chr(10).join(checks)}\n}});"
        if wrong:
            before = [f"_{each}: any" for each in names[: len(event["args"]) - 1]]
            yield refused(f"socket.on({json.dumps(name)}, ({', '.join([*before, *wrong])}) => void {names[len(event['args']) - 1]});")
        yield refused(f"socket.on({json.dumps(name + '!')}, () => {{}});")


def call(name: str, *args: str) -> str:
    return f"socket.emit({', '.join([json.dumps(name), *args])});"


def refused(line: str) -> str:
    return f"// @ts-expect-error\n{line}"


SAME: Final = """
/** Takes a value of exactly the type T. */
const same = <T>() => <U>(value: U & ([T] extends [U] ? unknown : never) & ([U] extends [T] ? unknown : never)) => void value;
void same;
"""


def programs(name: str) -> dict[str, str]:
    """The server and the client of an application, by file name."""
    server = ['import { Server } from "socket.io";', 'import type * as api from "./events.js";', SAME]
    client = ['import { io, type Socket } from "socket.io-client";', 'import type * as api from "./events.js";', SAME]
    server.append("const io = new Server<api.ClientToServerEvents, api.ServerToClientEvents>();")
    for at, (space, events) in enumerate(expectation(name)["namespaces"].items()):
        prefix = "" if space == "/" else space.strip("/").capitalize()
        c2s, s2c = f"api.{prefix}ClientToServerEvents", f"api.{prefix}ServerToClientEvents"
        of = "io" if space == "/" else f'(io.of({json.dumps(space)}) as import("socket.io").Namespace<{c2s}, {s2c}>)'
        server += [f'{of}.on("connection", (socket) => {{', *handles(events["c2s"]), *emits(events["s2c"]), "});"]
        auth = f", {{ auth: {value(events['auth'])} satisfies api.Namespaces[{json.dumps(space)}]['auth'] }}" if "auth" in events else ""
        client += [
            f"const client{at}: Socket<{s2c}, {c2s}> = io({json.dumps('http://127.0.0.1:1' + space)}{auth});",
            f"{{ const socket = client{at};",
            *handles(events["s2c"]),
            *emits(events["c2s"]),
            "}",
        ]
    return {"server.ts": "\n".join(server), "client.ts": "\n".join(client)}


HOSTILE_USE: Final = f"""
import {{ io, type Socket }} from "socket.io-client";
import type * as api from "./events.js";
const socket: Socket<api.ServerToClientEvents, api.ClientToServerEvents> = io();
{chr(10).join(f"socket.emit({json.dumps(name)}, (data) => data.length);" for name in HOSTILE_NAMES)}
// @ts-expect-error
socket.emit("other", () => {{}});
socket.on("delete", (data) => data.delete.length);
export type Spaces = keyof api.Namespaces;
export const tree: api.Tree = {{ value: 1, children: [{{ value: 2, children: [] }}] }};
export const json: api.Json = {{ a: [1, "b", null, {{ c: [] }}] }};
// @ts-expect-error
export const pair: api.Pair = [1, [2, [3, "four"]]];
export const text = (tagged: api.Tagged): string => tagged.kind === "a" ? tagged.a : tagged.b.toFixed();
const many: Socket<api.Namespaces["/1"]["serverToClient"], api.Namespaces["/1"]["clientToServer"]> = io();
many.on("event 499", (data, callback) => callback(data, "text"));
many.on("room:7:`$", (data) => data.length);
// @ts-expect-error
many.on("door:7:`$", () => {{}});
export type Tenant = api.Namespaces["/tenant-7"]["serverToClient"];
"""

SELDOM: Final = {"x-sio-infer": {"samples": 4, "acksAsked": 3}}
CHOICES: Final = document({
    "/": [
        {"name": "message", "action": "receive", "payload": STRING, "ack": NUMBER, **SELDOM},
        {"name": "log", "action": "receive", "payload": {"type": "array", "items": [STRING], "minItems": 1, "additionalItems": True}, "ack": NUMBER, **SELDOM},
        {"name": "room:list", "payload": {"type": "array", "items": NUMBER}},
        {"name": "room:{id}", "payload": STRING, "x-socketio-template": True},
        {"name": "room:{id}:update", "payload": NUMBER, "x-socketio-template": True},
        {"name": "room:{text}", "x-socketio-template": True},
    ],
    "/user-alice": [{"name": "a"}],
    "/user-{id}": [],
})  # fmt: skip
"""Of the events of a document with evidence, what is not always there or is so of some names only."""
CHOICES_USE: Final = """
import { Server } from "socket.io";
import { io, type Socket } from "socket.io-client";
import type * as api from "./events.js";
const socket: Socket<api.ServerToClientEvents, api.ClientToServerEvents> = io();
socket.emit("message", "text");
socket.emit("message", "text", (answer) => answer.toFixed());
void socket.emitWithAck("message", "text");
// @ts-expect-error
socket.emit("message", 1);
// @ts-expect-error
socket.emit("message", "text", (answer: symbol) => void answer);
socket.emit("log", "text", 1, 2);
socket.emit("log", "text", 1, 2, (answer: number) => void answer);
socket.on("room:list", (numbers) => numbers[0]?.toFixed());
socket.on("room:42", (text) => text.length);
socket.on(`room:${Date.now()}`, (text) => text.length);
socket.on("room:a1:update", (number) => number.toFixed());
// @ts-expect-error
socket.on("room:other", () => {});
export type Alice = api.Namespaces["/user-alice"]["serverToClient"]["a"];
export type User = api.Namespaces["/user-7"]["serverToClient"];
const server = new Server<api.ClientToServerEvents, api.ServerToClientEvents>();
server.emit("room:list", [1]);
server.emit("room:42", "text");
// @ts-expect-error
server.emit("room:42", [1]);
server.on("connection", (each) => {
  each.on("message", (text, callback) => callback?.(text.length));
  // @ts-expect-error
  each.on("message", (text, callback) => callback(text.length));
});
"""

ALTERED: Final = [
    ('"menu"', '"card"'),
    ("item: number", "item: number | null"),
    ("(arg0: boolean, arg1: string) => void", "(arg0: boolean) => void"),
    ('"cooked": (data: number)', '"cooked": (data: number, more: number)'),
]
"""Changes after which the interfaces of `orders` are not the application's."""


@pytest.fixture(scope="session")
def compiled(node: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the compiler says of each application: one run of `tsc` over all."""
    del node
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "node_modules").symlink_to(NODE_MODULES, target_is_directory=True)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": OPTIONS}))
    for name in APPLICATIONS:
        (folder / name).mkdir()
        files = [ROOT / "recordings" / file for file in expectation(name)["recordings"][-1]]
        (folder / name / "events.ts").write_bytes(sio_infer("types", *files))
        for file, text in programs(name).items():
            (folder / name / file).write_text(text)
    altered = folder / "altered"
    altered.mkdir()
    for file, text in programs("orders").items():
        (altered / file).write_text(text)
    events = (folder / "orders" / "events.ts").read_text()
    for right, wrong in ALTERED:
        assert events.count(right) == 1
        events = events.replace(right, wrong)
    (altered / "events.ts").write_text(events)
    (folder / "hostile").mkdir()
    (folder / "hostile" / "asyncapi.json").write_text(json.dumps(hostile()))
    (folder / "hostile" / "events.ts").write_bytes(sio_infer("types", folder / "hostile" / "asyncapi.json"))
    (folder / "hostile" / "use.ts").write_text(HOSTILE_USE)
    (folder / "choices").mkdir()
    (folder / "choices" / "asyncapi.json").write_text(json.dumps(CHOICES))
    (folder / "choices" / "events.ts").write_bytes(sio_infer("types", folder / "choices" / "asyncapi.json"))
    (folder / "choices" / "use.ts").write_text(CHOICES_USE)
    for name, recording in record(folder):
        target = folder / name
        target.mkdir()
        (target / "events.ts").write_bytes(sio_infer("types", recording))
        for path in HAND_WRITTEN.glob(f"{name}*"):
            (target / path.name).write_bytes(path.read_bytes())
        (target / "both.ts").write_text(both_ways(name))
    tsc = NODE_MODULES / "typescript" / "bin" / "tsc"
    command = ["node", str(tsc), "-p", ".", "--pretty", "false"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    said: dict[str, list[str]] = {}
    for line in ran.stdout.splitlines():
        if not line.startswith(" "):  # else it explains the line before
            said.setdefault(line.split("/")[0], []).append(line)
    assert ran.returncode == 0 or said, ran.stderr
    return said


def both_ways(name: str) -> str:
    """A program that compiles where the hand-written and the made interfaces are assignable to each other."""
    lines = ['import type * as made from "./events.js";', f'import type * as own from "./{name}.events.js";']
    for side in ("ServerToClientEvents", "ClientToServerEvents"):
        lines.append(f"export const to{side} = (value: made.{side}): own.{side} => value;")
        lines.append(f"export const from{side} = (value: own.{side}): made.{side} => value;")
        lines.append(f"export const names{side} = (name: keyof own.{side}): keyof made.{side} => name;")
    return "\n".join(lines)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_a_server_and_a_client_compile(compiled: dict[str, list[str]], name: str) -> None:
    """Right uses of every event compile under `strict`; wrong names, arguments and acknowledgements do not."""
    assert compiled.get(name, []) == []


def test_wrong_interfaces_are_noticed(compiled: dict[str, list[str]]) -> None:
    """The programs do not compile against interfaces that say something else: each change is an error."""
    said = "\n".join(compiled["altered"])
    for sign in ('type \'"menu"\'', "type 'never'", "type '(arg0: boolean) => void'", "Expected 3 arguments, but got 2"):
        assert sign in said


def test_hostile_documents_compile(compiled: dict[str, list[str]]) -> None:
    """Names that are no identifiers, collide or are reserved; recursion; 500 events; every construct of schemas."""
    assert compiled.get("hostile", []) == []


def test_what_is_not_always_there_compiles_both_ways(compiled: dict[str, list[str]]) -> None:
    """Acknowledgements that are asked for at times, patterns of names beside names of their own."""
    assert compiled.get("choices", []) == []


@pytest.mark.parametrize("name", ["todos", "store"])
def test_made_and_hand_written_interfaces_are_one(compiled: dict[str, list[str]], name: str) -> None:
    """What is made of a recording of a typed application is assignable to its own interfaces, and they to it."""
    assert compiled.get(name, []) == []


def test_the_compiler_said_nothing_else(compiled: dict[str, list[str]]) -> None:
    """No diagnostic stands outside the applications."""
    assert sorted(set(compiled) - {*APPLICATIONS, "altered", "choices", "hostile", "todos", "store"}) == []
