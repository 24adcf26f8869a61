"""Findings as a compiler prints them: `file:line:column: level: message [rule]`, each fact on a line of its own below.

Lines are never wrapped, so that a pointer stays in one piece and an editor finds the place.
"""

from __future__ import annotations

import io
from typing import Final

from rich.console import Console
from rich.text import Text

from infer.diff.finding import Finding
from infer.diff.rules import Level
from infer.report.findings import (
    Outcome,
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

_STYLES: Final = {Level.ERROR: "bold red", Level.WARNING: "bold yellow", Level.INFO: "bold blue"}
_TREE: Final = 60
"""Lines of the coverage tree; the other formats have all of it."""


def render(outcome: Outcome, *, colour: bool = False) -> str:
    """The report, with ANSI colours where they are wanted."""
    lines: list[Text] = []
    for finding in outcome.verdict.counting:
        lines += _finding(finding, outcome)
    lines += [_accepted(finding, outcome) for finding in outcome.verdict.suppressed]
    if lines:
        lines.append(Text())
    lines += [Text.assemble(("note: ", "bold"), line) for line in housekeeping(outcome)]
    lines += _coverage(outcome)
    lines.append(Text(subjects(outcome), style="dim"))
    lines.append(Text(headline(outcome), style="bold"))
    lines.append(Text(conclusion(outcome), style="red" if outcome.verdict.failed else "green"))
    return _printed(lines, colour=colour)


def _finding(finding: Finding, outcome: Outcome) -> list[Text]:
    at = _at(finding, outcome)
    level = Text(finding.level.value, style=_STYLES[finding.level])
    message = f": {plain(finding.message, 500)} "
    lines = [Text.assemble((at, "bold"), ": ", level, message, (f"[{finding.rule.id}]", "dim"))]
    lines += [
        Text.assemble((f"  {label + ':':<10}", "dim"), text) for label, text in facts(finding, outcome) if text != at
    ]
    return lines


def _accepted(finding: Finding, outcome: Outcome) -> Text:
    level = f"accepted {finding.level.value}"
    reason = plain(finding.suppressed or "")
    text = f"{_at(finding, outcome)}: {level}: {plain(finding.message, 500)} [{finding.rule.id}] ({reason})"
    return Text(text, style="dim")


def _at(finding: Finding, outcome: Outcome) -> str:
    return place(finding.place) if finding.place is not None else plain(outcome.revision or outcome.base)


def _coverage(outcome: Outcome) -> list[Text]:
    coverage = outcome.verdict.coverage
    if coverage is None:
        return []
    tree = list(unseen(coverage))
    lines = [Text.assemble(("coverage: ", "bold"), coverage_line(coverage))]
    lines += [Text(f"  {'  ' * depth}{line}") for depth, line in tree[:_TREE]]
    if len(tree) > _TREE:
        lines.append(Text(f"  … and {len(tree) - _TREE:,} lines more (see --report json or html)"))
    return lines


def _printed(lines: list[Text], *, colour: bool) -> str:
    if not colour:
        return "".join(f"{line.plain}\n" for line in lines)
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=True, color_system="standard", soft_wrap=True, highlight=False, markup=False, emoji=False,
        legacy_windows=False, _environ={},
    )  # fmt: skip
    for line in lines:
        console.print(line)
    return out.getvalue()
