"""Traffic against a contract, value by value."""

from __future__ import annotations

from infer.asyncapi.contract import Contract
from infer.diff.coverage import Coverage
from infer.diff.finding import Finding
from infer.model import Observation


class Conformance:
    """Takes observations one by one; memory grows with the contract and the kinds of finding, not with traffic.

    `keep_values` keeps one real value a finding as its witness. Errors: `SpecError` for an invalid schema.
    """

    def __init__(self, contract: Contract, *, keep_values: bool = False) -> None:
        raise NotImplementedError

    def add(self, observation: Observation) -> None:
        """Hold one observation to the contract."""
        raise NotImplementedError

    @property
    def observations(self) -> int:
        """How many events and connects were held to it: with none, nothing can be said."""
        raise NotImplementedError

    def findings(self) -> list[Finding]:
        """What did not conform so far, worst first, each once with its count and its first places."""
        raise NotImplementedError

    def coverage(self) -> Coverage:
        """How much of the contract was seen so far."""
        raise NotImplementedError
