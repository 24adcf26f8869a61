"""`infer.report.findings_markdown`: a comment that GitHub takes, however much there is to say."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

from infer.diff import Coverage, Part
from infer.report.findings_markdown import LONGEST, code, render
from tests.unit.report import outcomes
from tests.unit.report.outcomes import outcome


@pytest.mark.parametrize("length", [1, 60])
def test_a_comment_is_never_too_long(length: int) -> None:
    """What is left out is counted; the headline stays."""
    (error, *_) = outcomes.traffic().verdict.findings
    findings = [replace(error, event=f"event {number} " * length) for number in range(5_000)]
    tree = Coverage(
        Part.CONTRACT, "x", 1, [Coverage(Part.EVENT, f"c2s {number} " * length, 0) for number in range(5_000)]
    )
    text = render(outcome(findings, captures=("a.har",), coverage=tree))
    assert len(text) <= LONGEST
    assert text.startswith("## ❌ sio-infer: 5,000 errors")
    assert text.count("… and ") == 2


@pytest.mark.parametrize("text", ["", " ", "`", "``", "a`b``c", "|", "a|b", "\\", "\\|", "<b>", "  x  "])
def test_a_code_span_in_a_table_gives_the_text_back(text: str) -> None:
    """Read by a CommonMark parser with tables on; spaces at the ends may go."""
    parser = MarkdownIt("commonmark").enable("table")
    tokens = parser.parse(f"| a |\n| --- |\n| {code(text)} |\n")
    spans = [child.content for token in tokens for child in token.children or () if child.type == "code_inline"]
    assert [span.strip() for span in spans] == [text.strip()]
