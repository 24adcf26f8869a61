"""Whether a run passes: levels as configured, what is ignored or known set apart, the rest against the bar.

The verdict does not depend on how it is reported: every format shows this one value, and the exit code is its.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from infer.diff.baseline import Baseline, Entry
from infer.diff.config import Config, Ignore
from infer.diff.coverage import Coverage
from infer.diff.finding import Finding, order
from infer.diff.rules import Group, Level

LEVELS: Final = (Level.ERROR, Level.WARNING, Level.INFO)
"""Those that a finding can have, the worst first."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The bar."""

    config: Config = msgspec.field(default_factory=Config)
    fail_on: Level | None = Level.ERROR
    """The mildest level that fails; None: no finding fails."""
    min_coverage: float | None = None
    """Per cent of the declared contract that the traffic has to show."""
    baseline: Baseline | None = None
    today: date
    """What has ended by this day does not hold any more."""


class Verdict(msgspec.Struct, frozen=True):
    """What came of it."""

    findings: tuple[Finding, ...]
    """All that are on, worst first; those that do not count come last and have `suppressed` set."""
    fail_on: Level | None
    min_coverage: float | None
    coverage: Coverage | None
    stale: tuple[Entry, ...] = ()
    """Entries of the baseline that nothing matches."""
    expired: tuple[Entry, ...] = ()
    """Entries that match, but have ended."""
    unused: tuple[Ignore, ...] = ()
    """Ignores that nothing matches."""
    ended: tuple[Ignore, ...] = ()
    """Ignores that match, but have ended."""

    @property
    def counting(self) -> tuple[Finding, ...]:
        """Findings that are not suppressed."""
        return tuple(finding for finding in self.findings if finding.suppressed is None)

    @property
    def suppressed(self) -> tuple[Finding, ...]:
        """Findings that are."""
        return tuple(finding for finding in self.findings if finding.suppressed is not None)

    def fails(self, finding: Finding) -> bool:
        """Whether this finding makes the run fail."""
        return self.fail_on is not None and finding.suppressed is None and finding.level.rank >= self.fail_on.rank

    def count(self, level: Level) -> int:
        """Findings of that level that count."""
        return sum(finding.level is level for finding in self.counting)

    @property
    def too_little(self) -> bool:
        """Whether the traffic shows less of the contract than is demanded."""
        if self.coverage is None or self.min_coverage is None:
            return False
        return self.coverage.share * 100 < self.min_coverage

    @property
    def failed(self) -> bool:
        """Whether the run fails."""
        return self.too_little or any(map(self.fails, self.findings))


def judge(findings: Sequence[Finding], policy: Policy, coverage: Coverage | None, groups: frozenset[Group]) -> Verdict:
    """The verdict on the findings of a run that held `groups` against each other.

    An ignore, or an entry of the baseline, that is about another group cannot be told to be without use.
    """
    known = {} if policy.baseline is None else policy.baseline.by_fingerprint()
    met: set[str] = set()
    used: set[Ignore] = set()
    judged: list[Finding] = []
    for finding in findings:
        level = policy.config.level_of(finding)
        if level is Level.OFF:
            met.add(finding.fingerprint)
            continue
        entry = known.get(finding.fingerprint)
        met.add(finding.fingerprint)
        matching = [each for each in policy.config.ignores if each.matches(finding)]
        used.update(matching)
        holding = [each for each in matching if _holds(each.expires, policy.today)]
        reason = None
        if holding:
            reason = holding[0].reason or f"ignored: {holding[0]}"
        elif entry is not None and _holds(entry.expires, policy.today):
            reason = entry.reason or "in the baseline"
        judged.append(msgspec.structs.replace(finding, level=level, suppressed=reason))
    entries = list(known.values())
    return Verdict(
        findings=tuple(sorted(judged, key=lambda finding: (finding.suppressed is not None, order(finding)))),
        fail_on=policy.fail_on,
        min_coverage=policy.min_coverage,
        coverage=coverage,
        stale=tuple(entry for entry in entries if entry.fingerprint not in met and entry.group in {None, *groups}),
        expired=tuple(
            entry for entry in entries if entry.fingerprint in met and not _holds(entry.expires, policy.today)
        ),
        unused=tuple(ignore for ignore in policy.config.ignores if ignore not in used),
        ended=tuple(ignore for ignore in policy.config.ignores if ignore in used and not _holds(ignore.expires, policy.today)),
    )


def _holds(expires: date | None, today: date) -> bool:
    return expires is None or today <= expires
