"""AsyncAPI 2.6.0: one channel item a namespace, what the application receives under `publish`, sends under `subscribe`."""

from __future__ import annotations

import re
from typing import Any, Final

from infer.asyncapi import parts
from infer.asyncapi.api import Api, Channel
from infer.asyncapi.options import DocumentOptions

Json = dict[str, Any]
_UNFIT: Final = re.compile(r"""[\x00-\x20"#%'<=>?\\^`{|}]""")
"""What an address may not hold, being a URI template without a query and a fragment; and the `=` of `_fit`."""
_PLACEHOLDER: Final = re.compile(r"(\{\w+\})")


def document(api: Api, options: DocumentOptions) -> Json:
    """The document as plain data."""
    messages: Json = {}
    for channel in api.channels:
        for message in channel.messages:
            messages[message.component] = {"messageId": message.component, **parts.message_body(message, options)}
    components = {"securitySchemes": api.credentials, "messages": messages, "schemas": api.schemas}
    keys = [channel.namespace for channel in api.channels]
    made: Json = {
        "asyncapi": options.version,
        "id": parts.id_of(api),
        "info": parts.info_of(api, options),
        "tags": [{"name": "socket.io"}],
        "defaultContentType": "application/json",
        "servers": {place.key: _server(api, place.key) for place in api.deployments},
        "channels": {
            _address(channel, shared=keys.count(channel.namespace) > 1): _channel(channel, options, shared=keys.count(channel.namespace) > 1)
            for channel in api.channels
        },
        "components": {name: content for name, content in components.items() if content},
    }
    return {key: content for key, content in made.items() if content or key == "channels"}


def _server(api: Api, key: str) -> Json:
    place = next(place for place in api.deployments if place.key == key)
    made: Json = {
        "url": place.server.host + place.server.path.rstrip("/"),
        "protocol": parts.protocol_of(place.server),
        "protocolVersion": parts.protocol_version(api, key),
        **parts.parser_of(api, key),
    }
    if place.template:
        path, names = parts.numbered(place.server.path)
        made["url"] = place.server.host + path.rstrip("/")
        made["variables"] = {name: {"description": parts.PARAMETER} for name in names}
    if place.security:
        made["security"] = [{scheme: []} for scheme in place.security]
    return made


def _address(channel: Channel, *, shared: bool) -> str:
    """The channel's key, which is an address here: the name of the namespace, as far as it may stand there.

    Where two servers have the namespace, their keys tell them apart.
    """
    name, names = _name(channel)
    parted = _PLACEHOLDER.split(name) if names else [name]
    address = "".join(part if at % 2 else _fit(part) for at, part in enumerate(parted))
    if shared and address == "/":
        return channel.servers[0]
    if address.endswith("/") and address != "/":  # no address ends with one
        address = address[:-1] + _escaped("/")
    return f"{channel.servers[0]}{address}" if shared else address


def _name(channel: Channel) -> tuple[str, list[str]]:
    """The name of the namespace with each placeholder named once, and those names."""
    return parts.numbered(channel.namespace) if channel.template else (channel.namespace, [])


def _fit(text: str) -> str:
    """The text with `=3F` and the like for what may not stand in an address, no two texts becoming one.

    Not `%3F`: the official parser undoes that in the key, then misses what stands under it.
    """
    return _UNFIT.sub(lambda found: _escaped(found[0]), text)


def _escaped(sign: str) -> str:
    return f"={ord(sign):02X}"


def _channel(channel: Channel, options: DocumentOptions, *, shared: bool) -> Json:
    made: Json = {**parts.channel_description(channel)}
    if channel.servers:
        made["servers"] = channel.servers
    name, names = _name(channel)
    if names:
        made["parameters"] = {each: {"description": parts.PARAMETER, "schema": {"type": "string"}} for each in names}
    if _address(channel, shared=shared) != name:
        made |= {parts.NAMESPACE: name, **({parts.TEMPLATE: True} if channel.template else {})}
    for verb, action in (("publish", "receive"), ("subscribe", "send")):
        messages = [
            {"$ref": f"#/components/messages/{message.component}"}
            for message in channel.messages
            if parts.action_of(message, options) == action
        ]
        if messages:
            made[verb] = {
                "operationId": f"{channel.key}{verb.capitalize()}",
                "summary": f"Events that the application {action}s in the namespace {channel.namespace}.",
                "message": messages[0] if len(messages) == 1 else {"oneOf": messages},
            }
    return {**made, **parts.bindings_of(channel), **parts.extensions_of(channel, options)}
