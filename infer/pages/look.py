"""Schemas and values as one short line of text, in the notation of TypeScript that most readers know."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from infer.asyncapi.contract import ArgList, Contract, Signature
from infer.asyncapi.schemas import Schema
from infer.model import Json
from infer.report.text import printable
from infer.schema.secrecy import may_emit
from infer.templates import public

_DEEPEST: Final = 3
_WIDEST: Final = 12
_LONGEST: Final = 240


def signature(contract: Contract, given: Signature) -> str:
    """`(order: …)` of every alternative: `{order: integer, note?: string}, boolean`."""
    return " | ".join(_args(contract, each) for each in given.alternatives)


def _args(contract: Contract, args: ArgList) -> str:
    slots = [_grouped(schema(contract, slot.schema), len(args.slots)) + ("" if slot.required else "?") for slot in args.slots]
    if args.rest is not None:
        slots.append(f"...{schema(contract, args.rest)}[]")
    return _cut(", ".join(slots))


def _grouped(text: str, slots: int) -> str:
    """A union in brackets, where what follows could be taken for a part of it."""
    return f"({text})" if slots > 1 and " | " in text and not text.startswith("{") else text


def schema(contract: Contract, given: Schema, depth: int = 0) -> str:
    """A schema: `{order: integer, note?: string}`."""
    target = contract.resolve(given)
    if "const" in target:
        return _literal(target["const"])
    if "enum" in target:
        return " | ".join(map(_literal, target["enum"][:_WIDEST])) + (" | …" if len(target["enum"]) > _WIDEST else "")
    for keyword, sign in (("anyOf", " | "), ("oneOf", " | "), ("allOf", " & ")):
        if target.get(keyword):
            return sign.join(dict.fromkeys(schema(contract, each, depth + 1) for each in target[keyword]))
    types = target.get("type", "any")
    if isinstance(types, list):
        return " | ".join(_typed(contract, target, kind, depth) for kind in types)
    return _typed(contract, target, str(types), depth)


def _typed(contract: Contract, target: Schema, kind: str, depth: int) -> str:
    if kind == "string":
        return str(target.get("format", "string"))
    if kind == "array":
        if "prefixItems" in target:
            return f"[{', '.join(schema(contract, each, depth + 1) for each in target['prefixItems'])}]"
        if "items" not in target:
            return "any[]"
        item = schema(contract, target["items"], depth + 1)
        return f"({item})[]" if " | " in item and not item.startswith("{") else f"{item}[]"
    if kind == "object":
        return _object(contract, target, depth)
    return kind


def _object(contract: Contract, target: Schema, depth: int) -> str:
    properties: dict[str, Schema] = target.get("properties", {})
    if not properties:
        values = target.get("additionalProperties")
        return f"{{[key]: {schema(contract, values, depth + 1)}}}" if values else "object"
    if depth >= _DEEPEST:
        return "{…}"
    required = target.get("required", ())
    keys = [
        f"{_key(name)}{'' if name in required else '?'}: {schema(contract, each, depth + 1)}"
        for name, each in list(properties.items())[:_WIDEST]
    ]
    return "{" + ", ".join([*keys, *(["…"] if len(properties) > _WIDEST else [])]) + "}"


def kinds(_: str, args: list[Json]) -> str:
    """Arguments by their kinds alone: no value is let out."""
    return _cut(", ".join(_value("", each, 0, values=False) for each in args))


def values(name: str, args: list[Json]) -> str:
    """Arguments as they are, save what the policy on secrets keeps back, which is shown by its kind."""
    return _cut(", ".join(_value(name, each, 0, values=True) for each in args))


def _value(name: str, given: Json, depth: int, *, values: bool) -> str:
    if given is None:
        return "null"
    if isinstance(given, bool):
        return str(given).lower() if values else "boolean"
    if isinstance(given, int | float):
        return str(given) if values else "integer" if isinstance(given, int) else "number"
    if isinstance(given, str):
        return _literal(given) if values and may_emit(name, given) else "string"
    if isinstance(given, bytes):
        return f"binary ({len(given):,} B)"
    if depth >= _DEEPEST:
        return "{…}" if isinstance(given, dict) else "[…]"
    if isinstance(given, dict):
        return "{" + _listed(f"{_key(key)}: {_value(key, each, depth + 1, values=values)}" for key, each in given.items()) + "}"
    items = [_value(name, each, depth + 1, values=values) for each in given[:_WIDEST]]
    if not values:
        items = list(dict.fromkeys(items))
        return f"{items[0]}[]" if len(items) == 1 else f"({' | '.join(items)})[]" if items else "[]"
    return f"[{_listed(items)}]"


def _listed(parts: Iterable[str]) -> str:
    shown = list(parts)
    return ", ".join(shown[:_WIDEST] + (["…"] if len(shown) > _WIDEST else []))


def _literal(value: Any) -> str:
    return printable(json.dumps(value, ensure_ascii=False), 42)


def _key(name: str) -> str:
    name = public(name)
    return printable(name, 40) if name.isidentifier() else f'"{printable(name, 40)}"'


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
