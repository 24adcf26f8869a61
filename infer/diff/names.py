"""Which declared name a name falls under, and what two contracts declare under the same names.

A fixed name goes before every template; of templates that take a name, the one with the most fixed text does, then the
first by its text. So neither depends on the order of a document.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from typing import Final, Generic, TypeVar

from infer.asyncapi.contract import Contract, Event, Namespace
from infer.diff.ledger import APART
from infer.model import Direction
from infer.templates import template_of

D = TypeVar("D", bound=Event | Namespace)

_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")
_DATA: Final = "\x00"
"""Stands for the data of a template that is itself looked for among templates."""
_IN_EVENT: Final = r"[\s\S]+?"
_IN_NAMESPACE: Final = "[^/]+"


class Names(Generic[D]):
    """What a contract declares, to be found by its names.

    `data` is what may be in place of a placeholder, as a pattern; `rest` is what stands for all other names.
    """

    def __init__(self, declared: Iterable[D], data: str, rest: D | None = None) -> None:
        self._rest = rest
        self._declared = {each.name: each for each in declared}
        self._alike = {_form(each): each for each in self._declared.values()}
        templates = sorted((each for each in self._declared.values() if each.template), key=_specific_first)
        self._templates = [(_pattern(each.name, data), each) for each in templates]
        self._fitting: dict[str, D | None] = {}
        """Names that were looked for among the templates."""

    def __iter__(self) -> Iterator[D]:
        return iter(self._declared.values())

    def of(self, name: str) -> D | None:
        """What a name that was met falls under; None where nothing is declared for it."""
        own = self._declared.get(name)
        if own is not None or not self._templates:
            return own or self._rest
        if name not in self._fitting:
            if len(self._fitting) >= APART:
                self._fitting.clear()
            self._fitting[name] = next(self._templates_of(name), self._rest)
        return self._fitting[name]

    def covering(self, other: D, beside: Names[D]) -> D | None:
        """What takes every name of another contract's declaration, which stands there beside those others; None where nothing does.

        Placeholders may be called anything. A name that stands beside the same template is another event (`user:typing`
        beside `user:{id}`), unless it was made by that template as far as its form tells (`user:7`).
        """
        own = self._declared.get(other.name)
        if own is None or own.template is not other.template:
            own = self._alike.get(_form(other))
        if own is not None:
            return own
        fitting = self._templates_of(_form(other)[1])
        return next((each for each in fitting if not beside.has(each) or template_of(other.name) == each.name), self._rest)

    def has(self, other: D) -> bool:
        """Whether something is declared for the same names as by another contract's declaration."""
        return _form(other) in self._alike

    def _templates_of(self, name: str) -> Iterator[D]:
        return (each for pattern, each in self._templates if pattern.fullmatch(name))


def events(namespace: Namespace, direction: Direction) -> Names[Event]:
    """The events of one direction."""
    return Names((event for event in namespace.events.values() if event.direction is direction), _IN_EVENT)


def namespaces(contract: Contract) -> Names[Namespace]:
    """The namespaces; the data in their names has no slash."""
    declared = contract.namespaces.values()
    return Names(declared, _IN_NAMESPACE, next((each for each in declared if not each.named), None))


class Side(Enum):
    """Which of two contracts declares something."""

    BOTH = auto()
    BASE = auto()
    REVISION = auto()


class Match(Generic[D]):
    """What two contracts declare, put together: what has one name, and what the one has among the names of a template.

    Two that belong together are known by the name of the one that the other covers: of `room:1` and `room:{id}` by `room:1`,
    whichever is the base's; by the base's where each covers the other.
    """

    def __init__(self, base: Names[D], revision: Names[D]) -> None:
        self._base, self._revision = base, revision
        self._known: dict[tuple[str, str], str] = {}
        self.both: dict[str, tuple[D, D]] = {}
        """By the name that they are known by, in the order of the base and then of the revision."""
        self.base: list[tuple[D, int]] = []
        """What the base declares and nothing of the revision covers, with how many of the revision are among its names."""
        self.revision: list[tuple[D, int]] = []
        """The same of the revision."""
        covered: set[str] = set()
        covering: set[str] = set()
        for old in base:
            new = revision.covering(old, base)
            if new is not None:
                covered.add(old.name)
                self._put(old.name, old, new)
        for new in revision:
            found = base.covering(new, revision)
            if found is not None:
                covering.add(new.name)
                self._put(new.name, found, new)
        olds, news = (Counter(names[side] for names in self._known) for side in (0, 1))
        self.base += [(old, olds[old.name]) for old in base if old.name not in covered]
        self.revision += [(new, news[new.name]) for new in revision if new.name not in covering]

    def _put(self, name: str, old: D, new: D) -> None:
        if (old.name, new.name) not in self._known:
            self._known[old.name, new.name] = name
            self.both[name] = old, new

    def touching(self, name: str) -> Iterator[tuple[Side, str, bool]]:
        """What a name that was met falls under: on each side, with whether the other side has no place for it, and on both."""
        old, new = self._base.of(name), self._revision.of(name)
        if old is not None:
            yield Side.BASE, old.name, new is None
        if new is not None:
            yield Side.REVISION, new.name, old is None
        if old is not None and new is not None and (old.name, new.name) in self._known:
            yield Side.BOTH, self._known[old.name, new.name], False


def _form(declared: Event | Namespace) -> tuple[bool, str]:
    """What is the same of two declarations that have the same names."""
    return declared.template, _PLACEHOLDER.sub(_DATA, declared.name) if declared.template else declared.name


def _specific_first(template: Event | Namespace) -> tuple[int, str]:
    return -len(_PLACEHOLDER.sub("", template.name)), template.name


def _pattern(template: str, data: str) -> re.Pattern[str]:
    """The names that `/tenant-{id}` stands for."""
    return re.compile(data.join(map(re.escape, _PLACEHOLDER.split(template))))
