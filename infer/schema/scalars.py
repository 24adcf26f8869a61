"""What is kept of values that hold no others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, Final

from genson.schema.strategies import Boolean, Null, Number, String, TypedSchemaStrategy

from infer.schema.formats import check_of, format_of
from infer.schema.node import Kind, Node, State
from infer.schema.secrecy import private_name, public_shape

if TYPE_CHECKING:
    from infer.schema.plans import Plan

WITNESSES: Final = 3
"""Sessions remembered for each string: rules ask for at most that many."""
OFTEN: Final = 16
"""How far each string is counted: rules ask which were seen once, examples which are usual."""


_LEAST, _MOST = -(1 << 63), (1 << 64) - 1
"""Integers that parsers keep as such; beyond, some give a number with a fraction and some an integer."""


class Nulls(Kind, Null):  # type: ignore[misc]
    """null."""

    NAME = "null"


class Booleans(Kind, Boolean):  # type: ignore[misc]
    """true and false."""

    NAME = "boolean"


class Binaries(Kind, TypedSchemaStrategy):  # type: ignore[misc]
    """Attachments, which AsyncAPI describes as strings."""

    NAME = "binary"
    JS_TYPE = "string"
    PYTHON_TYPE = bytes


class TooDeep(Kind):
    """Lists and objects that are not looked into: all stand at the level of `Scope.deepest`."""

    NAME = "deeper"

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self.kinds: frozenset[str] = frozenset()
        """Which of the two there were."""

    @property
    def names(self) -> Collection[str]:
        """See `Kind.names`."""
        return self.kinds

    def add_object(self, obj: Any) -> None:
        """Count a list or an object."""
        self.count += 1
        self.kinds |= {"object" if isinstance(obj, dict) else "array"}

    def merge(self, other: Kind) -> None:
        """See `Kind.merge`; lists and objects that were looked into are let go."""
        self.count += other.count
        self.kinds |= other.kinds if isinstance(other, TooDeep) else {other.NAME}

    def to_state(self) -> State:
        """See `Kind.to_state`."""
        return [self.count, sorted(self.kinds)]

    def fill(self, state: State) -> None:
        """See `Kind.fill`."""
        self.count, kinds = state if isinstance(state, list) else (state, ["object"])  # version 1 kept the count alone
        self.kinds = frozenset(kinds)
        self.node.scope.look_up_to(self.node.depth)


class Numbers(Kind, Number):  # type: ignore[misc]
    """Integers, until a number with a fraction is among them."""

    NAME = "number"

    @classmethod
    def match_object(cls, obj: object) -> bool:
        """Also for subclasses, such as an IntEnum."""
        return isinstance(obj, int | float) and not isinstance(obj, bool)

    @property
    def fractions(self) -> bool:
        """Whether a number had, or could have had, a fraction."""
        return bool(self._type == "number")

    def add_object(self, obj: float) -> None:
        """Take in a number."""
        self.count += 1
        if type(obj) is float or not _LEAST <= obj <= _MOST:
            self._type = "number"

    def merge(self, other: Numbers) -> None:
        """See `Kind.merge`."""
        self.count += other.count
        self._note(other.fractions)

    def to_state(self) -> State:
        """See `Kind.to_state`."""
        return [self.count, self.fractions]

    def fill(self, state: State) -> None:
        """See `Kind.fill`."""
        self.count, fractions = state
        self._note(fractions)

    def _note(self, fractions: bool) -> None:  # noqa: FBT001
        if fractions:
            self._type = "number"


class Strings(Kind, String):  # type: ignore[misc]
    """Strings: the format that all share, and which they are while they may be an enum's members.

    `values` is None once that question is closed: by a name or a string that must not be let out, or by more than
    `Limits.values_per_string`.
    """

    NAME = "string"

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self.check: Callable[[str], object] | None = None
        """What tells whether a string has the format that all have had; None where there is none."""
        self.format: str | None = None
        """None before the first string, "" where they have none in common."""
        self.values: dict[str, Value] | None = None if private_name(node.name) else {}
        self._done: set[str] | None = None

    @property
    def questions(self) -> int:
        """How many are open: which strings there are, which format they have. What was closed stays closed."""
        return (self.values is not None) + (self.check is not None)

    @property
    def done(self) -> set[str]:
        """Strings of which one more in this session would show nothing new, as far as that is known."""
        if self._done is None:
            self._done = set()
        return self._done

    def add_object(self, obj: str) -> None:
        """Take in a string."""
        self.count += 1
        self.look_at(obj)

    def look_at(self, obj: str) -> None:
        """What a string that is counted elsewhere shows."""
        check = self.check
        if check is not None:
            if not check(obj):
                self.refuse_format()
        elif self.format is None:
            self._set_format(format_of(obj))
        values = self.values
        if values is None:
            return
        known = values.get(obj)
        if known is None:
            if len(values) >= self.node.scope.limits.values_per_string or not (public_shape(obj) or not obj):
                self._close()
                return
            known = values[obj] = Value()
        session = self.node.scope.session
        if known.add(session) and self.check is None:
            self.node.scope.remember(self.done, obj)

    def refuse_format(self) -> None:
        """A string was seen that has not the format of those before it."""
        self._set_format("")

    def join(self, plan: Plan, key: str) -> None:
        """See `Kind.join`."""
        plan.counted.append(self)
        if self.values is not None:
            plan.cases.append((key, self.done, self.look_at))
        elif self.check is not None:
            plan.formats.append((key, self.check, self.refuse_format))

    def merge(self, other: Strings) -> None:
        """See `Kind.merge`."""
        self.count += other.count
        if self.format is None:
            self._set_format(other.format)
        elif other.format is not None and self.format != other.format:
            self._set_format("")
        if self.values is None or other.values is None:
            self._close()
            return
        for text, value in other.values.items():
            self.values.setdefault(text, Value()).merge(value)
        self.bound()

    def bound(self) -> None:
        """See `Node.bound`."""
        if self.values is not None and len(self.values) > self.node.scope.limits.values_per_string:
            self._close()

    def to_state(self) -> State:
        """See `Kind.to_state`."""
        values = None if self.values is None else {text: self.values[text].to_state() for text in sorted(self.values)}
        return [self.count, self.format, values]

    def fill(self, state: State) -> None:
        """See `Kind.fill`."""
        self.count, form, values = state
        self._set_format(form)
        self.values = None
        if values is not None and not private_name(self.node.name) and all(public_shape(text) or not text for text in values):
            self.values = {text: Value(count, sorted(set(sessions))) for text, (count, sessions) in values.items()}

    def _close(self) -> None:
        """It is not asked any more which strings they are."""
        self.values = self._done = None

    def _set_format(self, form: str | None) -> None:
        self.format = form
        self.check = check_of(form) if form else None


class Value:
    """How often a string was seen, up to `OFTEN`, and in which sessions (the `WITNESSES` smallest)."""

    __slots__ = ("count", "sessions")

    def __init__(self, count: int = 0, sessions: Sequence[int] = ()) -> None:
        self.count = min(count, OFTEN)
        self.sessions = tuple(sessions)

    def add(self, session: int) -> bool:
        """Take in one more; whether yet another in that session would change nothing."""
        if self.count < OFTEN:
            self.count += 1
        sessions = self.sessions
        if session not in sessions and (len(sessions) < WITNESSES or session < sessions[-1]):
            self.sessions = tuple(sorted((*sessions, session))[:WITNESSES])
        return self.count == OFTEN

    def merge(self, other: Value) -> None:
        """Take the other's counts in."""
        self.count = min(self.count + other.count, OFTEN)
        self.sessions = tuple(sorted({*self.sessions, *other.sessions})[:WITNESSES])

    def to_state(self) -> Any:
        """Builtin data."""
        return [self.count, list(self.sessions)]
