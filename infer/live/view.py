"""mitmproxy's content view of Socket.IO: polling bodies and WebSocket messages, packet by packet.

A packet is understood from what came before it: a WebSocket message by the messages around it, a body by the other
bodies of its session. So the frames of the session around what is shown are decoded, as those of a capture are, and the
packets that begin in it are shown. The same text serves mitmproxy 11 (`View`) and 12 (`Contentview`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec
from mitmproxy import contentviews, http

from infer.captures.flows import body_frames, exchange_of, message_frame
from infer.model import ABSENT, OTHER, Diagnostic, Direction, Frame, Origin, Transport
from infer.wire import Decoder, EngineType, Packet, SocketType
from infer.wire.address import address_of
from infer.wire.engineio import decode_message, decode_payload
from infer.wire.jsonp import unwrap_answer, unwrap_form
from infer.wire.packet import EnginePacket, Fault

NAME: Final = "Socket.IO"
PRIORITY: Final = 2.0
"""Above mitmproxy 12's own view of that name (1) and those of JSON and the like (1)."""
_BEFORE: Final = 500
"""Messages before the one shown that are decoded with it: acknowledgements answer what is near."""
_AFTER: Final = 64
"""Messages after it, for the attachments of a packet that begins in it."""
_HEAD: Final = 256
"""Bytes of an attachment that are shown."""
_OF_THE_WINDOW: Final = frozenset({"session-unopened"})
"""What is only because not all of the session is looked at."""

Related = Callable[[http.HTTPFlow], Sequence[http.HTTPFlow]]
Asked = dict[tuple[str, Direction, int | None], Packet]
"""Events by namespace, direction and ack id."""


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

        def prettify(self, data: bytes, metadata: Any) -> str:  # noqa: ARG002 (as it is called)
            return text.of(metadata.flow, metadata.http_message, metadata.websocket_message)

        def render_priority(self, data: bytes, metadata: Any) -> float:
            return priority(data, metadata.flow)

    return SocketIO()


def _old_view(text: Text) -> Any:
    class SocketIO(contentviews.View):
        name = NAME

        def __call__(
            self,
            data: bytes,  # noqa: ARG002 (as it is called)
            *,
            flow: Any = None,
            http_message: Any = None,
            websocket_message: Any = None,
            **_: Any,
        ) -> Any:
            return NAME, contentviews.format_text(text.of(flow, http_message, websocket_message))

        def render_priority(self, data: bytes, *, flow: Any = None, **_: Any) -> float:
            return priority(data, flow)

    return SocketIO()


def priority(data: bytes, flow: object) -> float:
    """How well the view fits: only where the address is Engine.IO's."""
    fits = bool(data) and isinstance(flow, http.HTTPFlow) and address_of(flow.request.pretty_url).is_engineio
    return PRIORITY if fits else -1.0


class Text(msgspec.Struct, frozen=True):
    """The text of what is shown; `related` as for `View`."""

    related: Related

    def of(self, flow: Any, body: Any, message: Any) -> str:
        """The packets of a flow's body or message, as text. Errors: ValueError where there is none."""
        if not isinstance(flow, http.HTTPFlow):
            raise ValueError("no flow is known")  # noqa: TRY004 (so a view says that it does not fit)
        direction = Direction.C2S if (body is flow.request if message is None else message.from_client) else Direction.S2C
        frames = sorted(_frames(flow, direction, message, self.related(flow)), key=lambda each: each[0].time or 0.0)
        place = next((at for at, (_, shown) in enumerate(frames) if shown), None)
        if place is None:
            raise ValueError("nothing was sent")
        return "\n\n".join(_blocks([frame for frame, _ in frames], place))


def _frames(
    flow: http.HTTPFlow, direction: Direction, message: Any, related: Sequence[http.HTTPFlow]
) -> Iterator[tuple[Frame, bool]]:
    """The frames of the session around what is shown, and whether each is that."""
    flows = related if any(each is flow for each in related) else [*related, flow]
    for number, each in enumerate(flows):
        of = exchange_of(each, Origin("flow", number))
        if each.websocket is not None:
            messages = each.websocket.messages
            here = next((at for at, one in enumerate(messages) if one is message), len(messages))
            for at in range(max(here - _BEFORE, 0), min(here + _AFTER, len(messages))):
                frame = message_frame(messages[at], at, of)
                if frame is not None:
                    yield frame, messages[at] is message
        elif of.transport is Transport.POLLING:
            for frame in body_frames(each, of, lambda _: None):
                yield frame, each is flow and frame.direction is direction


def _blocks(frames: Sequence[Frame], place: int) -> Iterator[str]:
    """A block of text for each packet that begins or ends in the frame at that place."""
    shown = frames[place]
    faults: list[Diagnostic] = []
    decoder = Decoder(report=faults.append)
    packets: list[tuple[int, Packet]] = []  # each with the place at which it was whole
    own_faults: list[Diagnostic] = []
    for at, frame in enumerate(frames):
        faults.clear()
        packets += [(at, packet) for packet in decoder.feed(frame)]
        if at == place:
            own_faults += (fault for fault in faults if fault.code not in _OF_THE_WINDOW)
    packets += [(len(frames), packet) for packet in decoder.settle()]
    begun = [packet for _, packet in packets if _begins_in(packet, shown)]
    asked = {_key(packet): packet for at, packet in packets if packet.event is not None and (at < place or packet in begun)}
    own = iter(_engine_packets(shown))
    for packet in begun:
        yield _block(packet, asked, next(own, None) if packet.type is None else None)
    for fault in own_faults:
        yield f"# {fault.code}: {fault.message}"
    if begun:
        return
    whole = next((packet for at, packet in packets if at >= place and _attached_to(packet, shown)), None)
    if whole is not None:
        yield f"# attachment of {_title(whole, asked)}\n{_raw(shown)}"
    else:
        yield _raw(shown)


def _begins_in(packet: Packet, frame: Frame) -> bool:
    return packet.origin == frame.origin and packet.direction is frame.direction


def _attached_to(packet: Packet, frame: Frame) -> bool:
    """Whether the frame may be one of the packet's attachments: such frames follow their packet at once."""
    begin, here = packet.origin.frame, frame.origin.frame
    if packet.origin.entry != frame.origin.entry or packet.direction is not frame.direction or not packet.attachments:
        return False
    return begin is not None and here is not None and begin < here


def _key(packet: Packet) -> tuple[str, Direction, int | None]:
    return packet.namespace, packet.direction, packet.id


def _engine_packets(frame: Frame) -> Iterator[EnginePacket]:
    """Engine.IO's own packets in a frame, in their order."""
    protocol = address_of(frame.exchange.url).protocol
    if frame.exchange.transport is Transport.WEBSOCKET:
        decoded: Sequence[Any] = [decode_message(frame.data, protocol)]
    else:
        data = frame.data if isinstance(frame.data, bytes) else frame.data.encode()
        unwrapped = (unwrap_form if frame.direction is Direction.C2S else unwrap_answer)(data)
        decoded = list(decode_payload(data if unwrapped is None or isinstance(unwrapped, Fault) else unwrapped, protocol))
    yield from (each for each in decoded if isinstance(each, EnginePacket) and each.type is not EngineType.MESSAGE)


def _block(packet: Packet, asked: Asked, own: EnginePacket | None) -> str:
    """The packet's title as a comment, its content as JSON: together they read as YAML."""
    title = f"# {_title(packet, asked)}"
    if packet.type is None:
        data = own.data if own is not None else ""
        return f"{title}\n{_pretty_text(data)}" if data else title
    content = packet.args if packet.args is not None else packet.data
    return title if content is ABSENT else f"{title}\n{_pretty(content)}"


def _title(packet: Packet, asked: Asked) -> str:
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
        event = asked.get((packet.namespace, OTHER[packet.direction], packet.id))
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


def _binary(data: bytes) -> str:
    rows = (data[at : at + 16] for at in range(0, min(len(data), _HEAD), 16))
    lines = [f"{at * 16:08x}  {row.hex(' '):<47}" for at, row in enumerate(rows)]
    return "\n".join([f"# {len(data):,} bytes", *lines, *(["# …"] if len(data) > _HEAD else [])])


def _raw(frame: Frame) -> str:
    """The text that it is, else its bytes."""
    if isinstance(frame.data, str):
        return frame.data
    if frame.exchange.transport is Transport.POLLING:
        with suppress(UnicodeDecodeError):
            return frame.data.decode()
    return _binary(frame.data)
