"""Observations as the decoder makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from infer.model import ABSENT, Connect, Direction, Event, Handshake, Origin, Server, Transport

SERVER = Server(False, "app.test", "/socket.io/")
OTHER_SERVER = Server(False, "app.test", "/elsewhere/")


def said(
    direction: str = "c2s",
    *args: Any,
    name: str = "say",
    namespace: str = "/",
    ack: Sequence[Any] | None = None,
    frame: int | None = 0,
    asked: bool | None = None,
) -> Event:
    return Event(
        1, SERVER, namespace, Direction(direction), name, list(args),
        ack is not None if asked is None else asked, ack, None, 1, 1.0, Origin("a.har", 2, frame),
    )  # fmt: skip


def connected(namespace: str = "/", *, auth: Any = ABSENT, error: Any = ABSENT, accepted: bool | None = True) -> Connect:
    return Connect(1, SERVER, namespace, accepted, auth, error, 1.0, Origin("a.har", 0, None))


def opened(server: Server = SERVER, *query: tuple[str, str], protocol: int = 4) -> Handshake:
    return Handshake(1, server, protocol, "default", Transport.WEBSOCKET, query, (), 1.0, Origin("a.har", 0, None))
