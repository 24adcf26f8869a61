"""The catalog as an API: servers, channels, operations and messages with their schemas, before any version's syntax."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Any, Final

import msgspec

from infer.asyncapi.keys import spelled
from infer.asyncapi.names import Identity, joined, key_of, told_apart, unique_keys
from infer.asyncapi.options import DocumentOptions
from infer.asyncapi.security import credentials_of
from infer.asyncapi.servers import Deployment, deployments
from infer.catalog import SKIPPED, Catalog, EventEntry, Namespace, ServerEntry
from infer.model import Direction
from infer.schema import Args, Built, Root, build

SCHEMAS: Final = "#/components/schemas/"
Json = dict[str, Any]


class Message(msgspec.Struct):
    """An event of one direction."""

    name: str
    """As on the wire."""
    key: str
    direction: Direction
    entry: EventEntry
    payload: Json | None
    """None where it carries no argument."""
    arities: Counter[int]
    """How often it carried how many arguments, of the requests that the payload's schema is made of."""
    ack: Json | None = None
    """Schema of the acknowledgement; None where none was seen, an empty list's where it carries nothing."""
    ack_payload: Json | None = None
    """The same, None where it carries nothing."""
    examples: list[Any] = msgspec.field(default_factory=list)
    """Of the payload; `ack_examples` of the acknowledgement's."""
    ack_examples: list[Any] = msgspec.field(default_factory=list)
    ack_key: str = ""
    """Of the acknowledgement's message, "" where none was seen."""
    component: str = ""
    """Its key among the document's components; `ack_component` that of the acknowledgement's message."""
    ack_component: str = ""
    template: bool = False
    """Whether its name stands for many: `room:{id}:update`."""


class Channel(msgspec.Struct):
    """A namespace of a server (or of several, where the traffic of all is one API)."""

    key: str
    namespace: str
    servers: list[str]
    """Keys of the servers that have it; empty where all have."""
    entry: Namespace
    template: bool = False
    """Whether its name stands for many: `/tenant-{id}`."""
    messages: list[Message] = msgspec.field(default_factory=list)
    auth: Json | None = None
    error: Json | None = None
    query: Json | None = None
    """On the root namespace: the handshake's query; `headers` likewise."""
    headers: Json | None = None


class Api(msgspec.Struct):
    """Everything that a document says."""

    deployments: list[Deployment]
    channels: list[Channel]
    credentials: dict[str, Json]
    """Security schemes by their keys."""
    schemas: dict[str, Json]
    sessions: int
    events: int
    skipped: int
    """Frames of live traffic that were not looked at, as the proxy was faster than the decoding."""
    beyond: int
    """Observations of servers and namespaces beyond the limits on these: of channels that are not here."""


def api_of(catalog: Catalog, options: DocumentOptions) -> Api:
    """The API that a catalog shows. Errors: `UsageError` where the options name no server of it."""
    catalog.hold()
    places = deployments(catalog, options.servers)
    plans = _plan(places)
    roots: dict[Hashable, Root] = {}
    for plan in plans:
        roots |= plan.roots(options)
    built = build(roots, options.rules, SCHEMAS, options.examples)
    schemas = dict(built.definitions)
    channels = [plan.channel(built, schemas, options) for plan in plans]
    _name_components(channels)
    credentials = [credentials_of(place.entry) for place in places]
    schemes = {identity: scheme for found in credentials for identity, scheme in found.items()}
    keys = told_apart({(where, name): joined(where, key_of(name, where)) for where, name in schemes})
    for place, found in zip(places, credentials, strict=True):
        place.security += [keys[identity] for identity in found]
    return Api(
        deployments=places,
        channels=channels,
        credentials={keys[identity]: scheme for identity, scheme in schemes.items()},
        schemas={name: spelled(schema) for name, schema in sorted(schemas.items())},
        sessions=catalog.sessions.count,
        events=sum(message.entry.count for channel in channels for message in channel.messages),
        skipped=catalog.diagnostics[SKIPPED],
        beyond=catalog.servers.overflow + sum(place.entry.namespaces.overflow for place in places),
    )


class _Plan(msgspec.Struct):
    """One channel, and the schemas that are to be built for it."""

    key: str
    namespace: str
    servers: list[str]
    entry: Namespace
    server: ServerEntry
    prefix: tuple[str, ...]
    """Words that keep its schemas' names apart from those of other channels."""
    keys: dict[Identity, str]
    """Of its messages: see `_message_keys`."""

    def roots(self, options: DocumentOptions) -> dict[Hashable, Root]:
        """The slots of this channel."""
        roots: dict[Hashable, Root] = {}
        for (side, name), event in self.entry.events.items():
            words = (*self.prefix, self.keys[side, name])
            roots[self.key, side, name, "args"] = Root(_together(_requests(event, options)), words)
            if event.ack.count:
                roots[self.key, side, name, "ack"] = Root(event.ack, (*words, "ack"))
        label = self.prefix or ((self.key,) if self.namespace != "/" else ())
        if self.entry.auth.count:
            roots[self.key, "auth"] = Root(self.entry.auth, (*label, "auth"))
        if self.entry.error.count:
            roots[self.key, "error"] = Root(self.entry.error, (*label, "connect error"))
        if self.namespace == "/" and self.server.query.count:
            roots[self.key, "query"] = Root(self.server.query, (*label, "handshake query"))
        return roots

    def channel(self, built: Built, schemas: dict[str, Json], options: DocumentOptions) -> Channel:
        """The channel with its schemas, which are put among the components."""

        def put(schema: Json | None) -> Json | None:
            if schema is None:
                return None
            if set(schema) == {"title", "$ref"}:
                return {"$ref": schema["$ref"]}
            schemas[schema["title"]] = schema
            return {"$ref": SCHEMAS + schema["title"]}

        messages = []
        for (side, name), event in self.entry.events.items():
            message = Message(
                name=name,
                key=self.keys[side, name],
                direction=Direction(side),
                entry=event,
                payload=put(built.schemas[self.key, side, name, "args"]),
                arities=sum((Counter(args.arities) for args in _requests(event, options)), Counter()),
                examples=built.examples[self.key, side, name, "args"],
                ack_examples=built.examples.get((self.key, side, name, "ack"), []),
                template=self.entry.events.is_template((side, name)),
            )
            if event.ack_given:
                message.ack_payload = put(built.schemas.get((self.key, side, name, "ack")))
                message.ack = message.ack_payload or {"type": "array", "maxItems": 0}
                message.ack_key = self.keys[side, name, "ack"]
            messages.append(message)
        messages.sort(key=lambda message: (message.direction.value, message.name))
        query = built.schemas.get((self.key, "query"))
        auth = built.schemas.get((self.key, "auth"))
        if auth is not None and auth.get("type") == "object" and not any(auth[k] for k in auth.keys() - {"title", "type"}):
            auth = None  # python-socketio's client sends an empty object where it was given no auth
        return Channel(
            key=self.key,
            namespace=self.namespace,
            servers=self.servers,
            entry=self.entry,
            template=self.server.namespaces.is_template(self.namespace),
            messages=messages,
            auth=put(auth),
            error=put(built.schemas.get((self.key, "error"))),
            query=spelled(_query(self.server, query)) if self.namespace == "/" else None,
            headers=spelled(_headers(self.server)) if self.namespace == "/" else None,
        )


def _plan(places: list[Deployment]) -> list[_Plan]:
    """The channels: one a namespace and server, with keys that hold the server's only where it takes that."""
    seen = Counter(namespace for place in places if place.owner for namespace in place.entry.namespaces)
    owners = [place for place in places if place.owner]
    names = {"/": "root", **unique_keys(seen.keys() - {"/"}, "namespace", ["root"])}
    keys = told_apart(
        {
            (place.key, namespace): joined(place.key, names[namespace]) if seen[namespace] > 1 else names[namespace]
            for place in owners
            for namespace in place.entry.namespaces
        }
    )
    events = Counter(
        name for place in owners for _, entry in place.entry.namespaces.items() for name in {name for _, name in entry.events}
    )
    plans = []
    for place in owners:
        for namespace, entry in place.entry.namespaces.items():
            key = keys[place.key, namespace]
            ambiguous = any(events[name] > 1 for _, name in entry.events)
            plans.append(
                _Plan(
                    key=key,
                    namespace=namespace,
                    servers=[place.key] if len(owners) > 1 else [],
                    entry=entry,
                    server=place.entry,
                    prefix=(key,) if ambiguous and (seen[namespace] > 1 or namespace != "/") else (),
                    keys=_message_keys(entry),
                )
            )
    return plans


def _message_keys(space: Namespace) -> dict[Identity, str]:
    """The keys of a namespace's messages: of events by side and name, and of acknowledgements by the same and `ack`.

    Events have theirs whatever is acknowledged, and those of one side whatever both emit.
    """
    names = unique_keys((name for _, name in space.events), "event")
    sides = Counter(name for _, name in space.events)
    senders = {"c2s": ("from", "client"), "s2c": ("from", "server")}
    events: dict[Identity, str] = {
        (side, name): joined(names[name], *(senders[side] if sides[name] > 1 else ()))
        for side, name in sorted(space.events, key=lambda event: (sides[event[1]], event))
    }
    keys = told_apart(events)
    acks: dict[Identity, str] = {(*event, "ack"): f"{keys[event]}Ack" for event, entry in space.events.items() if entry.ack_given}
    return told_apart({**keys, **acks})


def _name_components(channels: list[Channel]) -> None:
    """Messages are known in components by their key, with the channel's before it where two channels have it."""
    own = [(channel.key, key) for channel in channels for message in channel.messages for key in (message.key, message.ack_key) if key]
    shared = Counter(key.lower() for _, key in own)
    wanted: dict[Identity, str] = {(channel, key): key for channel, key in own if shared[key.lower()] == 1}
    wanted |= {(channel, key): joined(channel, key) for channel, key in own if (channel, key) not in wanted}
    keys = told_apart(wanted)
    for channel in channels:
        for message in channel.messages:
            message.component = keys[channel.key, message.key]
            message.ack_component = keys.get((channel.key, message.ack_key), "")


def _requests(event: EventEntry, options: DocumentOptions) -> list[Args]:
    """The evidence that the schema of an event's arguments is made of: of all requests, or of those alone that were not rejected."""
    if not event.rejected.count or (options.exclude_rejected and event.args.count):
        return [event.args]
    return [event.args, event.rejected]


def _together(several: list[Args]) -> Args:
    if len(several) == 1:
        return several[0]
    every = Args.from_state(several[0].to_state(), several[0].scope.limits)
    for args in several[1:]:
        every.merge(args)
    return every


def _query(server: ServerEntry, own: Json | None) -> Json:
    """The handshake's query: Engine.IO's parameters and the application's."""
    versions = sorted(server.protocols)
    version: Json = {"type": "string", "const": versions[0]} if len(versions) == 1 else {"type": "string", "enum": versions}
    properties: Json = {
        "EIO": version,
        "transport": {"type": "string", "enum": ["polling", "websocket"]},
    }
    required = ["EIO", "transport"]
    if own is not None:
        properties |= own.get("properties", {})
        required += own.get("required", [])
    return {"type": "object", "properties": properties, "required": required}


_ORDINARY: Final = frozenset(
    ["accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "connection", "content-length", "content-type", "cookie", "authorization", "dnt", "forwarded", "host", "http2-settings", "if-modified-since", "if-none-match", "keep-alive", "origin", "pragma", "priority", "proxy-authorization", "proxy-connection", "purpose", "range", "referer", "save-data", "te", "trailer", "transfer-encoding", "upgrade", "upgrade-insecure-requests", "user-agent", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "x-requested-with"]
)
"""Headers that browsers, clients and proxies set by themselves."""


def _headers(server: ServerEntry) -> Json | None:
    """The application's own request headers; None where there is none."""
    names = [
        name
        for name, _ in server.headers.items()
        if name not in _ORDINARY and not name.startswith(("sec-", ":", "cf-", "x-amzn-"))
    ]
    if not names:
        return None
    required = [name for name, tally in server.headers.items() if name in names and tally.count == server.protocols.total()]
    schema: Json = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    return schema | {"required": required} if required else schema
