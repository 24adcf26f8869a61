"""Documents to contracts: places, YAML 1.2, references, dialects; and what is refused, where, with what to do."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from infer.asyncapi.contract import Contract
from infer.asyncapi.opening import Shelf, open_contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.errors import SpecError
from infer.model import Direction

C2S, S2C = Direction.C2S, Direction.S2C
V2 = """
asyncapi: {version}
channels:
  /chat:
    publish:
      message: {{name: on, payload: {{type: object, properties: {{no: {{type: string}}, "y": {{type: boolean}}}}}}}}
    subscribe:
      message:
        oneOf:
          - {{name: "yes", payload: {{type: string}}}}
          - {{name: off, x-ack: {{args: {{type: integer}}}}}}
"""
V3 = """
asyncapi: {version}
channels:
  chat:
    address: /chat
    messages: {{m: {{name: say, payload: {{type: string}}}}, a: {{payload: {{type: boolean}}}}}}
operations:
  o:
    action: receive
    channel: {{$ref: '#/channels/chat'}}
    messages: [{{$ref: '#/channels/chat/messages/m'}}]
    reply: {{messages: [{{$ref: '#/channels/chat/messages/a'}}]}}
"""


def reading(text: str | dict[str, str], name: str = "a.yml", **options: Any) -> Contract:
    """The contract of a text, or of the first of several files."""
    files = {name: text} if isinstance(text, str) else text

    def content(wanted: str) -> str:
        if wanted not in files:
            raise SpecError("cannot be read", wanted)
        return files[wanted]

    perspective = options.pop("perspective", None)
    return read(Documents(content, **options), next(iter(files)), perspective=perspective)


def message(fields: str, version: str = "2.6.0") -> str:
    """A document of one message that the client sends."""
    return f"asyncapi: {version}\nchannels:\n  /:\n    publish:\n      message:\n        name: say\n        {fields}\n"


@pytest.mark.parametrize("version", ["2.0.0", "2.1.0", "2.2.0", "2.3.0", "2.4.0", "2.5.0", "2.6.0"])
def test_every_version_2_is_read(version: str) -> None:
    """`publish` is what the client emits, and names that YAML 1.1 takes for booleans stay names."""
    events = reading(V2.format(version=version)).namespaces["/chat"].events
    assert set(events) == {(C2S, "on"), (S2C, "yes"), (S2C, "off")}
    assert set(events[C2S, "on"].args.merged().slots[0].schema["properties"]) == {"no", "y"}
    assert events[S2C, "yes"].ack is None
    assert events[S2C, "off"].ack is not None


@pytest.mark.parametrize("version", ["3.0.0", "3.1.0"])
def test_every_version_3_is_read(version: str) -> None:
    """`receive` is what the client emits; a reply is the acknowledgement."""
    event = reading(V3.format(version=version)).namespaces["/chat"].events[C2S, "say"]
    assert event.ack is not None
    assert [slot.schema["type"] for slot in event.ack.merged().slots] == ["boolean"]


def test_a_document_of_the_client_is_turned_round() -> None:
    """By the option, or by what it says of itself."""
    assert set(reading(V3.format(version="3.0.0"), perspective="client").namespaces["/chat"].events) == {(S2C, "say")}
    stated = V3.format(version="3.0.0") + "info: {x-sio-infer: {perspective: client}}\n"
    assert set(reading(stated).namespaces["/chat"].events) == {(S2C, "say")}


ACKS = {
    "x-ack: {args: {type: string}}": ["string"],  # Asynction
    "x-ack: {type: string}": ["string"],  # sio-asyncapi
    "x-ack: {type: array, prefixItems: [{type: string}, {type: integer}], items: {not: {}}}": ["string", "integer"],
    "x-ack: {type: array, items: {type: string}}": ["array"],
}


@pytest.mark.parametrize(("ack", "types"), ACKS.items())
def test_every_dialect_of_acknowledgements_is_read(ack: str, types: list[str]) -> None:
    """One array stays one argument; a tuple is several."""
    event = reading(message(ack)).namespaces["/"].events[C2S, "say"]
    assert event.ack is not None
    assert [slot.schema["type"] for slot in event.ack.merged().slots] == types


PAYLOADS = {
    "x-none: 1": (0, 0, False),
    "payload: {type: string}": (1, 1, False),
    "payload: {type: array, items: {type: string}}": (1, 1, False),
    "payload: {type: array, maxItems: 0}": (0, 0, False),
    "payload: {type: array, additionalItems: false}": (0, 0, False),  # zod-sockets' empty tuple
    "payload: {type: array, prefixItems: [], items: {type: string}}": (0, 0, True),  # and its rest
    "payload: {type: array, items: [{}, {}], minItems: 1, maxItems: 2, additionalItems: false}": (2, 1, False),
    "payload: {type: array, prefixItems: [{}, {}]}": (2, 2, False),
    "payload: {type: array, items: [{}], additionalItems: {type: string}}": (1, 1, True),
    "payload: {type: array, prefixItems: [{}, {}], items: {type: string}, maxItems: 2}": (2, 2, False),
    "payload: {type: array, prefixItems: [{}], items: {type: string}, maxItems: 2}": (1, 1, True),
    "payload: {type: array, prefixItems: [{}], items: false}": (1, 1, False),
}


@pytest.mark.parametrize(("payload", "expected"), PAYLOADS.items())
def test_every_form_of_argument_lists_is_read(payload: str, expected: tuple[int, int, bool]) -> None:
    """How many there are, how many must be, whether more may come."""
    (only,) = reading(message(payload)).namespaces["/"].events[C2S, "say"].args.alternatives
    assert (len(only.slots), only.required, only.rest is not None) == expected


def test_traits_are_taken_in_by_the_rules_of_their_version() -> None:
    """In 3.x the message's own word counts, in 2.x a trait is merged over it."""
    fields = "traits: [{schemaFormat: application/vnd.apache.avro, x-ack: {type: string}}]\n        payload: {type: string}"
    event = reading(message(fields)).namespaces["/"].events[C2S, "say"]
    assert event.ack is not None
    assert event.args.merged().slots[0].schema.unknown == ["schemaFormat application/vnd.apache.avro"]


@pytest.mark.parametrize("format_", ["application/schema+json;version=draft-07", "application/vnd.aai.asyncapi+yaml;version=2.6.0"])
def test_a_multi_format_schema_of_a_known_format_is_a_schema(format_: str) -> None:
    """Version 3 puts the format beside the schema."""
    fields = f"payload: {{schemaFormat: '{format_}', schema: {{type: integer}}}}"
    slot = reading(message(fields)).namespaces["/"].events[C2S, "say"].args.merged().slots[0]
    assert slot.schema["type"] == "integer"


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("{url: 'wss://h.test:8443/rt/socket.io', protocol: wss}", ("h.test:8443", "/rt/socket.io/", "wss")),
        ("{url: 'h.test', protocol: ws}", ("h.test", None, "ws")),
        ("{url: 'wss://{region}.h.test/{path}/', protocol: wss}", ("{region}.h.test", None, "wss")),
        ("{host: 'h.test:1', pathname: /rt, protocol: ws}", ("h.test:1", "/rt/", "ws")),
        ("{host: h.test, protocol: ws}", ("h.test", None, "ws")),
    ],
)
def test_a_server_is_a_host_and_a_path(server: str, expected: tuple[str | None, ...]) -> None:
    """2.x writes them as one URL; of a path with a variable nothing certain is said."""
    (found,) = reading(f"asyncapi: 2.6.0\nservers: {{s: {server}}}\nchannels: {{}}").endpoints
    assert (found.host, found.path, found.scheme) == expected


def test_a_message_without_a_name_is_called_by_its_id_and_else_by_its_key() -> None:
    """AsyncAPI 2.6: `messageId` identifies it."""
    parts = "components: {messages: {one: {messageId: first, payload: {}}, two: {payload: {}}}}"
    listed = "oneOf: [{$ref: '#/components/messages/one'}, {$ref: '#/components/messages/two'}]"
    events = reading(f"asyncapi: 2.6.0\nchannels:\n  /: {{publish: {{message: {{{listed}}}}}}}\n{parts}").namespaces["/"].events
    assert set(events) == {(C2S, "first"), (C2S, "two")}


@pytest.mark.parametrize(
    "text",
    [
        "asyncapi: 2.6.0\nchannels:\n  /: {publish: {message: {$ref: '#/components/messages/a~1b%20c'}}}\ncomponents: {messages: {'a/b c': {payload: {}}}}",
        ("asyncapi: 3.0.0\nchannels: {'/': {messages: {'a/b c': {payload: {}}}}}\n"
        "operations: {o: {action: receive, channel: {$ref: '#/channels/~1'}, messages: [{$ref: '#/channels/~1/messages/a~1b%20c'}]}}"),
    ],
    ids=["2.6", "3.0"],
)
def test_a_key_that_gives_a_name_is_read_as_it_is_written(text: str) -> None:
    """Not as a reference has to write it (RFC 6901), be it that of a message or of a channel."""
    assert set(reading(text).namespaces["/"].events) == {(C2S, "a/b c")}


def test_a_message_that_stands_twice_is_one_with_alternatives() -> None:
    """In the order of the document; the first that says something describes it, and what only one of them has is optional."""
    first = "{name: say, payload: {type: string}, x-ack: {args: {type: integer}}}"
    second = "{name: say, description: Again., payload: {type: boolean}}"
    third = "{name: say, description: Too late., payload: {type: string}, x-ack: {args: {type: integer}}}"
    text = f"asyncapi: 2.6.0\nchannels:\n  /: {{publish: {{message: {{oneOf: [{first}, {second}, {third}]}}}}}}"
    event = reading(text).namespaces["/"].events[C2S, "say"]
    assert [each.slots[0].schema["type"] for each in event.args.alternatives] == ["string", "boolean"]
    assert event.ack is not None
    assert [each.slots[0].schema["type"] for each in event.ack.alternatives] == ["integer"]
    assert (event.description, event.ack_optional) == ("Again.", True)


def test_an_operation_s_own_reply_goes_before_its_trait_s() -> None:
    """AsyncAPI 3.0: traits must not override what the operation says."""
    text = V3.format(version="3.0.0")
    trait = "traits: [{reply: {messages: [{$ref: '#/channels/chat/messages/m'}]}}]"
    for own, types in (("    reply:", "boolean"), ("    x-reply:", "string")):
        event = reading(text.replace("    reply:", f"    {trait}\n{own}")).namespaces["/chat"].events[C2S, "say"]
        assert event.ack is not None
        assert [slot.schema["type"] for slot in event.ack.merged().slots] == [types]


def test_channels_of_one_namespace_take_what_either_takes() -> None:
    """As where two servers have it; where one says nothing, nothing is said."""
    text = """asyncapi: 3.0.0
channels:
  a: {address: /, x-socketio-auth: {type: string}, x-socketio-connect-error: {type: string}, bindings: {ws: {query: QUERY}}}
  b: {address: /, x-socketio-auth: {type: integer}, x-socketio-connect-error: {type: string}, bindings: {ws: {query: {type: object}}}}
  c: {address: /c, x-socketio-auth: {type: string}}
  d: {address: /c}
""".replace("QUERY", "{type: object, properties: {room: {type: string}, EIO: {type: string}}, required: [EIO, room]}")
    spaces = reading(text).namespaces
    assert spaces["/"].auth == {"anyOf": [{"type": "string"}, {"type": "integer"}]}
    assert spaces["/"].error == {"type": "string"}
    assert spaces["/"].query == {
        "anyOf": [{"type": "object", "properties": {"room": {"type": "string"}}, "required": ["room"]}, {"type": "object"}]
    }
    assert spaces["/c"].auth is None


def test_references_lead_into_other_files_and_back() -> None:
    """Each is followed from the file in which it stands, and everything knows its own file, line and column."""
    files = {
        "a.yml": message("payload: {$ref: 'parts/b.json#/User'}"),
        "parts/b.json": '{"User": {"type": "object", "properties": {"n": {"$ref": "#/N"}, "u": {"$ref": "#/User"}}},\n "N": {"type": "integer"}}',
    }
    contract = reading(files, join=lambda base, relative: os.path.normpath(Path(base).parent / relative))
    slot = contract.namespaces["/"].events[C2S, "say"].args.merged().slots[0]
    user = contract.resolve(slot.schema)
    assert str(user.place) == "parts/b.json:1:2"
    assert contract.resolve(user["properties"]["n"])["type"] == "integer"
    assert str(contract.resolve(user["properties"]["n"]).place) == "parts/b.json:2:2"
    assert contract.resolve(user["properties"]["u"]) is user


REFUSED = {
    "": ("empty", "a.yml"),
    "openapi: 3.0.0": ("no key 'asyncapi'", "a.yml:1:1"),
    "asyncapi: 4.0.0": ("AsyncAPI 4.0.0 is not known", "a.yml:1:1"),
    "asyncapi: 2.6.0\nasyncapi: 2.6.0": ("duplicate key 'asyncapi'", "a.yml:2:1"),
    '{"asyncapi": "2.6.0",\n "a": 1, "a": 2}': ("duplicate key 'a'", "a.yml:2:10"),
    "asyncapi: 2.6.0\nx: {<<: 1}": ("must stand for a mapping", "a.yml:2:5"),
    "asyncapi: 2.6.0\nx: {<<: {}, <<: {}}": ("duplicate key '<<'", "a.yml:2:13"),
    "asyncapi: 3.0": ("no text", "a.yml:1:1"),
    "asyncapi: 2.6.0\n  x: [": ("no valid YAML", "a.yml:"),
    "asyncapi: !!python/object:os.system 2": ("unknown tag", "a.yml:1:1"),
    "asyncapi: 2.6.0\nx: " + "[" * 300 + "]" * 300: ("nested deeper", "a.yml:2:"),
    message("payload: {$ref: '#/components/schemas/Usr'}") + "components: {schemas: {User: {}}}": ("nothing stands at", "a.yml:7:"),
    message("payload: {$ref: '#/a'}") + "a: {$ref: '#/b'}\nb: {$ref: '#/a'}": ("circle", "a.yml:"),
    message("payload: {$ref: 'https://example.com/s.json'}"): ("remote reference", "a.yml:7:"),
    message("payload: {$ref: 'gone.yml'}"): ("cannot be read", "a.yml:7:"),
    message("payload: {$ref: '#anchor'}"): ("anchor", "a.yml:7:"),
    message("payload: 5"): ("a schema must be an object", "a.yml:7:"),
    "asyncapi: 3.0.0\noperations: {o: {action: sing}}": ("has no action", "a.yml:2:14"),
    "asyncapi: 3.0.0\noperations: {o: {action: send}}": ("has no channel", "a.yml:2:14"),
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.items(), ids=[words for words, _ in REFUSED.values()])
def test_what_is_wrong_is_refused_with_its_place(text: str, expected: tuple[str, str]) -> None:
    """One message, `file:line:column`, and nothing of a traceback."""
    with pytest.raises(SpecError) as error:
        reading(text)
    words, place = expected
    assert words in error.value.message
    assert (error.value.location or "").startswith(place)


def test_what_aliases_stand_for_is_bounded() -> None:
    """A few hundred bytes of YAML can stand for billions of nodes."""
    lines = ["asyncapi: 2.6.0", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    with pytest.raises(SpecError, match="nodes once its aliases are expanded"):
        reading("\n".join(lines))


def test_a_remote_reference_is_followed_where_it_is_allowed() -> None:
    """By the same reader of text as any other."""
    files = {"a.yml": message("payload: {$ref: 'https://example.com/s.json'}"), "https://example.com/s.json": '{"type": "integer"}'}
    contract = reading(files, allow_remote=True)
    slot = contract.namespaces["/"].events[C2S, "say"].args.merged().slots[0]
    assert contract.resolve(slot.schema)["type"] == "integer"


def test_json_is_read_as_json() -> None:
    """Tabs, and surrogate pairs as escapes, which YAML refuses."""
    contract = reading('{\n\t"asyncapi": "2.6.0", "channels": {"/": {"publish": {"message": {"name": "\\ud83d\\ude00"}}}}}', "a.json")
    assert set(contract.namespaces["/"].events) == {(C2S, "😀")}


def test_scalars_follow_the_core_schema_of_yaml_1_2() -> None:
    """No sexagesimal numbers, no octal by a leading zero, no booleans but true and false."""
    fields = "payload: {enum: [yes, on, 1:30, 0o17, 0x1F, 012, 1e3, ~, true, 2024-05-17]}"
    slot = reading(message(fields)).namespaces["/"].events[C2S, "say"].args.merged().slots[0]
    assert slot.schema["enum"] == ["yes", "on", "1:30", 15, 31, 12, 1000.0, None, True, "2024-05-17"]


def test_a_file_is_read_from_git_as_it_stood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`REF:path`, with what it refers to from the same commit."""
    monkeypatch.chdir(tmp_path)

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)

    git("init", "-q")
    Path("a.yml").write_text(message("payload: {$ref: 'b.yml'}"))
    Path("b.yml").write_text("type: integer\n")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    Path("b.yml").write_text("type: string\n")
    for name, kind in (("HEAD:a.yml", "integer"), ("a.yml", "string")):
        assert Shelf().is_document(name)
        contract = open_contract(name)
        slot = contract.namespaces["/"].events[C2S, "say"].args.merged().slots[0]
        assert contract.resolve(slot.schema)["type"] == kind
    with pytest.raises(SpecError, match="none in git either"):
        open_contract("HEAD:gone.yml")


def test_our_own_handshake_is_read_back() -> None:
    """`auth`, the data of refusals, the query without Engine.IO's own parameters, names that no channel can have."""
    text = """
asyncapi: 3.0.0
servers: {s: {host: h, protocol: ws, pathname: /socket.io/, protocolVersion: '5'}}
channels:
  odd:
    address: null
    x-socketio-namespace: /{odd}
    x-socketio-auth: {type: object}
    x-socketio-connect-error: {type: string}
    bindings: {ws: {query: {type: object, properties: {EIO: {const: '4'}, room: {type: string}}, required: [EIO, room]}}}
  many: {address: '/room-{id}'}
"""
    contract = reading(text)
    odd, many = contract.namespaces["/{odd}"], contract.namespaces["/room-{id}"]
    assert (odd.template, many.template) == (False, True)
    assert odd.auth == {"type": "object"}
    assert odd.error == {"type": "string"}
    assert odd.query is not None
    assert list(odd.query["properties"]) == odd.query["required"] == ["room"]
    assert [(each.path, each.protocol, each.host) for each in contract.endpoints] == [("/socket.io/", "5", "h")]


def test_entries_by_a_merge_key_are_there_and_stand_where_they_were_written() -> None:
    """An own entry goes before them, and of several mappings the first one."""
    text = """asyncapi: 2.6.0
x-one: &one
  type: object
  required: [a]
x-two: &two {required: [b], properties: {a: {type: string}}}
channels:
  /: {publish: {message: {name: say, payload: {<<: [*one, *two], required: [c]}}}}
  /b: {publish: {message: {name: say, payload: {<<: *one}}}}
  /c: {publish: {message: {name: say, payload: {"<<": *one}}}}
"""
    spaces = reading(text).namespaces
    merged, other, literal = (spaces[name].events[C2S, "say"].args.merged().slots[0].schema for name in ("/", "/b", "/c"))
    assert (merged["type"], merged["required"], merged["properties"]["a"].place.line) == ("object", ["c"], 5)
    assert other == {"type": "object", "required": ["a"]}
    assert literal.unknown == ["<<"]


EVENTS_V2 = """
asyncapi: 2.5.0
servers: {here: {url: 'ws://localhost:3000/chat', protocol: socket.io}}
channels:
  message:send:
    subscribe: {message: {name: CreateMessageDto, payload: {type: string}}}
    publish: {message: {oneOf: [{name: Sent, payload: {type: integer}}, {name: Refused, payload: {type: boolean}}]}}
  "room/{id}/typing":
    publish: {message: {payload: {type: object}}}
  leave: {}
  join: {subscribe: {message: {payload: {type: string}}}}
"""
EVENTS_V3 = """
asyncapi: 3.0.0
channels:
  chat.send:
    address: chat:send
    messages: {m: {name: ChatSend, payload: {type: string}}, a: {payload: {type: boolean}}}
  leave: {messages: {m: {payload: {type: string}}}}
operations:
  o:
    action: receive
    channel: {$ref: '#/channels/chat.send'}
    messages: [{$ref: '#/channels/chat.send/messages/m'}]
    reply: {messages: [{$ref: '#/channels/chat.send/messages/a'}]}
  p: {action: send, channel: {$ref: '#/channels/leave'}}
"""


def test_channels_that_are_events_are_told_by_their_names() -> None:
    """No namespace is called without a slash: the channel's name is the event's, whatever its messages are called."""
    contract = reading(EVENTS_V2, perspective="client")
    (space,) = contract.namespaces.values()
    assert (space.name, space.named, space.place.pointer) == ("/", False, "/channels")
    assert {key: event.template for key, event in space.events.items()} == {
        (C2S, "join"): False, (C2S, "message:send"): False, (S2C, "message:send"): False, (S2C, "room/{id}/typing"): True,
    }  # fmt: skip
    assert len(space.events[S2C, "message:send"].args.alternatives) == 2
    assert [endpoint.path for endpoint in contract.endpoints] == [None]  # in Socket.IO's own URLs it is the namespace
    (space,) = reading(EVENTS_V3).namespaces.values()
    assert set(space.events) == {(C2S, "chat:send"), (S2C, "leave")}
    assert space.events[C2S, "chat:send"].ack is not None


@pytest.mark.parametrize(
    "text",
    [
        EVENTS_V2 + "  /: {}\n",
        EVENTS_V3.replace("channels:\n", "channels:\n  admin: {x-socketio-namespace: /admin}\n", 1),
        V2.format(version="2.6.0").replace("/chat", "chat"),  # several messages of one direction
        V3.format(version="3.0.0").replace("/chat", "chat/room").replace("operations:", "operations: {}\nx-operations:"),
    ],
)
def test_channels_that_may_be_namespaces_are(text: str) -> None:
    """One that is called as a namespace makes all of them namespaces, as do several messages of one direction in most."""
    assert all(space.named for space in reading(text).namespaces.values())


@pytest.mark.parametrize(
    ("server", "path"),
    [
        ("{host: a.test, pathname: /socket.io, protocol: socket.io}", "/socket.io/"),
        ("{host: a.test, pathname: /v2/socket.io/, protocol: socketio}", "/v2/socket.io/"),
        ("{host: a.test, pathname: /chat, protocol: socketio}", None),
        ("{host: a.test, pathname: /live, protocol: wss}", "/live/"),
    ],
)
def test_a_path_that_may_be_a_namespace_says_nothing(server: str, path: str | None) -> None:
    """Socket.IO's clients are given URLs that have the namespace for their path."""
    (endpoint,) = reading(V3.format(version="3.0.0") + f"servers: {{s: {server}}}\n").endpoints
    assert endpoint.path == path
