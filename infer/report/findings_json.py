"""Findings as JSON, by the published schema `assets/findings.schema.json`."""

from __future__ import annotations

import json
from typing import Any, Final

from infer.asyncapi.references import Place
from infer.diff.baseline import Entry
from infer.diff.coverage import Coverage
from infer.diff.finding import Finding
from infer.diff.gate import LEVELS
from infer.diff.rules import Group
from infer.model import Direction
from infer.report.findings import Outcome, as_json, conclusion, moment

VERSION: Final = 1
"""Of the form: it rises when a reader of the form before would misread it."""


def render(outcome: Outcome) -> str:
    """The report. All beyond ASCII is escaped: nothing in it acts on a terminal."""
    return json.dumps(report(outcome), indent=2) + "\n"


def report(outcome: Outcome) -> dict[str, Any]:
    """The report as plain data."""
    verdict = outcome.verdict
    return {
        "version": VERSION,
        "tool": {"name": "sio-infer", "version": outcome.version},
        "base": outcome.base,
        "revision": outcome.revision,
        "captures": list(outcome.captures),
        "observations": outcome.observations,
        "compat": outcome.compat.value,
        "verdict": {
            "failed": verdict.failed,
            "because": conclusion(outcome),
            "fail_on": "none" if verdict.fail_on is None else verdict.fail_on.value,
            "min_coverage": verdict.min_coverage,
        },
        "summary": {
            **{level.value: verdict.count(level) for level in LEVELS},
            "suppressed": len(verdict.suppressed),
        },
        "findings": [_finding(finding, outcome) for finding in verdict.findings],
        "coverage": None if verdict.coverage is None else _coverage(verdict.coverage),
        "baseline": {
            "stale": [_entry(each) for each in verdict.stale],
            "expired": [_entry(each) for each in verdict.expired],
        },
        "unused_ignores": [str(ignore) for ignore in (*verdict.ended, *verdict.unused)],
        "notes": list(outcome.notes),
    }


def _finding(finding: Finding, outcome: Outcome) -> dict[str, Any]:
    kind = finding.rule.kind
    return {
        "rule": finding.rule.id,
        "level": finding.level.value,
        "title": kind.title,
        "message": finding.message,
        "namespace": finding.namespace,
        "event": finding.event,
        "direction": _word(finding.direction),
        "travels": _word(finding.rule.direction),
        "slot": finding.slot,
        "pointer": finding.path,
        "detail": finding.detail,
        "base": _place(finding.base),
        "revision": _place(finding.revision),
        "witness": _witness(finding, outcome),
        "value": None if finding.shape is None else {"shape": finding.shape, "pointer": finding.instance},
        "evidence": None if not finding.count else {
            "count": finding.count,
            "first": [
                {
                    "recording": each.origin.source,
                    "entry": each.origin.entry,
                    "frame": each.origin.frame,
                    "transport": each.transport,
                    "time": moment(each.time),
                }
                for each in finding.evidence
            ],
        },
        "weight": None if finding.weight is None else {"broken": finding.weight.broken, "seen": finding.weight.seen},
        "hint": kind.hint,
        "fingerprint": finding.fingerprint,
        "fails": outcome.verdict.fails(finding),
        "suppressed": finding.suppressed,
    }  # fmt: skip


def _witness(finding: Finding, outcome: Outcome) -> dict[str, Any] | None:
    if not finding.has_witness or (finding.rule.kind.group is Group.TRAFFIC and not outcome.values):
        return None
    return {"value": json.loads(as_json(finding.witness)), "taken_by": finding.witness_taken_by}


def _place(at: Place | None) -> dict[str, Any] | None:
    return None if at is None else {"file": at.file, "line": at.line, "column": at.column, "pointer": at.pointer}


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "part": coverage.part.value,
        "name": coverage.name,
        "seen": coverage.seen,
        "covered": coverage.covered,
        "total": coverage.total,
        "children": [_coverage(child) for child in coverage.children],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "rule": entry.rule,
        "fingerprint": entry.fingerprint,
        "namespace": entry.namespace,
        "event": entry.event,
        "direction": _word(entry.direction),
        "slot": entry.slot,
        "pointer": entry.path,
        "detail": entry.detail,
        "reason": entry.reason,
        "expires": None if entry.expires is None else entry.expires.isoformat(),
    }


def _word(direction: Direction | None) -> str | None:
    return None if direction is None else direction.value
