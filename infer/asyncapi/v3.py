"""AsyncAPI 3.0.0 and 3.1.0."""

from __future__ import annotations

from typing import Any

from infer.asyncapi import parts
from infer.asyncapi.api import Api, Channel, Message
from infer.asyncapi.options import DocumentOptions

Json = dict[str, Any]


def document(api: Api, options: DocumentOptions) -> Json:
    """The document as plain data."""
    made: Json = {
        "asyncapi": options.version,
        "id": parts.id_of(api),
        "info": {**parts.info_of(api, options), "tags": [{"name": "socket.io"}]},
        "defaultContentType": "application/json",
        "servers": {place.key: _server(api, place.key) for place in api.deployments},
        "channels": {channel.key: _channel(channel, options) for channel in api.channels},
        "operations": {},
        "components": {},
    }
    messages: Json = {}
    for channel in api.channels:
        for message in channel.messages:
            made["operations"] |= _operation(channel, message, options)
            messages[message.component] = parts.message_body(message, options)
            if message.ack is not None:
                messages[message.ack_component] = parts.ack_body(message)
    components = {"securitySchemes": api.credentials, "messages": messages, "schemas": api.schemas}
    made["components"] = {name: content for name, content in components.items() if content}
    return {key: content for key, content in made.items() if content or key == "channels"}


def _server(api: Api, key: str) -> Json:
    place = next(place for place in api.deployments if place.key == key)
    made: Json = {
        "host": place.server.host,
        "pathname": place.server.path,
        "protocol": parts.protocol_of(place.server),
        "protocolVersion": parts.protocol_version(api, key),
        **parts.parser_of(api, key),
    }
    if place.template:
        made["pathname"], names = parts.numbered(place.server.path)
        made["variables"] = {name: {"description": parts.PARAMETER} for name in names}
    if place.security:
        made["security"] = [{"$ref": f"#/components/securitySchemes/{scheme}"} for scheme in place.security]
    return made


def _channel(channel: Channel, options: DocumentOptions) -> Json:
    address = channel.namespace
    made: Json = {"address": address, "title": f"Namespace {address}", **parts.channel_description(channel)}
    if channel.template:
        address, names = parts.numbered(address)
        made |= {"address": address, "parameters": {name: {"description": parts.PARAMETER} for name in names}}
    elif "{" in address or "}" in address:  # braces would be parameters
        made |= {"address": None, parts.NAMESPACE: address}
    if channel.servers:
        made["servers"] = [{"$ref": f"#/servers/{server}"} for server in channel.servers]
    messages: Json = {}
    for message in channel.messages:
        messages[message.key] = {"$ref": f"#/components/messages/{message.component}"}
        if message.ack is not None:
            messages[message.ack_key] = {"$ref": f"#/components/messages/{message.ack_component}"}
    if messages:
        made["messages"] = messages
    return {**made, **parts.bindings_of(channel), **parts.extensions_of(channel, options)}


def _operation(channel: Channel, message: Message, options: DocumentOptions) -> Json:
    action = parts.action_of(message, options)
    here = f"#/channels/{channel.key}"
    made: Json = {
        "action": action,
        "title": message.name,
        "summary": parts.summary_of(message),
        "channel": {"$ref": here},
        "messages": [{"$ref": f"{here}/messages/{message.key}"}],
    }
    if message.ack is not None:
        made["reply"] = {"channel": {"$ref": here}, "messages": [{"$ref": f"{here}/messages/{message.ack_key}"}]}
    return {f"{channel.key}.{action}.{message.key}": made}
