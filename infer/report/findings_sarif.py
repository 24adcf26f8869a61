"""Findings as SARIF 2.1.0 (OASIS), for code scanning. What is accepted is marked as suppressed, never left out: else alerts reopen.

In a message `{`, `}`, `[`, `]` and the backslash are syntax (sections 3.11.5 and 3.11.6) and are escaped.
"""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote

from infer.asyncapi.references import Place
from infer.diff.finding import Finding
from infer.diff.rules import RULES, Level, Rule
from infer.report.findings import Outcome, about, elsewhere, facts, housekeeping, normal, path_and_line, plain

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
_ESCAPES: Final = str.maketrans({"{": "{{", "}": "}}", "[": "\\[", "]": "\\]", "\\": "\\\\"})


def render(outcome: Outcome) -> str:
    """The log, of one run."""
    rules = {rule.id: number for number, rule in enumerate(RULES.values())}
    notes = [{"level": "note", "message": {"text": _text(line)}} for line in housekeeping(outcome)]
    invocation: dict[str, Any] = {"executionSuccessful": True}
    if notes:
        invocation["toolExecutionNotifications"] = notes
    run = {
        "tool": {
            "driver": {
                "name": "sio-infer",
                "version": outcome.version,
                "rules": [_rule(rule) for rule in RULES.values()],
            }
        },
        "automationDetails": {"id": f"sio-infer/{'traffic' if outcome.revision is None else 'change'}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": [_result(finding, outcome, rules) for finding in outcome.verdict.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    described = {
        "id": rule.id,
        "shortDescription": {"text": _text(rule.kind.title)},
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
    }
    if rule.kind.hint is not None:
        described["help"] = {"text": _text(rule.kind.hint)}
    return described


def _result(finding: Finding, outcome: Outcome, rules: dict[str, int]) -> dict[str, Any]:
    text = "\n".join([f"{plain(finding.message, 500)} ({about(finding)})", *_lines(finding, outcome)])
    path, line, column = path_and_line(finding, outcome)
    location = {"physicalLocation": _physical(path, line, column)}
    if finding.namespace is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": about(finding), "kind": "member"}]  # type: ignore[assignment]
    result: dict[str, Any] = {
        "ruleId": finding.rule.id,
        "ruleIndex": rules[finding.rule.id],
        "level": _LEVELS[finding.level],
        "message": {"text": _text(text)},
        "locations": [location],
        "partialFingerprints": {"sioInfer/v1": finding.fingerprint},
        "suppressions": [],
    }
    related = [at for at in (finding.base, finding.revision) if at is not None and not _is_at(at, path, line)]
    if related:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": _text(plain(str(at)))}, "physicalLocation": _of(at)}
            for number, at in enumerate(related)
        ]
    if finding.suppressed is not None:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": plain(finding.suppressed)}
        ]
    if finding.count:
        result["occurrenceCount"] = finding.count
    return result


def _lines(finding: Finding, outcome: Outcome) -> list[str]:
    return [f"{label}: {fact}" for label, fact in facts(finding, outcome) if label not in {"about", "accepted"}]


def _is_at(at: Place, path: str, line: int | None) -> bool:
    return normal(at.file) == path and at.line == line


def _of(at: Place) -> dict[str, Any]:
    path = at.file.partition(":")[2] if elsewhere(at.file) and "://" not in at.file else at.file
    return _physical(path if "://" in path else normal(path), at.line, at.column)


def _physical(path: str, line: int | None, column: int | None) -> dict[str, Any]:
    scheme = "file://" if path.startswith("/") else ""
    kept = ":/?#@!$&'()*+,;=%" if "://" in path else "/"
    uri = scheme + quote(path, safe=kept, errors="replace")
    place: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if line is not None:
        place["region"] = {"startLine": line, "startColumn": column or 1}
    return place


def _text(text: str) -> str:
    return text.translate(_ESCAPES)
