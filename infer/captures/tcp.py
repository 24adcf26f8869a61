"""TCP segments to the bytes that each side sent, in order: what a packet capture has lost of them is known.

The law: pure, and bounded. Segments come in the order captured, with sequence numbers modulo 2**32; what was sent twice is
given once, what came early waits for what lies before it, and where that never comes the rest is given up.
"""

from __future__ import annotations

from typing import Final

MAX_EARLY: Final = 16 << 20
"""Bytes that wait for those before them: a window of a fast connection. Beyond, the capture has lost them."""
MAX_SEGMENTS: Final = 10_000
"""The same in segments, which may be a byte each."""
_WRAP: Final = 1 << 32
_HALF: Final = 1 << 31


class Pipe:
    """One direction of a connection, from a sequence number on."""

    __slots__ = ("_early", "_early_bytes", "_next", "lost")

    def __init__(self, first: int) -> None:
        self._next = first
        self._early: dict[int, bytes] = {}
        self._early_bytes = 0
        self.lost = False
        """Whether bytes are missing that later ones follow; nothing more is given then."""

    def feed(self, sequence: int, data: bytes) -> bytes:
        """The bytes that are in order now."""
        if self.lost:
            return b""
        ahead = (sequence - self._next) % _WRAP
        if 0 < ahead < _HALF:
            self._wait(sequence, data)
            return b""
        given = [self._new(sequence, data)]
        while self._early:
            found = self._due()
            if found is None:
                break
            data = self._early.pop(found)
            self._early_bytes -= len(data)
            given.append(self._new(found, data))
        return b"".join(given)

    def is_past(self, sequence: int) -> bool:
        """Whether the byte of that number lies before those that are still to come."""
        return 0 < (self._next - sequence) % _WRAP < _HALF

    @property
    def waiting(self) -> bool:
        """Whether bytes wait for others that lie before them."""
        return bool(self._early)

    def _wait(self, sequence: int, data: bytes) -> None:
        if len(data) > len(self._early.get(sequence, b"")):
            self._early_bytes += len(data) - len(self._early.get(sequence, b""))
            self._early[sequence] = data
        if self._early_bytes > MAX_EARLY or len(self._early) > MAX_SEGMENTS:
            self.lost = True
            self._early.clear()

    def _due(self) -> int | None:
        """The sequence number of bytes that wait and are in order now."""
        if self._next in self._early:
            return self._next
        return next((at for at in self._early if (self._next - at) % _WRAP < _HALF), None)

    def _new(self, sequence: int, data: bytes) -> bytes:
        """The part of a segment that was not given yet."""
        given = (self._next - sequence) % _WRAP
        fresh = data[given:]
        self._next = (self._next + len(fresh)) % _WRAP
        return fresh
