"""What can be set, once for the addon (as mitmproxy's options), for `sio-infer record` and for the worker.

A field's name is the command line's flag, and with the prefix `sio_infer_` the option's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec

from infer.asyncapi import DocumentOptions
from infer.engines.local import Options
from infer.errors import UsageError
from infer.filters import Filter
from infer.limits import Limits
from infer.schema import Rules

PREFIX: Final = "sio_infer_"
OUTPUT: Final = "asyncapi.yml"
_MOST: Final = 1_000_000_000
"""Of any number: more than anybody waits or keeps, and computed with like any other by all that it is handed to."""
_FILES: Final = ("output", "state", "declared")
"""Settings that name files: a shell does not see their `~`."""


def _says(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See each field's description. Errors of its methods: `UsageError`."""

    output: Annotated[str, _says("Where the document goes; empty: nowhere.")] = OUTPUT
    state: Annotated[str, _says("File that keeps the catalog, to go on from where it stopped; empty: none.")] = ""
    declared: Annotated[str, _says("AsyncAPI document that the traffic is held to; empty: none.")] = ""
    checkpoint: Annotated[int, _says("Seconds between two writings of state and document.")] = 10
    expire: Annotated[
        int, _says("Seconds of silence after which a session is forgotten, and any wait for an ack or attachment given up.")
    ] = 300
    queue: Annotated[int, _says("Megabytes that may wait to be decoded; beyond, frames are skipped here and counted.")] = 64
    trim: Annotated[
        int, _says("Messages that mitmproxy keeps of a Socket.IO WebSocket, 0: all; -w and hardump then save only those.")
    ] = 0

    host: Annotated[tuple[str, ...], _says("Only hosts that match one of these globs.")] = ()
    path: Annotated[tuple[str, ...], _says("Only Engine.IO paths that match one of these globs.")] = ()
    namespace: Annotated[tuple[str, ...], _says("Only namespaces that match one of these globs.")] = ()
    event: Annotated[tuple[str, ...], _says("Only events that match one of these globs.")] = ()
    no_admin: Annotated[bool, _says("Leave out the namespace of Socket.IO's admin UI.")] = False
    parser: Annotated[str, _says("Socket.IO parser: auto, default, msgpack, json, or a plug-in's name.")] = "auto"
    limit: Annotated[tuple[str, ...], _says("Limits as NAME=VALUE; `sio-infer limits` lists them.")] = ()

    format: Annotated[Literal["yaml", "json"], _says("Syntax of the document.")] = "yaml"
    asyncapi: Annotated[Literal["3.0.0", "3.1.0", "2.6.0"], _says("AsyncAPI version of the document.")] = "3.0.0"
    profile: Annotated[Literal["", "asynction"], _says("Write for a tool: Asynction (with AsyncAPI 2.6.0); empty: none.")] = ""
    handler: Annotated[str, _says("Template of the names of Asynction's handlers; empty: its own.")] = ""
    perspective: Annotated[Literal["server", "client"], _says("Whose document it is.")] = "server"
    title: Annotated[str, _says("Title; made of the host unless given.")] = ""
    api_version: Annotated[str, _says("Version of the API.")] = "0.1.0"
    server: Annotated[tuple[str, ...], _says("Servers as NAME=URL.")] = ()
    exclude_rejected: Annotated[
        bool, _says("Leave requests that an error acknowledgement answered out of the schemas.")
    ] = False
    evidence: Annotated[
        Literal["none", "message", "full"], _says("How much the document says of what it rests on.")
    ] = "message"
    examples: Annotated[int, _says("Up to so many examples a message: typical shapes, stand-ins for values.")] = 0
    min_samples: Annotated[int, _says("Point out events that rest on fewer samples.")] = 0
    cautious: Annotated[bool, _says("A key is required only from three samples on.")] = False
    no_values: Annotated[bool, _says("No value from traffic at all: no enums, no tags.")] = False
    no_rule: Annotated[tuple[str, ...], _says("Schema rules that are switched off; `sio-infer rules` lists them.")] = ()

    def filter(self) -> Filter:
        """Which traffic is wanted."""
        return Filter(self.host, self.path, self.namespace, self.event)

    def pipeline(self) -> Options:
        """How it is decoded."""
        return Options(
            filter=self.filter(), admin_ui=not self.no_admin, parser=self.parser, limits=Limits.of(list(self.limit))
        )

    def document(self) -> DocumentOptions:
        """What the document is to be like."""
        return DocumentOptions(
            version=self.asyncapi,
            profile=self.profile or None,
            handler=self.handler or None,
            perspective=self.perspective,
            title=self.title or None,
            api_version=self.api_version,
            servers=dict(_pair(text) for text in self.server),
            rules=Rules(
                off=frozenset(self.no_rule), cautious=self.cautious, values=not self.no_values, evidence=self.evidence
            ),
            exclude_rejected=self.exclude_rejected,
            examples=self.examples,
            min_samples=self.min_samples,
        )

    def check(self) -> None:
        """Raise for what no file needs to be looked at to refuse."""
        for name, least in (("checkpoint", 1), ("expire", 1), ("queue", 1), ("trim", 0), ("min_samples", 0), ("examples", 0)):
            if getattr(self, name) < least:
                raise UsageError(f"{name} is at least {least}, not {getattr(self, name)}")
            if getattr(self, name) > _MOST:
                raise UsageError(f"{name} is at most {_MOST:,}, not {getattr(self, name)}")
        self.document()
        self.pipeline()


class Option(msgspec.Struct, frozen=True):
    """A setting as mitmproxy declares it."""

    name: str
    """With its prefix."""
    type: Any
    default: Any
    help: str
    choices: tuple[str, ...] | None


def options() -> Iterator[Option]:
    """All settings as mitmproxy's options, which know neither tuples nor literals."""
    hints = get_type_hints(Settings, include_extras=True)
    for field in msgspec.structs.fields(Settings):
        kind, meta = get_args(hints[field.name])
        choices = get_args(kind) if get_origin(kind) is Literal else None
        if choices is not None:
            kind = str
        elif get_origin(kind) is tuple:
            kind = Sequence[str]
        default = list(field.default) if kind == Sequence[str] else field.default
        yield Option(PREFIX + field.name, kind, default, meta.description, choices)


def settings_of(values: Any) -> Settings:
    """The settings in an object that has mitmproxy's options as attributes. Errors: `UsageError`."""
    for option in options():
        if option.choices and getattr(values, option.name) not in option.choices:
            raise UsageError(f"{option.name} is none of {', '.join(option.choices)}")
    given = {field.name: getattr(values, PREFIX + field.name) for field in msgspec.structs.fields(Settings)}
    for name in _FILES:
        given[name] = os.path.expanduser(given[name])  # noqa: PTH111 (an empty one stays empty)
    return msgspec.convert(given, Settings)


def _pair(text: str) -> tuple[str, str]:
    name, equals, url = text.partition("=")
    if not equals or not name or not url:
        raise UsageError("a server is given as NAME=URL", text, "for example production=https://chat.example.com")
    return name, url
