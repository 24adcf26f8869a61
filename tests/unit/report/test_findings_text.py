"""`infer.report.findings_text`: colours add nothing but colours, and a long tree is cut."""

from __future__ import annotations

import re

import pytest

from infer.diff import Coverage, Part
from infer.report.findings import Outcome
from infer.report.findings_text import render
from tests.unit.report import outcomes
from tests.unit.report.outcomes import outcome


@pytest.mark.parametrize("shown", [outcomes.changes(), outcomes.traffic(), outcomes.nothing(), outcomes.hostile()])
def test_colours_change_no_text(shown: Outcome) -> None:
    """Whatever stands in it: neither markup nor emoji are read, and no line is wrapped."""
    coloured = render(shown, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(shown)


def test_a_long_tree_is_cut_and_says_so() -> None:
    """200 events that nobody tried are not the message."""
    unseen = [Coverage(Part.EVENT, f"c2s e{number}", 0) for number in range(200)]
    tree = Coverage(Part.CONTRACT, "x", 1, [Coverage(Part.NAMESPACE, "/", 1, unseen)])
    lines = render(outcome([], captures=("a.har",), coverage=tree)).splitlines()
    assert len(lines) < 80
    assert "  … and 141 lines more (see --report json or html)" in lines
