"""Contract against contract, traffic against contract. Pure: nothing here reads a file or prints.

compare(base, revision)         what changed, and whom it breaks
Conformance(contract).add(...)  whether observations keep to a contract, and how much of it they show
Weighing(findings, ...)         how many observations each change would break
patch(...)                      what would make the declared document take the traffic
"""

from __future__ import annotations

from infer.diff.compare import compare
from infer.diff.conformance import Conformance
from infer.diff.coverage import Coverage, Part
from infer.diff.finding import Evidence, Finding, Weight, order
from infer.diff.patch import patch
from infer.diff.rules import KINDS, RULES, Compat, Group, Kind, Level, Rule
from infer.diff.weighing import Weighing

__all__ = [
    "KINDS",
    "RULES",
    "Compat",
    "Conformance",
    "Coverage",
    "Evidence",
    "Finding",
    "Group",
    "Kind",
    "Level",
    "Part",
    "Rule",
    "Weighing",
    "Weight",
    "compare",
    "order",
    "patch",
]
