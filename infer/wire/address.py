"""What an exchange's URL says of Engine.IO: the server, the session, the protocol."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

import msgspec

from infer.model import Server
from infer.templates import public

OWN_PARAMETERS: Final = frozenset({"EIO", "transport", "sid", "t", "j", "b64"})
"""Query parameters of Engine.IO itself; all others are the application's."""

_TRANSPORTS: Final = frozenset({"polling", "websocket", "webtransport", "flashsocket"})
_DEFAULT_PORTS: Final = {True: ":443", False: ":80"}
_MOST: Final = 1_000
"""Parameters."""
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


@lru_cache(maxsize=8)
def address_of(url: str) -> Address:
    """The parts of a URL, but for the time in it, which is against caches; what cannot be parsed has an empty host. Query strings are decoded leniently."""
    begin = url.find("&t=")
    if begin >= 0 and "#" not in url:
        end = url.find("&", begin + 1)
        url = url[:begin] + url[end:] if end >= 0 else url[:begin]
    return _address_of(url)


@lru_cache(maxsize=8)
def _address_of(url: str) -> Address:
    """The same of a URL without the time, by which alone most polls of a session differ."""
    try:
        if "#" in url or not url.isprintable():  # a fragment, or what the library takes out
            parts = urlsplit(url)
            server, pairs = _server(parts), _pairs(parts.query)
        else:
            place, _, query = url.partition("?")
            server, pairs = _server_at(place), _pairs(query)
    except ValueError:  # a bracket without its pair, more parameters than anyone sends
        return Address(_NOWHERE, (), None, 4, is_engineio=False)
    given = dict(pairs)
    version = given.get("EIO", "")
    is_engineio = given.get("transport") in _TRANSPORTS or version in ("2", "3", "4")
    protocol = 4 if version not in ("", "1", "2", "3") else 3
    return Address(server, pairs, given.get("sid") or None, protocol, is_engineio)


@lru_cache(maxsize=256)
def _server_at(place: str) -> Server:
    """The server of a URL without its query: polls differ in that only. Errors: `ValueError`."""
    return _server(urlsplit(place))


def parameters(query: str) -> dict[str, str]:
    """Those of a query string by itself, as an address has them."""
    return dict(_address_of(f"?{query}").query)


def _server(parts: SplitResult) -> Server:
    secure = parts.scheme in ("https", "wss")
    host = _bracketed(parts.netloc.rpartition("@")[2].lower()).removesuffix(_DEFAULT_PORTS[secure])
    path = parts.path if parts.path.endswith("/") else parts.path + "/"
    return Server(secure, host, public(path))


def _bracketed(authority: str) -> str:
    """An authority with an IPv6 address in brackets, which Node's clients leave out when they poll: the last group is the port, unless the address needs it."""
    if authority.count(":") <= 1 or authority.startswith("["):
        return authority
    address, _, port = authority.rpartition(":")
    if port.isdecimal() and _is_ipv6(address):
        return f"[{address}]:{port}"
    return f"[{authority}]" if _is_ipv6(authority) else authority


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _pairs(query: str) -> tuple[tuple[str, str], ...]:
    """Its parameters, as the library gives them, which is slow. Errors: `ValueError` where there are too many."""
    if "%" in query or "+" in query or query.count("&") >= _MOST:
        return tuple(parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=_MOST))
    return tuple([(name, value) for name, _, value in [pair.partition("=") for pair in query.split("&") if pair]])
