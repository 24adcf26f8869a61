"""What `sio-infer types --lang python` writes decodes what was recorded, and works.

A type checker knows the events of the modules, and python-socketio talks through them to the official server and client.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
import socketio
from aiohttp import web

from infer import infer
from infer.asyncapi.drafted import drafted
from infer.asyncapi.options import DocumentOptions
from infer.model import Event
from infer.rejection import is_rejection
from infer.types.models import Library
from infer.types.python import python as made
from tests.e2e.commands import sio_infer
from tests.e2e.contracts import expectation
from tests.e2e.decoding import decoded
from tests.e2e.processes import APPS, ROOT, free_ports, npm_environment, python, running
from tests.e2e.processes import node as node_command
from tests.unit.types.documents import contract as contract_of
from tests.unit.types.documents import hostile, items, parsed

APPLICATIONS: Final = ("chat", "files", "legacy", "office", "orders", "poll", "telemetry", "ticker")
LIBRARIES: Final[tuple[Library, ...]] = ("msgspec", "pydantic")
SCRIPTS: Final = Path(__file__).parent / "python"
VALUES: Final = {"string": '"text"', "integer": "1", "number": "0.5", "boolean": "True", "null": "None", "binary": 'b"x"', "date-time": '"now"'}
NAMES: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None", "binary": "bytes", "date-time": "str"}


def recordings(name: str) -> list[Path]:
    return [ROOT / "recordings" / file for file in expectation(name)["recordings"][-1]]


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a module for each application and library, and of the document in which everything is awkward."""
    folder = tmp_path_factory.mktemp("python")
    contracts = {name: drafted(infer(map(str, recordings(name))), DocumentOptions())[1] for name in APPLICATIONS}
    contracts["hostile"] = parsed(hostile())
    for library in LIBRARIES:
        for name, contract in contracts.items():
            (folder / f"{name}_{library}.py").write_text(made(contract, models=library))
    for place, options in (("sync", []), ("asyncio", ["--asyncio"])):
        (folder / place).mkdir()
        made_by_command = sio_infer("types", *recordings("files"), "--lang", "python", *options)
        (folder / place / "events.py").write_bytes(made_by_command)
        for script in (SCRIPTS / place).iterdir():
            shutil.copy(script, folder / place)
    return folder


def imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # the libraries look names up in it
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", APPLICATIONS)
def test_every_recorded_payload_decodes_and_comes_back(modules: Path, name: str, library: str) -> None:
    """Decoded into models and encoded again, arguments and acknowledgements are what was recorded."""
    module = imported(modules / f"{name}_{library}.py")
    count = 0
    for event in decoded(recordings(name)).observations:
        if not isinstance(event, Event):
            continue
        key = (event.namespace, event.direction.value, event.name)
        count += 1
        if event.ack is None or not is_rejection(event.ack):
            assert list(module.encode(module.decode(event.args, module.ARGS[key]))) == list(event.args)
        if event.ack is not None:
            assert list(module.encode(module.decode(event.ack, module.ACKS[key]))) == list(event.ack)
    assert count


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_is_of_another_type_does_not_decode(modules: Path, library: str) -> None:
    """A wrong type is a validation error, a wrong number of arguments is said to be one."""
    module = imported(modules / f"orders_{library}.py")
    types = module.ARGS["/", "c2s", "cancel order"]
    assert module.decode([7, "cold"], types) == (7, "cold")
    with pytest.raises(module.ValidationError):
        module.decode(["seven", {}], types)
    with pytest.raises(ValueError, match="1 arguments"):
        module.decode([7], types)


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_clients_connect_with_is_typed(modules: Path, library: str) -> None:
    """By namespace."""
    module = imported(modules / f"office_{library}.py")
    (auth,) = module.decode([{"token": "t"}], [((module.AUTH["/admin"],), None)])
    assert auth.token == "t"
    assert module.encode([auth]) == ({"token": "t"},)


@pytest.mark.parametrize("library", LIBRARIES)
def test_awkward_documents_can_be_imported_and_used(modules: Path, library: str) -> None:
    """Names that are no identifiers, collide or are reserved; recursion; 500 events; every construct of schemas."""
    module = imported(modules / f"hostile_{library}.py")
    space = ("/a_b", "s2c")
    for name, value in AWKWARD.items():
        types = module.ARGS[(*space, name)]
        assert module.encode(module.decode([value], types)) == (value,), name
    assert module.ACKS["/1", "s2c", "event 499"] == [((float, str), None)]
    assert ("/", "s2c", "*/ export {}; /*") in module.ARGS


AWKWARD: Final[dict[str, Any]] = {
    "class": {"class": "a", "a-b": 1, "*/": "b"},
    "ab": {"c": {"d": 1}},
    "Binary": b"x",
    "Array": ["a", None],
    "Tree": {"value": 1, "children": [{"value": 2, "children": []}]},
    "Json": {"a": [1, "b", None]},
    "Loop": "a",
    "Nest": [[[]]],
    "Tagged": {"kind": "b", "b": 1},
    "Both": {"a": "x", "c": "y"},
    "Map": {"a": 1.5},
    "Triple": [1, 2, 3],
    "Nullable": None,
    "Enum": "a",
    "Mixed": None,
}


KEYS: Final = {
    "hide each other": ("list", "list_", "list_1", "dict", "dict_", "str", "str_", "int", "int_", "bytes", "bytes_"),
    "are words": ("class", "class_", "class_1", "None", "None_", "True", "match", "type", "_", "from", "import"),
    "differ in signs": ("a-b", "a_b", "a b", "a.b", "a__b", "A_b", "a:b", "a_b_1", "A", "a"),
    "are types": ("date", "datetime", "Any", "Literal", "Final", "cache", "field", "Field", "UNSET", "UnsetType", "Struct", "BaseModel",
                  "Meta", "Annotated", "ClassVar", "Sequence", "float", "bool", "tuple", "Dish", "EArg", "Types"),
    "are methods": ("model_config", "model_fields", "model_dump", "model_dump_x", "model_id", "schema", "schema_", "copy", "copy_", "json",
                    "dict", "fields", "validate", "construct", "model_validate_x", "self", "cls", "values", "name", "alias", "tag"),
    "have underscores": ("_x", "__x", "x", "field_x", "field__x", "_", "__", "field_", "__class__", "__init__", "__dict__", "_id", "id",
                         "__struct_fields__", "__annotations__"),
    "are no words": ("", "-", " ", "1", "1a", "field_1", "_1", "\u0663", "\u00bd", "#", "##", "$id", "@id", "#id", "id", "field_id"),
    "are one name to Python": ("\ufb01", "fi", "\u00e9", "e\u0301", "\u00aa", "a", "\u540d\u524d", "emoji \U0001f389", "\U0001d4b3", "X"),
    "name a class's": ("EArg.list", "list", "EArg.a", "a", "Dish.x", "EArg_list"),
}  # fmt: skip
SHAPES: Final[tuple[tuple[Any, Any], ...]] = (
    ({"type": "integer"}, 7),
    ({"type": "array", "items": {"type": "integer"}}, [1, 2]),
    ({"type": "array", "items": {"type": "string"}}, ["a"]),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, {"k": 1}),
    ({"type": ["string", "null"]}, None),
    ({"$ref": "#/components/schemas/Dish"}, {"x": 1.5, "list": [3], "Dish": "d"}),
    ({"const": "c"}, "c"),
)
DISH: Final = {"type": "object", "properties": {"x": {"type": "number"}, "list": SHAPES[1][0], "Dish": {"type": "string"}}}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("required", [True, False])
def test_keys_of_any_kind_have_attributes_of_their_own(tmp_path: Path, library: Library, keys: tuple[str, ...], required: bool) -> None:
    """What is decoded and encoded again is what it was, whatever type which of them has; optional ones one by one too."""
    names = [f"e{turn}" for turn in range(len(SHAPES))]
    messages, values = [], {}
    for turn, name in enumerate(names):
        chosen = {key: SHAPES[(at + turn) % len(SHAPES)] for at, key in enumerate(keys)}
        schema = {"type": "object", "title": "EArg", "properties": {key: kind for key, (kind, _) in chosen.items()}}
        messages.append({"name": name, "payload": {**schema, "required": list(keys) if required else []}})
        values[name] = {key: value for key, (_, value) in chosen.items()}
    said: list[str] = []
    path = tmp_path / f"keys_{library}.py"
    path.write_text(made(contract_of({"/": messages}, {"Dish": DISH}), models=library, say=said.append))
    assert said == []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        module = imported(path)
    for name, whole in values.items():
        for value in (whole, *([] if required else [{}, *({key: each} for key, each in whole.items())])):
            assert module.encode(module.decode([value], module.ARGS["/", "s2c", name])) == (value,)
        (model,) = module.decode([whole], module.ARGS["/", "s2c", name])
        fields = type(model).__struct_fields__ if library == "msgspec" else type(model).model_fields
        assert module.encode([type(model)(**{field: getattr(model, field) for field in fields})]) == (whole,)


@pytest.mark.parametrize("library", LIBRARIES)
def test_models_are_made_by_the_names_of_their_attributes(tmp_path: Path, library: Library) -> None:
    """A type checker knows them, also where the key is no name that an argument can have."""
    schema = {"type": "object", "title": "Mail", "properties": {key: {"type": "string"} for key in ("from", "_id", "a-b")}, "required": ["from"]}
    (tmp_path / "mails.py").write_text(made(contract_of({"/": [{"name": "mail", "payload": schema}]}), models=library))
    (tmp_path / "use.py").write_text(
        "import mails\n"
        'mails.Server(None).emit("mail", mails.Mail(from_="a", field_id="b", a_b="c"))\n'
        'mails.Mail(from_="a")\n'
        'mails.Mail(field_id="b")  # type: ignore\n'
        "mails.Mail(from_=1)  # type: ignore\n"
    )
    assert checked(tmp_path, "mails.py", "use.py") == ""


@pytest.mark.parametrize("library", LIBRARIES)
def test_an_acknowledgement_may_have_none_of_its_arguments(tmp_path: Path, library: Library) -> None:
    """`call` gives the tuple of those that came, as its type says."""
    saved = {"name": "save", "action": "receive", "payload": {"type": "integer"}, "ack": items({"type": "string"}, {"type": "integer"}, least=0)}
    path = tmp_path / f"saved_{library}.py"
    path.write_text(made(contract_of({"/": [saved]}), models=library, asyncio=True))
    module = imported(path)
    answers: list[tuple[Any, ...]] = [(), ("bad",), ("worse", 2)]

    async def talk() -> list[Any]:
        server, client = socketio.AsyncServer(async_mode="aiohttp"), socketio.AsyncClient()

        async def save(_: str, slot: int) -> tuple[Any, ...]:
            return answers[slot]

        module.Server(server).on("save")(save)
        server.attach(app := web.Application())
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            await client.connect(f"http://127.0.0.1:{runner.addresses[0][1]}")
            return [await module.Client(client).call("save", slot) for slot in range(len(answers))]
        finally:
            await client.disconnect()
            await runner.cleanup()

    assert asyncio.run(talk()) == answers


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    "keys", [("class", "a"), ("a", "class"), ("$type", "x"), ("a-b", "a_b"), ("list", "list_"), ("_", "$"), ("", "a"), ("#", "a"), ("\u00bd", "b")], ids=repr
)
def test_objects_are_told_apart_by_a_key_of_any_kind(tmp_path: Path, library: Library, keys: tuple[str, str]) -> None:
    """By the first of these keys, which is found as it is on the wire; where the library cannot, they are any values."""
    tag, other = keys
    branches = [
        {"type": "object", "required": [tag, other], "properties": {tag: {"const": name}, other: kind}} for name, (kind, _) in zip("ab", SHAPES, strict=False)
    ]
    path = tmp_path / f"tags_{library}.py"
    path.write_text(made(contract_of({"/": [{"name": "e", "payload": {"oneOf": branches}}]}), models=library))
    module = imported(path)
    for name, (_, value) in zip("ab", SHAPES, strict=False):
        sent = {tag: name, other: value}
        assert module.encode(module.decode([sent], module.ARGS["/", "s2c", "e"])) == (sent,)


def test_a_type_checker_knows_every_event(modules: Path) -> None:
    """All modules and right uses of them pass mypy --strict, and no wrong use does.

    A wrong use carries a `type: ignore`, which mypy refuses where there is no error.
    """
    for name in APPLICATIONS:
        (modules / f"use_{name}.py").write_text("\n".join(uses(name)) + "\n")
    files = sorted(modules.glob("*.py"))
    assert checked(modules, *(path.name for path in files)) == ""
    for place in ("sync", "asyncio"):
        assert checked(modules / place, *(script.name for script in (modules / place).glob("files_*.py"))) == ""


def checked(folder: Path, *files: str) -> str:
    """What mypy says of the files."""
    options = ["--strict", "--no-error-summary", "--ignore-missing-imports", "--config-file=", "--cache-dir=../mypy"]
    command = [sys.executable, "-m", "mypy", *options, *files]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300).stdout


def uses(name: str) -> Iterator[str]:
    """Uses of an application's events, right and wrong, after its hand-written expectation."""
    yield from ("from typing import Any", f"import {name}_msgspec as made", "any_: Any = None")
    number = 0
    for space, events in expectation(name)["namespaces"].items():
        prefix = "" if space == "/" else space.strip("/").capitalize()
        for side, sends, hears, to in (("Client", "c2s", "s2c", []), ("Server", "s2c", "c2s", ['to="sid"'])):
            at = f"{prefix}{side}".lower()
            yield f"{at} = made.{prefix}{side}(None)"
            for event, parts in events[sends].items():
                args = ["any_" if not isinstance(shape, str) else VALUES[shape] for shape in parts["args"]]
                yield call(f"{at}.emit", event, *args, *to)
                yield refused(call(f"{at}.emit", event + "!", *args, *to))
                yield refused(call(f"{at}.emit", event, *args, "object()", *to))
                if args:
                    yield refused(call(f"{at}.emit", event, *args[:-1], "object()", *to))
                if "ack" in parts:
                    number += 1
                    if parts["ack"] and all(isinstance(shape, str) for shape in parts["ack"]):
                        kinds = [" | ".join(NAMES[one] for one in shape.split(" | ")) for shape in parts["ack"]]
                        kind = kinds[0] if len(kinds) == 1 else f"tuple[{', '.join(kinds)}]"
                        yield f"right_{number}: {kind} = {call(f'{at}.call', event, *args, *to)}"
                    yield refused(f"wrong_{number}: made._Socket = {call(f'{at}.call', event, *args, *to)}")
            for event, parts in events[hears].items():
                number += 1
                before = ["sid: str"] if side == "Server" else []
                arguments = [f"arg{place}: Any" for place in range(len(parts["args"]))]
                yield f"def right_{number}({', '.join([*before, *arguments])}) -> Any: ..."
                yield f"{call(f'{at}.on', event)}(right_{number})"
                yield f"def wrong_{number}({', '.join([*before, *arguments, 'more: Any'])}) -> Any: ..."
                yield refused(f"{call(f'{at}.on', event)}(wrong_{number})")
                yield refused(call(f"{at}.on", event + "!"))
                if arguments:
                    yield f"def other_{number}({', '.join([*before, *arguments[:-1], 'last: made._Socket'])}) -> Any: ..."
                    yield refused(f"{call(f'{at}.on', event)}(other_{number})")


def call(function: str, *args: str) -> str:
    return f"{function}({', '.join([json.dumps(args[0]), *args[1:]])})"


def refused(line: str) -> str:
    return f"{line}  # type: ignore"


@pytest.mark.parametrize("place", ["sync", "asyncio"])
def test_a_typed_client_talks_to_the_official_server(node: str, modules: Path, place: str) -> None:
    """Events and acknowledgements both ways, with binary data, through the generated client."""
    del node
    (port,) = free_ports(1)
    with running(node_command(APPS / "files.js", port), listening=[port], env=npm_environment()):
        client = python(modules / place / "files_client.py", f"http://127.0.0.1:{port}")
        with running(client, cwd=modules / place) as child:
            assert "done" in child.wait(30)


def test_the_official_client_talks_to_a_typed_server(node: str, modules: Path) -> None:
    """The recorded client is served by the generated server as by its own."""
    del node
    (port,) = free_ports(1)
    place = modules / "sync"
    with (
        running(python(place / "files_server.py", port), listening=[port], cwd=place) as server,
        running(node_command(APPS / "files_client.js", f"http://127.0.0.1:{port}", "websocket"), env=npm_environment()) as client,
    ):
        client.wait(30)
        assert "Traceback" not in server.output
