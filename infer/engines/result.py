"""What a run gives beside its catalog: how much was read, what could not be, what else was met."""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec

from infer.catalog import Catalog
from infer.errors import SioInferError
from infer.model import Diagnostic
from infer.wire import Recogniser

KEPT_PER_CODE: Final = 100
"""Diagnostics shown of one kind: enough to find the pattern in; the rest is counted."""


class Diagnostics:
    """A `Report` that counts all and keeps the first of each kind, in the order met."""

    __slots__ = ("counts", "kept")

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.kept: list[Diagnostic] = []

    def __call__(self, diagnostic: Diagnostic) -> None:
        """Take one in."""
        self.counts[diagnostic.code] += 1
        if self.counts[diagnostic.code] <= KEPT_PER_CODE:
            self.kept.append(diagnostic)

    def merge(self, later: Diagnostics, source: str, entries: int) -> None:
        """Take in what was met later, of the capture `source` behind its first `entries` entries."""
        for diagnostic in later.kept:
            room = KEPT_PER_CODE - sum(kept.code == diagnostic.code for kept in self.kept)
            if room > 0:
                self.kept.append(msgspec.structs.replace(diagnostic, origin=diagnostic.origin.moved(source, entries)))
        self.counts += later.counts

    def retract(self, code: str) -> None:
        """Take back the first of that code."""
        first = next((kept for kept in self.kept if kept.code == code), None)
        if first is not None:
            self.kept.remove(first)
            self.counts[code] -= 1

    def clear(self) -> None:
        """Forget all."""
        self.counts.clear()
        self.kept.clear()

    @property
    def total(self) -> int:
        """How many there were, of all kinds."""
        return self.counts.total()


class Result(msgspec.Struct):
    """What a run over captures gave."""

    catalog: Catalog = msgspec.field(default_factory=Catalog)
    diagnostics: Diagnostics = msgspec.field(default_factory=Diagnostics)
    recogniser: Recogniser = msgspec.field(default_factory=Recogniser)
    """Hosts and paths met, Socket.IO or not."""
    captures: int = 0
    """Files of which something could be read; `failed` has the others, with what stood against them."""
    failed: list[SioInferError] = msgspec.field(default_factory=list)
    frames: int = 0
    packets: int = 0
    observations: int = 0
    """Observations that the filter let through."""
