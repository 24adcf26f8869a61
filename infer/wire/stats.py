"""How many frames were fed to a decoder, and what became of them."""

from __future__ import annotations

from collections import Counter

import msgspec


class Stats(msgspec.Struct):
    """What became of the frames: `frames` is `decoded` + `diagnosed` + the sum of `ignored`."""

    frames: int = 0
    decoded: int = 0
    """Frames of which at least one packet or fragment was taken."""
    diagnosed: int = 0
    """Frames that gave diagnostics only."""
    ignored: Counter[str] = msgspec.field(default_factory=Counter)
    """Frames without a packet by the protocol's own rules, by reason."""
    packets: int = 0
