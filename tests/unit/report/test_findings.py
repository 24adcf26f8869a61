"""`infer.report.findings`: what the formats share."""

from __future__ import annotations

from datetime import timedelta

import pytest

from infer.asyncapi.references import Place
from infer.diff import RULES, Coverage, Finding, Group, Level, Part
from infer.diff.baseline import Baseline, renewed
from infer.diff.config import Config, Ignore
from infer.report.findings import (
    conclusion,
    elsewhere,
    headline,
    housekeeping,
    moment,
    path_and_line,
    per_cent,
    subjects,
    unseen,
)
from tests.unit.report import outcomes
from tests.unit.report.outcomes import outcome

ERROR = Finding(RULES["namespace-removed"], "gone", namespace="/old")
OTHER = Finding(RULES["namespace-removed"], "gone", namespace="/other")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("asyncapi.yml", False),
        ("docs/asyncapi.yml", False),
        ("./odd:name.yml", False),
        ("/tmp/odd:name.yml", False),
        ("C:/api/asyncapi.yml", False),
        ("HEAD:asyncapi.yml", True),
        ("origin/main:docs/asyncapi.yml", True),
        ("https://example.com/asyncapi.yml", True),
    ],
)
def test_a_document_that_is_no_file_here_is_told(name: str, expected: bool) -> None:
    """One of a commit, or a remote one."""
    assert elsewhere(name) is expected


@pytest.mark.parametrize(
    ("base", "revision", "documents", "expected"),
    [
        (Place("a.yml", 1, 2, ""), Place("./b.yml", 3, 4, ""), ("a.yml", "./b.yml"), ("b.yml", 3, 4)),
        (Place("a.yml", 1, 2, ""), None, ("a.yml", "b.yml"), ("a.yml", 1, 2)),
        (Place("HEAD:a.yml", 1, 2, ""), None, ("HEAD:a.yml", "a.yml"), ("a.yml", None, None)),
        (Place("HEAD:a.yml", 1, 2, ""), Place("v2:a.yml", 3, 4, ""), ("HEAD:a.yml", "v2:a.yml"), ("a.yml", None, None)),
        (None, None, ("a.yml", None), ("a.yml", None, None)),
        (Place("https://x/a.yml", 1, 2, ""), None, ("https://x/a.yml", None), ("https://x/a.yml", None, None)),
    ],
)
def test_annotations_name_a_line_only_of_a_file_that_is_there(
    base: Place | None, revision: Place | None, documents: tuple[str, str | None], expected: object
) -> None:
    """The revised document before the declared one; of what was in another commit, the file without a line."""
    finding = Finding(RULES["namespace-removed"], "gone", base=base, revision=revision)
    shown = outcome([finding], base=documents[0], revision=documents[1])
    assert path_and_line(shown.verdict.findings[0], shown) == expected


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0 %"), (0.5, "50 %"), (0.999, "99 %"), (1.0, "100 %"), (0.29, "29 %"), (2 / 3, "66 %")]
)
def test_per_cent_is_rounded_down(share: float, text: str) -> None:
    """100 % is said of the whole only."""
    assert per_cent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "1970-01-01T00:00:00.000Z"), (None, None), (1e300, None), (float("nan"), None), (float("-inf"), None)],
)
def test_a_time_that_is_none_is_left_out(seconds: float | None, text: str | None) -> None:
    """Captures hold anything."""
    assert moment(seconds) == text


def test_the_headline_counts_what_counts() -> None:
    """And says aloud that there is nothing, or nothing new."""
    assert headline(outcomes.changes()) == "1 error, 1 warning; 2 known or ignored"
    assert headline(outcomes.nothing()) == "No differences: new.yml promises what declared.yml does"
    assert headline(outcome([], captures=("a.har",))) == "No differences: 1,234 observations conform to declared.yml"
    known = outcomes.changes().verdict.suppressed
    assert headline(outcome(list(known), revision="new.yml")) == "2 errors"


@pytest.mark.parametrize(
    ("fail_on", "text"),
    [
        (Level.ERROR, "failed: 1 finding of level error"),
        (Level.WARNING, "failed: 1 finding of level warning or worse"),
        (None, "passed (no finding fails)"),
    ],
)
def test_the_conclusion_says_by_what_it_was_judged(fail_on: Level | None, text: str) -> None:
    """The bar is part of it."""
    assert conclusion(outcome([ERROR], revision="new.yml", fail_on=fail_on)) == text


def test_many_captures_are_counted() -> None:
    """Three are named."""
    assert subjects(outcome([], captures=tuple("abcde"))) == "declared.yml, held to a, b, c and 2 more"
    assert subjects(outcome([], revision="new.yml", captures=("a",))) == "declared.yml → new.yml, weighed by a"


def test_the_tree_of_what_was_not_seen_leaves_out_what_was() -> None:
    """And does not go into what was not seen at all."""
    inner = Coverage(Part.EVENT, "e", 0, [Coverage(Part.ARGUMENT, "args[0]", 0)])
    tree = Coverage(
        Part.CONTRACT,
        "x",
        1,
        [Coverage(Part.NAMESPACE, "/", 1, [inner, Coverage(Part.EVENT, "f", 1)]), Coverage(Part.NAMESPACE, "/b", 1)],
    )
    assert list(unseen(tree)) == [(0, "/: 2 of 4"), (1, "e: not seen")]


def test_ignores_without_effect_are_named_with_the_reason() -> None:
    """One whose day has passed is not one that nothing matches."""
    passed = outcomes.TODAY - timedelta(days=1)
    config = Config(ignores=(Ignore(namespace="/old", expires=passed), Ignore(namespace="/older")))
    assert list(housekeeping(outcome([ERROR], config=config))) == [
        f'the ignore has ended on {passed}: namespace="/old"',
        'the ignore matches nothing: namespace="/older"',
    ]


def test_entries_of_a_baseline_without_effect_are_named_with_the_reason() -> None:
    """The day of one that matches nothing does not matter, be it passed or to come."""
    passed, to_come = outcomes.TODAY - timedelta(days=1), outcomes.TODAY + timedelta(days=1)
    entries = [
        *renewed(Baseline("known.json"), [ERROR], frozenset({Group.CHANGE}), reason="old", expires=passed).entries,
        *renewed(Baseline("known.json"), [OTHER], frozenset({Group.CHANGE}), expires=to_come).entries,
    ]
    said = list(housekeeping(outcome([ERROR], revision="new.yml", baseline=Baseline("known.json", tuple(entries)))))
    assert said == [
        f"the baseline's entry has ended on {passed}: namespace-removed /old (old)",
        "the baseline's entry matches nothing any more: namespace-removed /other",
    ]
