"""Values that may tell two schemas apart: tried, never trusted; whoever takes one asks a validator.

They come from both schemas: members of enumerations and what is none, values on, before and behind each bound, the least
and the fullest object and each with one thing changed. The search is bounded, so finding none proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from infer.asyncapi.schemas import Schema
from infer.diff.checker import Checker
from infer.diff.patterns import between, example
from infer.diff.view import View, is_false, view

MAX_DEPTH: Final = 6
MAX_TRIED: Final = 600
"""Values tried for one answer; the differences of a taxonomy show within the first hundred."""
_PER_PART: Final = 24
_PER_BRANCH: Final = 100
_LONGEST: Final = 64
"""Items or properties of a value that is made up."""

_STRINGS: Final = (
    "", "a", "abc", "A", "ABC", "a-b", "a b", "a1", "0", "123", "-1", "2024-05-17", "2024-05-17T10:11:12Z", "10:11:12Z",
    "someone@example.com", "https://example.com/a", "127.0.0.1", "example.com", "7c9e6679-7425-40de-944b-e07fc1f90ae7",
)  # fmt: skip
_BY_TYPE: Final[dict[str, tuple[Any, ...]]] = {
    "null": (None,),
    "boolean": (True, False),
    "integer": (0, 1, -1, 7),
    "number": (0.5, -0.5),
    "string": _STRINGS,
    "binary": (b"\x00",),
    "array": ([],),
    "object": ({},),
}
_ANYTHING: Final[tuple[Any, ...]] = (None, True, 7, 0.5, "abc", [], {})


def candidates(mine: Checker, first: Schema, theirs: Checker, second: Schema) -> Iterator[Any]:
    """Values that the first schema takes, among them some that the second may refuse."""
    tried = islice(_Search(mine, theirs).of(first, second, 0), MAX_TRIED)
    return (value for value in tried if mine.accepts(first, value))


class _Search:
    def __init__(self, mine: Checker, theirs: Checker) -> None:
        self._mine = mine
        self._theirs = theirs

    def of(self, first: Schema | None, second: Schema | None, depth: int) -> Iterator[Any]:
        """Values for the first schema; None stands for one that says nothing."""
        if depth > MAX_DEPTH:
            return
        mine = None if first is None else view(self._mine.contract, first)
        theirs = None if second is None else view(self._theirs.contract, second)
        if mine is None and theirs is None:
            yield from _ANYTHING
            return
        for each in (mine, theirs):
            if each is not None and each.enum is not None:
                yield from each.enum
        for each in (mine, theirs):
            for part in _within(each):
                yield from islice(self.of(part, None, depth + 1) if each is mine else self.of(None, part, depth + 1), _PER_PART)
        for branch in mine.branches if mine is not None else ():
            yield from islice(self.of(branch, second, depth + 1), _PER_BRANCH)
        for branch in theirs.branches if theirs is not None else ():
            yield from islice(self.of(first, branch, depth + 1), _PER_BRANCH)
        if mine is None or mine.enum is None:
            for kind in sorted(mine.types if mine is not None else _BY_TYPE, key=_ease):
                yield from self._typed(kind, mine, theirs, depth)

    def _typed(self, kind: str, mine: View | None, theirs: View | None, depth: int) -> Iterator[Any]:
        if kind == "object":
            yield from self._objects(mine, theirs, depth)
        elif kind == "array":
            yield from self._arrays(mine, theirs, depth)
        else:
            yield from _BY_TYPE[kind]
        for each in (mine, theirs):
            if each is not None and kind in {"integer", "number"}:
                yield from _near_bounds(each.keywords, kind)
            elif each is not None and kind == "string":
                yield from _of_length(each.keywords)
        if kind == "string" and mine is not None and theirs is not None:
            yield from between(mine.keywords.get("pattern"), theirs.keywords.get("pattern")) or ()

    def _objects(self, mine: View | None, theirs: View | None, depth: int) -> Iterator[Any]:
        own = {} if mine is None else dict(mine.keywords.get("properties", {}))
        other = {} if theirs is None else theirs.keywords.get("properties", {})
        required = set() if mine is None else set(mine.keywords.get("required", ()))
        demanded = set() if theirs is None else set(theirs.keywords.get("required", ()))
        parts = {name: self._pool(own.get(name), other.get(name), depth) for name in {**own, **dict.fromkeys(sorted(required))}}
        usable = {name: values[0] for name, values in parts.items() if values}
        least = {name: value for name, value in usable.items() if name in required}
        yield usable
        yield least
        for name, first in usable.items():
            if name not in required:
                yield {**least, name: first}
                yield {key: value for key, value in usable.items() if key != name}
            for value in parts[name][1:]:
                yield {**usable, name: value}
        if mine is None or not mine.closed:
            extra = None if mine is None else mine.keywords.get("additionalProperties")
            names = [name for name in {**other, **dict.fromkeys(sorted(demanded))} if name not in own]
            more = {name: self._pool(extra, other.get(name), depth) for name in [*names, "unknown"]}
            yield {**usable, **{name: more[name][0] for name in names if more[name]}}
            for name, pool in more.items():
                for value in pool:
                    yield {**usable, name: value}
        patterns, others = ({} if each is None else each.keywords.get("patternProperties", {}) for each in (mine, theirs))
        for pattern in {**patterns, **others}:
            for name in example(pattern):
                for value in self._pool(patterns.get(pattern), others.get(pattern), depth):
                    yield {**usable, name: value}
        for bound in ("minProperties", "maxProperties"):
            for each in (mine, theirs):
                count = None if each is None else each.keywords.get(bound)
                if isinstance(count, int) and count <= _LONGEST:
                    filler = {f"key{number}": 1 for number in range(count + 2)}
                    for size in (count - 1, count, count + 1):
                        yield dict(list({**usable, **filler}.items())[: max(size, 0)])

    def _arrays(self, mine: View | None, theirs: View | None, depth: int) -> Iterator[Any]:
        keywords = {} if mine is None else mine.keywords
        theirs_keywords = {} if theirs is None else theirs.keywords
        prefix: list[Schema] = keywords.get("prefixItems", [])
        other: list[Schema] = theirs_keywords.get("prefixItems", [])
        rest = keywords.get("items")
        other_rest = theirs_keywords.get("items")

        def at(index: int) -> list[Any]:
            own = prefix[index] if index < len(prefix) else rest
            their = other[index] if index < len(other) else other_rest
            return self._pool(own, their, depth)

        lengths = {0, 1, 2, len(prefix), len(other), len(prefix) + 1, len(other) + 1}
        for source in (keywords, theirs_keywords):
            for bound in ("minItems", "maxItems"):
                if isinstance(source.get(bound), int):
                    lengths |= {source[bound] - 1, source[bound], source[bound] + 1}
        for length in sorted(length for length in lengths if 0 <= length <= _LONGEST):
            if length > len(prefix) and is_false(rest):
                continue
            pools = [at(index) for index in range(min(length, 8))]
            if length > 8:
                pools += [pools[-1]] * (length - 8)
            if not all(pools):
                continue
            yield [pool[0] for pool in pools]
            if length > 1:
                yield [pool[index % len(pool)] for index, pool in enumerate(pools)]
            for index, pool in enumerate(pools[:8]):
                for value in pool[1:]:
                    yield [*(each[0] for each in pools[:index]), value, *(each[0] for each in pools[index + 1 :])]

    def _pool(self, first: Schema | None, second: Schema | None, depth: int) -> list[Any]:
        """Values that the first schema takes; those that the second takes too come first, so that little else differs."""
        found = [
            value
            for value in islice(self.of(first, second, depth + 1), _PER_PART)
            if first is None or self._mine.accepts(first, value)
        ]
        return sorted(found, key=lambda value: second is not None and not self._theirs.accepts(second, value))


def _within(each: View | None) -> Iterator[Schema]:
    """Schemas inside that are compared as a whole: what they name may tell."""
    if each is not None:
        for keyword in ("not", "if", "then", "else"):
            if keyword in each.keywords:
                yield each.keywords[keyword]
        yield from each.keywords.get("allOf", ())
        yield from each.keywords.get("dependentSchemas", {}).values()


def _ease(kind: str) -> int:
    return ("string", "integer", "boolean", "number", "object", "array", "null", "binary").index(kind)


def _near_bounds(keywords: dict[str, Any], kind: str) -> Iterator[Any]:
    step = 1 if kind == "integer" else 0.5
    for bound in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
        value = keywords.get(bound)
        if isinstance(value, int | float):
            yield from (value, value - step, value + step, value * 2)


def _of_length(keywords: dict[str, Any]) -> Iterator[str]:
    for bound in ("minLength", "maxLength"):
        length = keywords.get(bound)
        if isinstance(length, int) and length <= 10_000:
            yield from ("a" * count for count in (length - 1, length, length + 1) if count >= 0)
    pattern = keywords.get("pattern")
    if isinstance(pattern, str):
        yield from example(pattern)
