"""A contract: what a document promises, whatever its version and dialect.

Namespaces hold events, by direction and name; an event has arguments and perhaps an acknowledgement; both are lists of
slots (`args[0]`, `ack[1]`). A handshake's `auth`, the data of a refused connection, the query and the servers belong
to it too. Everything knows where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from infer.asyncapi.references import Cursor, Place
from infer.asyncapi.schemas import Definitions, Schema
from infer.model import Direction


class Slot(msgspec.Struct, frozen=True):
    """One argument."""

    schema: Schema
    required: bool


class ArgList(msgspec.Struct, frozen=True):
    """A list of arguments: the fixed ones, and what any further ones must be (None: there may be none)."""

    slots: tuple[Slot, ...]
    rest: Schema | None
    place: Place

    @property
    def required(self) -> int:
        """How many must be there."""
        return sum(slot.required for slot in self.slots)

    def schema(self) -> Schema:
        """The schema of the list as a JSON array."""
        keywords: dict[str, object] = {"type": "array", "minItems": self.required}
        if self.slots:
            keywords["prefixItems"] = [slot.schema for slot in self.slots]
        if self.rest is None:
            keywords["maxItems"] = len(self.slots)
        else:
            keywords["items"] = self.rest
        return Schema(keywords, self.place)


class Signature(msgspec.Struct, frozen=True):
    """The argument lists that are allowed, one or several."""

    alternatives: tuple[ArgList, ...]

    @property
    def place(self) -> Place:
        """Where the first of them stands."""
        return self.alternatives[0].place

    def schema(self) -> Schema:
        """The schema of the list as a JSON array."""
        if len(self.alternatives) == 1:
            return self.alternatives[0].schema()
        return Schema({"anyOf": [each.schema() for each in self.alternatives]}, self.place)

    def merged(self) -> ArgList:
        """One list that allows what any alternative allows, slot by slot."""
        if len(self.alternatives) == 1:
            return self.alternatives[0]
        slots = []
        for index in range(max(len(each.slots) for each in self.alternatives)):
            there = [each.slots[index] for each in self.alternatives if index < len(each.slots)]
            schemas: list[Schema] = []
            for slot in there:
                if slot.schema not in schemas:
                    schemas.append(slot.schema)
            schema = schemas[0] if len(schemas) == 1 else Schema({"anyOf": schemas}, schemas[0].place)
            required = len(there) == len(self.alternatives) and all(slot.required for slot in there)
            slots.append(Slot(schema, required))
        rest = next((each.rest for each in self.alternatives if each.rest is not None), None)
        return ArgList(tuple(slots), rest, self.place)


class Event(msgspec.Struct, frozen=True):
    """An event of one direction, and what answers it (None: no acknowledgement)."""

    name: str
    direction: Direction
    args: Signature
    ack: Signature | None
    place: Place
    description: str | None = None
    """Of its message, in the document's words."""
    template: bool = False
    """Whether its name stands for many: `room:{id}:update`."""
    ack_optional: bool = False
    """Whether it is also emitted without asking for the acknowledgement, as far as the document says."""


class Namespace(msgspec.Struct):
    """A namespace."""

    name: str
    place: Place
    events: dict[tuple[Direction, str], Event] = msgspec.field(default_factory=dict)
    auth: Schema | None = None
    """What CONNECT must carry; None where nothing is said."""
    error: Schema | None = None
    """What a refusal carries; None where nothing is said."""
    query: Schema | None = None
    """The application's own part of the handshake's query string as an object; None where nothing is said."""
    template: bool = False
    """Whether its name stands for many: `/tenant-{id}`."""
    named: bool = True
    """Whether the document says what it is called; where channels are events it may be any."""
    servers: set[str] = msgspec.field(default_factory=set)
    """Names of the servers that have it; empty where all have."""


class Endpoint(msgspec.Struct, frozen=True):
    """A server as the document names it."""

    name: str
    path: str | None
    """Path of the Engine.IO endpoint with both slashes; None where nothing is said."""
    protocol: str | None
    """`protocolVersion` as it is written."""
    place: Place
    host: str | None = None
    """With the port, where it is stated."""
    scheme: str | None = None
    """`ws`, `wss`, `http` or `https`, as AsyncAPI's `protocol` says it."""
    parser: str | None = None
    """Of Socket.IO packets; None where nothing is said."""


class Contract(msgspec.Struct):
    """See the module."""

    file: str
    place: Place
    version: str
    """Of AsyncAPI."""
    namespaces: dict[str, Namespace] = msgspec.field(default_factory=dict)
    endpoints: list[Endpoint] = msgspec.field(default_factory=list)
    definitions: Definitions = msgspec.field(default_factory=dict)
    perspective: str = "server"
    """`server` or `client`: whom the document describes."""
    root: Cursor | None = None
    """The top of its document, from which all that it refers to can be reached; None for one that was not read."""

    def events(self) -> Iterator[tuple[Namespace, Event]]:
        """All events, in the order of the document."""
        for namespace in self.namespaces.values():
            for event in namespace.events.values():
                yield namespace, event

    def resolve(self, schema: Schema) -> Schema:
        """The schema behind a reference, or the schema itself."""
        seen = 0
        while "$ref" in schema and seen <= len(self.definitions):
            schema = self.definitions[str(schema["$ref"]).rpartition("/")[2]]
            seen += 1
        return schema
