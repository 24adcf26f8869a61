"""What was observed, held against the schemas that were inferred from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs

from infer.model import Event
from infer.rejection import is_rejection
from tests.e2e.contracts import Document, is_tuple, resolve, schemas

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from infer.model import Observation


def violations(document: Document, observations: Iterable[Observation]) -> list[str]:
    """Where an event's arguments, or an acknowledgement, are none of what the document says.

    Requests that an error acknowledgement answered are left out: the document describes what the server
    takes.
    """
    declared = schemas(document)
    found = []
    for event in observations:
        if not isinstance(event, Event):
            continue
        args, ack = declared[event.namespace, event.direction.value, event.name]
        place = f"{event.direction} {event.namespace} {event.name}"
        if not (event.ack is not None and is_rejection(event.ack)):
            found += [f"{place}: {what}" for what in _faults(document, args, event.args)]
        if event.ack is not None:
            found += [f"{place}, ack: {what}" for what in _faults(document, ack, event.ack)]
    return found


def _faults(document: Document, schema: Any, values: Sequence[Any]) -> list[str]:
    if schema is None:
        return [f"{len(values)} arguments, none declared"] if values else []
    instance = _json(list(values))
    if not is_tuple(resolve(document, schema)):
        if len(instance) != 1:
            return [f"{len(instance)} arguments, one declared"]
        (instance,) = instance
    validator = jsonschema_rs.Draft7Validator({**schema, "components": document.get("components", {})})
    return [f"{error.message} at {error.instance_path}" for error in validator.iter_errors(instance)]


def _json(value: Any) -> Any:
    """The value with a string where bytes stood, as `format: binary` has it."""
    if isinstance(value, bytes):
        return "bytes"
    if isinstance(value, dict):
        return {key: _json(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(inner) for inner in value]
    return value
