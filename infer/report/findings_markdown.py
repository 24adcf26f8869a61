"""Findings as Markdown (GitHub's and GitLab's flavour), for a comment on a pull request or the summary of a job.

Nothing that comes from a document or from traffic is markup: it stands in code spans, where neither HTML, links, `@mentions` nor
`#references` are read, or is escaped sign by sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
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
LONGEST: Final = 65_000
"""Characters: GitHub takes 65,536 in a comment."""
_SHOWN: Final = (200, 100, 50, 25, 10, 5, 0)
"""Lines of each table and list, fewer where the whole would be too long."""
_TOLD: Final = ("value", "witness", "seen", "at", "weight", "accepted")
"""Facts that have a line in the table beside the message; the place and the subject have a cell."""


def render(outcome: Outcome) -> str:
    """The report."""
    text = ""
    for shown in _SHOWN:
        text = "\n".join(_blocks(outcome, shown)) + "\n"
        if len(text) <= LONGEST:
            break
    return text


def _blocks(outcome: Outcome, shown: int) -> Iterator[str]:
    verdict = outcome.verdict
    yield f"## {'❌' if verdict.failed else '✅'} sio-infer: {escaped(headline(outcome))}"
    yield f"\n{escaped(subjects(outcome))} · **{escaped(conclusion(outcome))}**"
    groups = [(f"{_SIGNS[level]} {{}} × {level.value}", verdict.counting, level) for level in LEVELS]
    for title, findings, level in [*groups, ("{} known or ignored", verdict.suppressed, None)]:
        found = [finding for finding in findings if level in {None, finding.level}]
        if found:
            table = [*_table(found[:shown], outcome), *_more(found, shown)]
            yield from _folded(title.format(f"{len(found):,}"), table, level in {Level.ERROR, Level.WARNING})
    if verdict.coverage is not None:
        tree = [f"{'  ' * depth}- {escaped(line)}" for depth, line in unseen(verdict.coverage)]
        yield from _folded(
            coverage_line(verdict.coverage),
            [*tree[:shown], *_more(tree, shown)] or ["Nothing is missing."],
            open_=False,
        )
    notes = [f"- {escaped(line)}" for line in housekeeping(outcome)]
    if notes:
        yield "\n**Notes**\n"
        yield from [*notes[:shown], *_more(notes, shown)]


def _more(lines: Sequence[object], shown: int) -> list[str]:
    return [f"\n… and {len(lines) - shown:,} more"] if len(lines) > shown else []


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
