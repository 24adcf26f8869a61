"""`x-sio-ignore`: what a person wants to stay as it is.

`true` says that nothing below is to be changed; a list of globs names what is to stay out: namespaces at the top of the
document, events in a channel, properties in a schema.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import partial
from typing import Any, Final

from infer.asyncapi.contract import Contract
from infer.asyncapi.pointers import keys_of
from infer.asyncapi.references import Cursor, Place
from infer.catalog import Catalog, EventKey
from infer.diff.ledger import Entry

IGNORE: Final = "x-sio-ignore"


class Marks:
    """The marks of a contract's documents."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def wants(self, entry: Entry) -> bool:
        """Whether a finding may be answered."""
        finding = entry.finding
        if finding.namespace is not None and not self._wants_namespace(finding.namespace):
            return False
        if finding.event is not None and finding.namespace is not None:
            if not self._wants_event(finding.namespace, finding.event):
                return False
            space = self._contract.namespaces.get(finding.namespace)
            declared = None if space is None or finding.direction is None else space.events.get((finding.direction, finding.event))
            if declared is not None and self._at(declared.place) is True:
                return False
        mark = self._at(finding.base)
        return not (mark is True or _named(mark, finding.detail))

    def select(self, undeclared: Catalog) -> None:
        """Drop the events and namespaces that are to stay out."""
        for server in undeclared.servers.values():
            server.namespaces.keep(self._wants_namespace)
            for name, namespace in server.namespaces.items():
                namespace.events.keep(partial(self._wants_key, name))

    def _wants_namespace(self, name: str) -> bool:
        space = self._contract.namespaces.get(name)
        own = None if space is None else self._at(space.place)
        return not (own is True or _named(self._at(self._contract.place), name))

    def _wants_event(self, namespace: str, name: str) -> bool:
        space = self._contract.namespaces.get(namespace)
        return space is None or not _named(self._at(space.place), name)

    def _wants_key(self, namespace: str, key: EventKey) -> bool:
        return self._wants_event(namespace, key[1])

    def _at(self, place: Place | None) -> Any:
        """The mark at a place; `true` where one above it says so."""
        if place is None or self._contract.root is None:
            return None
        at: Cursor | None = self._contract.root.documents.root(place.file)
        for key in keys_of(place.pointer):
            if at is not None and _value(at) is True:
                return True
            at = None if at is None else at.child(key)
        return None if at is None else _value(at)


def _value(at: Cursor) -> Any:
    mark = at.child(IGNORE)
    return None if mark is None else mark.value


def _named(mark: Any, name: str) -> bool:
    return isinstance(mark, list) and any(isinstance(glob, str) and fnmatchcase(name, glob) for glob in mark)
