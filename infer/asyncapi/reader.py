"""A document to the contract that it promises: AsyncAPI 2.0 to 2.6, 3.0 and 3.1, in every dialect that was met.

A document describes the server: what 2.x publishes and 3.x receives, the client emits. An acknowledgement is
`x-ack: {args: <schema>}` (Asynction), `x-ack: <schema>` (sio-asyncapi) or the messages of a 3.x `reply`; a payload with
a list of item schemas is an argument list, any other payload is one argument (zod-sockets always writes the list).

A channel is a namespace with its events as messages (all of these), or else an event (nestjs-asyncapi, and most documents
that are written by hand): a namespace's name begins with a slash on the wire, an event's hardly ever does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

import msgspec

from infer.asyncapi.circles import undo
from infer.asyncapi.contract import ArgList, Contract, Endpoint, Event, Namespace, Signature, Slot
from infer.asyncapi.parts import AUTH, CONNECT_ERROR, EXTENSION, NAMESPACE, PARSER, TEMPLATE
from infer.asyncapi.pointers import last_key
from infer.asyncapi.references import Cursor, Documents, Place
from infer.asyncapi.schemas import Normaliser, Schema
from infer.model import OTHER, Direction

_ACTIONS: Final = {"receive": Direction.C2S, "send": Direction.S2C}
_VERBS: Final = {"publish": Direction.C2S, "subscribe": Direction.S2C}
_VERSIONS: Final = ("2.", "3.0", "3.1")
_ENGINE_IO: Final = frozenset({"EIO", "b64", "j", "sid", "t", "transport"})
"""Parameters of the protocol, as engine.io-protocol names them."""
_SCHEMA_WORDS: Final = frozenset({"$ref", "allOf", "anyOf", "const", "enum", "items", "oneOf", "prefixItems", "properties", "type"})


def read(documents: Documents, name: str, *, perspective: str | None = None) -> Contract:
    """The contract of a document.

    `perspective` is `server` or `client`: whom the document describes; None takes what the document says of itself
    (`x-sio-infer: {perspective: client}` under `info`), else the server. Errors: `SpecError` with the place.
    """
    root = documents.root(name).mapping("an AsyncAPI document")
    version = root.text("asyncapi")
    stated = root.get("asyncapi")
    if stated is not None and version is None:
        stated.refuse("the version of AsyncAPI is no text", "write it in full: asyncapi: 3.0.0")
    if version is None:
        root.refuse("no AsyncAPI document: it has no key 'asyncapi'", "is this the right file?")
    if not version.startswith(_VERSIONS):
        (stated or root).refuse(f"AsyncAPI {version[:20]} is not known", "versions 2.0 to 2.6, 3.0 and 3.1 are")
    if perspective is None:
        perspective = _stated_perspective(root)
    reader = _V3(root) if version.startswith("3") else _V2(root)
    reader.flip = perspective == "client"
    contract = Contract(
        name,
        root.place,
        version,
        definitions=reader.normaliser.definitions,
        perspective=perspective or "server",
        root=root,
    )
    contract.endpoints.extend(_endpoints(root))
    reader.into(contract)
    undo(contract.definitions)
    return contract


class _Emission(msgspec.Struct, frozen=True):
    """A message that an operation sends or receives."""

    channel: Cursor
    name: str
    """Of the channel."""
    direction: Direction
    message: Cursor
    key: str
    """What the event is called, if the message does not say and the channel is none."""
    reply: Signature | None = None


class _Reader:
    """What the two generations share: channels, messages, their arguments, acknowledgements and handshakes."""

    def __init__(self, root: Cursor) -> None:
        self.root = root
        self.normaliser = Normaliser()
        self.flip = False
        self._channels: set[Place] = set()
        """Where those stand that were taken in."""

    def into(self, contract: Contract) -> None:
        """Take in the channels, then the messages."""
        channels, emissions = list(self.channels()), list(self.emissions())
        if _are_events([name for name, _ in channels], emissions):
            for _, channel in channels:
                space = self.namespace(contract, "/", channel)
                space.named, space.place = False, (self.root.get("channels") or self.root).place
            for each in emissions:
                self.add(self.namespace(contract, "/", each.channel), each, each.name)
            return
        for name, channel in channels:
            self.namespace(contract, _namespace_name(name), channel)
        for each in emissions:
            self.add(self.namespace(contract, _namespace_name(each.name), each.channel), each)

    def channels(self) -> Iterator[tuple[str, Cursor]]:
        """The channels with their names."""
        channels = self.root.get("channels")
        for key, entry in channels.items() if channels is not None else ():
            channel = entry.resolved().mapping("a channel")
            yield _channel_name(channel, key), channel

    def emissions(self) -> Iterator[_Emission]:
        """The messages, in the order of the document."""
        raise NotImplementedError

    def namespace(self, contract: Contract, name: str, channel: Cursor) -> Namespace:
        """The namespace of a channel; channels of several servers may stand for the same one."""
        query, ws = None, channel.get("bindings")
        ws = ws.get("ws") if ws is not None else None
        stated = self._optional(ws.child("query") if ws is not None else None)
        if stated is not None:
            query = _application_query(self._resolved(stated))
        auth = self._optional(channel.child(AUTH))
        error = self._optional(channel.child(CONNECT_ERROR))
        namespace = contract.namespaces.get(name)
        if namespace is None:
            template = "{" in name and (channel.child(NAMESPACE) is None or channel.child(TEMPLATE) is not None)
            namespace = Namespace(name, channel.place, {}, auth, error, query, template=template)
            contract.namespaces[name] = namespace
        elif channel.place not in self._channels:
            namespace.auth = _either(namespace.auth, auth)
            namespace.error = _either(namespace.error, error)
            namespace.query = _either(namespace.query, query)
        if channel.place not in self._channels:
            self._channels.add(channel.place)
            namespace.servers |= set(_server_names(channel))
        return namespace

    def add(self, namespace: Namespace, emission: _Emission, event: str | None = None) -> None:
        """Take one message of an operation in; one with the name of another is an alternative to it.

        `event` is the name of the event, where the message's is of no account.
        """
        direction = OTHER[emission.direction] if self.flip else emission.direction
        message = emission.message
        parts = self._with_traits(message)
        name = event or next((text for part in parts if (text := part.text("name")) is not None), emission.key)
        media_type = next((text for part in parts if (text := part.text("schemaFormat")) is not None), None)
        args = self.signature(message.child("payload"), message, media_type)
        ack = next((self._ack(at) for part in parts if (at := part.child("x-ack")) is not None), emission.reply)
        optional = any(_is_asked_at_times(at) for part in parts if (at := part.child(EXTENSION)) is not None)
        known = namespace.events.get((direction, name))
        if known is not None:
            args = _joined(known.args, args)
            optional = optional or known.ack_optional or (known.ack is None) != (ack is None)
            ack = known.ack if ack is None else ack if known.ack is None else _joined(known.ack, ack)
        place = message.place if known is None else known.place
        description = next((text for part in parts if (text := part.text("description")) is not None), None)
        description = description if known is None else known.description or description
        template = any(part.child(TEMPLATE) is not None for part in parts) or (event is not None and "{" in event)
        namespace.events[direction, name] = Event(name, direction, args, ack, place, description, template, optional)

    def signature(self, payload: Cursor | None, owner: Cursor, media_type: str | None = None) -> Signature:
        """The argument lists of a payload; without one there are no arguments."""
        if payload is None:
            return Signature((ArgList((), None, owner.place),))
        if media_type is not None and payload.reference is None:
            return Signature(tuple(self._lists(self.normaliser.formatted(payload, media_type))))
        return Signature(tuple(self._lists(self.normaliser.schema(payload))))

    def _lists(self, schema: Schema) -> Iterator[ArgList]:
        target = self._resolved(schema)
        for keyword in ("oneOf", "anyOf"):
            branches = target.get(keyword)
            if branches and all(_is_list(self._resolved(branch)) for branch in branches):
                for branch in branches:
                    yield from self._lists(branch)
                return
        if not _is_list(target):
            yield ArgList((Slot(schema, required=True),), None, schema.place)
            return
        items: list[Schema] = target.get("prefixItems", [])
        least = target.get("minItems", len(items))
        most = target.get("maxItems")
        slots = tuple(Slot(item, index < least) for index, item in enumerate(items))
        rest: Schema | None = target.get("items")
        if (rest is not None and "not" in rest and not rest["not"]) or (most is not None and most <= len(items)):
            rest = None
        yield ArgList(slots, rest, target.place)

    def _ack(self, ack: Cursor) -> Signature:
        ack = ack.resolved()
        value = ack.node.value
        if isinstance(value, dict) and "args" in value and not _SCHEMA_WORDS & value.keys():
            return self.signature(ack.child("args"), ack)
        if not value or value is True:
            return Signature((ArgList((), Schema({}, ack.place), ack.place),))
        return self.signature(ack, ack)

    def _with_traits(self, message: Cursor) -> list[Cursor]:
        """The message and its traits, the one whose word counts first."""
        traits = message.get("traits")
        found = [trait.resolved() for _, trait in traits.items()] if traits is not None else []
        # 3.0: "MUST NOT override"; 2.x: merged over the message in the order given
        return [message, *found] if isinstance(self, _V3) else [*reversed(found), message]

    def _optional(self, cursor: Cursor | None) -> Schema | None:
        return None if cursor is None else self.normaliser.schema(cursor)

    def _resolved(self, schema: Schema) -> Schema:
        seen = 0
        while "$ref" in schema and seen <= len(self.normaliser.definitions):
            schema = self.normaliser.definitions[str(schema["$ref"]).rpartition("/")[2]]
            seen += 1
        return schema


class _V2(_Reader):
    """Channels hold operations, and their keys are their names."""

    def emissions(self) -> Iterator[_Emission]:
        for name, channel in self.channels():
            for verb, direction in _VERBS.items():
                operation = channel.get(verb)
                message = operation.get("message") if operation is not None else None
                if message is None:
                    continue
                one_of = message.get("oneOf")
                listed = [each for _, each in one_of.items()] if one_of is not None else [message]
                for each in listed:
                    at = each.resolved().mapping("a message")
                    fallback = at.text("messageId") or last_key(at.pointer)
                    yield _Emission(channel, name, direction, at, fallback)


class _V3(_Reader):
    """Operations stand apart from channels, whose addresses are their names."""

    def emissions(self) -> Iterator[_Emission]:
        operations = self.root.get("operations")
        for key, entry in operations.items() if operations is not None else ():
            operation = entry.resolved().mapping("an operation")
            yield from self._operation(operation, key)

    def _operation(self, operation: Cursor, key: str) -> Iterator[_Emission]:
        action = operation.text("action")
        direction = _ACTIONS.get(action or "")
        if direction is None:
            operation.refuse(f"operation {key[:80]!r} has no action", "it must be 'send' or 'receive'")
        channel = operation.get("channel")
        if channel is None:
            operation.refuse(f"operation {key[:80]!r} has no channel", "add channel: {$ref: '#/channels/...'}")
        address = _channel_name(channel, last_key(channel.pointer))
        reply = self._reply(operation)
        for name, message in _messages(operation, channel):
            yield _Emission(channel, address, direction, message.mapping("a message"), name, reply)

    def _reply(self, operation: Cursor) -> Signature | None:
        reply = operation.get("reply")
        for trait_list in () if reply is not None else filter(None, [operation.get("traits")]):
            replies = (trait.resolved().get("reply") for _, trait in trait_list.items())
            reply = next(filter(None, replies), None)
        if reply is None:
            return None
        channel = reply.get("channel")
        found: Signature | None = None
        for _, message in _messages(reply, channel):
            one = self.signature(message.child("payload"), message)
            found = one if found is None else _joined(found, one)
        return found or Signature((ArgList((), Schema({}, reply.place), reply.place),))


def _messages(operation: Cursor, channel: Cursor | None) -> Iterator[tuple[str, Cursor]]:
    """The messages of an operation or reply: those listed, else all of its channel."""
    listed = operation.get("messages")
    if listed is None and channel is not None:
        listed = channel.get("messages")
    for key, entry in listed.items() if listed is not None else ():
        reference = entry.reference
        yield key if reference is None else last_key(unquote(reference)), entry.resolved()


def _channel_name(channel: Cursor, key: str) -> str:
    """What a channel is called: by its key, unless it says otherwise."""
    return channel.text(NAMESPACE) or channel.text("address") or key


def _are_events(names: list[str], emissions: list[_Emission]) -> bool:
    """Whether the channels are events: none is called as a namespace is, and most have one message in a direction."""
    if not emissions or any(name.startswith("/") for name in names):
        return False
    messages = {(each.channel.place, each.direction, each.message.place) for each in emissions}
    counts = Counter((channel, direction) for channel, direction, _ in messages)
    several = {channel for (channel, _), count in counts.items() if count > 1}
    return 2 * len(several) < len({channel for channel, _ in counts})


def _application_query(schema: Schema) -> Schema:
    """The query without Engine.IO's own parameters: what the protocol demands is no one's contract."""
    made = dict(schema)
    if "properties" in made:
        made["properties"] = {name: part for name, part in made["properties"].items() if name not in _ENGINE_IO}
    if "required" in made:
        made["required"] = [name for name in made["required"] if name not in _ENGINE_IO]
    return Schema(made, schema.place, schema.title)


def _namespace_name(name: str) -> str:
    return name if name.startswith("/") else f"/{name}"


def _either(first: Schema | None, second: Schema | None) -> Schema | None:
    """What either of two channels for one namespace takes; where one says nothing, nothing is said."""
    if first is None or second is None:
        return None
    return first if first == second else Schema({"anyOf": [first, second]}, first.place)


def _server_names(channel: Cursor) -> Iterator[str]:
    servers = channel.get("servers")
    for _, each in servers.items() if servers is not None else ():
        if each.reference is not None:
            yield last_key(unquote(each.reference))
        elif isinstance(each.node.value, str):
            yield each.node.value


def _is_list(schema: Schema) -> bool:
    """Whether a payload's schema is that of an argument list, not of one argument."""
    if "prefixItems" in schema:
        return True
    return schema.get("type") == "array" and schema.get("maxItems") == 0


def _is_asked_at_times(evidence: Cursor) -> bool:
    """Whether a message was seen more often than its acknowledgement was asked for."""
    samples, asked = (evidence.child(key) for key in ("samples", "acksAsked"))
    if samples is None or asked is None:
        return False
    return isinstance(samples.value, int) and isinstance(asked.value, int) and asked.value < samples.value


def _joined(first: Signature, second: Signature) -> Signature:
    more = [each for each in second.alternatives if each.schema() not in [one.schema() for one in first.alternatives]]
    return Signature((*first.alternatives, *more))


def _stated_perspective(root: Cursor) -> str | None:
    info = root.get("info")
    note = info.get("x-sio-infer") if info is not None else None
    return note.text("perspective") if note is not None else None


def _endpoints(root: Cursor) -> Iterator[Endpoint]:
    servers = root.get("servers")
    for name, entry in servers.items() if servers is not None else ():
        server = entry.resolved()
        path = server.text("pathname")
        url = server.text("url")
        protocol = server.text("protocol")
        if path is None and url is not None:
            path = "/" + url.rpartition("://")[2].partition("/")[2]
        if path is not None and ("{" in path or _may_be_namespace(path, protocol)):
            path = None  # nothing certain is said
        host = server.text("host") or ((url or "").rpartition("://")[2].partition("/")[0] or None)
        stated = path.strip("/") if path is not None else ""
        version = server.get("protocolVersion")
        yield Endpoint(
            name,
            f"/{stated}/" if stated else None,
            None if version is None else str(version.value),
            server.place,
            host,
            protocol,
            server.text(PARSER),
        )


def _may_be_namespace(path: str, protocol: str | None) -> bool:
    """Whether a server's path may be meant as in URLs that are given to Socket.IO's clients, which have the namespace there."""
    return (protocol or "").lower() in {"socket.io", "socketio"} and not path.rstrip("/").endswith("/socket.io")
