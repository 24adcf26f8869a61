"""Connection state recovery: the offset that the server appends to its events, and the client's request for a replay.

Where recovery is on, every server event that needs no acknowledgement carries one more argument at its end, a string
that is not the application's (packages/socket.io-adapter/lib/in-memory-adapter.ts). The in-memory adapter's is made by
`yeast`: the time in milliseconds in base 64, seven characters today, with a counter where one millisecond had several.
Held against the frame's clock it cannot well be anything else: the chance of a stray match is below one in ten thousand.
"""

from __future__ import annotations

import re
from typing import Final

from infer.model import ABSENT, Absent, Json

_ALPHABET: Final = {
    character: value
    for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_")
}
_IN_MEMORY: Final = re.compile(r"([0-9A-Za-z_-]{7})(?:\.[0-9A-Za-z_-]+)?")
_REDIS_STREAM: Final = re.compile(r"(\d{13})-\d+")
_OBJECT_ID: Final = re.compile(r"([0-9a-f]{8})[0-9a-f]{16}")
_AGE: Final = 3 * 86_400.0
"""Seconds that an offset may be older than its frame: recovery keeps packets for two minutes unless told otherwise."""
_AHEAD: Final = 3_600.0
"""Seconds that the server's clock may be ahead of the recorder's."""
_PRIVATE_ID: Final = re.compile(r"[0-9A-Za-z_-]{20}")


def offset_of(args: list[Json], time: float | None, *, offered: bool | None) -> str | None:
    """The offset at the end of a server event's arguments, None where there is none.

    `offered` says whether the server's CONNECT carried a `pid`; None where it was not seen (the capture may begin later,
    and events may come before it): then only the in-memory form is taken, and only by its clock. The forms of Redis
    streams and MongoDB are those adapters' own ids.
    """
    last = args[-1] if args and offered is not False else None
    if not isinstance(last, str):
        return None
    found = _IN_MEMORY.fullmatch(last)
    if found:
        stamp = 0
        for character in found[1]:
            stamp = stamp * 64 + _ALPHABET[character]
        return last if _near(stamp / 1000, time, unknown=bool(offered)) else None
    if not offered:
        return None
    found = _REDIS_STREAM.fullmatch(last)
    if found:
        return last if _near(int(found[1]) / 1000, time, unknown=True) else None
    found = _OBJECT_ID.fullmatch(last)
    return last if found and _near(int(found[1], 16), time, unknown=True) else None


def may_be_offset(args: list[Json]) -> bool:
    """Whether the last argument has the form of any offset."""
    last = args[-1] if args else None
    return isinstance(last, str) and any(form.fullmatch(last) for form in (_IN_MEMORY, _REDIS_STREAM, _OBJECT_ID))


def strip(auth: Json | Absent) -> Json | Absent:
    """The application's part of a CONNECT's payload: without the `pid` and `offset` by which a client asks for a replay."""
    if not isinstance(auth, dict) or not isinstance(auth.get("pid"), str) or not _PRIVATE_ID.fullmatch(auth["pid"]):
        return auth
    own = {key: value for key, value in auth.items() if key not in ("pid", "offset")}
    return own or ABSENT


def _near(stamp: float, time: float | None, *, unknown: bool) -> bool:
    return unknown if time is None else time - _AGE <= stamp <= time + _AHEAD
