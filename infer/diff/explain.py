"""Why a value does not conform: the errors of `jsonschema-rs` in the words of the table.

An error inside alternatives is that of the alternative which was meant: the one of the value's type and tags. Where
none can be told, it is the alternatives' own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain
from typing import Any, Final

import jsonschema_rs
import msgspec

from infer.asyncapi.contract import Contract
from infer.asyncapi.pointers import escape
from infer.asyncapi.references import Place
from infer.asyncapi.schemas import LISTS, MAPS, ONES, Schema
from infer.diff.checker import BINARY, Checker
from infer.diff.view import is_false, type_of
from infer.model import Json

_BOUNDS: Final = frozenset(
    {"exclusiveMaximum", "exclusiveMinimum", "maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength",
     "minProperties", "minimum", "multipleOf", "uniqueItems"}
)  # fmt: skip
Step = str | int


class Mismatch(msgspec.Struct, frozen=True):
    """One thing about a value that the schema refuses."""

    kind: str
    """Of the table."""
    path: tuple[Step, ...]
    """Steps from the schema to the part concerned, references not counted."""
    detail: str
    words: str
    """Names and shapes, no value."""
    place: Place
    instance: tuple[Step, ...]
    """Steps into the value."""
    value: Json


def mismatches(checker: Checker, schema: Schema, value: Json) -> Iterator[Mismatch]:
    """What is wrong with the value, in which bytes are `textual`."""
    yield from _all(checker.contract, schema, checker.errors(schema, value))


def _all(contract: Contract, schema: Schema, errors: Iterable[jsonschema_rs.ValidationError]) -> Iterator[Mismatch]:
    """What the errors say; that a value of another type is none of those enumerated goes without saying."""
    errors = list(errors)
    mistyped = [_where(error) for error in errors if error.kind.name == "type"]
    for error in errors:
        if error.kind.name not in {"const", "enum"} or _where(error) not in mistyped:
            yield from _explained(contract, schema, error)


def _where(error: jsonschema_rs.ValidationError) -> tuple[list[Step], list[Step]]:
    """Which value it is about, and which part of the schema."""
    return list(error.instance_path), list(error.evaluation_path)[:-1]


class _Spot(msgspec.Struct, frozen=True):
    """Where an error's path leads."""

    part: Schema
    path: tuple[Step, ...]
    keyword: str
    """The keyword that was violated; `binary` where it is the one that keeps attachments apart."""


def _explained(contract: Contract, schema: Schema, error: jsonschema_rs.ValidationError) -> Iterator[Mismatch]:
    spot = _spot(contract, schema, error.evaluation_path)
    kind = error.kind
    context: Sequence[Sequence[jsonschema_rs.ValidationError]] = getattr(kind, "context", None) or ()
    if context and spot.keyword in {"anyOf", "oneOf"}:
        yield from _of_alternatives(contract, schema, error, spot, context)
    else:
        yield from _made(contract, error, spot)


def _spot(contract: Contract, schema: Schema, steps: Sequence[Step]) -> _Spot:
    at = schema
    path: list[Step] = []
    rest: Iterator[Step] = iter(steps)
    while (taken := next(rest, None)) is not None:
        step = str(taken)
        if step == "$ref":
            at = contract.resolve(at)
            continue
        if step not in at:
            if step == "then":  # what it is compiled with, see `checker`
                continue
            return _Spot(at, tuple(path), "binary" if step in {"allOf", "anyOf", "required"} else step)
        part: Any = at[step]
        inner = next(rest, None) if step in ONES | LISTS | MAPS else None
        if inner is not None and step in ONES:
            at = part
            path.append(step)
            rest = chain([inner], rest)
        elif inner is None:
            return _Spot(at, tuple(path), step)
        else:
            key: Any = inner if step in MAPS else int(inner)
            if step in MAPS and key not in part and "" in part:  # paths of the validator leave empty names out
                key, inner, rest = "", "", chain([inner], rest)
            if step in LISTS and key >= len(part):
                return _Spot(at, tuple(path), "binary")
            at = part[key]
            path += [step, inner]
    return _Spot(at, tuple(path), "")


def _made(contract: Contract, error: jsonschema_rs.ValidationError, spot: _Spot) -> Iterator[Mismatch]:
    keyword, kind, value = spot.keyword, error.kind, error.instance
    part, path, instance = spot.part, spot.path, tuple(error.instance_path)

    def one(name: str, words: str, detail: str = "") -> Mismatch:
        return Mismatch(name, path, detail, words, part.place, instance, value)

    if keyword == "binary" or value == BINARY or (keyword in {"type", "required"} and _is_binary(part)):
        yield one("binary-mismatch", f"{shape(value)} where {_declared(contract, part)} is declared")
    elif keyword == "type":
        yield one("type-mismatch", f"{shape(value)} where {_declared(contract, part)} is declared")
    elif keyword == "required":
        name = _property(error)
        yield one("missing-property", f'the required property "{name}" is missing', name)
    elif keyword in {"additionalProperties", "unevaluatedProperties"} and hasattr(kind, "unexpected"):
        for name in kind.unexpected:
            words = "a property that the schema refuses"
            found = value.get(name) if isinstance(value, dict) else None
            yield Mismatch("unexpected-property", path, name, words, part.place, (*instance, name), found)
    elif keyword in {"enum", "const"}:
        yield one("enum-mismatch", f"{shape(value)} that is none of the {len(part.get('enum', [0]))} declared")
    elif is_false(part) and path[-2:-1] == ("properties",):
        words = "a property that the schema refuses"
        yield Mismatch("unexpected-property", path[:-2], str(path[-1]), words, part.place, instance, value)
    elif keyword == "items" and is_false(part.get("items")):
        yield Mismatch("bound-mismatch", path, "maxItems", "more items than are declared", part.place, instance[:-1], value)
    elif keyword in _BOUNDS:
        yield one("bound-mismatch", f"{shape(value)} beyond {keyword} {part.get(keyword)}", keyword)
    elif keyword == "pattern":
        yield one("pattern-mismatch", f"{shape(value)} that the pattern refuses")
    elif keyword == "format":
        yield one("format-mismatch", f"{shape(value)} that is not of the format {part.get('format')}", str(part.get("format")))
    elif keyword in {"anyOf", "oneOf"}:
        yield one("variant-mismatch", f"{shape(value)} that is of several variants", keyword)
    else:
        yield one("schema-mismatch", f"{shape(value)} that {keyword or 'the schema'} refuses", keyword)


def _of_alternatives(
    contract: Contract,
    schema: Schema,
    error: jsonschema_rs.ValidationError,
    spot: _Spot,
    context: Sequence[Sequence[jsonschema_rs.ValidationError]],
) -> Iterator[Mismatch]:
    if any(not errors for errors in context):
        yield from _made(contract, error, spot)  # of several
        return
    here = len(error.instance_path)
    typed = [errors for errors in context if not any(_is_about(each, here, "type") for each in errors)]
    refused = [[each for each in errors if _is_about(each, here + 1, "const", "enum")] for errors in typed]
    tags = _tags(chain.from_iterable(refused))
    tagged = [errors for errors, told in zip(typed, refused, strict=True) if not any(_name(each) in tags for each in told)]
    value = error.instance
    if not typed:
        kind = "binary-mismatch" if value == BINARY else "type-mismatch"
        words = f"{shape(value)} where {_declared(contract, spot.part)} is declared"
        yield Mismatch(kind, spot.path, "", words, spot.part.place, tuple(error.instance_path), value)
        return
    if tagged:  # where there are tags, and none is the value's, nothing is known of what was meant
        fitting = [errors for errors in tagged if not any(_is_of_form(each, here) for each in errors)]
        fewest = min(map(len, fitting or tagged))
        best = [errors for errors in fitting or tagged if len(errors) == fewest]
        if len(best) == 1 and (fitting or len(tagged) == 1):
            yield from _all(contract, schema, best[0])
            return
    words = f"{shape(value)} that is of no variant{_common(typed, tags, here)}"
    yield Mismatch("variant-mismatch", spot.path, spot.keyword, words, spot.part.place, tuple(error.instance_path), value)


def _common(typed: Sequence[Sequence[jsonschema_rs.ValidationError]], tags: Iterable[Step], here: int) -> str:
    """What every alternative refuses, in words: the value's tag, or that there is none."""
    for name in sorted(tags, key=str):
        if all(any(_name(each) == name for each in errors if _is_about(each, here + 1, "const", "enum")) for errors in typed):
            return f": none has that {json.dumps(name)[:80]}"
    missing = [{_property(each) for each in errors if _is_about(each, here, "required")} for errors in typed]
    return "".join(f": all have {json.dumps(name)[:80]}" for name in sorted(set.intersection(*missing))[:1])


def _tags(refused: Iterable[jsonschema_rs.ValidationError]) -> set[Step]:
    """Which of the properties whose values were refused tell the alternatives apart.

    Those that are constant somewhere do. Where none is, it is those with one member, else all that are enumerated.
    """
    sizes: dict[Step, int] = {}
    for each in refused:
        name, size = _name(each), len(getattr(each.kind, "options", ()))  # 0 of a constant
        sizes[name] = min(size, sizes.get(name, size))
    least = min(sizes.values(), default=0)
    return {name for name, size in sizes.items() if size == least or least > 1}


def _property(error: jsonschema_rs.ValidationError) -> str:
    """The name of the property that is missing."""
    return str(getattr(error.kind, "property", ""))


def _name(error: jsonschema_rs.ValidationError) -> Step:
    return error.instance_path[-1]


def _is_about(error: jsonschema_rs.ValidationError, depth: int, *keywords: str) -> bool:
    return len(error.instance_path) == depth and error.kind.name in keywords


def _is_of_form(error: jsonschema_rs.ValidationError, depth: int) -> bool:
    """Whether it is about what the value is made of, rather than about one of its parts."""
    return len(error.instance_path) == depth or (len(error.instance_path) == depth + 1 and error.kind.name == "falseSchema")


def _is_binary(part: Schema) -> bool:
    return part.get("format") == "binary" and "string" in (part.get("type") or ())


def _declared(contract: Contract, part: Schema) -> str:
    """What types a part declares, in words."""
    names = dict.fromkeys(_types(contract, part, frozenset()))
    return " or ".join(names) if names else "another schema"


def _types(contract: Contract, part: Schema, above: AbstractSet[int]) -> Iterator[str]:
    """The types that a part declares, itself or by its alternatives; `above` are the parts that led to it."""
    part = contract.resolve(part)
    stated = part.get("type")
    if stated is not None:
        names = [stated] if isinstance(stated, str) else stated
        yield from ("binary" if name == "string" and part.get("format") == "binary" else name for name in names)
    elif id(part) not in above:
        for each in (*part.get("anyOf", ()), *part.get("oneOf", ())):
            yield from _types(contract, each, above | {id(part)})


def shape(value: Json) -> str:
    """What kind of value it is, without the value: `a string of 12 characters`."""
    if value == BINARY or isinstance(value, bytes | bytearray):
        return "binary"
    kind = type_of(value)
    if kind == "string":
        return f"a string of {len(value)} character{'' if len(value) == 1 else 's'}"
    if kind == "array":
        return f"an array of {len(value)} item{'' if len(value) == 1 else 's'}"
    if kind == "object":
        return f"an object of {len(value)} propert{'y' if len(value) == 1 else 'ies'}"
    return {"null": "null", "integer": "an integer", "number": "a number", "boolean": "a boolean"}[kind]


def pointer(steps: Sequence[Step]) -> str:
    """The steps as the rest of a JSON pointer: `properties/a~1b/items`."""
    return "/".join(escape(str(step)) for step in steps)
