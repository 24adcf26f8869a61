"""mitmproxy's content view of Socket.IO: polling bodies and WebSocket messages, packet by packet.

A packet is understood from what came before it: a WebSocket message by the messages around it, a body by the other
bodies of its session. So the frames of the session are decoded up to what is shown, as the recording's are, and the
packets that begin or end in it are shown. The same text serves mitmproxy 11 (`View`) and 12 (`Contentview`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mitmproxy import contentviews, http
from mitmproxy.websocket import WebSocketMessage

from infer.captures.flows import body_frames, exchange_of, message_frame
from infer.model import ABSENT, Direction, Frame, Origin, Transport
from infer.wire import Decoder, EngineType, Packet, SocketType
from infer.wire.address import address_of
from infer.wire.engineio import decode_message, decode_payload
from infer.wire.packet import EnginePacket

NAME: Final = "Socket.IO"
PRIORITY: Final = 2.0
"""Above mitmproxy 12's own view of that name (1) and those of JSON and the like (1)."""
_BEFORE: Final = 500
"""Messages before the one shown that are decoded with it: acknowledgements answer what is near."""
_AFTER: Final = 64
"""Messages after it, for the attachments of a packet that begins in it."""
_HEAD: Final = 256
"""Bytes of an attachment that are shown."""
_OTHER: Final = {Direction.C2S: Direction.S2C, Direction.S2C: Direction.C2S}

Related = Callable[[http.HTTPFlow], Sequence[http.HTTPFlow]]


class View:
    """Both versions' view, and its installation. `related` gives the flows of a flow's session, itself among them."""

    def __init__(self, related: Related) -> None:
        self._text = Text(related)
        self.installed: Any = None

    def install(self) -> None:
        """Put it in place of any view of its name."""
        if hasattr(contentviews, "Contentview"):
            self.installed = _new_view(self._text)
        else:
            self.installed = _old_view(self._text)
            there = contentviews.get(NAME)
            if there is not None:
                contentviews.remove(there)
        contentviews.add(self.installed)


def _new_view(text: Text) -> Any:
    class SocketIO(contentviews.Contentview):  # type: ignore[misc, name-defined, unused-ignore]
        name = NAME
        syntax_highlight = "yaml"

        def prettify(self, data: bytes, metadata: Any) -> str:
            return text.of(data, metadata.flow, metadata.http_message, metadata.websocket_message)

        def render_priority(self, data: bytes, metadata: Any) -> float:
            return priority(data, metadata.flow)

    return SocketIO()


def _old_view(text: Text) -> Any:
    class SocketIO(contentviews.View):
        name = NAME

        def __call__(self, data: bytes, *, flow: Any = None, http_message: Any = None, websocket_message: Any = None, **_: Any) -> Any:
            return NAME, contentviews.format_text(text.of(data, flow, http_message, websocket_message))

        def render_priority(self, data: bytes, *, flow: Any = None, **_: Any) -> float:
            return priority(data, flow)

    return SocketIO()


def priority(data: bytes, flow: object) -> float:
    """How well the view fits: only where the address is Engine.IO's."""
    fits = bool(data) and isinstance(flow, http.HTTPFlow) and address_of(flow.request.pretty_url).is_engineio
    return PRIORITY if fits else -1.0


@dataclass(slots=True)
class Text:
    """The text of what is shown."""

    related: Related

    def of(self, data: bytes, flow: Any, body: Any, message: Any) -> str:
        """The packets of a body or message, as text. Errors: ValueError where there is none."""
        if not isinstance(flow, http.HTTPFlow):
            raise ValueError("no flow is known")
        shown = _Shown(flow, message) if isinstance(message, WebSocketMessage) else _Shown(flow, None, body)
        lines = "\n\n".join(shown.blocks(self.related(flow)))
        if not lines:
            raise ValueError("no packet")
        return lines


class _Shown:
    """One body or message, with what is around it."""

    def __init__(self, flow: http.HTTPFlow, message: WebSocketMessage | None, body: object = None) -> None:
        self._flow = flow
        self._message = message
        self._sent = body is flow.request if message is None else message.from_client
        self._direction = Direction.C2S if self._sent else Direction.S2C

    def blocks(self, related: Sequence[http.HTTPFlow]) -> Iterator[str]:
        """A block of text for each packet."""
        asked: dict[tuple[str, Direction, int], Packet] = {}
        mine: list[Packet] = []
        completed: list[Packet] = []
        faults: list[str] = []
        target: Frame | None = None
        decoder = Decoder(report=lambda diagnostic: faults.append(f"{diagnostic.code}: {diagnostic.message}"))
        known = 0
        for frame, shown in self._frames(related):
            before = len(faults)
            packets = decoder.feed(frame)
            if shown:
                target = frame
                known = before
                del faults[:before]
                completed = [packet for packet in packets if packet.origin != frame.origin]
            elif target is None or before:
                del faults[before:]
            for packet in packets:
                if packet.event is not None and packet.id is not None and not _is_after(target, frame, shown=shown):
                    asked[packet.namespace, packet.direction, packet.id] = packet
                if target is not None and packet.origin == target.origin and packet.direction is self._direction:
                    mine.append(packet)
            if target is not None and not shown and not self._waits(mine, target, decoder):
                break
        del known
        if target is None:
            return
        mine += [
            packet
            for packet in decoder.settle()
            if packet.origin == target.origin and packet.direction is self._direction
        ]
        own = iter(_engine_packets(target))
        for packet in mine:
            yield _block(packet, asked, next(own, None) if packet.type is None else None)
        for packet in completed:
            yield f"# the last attachment of {_title(packet, asked)}\n{_binary(target)}"
        if not mine and not completed:
            yield f"# {faults[0]}\n{_raw(target)}" if faults else f"# an attachment\n{_binary(target)}"

    def _waits(self, mine: list[Packet], target: Frame, decoder: Decoder) -> bool:
        """Whether what comes later may still complete what is shown."""
        del decoder
        return not mine and target.exchange.transport is Transport.WEBSOCKET

    def _frames(self, related: Sequence[http.HTTPFlow]) -> Iterator[tuple[Frame, bool]]:
        """The frames of the session around what is shown, and whether each is that."""
        flows = list(related)
        if not any(each is self._flow for each in flows):
            flows.append(self._flow)
        for number, flow in enumerate(flows):
            of = exchange_of(flow, Origin("flow", number))
            if flow.websocket is None:
                if of.transport is Transport.POLLING:
                    for frame in body_frames(flow, of, lambda _: None):
                        yield frame, flow is self._flow and frame.direction is self._direction and self._message is None
                continue
            messages = flow.websocket.messages
            here = next((at for at, each in enumerate(messages) if each is self._message), None)
            first, last = (len(messages) - _BEFORE, len(messages)) if here is None else (here - _BEFORE, here + _AFTER)
            for at in range(max(first, 0), min(last, len(messages))):
                frame_there = message_frame(messages[at], at, of)
                if frame_there is not None:
                    yield frame_there, messages[at] is self._message


def _is_after(target: Frame | None, frame: Frame, *, shown: bool) -> bool:
    return target is not None and not shown and frame is not target


def _engine_packets(frame: Frame) -> Iterator[EnginePacket]:
    """Engine.IO's own packets in a frame, in their order."""
    protocol = address_of(frame.exchange.url).protocol
    if frame.exchange.transport is Transport.WEBSOCKET:
        decoded: Sequence[Any] = [decode_message(frame.data, protocol)]
    else:
        decoded = list(decode_payload(frame.data if isinstance(frame.data, bytes) else frame.data.encode(), protocol))
    yield from (each for each in decoded if isinstance(each, EnginePacket) and each.type is not EngineType.MESSAGE)


def _block(packet: Packet, asked: dict[tuple[str, Direction, int], Packet], own: EnginePacket | None) -> str:
    title = f"# {_title(packet, asked)}"
    if packet.type is None:
        data = own.data if own is not None else ""
        return f"{title}\n{_pretty_text(data)}" if data else title
    content = packet.args if packet.args is not None else packet.data
    return title if content is ABSENT else f"{title}\n{_pretty(content)}"


def _title(packet: Packet, asked: dict[tuple[str, Direction, int], Packet]) -> str:
    """`event /admin "set" (id 7)`, `ack /admin of "set" (id 7, 1.2 ms)`, `ping`."""
    if packet.type is None:
        return packet.engine.name.lower()
    words = [packet.type.name.lower().replace("_", " "), packet.namespace]
    notes = []
    if packet.event is not None:
        words.append(json.dumps(packet.event, ensure_ascii=False))
    if packet.id is not None:
        notes.append(f"id {packet.id}")
    if packet.type in (SocketType.ACK, SocketType.BINARY_ACK) and packet.id is not None:
        event = asked.get((packet.namespace, _OTHER[packet.direction], packet.id))
        words.append(f"of {json.dumps(event.event, ensure_ascii=False)}" if event is not None else "of an event not seen")
        if event is not None and event.time is not None and packet.time is not None:
            notes.append(f"{max(0.0, packet.time - event.time) * 1000:.1f} ms")
    if packet.attachments:
        notes.append("attachments of " + " + ".join(f"{size:,}" for size in packet.attachments) + " bytes")
    if packet.offset is not None:
        notes.append(f"recovery offset {packet.offset}")
    return " ".join(words) + (f" ({', '.join(notes)})" if notes else "")


def _pretty(value: Any) -> str:
    return json.dumps(_readable(value), indent=2, ensure_ascii=False)


def _pretty_text(data: str | bytes) -> str:
    if isinstance(data, bytes):
        return _hex(data)
    try:
        return json.dumps(json.loads(data), indent=2, ensure_ascii=False)
    except ValueError:
        return data


def _readable(value: Any) -> Any:
    """The value with bytes as text."""
    if isinstance(value, bytes):
        return f"<{len(value):,} bytes: {_hex(value)}>"
    if isinstance(value, list):
        return [_readable(item) for item in value]
    return {key: _readable(item) for key, item in value.items()} if isinstance(value, dict) else value


def _hex(data: bytes) -> str:
    return data[:32].hex(" ") + (" …" if len(data) > 32 else "")


def _binary(frame: Frame) -> str:
    data = frame.data if isinstance(frame.data, bytes) else frame.data.encode()
    rows = (data[at : at + 16] for at in range(0, min(len(data), _HEAD), 16))
    lines = [f"{at * 16:08x}  {row.hex(' '):<47}" for at, row in enumerate(rows)]
    return "\n".join([f"# {len(data):,} bytes", *lines, *(["# …"] if len(data) > _HEAD else [])])


def _raw(frame: Frame) -> str:
    return frame.data if isinstance(frame.data, str) else _binary(frame)
