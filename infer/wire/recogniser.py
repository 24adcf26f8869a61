"""Which exchanges may carry Socket.IO, and what else was met: for the message when nothing was found."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from infer.filters import Filter
from infer.model import Diagnostic, Exchange, Report, Server, Transport
from infer.wire.address import address_of

_MAX_KINDS: Final = 1_000
"""Servers remembered for the message; a crawl meets endless paths."""
_VERSION_0_9: Final = re.compile(r"/socket\.io/1/(?:(?:websocket|xhr-polling|jsonp-polling|flashsocket|htmlfile)/[^/]+/)?$")
"""Its handshake (`/socket.io/1/?t=...`) and its transports; a path of an address ends in a slash."""


class Recogniser:
    """The `wanted` of a capture reader.

    A WebSocket without Engine.IO's query is let through: its first frame from the server tells (`Decoder`).
    """

    def __init__(self, report: Report | None = None, wanted: Filter | None = None) -> None:
        self._report = report
        self._wanted = wanted or Filter()
        self.seen: Counter[Server] = Counter()
        """Exchanges by server (host and path) that are no Socket.IO by their address."""
        self.filtered: Counter[Server] = Counter()
        """Exchanges that are, and that the filter did not want."""
        self.recognised: Counter[Server] = Counter()
        self.websockets = 0
        """WebSockets among `seen`."""
        self._named: set[str] = set()

    def __call__(self, exchange: Exchange) -> bool:
        """Whether the exchange's frames are wanted."""
        if exchange.method == "OPTIONS":  # a CORS preflight has the request's address and none of its content
            return False
        address = address_of(exchange.url)
        if not address.is_engineio:
            if _VERSION_0_9.search(address.server.path):
                self._name("socketio-0.9", "traffic of Socket.IO 0.9, which is not decoded", exchange)
                self._count(self.seen, address.server)
                return False
            self._count(self.seen, address.server)
            is_socket = exchange.transport is Transport.WEBSOCKET
            self.websockets += is_socket
            return is_socket and self._wanted.wants_server(address.server)
        if not self._wanted.wants_server(address.server):
            self._count(self.filtered, address.server)
            return False
        self._count(self.recognised, address.server)
        if ("transport", "webtransport") in address.query:
            self._name("webtransport", "a session over WebTransport, whose packets no capture has", exchange)
        return True

    def merge(self, later: Recogniser) -> set[str]:
        """Take in what another met later; the codes of what both have told of."""
        for own, more in ((self.seen, later.seen), (self.filtered, later.filtered), (self.recognised, later.recognised)):
            for server, count in more.items():
                self._count(own, server, count)
        self.websockets += later.websockets
        repeated = self._named & later._named
        self._named |= later._named
        return repeated

    def _name(self, code: str, message: str, exchange: Exchange) -> None:
        """Tell of traffic that is known and not decoded, once."""
        if self._report is not None and code not in self._named:
            self._report(Diagnostic(code, message, exchange.origin))
        self._named.add(code)

    @staticmethod
    def _count(counter: Counter[Server], server: Server, count: int = 1) -> None:
        if server in counter or len(counter) < _MAX_KINDS:
            counter[server] += count
