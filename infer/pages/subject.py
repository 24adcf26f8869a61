"""What a page is about: a document, its events as rows, and what traffic tells of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from infer.asyncapi import DocumentOptions, document
from infer.asyncapi.contract import Contract
from infer.asyncapi.contract import Event as ContractEvent
from infer.asyncapi.opening import documents_of
from infer.asyncapi.parts import EXTENSION
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.catalog import Catalog, EventEntry
from infer.histogram import Histogram
from infer.model import Direction
from infer.pages import look
from infer.pages.bundle import bundled
from infer.pages.story import Story

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event of one direction; figures are None where nothing is known."""

    namespace: str
    name: str
    direction: Direction
    args: str
    ack: str | None
    """Arguments of the acknowledgement; None where there is none."""
    samples: int | None = None
    sessions: int | None = None
    per_minute: float | None = None
    """Over the time from the first to the last one, of three and more."""
    size: float | None = None
    """Median, in bytes."""
    acks_asked: int | None = None
    acks_given: int | None = None
    latency: tuple[float, float, float] | None = None
    """Median, 95th and 99th percentile of the seconds until the acknowledgement."""
    rejected: int = 0
    """Requests that an error acknowledgement answered."""

    @property
    def evidence(self) -> str | None:
        """How much the row rests on: `thin` (fewer than three samples), `one session`, `good`; None where unknown."""
        if self.samples is None:
            return None
        if self.samples < 3:
            return "thin"
        return "one session" if self.sessions == 1 else "good"


@dataclass(frozen=True, slots=True)
class Space:
    """A namespace."""

    name: str
    rows: list[EventRow]
    sessions: int | None = None
    connects: int | None = None
    refused: int = 0
    auth: str | None = None
    """What CONNECT carries."""


@dataclass(slots=True)
class Subject:
    """See the module."""

    document: Json
    """The AsyncAPI document, with no reference that leads out of it."""
    spaces: list[Space] = field(default_factory=list)
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
    made = document(catalog, options)
    text = json.dumps(made)
    contract = read(Documents(lambda _: text), "the document", perspective=options.perspective)
    observed = _Observed(catalog)
    spaces = []
    for name, namespace in contract.namespaces.items():
        rows = [observed.row(_row(contract, name, event)) for event in namespace.events.values()]
        counts = observed.spaces.get(name)
        spaces.append(
            Space(
                name,
                rows,
                counts[0] if counts else None,
                counts[1] if counts else None,
                counts[2] if counts else 0,
                None if namespace.auth is None else look.schema(contract, namespace.auth),
            )
        )
    return Subject(made, spaces, story if story is not None and story.bins else None, catalog.sessions.count)


def of_document(name: str, *, allow_remote: bool = False) -> Subject:
    """What a document says, with the evidence that one of ours holds. Errors: `SpecError`."""
    documents = documents_of(allow_remote=allow_remote)
    contract = read(documents, name)
    made = bundled(documents, name)
    spaces = []
    for title, namespace in contract.namespaces.items():
        rows = [_noted(_row(contract, title, event), made, event) for event in namespace.events.values()]
        note = _at(made, namespace.place.pointer).get(EXTENSION)
        counts = note if isinstance(note, dict) else {}
        spaces.append(
            Space(
                title,
                rows,
                counts.get("sessions"),
                counts.get("connects"),
                counts.get("refused", 0),
                None if namespace.auth is None else look.schema(contract, namespace.auth),
            )
        )
    return Subject(made, spaces, written=True)


def _row(contract: Contract, namespace: str, event: ContractEvent) -> EventRow:
    ack = None if event.ack is None else look.signature(contract, event.ack)
    return EventRow(namespace, event.name, event.direction, look.signature(contract, event.args), ack)


def _noted(row: EventRow, made: Json, event: ContractEvent) -> EventRow:
    """The row with the counts in the document's own extension."""
    note = _at(made, event.place.pointer).get(EXTENSION)
    if not isinstance(note, dict):
        return row
    numbers = {key: value for key, value in note.items() if isinstance(value, int)}
    return EventRow(
        row.namespace,
        row.name,
        row.direction,
        row.args,
        row.ack,
        samples=numbers.get("samples"),
        sessions=numbers.get("sessions"),
        acks_asked=numbers.get("acksAsked"),
        acks_given=numbers.get("acksGiven"),
        rejected=numbers.get("rejected", 0),
    )


def _at(node: Any, pointer: str) -> Json:
    """The object at a JSON pointer; an empty one where there is none, as behind a reference to another file."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        node = node.get(key) if isinstance(node, dict) else node[int(key)] if isinstance(node, list) and key.isdecimal() else None
    return node if isinstance(node, dict) else {}


class _Observed:
    """The catalog by namespace, whatever the server: a contract knows no other division."""

    def __init__(self, catalog: Catalog) -> None:
        self.spaces: dict[str, tuple[int, int, int]] = {}
        self._entries: dict[tuple[str, Direction, str], EventEntry] = {}
        for server in catalog.servers.entries.values():
            for name, namespace in server.namespaces.items():
                sessions, connects, refused = self.spaces.get(name, (0, 0, 0))
                self.spaces[name] = (
                    sessions + namespace.sessions.count,
                    connects + namespace.connects,
                    refused + namespace.refused,
                )
                for (side, event), entry in namespace.events.items():
                    key = (name, Direction(side), event)
                    if key in self._entries:
                        self._entries[key] = deepcopy(self._entries[key])
                        self._entries[key].merge(deepcopy(entry))
                    else:
                        self._entries[key] = entry

    def row(self, row: EventRow) -> EventRow:
        """The row with what was counted."""
        entry = self._entries.get((row.namespace, row.direction, row.name))
        if entry is None:
            return row
        span = (entry.last or 0.0) - (entry.first or 0.0)
        return EventRow(
            row.namespace,
            row.name,
            row.direction,
            row.args,
            row.ack,
            samples=entry.count,
            sessions=entry.sessions.count,
            per_minute=60 * (entry.count - 1) / span if span > 0 and entry.count > 2 else None,
            size=entry.size.quantile(0.5),
            acks_asked=entry.ack_asked,
            acks_given=entry.ack_given,
            latency=_percentiles(entry.latency),
            rejected=entry.rejected.count,
        )


def _percentiles(latency: Histogram) -> tuple[float, float, float] | None:
    middle, most, nearly_all = (latency.quantile(share) for share in (0.5, 0.95, 0.99))
    return None if middle is None or most is None or nearly_all is None else (middle, most, nearly_all)
