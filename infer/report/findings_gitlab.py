"""Findings as a GitLab code-quality report: a JSON array in CodeClimate's form. What is accepted is left out."""

from __future__ import annotations

import json
from typing import Any, Final

from infer.diff.finding import Finding
from infer.diff.rules import Level
from infer.report.findings import Outcome, about, path_and_line, plain

_SEVERITIES: Final = {Level.ERROR: "critical", Level.WARNING: "minor", Level.INFO: "info"}


def render(outcome: Outcome) -> str:
    """The report; an empty array where nothing counts."""
    return json.dumps([_issue(finding, outcome) for finding in outcome.verdict.counting], indent=2) + "\n"


def _issue(finding: Finding, outcome: Outcome) -> dict[str, Any]:
    path, line, _ = path_and_line(finding, outcome)
    return {
        "description": f"{plain(finding.message, 500)} ({about(finding)})",
        "check_name": finding.rule.id,
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.level],
        "location": {"path": path, "lines": {"begin": line or 1}},
    }
