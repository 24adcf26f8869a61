"""What was met, by kind: each thing once, with how often, where first, and what its values were like.

Memory is bounded whatever the traffic: of the names that one part of a contract gives rise to, the first are told
apart, all others are one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from infer.asyncapi.pointers import unescape
from infer.diff.checker import restored
from infer.diff.finding import KEPT, Evidence, Finding
from infer.model import ABSENT, Handshake, Observation, Transport
from infer.schema import Args
from infer.schema import Evidence as Learned

APART: Final = 64
"""Names (of properties, of events, of namespaces) that are told apart at one part of a contract."""
FURTHER: Final = "…"
"""Stands for all names beyond those."""

_OF_PROPERTIES: Final = frozenset({"undeclared-property", "unexpected-property"})
"""Kinds whose values are those of the property that is their detail."""
_OF_ARGS: Final = frozenset({"too-many-args", "undeclared-ack"})
"""Kinds whose values are lists of arguments."""

Key = tuple[str, str | None, str | None, str | None, str | None, str, str]


class Entry(msgspec.Struct):
    """A finding in the making."""

    finding: Finding
    count: int = 0
    evidence: list[Evidence] = msgspec.field(default_factory=list)
    learned: Learned | Args | None = None
    """What its values were like, where a patch is wanted."""
    shortest: int | None = None
    """Of values that are lists, the smallest length."""

    def see(self, observation: Observation) -> None:
        """Count one occurrence."""
        self.count += 1
        if len(self.evidence) < KEPT:
            self.evidence.append(evidence(observation))

    def made(self) -> Finding:
        """The finding as it stands."""
        return msgspec.structs.replace(self.finding, count=self.count, evidence=tuple(self.evidence))


class Ledger:
    """Entries by the structured fields of their findings."""

    def __init__(self, *, keep_values: bool, learn: bool) -> None:
        self._entries: dict[Key, Entry] = {}
        self._details: Counter[Key] = Counter()
        self._keep_values = keep_values
        self._learn = learn

    def note(self, finding: Finding, observation: Observation, value: Any = ABSENT) -> None:
        """Count one occurrence; `value` is what did not conform."""
        key = _key(finding)
        entry = self._entries.get(key)
        if entry is None:
            entry = self._new(key, finding, value)
        entry.see(observation)
        if entry.learned is not None and value is not ABSENT:
            entry.learned.add(restored(value), observation.session)
            if isinstance(value, list):
                entry.shortest = len(value) if entry.shortest is None else min(entry.shortest, len(value))

    def _new(self, key: Key, finding: Finding, value: Any) -> Entry:
        part = (*key[:6], "")
        if finding.detail:
            if self._details[part] >= APART:
                finding = msgspec.structs.replace(finding, detail=FURTHER, message=f"{finding.rule.kind.title} (further ones)", instance=None)
                key = _key(finding)
                if key in self._entries:
                    return self._entries[key]
            self._details[part] += 1
        if self._keep_values:
            finding = msgspec.structs.replace(finding, witness=value)
        entry = self._entries[key] = Entry(finding)
        if self._learn:
            entry.learned = Args() if finding.rule.kind.name in _OF_ARGS else Learned()
            if isinstance(entry.learned, Learned):
                entry.learned.name = _name(finding)
        return entry

    def entries(self) -> Iterator[Entry]:
        """All of them, in the order met."""
        return iter(self._entries.values())

    def findings(self) -> Iterator[Finding]:
        """The findings as they stand."""
        for entry in self._entries.values():
            yield entry.made()


def evidence(observation: Observation) -> Evidence:
    """Where an observation was made."""
    origin = observation.origin
    if isinstance(observation, Handshake):
        transport = observation.transport
    else:
        transport = Transport.POLLING if origin.frame is None else Transport.WEBSOCKET
    return Evidence(origin, transport.value, observation.time)


def _name(finding: Finding) -> str:
    """The property that the values stand under, which says whether they may be let out; "" for an argument."""
    if finding.rule.kind.name in _OF_PROPERTIES:
        return finding.detail
    _, found, rest = f"/{finding.path}".rpartition("/properties/")
    return unescape(rest.partition("/")[0]) if found else ""


def _key(finding: Finding) -> Key:
    namespace, event, detail = finding.namespace, finding.event, finding.detail
    return (finding.rule.id, namespace, event, finding.direction, finding.slot, finding.path, detail)


