"""The outcome of a diff, and what its formats share: words, places, and names made safe.

The law: a format shows the outcome and decides nothing. Each is one file, `findings_<format>.py`, whose `render` gives the whole report as
text; whatever stands in a document or in traffic is printable when it gets there, and each escapes it again as its own syntax demands.
"""

from __future__ import annotations

import base64
import importlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Final, cast

import msgspec

from infer.asyncapi.references import Place
from infer.diff.baseline import Entry
from infer.diff.config import Ignore
from infer.diff.coverage import Coverage, Part
from infer.diff.finding import Evidence, Finding
from infer.diff.gate import LEVELS, Verdict
from infer.diff.rules import Compat, Group
from infer.report.text import many, printable

FORMATS: Final = ("text", "json", "markdown", "html", "junit", "sarif", "github", "gitlab")


class Outcome(msgspec.Struct, frozen=True):
    """A run of `sio-infer diff`."""

    verdict: Verdict
    base: str
    """Name of the declared document, as given."""
    revision: str | None
    """Name of the document that it was compared with."""
    captures: tuple[str, ...]
    observations: int | None
    """Events and connects that were held to the contract, or weighed by; None without captures."""
    compat: Compat
    version: str
    """Of this program."""
    notes: tuple[str, ...] = ()
    """Why the run may have seen less than there is: what could not be read or decoded."""
    values: bool = False
    """Whether values from traffic were asked for."""

    @property
    def groups(self) -> frozenset[Group]:
        """What was held against what."""
        return frozenset({Group.TRAFFIC} if self.revision is None else {Group.CHANGE})


def renderer(name: str) -> Callable[[Outcome], str]:
    """What makes a report of that format (one of `FORMATS`)."""
    return cast("Callable[[Outcome], str]", importlib.import_module(f"infer.report.findings_{name}").render)


def plain(text: str, longest: int = 300) -> str:
    """Text that is safe on a terminal and in the log of a build.

    A line of a log that begins with `::` or holds `##[` is a command to GitHub's and Azure's runners.
    """
    shown = printable(text, longest).replace("##[", "#\\x23[")
    return re.sub(r"^(\s*):(?=:)", r"\1\\x3a", shown)


def headline(outcome: Outcome) -> str:
    """What was found, in a few words; that nothing was, is said aloud."""
    verdict = outcome.verdict
    parts = [many(verdict.count(level), level.value) for level in LEVELS if verdict.count(level)]
    if not parts and not verdict.suppressed:
        return f"No differences: {_agreement(outcome)}"
    known = len(verdict.suppressed)
    return f"{', '.join(parts) or 'nothing new'}{f'; {known:,} known or ignored' if known else ''}"


def _agreement(outcome: Outcome) -> str:
    if outcome.revision is not None:
        return f"{plain(outcome.revision)} promises what {plain(outcome.base)} does"
    return f"{many(outcome.observations or 0, 'observation')} conform to {plain(outcome.base)}"


def conclusion(outcome: Outcome) -> str:
    """Whether the run passes, and by what it is judged."""
    verdict = outcome.verdict
    failing = sum(map(verdict.fails, verdict.findings))
    reasons = []
    if failing and verdict.fail_on is not None:
        reasons.append(f"{many(failing, 'finding')} of level {verdict.fail_on.value}{_or_worse(outcome)}")
    if verdict.too_little:
        reasons.append(shortfall(verdict))
    if reasons:
        return f"failed: {' and '.join(reasons)}"
    bar = "no finding fails" if verdict.fail_on is None else f"fails on {verdict.fail_on.value}{_or_worse(outcome)}"
    return f"passed ({bar})"


def shortfall(verdict: Verdict) -> str:
    """By how much the coverage falls short: `coverage 62 % is below 80 %`."""
    share = 0.0 if verdict.coverage is None else verdict.coverage.share
    return f"coverage {per_cent(share)} is below {verdict.min_coverage:g} %"


def _or_worse(outcome: Outcome) -> str:
    return "" if outcome.verdict.fail_on is LEVELS[0] else " or worse"


def subjects(outcome: Outcome) -> str:
    """What was held against what: `contract.yml against 3 captures`."""
    other = outcome.revision
    text = f"{plain(outcome.base)} → {plain(other)}" if other is not None else plain(outcome.base)
    if not outcome.captures:
        return text
    listed = ", ".join(plain(name, 80) for name in outcome.captures[:3])
    more = f" and {len(outcome.captures) - 3:,} more" if len(outcome.captures) > 3 else ""
    return f"{text}, {'held to' if other is None else 'weighed by'} {listed}{more}"


def about(finding: Finding) -> str:
    """What a finding is about, see `Finding.about`."""
    return plain(finding.about or "the whole document")


def facts(finding: Finding, outcome: Outcome) -> Iterator[tuple[str, str]]:
    """What is known of a finding beside its message: labels and texts, safe to print."""
    yield "about", about(finding)
    if finding.base is not None:
        yield "declared" if finding.rule.kind.group is Group.TRAFFIC else "base", place(finding.base)
    if finding.revision is not None:
        yield "revision", place(finding.revision)
    if finding.instance is not None or finding.shape is not None:
        at = "" if not finding.instance else f" at {plain(finding.instance)}"
        yield "value", f"{plain(finding.shape or 'a value')}{at}"
    witness = shown_witness(finding, outcome)
    if witness is not None:
        yield "witness", witness
    if finding.count:
        shown = len(finding.evidence)
        yield "seen", many(finding.count, "time") + (f", the first {shown}:" if 0 < shown < finding.count else "")
    for evidence in finding.evidence:
        yield "at", occurrence(evidence)
    if finding.weight is not None:
        broken, seen = finding.weight.broken, finding.weight.seen
        yield "weight", f"{broken:,} of {seen:,} observed would break" if seen else "nothing of it was observed"
    if finding.rule.kind.hint is not None:
        yield "hint", finding.rule.kind.hint
    if finding.suppressed is not None:
        yield "accepted", plain(finding.suppressed)


def shown_witness(finding: Finding, outcome: Outcome) -> str | None:
    """The witness as JSON, and who takes it; None where there is none, or it came from traffic and was not asked for."""
    if not finding.has_witness or (finding.rule.kind.group is Group.TRAFFIC and not outcome.values):
        return None
    text = plain(as_json(finding.witness), 200)
    if finding.witness_taken_by is None:
        return text
    other = "base" if finding.witness_taken_by == "revision" else "revision"
    return f"{text} is taken by the {finding.witness_taken_by} and refused by the {other}"


def as_json(value: Any) -> str:
    """A value as JSON, bytes as base64."""
    return json.dumps(value, ensure_ascii=False, default=_from_bytes)


def _from_bytes(value: object) -> object:
    if isinstance(value, bytes | bytearray):
        return {"$binary": base64.b64encode(value[:64]).decode(), "bytes": len(value)}
    return f"<{type(value).__name__}>"


def occurrence(evidence: Evidence) -> str:
    """`chat.har entry 12 frame 3 (websocket, 2024-05-17T10:11:12.000Z)`."""
    when = moment(evidence.time)
    return f"{plain(str(evidence.origin))} ({plain(evidence.transport)}{f', {when}' if when else ''})"


def moment(time: float | None) -> str | None:
    """Seconds since the epoch as ISO 8601, in UTC; None for what is no time."""
    if time is None:
        return None
    try:
        return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return None


def place(at: Place) -> str:
    """`contract.yml:12:3`."""
    return plain(str(at))


def path_and_line(finding: Finding, outcome: Outcome) -> tuple[str, int | None, int | None]:
    """File, line and column for formats that annotate the files of a working tree.

    What stands in a document of another commit (`REF:path`) has no line here: the revised document is named instead.
    """
    for at in (finding.revision, finding.base):
        if at is not None and not elsewhere(at.file):
            return normal(at.file), at.line, at.column
    for name in (outcome.revision, outcome.base):
        if name is not None and not elsewhere(name):
            return normal(name), None, None
    base = outcome.base
    return (base if remote(base) else normal(base.partition(":")[2])), None, None


def elsewhere(name: str) -> bool:
    """Whether a document of that name is no file of the working tree: of a commit, or remote."""
    return re.match(r"(?![./\\])[^:\s]{2,}:", name) is not None


def remote(name: str) -> bool:
    """Whether a document of that name is fetched."""
    return name.startswith(("http://", "https://"))


def normal(name: str) -> str:
    """The path with slashes, without a `./` before it."""
    return PurePath(name).as_posix()


def per_cent(share: float) -> str:
    """`83 %`: rounded down, so that only what is whole is called so."""
    return f"{int(share * 100 + 1e-9)} %"


def entry_line(entry: Entry) -> str:
    """An entry of a baseline: `c2s-arg-removed /admin c2s "add user" args[0]`."""
    pointer = f"/{entry.path}" if entry.path else ""
    reason = f" ({entry.reason})" if entry.reason else ""
    return plain(f"{entry.rule} {entry.subject}{pointer}{reason}", 400)


def ignore_line(ignore: Ignore) -> str:
    """An ignore, by its patterns."""
    return plain(str(ignore), 400)


def housekeeping(outcome: Outcome) -> Iterator[str]:
    """What is to be tidied up in the baseline and the configuration, and why the run may be weak."""
    verdict = outcome.verdict
    for entry in verdict.expired:
        yield f"the baseline's entry has ended on {entry.expires}: {entry_line(entry)}"
    for entry in verdict.stale:
        yield f"the baseline's entry matches nothing any more: {entry_line(entry)}"
    for ignore in verdict.ended:
        yield f"the ignore has ended on {ignore.expires}: {ignore_line(ignore)}"
    for ignore in verdict.unused:
        yield f"the ignore matches nothing: {ignore_line(ignore)}"
    for note in outcome.notes:
        yield plain(note)


def unseen(coverage: Coverage, depth: int = 0) -> Iterator[tuple[int, str]]:
    """The tree of what was not seen, as depth and line; what was seen whole is left out."""
    for child in coverage.children:
        covered, total = child.covered, child.total
        if covered == total:
            continue
        name = plain(child.name, 120)
        if not child.seen and child.part is not Part.NAMESPACE:
            yield depth, f"{name}: not seen"
            continue
        yield depth, f"{name}: {covered:,} of {total:,}"
        yield from unseen(child, depth + 1)


def coverage_line(coverage: Coverage) -> str:
    """`83 % of what is declared was seen (25 of 30)`."""
    return f"{per_cent(coverage.share)} of what is declared was seen ({coverage.covered:,} of {coverage.total:,})"
