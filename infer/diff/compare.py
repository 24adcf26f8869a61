"""A contract against its revision: what changed, and whom it breaks."""

from __future__ import annotations

from infer.asyncapi.contract import Contract
from infer.diff.finding import Finding
from infer.diff.rules import Compat


def compare(base: Contract, revision: Contract, compat: Compat = Compat.BACKWARD) -> list[Finding]:
    """The changes from the base to the revision, worst first, each once. Errors: `SpecError` for an invalid schema."""
    raise NotImplementedError
