"""A decoded conversation, packet by packet: rows of plain data, as a table or as JSON Lines.

The law: nothing is shown as what it is not. What could not be decoded, or only with a remark, is a row of type `diagnostic`;
values are masked (`<string 5>`) unless they are asked for.
"""

from __future__ import annotations

import heapq
import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Final

import msgspec

from infer.filters import Filter
from infer.model import ABSENT, OTHER, Diagnostic, Direction
from infer.report.text import printable
from infer.schema.secrecy import mask
from infer.templates import public
from infer.wire import Packet, SocketType

REORDERED: Final = 50_000
"""Packets held back to be put in order of time: a capture lists its exchanges by their start, or by their end."""
_REMEMBERED: Final = 100_000
"""Events whose acknowledgement may still come."""
DEPTH: Final = 100
"""Levels of nesting that are shown; encoders of JSON give up near 1,000."""
_DEEPER: Final = {"$deeper": True}


class Look(msgspec.Struct, frozen=True):
    """What is to be shown."""

    filter: Filter = msgspec.field(default_factory=Filter)
    values: bool = False
    engine: bool = False
    """Whether Engine.IO's own packets (open, ping …) are shown."""

    def wants(self, packet: Packet) -> bool:
        """Whether the packet passes the filter."""
        if not self.filter.wants_server(packet.session.server):
            return False
        if packet.type is None:
            return self.engine
        if not self.filter.wants_namespace(packet.namespace):
            return False
        return not self.filter.events or (packet.event is not None and self.filter.wants_event(packet.event))


def in_time_order(packets: Iterable[Packet | Diagnostic]) -> Iterator[Packet | Diagnostic]:
    """The packets by time as far as `REORDERED` packets reach; those without a time, and diagnostics, after what they followed."""
    waiting: list[tuple[float, int, Packet | Diagnostic]] = []
    last = 0.0
    for number, packet in enumerate(packets):
        if isinstance(packet, Packet) and packet.time is not None:
            last = packet.time
        heapq.heappush(waiting, (last, number, packet))
        if len(waiting) > REORDERED:
            yield heapq.heappop(waiting)[2]
    while waiting:
        yield heapq.heappop(waiting)[2]


def rows(packets: Iterable[Packet | Diagnostic], look: Look) -> Iterator[dict[str, Any]]:
    """A row for each packet that is wanted, acknowledgements with the event that they answer."""
    asked: OrderedDict[tuple[int, str, Direction, int], Packet] = OrderedDict()
    for packet in packets:
        if isinstance(packet, Diagnostic):
            yield {"type": "diagnostic", "code": packet.code, "message": packet.message, "origin": str(packet.origin)}
            continue
        answered: Packet | None = None
        if packet.id is not None and packet.event is not None:
            asked[packet.session.id, packet.namespace, packet.direction, packet.id] = packet
            if len(asked) > _REMEMBERED:
                asked.popitem(last=False)
        elif packet.id is not None and packet.type in (SocketType.ACK, SocketType.BINARY_ACK):
            answered = asked.pop((packet.session.id, packet.namespace, OTHER[packet.direction], packet.id), None)
        by_event = answered is not None and answered.event is not None and look.filter.events
        if look.wants(packet) or (by_event and answered is not None and look.wants(answered)):
            yield _row(packet, answered, values=look.values)


def _row(packet: Packet, answered: Packet | None, *, values: bool) -> dict[str, Any]:
    kind = f"engine {packet.engine.name.lower()}" if packet.type is None else packet.type.name.lower()
    row: dict[str, Any] = {
        "time": packet.time,
        "session": f"{packet.session.id:016x}",
        "direction": packet.direction.value,
        "transport": packet.transport.value,
        "type": kind,
    }
    if packet.type is not None:
        row["namespace"] = packet.namespace if values else public(packet.namespace)
    if packet.event is not None:
        row["event"] = packet.event if values else public(packet.event)
    if packet.args is not None:
        row["args"] = _shown(packet.args, values=values)
    if packet.data is not ABSENT:
        row["data"] = _shown(packet.data, values=values)
    if packet.id is not None:
        row["id"] = packet.id
    if answered is not None:
        row["answers"] = answered.event if values else public(answered.event or "")
        if packet.time is not None and answered.time is not None:
            row["latency"] = round(max(0.0, packet.time - answered.time), 6)
    if packet.attachments:
        row["attachments"] = list(packet.attachments)
    if packet.offset is not None:
        row["offset"] = packet.offset if values else True
    row |= {"size": packet.size, "origin": str(packet.origin)}
    return row


def _shown(value: Any, *, values: bool) -> Any:
    return _plain(value) if values else _cut(mask(_cut(value, [])), "<deeper>")


def _plain(value: Any) -> Any:
    """The value as JSON: bytes as `{"$binary": HEX, "bytes": LENGTH}` with the first 64 of them, NaN as `{"$number": "nan"}`.

    Keys of the application's own that begin with `$` have one more, so that nothing can be taken for what it is not.
    """
    value = _cut(value, _DEEPER)

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(item) for item in value]
        if isinstance(value, dict) and value is not _DEEPER:
            return {f"${key}" if key.startswith("$") else key: plain(item) for key, item in value.items()}
        if isinstance(value, float) and not isfinite(value):
            return {"$number": str(value)}
        return {"$binary": value[:64].hex(), "bytes": len(value)} if isinstance(value, bytes) else value

    return plain(value)


def _cut(value: Any, instead: Any, levels: int = DEPTH) -> Any:
    """The value with `instead` in place of lists and objects that lie deeper than so many levels."""
    if isinstance(value, list | dict) and not levels:
        return instead
    if isinstance(value, list):
        return [_cut(item, instead, levels - 1) for item in value]
    if isinstance(value, dict):
        return {key: _cut(item, instead, levels - 1) for key, item in value.items()}
    return value


def jsonl(row: dict[str, Any]) -> str:
    """The row as a line of JSON, safe to print: all beyond ASCII is escaped."""
    return json.dumps(row)


def line(row: dict[str, Any], *, coloured: bool = False) -> str:
    """The row as a line of a table with columns of fixed width: what is longer pushes the rest."""
    time, session, arrow, transport, namespace, what, content = _cells(row)
    start, end = (f"\x1b[{_TINTS.get(arrow, _TINT_ELSE)}m", "\x1b[0m") if coloured else ("", "")
    return f"{time:<12} {session:<6} {start}{arrow:1} {transport:<4} {namespace:<10} {what:<24}{end} {content}".rstrip()


_TINTS: Final = {"→": "36", "←": "32"}
_TINT_ELSE: Final = "33"


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    """Time, session, direction, transport, namespace, what, content."""
    if row["type"] == "diagnostic":
        return ("", "", "", "", "", "diagnostic", printable(f"{row['code']}: {row['message']} ({row['origin']})", 400))
    arrow = "→" if row["direction"] == "c2s" else "←"
    what = row.get("event", row["type"])
    if "answers" in row:
        what = f"↩ {row['answers']}"
    elif row["type"] in ("ack", "binary_ack"):
        what = "↩ ?"
    number = f" #{row['id']}" if "id" in row else ""
    content = json.dumps(row.get("args", row.get("data", "")), ensure_ascii=False) if {"args", "data"} & row.keys() else ""
    extra = []
    if "latency" in row:
        extra.append(f"{row['latency'] * 1000:.1f} ms")
    if "attachments" in row:
        extra.append("attachments " + "+".join(map(str, row["attachments"])) + " B")
    if "offset" in row:
        extra.append("offset")
    return (
        _clock(row["time"]),
        row["session"][:6],
        arrow,
        {"websocket": "ws", "polling": "poll"}[row["transport"]],
        printable(row.get("namespace", ""), 40),
        printable(what, 60) + number,
        printable(content, 400) + (f"  ({', '.join(extra)})" if extra else ""),
    )


def _clock(time: float | None) -> str:
    if time is None:
        return "?"
    try:
        return datetime.fromtimestamp(time, UTC).strftime("%H:%M:%S.%f")[:-3]
    except (OverflowError, ValueError, OSError):
        return "?"
