"""The states of flows as mitmproxy writes them today, read without mitmproxy's own classes, whose import costs 0.1 s.

The law: `usual` gives what looks, to `infer.captures.flows`, as mitmproxy's own flow of that state does; of any state that is
not just as expected (of an older version, of another protocol, damaged) it gives None, and mitmproxy itself has to say.

Source: `mitmproxy.http` and `mitmproxy.io.tnetstring`, as of mitmproxy 11; the parsing of addresses and the
decoding of bodies are mitmproxy's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

import msgspec

VERSION: Final = 21
"""Of the format, in mitmproxy 11."""
_HTTP_2: Final = (b"HTTP/2.0", b"HTTP/3")
_MOST_DIGITS: Final = 12
_AUTHORITY_IN_FRONT: Final = "CONNECT"
_OF_NONE: Final = b"*"
"""The path where none is asked for, of which versions of mitmproxy make different addresses."""

Fields = tuple[tuple[bytes, bytes], ...]


class Headers:
    """Headers by name, whatever its case."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Fields) -> None:
        self._fields = [(_text(name), _text(value)) for name, value in fields]

    def get(self, name: str, default: str = "") -> str:
        """The values of that name, joined as RFC 9110, section 5.3, allows."""
        found = [value for own, value in self._fields if own.lower() == name]
        return ", ".join(found) if found else default

    def items(self, *, multi: Literal[True]) -> list[tuple[str, str]]:
        """All, in the order sent."""
        del multi
        return self._fields


class _Message(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    http_version: bytes
    fields: Fields = msgspec.field(name="headers")
    content: bytes | None
    trailers: Fields | None
    timestamp_start: float
    timestamp_end: float | None

    @property
    def headers(self) -> Headers:
        """Of the message."""
        return Headers(self.fields)

    def get_content(self, *, strict: Literal[False]) -> bytes | None:
        """The body without its content encoding; as it is where that is damaged."""
        del strict
        content, coding = self.content, self.headers.get("content-encoding")
        if content is None or not coding:
            return content
        from mitmproxy.net import encoding  # noqa: PLC0415 (it brings every decompressor there is)

        try:
            plain = encoding.decode(content, coding)
        except ValueError:
            return content
        return content if isinstance(plain, str) else plain  # a charset is no coding


class Request(_Message, kw_only=True):
    """What was asked."""

    host: str
    port: int
    method_as_sent: bytes = msgspec.field(name="method")
    scheme: bytes
    authority: bytes
    path: bytes

    @property
    def method(self) -> str:
        """In upper case."""
        return _text(self.method_as_sent).upper()

    @property
    def pretty_url(self) -> str:
        """The address as the client knew it: with the host that it named, not the one that it was led to."""
        from mitmproxy.net.http import url  # noqa: PLC0415 (beside its user)

        authority = _host(self.authority)
        if self.method == _AUTHORITY_IN_FRONT:
            return authority
        named = (authority if self.http_version in _HTTP_2 else "") or self.headers.get("host")
        scheme, host, port = _text(self.scheme), self.host, self.port
        if named:
            host, given = url.parse_authority(named, check=False)
            port = given or url.default_port(scheme) or 443
        return url.unparse(scheme, host, port, _text(self.path))


class Response(_Message, kw_only=True):
    """What was answered."""

    status_code: int
    reason: bytes


class WebSocketMessage(msgspec.Struct, array_like=True):
    """A message of a WebSocket."""

    type: Literal[0, 1, 2, 8, 9, 10]
    """Opcode."""
    from_client: bool
    content: bytes
    timestamp: float
    dropped: bool
    injected: bool


class WebSocket(msgspec.Struct):
    """What was said on it."""

    messages: list[WebSocketMessage]


class HTTPFlow(msgspec.Struct):
    """One exchange."""

    version: Literal[21]
    type: Literal["http"]
    request: Request
    response: Response | None
    websocket: WebSocket | None


def usual(state: object) -> HTTPFlow | None:
    """See the module."""
    try:
        flow = msgspec.convert(state, HTTPFlow, builtin_types=(bytes,))
    except (msgspec.ValidationError, RecursionError):
        return None
    return None if flow.request.path == _OF_NONE else flow


def message(state: object) -> WebSocketMessage:
    """A WebSocket's message by itself. Errors: `ValueError`."""
    return msgspec.convert(state, WebSocketMessage, builtin_types=(bytes,))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _host(authority: bytes) -> str:
    if not authority:
        return ""  # the usual one, for which the tables of IDNA need not be loaded
    try:
        return authority.decode("idna")
    except UnicodeError:
        return _text(authority)


# --- tnetstrings


def parse(data: bytes) -> Any:
    """The value of a tnetstring that stands behind its length: `data` ends with the tag. Errors: `ValueError`."""
    return _value(data, 0, len(data) - 1)


def parse_usual(data: bytes) -> dict[str, Any]:
    """The same of a flow's state, without what `usual` does not look at: most of it is about connections. Errors: `ValueError`."""
    found: dict[str, Any] = {}
    start, end = 0, len(data) - 1
    if data[end] != _DICTIONARY:
        raise ValueError(data[end])
    while start < end:
        begin, stop = _span(data, start, end)
        key = _value(data, begin, stop)
        begin, stop = _span(data, stop + 1, end)
        if key in HTTPFlow.__struct_fields__:
            found[key] = _value(data, begin, stop)
        start = stop + 1
    return found


def _span(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the value begins and ends whose length stands at `start`, in a value that ends at `end`."""
    colon = data.find(b":", start, start + _MOST_DIGITS + 1)
    digits = data[start:colon] if colon > 0 else b""
    if not digits.isdigit():
        raise ValueError(start)
    stop = colon + 1 + int(digits)
    if stop >= end:
        raise ValueError(start)
    return colon + 1, stop


def _value(data: bytes, start: int, end: int) -> Any:
    """The value of the bytes between, whose tag stands at `end`."""
    tag = data[end]
    simple = _SIMPLE.get(tag)
    if simple is not None:
        return simple(data[start:end])
    if tag not in b"]}":
        raise ValueError(tag)
    items = []
    while start < end:
        begin, stop = _span(data, start, end)
        items.append(_value(data, begin, stop))
        start = stop + 1
    return items if tag == _LIST else dict(zip(items[::2], items[1::2], strict=True))


def _none(data: bytes) -> None:
    if data:
        raise ValueError(len(data))


_LIST, _DICTIONARY = b"]}"
_TRUTH: Final = {b"true": True, b"false": False}
_SIMPLE: Final[dict[int, Callable[[bytes], Any]]] = {
    ord(","): bytes, ord(";"): bytes.decode, ord("#"): int, ord("^"): float, ord("!"): _TRUTH.__getitem__, ord("~"): _none,
}  # fmt: skip
