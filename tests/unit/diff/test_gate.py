"""`infer.diff.gate`: what counts, what is set apart and why, and whether the run passes."""

from __future__ import annotations

from datetime import date

import pytest

from infer.diff import RULES, Coverage, Finding, Group, Level, Part
from infer.diff.baseline import Baseline, Entry, renewed
from infer.diff.config import Config, Ignore
from infer.diff.gate import Policy, Verdict, judge
from infer.model import Direction

TODAY = date(2026, 3, 1)
CHANGE = frozenset({Group.CHANGE})
TRAFFIC = frozenset({Group.TRAFFIC})
ERROR = Finding(
    RULES["c2s-arg-required-added"], "m", namespace="/", event="say", direction=Direction.C2S, slot="args[1]"
)
WARNING = Finding(
    RULES["s2c-format-changed"], "m", namespace="/", event="said", direction=Direction.S2C, slot="args[0]"
)
INFO = Finding(RULES["c2s-event-added"], "m", namespace="/admin", event="new", direction=Direction.C2S)
ALL = [INFO, ERROR, WARNING]


def bar(**given: object) -> Policy:
    return Policy(**{"today": TODAY, **given})  # type: ignore[arg-type]


def verdict(
    findings: list[Finding], coverage: Coverage | None = None, groups: frozenset[Group] = CHANGE, **given: object
) -> Verdict:
    return judge(findings, bar(**given), coverage, groups)


def accepted(finding: Finding, **given: object) -> Entry:
    (entry,) = renewed(Baseline("known.json"), [finding], CHANGE, **given).entries  # type: ignore[arg-type]
    return entry


@pytest.mark.parametrize(
    ("fail_on", "failing"),
    [
        (Level.ERROR, {"error"}),
        (Level.WARNING, {"error", "warning"}),
        (Level.INFO, {"error", "warning", "info"}),
        (None, set()),
    ],
)
@pytest.mark.parametrize("finding", ALL)
def test_a_finding_fails_from_its_level_on(finding: Finding, fail_on: Level | None, failing: set[str]) -> None:
    """`--fail-on warning` fails on errors too; None on nothing."""
    assert verdict([finding], fail_on=fail_on).failed is (finding.level.value in failing)


def test_findings_come_worst_first() -> None:
    """Whatever order they were found in."""
    assert [finding.level for finding in verdict(ALL).findings] == [Level.ERROR, Level.WARNING, Level.INFO]


def test_nothing_found_passes() -> None:
    """Even where the mildest finding would fail."""
    assert not verdict([], fail_on=Level.INFO).failed


def test_a_rule_has_the_level_that_is_configured() -> None:
    """The last pattern that matches counts, and what is off is not there at all."""
    config = Config(
        levels=(("c2s-*", Level.WARNING), ("c2s-arg-required-added", Level.INFO), ("s2c-format-changed", Level.OFF))
    )
    judged = verdict(ALL, config=config, fail_on=Level.WARNING)
    assert {finding.rule.id: finding.level for finding in judged.findings} == {
        "c2s-arg-required-added": Level.INFO,
        "c2s-event-added": Level.WARNING,
    }
    assert judged.failed


@pytest.mark.parametrize(
    "ignore",
    [
        Ignore(rule="c2s-arg-*"),
        Ignore(namespace="/", event="sa?"),
        Ignore(pointer="args[1]"),
        Ignore(pointer="args*"),
        Ignore(rule="*-added", namespace="/", event="say", pointer="args[1]", expires=TODAY),
    ],
)
def test_what_is_ignored_is_marked_and_does_not_fail(ignore: Ignore) -> None:
    """All patterns have to match; brackets stand for themselves; the last day still holds."""
    judged = verdict([ERROR], config=Config(ignores=(ignore,)))
    assert [finding.suppressed is not None for finding in judged.findings] == [True]
    assert not judged.failed
    assert not judged.unused


@pytest.mark.parametrize(
    "ignore",
    [
        Ignore(rule="c2s-arg"),
        Ignore(namespace="/admin"),
        Ignore(namespace="/", event="said"),
        Ignore(pointer="args[0]"),
        Ignore(pointer="args[10]"),
    ],
)
def test_an_ignore_that_does_not_hold_is_named(ignore: Ignore) -> None:
    """It matches nothing."""
    judged = verdict([ERROR], config=Config(ignores=(ignore,)))
    assert judged.failed
    assert (judged.unused, judged.ended) == ((ignore,), ())


def test_an_ignore_whose_day_has_passed_is_told_from_one_that_matches_nothing() -> None:
    """Who reads why a build fails is to learn which it is; and where it matches nothing, its day does not matter."""
    passed = date(2026, 2, 28)
    ended, unused = Ignore(event="say", expires=passed), Ignore(event="gone", expires=passed)
    judged = verdict([ERROR], config=Config(ignores=(ended, unused)))
    assert judged.failed
    assert (judged.unused, judged.ended) == ((unused,), (ended,))


def test_a_known_finding_is_marked_with_its_reason() -> None:
    """The others still fail."""
    baseline = Baseline("known.json", (accepted(ERROR, reason="clients were told"),))
    judged = verdict([ERROR, WARNING], baseline=baseline)
    assert [finding.suppressed for finding in judged.findings] == [None, "clients were told"]
    assert not judged.failed
    assert verdict([ERROR, WARNING], baseline=baseline, fail_on=Level.WARNING).failed


def test_a_known_finding_comes_back_when_its_entry_ends() -> None:
    """The last day still holds."""
    entry = accepted(ERROR, expires=TODAY)
    assert not verdict([ERROR], baseline=Baseline("known.json", (entry,))).failed
    later = judge([ERROR], bar(baseline=Baseline("known.json", (entry,)), today=date(2026, 3, 2)), None, CHANGE)
    assert later.failed
    assert later.expired == (entry,)
    assert later.stale == ()


def test_an_entry_that_nothing_matches_is_stale() -> None:
    """Unless its rule was not looked for in this run, or was switched off."""
    known = accepted(ERROR)
    baseline = Baseline("known.json", (known,))
    assert verdict([WARNING], baseline=baseline).stale == (known,)
    assert verdict([], baseline=baseline, groups=TRAFFIC).stale == ()
    off = Config(levels=(("c2s-arg-required-added", Level.OFF),))
    assert verdict([ERROR], baseline=baseline, config=off).stale == ()


@pytest.mark.parametrize(("demanded", "failed"), [(None, False), (0, False), (50, False), (50.1, True), (100, True)])
def test_coverage_has_a_bar_of_its_own(demanded: float | None, failed: bool) -> None:
    """It fails the run whatever findings are let pass."""
    half = Coverage(Part.CONTRACT, "x.yml", 1, [Coverage(Part.NAMESPACE, "/", 1), Coverage(Part.NAMESPACE, "/b", 0)])
    assert verdict([], half, TRAFFIC, min_coverage=demanded, fail_on=None).failed is failed
