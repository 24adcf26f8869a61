"""What the proxy and its worker tell each other: values, in batches, each batch after its length in four bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

import msgspec

from infer.live.settings import Settings
from infer.model import Diagnostic, Exchange, Server

LENGTH: Final = 4

MessageState: TypeAlias = dict[str, Any]
"""mitmproxy's own state of a request or response."""


class Opened(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=0):
    """A WebSocket; its number is the entry of its origin."""

    exchange: Exchange


class Said(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=1):
    """A message of it."""

    socket: int
    index: int
    opcode: int
    from_client: bool
    content: bytes
    time: float


class Ended(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=2):
    """It is closed."""

    socket: int


class Answered(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=3):
    """An HTTP exchange as it ended."""

    exchange: Exchange
    request: MessageState
    response: MessageState | None


class Skipped(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=4):
    """So many frames were not passed on: the worker was behind."""

    frames: int


class Noted(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=5):
    """Something that the proxy's side could not take as it stood."""

    diagnostic: Diagnostic


class Met(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=6):
    """What the proxy's side met, as the `Recogniser` counts it."""

    seen: list[tuple[Server, int]]
    filtered: list[tuple[Server, int]]
    recognised: list[tuple[Server, int]]
    websockets: int


class Ask(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=7):
    """A question, which an `Answer` of the same number answers once all before it is done."""

    number: int
    what: str
    """One of the recorder's answers: `configure`, `summary`, `status`, `save`, `diff`, `reset`, `finish`."""
    argument: str = ""
    settings: Settings | None = None


ToWorker: TypeAlias = Opened | Said | Ended | Answered | Skipped | Noted | Met | Ask


class Row(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One event for the dashboard."""

    host: str
    namespace: str
    direction: str
    event: str
    count: int
    rate: float
    """Per second, over the time since the status before."""
    acks: int
    latency: float | None
    """Median seconds from the event to its acknowledgement."""
    age: float | None
    """Seconds since it was first seen; None where it was there when listening began."""


class Status(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What the dashboard shows."""

    rows: list[Row]
    more: int
    """Kinds of event beyond the rows."""
    sessions: int
    frames: int
    observations: int
    skipped: int
    diagnostics: list[tuple[str, int]]
    violations: int
    saved: float | None
    """Seconds since the document was last written."""


class Answer(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=0):
    """See `Ask`."""

    number: int
    error: str | None = None
    lines: list[str] = []
    status: Status | None = None
    failed: str = ""
    """Of the last one: why not all that was seen is written; empty: it is."""


class Told(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=1):
    """A line for the person at the proxy."""

    line: str


class Violated(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=2):
    """A flow that does not keep to the declared contract, by the entry of its origin."""

    entry: int
    comment: str


ToProxy: TypeAlias = Answer | Told | Violated

_encode_into: Final = msgspec.msgpack.Encoder().encode_into
to_worker: Final = msgspec.msgpack.Decoder(list[ToWorker]).decode
to_proxy: Final = msgspec.msgpack.Decoder(list[ToProxy]).decode


def packed(batch: list[Any]) -> bytearray:
    """A batch as it goes through the pipe. Errors: OverflowError beyond 4 GiB."""
    data = bytearray(LENGTH)
    _encode_into(batch, data, LENGTH)
    data[:LENGTH] = (len(data) - LENGTH).to_bytes(LENGTH, "big")
    return data


def batches(read: Callable[[int], bytes]) -> Iterable[bytes]:
    """The batches that come out of a pipe, still packed; one that is cut short by its end is left out."""
    while len(head := read(LENGTH)) == LENGTH:
        size = int.from_bytes(head, "big")
        data = read(size)
        if len(data) < size:
            return
        yield data
