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
from infer.asyncapi.pointers import unescape
from infer.asyncapi.schemas import Schema
from infer.diff.finding import Finding, Weight, order
from infer.diff.names import Match, Side, events, namespaces
from infer.diff.rules import Group, Level
from infer.diff.view import type_of, view
from infer.model import ABSENT, Connect, Direction, Event, Handshake, Observation

_PRESENCE: Final = frozenset(
    {"property-optional-removed", "property-optional-removed-closed", "property-required-removed",
     "property-required-removed-closed", "property-became-optional"}
)  # fmt: skip
"""Changes of a property that concern, on the receiver's side, those objects that have it."""
_MISSING: Final = object()
_SIDES: Final = {
    f"{what}-{change}": side
    for side, changes in ((Side.BASE, ("removed", "names-narrowed")), (Side.REVISION, ("added", "names-widened")))
    for what in ("namespace", "event") for change in changes
}  # fmt: skip
"""Of changes of names: the contract that has those."""

_Subject = tuple[Side, str, Direction | None, str | None]
"""What a finding is about: which contract's, the namespace, and the event by direction and name."""


class Weighing:
    """Takes observations one by one, then gives the findings of `compare` with their weights.

    An observation weighs by what its name falls under in each contract. An error that would break none of the observations
    of its slot, though there are some, becomes a warning.
    """

    def __init__(self, findings: Sequence[Finding], base: Contract, revision: Contract) -> None:
        self._spaces = Match(namespaces(base), namespaces(revision))
        self._events = {
            (name, side): Match(events(old, side), events(new, side)) for name, (old, new) in self._spaces.both.items() for side in Direction
        }
        self._scales = [_Scale(finding, revision, self._top(finding)) for finding in findings]
        self._by_subject: dict[_Subject, list[_Scale]] = {}
        for scale in self._scales:
            finding = scale.finding
            key = (_SIDES.get(finding.rule.kind.name, Side.BOTH), finding.namespace or "", finding.direction, finding.event)
            self._by_subject.setdefault(key, []).append(scale)

    def add(self, observation: Observation) -> None:
        """Weigh by one observation."""
        if isinstance(observation, Handshake):
            for name in ("", "/"):
                for scale in self._by_subject.get((Side.BOTH, name, None, None), ()):
                    scale.handshake(observation)
        elif isinstance(observation, Connect | Event):
            for side, name, lost in self._spaces.touching(observation.namespace):
                for scale in self._by_subject.get((side, name, None, None), ()):
                    if side is not Side.BOTH:
                        scale.named(lost=lost)
                    elif isinstance(observation, Connect):
                        scale.connect(observation)
                if side is Side.BOTH and isinstance(observation, Event):
                    self._event(name, observation)

    def _event(self, namespace: str, event: Event) -> None:
        for side, name, lost in self._events[namespace, event.direction].touching(event.name):
            for scale in self._by_subject.get((side, namespace, event.direction, name), ()):
                if side is Side.BOTH:
                    scale.event(event)
                else:
                    scale.named(lost=lost)

    def findings(self) -> list[Finding]:
        """The findings with `weight` set, worst first."""
        return sorted((scale.weighed() for scale in self._scales), key=order)

    def _top(self, finding: Finding) -> Schema | None:
        """The schema of the revision that the finding's path starts from."""
        spaces = self._spaces.both.get(finding.namespace or "")
        if spaces is None or finding.slot is None:
            return None
        if finding.event is None or finding.direction is None:
            return _handshake_schema(spaces[1], finding.slot)
        both = self._events[finding.namespace or "", finding.direction].both.get(finding.event)
        signature = None if both is None else both[1].args if finding.slot.startswith("args") else both[1].ack
        index = _index(finding.slot)
        if signature is None or index is None:
            return None
        slots = signature.merged().slots
        return slots[index].schema if index < len(slots) else None


class _Scale(msgspec.Struct):
    """One finding and what is laid on its scale."""

    finding: Finding
    revision: Contract
    top: Schema | None
    """Where the finding's path starts from, in the revision."""
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
        elif slot is not None and slot.startswith("args"):
            self._list(event.args, "args")
        elif event.ack is not None:
            self._list(event.ack, "ack")

    def connect(self, connect: Connect) -> None:
        """Lay a connect on it."""
        slot = self.finding.slot
        if slot == "auth" and connect.accepted is not False:
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

    def named(self, *, lost: bool) -> None:
        """Lay something on it whose name it is about; `lost` says that the one contract has that name and the other has not."""
        self._count(lost)

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
        parts = list(_parts(self.revision, self.top, value, steps))
        if finding.rule.direction is Direction.S2C or concerns is None:
            kind = finding.rule.kind.name
            self._count(any(kind not in _PRESENCE or (isinstance(part, dict) and finding.detail in part) for part in parts))
        else:
            self._count(any(map(concerns, parts)))


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
    key = unescape(rest[0]) if rest else ""
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
