"""The declared contract, held to the traffic as it passes: each kind of finding is told once, and counted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from infer.asyncapi.opening import open_contract
from infer.diff import Conformance, Finding, Level
from infer.live.messages import Told, ToProxy, Violated
from infer.model import Observation
from infer.report.text import many, printable
from infer.urls import shown

_PAUSE: Final = 0.5
"""Seconds between two looks at what was found."""
_LINES: Final = 50
_MARKED: Final = 100_000
"""Flows that are remembered as marked."""


class Watch:
    """Holds observations to the contract in a document. Errors: `SpecError`."""

    def __init__(self, path: str, perspective: str) -> None:
        self._path = shown(path)
        self._conformance = Conformance(open_contract(path, perspective=_stated(perspective)))
        self._told: set[str] = set()
        self._marked: set[tuple[int, str]] = set()
        self._fresh = False
        self._look_at = 0.0

    def add(self, observation: Observation) -> None:
        """Hold one observation to it."""
        self._conformance.add(observation)
        self._fresh = True

    def notices(self, *, final: bool = False) -> Iterator[ToProxy]:
        """What was found since it was asked before: a line for a new kind of finding, a comment for a flow's own."""
        now = time.monotonic()
        if not self._fresh or (now < self._look_at and not final):
            return
        self._fresh = False
        self._look_at = now + _PAUSE
        for finding in self._findings():
            key = finding.fingerprint
            if key not in self._told:
                self._told.add(key)
                yield Told(f"not as declared: {_line(finding)}")
            for evidence in finding.evidence:
                entry = evidence.origin.entry
                if entry is not None and (entry, key) not in self._marked and len(self._marked) < _MARKED:
                    self._marked.add((entry, key))
                    yield Violated(entry, _line(finding))

    @property
    def violations(self) -> int:
        """How many there were, of all kinds."""
        return sum(finding.count for finding in self._findings())

    def report(self) -> list[str]:
        """What was found so far, a line a kind."""
        findings = self._findings()
        path = printable(self._path)
        if not findings:
            return [f"{path}: all that was seen is as declared ({many(self._conformance.observations, 'observation')})"]
        lines = [f"{finding.count:,} × {_line(finding)}" for finding in findings[:_LINES]]
        hidden = len(findings) - len(lines)
        head = f"{path}: {many(len(findings), 'kind')} of traffic {'is' if len(findings) == 1 else 'are'} not as declared"
        return [head, *lines, *([f"… and {hidden:,} more kinds"] if hidden else [])]

    def _findings(self) -> list[Finding]:
        return [finding for finding in self._conformance.findings() if finding.level.rank >= Level.WARNING.rank]


def _stated(perspective: str) -> str | None:
    """The document's own word counts where the settings say nothing but the default."""
    return None if perspective == "server" else perspective


def _line(finding: Finding) -> str:
    return printable(f"{finding.about}: {finding.message} [{finding.rule.id}]", 300)
