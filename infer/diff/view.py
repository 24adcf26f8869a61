"""A schema as the comparison sees it: which types are possible, and what each type demands.

References are followed, `allOf` is folded in, alternatives that differ in type only become a list of types, alternatives
that are constants an enumeration. What cannot be told so stays as `branches` (of `anyOf`, `oneOf`) or in `other`.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import msgspec

from infer.asyncapi.contract import Contract
from infer.asyncapi.references import Place
from infer.asyncapi.schemas import Schema, nothing
from infer.diff.patterns import between

ALL_TYPES: Final = frozenset({"array", "binary", "boolean", "integer", "null", "number", "object", "string"})
"""JSON Schema's, where `number` stands for what is no integer, and `binary` for an attachment."""

_MINIMA: Final = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
_MAXIMA: Final = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
_FAMILIES: Final = {
    "array": ("prefixItems", "items", "minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains",
              "unevaluatedItems"),
    "object": ("properties", "required", "additionalProperties", "minProperties", "maxProperties", "patternProperties",
               "propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedProperties"),
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}  # fmt: skip
BOUNDS: Final = {
    "string": ("minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("minItems", "maxItems", "uniqueItems"),
    "object": ("minProperties", "maxProperties"),
}
OTHER: Final = frozenset(
    {"allOf", "contains", "dependentRequired", "dependentSchemas", "else", "if", "maxContains", "minContains", "not",
     "propertyNames", "then", "unevaluatedItems"}
)  # fmt: skip
"""Keywords that are compared as a whole."""


class View(msgspec.Struct):
    """See the module."""

    schema: Schema
    """As it stands, references resolved."""
    types: frozenset[str]
    enum: list[Any] | None
    """Without null, which is in `types`."""
    keywords: dict[str, Any]
    branches: list[Schema] = msgspec.field(default_factory=list)
    """Alternatives that `types` and `keywords` do not tell; then those are what all of them share."""

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.schema.place

    @property
    def is_silent(self) -> bool:
        """Whether any value is possible."""
        return self.types == ALL_TYPES and self.enum is None and not self.keywords and not self.branches

    def demands(self, family: str) -> bool:
        """Whether a value of that family of types is possible."""
        return bool(self.types & ({"integer", "number"} if family == "number" else {family}))

    @property
    def required(self) -> list[str]:
        """Names of the properties that must be there."""
        return list(self.keywords.get("required", ()))

    @property
    def properties(self) -> dict[str, Schema]:
        """What may be there by name: declared, or at least required."""
        declared: dict[str, Schema] = {name: part for name, part in self.keywords.get("properties", {}).items() if not is_false(part)}
        missing = [name for name in self.required if name not in declared and not self.refuses(name)]
        return {**declared, **{name: self.further(name) for name in missing}} if missing else declared

    @property
    def closed(self) -> bool:
        """Whether it is an object that refuses unknown properties."""
        return any(is_false(self.keywords.get(key)) for key in ("additionalProperties", "unevaluatedProperties"))

    @property
    def refused(self) -> list[str]:
        """Names of properties that may not be there, whatever else may."""
        return [name for name, part in self.keywords.get("properties", {}).items() if is_false(part)]

    def refuses(self, name: str) -> bool:
        """Whether it is an object that may not have a property of that name, which is not declared."""
        return is_false(self.further(name))

    def further(self, name: str) -> Schema:
        """What a property that is not declared must be: what the patterns say that take its name, else what is said of all others."""
        refused: Schema | None = self.keywords.get("properties", {}).get(name)
        if refused is not None and is_false(refused):
            return refused
        return self._joined([part for pattern, part in self._patterns.items() if _found(pattern, name)])

    def under(self, pattern: str) -> Schema:
        """What properties must be whose names the pattern takes: what it says, or those that take all of these names."""
        own = self._patterns.get(pattern)
        return self._joined([part for each, part in self._patterns.items() if between(pattern, each) == ()]) if own is None else own

    @property
    def _patterns(self) -> dict[str, Schema]:
        patterns: dict[str, Schema] = self.keywords.get("patternProperties", {})
        return patterns

    def _joined(self, parts: list[Schema]) -> Schema:
        """What a property must be of which these say something; without any, what every other must be."""
        if parts:
            return parts[0] if len(parts) == 1 else Schema({"allOf": parts}, self.place)
        if self.closed:
            return nothing(self.place)
        more: Schema | None = self.keywords.get("additionalProperties")
        return Schema({}, self.place) if more is None else more

    @property
    def alternatives(self) -> list[Schema]:
        """Its branches, each with what all of them share as far as a schema can say that; itself where there are none."""
        if not self.branches:
            return [self.schema]
        shared: dict[str, Any] = dict(self.keywords)
        if self.types != ALL_TYPES and "binary" not in self.types:
            shared["type"] = sorted(self.types)
        if self.enum is not None:
            shared["enum"] = [*self.enum, *([None] if "null" in self.types else [])]
        if not shared:
            return self.branches
        common = Schema(shared, self.place)
        return [Schema({"allOf": [common, each]}, each.place, each.title or str(each.get("$ref", "")).rpartition("/")[2]) for each in self.branches]

    @property
    def other(self) -> dict[str, Any]:
        """What is compared as a whole: unusual keywords, and those that are not understood."""
        known = {key for keys in _FAMILIES.values() for key in keys} - OTHER
        return {key: value for key, value in self.keywords.items() if key not in known}


def view(contract: Contract, schema: Schema) -> View:
    """The view of a schema."""
    schema = contract.resolve(schema)
    keywords = _folded(contract, schema)
    types, enum = _types(keywords)
    branches: list[Schema] = []
    for keyword in ("anyOf", "oneOf"):
        if keyword not in keywords:
            continue
        if branches:  # both at once: the second stays as it is
            keywords.setdefault("allOf", []).append(Schema({keyword: keywords.pop(keyword)}, schema.place))
            continue
        branches = keywords.pop(keyword)
    made = View(schema, types, enum, keywords, branches)
    return _simplified(contract, made) if branches else made


def is_false(schema: Schema | None) -> bool:
    """Whether it is the schema that nothing satisfies, as `false` reads."""
    return schema is not None and "not" in schema and not schema["not"]


def _found(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:  # ECMA 262's dialect knows more
        return False


def _folded(contract: Contract, schema: Schema) -> dict[str, Any]:
    """The keywords with those of `allOf` taken in, as far as they can be; what cannot stays in `allOf`."""
    made = {key: value for key, value in schema.items() if key not in {"allOf", "$ref"}}
    left: list[Schema] = []
    for part in schema.get("allOf", ()):
        target = contract.resolve(part)
        recursive = target is schema
        more = {} if recursive else _folded(contract, target)
        mixed = None if recursive else _mixed(made, more)
        if mixed is None:
            left.append(part)
        else:
            made = mixed
    if left:
        made["allOf"] = left
    return made


def _mixed(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any] | None:
    """The conjunction of two sets of keywords as one, None where one set cannot tell it."""
    made = dict(first)
    if ("additionalProperties" in first or "additionalProperties" in second) and (
        first.get("properties", {}).keys() != second.get("properties", {}).keys()
    ):
        return None
    for key, value in second.items():
        if key not in made or made[key] == value:
            made[key] = value
        elif key == "required":
            made[key] = sorted({*made[key], *value})
        elif key == "properties":
            joined = dict(made[key])
            for name, part in value.items():
                mine = joined.get(name)
                same = mine is None or mine == part
                joined[name] = part if same else Schema({"allOf": [mine, part]}, part.place)
            made[key] = joined
        elif key in _MINIMA:
            made[key] = max(made[key], value)
        elif key in _MAXIMA:
            made[key] = min(made[key], value)
        elif key == "type":
            shared = _named_types(made[key]) & _named_types(value)
            if not shared:
                return None
            made[key] = sorted(shared)
        elif key == "enum":
            made[key] = [member for member in made[key] if member in value]
        else:
            return None
    return made


def _named_types(value: str | list[str]) -> set[str]:
    names = {value} if isinstance(value, str) else set(value)
    return names | {"integer"} if "number" in names else names


def _types(keywords: dict[str, Any]) -> tuple[frozenset[str], list[Any] | None]:
    """Possible types and the enumeration, both taken out of the keywords."""
    stated = keywords.pop("type", None)
    types = ALL_TYPES if stated is None else frozenset(_named_types(stated))
    if "string" in types and stated is not None and keywords.get("format") == "binary":
        types = types - {"string"} | {"binary"}
        del keywords["format"]
    enum = keywords.pop("enum", None)
    if "const" in keywords:
        constant = keywords.pop("const")
        enum = [constant] if enum is None or constant in enum else []
    if enum is None:
        return types, None
    types &= frozenset(type_of(member) for member in enum)
    return types, [member for member in enum if member is not None]


def type_of(value: Any) -> str:
    """The type of a JSON value, by the names of `ALL_TYPES`."""
    if value is None:
        return "null"
    for kind, name in ((bool, "boolean"), (int, "integer"), (str, "string"), (list, "array"), (dict, "object")):
        if isinstance(value, kind):
            return name
    return "integer" if isinstance(value, float) and value.is_integer() else "number"


def variant_name(contract: Contract, schema: Schema, index: int) -> str:
    """What a variant is called: its title, its tags, or its number."""
    target = contract.resolve(schema)
    reference = str(schema.get("$ref", "")).rpartition("/")[2]
    tags = [
        json.dumps(part["const"], ensure_ascii=False)
        for part in (contract.resolve(part) for part in target.get("properties", {}).values())
        if "const" in part
    ]
    kind = target.get("type")
    return target.title or reference or ", ".join(tags)[:80] or (kind if isinstance(kind, str) else f"number {index + 1}")


def are_told_apart(contract: Contract, branches: list[Schema]) -> bool:
    """Whether no value can be of two alternatives: by their types, or by one tag that all of them demand."""
    targets = [contract.resolve(branch) for branch in branches]
    types = [_type_names(at.get("type")) for at in targets]
    if all(types) and sum(map(len, types)) == len(frozenset().union(*types)):
        return True
    objects = [at for at, names in zip(targets, types, strict=True) if names == {"object"}]
    others = [names for names in types if names != {"object"}]
    if not all(others) or any(other & {"object"} for other in others) or len(frozenset().union(*others)) != sum(map(len, others)):
        return False
    for tag in objects[0].get("required", ()) if objects else ():
        values = [at.get("properties", {}).get(tag, {}).get("const") for at in objects if tag in at.get("required", ())]
        if len(values) == len(objects) == len({value for value in values if isinstance(value, str)}):
            return True
    return False


def _type_names(stated: Any) -> frozenset[str]:
    """The types that are stated, an integer being a number too; none where nothing is."""
    names = {stated} if isinstance(stated, str) else set(stated or ())
    return frozenset("number" if name == "integer" else name for name in names)


def _simplified(contract: Contract, made: View) -> View:
    """Tell alternatives without branches where types or an enumeration can."""
    if any(contract.resolve(branch) is made.schema for branch in made.branches):
        return made
    views = [each for branch in made.branches for each in _expanded(contract, branch)]
    nulls = [each for each in views if each.types == {"null"}]
    rest = [each for each in views if each.types != {"null"}]
    own = {key for key in made.keywords if key not in OTHER}
    if not own and made.types == ALL_TYPES and made.enum is None:
        merged = _merged(made, rest)
        if merged is not None:
            merged.types |= frozenset({"null"}) if nulls else frozenset()
            return merged
    types = made.types & frozenset().union(*(each.types for each in views))
    return View(made.schema, types, made.enum, made.keywords, [each.schema for each in rest] if nulls else made.branches)


def _expanded(contract: Contract, branch: Schema) -> list[View]:
    """The alternatives of an alternative."""
    each = view(contract, branch)
    plain = not each.keywords and each.enum is None
    return [view(contract, inner) for inner in each.branches] if each.branches and plain else [each]


def _merged(made: View, views: list[View]) -> View | None:
    """One view for alternatives that share no type, or are all enumerations; None where there is none."""
    if any(each.branches or each.keywords.keys() & OTHER for each in views):
        return None
    keywords = {**made.keywords}
    types = frozenset().union(*(each.types for each in views))
    if all(each.enum is not None and not each.keywords for each in views):
        values = [member for each in views for member in each.enum or ()]
        return View(made.schema, types, values, keywords)
    kinds = [kind for each in views for kind in _kinds(each)]
    if len(views) > 1 and (any(each.enum is not None for each in views) or len(kinds) > len(set(kinds))):
        return None
    for each in views:
        allowed = {key for family in _FAMILIES if each.demands(family) for key in _FAMILIES[family]}
        keywords.update({key: value for key, value in each.keywords.items() if key in allowed or len(views) == 1})
    return View(made.schema, types, views[0].enum if len(views) == 1 else None, keywords)


def _kinds(each: View) -> set[str]:
    """Its types, a number and an integer being of one kind: they share their keywords."""
    return {"number" if kind == "integer" else kind for kind in each.types - {"null"}}
