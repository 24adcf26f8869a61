"""How many observations each change of a contract would break.

What a client sends tells it exactly: a value that the revision refuses is one that breaks. What a server sends was
recorded before the change, so it tells how often clients meet the part that changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from infer.asyncapi.contract import Contract, Namespace
from infer.asyncapi.schemas import Schema
from infer.diff.finding import Finding, Weight, order
from infer.diff.rules import Group, Level
from infer.diff.view import type_of, view
from infer.model import ABSENT, Connect, Direction, Event, Handshake, Observation

_PRESENCE: Final = frozenset(
    {"property-optional-removed", "property-optional-removed-closed", "property-required-removed",
     "property-required-removed-closed", "property-became-optional"}
)  # fmt: skip
"""Changes of a property that concern, on the receiver's side, those objects that have it."""
_MISSING: Final = object()


class Weighing:
    """Takes observations one by one, then gives the findings of `compare` with their weights.

    An error that would break none of the observations of its slot, though there are some, becomes a warning.
    """

    def __init__(self, findings: Sequence[Finding], base: Contract, revision: Contract) -> None:
        self._scales = [_Scale(finding, base, revision) for finding in findings]
        self._by_event: dict[tuple[str, Direction | None, str | None], list[_Scale]] = {}
        for scale in self._scales:
            finding = scale.finding
            key = (finding.namespace or "", finding.direction, finding.event)
            self._by_event.setdefault(key, []).append(scale)

    def add(self, observation: Observation) -> None:
        """Weigh by one observation."""
        if isinstance(observation, Event):
            namespace = observation.namespace
            for scale in self._by_event.get((namespace, observation.direction, observation.name), ()):
                scale.event(observation)
            for scale in self._by_event.get((namespace, None, None), ()):
                scale.any()
        elif isinstance(observation, Connect):
            for scale in self._by_event.get((observation.namespace, None, None), ()):
                scale.connect(observation)
        elif isinstance(observation, Handshake):
            for scale in (*self._by_event.get(("", None, None), ()), *self._by_event.get(("/", None, None), ())):
                scale.handshake(observation)

    def findings(self) -> list[Finding]:
        """The findings with `weight` set, worst first."""
        return sorted((scale.weighed() for scale in self._scales), key=order)


class _Scale(msgspec.Struct):
    """One finding and what is laid on its scale."""

    finding: Finding
    base: Contract
    revision: Contract
    broken: int = 0
    seen: int = 0

    def weighed(self) -> Finding:
        """The finding with its weight; what breaks no one has none."""
        if self.finding.level.rank < Level.WARNING.rank:
            return self.finding
        finding = msgspec.structs.replace(self.finding, weight=Weight(self.broken, self.seen))
        if finding.level is Level.ERROR and self.seen and not self.broken and finding.rule.kind.group is Group.CHANGE:
            return finding.at(Level.WARNING)
        return finding

    def event(self, event: Event) -> None:
        """Lay an event on it."""
        kind, slot = self.finding.rule.kind.name, self.finding.slot
        if kind in {"ack-removed", "ack-added"}:
            self._count(event.ack_asked if kind == "ack-removed" else not event.ack_asked)
        elif slot is None:
            self._count(broken=True)
        elif slot.startswith("args"):
            self._list(event.args, "args")
        elif event.ack is not None:
            self._list(event.ack, "ack")

    def connect(self, connect: Connect) -> None:
        """Lay a connect on it."""
        slot = self.finding.slot
        if slot is None:
            self._count(broken=True)
        elif slot == "auth" and connect.accepted is not False:
            if self.finding.rule.kind.name == "auth-added":
                self._count(connect.auth is ABSENT)
            elif connect.auth is not ABSENT:
                self._value(connect.auth)
        elif slot == "error" and connect.error is not ABSENT:
            self._value(connect.error)

    def handshake(self, handshake: Handshake) -> None:
        """Lay a handshake on it."""
        kind = self.finding.rule.kind.name
        if kind == "path-removed":
            self._count(handshake.server.path == self.finding.detail)
        elif kind == "protocol-removed":
            self._count({3: "4", 4: "5"}.get(handshake.protocol) == self.finding.detail)
        elif self.finding.slot == "query":
            self._value(dict(handshake.query))

    def any(self) -> None:
        """Lay an event on it that is of its namespace."""
        if self.finding.slot is None and self.finding.namespace is not None:
            self._count(broken=True)

    def _count(self, broken: bool) -> None:  # noqa: FBT001 (it is what is counted)
        self.seen += 1
        self.broken += broken

    def _list(self, args: Sequence[Any], what: str) -> None:
        finding = self.finding
        index = _index(finding.slot or "")
        if finding.rule.kind.name.startswith("arg-"):
            receives = finding.rule.direction is Direction.S2C
            there = index is None or len(args) > index
            self._count(there if receives or finding.concerns is None else finding.concerns(list(args)))
        elif index is None:
            self._value(list(args), whole=what)
        elif index < len(args):
            self._value(args[index])

    def _value(self, value: Any, whole: str = "") -> None:
        finding = self.finding
        concerns = finding.concerns
        steps = [] if whole else finding.path.split("/") if finding.path else []
        parts = list(_parts(self.revision, self._top(), value, steps))
        if finding.rule.direction is Direction.S2C or concerns is None:
            kind = finding.rule.kind.name
            self._count(any(kind not in _PRESENCE or (isinstance(part, dict) and finding.detail in part) for part in parts))
        else:
            self._count(any(map(concerns, parts)))

    def _top(self) -> Schema | None:
        """The schema that the finding's path starts from."""
        finding = self.finding
        space = self.revision.namespaces.get(finding.namespace or "")
        if space is None or finding.slot is None:
            return None
        if finding.event is None or finding.direction is None:
            return _handshake_schema(space, finding.slot)
        event = space.events.get((finding.direction, finding.event))
        signature = None if event is None else event.args if finding.slot.startswith("args") else event.ack
        index = _index(finding.slot)
        if signature is None or index is None:
            return None
        slots = signature.merged().slots
        return slots[index].schema if index < len(slots) else None


def _handshake_schema(space: Namespace, slot: str) -> Schema | None:
    return {"auth": space.auth, "error": space.error, "query": space.query}.get(slot)


def _index(slot: str) -> int | None:
    found = re.search(r"\[(\d+)\]$", slot)
    return int(found[1]) if found else None


def _parts(contract: Contract, schema: Schema | None, value: Any, steps: Sequence[str]) -> Iterator[Any]:
    """The parts of a value that a pointer into its schema leads to; variants that were not meant are left out."""
    at = None if schema is None else contract.resolve(schema)
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    key = rest[0].replace("~1", "/").replace("~0", "~") if rest else ""
    if step == "properties":
        if isinstance(value, dict) and key in value:
            yield from _parts(contract, _child(at, step, key), value[key], rest[1:])
    elif step == "prefixItems":
        if isinstance(value, list) and int(key) < len(value):
            yield from _parts(contract, _child(at, step, int(key)), value[int(key)], rest[1:])
    elif step == "items":
        first = 0 if at is None else len(at.get("prefixItems", ()))
        for item in value[first:] if isinstance(value, list) else ():
            yield from _parts(contract, None if at is None else at.get(step), item, rest)
    elif step == "additionalProperties":
        named = {} if at is None else at.get("properties", {})
        for name, item in value.items() if isinstance(value, dict) else ():
            if name not in named:
                yield from _parts(contract, None if at is None else at.get(step), item, rest)
    elif step == "patternProperties":
        for name, item in value.items() if isinstance(value, dict) else ():
            if re.search(key, name):
                yield from _parts(contract, _child(at, step, key), item, rest[1:])
    elif step in {"anyOf", "oneOf", "allOf"}:
        branch = _child(at, step, int(key))
        if branch is None or step == "allOf" or _is_meant(contract, branch, value):
            yield from _parts(contract, branch, value, rest[1:])
    else:
        yield value


def _child(at: Schema | None, keyword: str, key: Any) -> Schema | None:
    try:
        found: Schema | None = None if at is None else at[keyword][key]
    except (LookupError, TypeError):
        return None
    return found


def _is_meant(contract: Contract, branch: Schema, value: Any) -> bool:
    """Whether the value is of the variant, by its type and tags, though it may not conform."""
    each = view(contract, branch)
    if not isinstance(value, bytes) and type_of(value) not in each.types:
        return False
    if not isinstance(value, dict):
        return True
    for name, part in each.properties.items():
        constant = contract.resolve(part).get("const", _MISSING)
        if constant is not _MISSING and value.get(name, constant) != constant:
            return False
    return True
