"""mitmproxy's flows to exchanges and frames: of flow files, and (through `exchange_of` and its like) of a live proxy.

A flow is small but for the messages of its WebSocket, which may be a day's. A record of a flow file that is large, or not just as
usual, is therefore walked: its messages are put aside, the flow is made without them, and then they are read one by one.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import chain
from typing import IO, TYPE_CHECKING, Any, Final, TypeAlias

from infer.captures import flow_states
from infer.captures.moments import moment
from infer.captures.source import buffered, spool
from infer.captures.spans import Span
from infer.captures.valid import valid
from infer.errors import CaptureError
from infer.model import Diagnostic, Direction, Exchange, Frame, Origin, Report, Transport, Wanted

if TYPE_CHECKING:
    from mitmproxy import http, websocket

    HTTPFlow: TypeAlias = http.HTTPFlow | flow_states.HTTPFlow
    Headers: TypeAlias = http.Headers | flow_states.Headers
    Message: TypeAlias = http.Message | flow_states.Request | flow_states.Response
    WebSocketMessage: TypeAlias = websocket.WebSocketMessage | flow_states.WebSocketMessage

WHOLE: Final = 1 << 20
"""Bytes up to which a record is decoded at once."""
_MOST_DIGITS: Final = 12
"""Of a length, as mitmproxy reads it."""
_LISTED_MESSAGES: Final = 15
"""Flow format since which a WebSocket's messages are written as `WebSocketMessage.from_state` takes them."""
_NO_TNETSTRING: Final = (ValueError, TypeError, LookupError, RecursionError)
_COPY: Final = 256 << 10
_OF_ANOTHER_TYPE: Final = "a field of the flow is of another type than it should be"
_NO_RECORD: Final = "a record is no tnetstring"
_DICTIONARY: Final = b"}"
_SAVE_AGAIN: Final = "save it again: mitmdump -w FILE"
_TEXT: Final = 1
_DATA_OPCODES: Final = (1, 2)


class Damaged(Exception):
    """A record is no flow."""


class Ended(Exception):
    """The file ends inside a record."""


Messages: TypeAlias = "Iterator[WebSocketMessage | Damaged]"
"""Those of a WebSocket; in the place of what is none, the error."""
Readable: TypeAlias = "IO[bytes] | _Record"


# --- one flow


def exchange_of(flow: HTTPFlow, origin: Origin) -> Exchange:
    """The exchange that a flow is, as far as it has come."""
    request, response = flow.request, flow.response
    asked = flow.websocket is not None or request.headers.get("upgrade", "").lower() == "websocket"
    return Exchange(
        url=valid(request.pretty_url),
        method=valid(request.method.upper()),
        request_headers=_pairs(request.headers),
        response_headers=() if response is None else _pairs(response.headers),
        status=None if response is None else response.status_code,
        transport=Transport.WEBSOCKET if asked else Transport.POLLING,
        started=moment(request.timestamp_start),
        origin=origin,
    )


def body_frames(flow: HTTPFlow, of: Exchange, report: Report) -> Iterator[Frame]:
    """The bodies of a flow that is no WebSocket: the request's, then the response's."""
    sent = _content(flow.request)
    if sent:
        yield Frame(of, Direction.C2S, of.started, sent)
    response = flow.response
    if response is None:
        return
    answered = _content(response)
    if answered is None:
        report(
            Diagnostic(
                "response-body-missing", "a response without its body: mitmproxy's stream_large_bodies keeps none", of.origin
            )
        )
    elif answered:
        yield Frame(of, Direction.S2C, moment(response.timestamp_end or response.timestamp_start), answered)


def message_frame(message: WebSocketMessage, number: int, of: Exchange) -> Frame | None:
    """A WebSocket message; None for one that is no data or that was kept from the other side. Errors: `TypeError`."""
    if message.dropped or message.type not in _DATA_OPCODES:
        return None
    content = _bytes(message.content)
    data = content.decode("utf-8", "replace") if message.type == _TEXT else content
    return Frame(of, Direction.C2S if message.from_client else Direction.S2C, moment(message.timestamp), data, number)


def _pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple((valid(name.lower()), valid(value)) for name, value in headers.items(multi=True))


def _content(message: Message) -> bytes | None:
    """The body without its content encoding; as it is where that is damaged. Errors: `TypeError`."""
    content = message.get_content(strict=False)
    return None if content is None else _bytes(content)


def _bytes(content: object) -> bytes:
    """Content as it should be: mitmproxy takes what states of older formats have as it is."""
    if not isinstance(content, bytes):
        raise TypeError(type(content))
    return content


# --- flow files


def frames(
    read: Callable[[int], bytes], name: str, *, wanted: Wanted, report: Report, span: Span | None = None
) -> Iterator[Frame]:
    """All frames of a flow file, flow by flow. Errors: `CaptureError` where no flow can be read."""
    file = buffered(read)
    entry = 0 if span is None else span.first
    good = 0
    try:
        for flow, messages in _flows(file):
            origin = Origin(name, entry)
            entry += 1
            if isinstance(flow, Damaged):
                report(Diagnostic("flow-damaged", str(flow), origin))
                continue
            good += 1
            try:
                if flow is not None and wanted(of := exchange_of(flow, origin)):
                    yield from _of_flow(flow, messages, of, report)
            except (AttributeError, TypeError, ValueError):  # see `_bytes`: it is so with any field
                report(Diagnostic("flow-damaged", _OF_ANOTHER_TYPE, origin))
    except (Ended, Damaged) as error:
        if good or (span is not None and span.start > 0):
            code = "capture-truncated" if isinstance(error, Ended) else "flow-damaged"
            report(Diagnostic(code, f"the flow file is read up to here: {error}", Origin(name, entry)))
        else:
            raise CaptureError(str(error), name, _SAVE_AGAIN) from error
    if span is not None:
        span.entries, span.reached = entry - span.first, span.stop
    elif entry and not good:
        raise CaptureError("no flow of this file can be read", name, _SAVE_AGAIN)


def _of_flow(flow: HTTPFlow, messages: Messages, of: Exchange, report: Report) -> Iterator[Frame]:
    if flow.websocket is None:
        if of.transport is Transport.POLLING:
            yield from body_frames(flow, of, report)
        return
    skipped = 0
    for number, message in enumerate(messages):
        if isinstance(message, Damaged):
            report(Diagnostic("flow-damaged", str(message), of.origin.message(number)))
            continue
        try:
            frame = message_frame(message, number, of)
        except (AttributeError, TypeError):
            report(Diagnostic("flow-damaged", _OF_ANOTHER_TYPE, of.origin.message(number)))
            continue
        if frame is None:
            skipped += 1
        else:
            yield frame
    if skipped:
        report(Diagnostic("websocket-messages-skipped", f"{skipped} messages were dropped in the proxy", of.origin))


def _flows(file: IO[bytes]) -> Iterator[tuple[HTTPFlow | Damaged | None, Messages]]:
    """Flows with their WebSocket messages; None for one that is not HTTP, the error for one that is damaged.

    Errors: `Ended`, and `Damaged` where the next record cannot be found.
    """
    while (length := _length(file, first=True)) is not None:
        source = file
        if length <= WHOLE:
            data = _exactly(file, length + 1)
            flow = _usual(data)
            if flow is not None:
                yield flow, iter(flow.websocket.messages if flow.websocket is not None else ())
                continue
            source = io.BytesIO(data)
        record = _Record(source, length)
        with spool() as tape:
            try:
                flow = _made(_walked(record, length, tape))
            except Damaged as error:
                record.leave()
                yield error, iter(())
                continue
            tape.seek(0)
            kept = flow.websocket.messages if flow is not None and flow.websocket is not None else ()
            yield flow, chain(kept, _listed(tape))


class _Record:
    """The bytes of one record, with its tag and without its length: whatever lengths stand in it lead to no others."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file = file
        self._left = length + 1

    def read(self, size: int) -> bytes:
        """So many bytes, or fewer where the file ends. Errors: `Damaged` where there are not so many in the record."""
        if size > self._left:
            raise Damaged(_NO_RECORD)
        data = self._file.read(size)
        self._left -= len(data)
        return data

    def tell(self) -> int:
        """The number of the next byte, counted from anywhere."""
        return -self._left

    def leave(self) -> None:
        """Step over what was not read. Errors: `Ended`."""
        while self._left:
            self._left -= len(_exactly(self._file, min(self._left, _COPY)))


def _usual(data: bytes) -> HTTPFlow | None:
    """The flow of a record, where that is an usual one."""
    try:
        return flow_states.usual(flow_states.parse_usual(data))
    except _NO_TNETSTRING:
        return None


def _made(state: Any) -> HTTPFlow | None:
    """The flow of a record's state. Errors: `Damaged`."""
    usual = flow_states.usual(state)
    if usual is not None:
        return usual
    if not isinstance(state, dict):
        raise Damaged("a record is no flow")
    from mitmproxy.flow import Flow  # noqa: PLC0415 (heavy, and for the unusual only)
    from mitmproxy.http import HTTPFlow  # noqa: PLC0415
    from mitmproxy.io import compat  # noqa: PLC0415

    try:
        migrated = compat.migrate_flow(state)
        made = Flow.from_state(migrated)
    except Exception as error:  # mitmproxy takes states apart without checks
        raise Damaged(f"a record is no flow of this mitmproxy ({type(error).__name__})") from error
    return made if isinstance(made, HTTPFlow) else None


def _walked(file: Readable, length: int, tape: IO[bytes]) -> Any:
    """The state of a record, its WebSocket's messages written to the tape and left out. Errors: `Damaged`, `Ended`."""
    state: dict[Any, Any] = {}
    for key, size in _members(file, length):
        if key == "websocket" and size:
            state[key] = {}
            for part, part_size in _members(file, size):
                if part == "messages":
                    _copy(file, part_size, tape)
                    state[key][part] = []
                else:
                    state[key][part] = _value(file, part_size)
        else:
            state[key] = _value(file, size)
    version = state.get("version")
    if state.get("websocket") and (not isinstance(version, int) or version < _LISTED_MESSAGES):
        tape.seek(0)
        state["websocket"]["messages"] = [_loaded(item) for item in _items(tape)]
        tape.seek(0)
        tape.truncate()
    return state


def _members(file: Readable, length: int) -> Iterator[tuple[Any, int]]:
    """Keys of a dictionary of that length, each with its value's length, whose value the caller then reads. Errors: `Damaged`, `Ended`."""
    left = length
    while left:
        begin = file.tell()
        key = _value(file, _length(file) or 0)
        if not isinstance(key, str | bytes):  # bytes in the oldest files
            raise Damaged("a record's key is no text")
        size = _length(file) or 0
        left -= file.tell() - begin + size + 1
        if left < 0:
            raise Damaged(_NO_RECORD)
        yield key, size
    if _exactly(file, 1) != _DICTIONARY:
        raise Damaged(_NO_RECORD)


def _listed(tape: IO[bytes]) -> Messages:
    """The messages of a WebSocket; in the place of one that is damaged, and of all behind that cannot be found, the error."""
    try:
        for item in _items(tape):
            try:
                message = flow_states.message(_loaded(item))
            except (ValueError, Damaged):
                yield Damaged("a WebSocket message is none")
            else:
                yield message
    except Damaged:
        yield Damaged("a WebSocket message is none, and those behind it cannot be found")


def _items(tape: IO[bytes]) -> Iterator[bytes]:
    """The tnetstrings that stand in a row. Errors: `Damaged`."""
    file = buffered(tape.read)
    try:
        while (length := _length(file, first=True)) is not None:
            yield b"%d:%b" % (length, _exactly(file, length + 1))
    except Ended as error:
        raise Damaged(_NO_RECORD) from error


def _length(file: Readable, *, first: bool = False) -> int | None:
    """The length before a value; None at the end of the file where it may end."""
    digits = b""
    while (byte := file.read(1)).isdigit():
        digits += byte
        if len(digits) > _MOST_DIGITS:
            raise Damaged("a length is beyond all sizes")
    if not byte and (not first or digits):
        raise Ended("it ends inside a flow")
    if not byte:
        return None
    if byte != b":" or not digits:
        raise Damaged("no flow begins here")
    return int(digits)


def _value(file: Readable, length: int) -> Any:
    return _parsed(_exactly(file, length + 1))


def _loaded(item: bytes) -> Any:
    """The value of a tnetstring with its length. Errors: `Damaged`."""
    return _parsed(item.partition(b":")[2])


def _parsed(data: bytes) -> Any:
    try:
        return flow_states.parse(data)
    except _NO_TNETSTRING as error:
        raise Damaged(_NO_RECORD) from error


def _exactly(file: Readable, size: int) -> bytes:
    """So many bytes; memory is taken as they come, whatever length is claimed."""
    data = file.read(min(size, WHOLE))
    if len(data) < size:
        parts = [data]
        left = size - len(data)
        while left and parts[-1]:
            parts.append(file.read(min(left, WHOLE)))
            left -= len(parts[-1])
        if left:
            raise Ended("it ends inside a flow")
        data = b"".join(parts)
    return data


def _copy(file: Readable, size: int, tape: IO[bytes]) -> None:
    """Put the content of the value onto the tape, and step over its tag."""
    left = size
    while left:
        data = _exactly(file, min(left, _COPY))
        tape.write(data)
        left -= len(data)
    _exactly(file, 1)

