"""Logs of the DevTools protocol: its `Network` events, one a line, or in arrays; bare, or as ChromeDriver's performance log.

Source: the protocol's definition of the `Network` domain, and ChromeDriver's of its performance log. Bodies of responses are in no event, so that polling gives
what the client sent only; times are of a monotonic clock, which the events that also have `wallTime` set right.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from infer.captures.elements import DECODE_ERRORS, Elements
from infer.captures.exchanges import BINARY, DATA, from_base64
from infer.captures.moments import moment
from infer.captures.scan import Cursor, Malformed, ScanError
from infer.captures.sniff import BOM
from infer.captures.source import Source, buffered
from infer.captures.valid import valid
from infer.errors import CaptureError
from infer.model import Diagnostic, Direction, Exchange, Frame, Origin, Report, Transport, Wanted

MAX_LINE: Final = 256 << 20
"""Bytes of a line: Chromium itself gives up on messages of 100 MB."""
_OPEN_REQUESTS: Final = 10_000
"""Requests remembered until their answer comes; a log may begin or end anywhere."""
_OK: Final = 200
_ARRAY: Final = b"["
_LAYERS: Final = 2
"""Objects around an event: `message` of ChromeDriver, in `message` of Selenium."""


class _Header(msgspec.Struct, gc=False):
    url: str = ""
    method: str = "GET"
    headers: dict[str, str] = {}
    postData: str | None = None  # noqa: N815 (the protocol's names, here and below)
    hasPostData: bool = False  # noqa: N815
    postDataEntries: list[dict[str, str]] = []  # noqa: N815


class _Answer(msgspec.Struct, gc=False):
    status: int | None = None
    headers: dict[str, str] = {}
    opcode: int = 1
    payloadData: str | None = None  # noqa: N815


class _Params(msgspec.Struct, gc=False):
    requestId: str = ""  # noqa: N815
    url: str = ""
    timestamp: float | None = None
    wallTime: float | None = None  # noqa: N815
    request: _Header | None = None
    response: _Answer | None = None


class Event(msgspec.Struct, gc=False):
    """One event; only those of `Network` have the fields wanted."""

    method: str = ""
    params: msgspec.Raw = msgspec.Raw(b"{}")
    message: msgspec.Raw = msgspec.Raw(b"null")
    """The event itself, or its text, in an entry of a performance log."""
    id: object = None
    """Of a command that this answers."""


_EVENT: Final = msgspec.json.Decoder(Event)
_TEXT: Final = msgspec.json.Decoder(str)
_EVENTS: Final = msgspec.json.Decoder(list[Event])
_PARAMS: Final = msgspec.json.Decoder(_Params, strict=False)


class _Open:
    """A request, or a WebSocket, under way."""

    __slots__ = ("entry", "frames", "of", "request", "started", "status", "url", "wanted")

    def __init__(self, entry: int, url: str) -> None:
        self.entry = entry
        self.url = url
        self.request: _Header | None = None
        self.started: float | None = None
        self.status: int | None = None
        self.frames = 0
        self.of: Exchange | None = None
        self.wanted = False


class Log:
    """The events of one log."""

    def __init__(self, name: str, wanted: Wanted, report: Report) -> None:
        self._name = name
        self._wanted = wanted
        self._report = report
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._entries = 0
        self._clock: float | None = None
        """Seconds to add to a monotonic time."""
        self.events = 0
        """Events taken in, of any domain."""
        self._bodies_missing = False

    def frames(self, events: Iterable[Event]) -> Iterator[Frame]:
        """The frames that further events tell of."""
        handlers = self._HANDLERS
        for given in events:
            event = given if given.method else _unwrapped(given)
            if event is None:
                self.damaged()
                continue
            self.events += 1
            handler = handlers.get(event.method)
            if handler is None:
                continue
            try:
                params = _PARAMS.decode(event.params)
            except DECODE_ERRORS:
                self.damaged()
                continue
            if params.wallTime is not None and params.timestamp is not None:
                self._clock = params.wallTime - params.timestamp
            frame = handler(self, params)
            if frame is not None:
                yield frame

    def damaged(self) -> None:
        """Tell of an event that cannot be taken."""
        self._report(
            Diagnostic("devtools-event-damaged", "an event is not of the protocol's form", Origin(self._name, self._entries))
        )

    def _begin(self, params: _Params, url: str) -> _Open:
        made = _Open(self._entries, url)
        self._entries += 1
        self._open[params.requestId] = made
        if len(self._open) > _OPEN_REQUESTS:
            self._open.popitem(last=False)
        return made

    def _time(self, params: _Params) -> float | None:
        if params.wallTime is not None:
            return moment(params.wallTime)
        return None if self._clock is None or params.timestamp is None else moment(params.timestamp + self._clock)

    # --- WebSockets

    def _created(self, params: _Params) -> None:
        self._begin(params, params.url)

    def _asked(self, params: _Params) -> None:
        socket = self._open.get(params.requestId)
        if socket is not None:
            socket.request, socket.started = params.request, self._time(params)

    def _switched(self, params: _Params) -> None:
        socket = self._open.get(params.requestId)
        if socket is not None and params.response is not None:
            socket.status = params.response.status

    def _sent(self, params: _Params) -> Frame | None:
        return self._message(params, Direction.C2S)

    def _received(self, params: _Params) -> Frame | None:
        return self._message(params, Direction.S2C)

    def _message(self, params: _Params, direction: Direction) -> Frame | None:
        socket = self._open.get(params.requestId)
        if socket is None:
            self._report(
                Diagnostic(
                    "websocket-unopened",
                    "a WebSocket's messages without its begin, so that its address is unknown: start the log first",
                    Origin(self._name, self._entries),
                )
            )
            self._begin(params, "")
            return None
        if socket.of is None:
            if not socket.url:
                return None
            socket.of = self._exchange(socket, Transport.WEBSOCKET)
            socket.wanted = self._wanted(socket.of)
        number = socket.frames
        socket.frames += 1
        message = params.response
        if not socket.wanted or message is None or message.payloadData is None or message.opcode not in DATA:
            return None
        data: str | bytes = message.payloadData
        if message.opcode == BINARY:
            try:
                data = from_base64(message.payloadData)
            except ValueError:
                self._report(
                    Diagnostic("base64-invalid", "a binary WebSocket message is not base64", socket.of.origin.message(number))
                )
                return None
        return Frame(socket.of, direction, self._time(params), data, number)

    # --- HTTP

    def _requested(self, params: _Params) -> None:
        if params.request is not None:
            made = self._begin(params, params.request.url)
            made.request, made.started = params.request, self._time(params)

    def _responded(self, params: _Params) -> Frame | None:
        made = self._open.get(params.requestId)
        if made is None or made.request is None or made.of is not None or params.response is None:
            return None
        made.status = params.response.status
        made.of = self._exchange(made, Transport.POLLING)
        made.wanted = self._wanted(made.of)
        if not made.wanted:
            return None
        if not self._bodies_missing and made.status == _OK and made.of.method == "GET":
            self._bodies_missing = True
            self._report(
                Diagnostic(
                    "response-body-missing",
                    "a DevTools log has no bodies of responses: long-polling shows what the client sends only; record a HAR",
                    made.of.origin,
                )
            )
        data = self._posted(made.request, made.of)
        return Frame(made.of, Direction.C2S, made.started, data) if data else None

    def _posted(self, request: _Header, of: Exchange) -> bytes | None:
        try:
            if request.postDataEntries:
                return b"".join(b64decode(entry.get("bytes", "")) for entry in request.postDataEntries)
        except ValueError:
            self._report(Diagnostic("base64-invalid", "a request's body is not base64", of.origin))
            return None
        if request.postData is not None:
            return request.postData.encode("utf-8", "replace")
        if request.hasPostData:
            self._report(Diagnostic("request-body-missing", "a POST without its body", of.origin))
        return None

    def _ended(self, params: _Params) -> None:
        self._open.pop(params.requestId, None)

    def _exchange(self, made: _Open, transport: Transport) -> Exchange:
        request = made.request or _Header()
        return Exchange(
            url=valid(made.url),
            method=valid(request.method.upper()),
            request_headers=tuple((valid(name.lower()), valid(value)) for name, value in request.headers.items()),
            response_headers=(),
            status=made.status,
            transport=transport,
            started=made.started,
            origin=Origin(self._name, made.entry),
        )

    _HANDLERS: Final = {
        "Network.webSocketCreated": _created,
        "Network.webSocketWillSendHandshakeRequest": _asked,
        "Network.webSocketHandshakeResponseReceived": _switched,
        "Network.webSocketFrameSent": _sent,
        "Network.webSocketFrameReceived": _received,
        "Network.webSocketClosed": _ended,
        "Network.requestWillBeSent": _requested,
        "Network.responseReceived": _responded,
        "Network.loadingFailed": _ended,
        "Network.loadingFinished": _ended,
    }


def frames(source: Source, *, wanted: Wanted, report: Report) -> Iterator[Frame]:
    """All frames of a log. Errors: `CaptureError` where no event can be read."""
    log = Log(source.name, wanted, report)
    if source.head.removeprefix(BOM).lstrip().startswith(_ARRAY):
        yield from _of_arrays(source, log, report)
    else:
        for event in _of_lines(source, log):
            yield from log.frames((event,))
    if not log.events:
        raise CaptureError("no event of this log can be read", source.name, "each line of it, or element of an array, must be one")


def _unwrapped(event: Event) -> Event | None:
    """The event in an entry of a performance log, or what answers a command; None where it is neither."""
    try:
        for _ in range(_LAYERS):
            if event.method or event.id is not None:
                return event
            raw = event.message
            event = _EVENT.decode(_TEXT.decode(raw) if bytes(raw).startswith(b'"') else raw)
    except DECODE_ERRORS:
        return None
    return event if event.method else None


def _of_lines(source: Source, log: Log) -> Iterator[Event]:
    file = buffered(source.read)
    first = True
    while line := file.readline(MAX_LINE):
        text = line.strip()
        if first:
            text, first = text.removeprefix(BOM), False
        if not text:
            continue
        try:
            yield _EVENT.decode(text)
        except DECODE_ERRORS:
            try:
                yield msgspec.convert(json.loads(text), Event)
            except (ValueError, TypeError, RecursionError):
                log.damaged()


def _of_arrays(source: Source, log: Log, report: Report) -> Iterator[Frame]:
    cursor = Cursor(source.read)

    def odd(_element: bytes, _number: int) -> list[Event]:
        log.damaged()
        return []

    def tell(code: str, what: str) -> None:
        report(Diagnostic(code, what, Origin(source.name)))

    try:
        while cursor.next_document():
            if not cursor.window.startswith(_ARRAY, cursor.pos):
                tell("capture-trailing", f"what stands at byte {cursor.offset}, behind the log, is none: it is not read")
                break
            for batch in Elements(cursor, _EVENTS, odd):
                yield from log.frames(batch)
    except Malformed as error:
        tell("devtools-event-damaged", f"the log is damaged at byte {error.offset}: what follows is not read")
    except ScanError as error:
        tell("capture-truncated", f"the log ends early at byte {error.offset}")
