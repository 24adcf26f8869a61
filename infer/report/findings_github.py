"""Findings as annotations of GitHub Actions: `::error file=…,line=…,title=…::message`.

What is accepted is left out. GitHub shows ten annotations of each level a step, so the worst come first, and the
headline is a line of the log.
"""

from __future__ import annotations

from typing import Final

from infer.diff.finding import Finding
from infer.diff.rules import Level
from infer.report.findings import (
    Outcome,
    conclusion,
    coverage_line,
    facts,
    headline,
    housekeeping,
    path_and_line,
    plain,
)

_COMMANDS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}


def render(outcome: Outcome) -> str:
    """The workflow commands, a line each, and a plain headline."""
    lines = [_annotation(finding, outcome) for finding in outcome.verdict.counting]
    lines += [f"::notice title=sio-infer::{_data(line)}" for line in housekeeping(outcome)]
    coverage = outcome.verdict.coverage
    if coverage is not None:
        lines.append(f"sio-infer: {plain(coverage_line(coverage))}")
    lines.append(f"sio-infer: {headline(outcome)}; {conclusion(outcome)}")
    return "\n".join(lines) + "\n"


def _annotation(finding: Finding, outcome: Outcome) -> str:
    path, line, column = path_and_line(finding, outcome)
    properties = {"file": plain(path), "line": line, "col": column, "title": finding.rule.id}
    given = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None)
    text = "\n".join([plain(finding.message, 500), *(f"{label}: {fact}" for label, fact in facts(finding, outcome))])
    return f"::{_COMMANDS[finding.level]} {given}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
