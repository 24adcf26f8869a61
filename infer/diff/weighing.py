"""How many observations each change of a contract would break."""

from __future__ import annotations

from collections.abc import Sequence

from infer.asyncapi.contract import Contract
from infer.diff.finding import Finding
from infer.model import Observation


class Weighing:
    """Takes observations one by one, then gives the findings of `compare` with their weights.

    An error that would break none of the observations of its slot, though there are some, becomes a warning.
    """

    def __init__(self, findings: Sequence[Finding], base: Contract, revision: Contract) -> None:
        raise NotImplementedError

    def add(self, observation: Observation) -> None:
        """Weigh by one observation."""
        raise NotImplementedError

    def findings(self) -> list[Finding]:
        """The findings with `weight` set, worst first."""
        raise NotImplementedError
