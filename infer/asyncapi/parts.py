"""Parts of a document that all versions write alike."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Final

from infer.asyncapi.api import Api, Channel, Message
from infer.asyncapi.keys import is_plain
from infer.asyncapi.options import DocumentOptions
from infer.model import Direction, Server

Json = dict[str, Any]
EXTENSION: Final = "x-sio-infer"
AUTH: Final = "x-socketio-auth"
CONNECT_ERROR: Final = "x-socketio-connect-error"
NAMESPACE: Final = "x-socketio-namespace"
TEMPLATE: Final = "x-socketio-template"
"""True on a message whose name stands for many, data being in place of each `{…}`; any other name is literal. So it is on a
channel that has `NAMESPACE`."""
PARSER: Final = "x-socketio-parser"
"""Name of a server's parser of Socket.IO packets, where it is not the default one."""
ADMIN_UI: Final = "x-socketio-admin-ui"
PARAMETER: Final = "Data, of which more kinds were seen than an API has names."
_ADMIN_NOTE: Final = "Socket.IO's admin UI: its events quote the application's own."


def info_of(api: Api, options: DocumentOptions) -> Json:
    """`info`. Contact and licence are placeholders at example.com (RFC 2606): linters ask for them, traffic has none."""
    hosts = sorted({place.server.host for place in api.deployments})
    title = options.title or (f"{hosts[0]} Socket.IO API" if len(hosts) == 1 else "Socket.IO API")
    side = "server" if options.perspective == "server" else "client"
    missing = {name: count for name, count in (("skipped", api.skipped), ("beyondLimits", api.beyond)) if count}
    return {
        "title": title,
        "version": options.api_version,
        "description": f"Draft inferred from traffic: {_many(api.sessions, 'session')}, {_many(api.events, 'event')}."
        f" The application described is the {side}.",
        "contact": {"name": "API owner", "url": "https://example.com", "email": "api@example.com"},
        "license": {"name": "Proprietary", "url": "https://example.com/license"},
        **({EXTENSION: missing} if missing and options.rules.evidence != "none" else {}),
    }


def id_of(api: Api) -> str:
    """`id`, a URN of the first host."""
    host = min((place.server.host for place in api.deployments), default="")
    return "urn:sio-infer:" + "".join(c if c.isalnum() or c in ".-" else "-" for c in host if c.isascii())


def protocol_of(server: Server) -> str:
    """`ws` or `wss`; AsyncAPI knows no Socket.IO."""
    return "wss" if server.secure else "ws"


def protocol_version(api: Api, key: str) -> str:
    """Socket.IO's protocol, told from Engine.IO's: 4 carries 5, 3 carries 4 (or 3, which looks alike)."""
    place = next(place for place in api.deployments if place.key == key)
    return "5" if "4" in place.entry.protocols or not place.entry.protocols else "4"


def parser_of(api: Api, key: str) -> Json:
    """The parser, where clients need to be told of it.

    Connections that no packet passed count as of the default one, and such with no event may look like one of JSON, in
    which another frames what carries no arguments.
    """
    place = next(place for place in api.deployments if place.key == key)
    told = place.entry.parsers.keys() - {"default"}
    told = told - {"json"} or told
    return {PARSER: min(told)} if len(told) == 1 else {}


def bindings_of(channel: Channel) -> Json:
    """The ws binding of the root namespace: the handshake."""
    if channel.query is None:
        return {}
    handshake: Json = {"method": "GET", "query": channel.query}
    if channel.headers is not None:
        handshake["headers"] = channel.headers
    return {"bindings": {"ws": {**handshake, "bindingVersion": "0.1.0"}}}


def extensions_of(channel: Channel, options: DocumentOptions) -> Json:
    """What Socket.IO has and AsyncAPI has no place for: `auth`, refusals, and the evidence."""
    made: Json = {}
    if channel.auth is not None:
        made[AUTH] = channel.auth
    if channel.error is not None:
        made[CONNECT_ERROR] = channel.error
    if channel.entry.is_admin_ui:
        made[ADMIN_UI] = True
    if options.rules.evidence != "none":
        entry = channel.entry
        counts = {"sessions": entry.sessions.count, "connects": entry.connects, "refused": entry.refused}
        counts["beyondLimits"] = entry.events.overflow
        made[EXTENSION] = {key: count for key, count in counts.items() if count or key == "sessions"}
    return made


def numbered(template: str) -> tuple[str, list[str]]:
    """The template with each placeholder named once (`/{id}/{id2}`), and those names."""
    seen: Counter[str] = Counter()
    names: list[str] = []

    def named(found: re.Match[str]) -> str:
        seen[found[1]] += 1
        names.append(found[1] if seen[found[1]] == 1 else f"{found[1]}{seen[found[1]]}")
        return f"{{{names[-1]}}}"

    return re.sub(r"\{(\w+)\}", named, template), names


def channel_description(channel: Channel) -> Json:
    """`description` where there is something to say."""
    if channel.entry.is_admin_ui:
        return {"description": _ADMIN_NOTE}
    if channel.entry.refused and not channel.entry.accepted:
        return {"description": "Every attempt to connect was refused."}
    if not channel.messages:
        return {"description": "Connected to; no event of it is described here."}
    return {}


def message_body(message: Message, options: DocumentOptions) -> Json:
    """What a message says in every version, from `name` on."""
    entry = message.entry
    body: Json = {"name": message.name, "title": message.name, "summary": f"{_route(message)}, {_many(entry.count, 'sample')}"}
    if message.template:
        body |= {"description": "Stands for many events: data is in place of what is in braces.", TEMPLATE: True}
    if entry.count < options.min_samples:
        body["description"] = f"Rests on {_many(entry.count, 'sample')} only."
    if message.payload is not None:
        body["payload"] = message.payload
        body |= _examples(message.examples)
    if message.ack is not None:
        body["x-ack"] = {"args": message.ack}
    if options.rules.evidence != "none":
        body[EXTENSION] = evidence_of(message)
    return body


def ack_body(message: Message) -> Json:
    """The message that acknowledges another."""
    body: Json = {
        "name": f"{message.name} (ack)",
        "title": f"{message.name} (ack)",
        "summary": f"{_back(message)}, {_many(message.entry.ack_given, 'sample')}",
    }
    if message.ack_payload is not None:
        body["payload"] = message.ack_payload
        body |= _examples(message.ack_examples)
    return body


def _examples(payloads: list[Any]) -> Json:
    """`examples` where there are some that every tool can read."""
    plain = [{"payload": payload} for payload in payloads if is_plain(payload)]
    return {"examples": plain} if plain else {}


def evidence_of(message: Message) -> Json:
    """Counts that the message rests on."""
    entry = message.entry
    made: Json = {"samples": entry.count, "sessions": entry.sessions.count}
    if entry.ack_asked:
        made |= {"acksAsked": entry.ack_asked, "acksGiven": entry.ack_given}
    if entry.rejected.count:
        made["rejected"] = entry.rejected.count
    if len(message.arities) > 1:
        made["arities"] = {str(arity): count for arity, count in sorted(message.arities.items())}
    return made


def summary_of(message: Message) -> str:
    """One sentence on an operation."""
    sender, other = ("Client", "server") if message.direction is Direction.C2S else ("Server", "client")
    answer = f"; {other} acknowledges" if message.ack is not None else ""
    return f'{sender} emits "{message.name}"{answer}.'


def action_of(message: Message, options: DocumentOptions) -> str:
    """`receive` or `send`, as the described application sees it."""
    return "receive" if (message.direction is Direction.C2S) == (options.perspective == "server") else "send"


def _route(message: Message) -> str:
    return "client → server" if message.direction is Direction.C2S else "server → client"


def _back(message: Message) -> str:
    return "server → client" if message.direction is Direction.C2S else "client → server"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
