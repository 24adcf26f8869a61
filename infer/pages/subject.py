"""What a page is about: a document, its events as rows, and what traffic tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from infer.asyncapi import DocumentOptions
from infer.asyncapi.contract import Contract, Event
from infer.asyncapi.drafted import drafted
from infer.asyncapi.parts import EXTENSION
from infer.asyncapi.pointers import keys_of
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.catalog import Catalog
from infer.model import Direction
from infer.pages import look
from infer.pages.bundle import bundled
from infer.pages.story import Story
from infer.report.event_table import Row, evidence_of, rows_of

Json = dict[str, Any]


class EventRow(msgspec.Struct, frozen=True):
    """An event of one direction, with what it carries and what was counted of it."""

    namespace: str
    name: str
    direction: Direction
    args: str
    ack: str | None
    """Arguments of the acknowledgement; None where there is none."""
    seen: Row | None = None
    """None where nothing is known."""

    @property
    def samples(self) -> int:
        """How often it was seen, as far as is known."""
        return 0 if self.seen is None else self.seen.count


class Space(msgspec.Struct, frozen=True):
    """A namespace."""

    name: str
    rows: list[EventRow]
    sessions: int | None = None
    refused: int = 0
    auth: str | None = None
    """What CONNECT carries."""


class Subject(msgspec.Struct):
    """See the module."""

    document: Json
    """The AsyncAPI document, with no reference that leads out of it."""
    spaces: list[Space] = msgspec.field(default_factory=list)
    story: Story | None = None
    """None where no capture was read: a catalog and a document hold neither order nor single events."""
    sessions: int | None = None
    written: bool = False
    """Whether the document is one that was given, in which people may have written who owns the API and more."""

    @property
    def rows(self) -> Iterator[EventRow]:
        """All events."""
        for space in self.spaces:
            yield from space.rows


def of_catalog(catalog: Catalog, options: DocumentOptions, story: Story | None = None) -> Subject:
    """What was observed. Errors: `SpecError`, `UsageError` as of `infer.asyncapi.document`."""
    made, contract = drafted(catalog, options)
    seen = _by_event(rows_of(catalog))
    counts = _by_namespace(catalog)
    spaces = []
    for name, namespace in contract.namespaces.items():
        rows = [_row(contract, name, event, seen.get((name, *key))) for key, event in namespace.events.items()]
        auth = None if namespace.auth is None else look.schema(contract, namespace.auth)
        sessions, refused = counts.get(name, (None, 0))
        spaces.append(Space(name, rows, sessions, refused, auth))
    return Subject(made, spaces, story if story is not None and story.bins else None, catalog.sessions.count)


def of_document(name: str, documents: Documents, perspective: str | None = None) -> Subject:
    """What the document of that name says, with the evidence that one of ours holds. Errors: `SpecError`.

    `perspective` is as of `infer.asyncapi.reader.read`.
    """
    contract = read(documents, name, perspective=perspective)
    made = bundled(documents, name)
    spaces = []
    for title, namespace in contract.namespaces.items():
        rows = [_row(contract, title, event, _noted(made, title, event)) for event in namespace.events.values()]
        counts = _note(made, namespace.place.pointer)
        auth = None if namespace.auth is None else look.schema(contract, namespace.auth)
        spaces.append(Space(title, rows, counts.get("sessions"), counts.get("refused", 0), auth))
    return Subject(made, spaces, written=True)


def _row(contract: Contract, namespace: str, event: Event, seen: Row | None) -> EventRow:
    ack = None if event.ack is None else look.signature(contract, event.ack)
    return EventRow(namespace, event.name, event.direction, look.signature(contract, event.args), ack, seen)


def _noted(made: Json, namespace: str, event: Event) -> Row | None:
    """The counts in the document's own extension; None where it has none."""
    note = _note(made, event.place.pointer)
    count, sessions = note.get("samples"), note.get("sessions")
    if count is None or sessions is None:
        return None
    return Row(
        server="",
        namespace=namespace,
        direction=event.direction,
        event=event.name,
        count=count,
        sessions=sessions,
        per_minute=None,
        bytes=None,
        acks_asked=note.get("acksAsked", 0),
        acks_given=note.get("acksGiven", 0),
        ack_seconds=None,
        rejected=note.get("rejected", 0),
        evidence=evidence_of(count, sessions),
    )


def _note(node: Any, pointer: str) -> dict[str, int]:
    """The numbers of our extension at a JSON pointer; none where there is nothing, as behind a reference to another file."""
    for key in keys_of(pointer):
        node = node.get(key) if isinstance(node, dict) else node[int(key)] if isinstance(node, list) and key.isdecimal() else None
    note = node.get(EXTENSION) if isinstance(node, dict) else None
    return {key: value for key, value in note.items() if isinstance(value, int)} if isinstance(note, dict) else {}


def _by_event(rows: list[Row]) -> dict[tuple[str, Direction, str], Row]:
    """Rows by event, whatever the server: a contract knows no other division. Of several, the one that was seen most."""
    found: dict[tuple[str, Direction, str], Row] = {}
    for row in rows:
        key = (row.namespace, row.direction, row.event)
        if key not in found or row.count > found[key].count:
            found[key] = row
    return found


def _by_namespace(catalog: Catalog) -> dict[str, tuple[int, int]]:
    """Sessions and refused connections of each namespace, over all servers."""
    found: dict[str, tuple[int, int]] = {}
    for server in catalog.servers.entries.values():
        for name, namespace in server.namespaces.items():
            sessions, refused = found.get(name, (0, 0))
            found[name] = (sessions + namespace.sessions.count, refused + namespace.refused)
    return found
