"""HTTP/1.1 connections, as bytes of either side in order of time, to exchanges and frames.

h11 takes requests and responses apart, wsproto WebSocket messages (with permessage-deflate), both as the sides that
received them did. What they refuse ends the direction with a diagnostic: there is no way to find the next message. A tunnel
that a proxy opens (CONNECT) is a connection in the connection's place.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final

import h11
import msgspec
from mitmproxy.net import encoding
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import CloseReason, FrameDecoder, FrameProtocol, Opcode, ParseFailed, RsvBits

from infer.captures.begins import ENOUGH, Begin, begin_of
from infer.model import Diagnostic, Direction, Exchange, Frame, Origin, Report, Transport, Wanted

MAX_HEAD: Final = 1 << 20
"""Bytes of a request's or a response's head (servers take 8 to 80 kB), and of what a client says before it is answered."""
MAX_MESSAGE: Final = 128 << 20
"""Bytes of a body or a WebSocket message; Socket.IO's own limit is 1 MB by default, 100 MB in 2.x."""
_SWITCHING: Final = 101
_NO_BITS: Final = RsvBits(rsv1=False, rsv2=False, rsv3=False)
_START: Final = "start the capture first"

Unread = Callable[[Begin], None]
"""Told what a tunnel carries where that is not HTTP/1.1."""


class _Asked(msgspec.Struct):
    """A request, until it is answered; one that was not captured has no entry."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    started: float
    entry: int | None
    body: bytearray = msgspec.field(default_factory=bytearray)

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


class _Unreadable(Exception):
    """A response to no request of the connection, or a message beyond the limit."""


class Connection:
    """One connection, from its begin or from one of its requests or responses.

    `server` is its scheme and (where no Host tells it) its address; `number` gives each exchange its place in the capture.
    """

    def __init__(
        self, name: str, server: tuple[str, str], number: Callable[[], int], wanted: Wanted, unread: Unread, report: Report
    ) -> None:
        self._name = name
        self._scheme, self._host = server
        self._number = number
        self._wanted = wanted
        self._unread = unread
        self._report = report
        self._begun = False  # whether the client has said anything
        self._left_out = False  # whether a response to none was
        self._tunnel: bytearray | None = None  # what the client says first in a tunnel, until that tells what it carries
        self._request: h11.Connection | None = None
        self._asking: _Asked | None = None
        self._asked: deque[_Asked] = deque()
        self._response: h11.Connection | None = None
        self._answer: h11.Response | None = None
        self._content = bytearray()
        self._early = bytearray()  # what the client sent behind a request after which it may speak another protocol
        self._socket: _Socket | None = None
        self._ended: set[Direction] = set()

    def feed(self, direction: Direction, data: bytes, time: float) -> Iterator[Frame]:
        """The frames that further bytes of a side complete."""
        if direction in self._ended:
            return
        try:
            if self._socket is not None:
                yield from self._socket.feed(direction, data, time)
            elif direction is Direction.S2C:
                yield from self._answered(data, time)
            elif self._tunnel is not None:
                yield from self._begin(self._tunnel, direction, data, time)
            else:
                self._ask(data, time)
        except (_Unreadable, h11.RemoteProtocolError, ParseFailed):
            self.give_up(direction, "its bytes are not HTTP/1.1 or WebSocket any more")

    def give_up(self, direction: Direction, why: str) -> None:
        """Take no more of a side's bytes: one diagnostic, with the reason."""
        if direction not in self._ended:
            self._ended.add(direction)
            self._tell("connection-broken", f"one side of a connection is read up to here: {why}")

    def end(self, time: float) -> Iterator[Frame]:
        """The frames of what was still open when the capture ended."""
        if self._response is not None and self._answer is not None:
            yield from self.feed(Direction.S2C, b"", time)
        if self._early:
            self.give_up(Direction.C2S, "what answered its request to speak another protocol was not captured")
        for asked in self._asked:
            yield from self._exchanged(asked, None, b"", time)
        self._asked.clear()

    def _origin(self) -> Origin:
        entry = self._asked[0].entry if self._asked else self._socket.of.origin.entry if self._socket else None
        return Origin(self._name, entry)

    # --- requests

    def _ask(self, data: bytes, time: float) -> None:
        self._begun = self._begun or bool(data)
        while data:
            if self._request is None:
                if self._asked and _leaves(self._asked[-1]):
                    _add(self._early, data, MAX_HEAD)
                    return
                self._request = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
            self._request.receive_data(data)
            data = b""
            while (event := self._request.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                if isinstance(event, h11.Request):
                    self._asking = _Asked(
                        event.method.decode("latin-1"),
                        event.target.decode("latin-1"),
                        _pairs(event.headers),
                        time,
                        self._number(),
                    )
                elif isinstance(event, h11.Data) and self._asking is not None:
                    _add(self._asking.body, event.data, MAX_MESSAGE)
                elif isinstance(event, h11.EndOfMessage) and self._asking is not None:
                    self._asked.append(self._asking)
                    data, self._request, self._asking = self._request.trailing_data[0], None, None
                    break

    # --- responses

    def _answered(self, data: bytes, time: float) -> Iterator[Frame]:
        ended = not data
        while (data or ended) and Direction.S2C not in self._ended:
            if self._tunnel is not None:
                yield from self._begin(self._tunnel, Direction.S2C, data, time)
                return
            if self._response is None:
                if not self._asked:
                    if self._begun:
                        raise _Unreadable
                    self._asked.append(_uncaptured(time))
                self._response = _expecting(self._asked[0])
            self._response.receive_data(data)
            data, ended = b"", False
            while (event := self._response.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                if isinstance(event, h11.InformationalResponse) and event.status_code == _SWITCHING:
                    yield from self._switch(event, self._response.trailing_data[0], time)
                    return
                if isinstance(event, h11.Response) and _opens(self._asked[0], event):
                    data = self._response.trailing_data[0]
                    yield from self._enter(event, time)
                    break
                if isinstance(event, h11.Response):
                    self._answer = event
                elif isinstance(event, h11.Data):
                    _add(self._content, event.data, MAX_MESSAGE)
                elif isinstance(event, h11.EndOfMessage) and self._answer is not None:
                    asked = self._asked.popleft()
                    yield from self._exchanged(asked, self._answer, bytes(self._content), time)
                    data = self._response.trailing_data[0]
                    self._response = self._answer = None
                    self._content.clear()
                    yield from self.feed(Direction.C2S, self._caught_up(), time)
                    break
                elif isinstance(event, h11.ConnectionClosed):
                    return

    def _caught_up(self) -> bytes:
        """What the client sent before the answer that it needs to be understood by."""
        early, self._early = bytes(self._early), bytearray()
        return early

    def _exchanged(self, asked: _Asked, answer: h11.Response | None, content: bytes, time: float) -> Iterator[Frame]:
        if asked.entry is None:
            if not self._left_out:
                self._tell("connection-unopened", f"responses whose requests were not captured are left out: {_START}")
            self._left_out = True
            return
        of = self._exchange(asked, answer, Transport.WEBSOCKET if _switches(asked) else Transport.POLLING)
        if not self._wanted(of) or of.transport is Transport.WEBSOCKET:  # which was refused: what that says is no message of it
            return
        sent = _decoded(bytes(asked.body), of.request_headers)
        received = _decoded(content, of.response_headers)
        if sent:
            yield Frame(of, Direction.C2S, asked.started, sent)
        if received:
            yield Frame(of, Direction.S2C, time, received)

    def _switch(self, answer: h11.InformationalResponse, data: bytes, time: float) -> Iterator[Frame]:
        asked = self._asked.popleft()
        if asked.entry is None:
            self._tell("websocket-unopened", f"a WebSocket whose request was not captured, so that its address is unknown: {_START}")
            self._ended |= set(Direction)
            return
        of = self._exchange(asked, answer, Transport.WEBSOCKET)
        if not self._wanted(of):
            self._ended |= set(Direction)
            return
        self._socket = _Socket(of, self._report)
        yield from self.feed(Direction.C2S, self._caught_up(), time)
        yield from self.feed(Direction.S2C, data, time)

    # --- tunnels

    def _enter(self, answer: h11.Response, time: float) -> Iterator[Frame]:
        """Go on with what a tunnel carries as with a connection to the server that the proxy was asked for."""
        asked = self._asked.popleft()
        yield from self._exchanged(asked, answer, b"", time)
        self._scheme, self._host = "http", asked.target
        self._response = None
        self._begun = False
        self._tunnel = bytearray()
        yield from self.feed(Direction.C2S, self._caught_up(), time)

    def _begin(self, first: bytearray, direction: Direction, data: bytes, time: float) -> Iterator[Frame]:
        """Go on as what a tunnel carries, where that is HTTP/1.1: there the client speaks first."""
        if direction is Direction.C2S:
            first += data
            data = bytes(first)
            if len(data) < ENOUGH:
                return
        begin = begin_of(data)
        if direction is Direction.C2S and begin is Begin.REQUEST:
            self._tunnel = None
            yield from self.feed(direction, data, time)
        elif begin is Begin.RESPONSE:
            raise _Unreadable
        else:
            self._ended |= set(Direction)
            self._unread(begin)

    # --- what is said of it

    def _exchange(self, asked: _Asked, answer: Any, transport: Transport) -> Exchange:
        return Exchange(
            url=self._url(asked),
            method=asked.method.upper(),
            request_headers=asked.headers,
            response_headers=() if answer is None else _pairs(answer.headers),
            status=None if answer is None else answer.status_code,
            transport=transport,
            started=asked.started,
            origin=Origin(self._name, asked.entry),
        )

    def _url(self, asked: _Asked) -> str:
        """Of each form that RFC 9112 has for a request's target (section 3.2)."""
        target = asked.target
        if target.lower().startswith(("http://", "https://")):  # as a proxy is asked
            return target
        if asked.method == "CONNECT":
            return f"{self._scheme}://{target}"
        path = target if target.startswith("/") else "/"  # else it is `*`
        return f"{self._scheme}://{asked.header('host') or self._host}{path}"

    def _tell(self, code: str, message: str) -> None:
        self._report(Diagnostic(code, message, self._origin()))


class _Socket:
    """A WebSocket's messages."""

    def __init__(self, of: Exchange, report: Report) -> None:
        self.of = of
        self._report = report
        self._number = 0
        self._sides = {side: _Side(of, side) for side in Direction}

    def feed(self, direction: Direction, data: bytes, time: float) -> Iterator[Frame]:
        for message in self._sides[direction].messages(data):
            yield Frame(self.of, direction, time, message, self._number)
            self._number += 1


class _Side:
    """What one side says on a WebSocket, read as the other one did."""

    def __init__(self, of: Exchange, direction: Direction) -> None:
        accepted = next((value for name, value in of.response_headers if name == "sec-websocket-extensions"), "")
        self._frames = FrameProtocol(client=direction is Direction.S2C, extensions=[_Deflate(accepted.lower())])
        self._parts: list[Any] = []
        self._size = 0

    def messages(self, data: bytes) -> Iterator[str | bytes]:
        self._frames.receive_bytes(data)
        for frame in self._frames.received_frames():
            if frame.opcode not in (Opcode.TEXT, Opcode.BINARY):
                continue
            self._parts.append(frame.payload)
            self._size += len(frame.payload)
            if self._size > MAX_MESSAGE:
                raise _Unreadable
            if frame.message_finished:
                whole = "".join(self._parts) if frame.opcode is Opcode.TEXT else b"".join(self._parts)
                self._parts, self._size = [], 0
                yield whole


class _Deflate(PerMessageDeflate):
    """permessage-deflate as a server accepted it, in messages with control frames between their fragments too.

    wsproto takes a control frame for the end of the message that it interrupts (RFC 6455, section 5.4). What window was
    agreed on does not matter: the largest one reads them all.
    """

    def __init__(self, accepted: str) -> None:
        super().__init__()
        self._control = False
        if accepted.strip().startswith(self.name):
            self.finalize(";".join(part for part in accepted.split(";") if "max_window_bits" not in part))

    def frame_inbound_header(
        self, proto: FrameDecoder | FrameProtocol, opcode: Opcode, rsv: RsvBits, payload_length: int
    ) -> CloseReason | RsvBits:
        self._control = opcode.iscontrol()
        return _NO_BITS if self._control else super().frame_inbound_header(proto, opcode, rsv, payload_length)

    def frame_inbound_payload_data(self, proto: FrameDecoder | FrameProtocol, data: bytes) -> bytes | CloseReason:
        return data if self._control else super().frame_inbound_payload_data(proto, data)

    def frame_inbound_complete(self, proto: FrameDecoder | FrameProtocol, fin: bool) -> bytes | CloseReason | None:  # noqa: FBT001
        return None if self._control else super().frame_inbound_complete(proto, fin)


def _uncaptured(time: float) -> _Asked:
    """What stands for a request that was not captured: it may have asked for a switch."""
    return _Asked("GET", "/", (("upgrade", "websocket"),), time, None)


def _expecting(asked: _Asked) -> h11.Connection:
    """What reads the response to a request: it must know the method, and whether a switch was asked for."""
    response = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
    headers = [("host", "asked")] + ([("connection", "upgrade"), ("upgrade", "websocket")] if _switches(asked) else [])
    response.send(h11.Request(method=asked.method, target="/", headers=headers))
    response.send(h11.EndOfMessage())
    return response


def _switches(asked: _Asked) -> bool:
    return asked.header("upgrade").lower() == "websocket"


def _leaves(asked: _Asked) -> bool:
    """Whether what follows may be another protocol: the answer says so."""
    return _switches(asked) or asked.method == "CONNECT"


def _opens(asked: _Asked, answer: h11.Response) -> bool:
    """Whether a tunnel begins behind the answer (RFC 9110, section 9.3.6)."""
    return asked.method == "CONNECT" and 200 <= answer.status_code < 300


def _pairs(headers: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _add(body: bytearray, data: bytes, most: int) -> None:
    body += data
    if len(body) > most:
        raise _Unreadable


def _decoded(body: bytes, headers: tuple[tuple[str, str], ...]) -> bytes:
    """The body without its content encoding; as it is where that is damaged."""
    coding = next((value for name, value in headers if name == "content-encoding"), "")
    try:
        decoded = encoding.decode(body, coding) if coding else body
    except ValueError:
        return body
    return decoded if isinstance(decoded, bytes) else body
