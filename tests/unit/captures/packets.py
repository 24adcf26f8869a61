"""Packet captures made segment by segment."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

CLIENT: Final = 5_000
"""The port of the first client."""
SERVER: Final = 3_000
_SYN: Final = 0x02
_PUSH: Final = 0x18
_BEGIN: Final = {True: 1_000, False: 9_000}


class Talk:
    """A TCP connection: what either side says, as one packet each, in `packets`; with `begun` behind its first three."""

    def __init__(self, client: int = CLIENT, *, begun: bool = True) -> None:
        self.packets: list[bytes] = []
        self._client = client
        self._next = dict(_BEGIN)
        if begun:
            self._add(True, b"", _SYN)
            self._add(False, b"", _SYN | 0x10)

    def asks(self, *parts: bytes) -> Talk:
        """The client says that, a packet each."""
        return self._say(True, parts)

    def answers(self, *parts: bytes) -> Talk:
        """The server says that, a packet each."""
        return self._say(False, parts)

    def lost(self, client: bool, size: int) -> Talk:
        """A side has said so many bytes that were not captured."""
        self._next[client] += size
        return self

    def swapped(self, first: int, second: int) -> Talk:
        """Two packets in each other's place."""
        packets = self.packets
        packets[first], packets[second] = packets[second], packets[first]
        return self

    def _say(self, client: bool, parts: tuple[bytes, ...]) -> Talk:
        for part in parts:
            self._add(client, part, _PUSH)
        return self

    def _add(self, client: bool, data: bytes, flags: int) -> None:
        ports = (self._client, SERVER) if client else (SERVER, self._client)
        tcp = struct.pack("!HHIIBBHHH", *ports, self._next[client], self._next[not client], 0x50, flags, 65_000, 0, 0) + data
        ends = (b"\x0a\0\0\1", b"\x0a\0\0\2") if client else (b"\x0a\0\0\2", b"\x0a\0\0\1")
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, *ends)
        self.packets.append(b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + ip + tcp)
        self._next[client] += len(data) + (flags & _SYN != 0)


def captured(path: Path, *talks: Talk, most: int = 1 << 18) -> Path:
    """A pcap file of connections, one after the other, a packet each millisecond, of each its first bytes up to so many."""
    packets = [packet for talk in talks for packet in talk.packets]
    records = [struct.pack("<IIII", 1_772_323_200, 1_000 * n, len(packet[:most]), len(packet)) + packet[:most] for n, packet in enumerate(packets)]
    path.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, most, 1) + b"".join(records))
    return path
