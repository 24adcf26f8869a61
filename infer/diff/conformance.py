"""Traffic against a contract, value by value.

A merged schema flattens what single values tell, so values are judged, not schemas inferred from them. What was never
seen is no violation; it is what `coverage` shows. But acknowledgements that were asked for and never came are one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from infer.asyncapi.contract import Contract, Event, Namespace, Signature
from infer.asyncapi.schemas import Schema
from infer.catalog import Catalog
from infer.diff.checker import Checker
from infer.diff.coverage import Coverage, Part
from infer.diff.finding import Finding, order
from infer.diff.ledger import Entry, Ledger
from infer.diff.names import Names, events, namespaces
from infer.diff.rules import rule_of
from infer.diff.slots import Slots
from infer.model import ABSENT, Connect, Direction, Handshake, Observation, Server
from infer.model import Event as Emitted

_OTHER: Final = {Direction.C2S: Direction.S2C, Direction.S2C: Direction.C2S}
_IN_VAIN: Final = 3
"""Acknowledgements of an event that were asked for, of which none came, for that to be no accident: what is asked for last
before a recording or a connection ends has none."""


class Conformance:
    """Takes observations one by one; memory grows with the contract and the kinds of finding, not with traffic.

    `keep_values` keeps one real value a finding as its witness; `learn` keeps what `patch` needs to know of the values.
    Errors: `SpecError` for an invalid schema, at once.
    """

    def __init__(self, contract: Contract, *, keep_values: bool = False, learn: bool = False) -> None:
        self.contract = contract
        self.undeclared = Catalog()
        """Events and namespaces that the contract does not have, where `learn` asks for them: as of one server, since a
        contract has its namespaces by name."""
        self._server: Server | None = None
        self._learn = learn
        self._ledger = Ledger(keep_values=keep_values, learn=learn)
        self._count = 0
        self._paths = {endpoint.path for endpoint in contract.endpoints if endpoint.path is not None}
        checker = Checker(contract)
        self._spaces = {name: _Space.of(checker, self._ledger, space) for name, space in contract.namespaces.items()}
        self._names = namespaces(contract)

    def add(self, observation: Observation) -> None:
        """Hold one observation to the contract."""
        if isinstance(observation, Emitted):
            self._count += 1
            space = self._spaces.get(observation.namespace) or self._templated(observation.namespace)
            if space is None:
                self._undeclared_namespace(observation.namespace, observation)
                return
            named = space.c2s if observation.direction is Direction.C2S else space.s2c
            entry = named.get(observation.name) or space.templated(observation.direction, observation.name)
            if entry is None:
                self._undeclared_event(space, observation)
                return
            entry.count += 1
            entry.args.add(observation.args, observation)
            if observation.ack is not None:
                if entry.ack is None:
                    self._undeclared_ack(entry, observation)
                else:
                    entry.ack.add(observation.ack, observation)
            elif observation.ack_asked:
                entry.wait(observation)
        elif isinstance(observation, Connect):
            self._connect(observation)
        elif isinstance(observation, Handshake):
            self._handshake(observation)

    @property
    def observations(self) -> int:
        """How many events and connects were held to it: with none, nothing can be said."""
        return self._count

    def findings(self) -> list[Finding]:
        """What did not conform so far, worst first, each once with its count and its first places."""
        found = list(self._ledger.findings())
        for slots in self._slots():
            found.extend(slots.hidden())
        found.extend(entry.made() for entry in self._unanswered())
        return sorted(found, key=order)

    def entries(self) -> list[Entry]:
        """The findings with what was learned of their values."""
        return [*self._ledger.entries(), *self._unanswered()]

    def coverage(self) -> Coverage:
        """How much of the contract was seen so far."""
        root = Coverage(Part.CONTRACT, self.contract.file, self._count)
        root.children.extend(space.line() for space in self._spaces.values())
        return root

    def _slots(self) -> list[Slots]:
        return [slots for space in self._spaces.values() for slots in space.slots()]

    def _unanswered(self) -> Iterator[Entry]:
        events = (event for space in self._spaces.values() for event in space.events.values())
        return (waiting for event in events if (waiting := event.unanswered()) is not None)

    def _templated(self, name: str) -> _Space | None:
        declared = self._names.of(name)
        return None if declared is None else self._spaces[declared.name]

    def _connect(self, connect: Connect) -> None:
        space = self._spaces.get(connect.namespace) or self._templated(connect.namespace)
        if connect.accepted is False and space is None:
            return  # the server itself says that there is none
        self._count += 1
        if space is None:
            if connect.namespace != "/":  # to which protocols before 5 connect unasked
                self._undeclared_namespace(connect.namespace, connect)
            return
        space.count += 1
        if connect.accepted is not False and connect.auth is not ABSENT and space.auth is not None:
            space.auth.add([connect.auth], connect)  # what refused clients sent says nothing of what is taken
        if connect.error is not ABSENT and space.error is not None:
            space.error.add([connect.error], connect)

    def _handshake(self, handshake: Handshake) -> None:
        path = handshake.server.path
        if self._paths and path not in self._paths:
            place = self.contract.endpoints[0].place
            rule = rule_of("undeclared-path", None)
            words = f"the path {path} is not declared, but {', '.join(sorted(self._paths)[:3])}"
            self._ledger.note(Finding(rule, words, detail=path, base=place), handshake)
        space = self._spaces.get("/")
        if space is not None and space.query is not None and self._has(space, handshake):
            space.query.add([space.typed(dict(handshake.query))], handshake)

    def _has(self, space: _Space, handshake: Handshake) -> bool:
        """Whether the server is one that has the namespace, as far as the contract knows that server."""
        server = handshake.server
        known = {
            each.name
            for each in self.contract.endpoints
            if (each.host, each.path or server.path) == (server.host, server.path)
            and (each.scheme in {"wss", "https"}) == server.secure
        }
        return not space.declared.servers or not known or bool(known & space.declared.servers)

    def _undeclared_namespace(self, name: str, observation: Emitted | Connect) -> None:
        rule = rule_of("undeclared-namespace", None)
        words = f"the namespace {name[:80]} is not declared"
        self._ledger.note(Finding(rule, words, name, base=self.contract.place), observation)
        self._learn_of(observation)

    def _undeclared_event(self, space: _Space, event: Emitted) -> None:
        mirrored = space.templated(_OTHER[event.direction], event.name)
        kind = "undeclared-event" if mirrored is None else "undeclared-direction"
        sender = "client" if event.direction is Direction.C2S else "server"
        words = "the event is not declared" if mirrored is None else f"the event is not declared for the {sender} to emit"
        place = space.declared.place if mirrored is None else mirrored.declared.place
        about = (space.declared.name, event.name, event.direction)
        self._ledger.note(Finding(rule_of(kind, event.direction), words, *about, base=place), event)
        self._learn_of(event)

    def _learn_of(self, observation: Emitted | Connect) -> None:
        if self._learn:
            self._server = self._server or observation.server
            self.undeclared.add(msgspec.structs.replace(observation, server=self._server))

    def _undeclared_ack(self, entry: _Entry, event: Emitted) -> None:
        rule = rule_of("undeclared-ack", event.direction)
        words = "it is acknowledged, and no acknowledgement is declared"
        about = (entry.namespace, entry.declared.name, event.direction)
        finding = Finding(rule, words, *about, "ack", base=entry.declared.place)
        self._ledger.note(finding, event, list(event.ack or ()))


class _Entry(msgspec.Struct):
    """A declared event with what is held to it."""

    namespace: str
    declared: Event
    args: Slots
    ack: Slots | None
    count: int = 0
    waiting: Entry | None = None
    """Acknowledgements that were asked for and did not come."""

    def wait(self, event: Emitted) -> None:
        """Count an acknowledgement that was asked for and did not come."""
        if self.waiting is None:
            declared, words = self.declared, "no acknowledgement came of those asked for, and one is declared"
            place = None if declared.ack is None else declared.ack.place
            rule = rule_of("missing-ack", declared.direction)
            self.waiting = Entry(Finding(rule, words, self.namespace, declared.name, declared.direction, "ack", base=place))
        self.waiting.see(event)

    def unanswered(self) -> Entry | None:
        """That none came, where an acknowledgement is declared and was asked for again and again."""
        if self.ack is None or self.ack.count or self.waiting is None or self.waiting.count < _IN_VAIN:
            return None
        return self.waiting

    def line(self) -> Coverage:
        """Its part of the coverage tree."""
        line = Coverage(Part.EVENT, f"{self.declared.direction} {self.declared.name}", self.count, self.args.lines)
        if self.ack is not None:
            line.children = [*line.children, Coverage(Part.ACK, "ack", self.ack.count, self.ack.lines)]
        return line


class _Space(msgspec.Struct):
    """A declared namespace with what is held to it."""

    declared: Namespace
    events: dict[tuple[Direction, str], _Entry] = msgspec.field(default_factory=dict)
    auth: Slots | None = None
    error: Slots | None = None
    query: Slots | None = None
    count: int = 0
    """Connects."""
    c2s: dict[str, _Entry] = msgspec.field(default_factory=dict)
    """Events by name, of either direction apart: they are looked up for every frame."""
    s2c: dict[str, _Entry] = msgspec.field(default_factory=dict)
    names: dict[Direction, Names[Event]] = msgspec.field(default_factory=dict)
    casts: dict[str, str] = msgspec.field(default_factory=dict)
    """Types of query parameters that are declared as something else than the strings that they are."""

    @classmethod
    def of(cls, checker: Checker, ledger: Ledger, namespace: Namespace) -> _Space:
        """Everything that the namespace declares."""

        def single(name: str, schema: Schema | None, travels: Direction) -> Slots | None:
            about = Finding(rule_of("type-mismatch", travels), "", namespace.name, slot=name)
            return None if schema is None else Slots(checker, ledger, about, travels, schema)

        def several(event: Event, name: str, signature: Signature, travels: Direction) -> Slots:
            about = Finding(rule_of("type-mismatch", travels), "", namespace.name, event.name, event.direction, name)
            return Slots(checker, ledger, about, travels, signature)

        made = cls(namespace, names={side: events(namespace, side) for side in Direction})
        made.auth = single("auth", namespace.auth, Direction.C2S)
        made.error = single("error", namespace.error, Direction.S2C)
        made.query = single("query", namespace.query, Direction.C2S)
        for key, event in namespace.events.items():
            args = several(event, "args", event.args, event.direction)
            ack = None if event.ack is None else several(event, "ack", event.ack, _OTHER[event.direction])
            entry = made.events[key] = _Entry(namespace.name, event, args, ack)
            (made.c2s if event.direction is Direction.C2S else made.s2c)[event.name] = entry
        if namespace.query is not None:
            for name, part in checker.contract.resolve(namespace.query).get("properties", {}).items():
                stated = checker.contract.resolve(part).get("type")
                if stated in {"integer", "number", "boolean"}:
                    made.casts[name] = stated
        return made

    def templated(self, direction: Direction, name: str) -> _Entry | None:
        """The declared event whose template the name fits."""
        declared = self.names[direction].of(name)
        return None if declared is None else self.events[direction, declared.name]

    def typed(self, query: dict[str, str]) -> dict[str, Any]:
        """The query with its strings as what they are declared to be, where they can be read so."""
        return {name: _cast(value, self.casts[name]) if name in self.casts else value for name, value in query.items()}

    def slots(self) -> list[Slots]:
        """All that values are held to."""
        own = [self.auth, self.error, self.query]
        entries = [slots for entry in self.events.values() for slots in (entry.args, entry.ack)]
        return [slots for slots in (*own, *entries) if slots is not None]

    def line(self) -> Coverage:
        """Its part of the coverage tree."""
        seen = self.count + sum(entry.count for entry in self.events.values())
        line = Coverage(Part.NAMESPACE, self.declared.name, seen)
        for part, name, slots in ((Part.AUTH, "auth", self.auth), (Part.REFUSAL, "error", self.error)):
            if slots is not None:
                line.children.append(Coverage(part, name, slots.count, slots.lines))
        if self.query is not None:
            line.children.extend(self.query.lines)
        line.children.extend(entry.line() for entry in self.events.values())
        return line


def _cast(value: str, kind: str) -> Any:
    try:
        if kind == "boolean":
            return {"true": True, "false": False}[value]
        return int(value) if kind == "integer" else float(value)
    except (KeyError, ValueError):
        return value
