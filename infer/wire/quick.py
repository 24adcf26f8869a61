"""What most messages are, decoded at a third of the cost: events and acknowledgements without attachments.

The law: a packet that is given here is the one that the general way (`infer.wire.decoder`) gives for the same message. It is
for sessions that are known to use the default parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import orjson

from infer.model import Direction, Frame, Json
from infer.wire.packet import EngineType, Packet, SocketType
from infer.wire.parsers import RESERVED
from infer.wire.session import Session

KINDS: Final = frozenset({"2", "3"})
"""How a message of Engine.IO begins that is an event or an acknowledgement, `MESSAGES` how the frame of one does."""
MESSAGES: Final = frozenset({"42", "43"})
_BEGIN: Final = re.compile("([23])(?:(/[^,?\ud800-\udfff]*),)?([0-9]{0,18})\\[")
"""From its type up to its list: type, namespace, id."""

Shortcut: TypeAlias = Callable[[Session, Sequence[Frame], int], tuple[int, Sequence[Frame]]]
"""Is offered messages of a session from that position on, undecoded, that seem to be events or acknowledgements of the default
parser. It goes through as many as it can before those that it leaves are decoded: how many, and which it leaves, in order."""


def may_end_in_offset(session: Session, namespace: str, direction: Direction) -> bool:
    """Whether the last argument of an event without acknowledgement may be recovery's: a string that the server appends."""
    return direction is Direction.S2C and session.recovery.get(namespace) is not False


def quick_packet(session: Session, frame: Frame, text: str, at: int, most: int) -> Packet | None:
    """The packet of a message whose type stands at `at`, with an id of up to `most`; None for what takes the general way.

    That is also an event that may end in an offset.
    """
    found = _BEGIN.match(text, at)
    if found is None:
        return None
    try:
        args = orjson.loads(text[found.end() - 1 :])
    except ValueError:
        return None
    kind, namespace, digits = found.groups()
    number = int(digits) if digits else None
    if number is not None and number > most:
        return None
    event = None
    if kind == "2":
        if not args or type(args[0]) is not str or args[0] in RESERVED:
            return None
        ends_in_text = len(args) > 1 and type(args[-1]) is str
        if ends_in_text and number is None and may_end_in_offset(session, namespace or "/", frame.direction):
            return None
        event = args.pop(0)
    elif number is None:
        return None
    return packet_of(session, frame, namespace or "/", event, args, number, len(text) - at)


def packet_of(
    session: Session, frame: Frame, namespace: str, event: str | None, args: Sequence[Json], number: int | None, size: int
) -> Packet:
    """The packet of a message without attachments: an event where it has a name, else an acknowledgement."""
    return Packet(
        session=session,
        transport=frame.exchange.transport,
        direction=frame.direction,
        time=frame.time,
        origin=frame.origin,
        engine=EngineType.MESSAGE,
        type=SocketType.ACK if event is None else SocketType.EVENT,
        namespace=namespace,
        event=event,
        args=args,
        id=number,
        size=size,
    )
