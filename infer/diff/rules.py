"""The rules, as one table.

The question is whether today's clients survive the new server. What a client sends (c2s) is safe when every old value
is still accepted; what it receives (s2c) when every new value was possible before. Hence a kind of change has a level
by the direction in which its slot *travels*: an acknowledgement travels opposite to its event, a connect's `auth` to the server, a
refusal's data to the client.

A rule is a kind in a direction; its id is `<direction>-<kind>`, or the kind alone where no direction is concerned. Each
kind of change names its reverse, so that `forward` compatibility (new clients on the old server) is read off the same
table. `_closed` kinds are those of changes to properties where the receiver's schema refuses unknown properties.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from infer.model import Direction


class Level(StrEnum):
    """How bad it is; `OFF` is only ever configured."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    OFF = "off"

    @property
    def rank(self) -> int:
        """Higher is worse."""
        return _RANKS[self]


_RANKS: Final = {Level.OFF: 0, Level.INFO: 1, Level.WARNING: 2, Level.ERROR: 3}
E, W, I = Level.ERROR, Level.WARNING, Level.INFO  # noqa: E741 (the table below is read in columns)


class Compat(StrEnum):
    """Who has to get along with whom."""

    BACKWARD = "backward"
    """Today's clients with the new server."""
    FORWARD = "forward"
    """Tomorrow's clients with the old server."""
    FULL = "full"
    """Both."""


class Group(StrEnum):
    """What is held against what."""

    CHANGE = "change"
    """A contract against a contract."""
    TRAFFIC = "traffic"
    """Traffic against a contract."""


class Kind(msgspec.Struct, frozen=True):
    """A row of the table."""

    name: str
    group: Group
    title: str
    c2s: Level | None
    s2c: Level | None
    any: Level | None = None
    """The level where no direction is concerned; then the other two are None."""
    reverse: str | None = None
    """The kind of the change back (of changes only)."""
    hint: str | None = None
    waiver: str | None = None
    """Why there is a rule for one direction only."""


class Rule(msgspec.Struct, frozen=True):
    """A kind in a direction (None where none is concerned)."""

    id: str
    kind: Kind
    direction: Direction | None
    level: Level

    def under(self, compat: Compat) -> Level:
        """The level of a change by that compatibility: going forward, a change is as bad as its reverse is backward."""
        if self.kind.reverse is None or compat is Compat.BACKWARD:
            return self.level
        forward = rule_of(self.kind.reverse, self.direction).level
        return forward if compat is Compat.FORWARD else max(self.level, forward, key=lambda level: level.rank)


def _change(
    name: str, c2s: Level | None, s2c: Level | None, reverse: str, title: str, hint: str | None = None, *, waiver: str | None = None
) -> Kind:
    return Kind(name, Group.CHANGE, title, c2s, s2c, None, reverse, hint, waiver)


def _whole(name: str, level: Level, reverse: str, title: str, hint: str | None = None) -> Kind:
    return Kind(name, Group.CHANGE, title, None, None, level, reverse, hint)


def _seen(name: str, c2s: Level, s2c: Level, title: str, hint: str | None = None) -> Kind:
    return Kind(name, Group.TRAFFIC, title, c2s, s2c, None, None, hint)


_KEEP = "keep the old one beside it until no client needs it"
_NAMES = "keep the template until no client needs the other names"
_AUTH = "`auth` only ever goes to the server"
_REFUSAL = "a refusal only ever goes to the client"

_TABLE: Final = (
    # contract against contract                    c2s s2c  reverse
    _whole("namespace-removed", E, "namespace-added", "a namespace is gone", _KEEP),
    _whole("namespace-added", I, "namespace-removed", "a namespace is new"),
    _whole("namespace-names-narrowed", E, "namespace-names-widened", "names of a namespace are gone", _NAMES),
    _whole("namespace-names-widened", I, "namespace-names-narrowed", "a namespace has further names"),
    _whole("path-removed", E, "path-added", "a path of the server is gone", "clients connect to the old path"),
    _whole("path-added", I, "path-removed", "a path of the server is new"),
    _whole("protocol-removed", E, "protocol-added", "a protocol version is gone", "old clients cannot speak another"),
    _whole("protocol-added", I, "protocol-removed", "a protocol version is new"),
    _change("event-removed", E, E, "event-added", "an event is gone", _KEEP),
    _change("event-added", I, I, "event-removed", "an event is new"),
    _change("event-names-narrowed", E, E, "event-names-widened", "names of an event are gone", _NAMES),
    _change("event-names-widened", I, I, "event-names-narrowed", "an event has further names"),
    _change("ack-removed", E, I, "ack-added", "the event is not acknowledged any more", "who waits for it waits for ever"),
    _change("ack-added", I, E, "ack-removed", "the event is acknowledged now", "old clients do not acknowledge it"),
    _change("arg-required-added", E, W, "arg-required-removed", "a required argument is new", "make it optional"),
    _change("arg-optional-added", I, W, "arg-optional-removed", "an optional argument is new"),
    _change("arg-required-removed", W, E, "arg-required-added", "a required argument is gone"),
    _change("arg-optional-removed", W, E, "arg-optional-added", "an optional argument is gone"),
    _change("arg-became-required", E, I, "arg-became-optional", "an argument became required"),
    _change("arg-became-optional", I, E, "arg-became-required", "an argument became optional"),
    _change("property-required-added", E, I, "property-required-removed", "a required property is new", "make it optional"),
    _change("property-required-added-closed", E, E, "property-required-removed-closed",
            "a required property is new where the receiver refuses unknown ones"),
    _change("property-optional-added", I, I, "property-optional-removed", "an optional property is new"),
    _change("property-optional-added-closed", I, E, "property-optional-removed-closed",
            "an optional property is new where the receiver refuses unknown ones"),
    _change("property-required-removed", I, E, "property-required-added", "a required property is gone"),
    _change("property-required-removed-closed", E, E, "property-required-added-closed",
            "a required property is gone where the receiver refuses unknown ones"),
    _change("property-optional-removed", I, W, "property-optional-added", "an optional property is gone"),
    _change("property-optional-removed-closed", E, W, "property-optional-added-closed",
            "an optional property is gone where the receiver refuses unknown ones"),
    _change("property-became-required", E, I, "property-became-optional", "a property became required"),
    _change("property-became-optional", I, E, "property-became-required", "a property became optional"),
    _change("object-closed", E, I, "object-opened", "unknown properties are refused now"),
    _change("object-opened", I, E, "object-closed", "unknown properties may appear now"),
    _change("type-widened", I, E, "type-narrowed", "more types are possible"),
    _change("type-narrowed", E, I, "type-widened", "fewer types are possible"),
    _change("type-replaced", E, E, "type-replaced", "the type is another one", _KEEP),
    _change("null-allowed", I, E, "null-disallowed", "null is possible now"),
    _change("null-disallowed", E, I, "null-allowed", "null is refused now"),
    _change("binary-changed", E, E, "binary-changed", "JSON became binary, or binary JSON", _KEEP),
    _change("enum-value-added", I, E, "enum-value-removed", "a value joined the enumeration",
            "tell clients to expect values that they do not know"),
    _change("enum-value-removed", E, I, "enum-value-added", "a value left the enumeration"),
    _change("enum-introduced", E, I, "enum-dropped", "only enumerated values are possible now"),
    _change("enum-dropped", I, E, "enum-introduced", "values are not enumerated any more"),
    _change("bound-tightened", E, I, "bound-loosened", "a bound is tighter"),
    _change("bound-loosened", I, E, "bound-tightened", "a bound is looser"),
    _change("pattern-tightened", E, I, "pattern-loosened", "a pattern demands more"),
    _change("pattern-loosened", I, E, "pattern-tightened", "a pattern demands less"),
    _change("pattern-replaced", E, E, "pattern-replaced", "a pattern refuses what it took, and takes what it refused"),
    _change("format-changed", W, W, "format-changed", "the format changed", "formats are not checked by every client"),
    _change("variant-added", I, E, "variant-removed", "a variant is new"),
    _change("variant-removed", E, I, "variant-added", "a variant is gone", _KEEP),
    _change("schema-narrowed", E, I, "schema-widened", "fewer values are possible"),
    _change("schema-widened", I, E, "schema-narrowed", "more values are possible"),
    _change("schema-replaced", E, E, "schema-replaced", "some values became possible and others impossible"),
    _change("schema-undecided", W, W, "schema-undecided", "a change whose effect cannot be decided"),
    _change("auth-added", E, None, "auth-removed", "connecting needs `auth` now", waiver=_AUTH),
    _change("auth-removed", I, None, "auth-added", "nothing is said of `auth` any more", waiver=_AUTH),
    _change("refusal-added", None, I, "refusal-removed", "data of a refused connection is described now", waiver=_REFUSAL),
    _change("refusal-removed", None, W, "refusal-added", "nothing is said of refused connections any more", waiver=_REFUSAL),
    # traffic against contract
    Kind("undeclared-namespace", Group.TRAFFIC, "a namespace that is not declared", None, None, E, hint="declare it"),
    Kind("undeclared-path", Group.TRAFFIC, "a server path that is not declared", None, None, W,
         hint="a proxy may have added a prefix; select with --path"),
    _seen("undeclared-event", E, E, "an event that is not declared", "declare it"),
    _seen("undeclared-direction", E, E, "an event that is declared for the other side only",
          "where the document is the client's rather than the server's, say --perspective client"),
    _seen("undeclared-ack", E, E, "an acknowledgement where none is declared"),
    _seen("missing-ack", E, E, "none of the acknowledgements asked for, where one is declared", "who waits for it waits for ever"),
    _seen("too-few-args", E, E, "fewer arguments than are required"),
    _seen("too-many-args", E, W, "more arguments than are declared"),
    _seen("undeclared-property", W, W, "a property that is not declared", "declare it, or make the schema say what else may come"),
    _seen("unexpected-property", E, E, "a property that the schema refuses"),
    _seen("missing-property", E, E, "a required property is missing"),
    _seen("type-mismatch", E, E, "a value of another type"),
    _seen("binary-mismatch", E, E, "binary where JSON is declared, or JSON where binary is"),
    _seen("enum-mismatch", E, E, "a value that the enumeration does not have"),
    _seen("bound-mismatch", E, E, "a value beyond a bound"),
    _seen("pattern-mismatch", E, E, "a string that the pattern refuses"),
    _seen("format-mismatch", W, W, "a string that is not of the format"),
    _seen("variant-mismatch", E, E, "a value that is of no variant, or of several"),
    _seen("schema-mismatch", E, E, "a value that the schema refuses"),
    _seen("unknown-keyword", W, W, "a keyword that is not understood: what it demands was not checked",
          "correct the keyword, or name it with the prefix x-"),
)  # fmt: skip

KINDS: Final = {kind.name: kind for kind in _TABLE}


def _rules() -> dict[str, Rule]:
    found: list[Rule] = []
    for kind in _TABLE:
        if kind.any is not None:
            found.append(Rule(kind.name, kind, None, kind.any))
        for direction, level in ((Direction.C2S, kind.c2s), (Direction.S2C, kind.s2c)):
            if level is not None:
                found.append(Rule(f"{direction}-{kind.name}", kind, direction, level))
    return {rule.id: rule for rule in found}


RULES: Final = _rules()
"""All rules by id, in the order of the table."""


def rule_of(kind: str, direction: Direction | None) -> Rule:
    """The rule for a kind in the direction in which its slot travels."""
    row = KINDS[kind]
    return RULES[kind if row.any is not None else f"{direction}-{kind}"]
