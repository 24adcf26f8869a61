"""The page on loopback, made anew when a file that it is made of has changed.

Browsers let any web page send requests to loopback, and a name that an attacker owns may resolve to it: so a request
is answered only where its Host is ours, and its Origin, if it has one, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import blake2b
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec

from infer.errors import SioInferError, UsageError

HOST: Final = "127.0.0.1"


def serve(
    make: Callable[[str], str],
    watched: Callable[[], Sequence[str]],
    port: int,
    ready: Callable[[str], None],
    kept: Callable[[SioInferError], None],
) -> None:
    """Serve what `make` gives for a version, until interrupted. Errors: `UsageError`.

    `watched` gives the files that the page is made of, as far as is known: making it may show that there are more.
    `ready` is told the address; `kept` why a page is served that is older than the files, once for each reason.
    """
    pages = Pages(make, watched, kept)
    try:
        server = ThreadingHTTPServer((HOST, port), _handler(pages))
    except OSError as error:
        raise UsageError(f"port {port} cannot be listened on: {error.strerror or error}", hint="choose another --port") from error
    with server, suppress(KeyboardInterrupt):  # the way it is ended
        ready(f"http://{HOST}:{server.server_port}/")
        server.serve_forever(poll_interval=0.2)


class Page(msgspec.Struct, frozen=True):
    """A page as it is sent."""

    version: str
    content: bytes


class Pages:
    """The newest page, tried once a version; where a version cannot be made, the last one that could."""

    def __init__(self, make: Callable[[str], str], watched: Callable[[], Sequence[str]], kept: Callable[[SioInferError], None]) -> None:
        self._make = make
        self._watched = watched
        self._kept = kept
        self._lock = Lock()
        self._tried = self._version()
        self._told: str | None = None
        self._page = self._made()  # an error in the files ends the program rather than a request

    def newest(self) -> Page:
        """The page of the files as they are now, or of when they were last right."""
        with self._lock:
            version = self._version()
            if self._tried != version:
                self._tried = version
                try:
                    self._page = self._made()
                    self._told = None
                except SioInferError as error:
                    if self._told != str(error):
                        self._told = str(error)
                        self._kept(error)
            return self._page

    def _made(self) -> Page:
        """The page. Where making it showed that it is of other files, it is made again, as the version that these are."""
        while True:
            files = set(self._watched())
            page = Page(self._tried, self._make(self._tried).encode())
            if files == set(self._watched()):
                return page
            self._tried = self._version()

    def _version(self) -> str:
        """A digest of the files' sizes and times of change."""
        digest = blake2b(digest_size=8)
        for name in self._watched():
            try:
                seen = Path(name).stat()
                digest.update(f"{name} {seen.st_size} {seen.st_mtime_ns}\n".encode())
            except OSError:
                digest.update(f"{name} absent\n".encode())
        return digest.hexdigest()


def _handler(pages: Pages) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """`/` is the page, `/version` the version of what `/` would be."""

        server: ThreadingHTTPServer
        server_version = "sio-infer"
        sys_version = ""

        def do_GET(self) -> None:
            if not self._is_ours():
                self._answer(HTTPStatus.FORBIDDEN, b"this page is served to this machine only\n", "text/plain")
            elif self.path == "/":
                self._answer(HTTPStatus.OK, pages.newest().content, "text/html")
            elif self.path == "/version":
                self._answer(HTTPStatus.OK, pages.newest().version.encode(), "text/plain")
            elif self.path == "/favicon.ico":
                self._answer(HTTPStatus.NO_CONTENT, b"", "text/plain")
            else:
                self._answer(HTTPStatus.NOT_FOUND, b"nothing is here\n", "text/plain")

        def _is_ours(self) -> bool:
            hosts = {f"{name}:{self.server.server_port}" for name in (HOST, "localhost")}
            origin = self.headers.get("Origin")
            return self.headers.get("Host", "") in hosts and (origin is None or origin.removeprefix("http://") in hosts)

        def _answer(self, status: HTTPStatus, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Cross-Origin-Resource-Policy", "same-origin")
            self.send_header("X-Frame-Options", "DENY")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as above)
            """Say nothing: requests are the page's own."""

    return Handler
