"""Findings that are known and accepted, in a file that people review: what each is, why, and until when.

An entry names its finding by structured fields, never by text or line, so that a reworded message or a moved line
changes nothing. `fingerprint` is made of those fields; an entry in which the two disagree was edited by half and is
refused. An entry that nothing matches any more is *stale*: it is reported, and gone when the file is written again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec

from infer.diff.finding import Finding, fingerprint
from infer.diff.rules import RULES, Group
from infer.errors import UsageError
from infer.model import Direction

VERSION: Final = 1


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One accepted finding."""

    fingerprint: str
    rule: str
    namespace: str | None = None
    event: str | None = None
    direction: Direction | None = None
    slot: str | None = None
    path: str = ""
    detail: str = ""
    reason: str = ""
    expires: date | None = None
    """The last day on which it holds."""

    @property
    def subject(self) -> str:
        """What it is about, as `Finding.subject`."""
        parts = [self.namespace, self.direction, None if self.event is None else f'"{self.event}"', self.slot]
        return " ".join(str(part) for part in parts if part is not None)

    @property
    def group(self) -> Group | None:
        """What has to be held against what for the finding to show; None where its rule is gone."""
        rule = RULES.get(self.rule)
        return None if rule is None else rule.kind.group


class _File(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    entries: list[Entry]


class Baseline(msgspec.Struct, frozen=True):
    """The entries of a file."""

    name: str
    entries: tuple[Entry, ...] = ()

    def by_fingerprint(self) -> dict[str, Entry]:
        """Entries by the fingerprint of their finding."""
        return {entry.fingerprint: entry for entry in self.entries}


def parse(data: bytes, name: str) -> Baseline:
    """The baseline in a file. Errors: `UsageError` with the place."""
    try:
        file = msgspec.json.decode(data, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message, _, path = str(error).partition(" - at `$")
        place = f"{name} {path.rstrip('`').lstrip('.')}".rstrip()
        raise UsageError(f"no baseline: {message}", place, "write it again with --write-baseline") from None
    if file.version != VERSION:
        raise UsageError(f"a baseline of version {file.version}", name, f"this program knows version {VERSION}")
    for number, entry in enumerate(file.entries):
        if entry.fingerprint != _fingerprint(entry):
            raise UsageError(
                f"the fingerprint of the entry for {entry.rule[:80]!r} is not that of its fields",
                f"{name} entries[{number}]",
                "remove the entry, or write the file again with --write-baseline",
            )
    return Baseline(name, tuple(file.entries))


def dump(baseline: Baseline) -> bytes:
    """The file, an entry after the other in a fixed order, so that a review shows what changed."""
    entries = sorted(baseline.entries, key=lambda entry: (entry.rule, entry.subject, entry.path, entry.detail))
    data = msgspec.json.encode(_File(VERSION, entries))
    return msgspec.json.format(data, indent=2) + b"\n"


def renewed(
    old: Baseline,
    findings: Iterable[Finding],
    groups: frozenset[Group],
    *,
    reason: str = "",
    expires: date | None = None,
) -> Baseline:
    """The baseline that accepts these findings.

    An entry that there was keeps its reason and its end unless others are given. What was not looked for in this run
    (traffic, where two documents were compared) stays as it was; all else that is not found is left out.
    """
    known = old.by_fingerprint()
    entries = {
        entry.fingerprint: entry for entry in old.entries if entry.group is not None and entry.group not in groups
    }
    for finding in findings:
        before = known.get(finding.fingerprint)
        entries[finding.fingerprint] = Entry(
            fingerprint=finding.fingerprint,
            rule=finding.rule.id,
            namespace=finding.namespace,
            event=finding.event,
            direction=finding.direction,
            slot=finding.slot,
            path=finding.path,
            detail=finding.detail,
            reason=reason or (before.reason if before else ""),
            expires=expires or (before.expires if before else None),
        )
    return Baseline(old.name, tuple(entries.values()))


def _fingerprint(entry: Entry) -> str:
    return fingerprint(entry.rule, entry.namespace, entry.event, entry.direction, entry.slot, entry.path, entry.detail)
