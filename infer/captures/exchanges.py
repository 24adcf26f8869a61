"""From an entry of a HAR to an exchange and its frames: bodies to bytes, times to seconds, messages to frames."""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Final
from urllib.parse import urlencode

import msgspec

from infer.captures.moments import moment, seconds, started
from infer.captures.shapes import (
    CONTENT,
    MESSAGE,
    NOTHING,
    POST_DATA,
    TIMELESS,
    Content,
    Damaged,
    Entry,
    Headers,
    Message,
    Request,
    decoded,
)
from infer.captures.valid import valid
from infer.model import Diagnostic, Direction, Exchange, Frame, Origin, Report, Transport

TEXT, BINARY = 1, 2
"""Opcodes of RFC 6455, section 5.2."""
DATA: Final = (TEXT, BINARY)
_DIRECTIONS: Final = {"send": Direction.C2S, "receive": Direction.S2C}
_NAME: Final = itemgetter(0)
_SWITCHING: Final = 101
_OK: Final = 200
_REDIRECTED: Final = 300
"""From here on a status says that nothing was opened; over HTTP/2 it is 200 where a WebSocket was (RFC 8441)."""
_RECORD: Final = "record with Chrome or Edge DevTools, Playwright (without content: 'omit') or mitmproxy, which keep them"

Attached = Callable[[str], bytes | None]
"""The content of a file that lies beside the HAR, by its name; None where there is none."""


def pairs(headers: Headers | None) -> tuple[tuple[str, str], ...]:
    """Headers as an exchange has them."""
    return tuple([_pair(*header) if isinstance(header, tuple) else _pair(header.name, header.value) for header in headers or ()])


@lru_cache(maxsize=1024)
def _pair(name: str, value: str | None) -> tuple[str, str]:
    """Most exchanges of a capture have most headers in common: each pair is held once."""
    return valid(name.lower()), valid(value or "")


def exchange(entry: Entry, origin: Origin) -> Exchange:
    """The exchange that the entry is."""
    request, response = entry.request, entry.response
    status = response.status if response else None
    request_headers = pairs(request.headers)
    upgraded = (
        entry.messages is not None
        or entry.kind == "websocket"
        or status == _SWITCHING
        or request.url[:3].lower() in ("ws:", "wss")
        or ("upgrade" in map(_NAME, request_headers) and any(name == "upgrade" and value.lower() == "websocket" for name, value in request_headers))
    )
    return Exchange(
        url=valid(request.url),
        method=request.method.upper(),
        request_headers=request_headers,
        response_headers=pairs(response.headers if response else None),
        status=status if status and status > 0 else None,
        transport=Transport.WEBSOCKET if upgraded else Transport.POLLING,
        started=started(entry.started),
        origin=origin,
    )


class Bodies:
    """The bodies of HTTP exchanges, as they were on the wire but for content encodings.

    `creator` is the program that wrote the HAR; `attached` finds what it put into files of their own.
    """

    def __init__(self, creator: str, attached: Attached, report: Report) -> None:
        self._mitmproxy = creator.lower() == "mitmproxy"
        self._attached = attached
        self._report = report

    def frames(self, entry: Entry, content: bytes | msgspec.Raw, of: Exchange) -> Iterator[Frame]:
        """The request's body and the response's, where there are any."""
        try:
            sent = self._sent(entry.request)
        except (Damaged, ValueError) as error:
            sent = self._damaged(error, of)
        if sent:
            yield Frame(of, Direction.C2S, of.started, sent)
        elif sent is None and of.method == "POST" and entry.request.bodySize != 0:
            self._tell("request-body-missing", "a POST without its body: Chromium leaves out binary ones, "
                       "mitmproxy keeps them", of)  # fmt: skip
        try:
            answered = self._answered(decoded(content, CONTENT))
        except (Damaged, ValueError) as error:
            answered = self._damaged(error, of)
        took = entry.time / 1000 if entry.time and entry.time > 0 else 0.0
        if answered:
            yield Frame(of, Direction.S2C, None if of.started is None else moment(of.started + took), answered)
        elif answered is None and of.status == _OK:
            self._tell("response-body-missing", "a response without its body: keep DevTools open on the "
                       "Network tab while recording, and export with content", of)  # fmt: skip

    def _damaged(self, error: Exception, of: Exchange) -> bytes:
        """Tell of a body that is, and have nothing in its place."""
        if isinstance(error, Damaged):
            self._tell("body-damaged", "a body is not in the form that a HAR has for it", of)
        else:
            self._tell("base64-invalid", "a body said to be base64 is not", of)
        return b""

    def _sent(self, request: Request) -> bytes | None:
        if request.post is NOTHING and request.undecodable is NOTHING:
            return None
        post = decoded(request.post, POST_DATA)
        aside = decoded(request.undecodable, POST_DATA) if post is None or not post.text else None
        if aside is not None and aside.text:
            return b64decode(aside.text, validate=True)
        if post is None:
            return None
        if post.file:
            return self._attached(post.file)
        if post.text is not None:
            return self._bytes(post.text, post.encoding, post.mimeType or "")
        if post.params:
            return urlencode(pairs_as_sent(post.params), errors="replace").encode()
        return None

    def _answered(self, content: Content | None) -> bytes | None:
        if content is None:
            return None
        if content.file:
            return self._attached(content.file)
        if content.text is None:
            return b"" if not content.size or content.size < 0 else None
        return self._bytes(content.text, content.encoding, content.mimeType or "")

    def _bytes(self, text: str, encoding: str | None, mime: str) -> bytes:
        if encoding == "base64":
            return b64decode(text, validate=True)
        if self._mitmproxy and not text.isascii() and "charset" not in mime.lower():
            return _unread_as_latin1(text, mime.lower())
        try:
            return text.encode("utf-8", "surrogateescape")  # so mitmproxy 12 keeps bytes that are no UTF-8
        except UnicodeEncodeError:
            return text.encode("utf-8", "replace")

    def _tell(self, code: str, message: str, of: Exchange) -> None:
        self._report(Diagnostic(code, message, of.origin))


def pairs_as_sent(headers: Headers) -> list[tuple[str, str]]:
    """Form fields, their names as they are."""
    return [
        (field[0], field[1] or "") if isinstance(field, tuple) else (field.name, field.value or "")
        for field in headers
    ]


def _unread_as_latin1(text: str, mime: str) -> bytes:
    """The bytes of a body without charset, which mitmproxy up to 11 reads as Latin-1, later ones as UTF-8."""
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        if not (not mime or mime.startswith(("text/plain", "application/octet-stream"))):
            return text.encode("utf-8")
    return data


class Messages:
    """The WebSocket messages of one exchange, as frames; what is left out is told of by `close`."""

    def __init__(self, of: Exchange, report: Report) -> None:
        self._exchange = of
        self._report = report
        self._skipped: Counter[int] = Counter()
        self._undirected = 0
        self._number = 0

    def frames(self, batch: Sequence[Message | None]) -> list[Frame]:
        """Those of further messages; None stands for one that is damaged, which was told of."""
        made: list[Frame] = []
        of = self._exchange
        first = self._number
        self._number += len(batch)
        for number, message in enumerate(batch, first):
            if message is None:
                continue
            direction = _DIRECTIONS.get(message.type)
            data: str | bytes = message.data
            opcode = message.opcode
            if direction is None or opcode not in DATA:
                if opcode in DATA:
                    self._undirected += 1
                else:
                    self._skipped[opcode] += 1
                continue
            if opcode == BINARY:
                try:
                    data = from_base64(message.data)
                except ValueError:
                    self._report(Diagnostic("base64-invalid", "a binary WebSocket message is not base64", of.origin.message(number)))
                    continue
            made.append(Frame(of, direction, seconds(message.time), data, number))
        return made

    def damaged(self, element: bytes, number: int) -> list[Message | None]:
        """A message that is not of the usual shape: taken leniently, else told of."""
        try:
            return [decoded(element, MESSAGE)]
        except Damaged:
            pass
        try:
            message = decoded(element, TIMELESS)
            return [Message(message.type, message.data, message.opcode)]
        except Damaged:
            self._report(Diagnostic("har-message-damaged", "a WebSocket message without type or data", self._exchange.origin.message(number)))
            return [None]

    def close(self) -> None:
        """Tell of what was left out."""
        if self._skipped:
            opcodes = ", ".join(map(str, sorted(self._skipped)))
            self._report(
                Diagnostic(
                    "websocket-messages-skipped",
                    f"{self._skipped.total()} messages are neither text nor binary (opcodes {opcodes})",
                    self._exchange.origin,
                )
            )
        if self._undirected:
            self._report(
                Diagnostic(
                    "websocket-messages-undirected",
                    f"{self._undirected} messages are of a type that is neither send nor receive: who sent them is unknown",
                    self._exchange.origin,
                )
            )


def from_base64(text: str) -> bytes:
    """The bytes of a binary message. Errors: `ValueError`."""
    try:
        return msgspec.convert(text, bytes)  # twice as fast as the standard library
    except msgspec.ValidationError:
        return b64decode(text, validate=True)  # which takes more padding than is needed


def missing(entry: Entry, of: Exchange, report: Report) -> None:
    """Tell of a WebSocket without messages: of a recorder that keeps none, or of a connection that failed or was refused."""
    status = entry.response.status if entry.response else None
    if status is not None and (status < 0 or status >= _REDIRECTED):
        report(Diagnostic("websocket-failed", f"the WebSocket was not opened (status {status})", of.origin))
    else:
        report(
            Diagnostic(
                "websocket-messages-missing", f"the WebSocket was recorded without its messages: {_RECORD}", of.origin
            )
        )
