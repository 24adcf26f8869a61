"""Servers of a document: the ones that were observed, or the ones that the user declares."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from infer.asyncapi.names import unique_keys
from infer.catalog import Catalog, ServerEntry
from infer.errors import UsageError
from infer.model import Server

_PORTS = {True: ":443", False: ":80"}


class Deployment(msgspec.Struct):
    """A server of the document; `owner` where the channels of `entry` are listed with it."""

    key: str
    server: Server
    entry: ServerEntry
    owner: bool = True
    template: bool = False
    """Whether its path stands for many."""
    security: list[str] = msgspec.field(default_factory=list)


def deployments(catalog: Catalog, declared: Mapping[str, str]) -> list[Deployment]:
    """The servers, by key. Errors: `UsageError` where a URL is none."""
    observed = dict(catalog.servers.items())
    if not declared:
        labels = {server: _label(server, observed) for server in observed}
        keys = unique_keys(labels.values(), "server")
        return [
            Deployment(keys[labels[server]], server, entry, template=catalog.servers.is_template(server))
            for server, entry in observed.items()
        ]
    named = {name: server_of(url) for name, url in declared.items()}
    found = {
        name: next((seen for seen in observed if (seen.host, seen.path) == (server.host, server.path)), None)
        for name, server in named.items()
    }
    if any(found.values()):
        return [Deployment(name, seen, observed[seen]) for name, seen in found.items() if seen is not None]
    every = catalog.as_of_one_server()
    return [Deployment(name, server, every, owner=not place) for place, (name, server) in enumerate(named.items())]


def server_of(url: str) -> Server:
    """The server at a URL; without a path it is `/socket.io/`. Errors: `UsageError` where it is no URL."""
    parts = urlsplit(url if "//" in url else f"//{url}")
    if not parts.hostname or parts.scheme not in ("", "http", "https", "ws", "wss"):
        raise UsageError("a server is NAME=URL", url, "for example production=https://chat.example.com")
    secure = parts.scheme in ("https", "wss")
    host = parts.netloc.rpartition("@")[2].lower().removesuffix(_PORTS[secure])
    path = parts.path if parts.path.strip("/") else "/socket.io/"
    return Server(secure, host, path if path.endswith("/") else path + "/")


def _label(server: Server, observed: Mapping[Server, ServerEntry]) -> str:
    """The host, with the path where the host has several."""
    same_host = [other for other in observed if other.host == server.host]
    return server.host if len(same_host) == 1 else f"{server.host}{server.path}{'s' if server.secure else ''}"
