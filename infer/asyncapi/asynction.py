"""Asynction's profile of AsyncAPI 2.6: what Asynction 0.8.3, its last release, loads, enforces and mocks.

It couples events to handlers (`x-handler`) and credentials to functions that check them (`x-apiKeyInfoFunc` and its
like), and it takes no document with a number, a boolean or a null in it, nor a recursive one. So what needs those is
told otherwise or, where it cannot be, left out: a profile says less than the document, never something else.

    minItems, maxItems of an argument list   the list's items, closed by `additionalItems: {not: {}}` unless any may follow,
                                             once a length
    additionalProperties: false              `additionalProperties: {not: {}}`
    true as a schema                         {}
    a constant or member that is no text     its type
    bounds, counts, the evidence             left out
    a reference into its own target          an object or a list without its parts
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from copy import deepcopy
from string import Formatter
from typing import Any, Final

from infer.asyncapi.parts import ADMIN_UI, AUTH, CONNECT_ERROR, EXTENSION
from infer.errors import UsageError

Json = dict[str, Any]

HANDLER: Final = "handlers.{namespace}_{event}"
"""Name of a handler unless another template is given."""
_FIELDS: Final = frozenset({"event", "namespace"})
_FUNCTIONS: Final = {"httpApiKey": "x-apiKeyInfoFunc", "basic": "x-basicInfoFunc", "bearer": "x-bearerInfoFunc"}
_NEVER: Final[Json] = {"not": {}}
_ONE: Final = ("additionalProperties", "contains", "else", "if", "not", "propertyNames", "then")
_LIST: Final = ("allOf", "anyOf", "oneOf")
_MAP: Final = ("definitions", "patternProperties", "properties")
_TEXT: Final = ("$schema", "contentEncoding", "contentMediaType", "description", "format", "pattern", "title")
_SCHEMAS: Final = "#/components/schemas/"


def profile(made: Json, handler: str = HANDLER) -> Json:
    """The profile of a document of version 2.6. Errors: `UsageError` for a template that names no handler."""
    _check(handler)
    made = deepcopy(made)
    components = made.get("components", {})
    messages = components.get("messages", {})
    cut = _Cut(components.get("schemas", {}))
    for message in messages.values():
        _message(message, cut)
    for address, channel in made["channels"].items():
        for each in _published(channel):
            message = messages[each["$ref"].rpartition("/")[2]]
            message["x-handler"] = handler.format(namespace=_identifier(address), event=_identifier(message["name"]))
        _channel(channel, cut)
    module = handler.rpartition(".")[0].partition("{")[0].rstrip("._") or "handlers"
    for key, scheme in components.get("securitySchemes", {}).items():
        kind = _FUNCTIONS.get(scheme["type"]) or _FUNCTIONS.get(scheme.get("scheme", ""))
        if kind is not None:
            scheme[kind] = f"{module}.check_{_identifier(key)}"
    enforced = {key for key, scheme in components.get("securitySchemes", {}).items() if _FUNCTIONS.values() & scheme.keys()}
    for server in made.get("servers", {}).values():
        if "security" in server:
            server["security"] = [each for each in server["security"] if each.keys() <= enforced]
    if "schemas" in components:
        components["schemas"] = cut.schemas()
    return made


def _check(handler: str) -> None:
    hint = f"for example {HANDLER}, with {{namespace}} and {{event}}"
    try:
        fields = [name for _, name, _, _ in Formatter().parse(handler) if name is not None]
    except ValueError as error:
        raise UsageError(f"--handler is no template: {error}", handler[:200], hint) from error
    if not _FIELDS.issuperset(fields) or "event" not in fields:
        raise UsageError("--handler must have {event}, and may have {namespace}, and no other field", handler[:200], hint)
    name = handler.format(namespace="n", event="e")
    if "." not in name or not all(part.isidentifier() for part in name.split(".")):
        raise UsageError("--handler must give the dotted name of a function in a module", handler[:200], hint)


def _identifier(name: str) -> str:
    """A name of Python's for any name: `/admin` is `admin`, `new message` is `new_message`."""
    made = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).strip("_").lower() or "root"
    return f"_{made}" if made[0].isdigit() else f"{made}_" if keyword.iskeyword(made) else made


def _published(channel: Json) -> Iterator[Json]:
    message = channel.get("publish", {}).get("message")
    if message is not None:
        yield from message.get("oneOf", [message])


def _message(message: Json, cut: _Cut) -> None:
    message.pop(EXTENSION, None)
    message.pop("examples", None)
    if "payload" in message:
        message["payload"] = cut.args(message["payload"])
    if "x-ack" in message:
        message["x-ack"] = {"args": cut.args(message["x-ack"]["args"])}


def _channel(channel: Json, cut: _Cut) -> None:
    for key in (EXTENSION, ADMIN_UI):
        channel.pop(key, None)
    for key in (AUTH, CONNECT_ERROR):
        if key in channel:
            channel[key] = cut.schema(channel[key])
    handshake = channel.get("bindings", {}).get("ws", {})
    for key in ("query", "headers"):
        if key in handshake:
            handshake[key] = cut.schema(handshake[key])


class _Cut:
    """Schemas without what Asynction does not load."""

    def __init__(self, components: Json) -> None:
        self._components = components
        self._lists: set[str] = set()
        """Components that are argument lists."""
        self._recursive = {name for name in components if name in _reached(components, components[name])}

    def schemas(self) -> Json:
        """All components."""
        return {
            name: self.args(schema) if name in self._lists else self.schema(schema, within=name)
            for name, schema in self._components.items()
        }

    def args(self, schema: Json) -> Json:
        """The schema of an argument list: as many lists as there are lengths."""
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(_SCHEMAS)
            if _is_list(self._components.get(name, {})):
                self._lists.add(name)
            return schema
        if not _is_list(schema):
            return self.schema(schema)
        items = schema.get("items", [])
        least = schema.get("minItems", len(items)) if items else 0
        title = {"title": schema["title"]} if "title" in schema else {}
        kept = [self.schema(item) for item in items]
        dialect = {"$schema": schema["$schema"]} if "$schema" in schema else {}
        further = self.schema(schema.get("additionalItems", False))
        lists = [
            {**dialect, "type": "array", "items": kept[:count], "additionalItems": _NEVER if count < len(items) else further}
            for count in range(least, len(items) + 1)
        ]
        return {**title, **lists[0]} if len(lists) == 1 else {**title, "oneOf": lists}

    def schema(self, schema: Any, within: str | None = None) -> Json:
        """Any other schema; `within` names the component that it is a part of."""
        if schema is True or schema is False:
            return {} if schema else dict(_NEVER)
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(_SCHEMAS)
            if within is not None and name in self._recursive and within in _reached(self._components, self._components[name]):
                kind = self._components[name].get("type")
                return {"type": kind} if isinstance(kind, str) else {}
            return {"$ref": schema["$ref"]}
        made: Json = {key: schema[key] for key in _TEXT if isinstance(schema.get(key), str)}
        if isinstance(schema.get("type"), str | list):
            made["type"] = schema["type"]
        if "required" in schema:
            made["required"] = schema["required"]
        made |= {key: self.schema(schema[key], within) for key in _ONE if key in schema and schema[key] is not True}
        made |= {key: [self.schema(each, within) for each in schema[key]] for key in _LIST if key in schema}
        made |= {key: {name: self.schema(each, within) for name, each in schema[key].items()} for key in _MAP if key in schema}
        items = schema.get("items")
        if isinstance(items, list):
            made["items"] = [self.schema(each, within) for each in items]
            made |= {"additionalItems": _NEVER} if schema.get("additionalItems") is False else {}
        elif items is not None:
            made["items"] = self.schema(items, within)
        return _constants(schema, made)


def _constants(schema: Json, made: Json) -> Json:
    """Take in `const` and `enum`: as they are where all is text, with null told by its type, else by types alone."""
    members = [schema["const"]] if "const" in schema else schema.get("enum")
    if members is None:
        return made
    texts = [member for member in members if isinstance(member, str)]
    if len(texts) == len(members):
        return made | ({"const": texts[0]} if "const" in schema else {"enum": texts})
    if texts and len(texts) + members.count(None) == len(members):
        rest = {key: value for key, value in made.items() if key != "type"}
        return rest | {"anyOf": [{"type": "string", "enum": texts}, {"type": "null"}]}
    return made


def _is_list(schema: Json) -> bool:
    """Whether it is that of an argument list rather than of one argument."""
    return isinstance(schema.get("items"), list) or (schema.get("type") == "array" and schema.get("maxItems") == 0)


def _reached(components: Json, schema: Any) -> set[str]:
    """Components that a schema leads to."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        at = waiting.pop()
        if isinstance(at, dict):
            reference = at.get("$ref")
            if isinstance(reference, str):
                name = reference.removeprefix(_SCHEMAS)
                if name not in found and name in components:
                    found.add(name)
                    waiting.append(components[name])
            waiting += at.values()
        elif isinstance(at, list):
            waiting += at
    return found
