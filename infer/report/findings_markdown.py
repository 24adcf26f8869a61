"""Findings as Markdown (GitHub's and GitLab's flavour), for a comment on a pull request or the summary of a job.

Nothing that comes from a document or from traffic is markup: it stands in code spans, where neither HTML, links, `@mentions` nor
`#references` are read, or is escaped sign by sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from infer.diff.finding import Finding
from infer.diff.gate import LEVELS
from infer.diff.rules import Level
from infer.report.findings import (
    Outcome,
    about,
    conclusion,
    coverage_line,
    facts,
    headline,
    housekeeping,
    place,
    plain,
    subjects,
    unseen,
)

_SIGNS: Final = {Level.ERROR: "🔴", Level.WARNING: "🟠", Level.INFO: "🔵"}
_SHOWN: Final = 200
"""Findings in one comment: GitHub takes 65,536 characters."""
_TREE: Final = 200
_TOLD: Final = ("value", "witness", "seen", "at", "weight", "accepted")
"""Facts that have a line in the table beside the message; the place and the subject have a cell."""


def render(outcome: Outcome) -> str:
    """The report."""
    return "\n".join(_blocks(outcome)) + "\n"


def _blocks(outcome: Outcome) -> Iterator[str]:
    verdict = outcome.verdict
    yield f"## {'❌' if verdict.failed else '✅'} sio-infer: {escaped(headline(outcome))}"
    yield f"\n{escaped(subjects(outcome))} · **{escaped(conclusion(outcome))}**"
    left = _SHOWN
    for level in LEVELS:
        found = [finding for finding in verdict.counting if finding.level is level]
        if found:
            yield from _folded(
                f"{_SIGNS[level]} {len(found):,} × {level.value}",
                _table(found[:left], outcome),
                level is not Level.INFO,
            )
            if len(found) > left:
                yield f"\n… and {len(found) - left:,} more of level {level.value}."
            left = max(0, left - len(found))
    if verdict.suppressed:
        yield from _folded(
            f"{len(verdict.suppressed):,} known or ignored", _table(verdict.suppressed[:left], outcome), open_=False
        )
    if verdict.coverage is not None:
        tree = [f"{'  ' * depth}- {escaped(line)}" for depth, line in unseen(verdict.coverage)]
        more = [f"- … and {len(tree) - _TREE:,} lines more"] if len(tree) > _TREE else []
        yield from _folded(
            escaped(coverage_line(verdict.coverage)), [*tree[:_TREE], *more] or ["Nothing is missing."], open_=False
        )
    notes = [f"- {escaped(line)}" for line in housekeeping(outcome)]
    if notes:
        yield "\n**Notes**\n"
        yield from notes


def _table(findings: Iterable[Finding], outcome: Outcome) -> Iterator[str]:
    yield "| Where | What | Rule |"
    yield "| --- | --- | --- |"
    for finding in findings:
        at = f"<br>{code(place(finding.place))}" if finding.place is not None else ""
        known = dict(reversed(list(facts(finding, outcome))))  # the first of several places
        more = [f"<br>{label}: {code(known[label])}" for label in _TOLD if label in known]
        hint = f"<br>_{escaped(finding.rule.kind.hint)}_" if finding.rule.kind.hint else ""
        yield f"| {code(about(finding))}{at} | {escaped(plain(finding.message, 500))}{''.join(more)}{hint} | {code(finding.rule.id)} |"


def _folded(title: str, lines: Iterable[str], open_: bool) -> Iterator[str]:  # noqa: FBT001 (the attribute's own name)
    yield f"\n<details{' open' if open_ else ''}>\n<summary>{title}</summary>\n"
    yield from lines
    yield "\n</details>"


def code(text: str) -> str:
    """A code span inside a table: fenced by more backticks than stand in the text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text or ' '}{space}{fence}".replace("|", "\\|")


def escaped(text: str) -> str:
    """Text that reads as it stands: signs that could be markup escaped, mentions and references taken apart."""
    shown = re.sub(r"([\\`*_\[\]<>~&$|]|^[-+#]|^\d+(?=[.)])|(?<=www)\.|:(?=\S))", r"\\\1", text)
    shown = re.sub(r"^\\(\d+)([.)])", r"\1\\\2", shown)
    return re.sub(r"([@#!&%$~])(?=\w)", r"\1<!-- -->", shown)
