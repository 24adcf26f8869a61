"""Who may talk to the mock: pages and programs of this machine, unless told otherwise.

Any web page can send requests to loopback, and a name of an attacker's may resolve to it: so Host must name this
machine, and Origin, where a browser sends one, a page of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

class Guard(msgspec.Struct, frozen=True):
    """Names by which the mock may be addressed, and origins whose pages may."""

    hosts: frozenset[str] | None = LOOPBACK
    """None for a mock that others may reach: it cannot know by which names."""
    origins: frozenset[str] = frozenset()
    """Beside those of `hosts`, on any port: a front-end's development server has its own."""

    def allows_host(self, host: str | None) -> bool:
        """Whether a Host header names this machine."""
        return self.hosts is None or (host is not None and _name(f"//{host}") in self.hosts)

    def allows_origin(self, origin: str | None, _: dict[str, Any] | None = None) -> bool:
        """Whether a page of that origin may talk; a program sends none."""
        return origin is None or origin in self.origins or "*" in self.origins or _name(origin) in (self.hosts or LOOPBACK)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
        """Refuse what is addressed to another name, or comes from another's page."""
        if not self.allows_host(request.headers.get("Host")):
            raise web.HTTPForbidden(text="this server is this machine's only: see --bind\n")
        if not self.allows_origin(request.headers.get("Origin")):
            raise web.HTTPForbidden(text="pages of this origin may not: see --allow-origin\n")
        return await handler(request)


def _name(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
