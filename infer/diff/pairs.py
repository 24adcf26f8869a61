"""Which variant became which: alternatives have no names, so they are told by their tags, titles, types and properties."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from infer.asyncapi.contract import Contract
from infer.asyncapi.schemas import Schema
from infer.diff.view import view

_LEAST: Final = 0.2
"""Share of common properties from which two objects without tags are one that changed; the hunt for the best decides."""


def pairs(
    base: tuple[Contract, list[Schema]], revision: tuple[Contract, list[Schema]], same: Callable[[Schema, Schema], bool]
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pairs of indices that belong together though they differ, indices that are gone, indices that are new."""
    old, new = list(range(len(base[1]))), list(range(len(revision[1])))
    for first in list(old):
        second = next((second for second in new if same(base[1][first], revision[1][second])), None)
        if second is not None:
            old.remove(first)
            new.remove(second)
    before = {index: _Features.of(base[0], base[1][index]) for index in old}
    after = {index: _Features.of(revision[0], revision[1][index]) for index in new}
    scored = sorted(
        ((before[first].likeness(after[second]), -first, -second) for first in old for second in new), reverse=True
    )
    paired: list[tuple[int, int]] = []
    for score, first, second in scored:
        if score > 0 and -first in old and -second in new:
            paired.append((-first, -second))
            old.remove(-first)
            new.remove(-second)
    return sorted(paired, key=lambda pair: pair[1]), old, new


class _Features(msgspec.Struct, frozen=True):
    tags: frozenset[tuple[str, str]]
    """Properties that are constant, with their values."""
    names: frozenset[str]
    types: frozenset[str]
    title: str | None

    @classmethod
    def of(cls, contract: Contract, schema: Schema) -> _Features:
        each = view(contract, schema)
        return cls(frozenset(_tags(contract, each.properties)), frozenset(each.properties), each.types, each.schema.title)

    def likeness(self, other: _Features) -> float:
        """0 where the one cannot have become the other; higher is liker."""
        if not self.types & other.types - {"null"}:
            return 0.0
        keys = {key for key, _ in self.tags} & {key for key, _ in other.tags}
        if keys:
            return 3.0 if {tag for tag in self.tags if tag[0] in keys} == {tag for tag in other.tags if tag[0] in keys} else 0.0
        titled = 1.0 if self.title is not None and self.title == other.title else 0.0
        every = self.names | other.names
        if not every:
            return titled + (1.0 if self.types == other.types else 0.5)
        common = len(self.names & other.names) / len(every)
        return titled + common if titled or common >= _LEAST else 0.0


def _tags(contract: Contract, properties: dict[str, Schema]) -> Iterator[tuple[str, str]]:
    for name, part in properties.items():
        target = contract.resolve(part)
        members = [target["const"]] if "const" in target else target.get("enum", ())
        if len(members) == 1:
            yield name, json.dumps(members[0], sort_keys=True)
