"""Frames made by hand, and what the room makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from infer.model import Diagnostic, Direction, Exchange, Frame, Observation, Origin, Transport
from infer.wire import Correlator, Decoder, Limits, Packet, Stats

C2S, S2C = Direction.C2S, Direction.S2C
ENDPOINT = "http://chat.example/socket.io/"

_entries = count()


def exchange(
    query: str = "EIO=4&transport=websocket",
    *,
    endpoint: str = ENDPOINT,
    method: str = "GET",
    status: int | None = None,
    started: float | None = 1000.0,
) -> Exchange:
    """An HTTP exchange, a WebSocket where the query says so."""
    socket = "transport=polling" not in query and method == "GET"
    return Exchange(
        url=f"{endpoint}?{query}" if query else endpoint,
        method=method,
        request_headers=(),
        response_headers=(),
        status=status if status is not None else 101 if socket else 200,
        transport=Transport.WEBSOCKET if socket else Transport.POLLING,
        started=started,
        origin=Origin("made.har", next(_entries)),
    )


@dataclass
class Socket:
    """A WebSocket whose messages follow one another by a millisecond."""

    query: str = "EIO=4&transport=websocket&sid=s1"
    endpoint: str = ENDPOINT
    time: float | None = 1000.0
    of: Exchange = field(init=False)
    number: int = 0

    def __post_init__(self) -> None:
        self.of = exchange(self.query, endpoint=self.endpoint, started=self.time)

    def said(self, direction: Direction, *messages: str | bytes) -> list[Frame]:
        """Messages, one after the other."""
        frames = []
        for data in messages:
            time = None if self.time is None else self.time + self.number / 1000
            frames.append(Frame(self.of, direction, time, data, self.number))
            self.number += 1
        return frames


def body(direction: Direction, data: bytes | str, time: float | None = 1000.0, *, sid: str | None = "s1", protocol: int = 4,
         more: str = "", endpoint: str = ENDPOINT, status: int = 200) -> Frame:  # fmt: skip
    """The body of a polling request (c2s) or of its answer (s2c)."""
    query = f"EIO={protocol}&transport=polling" + (f"&sid={sid}" if sid else "") + more
    method = "POST" if direction is C2S else "GET"
    of = exchange(query, endpoint=endpoint, method=method, status=status, started=time)
    return Frame(of, direction, time, data.encode() if isinstance(data, str) else data)


@dataclass
class Made:
    """What frames gave."""

    packets: list[Packet]
    diagnostics: list[Diagnostic]
    stats: Stats

    @property
    def codes(self) -> list[str]:
        """Of the diagnostics, in order; without what every session without its opening gives."""
        return [diagnostic.code for diagnostic in self.diagnostics if diagnostic.code != "session-unopened"]

    @property
    def events(self) -> list[tuple[Any, ...]]:
        """Name and arguments of each event."""
        return [(packet.event, *(packet.args or ())) for packet in self.packets if packet.event is not None]


def decoded(frames: Iterable[Frame], parser: str = "auto", limits: Limits | None = None) -> Made:
    """All packets of the frames, fed one by one and settled."""
    diagnostics: list[Diagnostic] = []
    decoder = Decoder(report=diagnostics.append, parser=parser, limits=limits)
    packets: list[Packet] = []
    for frame in frames:
        packets += decoder.feed(frame)
    packets += decoder.settle()
    stats = decoder.stats
    assert stats.frames == stats.decoded + stats.diagnosed + stats.ignored.total(), "a frame was lost"
    assert stats.packets == len(packets)
    return Made(packets, diagnostics, stats)


def observed(frames: Iterable[Frame], limits: Limits | None = None) -> tuple[list[Observation], list[str]]:
    """All observations of the frames, and the codes of the diagnostics as `Made.codes` has them."""
    made = decoded(frames, limits=limits)
    correlator = Correlator(report=made.diagnostics.append, limits=limits)
    seen: list[Observation] = []
    for packet in made.packets:
        seen += correlator.feed(packet)
    return seen + list(correlator.settle()), made.codes
