"""A schema against its revision, part by part: what changed, whoever may suffer from it.

Each change says which values it concerns: `lost` tells those of the base that are not possible any more, `gained`
those that are newly possible. Whether that is bad depends on who receives them; that is the table's business.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import msgspec

from infer.asyncapi.pointers import escape
from infer.asyncapi.references import Place
from infer.asyncapi.schemas import Schema
from infer.diff.bounds import Limit, limits, tightness
from infer.diff.checker import Checker
from infer.diff.demands import ANYTHING, at, null, of_types, only, sealed
from infer.diff.pairs import pairs
from infer.diff.patterns import Relation, relation
from infer.diff.subtype import Answer, is_covered, subtype, witness
from infer.diff.view import ALL_TYPES, BOUNDS, View, are_told_apart, is_false, variant_name, view
from infer.model import ABSENT

Concern: TypeAlias = Callable[[Any], bool]
Pair: TypeAlias = tuple[Schema, Schema]
"""Of the base and of the revision."""


class Change(msgspec.Struct, frozen=True):
    """A row of the table met at a part of a schema."""

    kind: str
    path: str
    """Pointer from the top to the part, references not counted."""
    detail: str
    """What tells it from others of its kind at that part."""
    words: str
    """The change in words, of names and shapes."""
    base: Schema
    """The part on both sides."""
    revision: Schema
    lost: Concern | None = None
    """Whether a value of the part is refused now on its account; None where that cannot be."""
    gained: Concern | None = None
    """Whether a value of the part is possible now on its account; None where that cannot be."""
    places: tuple[Place | None, Place | None] | None = None
    """Where it stands in either document, if not where the part does."""


class Walk:
    """Goes through the schemas of one slot. A pair of definitions that is met again was reported where it was met first."""

    def __init__(self, base: Checker, revision: Checker) -> None:
        self.base = base
        self.revision = revision
        self._met: dict[tuple[int, int], None] = {}  # in the order met
        self._alike: dict[tuple[int, int], bool] = {}
        self._held: list[Pair] = []
        """Schemas that are known by their ids, so that these stay their own."""

    def changes(self, base: Schema, revision: Schema) -> list[Change]:
        """What changed. Where schemas differ by nothing that has a name, what their values say is asked."""
        if self.same(base, revision):
            return []
        self._met.clear()
        found = list(self.part(base, revision, ""))
        return found or list(self.whole((base, revision), (base, revision), "", ""))

    def same(self, base: Schema, revision: Schema) -> bool:
        """Whether the schemas are written alike, references followed, and patterns taken for what they match."""
        first, second = self.base.contract.resolve(base), self.revision.contract.resolve(revision)
        key = (id(first), id(second))
        known = self._alike.get(key)
        if known is None:
            self._held.append((first, second))
            self._alike[key] = True  # while it is looked into: a circle adds nothing
            known = self._alike[key] = first.keys() == second.keys() and all(
                self.same_value(value, second[keyword]) or (keyword == "pattern" and relation(value, second[keyword]) is Relation.SAME)
                for keyword, value in first.items()
            )
        return known

    def same_value(self, first: Any, second: Any) -> bool:
        """Whether the values of a keyword are written alike."""
        if isinstance(first, Schema) and isinstance(second, Schema):
            return self.same(first, second)
        if isinstance(first, dict) and isinstance(second, dict):
            return first.keys() == second.keys() and all(self.same_value(value, second[key]) for key, value in first.items())
        if isinstance(first, list) and isinstance(second, list):
            return len(first) == len(second) and all(map(self.same_value, first, second))
        return type(first) is type(second) and bool(first == second)

    def part(self, base: Schema, revision: Schema, path: str) -> Iterator[Change]:
        """The changes of a part."""
        if self.same(base, revision):
            return
        base, revision = self.base.contract.resolve(base), self.revision.contract.resolve(revision)
        if (id(base), id(revision)) in self._met:
            return
        before = len(self._met)
        self._met[id(base), id(revision)] = None
        found = list(_Part(self, view(self.base.contract, base), view(self.revision.contract, revision), path).changes())
        if any(_is_of(path, change) and not _says_more(change) for change in found) and self._mean_the_same(base, revision):
            while len(self._met) > before:
                self._met.popitem()  # elsewhere they may stand in parts that differ
            found = list(filter(_says_more, found))
        yield from found

    def _mean_the_same(self, base: Schema, revision: Schema) -> bool:
        """Whether it is proved that the schemas, which are written differently, take the same values."""
        return is_covered(self.base, base, self.revision, revision) and is_covered(self.revision, revision, self.base, base)

    def whole(self, parts: Pair, compared: Pair, path: str, keyword: str) -> Iterator[Change]:
        """The change of what has no name in the table, by what can be proved of the values.

        `compared` is what of the parts is asked about. What is proved for one side and not for the other is two changes.
        """
        (base, revision), about = compared, f": {keyword}" if keyword else ""
        narrower = subtype(self.base, base, self.revision, revision)
        wider = subtype(self.revision, revision, self.base, base)
        lost, gained = _refused_by(self.revision, revision), _refused_by(self.base, base)
        answers = narrower.answer, wider.answer
        if answers == (Answer.NO, Answer.NO):
            words = f"some values became possible and others impossible{about}"
            yield Change("schema-replaced", path, keyword, words, *parts, lost, gained)
            return
        if narrower.answer is Answer.NO:
            yield Change("schema-narrowed", path, keyword, f"fewer values are possible{about}", *parts, lost=lost)
        if wider.answer is Answer.NO:
            yield Change("schema-widened", path, keyword, f"more values are possible{about}", *parts, gained=gained)
        if Answer.UNKNOWN in answers:
            hidden = narrower.keyword or wider.keyword or keyword
            words = f"the effect of a change cannot be decided, because of {hidden}"
            yield Change("schema-undecided", path, keyword or str(hidden), words, *parts)


class _Part(msgspec.Struct):
    """One part on both sides."""

    walk: Walk
    base: View
    revision: View
    path: str

    def changes(self) -> Iterator[Change]:
        base, revision = self.base, self.revision
        if base.types != revision.types and (base.is_silent or revision.is_silent):  # the rest of what the other says goes with it
            yield from self._types()
            yield from self._enum()
            return
        if base.branches or revision.branches:
            yield from self._null()
            yield from self._branches()
            yield from self._several()
            if not (base.branches and revision.branches):
                return
        else:
            stop = False
            for change in self._types():
                yield change
                stop = stop or change.kind in {"type-replaced", "binary-changed"}
            if stop:
                return
            yield from self._enum()
        if base.demands("string") and revision.demands("string"):
            yield from self._pattern()
            yield from self._format()
        for family in BOUNDS:
            if base.demands(family) and revision.demands(family):
                yield from self._bounds(family)
        if base.demands("array") and revision.demands("array"):
            yield from self._array()
        if base.demands("object") and revision.demands("object"):
            yield from self._object()
        yield from self._other()

    def _made(
        self,
        kind: str,
        words: str,
        *,
        detail: str = "",
        lost: dict[str, Any] | None = None,
        gained: dict[str, Any] | None = None,
        places: tuple[Place | None, Place | None] | None = None,
    ) -> Change:
        """A change here; `lost` is what is newly demanded, `gained` what is demanded no longer."""
        return Change(
            kind,
            self.path,
            detail,
            words,
            self.base.schema,
            self.revision.schema,
            None if lost is None else _refused_by(self.walk.revision, Schema(lost, self.revision.place)),
            None if gained is None else _refused_by(self.walk.base, Schema(gained, self.base.place)),
            places,
        )

    def _null(self) -> Iterator[Change]:
        before, after = "null" in self.base.types, "null" in self.revision.types
        if before and not after:
            yield self._made("null-disallowed", "null is refused now", lost={"not": null()})
        if after and not before:
            yield self._made("null-allowed", "null is possible now", gained={"not": null()})

    def _types(self) -> Iterator[Change]:
        before, after = self.base.types - {"null"}, self.revision.types - {"null"}
        if before and after and ALL_TYPES not in {self.base.types, self.revision.types}:
            yield from self._null()
        else:
            before, after = self.base.types, self.revision.types
        if before == after or (self._is_enumerated(before, after)):
            return
        words = f"{_names(after)}, was {_names(before)}"
        lost, gained = of_types(self.revision.types), of_types(self.base.types)
        if ("binary" in before) != ("binary" in after) and (len(before) == 1 or len(after) == 1) and not before & after:
            yield self._made("binary-changed", words, lost=lost, gained=gained)
        elif before < after:
            yield self._made("type-widened", f"more types are possible: {words}", gained=gained)
        elif after < before:
            yield self._made("type-narrowed", f"fewer types are possible: {words}", lost=lost)
        else:
            yield self._made("type-replaced", f"the type is another one: {words}", lost=lost, gained=gained)

    def _is_enumerated(self, before: frozenset[str], after: frozenset[str]) -> bool:
        """Whether the enumeration tells the difference of the types."""
        if self.base.enum is not None and self.revision.enum is not None:
            return bool(before & after)
        if self.base.enum is not None:
            return before <= after
        return self.revision.enum is not None and after <= before

    def _enum(self) -> Iterator[Change]:
        before, after = self.base.enum, self.revision.enum
        if before is None and after is not None:
            members = [*after, None] if "null" in self.revision.types else after
            yield self._made("enum-introduced", f"only enumerated values are possible now: {_list(after)}", lost={"enum": members})
        elif before is not None and after is None:
            members = [*before, None] if "null" in self.base.types else before
            yield self._made("enum-dropped", f"values are not enumerated any more, were {_list(before)}", gained={"enum": members})
        elif before is not None and after is not None:
            old, new = {_text(member): member for member in before}, {_text(member): member for member in after}
            for text in [text for text in old if text not in new]:
                words = f"the value {text[:80]} left the enumeration"
                yield self._made("enum-value-removed", words, detail=text, lost={"not": only(old[text])})
            for text in [text for text in new if text not in old]:
                words = f"the value {text[:80]} joined the enumeration"
                yield self._made("enum-value-added", words, detail=text, gained={"not": only(new[text])})

    def _pattern(self) -> Iterator[Change]:
        before, after = self.base.keywords.get("pattern"), self.revision.keywords.get("pattern")
        if before == after:
            return
        related = relation(before, after)
        words = {
            Relation.SAME: "",
            Relation.NARROWER: "the pattern demands more",
            Relation.WIDER: "the pattern demands less",
            Relation.OTHER: "the pattern refuses what it took, and takes what it refused",
            Relation.UNKNOWN: "the effect of a change cannot be decided, because of pattern",
        }[related]
        kind = {
            Relation.NARROWER: "pattern-tightened",
            Relation.WIDER: "pattern-loosened",
            Relation.OTHER: "pattern-replaced",
            Relation.UNKNOWN: "schema-undecided",
        }.get(related)
        if kind is not None:
            lost = None if after is None or related is Relation.WIDER else {"pattern": after}
            gained = None if before is None or related is Relation.NARROWER else {"pattern": before}
            detail = "pattern" if related is Relation.UNKNOWN else ""
            yield self._made(kind, f"{words}: {after or 'none'}, was {before or 'none'}", detail=detail, lost=lost, gained=gained)

    def _format(self) -> Iterator[Change]:
        before, after = self.base.keywords.get("format"), self.revision.keywords.get("format")
        if before != after:
            words = f"the format changed: {after or 'none'}, was {before or 'none'}"
            lost = None if after is None else {"format": after}
            gained = None if before is None else {"format": before}
            yield self._made("format-changed", words, lost=lost, gained=gained)

    def _bounds(self, family: str) -> Iterator[Change]:
        before, after = limits(self.base.keywords, family), limits(self.revision.keywords, family)
        for limit in [*before, *(limit for limit in after if limit not in before)]:
            old, new = before.get(limit), after.get(limit)
            if old == new:
                continue
            words = f"{_limit(new)}, was {_limit(old)}"
            tighter, looser = tightness(limit, old, new)
            lost = None if new is None else {new[0]: new[1]}
            gained = None if old is None else {old[0]: old[1]}
            if tighter and looser:
                yield self._made("schema-replaced", f"another {limit}: {words}", detail=limit, lost=lost, gained=gained)
            elif tighter:
                yield self._made("bound-tightened", f"the bound is tighter: {words}", detail=limit, lost=lost)
            else:
                yield self._made("bound-loosened", f"the bound is looser: {words}", detail=limit, gained=gained)

    def _array(self) -> Iterator[Change]:
        before, after = self.base.keywords, self.revision.keywords
        old, new = before.get("prefixItems", []), after.get("prefixItems", [])
        old_rest, new_rest = before.get("items"), after.get("items")
        for index in range(max(len(old), len(new))):
            first = old[index] if index < len(old) else old_rest or ANYTHING
            second = new[index] if index < len(new) else new_rest or ANYTHING
            if not is_false(first) and not is_false(second):  # lengths are compared as bounds
                yield from self.walk.part(first, second, f"{self.path}/prefixItems/{index}".lstrip("/"))
        if (old_rest is None and new_rest is None) or is_false(old_rest) or is_false(new_rest):
            return
        yield from self.walk.part(old_rest or at(self.base), new_rest or at(self.revision), f"{self.path}/items".lstrip("/"))

    def _object(self) -> Iterator[Change]:
        before, after = self.base, self.revision
        required, required_now = before.required, after.required
        names = [*before.properties, *(name for name in after.properties if name not in before.properties)]
        for name in names:
            old, new = before.properties.get(name), after.properties.get(name)
            if old is None:
                assert new is not None
                yield self._added(name, new)
                old = undeclared = before.further(name)
            elif new is None:
                yield self._removed(name)
                new = undeclared = after.further(name)
            else:
                undeclared = None
                if name in required_now and name not in required:
                    yield self._property("became-required", name, "is required now", lost={"required": [name]})
                elif name in required and name not in required_now:
                    yield self._property("became-optional", name, "is optional now", gained={"required": [name]})
            # what is said of names that neither declares is compared below
            declared = any(name in each.keywords.get("properties", {}) for each in (before, after))
            if declared and (undeclared is None or (undeclared and not is_false(undeclared))):
                yield from self.walk.part(old, new, f"{self.path}/properties/{escape(name)}".lstrip("/"))
        yield from self._refused()
        yield from self._rest()

    def _added(self, name: str, schema: Schema) -> Change:
        required = name in self.revision.required
        closed = self.base.refuses(name)
        return self._property(
            f"{'required' if required else 'optional'}-added{'-closed' if closed else ''}",
            name,
            f"is new and {'required' if required else 'optional'}{', and unknown ones were refused' if closed else ''}",
            lost={"required": [name]} if required else None,
            gained={"not": Schema({"required": [name]}, self.base.place)} if closed else None,
            places=(self.base.place, schema.place),
        )

    def _removed(self, name: str) -> Change:
        required = name in self.base.required
        closed = self.revision.refuses(name)
        return self._property(
            f"{'required' if required else 'optional'}-removed{'-closed' if closed else ''}",
            name,
            f"is gone; it was {'required' if required else 'optional'}{', and unknown ones are refused' if closed else ''}",
            lost={"not": Schema({"required": [name]}, self.revision.place)} if closed or not required else None,
            gained={"required": [name]} if required else None,
            places=(self.base.properties[name].place, self.revision.place),
        )

    def _property(
        self,
        kind: str,
        name: str,
        words: str,
        *,
        lost: dict[str, Any] | None = None,
        gained: dict[str, Any] | None = None,
        places: tuple[Place | None, Place | None] | None = None,
    ) -> Change:
        both = (self.base.properties.get(name), self.revision.properties.get(name))
        places = places or (both[0].place if both[0] else None, both[1].place if both[1] else None)
        said = f"property {_text(name)[:80]} {words}"
        return self._made(f"property-{kind}", said, detail=name, lost=lost, gained=gained, places=places)

    def _rest(self) -> Iterator[Change]:
        """What properties may be called and be that are not named."""
        before, after = self.base, self.revision
        if after.closed and not before.closed:
            yield self._made("object-closed", "unknown properties are refused now", lost=sealed(after))
        elif before.closed and not after.closed:
            yield self._made("object-opened", "unknown properties may appear now", gained=sealed(before))
        elif not before.closed:
            old, new = before.keywords.get("additionalProperties"), after.keywords.get("additionalProperties")
            if old is not None or new is not None:
                path = f"{self.path}/additionalProperties".lstrip("/")
                yield from self.walk.part(old or at(before), new or at(after), path)
        old_patterns, new_patterns = before.keywords.get("patternProperties", {}), after.keywords.get("patternProperties", {})
        for pattern in {**old_patterns, **new_patterns}:
            old, new = before.under(pattern), after.under(pattern)
            if not is_false(old) and not is_false(new):
                yield from self.walk.part(old, new, f"{self.path}/patternProperties/{escape(pattern)}".lstrip("/"))
            elif not is_false(old) and (before.closed or pattern in new_patterns):
                yield self._closed(pattern, "patternProperties", new)
            elif not is_false(new) and (after.closed or pattern in old_patterns):
                yield self._opened(pattern, "patternProperties", old)

    def _refused(self) -> Iterator[Change]:
        """Names that are refused on one side, and on the other nothing is said of."""
        before, after = self.base, self.revision
        for name in after.refused:
            if name not in before.properties and not before.refuses(name):
                yield self._closed(name, "properties", after.further(name))
        for name in before.refused:
            if name not in after.properties and not after.refuses(name):
                yield self._opened(name, "properties", before.further(name))

    def _closed(self, name: str, keyword: str, refused: Schema) -> Change:
        words = f"properties called {_text(name)[:80]} are refused now"
        return self._made("object-closed", words, detail=name, lost={keyword: {name: refused}})

    def _opened(self, name: str, keyword: str, refused: Schema) -> Change:
        words = f"properties called {_text(name)[:80]} may appear now"
        return self._made("object-opened", words, detail=name, gained={keyword: {name: refused}})

    def _branches(self) -> Iterator[Change]:
        before, after = self.base, self.revision
        keyword = "oneOf" if "oneOf" in (after.schema if after.branches else before.schema) else "anyOf"
        both = bool(before.branches and after.branches)  # what all of them share is compared by itself then
        old, new = (each.branches if both else each.alternatives for each in (before, after))
        contracts = self.walk.base.contract, self.walk.revision.contract
        paired, gone, fresh = pairs((contracts[0], old), (contracts[1], new), self.walk.same)
        for first, second in paired:
            yield from self.walk.part(old[first], new[second], f"{self.path}/{keyword}/{second}".lstrip("/"))
        for index in gone:
            if is_covered(self.walk.base, old[index], self.walk.revision, after.schema):
                continue  # others take its values
            place = contracts[0].resolve(old[index]).place
            name = variant_name(contracts[0], old[index], index)
            yield Change(
                "variant-removed", self.path, name, f"the variant {name} is gone", before.schema, after.schema,
                lost=_taken_by(self.walk.base, old[index]), places=(place, after.place),
            )  # fmt: skip
        for index in fresh:
            if is_covered(self.walk.revision, new[index], self.walk.base, before.schema):
                continue
            place = contracts[1].resolve(new[index]).place
            name = variant_name(contracts[1], new[index], index)
            yield Change(
                "variant-added", self.path, name, f"the variant {name} is new", before.schema, after.schema,
                gained=_taken_by(self.walk.revision, new[index]), places=(before.place, place),
            )  # fmt: skip

    def _several(self) -> Iterator[Change]:
        """What only the refusal of values that are of several variants changes."""
        walk, before, after = self.walk, self.base.schema, self.revision.schema
        lost, gained = _of_several(walk.revision, after), _of_several(walk.base, before)
        if lost is not None and witness(walk.base, before, walk.revision, after, lost) is not ABSENT:
            yield Change("schema-narrowed", self.path, "oneOf", "values are of several variants now", before, after, lost=lost)
        if gained is not None and witness(walk.revision, after, walk.base, before, gained) is not ABSENT:
            yield Change("schema-widened", self.path, "oneOf", "values are of several variants no more", before, after, gained=gained)

    def _other(self) -> Iterator[Change]:
        before, after = self.base.other, self.revision.other
        common = of_types(self.base.types & self.revision.types)
        for keyword in [*before, *(keyword for keyword in after if keyword not in before)]:
            if self.walk.same_value(before.get(keyword), after.get(keyword)):
                continue
            first = Schema(common | ({keyword: before[keyword]} if keyword in before else {}), self.base.place)
            second = Schema(common | ({keyword: after[keyword]} if keyword in after else {}), self.revision.place)
            yield from self.walk.whole((self.base.schema, self.revision.schema), (first, second), self.path, keyword)


def _is_of(path: str, change: Change) -> bool:
    """Whether it is of the part itself, or of one of its alternatives, for which another may make up."""
    inner = change.path.removeprefix(path).lstrip("/")
    return not inner or inner.startswith(("anyOf/", "oneOf/"))


def _says_more(change: Change) -> bool:
    """Whether it says what values alone do not: what is declared, or what a string means."""
    return change.kind.startswith("property-") or change.kind == "format-changed"


def _refused_by(checker: Checker, schema: Schema) -> Concern:
    return lambda value: not checker.accepts(schema, value)


def _taken_by(checker: Checker, schema: Schema) -> Concern:
    return lambda value: checker.accepts(schema, value)


def _of_several(checker: Checker, schema: Schema) -> Concern | None:
    """What tells of a value whether it is of several variants, of which it may be of one only; None where it cannot be."""
    branches = schema.get("oneOf", ())
    if not branches or are_told_apart(checker.contract, branches):
        return None
    return lambda value: sum(checker.accepts(branch, value) for branch in branches) > 1


def _limit(limit: Limit | None) -> str:
    return "none" if limit is None else f"{limit[0]} {_text(limit[1])}"


def _names(types: frozenset[str]) -> str:
    """`integer or string`; a number takes integers too."""
    shown = types - {"integer"} if "number" in types else types
    return "anything" if len(types) >= 7 else " or ".join(sorted(shown))


def _list(members: list[Any]) -> str:
    shown = ", ".join(_text(member)[:40] for member in members[:8])
    return shown + (f" and {len(members) - 8} more" if len(members) > 8 else "")


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
