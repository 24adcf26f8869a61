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
from infer.model import Direction
from infer.report.findings import Outcome, about, elsewhere, facts, housekeeping, normal, path_and_line, plain, remote

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
_SIDES: Final = {Direction.C2S: "in what the client sends", Direction.S2C: "in what the server sends"}
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
    """With all that GitHub's code scanning demands of a rule."""
    kind = rule.kind
    side = "" if rule.direction is None else f" ({_SIDES[rule.direction]})"
    hint = kind.hint or "see what is declared and what it is held to, and correct the one that is wrong"
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": _sentence(kind.title)},
        "fullDescription": {"text": _sentence(kind.title + side)},
        "help": {"text": _sentence(hint)},
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
        "properties": {"tags": ["socket.io", kind.group.value]},
    }


def _sentence(words: str) -> str:
    return _text(f"{words[:1].upper()}{words[1:]}.")


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
    if remote(at.file):
        return _physical(at.file, at.line, at.column)
    return _physical(normal(at.file.partition(":")[2] if elsewhere(at.file) else at.file), at.line, at.column)


def _physical(path: str, line: int | None, column: int | None) -> dict[str, Any]:
    scheme = "file://" if path.startswith("/") else ""
    kept = ":/?#@!$&'()*+,;=%" if remote(path) else "/"
    region = {"startLine": line or 1}  # code scanning does without a column, not without a line
    if column is not None:
        region["startColumn"] = column
    return {"artifactLocation": {"uri": scheme + quote(path, safe=kept, errors="replace")}, "region": region}


def _text(text: str) -> str:
    return text.translate(_ESCAPES)
