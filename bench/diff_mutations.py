"""Every kind of change at every place it fits, and what two diffs say of each: `python -m bench.diff_mutations`.

The documents are those inferred from the recordings; `bench.mutations` makes the changes and writes down what is expected.
Recall is the share of expected findings that were reported, precision the share of reported ones that were expected; a finding
counts only with its rule, event, slot, part and detail, and its level must be the table's. Beside it stands what
@asyncapi/diff 0.5.0 says of the same pairs: how many it reports any change of, how many it classifies (as breaking or not)
rather than leaves unclassified, of how many it says breaking where the change is an error and not where it is none, and how many
changes it reports of one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.mutations import Expected, Mutation, mutations
from infer.asyncapi import DocumentOptions
from infer.asyncapi.contract import Contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.diff import RULES, Level, compare
from infer.engines import local

ROOT: Final = Path(__file__).resolve().parents[1]
RECORDINGS: Final = (
    ("chat", ("chat-first.har", "chat-second.har")), ("orders", ("orders.har",)), ("poll", ("poll-playwright.zip",)),
    ("files", ("files-websocket.har",)), ("office", ("office.cdp.jsonl",)), ("legacy", ("legacy-polling.har.gz",)),
    ("telemetry", ("telemetry-msgpack.har",)), ("ticker", ("ticker-recovery.har",)),
)  # fmt: skip
_OTHER: Final = """
const { diff } = require("@asyncapi/diff");
const lines = require("fs").readFileSync(0, "utf8").split("\\n").filter(Boolean);
for (const line of lines) {
  const [base, revision] = JSON.parse(line);
  let said;
  try {
    const made = diff(base, revision, { override: {} });
    said = [made.breaking().length, made.nonBreaking().length, made.unclassified().length];
  } catch (error) {
    said = null;
  }
  console.log(JSON.stringify(said));
}
"""


@dataclass(slots=True)
class Score:
    """What a diff made of the changes of one kind."""

    changes: int = 0
    expected: int = 0
    found: int = 0
    right: int = 0
    levels: int = 0
    """Of the right ones, those of the table's level."""
    other_seen: int = 0
    other_classified: int = 0
    other_right: int = 0
    other_reports: int = 0


def document_of(files: Sequence[str]) -> dict[str, Any]:
    """The document that is inferred from recordings."""
    result = local.run([str(ROOT / "recordings" / name) for name in files])
    return result.catalog.to_asyncapi(DocumentOptions())


def contract_of(document: dict[str, Any]) -> Contract:
    """The contract of a document as plain data."""
    text = json.dumps(document)
    return read(Documents(lambda _: text), "document.json")


def judge(mutation: Mutation, score: Score) -> Iterator[str]:
    """Count what our diff says of a change; gives what it said wrong."""
    found = compare(contract_of(mutation.base), contract_of(mutation.revision))
    said = {Expected(each.rule.id, each.namespace, each.event, each.slot, each.path, each.detail) for each in found}
    score.changes += 1
    score.expected += len(mutation.expected)
    score.found += len(found)
    score.right += len(said & mutation.expected)
    score.levels += sum(each.level is RULES[each.rule.id].level for each in found)
    for each in sorted(mutation.expected - said, key=str):
        yield f"missing {each}"
    for each in sorted(said - mutation.expected, key=str):
        yield f"unexpected {each}"


def main() -> int:
    """Measure, print the table, and give the exit code."""
    scores: dict[str, Score] = defaultdict(Score)
    wrong = 0
    for name, files in RECORDINGS:
        made = list(mutations(document_of(files)))
        for mutation in made:
            for line in judge(mutation, scores[mutation.kind]):
                wrong += 1
                print(f"{name}: {mutation.kind}: {line}", file=sys.stderr)
        _ask_the_other(made, scores)
        print(f"{name}: {len(made)} changes", file=sys.stderr)
    rows = ["| change | made | recall | precision | level | other: seen | classified | rightly | reports a change |", "|---" * 9 + "|"]
    whole = Score()
    for kind, score in sorted(scores.items()):
        rows.append(_row(kind, score))
        for name in Score.__slots__:
            setattr(whole, name, getattr(whole, name) + getattr(score, name))
    rows.append(_row("**all**", whole))
    table = "\n".join(rows)
    print(table)
    (ROOT / "bench" / "MUTATIONS.md").write_text(f"# Changes found\n\n{(__doc__ or '').strip()}\n\n{table}\n")
    return int(wrong > 0)


def _ask_the_other(made: list[Mutation], scores: dict[str, Score]) -> None:
    lines = "\n".join(json.dumps([each.base, each.revision]) for each in made)
    ran = subprocess.run(
        ["node", "-e", _OTHER], input=lines, capture_output=True, text=True, check=True, cwd=ROOT / "tests", timeout=600
    )
    for mutation, line in zip(made, ran.stdout.splitlines(), strict=True):
        said = json.loads(line)
        if said is None:
            continue
        score, (breaking, harmless, unclassified) = scores[mutation.kind], said
        hurts = any(RULES[each.rule].level is Level.ERROR for each in mutation.expected)
        score.other_seen += bool(breaking or harmless or unclassified)
        score.other_classified += bool(breaking or harmless) and not unclassified
        score.other_right += (bool(breaking) == hurts) and not unclassified and bool(breaking or harmless)
        score.other_reports += breaking + harmless + unclassified


def _row(kind: str, score: Score) -> str:
    shares = (
        (score.right, score.expected), (score.right, score.found), (score.levels, score.found),
        (score.other_seen, score.changes), (score.other_classified, score.changes), (score.other_right, score.changes),
    )  # fmt: skip
    columns = [f"{part / whole:.3f}" if whole else "–" for part, whole in shares]
    return f"| {kind} | {score.changes} | {' | '.join(columns)} | {score.other_reports / max(score.changes, 1):.1f} |"


if __name__ == "__main__":
    sys.exit(main())
