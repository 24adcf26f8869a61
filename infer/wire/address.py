"""What an exchange's URL says of Engine.IO: the server, the session, the protocol."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

from infer.model import Server
from infer.templates import public

OWN_PARAMETERS: Final = frozenset({"EIO", "transport", "sid", "t", "j", "b64"})
"""Query parameters of Engine.IO itself; all others are the application's."""

_TRANSPORTS: Final = frozenset({"polling", "websocket", "webtransport", "flashsocket"})
_DEFAULT_PORTS: Final = {True: ":443", False: ":80"}
_NOWHERE: Final = Server(secure=False, host="", path="/")


class Address(msgspec.Struct, frozen=True, gc=False):
    """A URL's parts."""

    server: Server
    query: tuple[tuple[str, str], ...]
    sid: str | None
    protocol: int
    """3 or 4: "a missing EIO is version 3" (engine.io/lib/server.ts)."""
    is_engineio: bool
    """Whether the query is Engine.IO's."""

    def of_protocol(self, protocol: int) -> Address:
        """The same under another protocol."""
        return msgspec.structs.replace(self, protocol=protocol)

    @property
    def own_query(self) -> tuple[tuple[str, str], ...]:
        """The application's own parameters."""
        return tuple(pair for pair in self.query if pair[0] not in OWN_PARAMETERS)


def address_of(url: str) -> Address:
    """The parts of a URL; what cannot be parsed has an empty host. Query strings are decoded leniently."""
    try:
        parts = urlsplit(url)
        secure = parts.scheme in ("https", "wss")
        host = parts.netloc.rpartition("@")[2].lower().removesuffix(_DEFAULT_PORTS[secure])
        query = tuple(parse_qsl(parts.query, keep_blank_values=True, errors="replace", max_num_fields=1_000))
    except ValueError:  # a bracket without its pair, more parameters than anyone sends
        return Address(_NOWHERE, (), None, 4, is_engineio=False)
    path = parts.path if parts.path.endswith("/") else parts.path + "/"
    given = dict(query)
    version = given.get("EIO", "")
    is_engineio = given.get("transport") in _TRANSPORTS or version in ("2", "3", "4")
    protocol = 4 if version not in ("", "1", "2", "3") else 3
    return Address(Server(secure, host, public(path)), query, given.get("sid") or None, protocol, is_engineio)
