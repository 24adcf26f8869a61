"""Values that a contract accepts, and that look like those of an application.

Schemas are walked in the view of `infer.diff`; words, dates and the like are Faker's. (The packages that make values of
a JSON Schema were tried: jsf 0.11 knows neither `prefixItems` nor recursion nor `allOf`, hypothesis-jsonschema 0.23 does
not run on today's Hypothesis.) What a schema demands beyond the walk is found by the search that the diff has for its
witnesses; and every value is checked before it is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from random import Random
from typing import Any, Final

from faker import Faker

from infer.asyncapi.contract import Contract, Signature
from infer.asyncapi.schemas import Schema
from infer.diff.checker import Checker
from infer.diff.patterns import example
from infer.diff.values import candidates
from infer.diff.view import View, is_false, view
from infer.errors import SpecError
from infer.model import Json

_TRIES: Final = 20
_DEEPEST: Final = 5
"""Levels below which optional parts are left out, so that recursion ends."""
_MOST: Final = 4
"""Items of a list, unless more are demanded."""
_OFTEN: Final = 0.6
"""How often an optional part is there."""


class Values:
    """Values for the schemas of one contract; the same seed gives the same."""

    def __init__(self, contract: Contract, seed: int = 0) -> None:
        self.contract = contract
        self.checker = Checker(contract)
        self._lists: dict[int, tuple[Signature, Schema]] = {}  # so that each is compiled once
        self._random = Random(seed)  # noqa: S311 (made-up values guard nothing)
        self._faker = Faker("en_US")
        self._faker.seed_instance(seed)

    def args(self, signature: Signature) -> list[Json]:
        """Arguments that the signature accepts. Errors: `SpecError` where none were found."""
        known = self._lists.setdefault(id(signature), (signature, signature.schema()))
        made = self.value(known[1])
        return list(made) if isinstance(made, list) else []

    def filled(self, template: str) -> str:
        """A name that fits a template."""
        return re.sub(r"\{[^{}]*\}", lambda _: str(self._random.randint(1, 999)), template)

    def value(self, schema: Schema) -> Json:
        """A value that the schema accepts, bytes where it says so. Errors: `SpecError` where none was found."""
        for _ in range(_TRIES):
            made = self._of(schema, 0)
            if self.checker.accepts(schema, made):
                return made
        found = list(islice(candidates(self.checker, schema, self.checker, schema), _TRIES))
        if not found:
            raise SpecError("no value found that this schema accepts", str(schema.place), "does it contradict itself?")
        return self._random.choice(found)

    def _of(self, schema: Schema, depth: int) -> Json:
        seen = view(self.contract, schema)
        if seen.branches:
            return self._branch(seen, depth)
        if seen.enum is not None and (seen.enum or "null" not in seen.types):
            members = [*seen.enum, *([None] if "null" in seen.types else [])]
            return self._random.choice(members) if members else None
        if len(seen.types) > 6 and not seen.keywords:  # anything goes, so the plainest
            return self._faker.word()
        kinds = sorted(seen.types - ({"integer"} if {"integer", "number"} <= seen.types else set()))
        return self._typed(self._random.choice(kinds), seen, depth) if kinds else None

    def _branch(self, seen: View, depth: int) -> Json:
        choices = [*seen.branches, *([None] if "null" in seen.types and len(seen.types) < 8 else [])]
        chosen = self._random.choice(choices)
        if chosen is None:
            return None
        made = self._of(chosen, depth)
        if isinstance(made, dict) and seen.keywords.get("properties"):
            made = {**self._object(seen, depth), **made}
        return made

    def _typed(self, kind: str, seen: View, depth: int) -> Json:
        if kind == "object":
            return self._object(seen, depth)
        if kind == "array":
            return self._array(seen, depth)
        if kind == "string":
            return self._string(seen.keywords)
        if kind in {"integer", "number"}:
            return self._number(kind, seen.keywords)
        if kind == "binary":
            return self._random.randbytes(self._random.randint(4, 24))
        return self._random.random() < 0.5 if kind == "boolean" else None

    def _object(self, seen: View, depth: int) -> dict[str, Json]:
        made = {}
        for name, part in seen.properties.items():
            if name in seen.required or (depth < _DEEPEST and self._random.random() < _OFTEN):
                made[name] = self._of(part, depth + 1)
        more = seen.keywords.get("additionalProperties")
        least = seen.keywords.get("minProperties", 0)
        if isinstance(more, Schema) and more and not is_false(more) and not seen.properties:  # a map
            for _ in range(max(least, self._random.randint(1, _MOST) if depth < _DEEPEST else 0)):
                made[str(self._random.randint(1, 9_999))] = self._of(more, depth + 1)
        return made

    def _array(self, seen: View, depth: int) -> list[Json]:
        fixed: list[Schema] = seen.keywords.get("prefixItems", [])
        least = seen.keywords.get("minItems", 0)
        most = seen.keywords.get("maxItems", max(least, len(fixed) + _MOST))
        rest = seen.keywords.get("items")
        if rest is not None and is_false(rest):
            most = min(most, len(fixed))
        if fixed and rest is None:
            most = min(most, max(len(fixed), least))
        if depth >= _DEEPEST:
            most = max(least, 0)
        elif not fixed and not least:
            least = min(1, most)  # an empty list shows nothing
        count = self._random.randint(least, max(least, most))
        return [self._of(fixed[place] if place < len(fixed) else rest or Schema({"type": "string"}, seen.place), depth + 1) for place in range(count)]

    def _string(self, keywords: dict[str, Any]) -> str:
        if "pattern" in keywords:
            found = example(keywords["pattern"])
            return found[0] if found else self._faker.word()
        formats: dict[str, Callable[[], str]] = {
            "date-time": lambda: self._faker.date_time_between("-1y", "now").strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            "date": lambda: self._faker.date_between("-1y", "today").isoformat(),
            "time": lambda: self._faker.time() + "Z",
            "uuid": lambda: str(self._faker.uuid4()),
            "email": lambda: str(self._faker.email()),
            "uri": lambda: f"https://example.com/{self._faker.slug()}",
            "ipv4": lambda: str(self._faker.ipv4_private()),
            "ipv6": lambda: str(self._faker.ipv6()),
            "hostname": lambda: str(self._faker.hostname()),
        }
        made = formats.get(keywords.get("format", ""), lambda: " ".join(self._faker.words(self._random.randint(1, 3))))()
        least, most = keywords.get("minLength", 0), keywords.get("maxLength")
        while len(made) < least:
            made += f" {self._faker.word()}"
        return made if most is None else made[:most]

    def _number(self, kind: str, keywords: dict[str, Any]) -> float:
        least = keywords.get("minimum", keywords.get("exclusiveMinimum"))
        most = keywords.get("maximum", keywords.get("exclusiveMaximum"))
        least = (0 if most is None else min(0, most - 1_000)) if least is None else least
        most = least + 1_000 if most is None else most
        step = keywords.get("multipleOf")
        made = self._random.uniform(least, most)
        if step:
            whole = round(made / step) * step
            return round(whole) if isinstance(step, int) else float(whole)
        if kind == "integer":
            return round(made)
        return round(round(made, 1) + 0.05, 2) if most - least > 1 else float(made)
