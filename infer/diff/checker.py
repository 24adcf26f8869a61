"""Values against the schemas of a contract, judged by `jsonschema-rs`.

JSON Schema knows no bytes. A binary attachment stands as `BINARY`, an object that no traffic holds, and schemas are
compiled so that `{type: string, format: binary}` takes just that, and no other type does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, Final

import jsonschema_rs

from infer.asyncapi.contract import Contract
from infer.asyncapi.schemas import KNOWN, LISTS, MAPS, ONES, PREFIX, Schema
from infer.diff.view import is_false
from infer.errors import SpecError
from infer.model import Json

_KEY: Final = "\x00binary"
BINARY: Final[dict[str, Any]] = {_KEY: True}
"""Stands for a binary attachment."""
_TYPES: Final = "types are array, boolean, integer, null, number, object and string"
_NO_BINARY: Final = {"not": {"type": "object", "required": [_KEY]}}
_LAX: Final = frozenset({"properties", "required", "additionalProperties", "minProperties", "maxProperties", "patternProperties",
                         "propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedProperties"})  # fmt: skip


class Checker:
    """Validators for schemas of one contract, each compiled once."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._validators: dict[int, tuple[Schema, jsonschema_rs.Draft202012Validator]] = {}

    def accepts(self, schema: Schema, value: Json) -> bool:
        """Whether the value, which may hold bytes, is valid; one that JSON cannot hold is not."""
        validator = self.validator(schema)
        try:
            return validator.is_valid(value)
        except ValueError:
            pass
        try:
            return validator.is_valid(textual(value))
        except ValueError:
            return False

    def errors(self, schema: Schema, value: Json) -> list[jsonschema_rs.ValidationError]:
        """What is wrong with the value; bytes in it must be `textual`."""
        return list(self.validator(schema).iter_errors(value))

    def validator(self, schema: Schema) -> jsonschema_rs.Draft202012Validator:
        """The validator. Errors: `SpecError` where the schema itself is none."""
        known = self._validators.get(id(schema))
        if known is None:
            known = schema, compiled(schema, self.contract)  # the schema is kept, so that its id stays its own
            self._validators[id(schema)] = known
        return known[1]


def textual(value: Json) -> Json:
    """The value with `BINARY` where it holds bytes, and some other number where it holds one that JSON has not."""
    whole: list[Any] = [value]
    waiting: list[Any] = [whole]
    for holder in waiting:  # which grows: a stranger's nest may be deeper than calls may be
        for key, item in holder.items() if isinstance(holder, dict) else enumerate(holder):
            if isinstance(item, dict | list | tuple):
                holder[key] = inner = dict(item) if isinstance(item, dict) else list(item)
                waiting.append(inner)
            elif isinstance(item, bytes | bytearray | memoryview):
                holder[key] = BINARY
            elif isinstance(item, float) and not math.isfinite(item):
                holder[key] = 0.5
    return whole[0]


def restored(value: Json) -> Json:
    """The value with bytes where `textual` put `BINARY`; which ones they were is forgotten."""
    if value == BINARY:
        return b""
    if isinstance(value, dict):
        return {key: restored(item) for key, item in value.items()}
    return [restored(item) for item in value] if isinstance(value, list) else value


def check(contract: Contract) -> None:
    """Look at every schema of a contract. Errors: `SpecError` naming the place of one that is none."""
    for namespace in contract.namespaces.values():
        for said in (namespace.auth, namespace.error, namespace.query):
            if said is not None:
                compiled(said, contract)
    for _, event in contract.events():
        for signature in (event.args, event.ack):
            if signature is not None:
                compiled(signature.schema(), contract)


def compiled(schema: Schema, contract: Contract, *, guarded: bool = True) -> jsonschema_rs.Draft202012Validator:
    """A validator for a schema. Errors: `SpecError` naming the place of the schema that is none.

    One that is not guarded costs less, and takes `BINARY` for the object that it is: it is for values without bytes.
    """
    try:
        return jsonschema_rs.Draft202012Validator(bundle(schema, contract, guarded=guarded), validate_formats=True)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        place = _place_of(error, schema, contract)
        path = list(getattr(error, "instance_path", ()))
        reason = getattr(error, "message", None) or str(error).partition("\n")[0]
        if "type" in path[-2:] and isinstance(error, jsonschema_rs.ValidationError):
            raise SpecError(f"no valid schema: {json.dumps(error.instance)[:200]} is no type", str(place), _TYPES) from None
        raise SpecError(f"no valid schema: {reason[:200]}", str(place), "see JSON Schema 2020-12") from None


def bundle(schema: Schema, contract: Contract, *, guarded: bool = True) -> dict[str, Any]:
    """The schema as one document that stands alone, with the definitions that it leads to."""
    whole: dict[str, Any] = {"not": {}} if is_false(schema) else _settled(schema, guarded)
    reached = reachable(schema, contract)
    if reached:
        whole["$defs"] = {name: _settled(contract.definitions[name], guarded) for name in reached}
    return whole


def reachable(schema: Schema, contract: Contract) -> list[str]:
    """Names of the definitions that a schema leads to."""
    if not contract.definitions:
        return []
    found: dict[str, None] = {}
    waiting = [schema]
    while waiting:
        at = waiting.pop()
        if "$ref" in at:
            name = str(at["$ref"]).removeprefix(PREFIX)
            if name not in found:
                found[name] = None
                waiting.append(contract.definitions[name])
        waiting.extend(part for _, part in at.parts())
    return list(found)


def everywhere(schema: Schema, contract: Contract) -> Iterator[Schema]:
    """The schema and all that it leads to, each definition once."""
    waiting = [schema, *(contract.definitions[name] for name in reachable(schema, contract))]
    while waiting:
        at = waiting.pop()
        yield at
        waiting.extend(part for _, part in at.parts())


def _settled(schema: Schema, guarded: bool) -> Any:  # noqa: FBT001 (private, and always given)
    """The schema as it is compiled: see the module. What is not understood is left out."""
    if is_false(schema):
        return False
    made: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in ONES:
            made[keyword] = _settled(value, guarded)
        elif keyword in LISTS:
            if value:  # an empty tuple is written as an empty list, though JSON Schema demands an item
                made[keyword] = [_settled(part, guarded) for part in value]
        elif keyword in MAPS:
            made[keyword] = {name: _settled(part, guarded) for name, part in value.items()}
        elif keyword in KNOWN:
            made[keyword] = value
    stated = made.get("type")
    types = [stated] if isinstance(stated, str) else stated
    if not isinstance(types, list):
        return {"if": _NO_BINARY, "then": made} if guarded and not made.keys().isdisjoint(_LAX) else made
    if "string" in types and made.get("format") == "binary":
        rest = [name for name in types if name != "string"]
        binary = {"type": "object", "required": [_KEY]}
        if not rest:
            return binary
        return {"anyOf": [binary, {**{k: v for k, v in made.items() if k != "format"}, "type": rest}]}
    if guarded and "object" in types:
        made["allOf"] = [*made.get("allOf", ()), _NO_BINARY]
    return made


def _place_of(error: Exception, schema: Schema, contract: Contract) -> object:
    """The place that a compiler's error speaks of, as near as its path leads."""
    at: Any = {**schema, "$defs": contract.definitions}
    place: object = schema.place
    for step in getattr(error, "instance_path", ()):
        try:
            at = at[step]
        except (LookupError, TypeError):
            break
        if isinstance(at, Schema):
            place = at.place
    return place
