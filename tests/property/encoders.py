"""The encoders of the official JavaScript libraries and of python-socketio, behind one call each.

Packets are `Sent`; what comes back are the data of frames: one a WebSocket message, or one polling body.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import engineio
import socketio
from socketio import msgpack_packet

from tests.requires import NODE_MODULES


@dataclass(frozen=True)
class Sent:
    """An event, or (where `name` is None) an acknowledgement."""

    name: str | None
    args: list[Any]
    namespace: str = "/"
    id: int | None = None

    @property
    def type(self) -> int:
        """Of Socket.IO, before its binary counterpart is chosen."""
        return 3 if self.name is None else 2

    @property
    def data(self) -> list[Any]:
        """What the packet carries."""
        return self.args if self.name is None else [self.name, *self.args]


@dataclass(frozen=True)
class Kind:
    """An encoder, and the transport that it encodes for."""

    library: str
    """`js1`, `js2`, `js4` or `python`."""
    parser: str = "default"
    framing: str = "websocket"
    """`websocket`, `polling`, or `base64`: polling by a client that cannot take binary."""

    @property
    def protocol(self) -> int:
        """Of Engine.IO."""
        return 3 if self.library in {"js1", "js2"} else 4

    def __str__(self) -> str:
        """`js4 msgpack websocket`."""
        return f"{self.library} {self.parser} {self.framing}"


_PARSERS = {"js1": ("default",), "js2": ("default", "msgpack", "json"), "js4": ("default", "msgpack", "json"), "python": ("default", "msgpack")}
KINDS = [
    Kind(library, parser, framing)
    for library, parsers in _PARSERS.items()
    for parser in parsers
    for framing in ("websocket", "polling", "base64")
    if not (framing == "base64" and library in {"js4", "python"})  # protocol 4 sends no binary by polling
]


class Encoders:
    """A Node process that encodes, for as long as its block lasts."""

    def __init__(self, node: str) -> None:
        script = Path(__file__).with_name("encoders.js")
        self._process = subprocess.Popen(
            [node, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "NODE_PATH": str(NODE_MODULES)},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=10)

    def encode(self, kind: Kind, packets: list[Sent]) -> list[str | bytes]:
        """The frames' data: WebSocket messages, or a single polling body."""
        if kind.library == "python":
            return _python(kind, packets)
        request = {
            "version": int(kind.library[2:]),
            "parser": kind.parser,
            "framing": kind.framing,
            "packets": [
                {"type": sent.type, "nsp": sent.namespace, "data": _hexed(sent.data)}
                | ({} if sent.id is None else {"id": sent.id})
                for sent in packets
            ],
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "body" in answer:
            return [bytes.fromhex(answer["body"])]
        return [data if isinstance(data, str) else bytes.fromhex(data["$hex"]) for data in answer["websocket"]]


def _python(kind: Kind, packets: list[Sent]) -> list[str | bytes]:
    make = socketio.packet.Packet if kind.parser == "default" else msgpack_packet.MsgPackPacket
    messages = []
    for sent in packets:
        encoded = make(sent.type, data=sent.data, namespace=sent.namespace, id=sent.id).encode()
        messages += encoded if isinstance(encoded, list) else [encoded]
    engine = [engineio.packet.Packet(engineio.packet.MESSAGE, data=message) for message in messages]
    if kind.framing == "websocket":
        return [packet.encode() for packet in engine]
    return [engineio.payload.Payload(packets=engine).encode().encode()]


def python3_payload(messages: list[str | bytes]) -> bytes:
    """A polling body as python-engineio 3 wrote it: its text lengths count bytes.

    That version cannot be installed beside the present one; this is its rule (engineio/payload.py of 3.14).
    """
    body = b""
    for message in messages:
        packet = f"4{message}".encode() if isinstance(message, str) else b"b4" + base64.b64encode(message)
        body += f"{len(packet)}:".encode() + packet
    return body


def _hexed(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"$hex": value.hex()}
    if isinstance(value, list):
        return [_hexed(item) for item in value]
    if isinstance(value, dict):
        return {key: _hexed(item) for key, item in value.items()}
    return value
