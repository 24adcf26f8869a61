"""Captures read whole, for tests to compare."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from infer import captures
from infer.model import Diagnostic, Frame

RECORDINGS: Final = Path(__file__).resolve().parents[3] / "recordings"


@dataclass(slots=True)
class Reading:
    """What a reader gave."""

    frames: list[Frame] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def codes(self) -> list[str]:
        return [diagnostic.code for diagnostic in self.diagnostics]

    @property
    def content(self) -> list[tuple[str, Any]]:
        """Direction and data of each frame."""
        return [(frame.direction.value, frame.data) for frame in self.frames]


def read(path: Path) -> Reading:
    reading = Reading()
    reading.frames.extend(captures.read(path, wanted=lambda _: True, report=reading.diagnostics.append))
    return reading


def har(name: str) -> dict[str, Any]:
    """A recorded HAR as plain data."""
    document: dict[str, Any] = json.loads((RECORDINGS / name).read_text(encoding="utf-8"))
    return document


def written(document: Any, path: Path, **options: Any) -> Path:
    path.write_text(json.dumps(document, **options), encoding="utf-8")
    return path


def socket_har(*texts: str) -> dict[str, Any]:
    """A HAR of one WebSocket on which the server says those texts."""
    messages = [{"type": "receive", "time": 1772323200 + number, "opcode": 1, "data": text} for number, text in enumerate(texts)]
    return {"log": {"version": "1.2", "entries": [socket_entry(messages)]}}


def socket_entry(messages: Any, url: str = "ws://a.test/socket.io/?EIO=4&transport=websocket") -> dict[str, Any]:
    """The entry of a WebSocket."""
    request = {"method": "GET", "url": url, "headers": []}
    return {"startedDateTime": "2026-03-01T00:00:00Z", "request": request, "response": {"status": 101}, "_webSocketMessages": messages}


def flipped(data: bytes, at: int) -> bytes:
    """With all bits of one byte turned."""
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


NOISE: Final = [sha256(str(number).encode()).hexdigest() for number in range(3_000)]
"""Texts that do not pack well."""
