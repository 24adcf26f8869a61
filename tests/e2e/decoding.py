"""Captures to observations, step by step through the rooms, with all that is lost on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from infer import captures
from infer.filters import Filter
from infer.model import Diagnostic, Observation
from infer.wire import Correlator, Decoder, Recogniser, Stats


@dataclass(slots=True)
class Decoded:
    """What was understood of captures, and what was not."""

    stats: Stats
    observations: list[Observation] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    frames: int = 0


def decoded(paths: Iterable[Path], host: str | None = None) -> Decoded:
    """The captures in a row, as the command reads them; of one host where it is named."""
    diagnostics: list[Diagnostic] = []
    decoder = Decoder(report=diagnostics.append)
    correlator = Correlator(report=diagnostics.append)
    result = Decoded(decoder.stats, diagnostics=diagnostics)
    wanted = Recogniser(wanted=Filter(hosts=(host,)) if host else None)
    for path in paths:
        for frame in captures.read(path, wanted=wanted, report=diagnostics.append):
            result.frames += 1
            for packet in decoder.feed(frame):
                result.observations += correlator.feed(packet)
    for packet in decoder.settle():
        result.observations += correlator.feed(packet)
    result.observations += correlator.settle()
    return result
