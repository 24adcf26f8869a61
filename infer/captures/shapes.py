"""The parts of a HAR that matter, as typed structs: the decoder reads these fields and steps over all others.

Whatever may be large, or is needed only for a wanted exchange, stays undecoded (`Raw`) at first.
Source: the HAR 1.2 specification, and for `_webSocketMessages`, `_resourceType` and `_file` what Chrome DevTools,
Playwright, mitmproxy and HTTP Toolkit write.
"""

from __future__ import annotations

import json
from typing import Final, TypeVar

import msgspec

from infer.captures.elements import DECODE_ERRORS

T = TypeVar("T")

NOTHING: Final = msgspec.Raw(b"null")


class Damaged(Exception):
    """Bytes are JSON but not of the shape that stands here."""


class Header(msgspec.Struct, gc=False):
    """A header or a form field."""

    name: str
    value: str | None = ""


Headers = list[Header | tuple[str, str | None]]
"""As the specification says, or as pairs, as Slack's export has them."""


class PostData(msgspec.Struct):
    """A request's body."""

    text: str | None = None
    params: Headers | None = None
    mimeType: str | None = ""  # noqa: N815 (the format's name)
    encoding: str | None = None
    file: str | None = msgspec.field(name="_file", default=None)


class Content(msgspec.Struct):
    """A response's body."""

    text: str | None = None
    mimeType: str | None = ""  # noqa: N815
    encoding: str | None = None
    size: float | None = None
    file: str | None = msgspec.field(name="_file", default=None)


class Request(msgspec.Struct):
    """What was asked."""

    url: str
    method: str = "GET"
    headers: Headers | None = None
    bodySize: float | None = None  # noqa: N815
    post: msgspec.Raw = msgspec.field(name="postData", default=NOTHING)
    undecodable: msgspec.Raw = msgspec.field(name="_content", default=NOTHING)
    """HTTP Toolkit puts a body here that is no text."""


class Response(msgspec.Struct):
    """What was answered."""

    status: int | None = None
    headers: Headers | None = None
    content: msgspec.Raw = NOTHING


class Entry(msgspec.Struct):
    """One HTTP exchange."""

    request: Request
    response: Response | None = None
    messages: msgspec.Raw | None = msgspec.field(name="_webSocketMessages", default=None)
    started: str | float | None = msgspec.field(name="startedDateTime", default=None)
    time: float | None = None
    kind: str | None = msgspec.field(name="_resourceType", default=None)


class Timeless(msgspec.Struct, gc=False):
    """What must be known of a WebSocket message."""

    type: str
    data: str
    opcode: int = 1


class Message(Timeless, gc=False):
    """One WebSocket message."""

    time: float | str | None = None


class Conversation(Entry):
    """An entry whose messages, if it has any, are all of the usual shape."""

    messages: list[Message | None] | None = msgspec.field(name="_webSocketMessages", default=None)  # type: ignore[assignment]


class Skipped(msgspec.Struct, gc=False):
    """An object of which no field is wanted."""


class Named(msgspec.Struct):
    """The program that wrote the file."""

    name: str | None = ""
    version: str | None = ""


ENTRY: Final[msgspec.json.Decoder[Entry]] = msgspec.json.Decoder(Entry)
CONTENT: Final[msgspec.json.Decoder[Content | None]] = msgspec.json.Decoder(Content | None)
POST_DATA: Final[msgspec.json.Decoder[PostData | None]] = msgspec.json.Decoder(PostData | None)
MESSAGE: Final[msgspec.json.Decoder[Message]] = msgspec.json.Decoder(Message)
TIMELESS: Final[msgspec.json.Decoder[Timeless]] = msgspec.json.Decoder(Timeless)
NAMED: Final[msgspec.json.Decoder[Named]] = msgspec.json.Decoder(Named)


def decoded(raw: bytes | msgspec.Raw, decoder: msgspec.json.Decoder[T]) -> T:
    """What the decoder makes of it; with U+FFFD for bytes that are no UTF-8, and lone surrogates as they are.

    Errors: `Damaged`.
    """
    try:
        return decoder.decode(raw)
    except DECODE_ERRORS:
        pass
    try:
        text = bytes(raw).decode("utf-8", "replace")
        try:
            return msgspec.json.decode(text, type=decoder.type, strict=False)
        except DECODE_ERRORS:
            return msgspec.convert(json.loads(text), decoder.type, strict=False)
    except (ValueError, TypeError, RecursionError) as error:
        raise Damaged from error
