"""Values against the schemas of a contract, judged by `jsonschema-rs`."""

from __future__ import annotations

from typing import Any

import jsonschema_rs

from infer.asyncapi.contract import Contract
from infer.asyncapi.schemas import PREFIX, Schema
from infer.errors import SpecError
from infer.model import Json


class Checker:
    """Validators for schemas of one contract, each compiled once."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._validators: dict[int, tuple[Schema, jsonschema_rs.Draft202012Validator]] = {}

    def accepts(self, schema: Schema, value: Json) -> bool:
        """Whether the value is valid; one that JSON cannot hold (a lone surrogate, bytes) is not."""
        try:
            return self.validator(schema).is_valid(value)
        except ValueError:
            return False

    def validator(self, schema: Schema) -> jsonschema_rs.Draft202012Validator:
        """The validator. Errors: `SpecError` where the schema itself is none."""
        known = self._validators.get(id(schema))
        if known is None:
            known = schema, compiled(schema, self.contract)  # the schema is kept, so that its id stays its own
            self._validators[id(schema)] = known
        return known[1]


def compiled(schema: Schema, contract: Contract) -> jsonschema_rs.Draft202012Validator:
    """A validator for a schema. Errors: `SpecError` naming the place of the schema that is none."""
    try:
        return jsonschema_rs.Draft202012Validator(bundle(schema, contract), validate_formats=True)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        place = _place_of(error, schema, contract)
        reason = getattr(error, "message", None) or str(error).partition("\n")[0]
        raise SpecError(f"no valid schema: {reason[:200]}", str(place), "see JSON Schema 2020-12") from None


def bundle(schema: Schema, contract: Contract) -> dict[str, Any]:
    """The schema as one document that stands alone, with the definitions that it leads to."""
    reached = reachable(schema, contract)
    return {**schema, "$defs": {name: contract.definitions[name] for name in reached}} if reached else schema


def reachable(schema: Schema, contract: Contract) -> list[str]:
    """Names of the definitions that a schema leads to."""
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


def _place_of(error: Exception, schema: Schema, contract: Contract) -> object:
    """The place that a compiler's error speaks of, as near as its path leads."""
    at: Any = bundle(schema, contract)
    place: object = schema.place
    for step in getattr(error, "instance_path", ()):
        try:
            at = at[step]
        except (LookupError, TypeError):
            break
        if isinstance(at, Schema):
            place = at.place
    return place
