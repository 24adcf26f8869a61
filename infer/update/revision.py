"""A document held to traffic, and changed until it takes it.

The law: of what the traffic shows, nothing contradicts the result, save what is marked to stay and what no change of a
schema could settle. A document that takes the traffic already is given back byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from infer.asyncapi.contract import Contract
from infer.diff import Conformance, Finding, order
from infer.diff.checker import check
from infer.diff.patch import edited
from infer.model import Observation
from infer.update.marks import Marks
from infer.update.text import revised

_PASSES: Final = 8
"""A change may bring to light what stood behind it, a level of nesting at a time."""


class Revision(msgspec.Struct):
    """What became of a document."""

    texts: dict[str, str] = msgspec.field(default_factory=dict)
    """New text of the files that changed, by name."""
    added: list[Finding] = msgspec.field(default_factory=list)
    """What it did not have and has now."""
    widened: list[Finding] = msgspec.field(default_factory=list)
    """What it refused and takes now."""
    contradicted: list[Finding] = msgspec.field(default_factory=list)
    """What it still refuses: a person must settle it."""
    kept: int = 0
    """Findings at parts that are marked to stay as they are."""


def revise(
    contract_of: Callable[[Mapping[str, str]], Contract],
    text_of: Callable[[str], str],
    feed: Callable[[Callable[[Observation], None]], None],
    wanted: Callable[[Finding], bool] = lambda _: True,
) -> Revision:
    """Bring a document up to what is observed. Errors: `SpecError`.

    `contract_of` reads its contract, taking the texts given for those of the files; `text_of` gives a file's own.
    `feed` gives all observations to what it is called with; it is called again after each change.
    """
    revision = Revision()
    answered: dict[str, Finding] = {}
    for _ in range(_PASSES):
        contract = contract_of(revision.texts)
        check(contract)
        conformance = Conformance(contract, learn=True)
        feed(conformance.add)
        marks = Marks(contract)
        marks.select(conformance.undeclared)
        found = [entry for entry in conformance.entries() if wanted(entry.finding)]
        open_ = {entry.finding.fingerprint: msgspec.structs.replace(entry.finding, count=entry.count) for entry in found if marks.wants(entry)}
        revision.kept = len(found) - len(open_)
        changed = edited(conformance, lambda entry, open_=open_: entry.finding.fingerprint in open_)  # type: ignore[misc]
        if not changed:
            break
        answered = open_ | answered
        for file, (old, new) in changed.items():
            text = revision.texts[file] if file in revision.texts else text_of(file)
            revision.texts[file] = revised(text, file, old, new)
    for fingerprint, finding in answered.items():
        if fingerprint not in open_:
            is_new = finding.rule.kind.name.startswith("undeclared")
            (revision.added if is_new else revision.widened).append(finding)
    revision.contradicted.extend(open_.values())
    for findings in (revision.added, revision.widened, revision.contradicted):
        findings.sort(key=order)
    return revision
