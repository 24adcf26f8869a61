"""`infer.diff.baseline`: a file that people review, and that a reworded message does not change."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from infer.asyncapi.references import Place
from infer.diff import RULES, Finding, Group
from infer.diff.baseline import Baseline, dump, parse, renewed
from infer.errors import UsageError
from infer.model import Direction

CHANGE = frozenset({Group.CHANGE})
ONE = Finding(
    RULES["c2s-arg-required-added"], "args[1] is new", namespace="/", event="say", direction=Direction.C2S, slot="args[1]",
    base=Place("a.yml", 1, 1, "/x"),
)  # fmt: skip
TWO = Finding(RULES["namespace-removed"], "gone", namespace="/old")
SEEN = Finding(
    RULES["c2s-type-mismatch"],
    "wrong",
    namespace="/",
    event="say",
    direction=Direction.C2S,
    slot="args[0]",
    path="items",
)


def test_a_finding_is_known_again_whatever_its_words_and_lines() -> None:
    """The fingerprint is over structured fields."""
    moved = replace(ONE, message="worded differently", base=Place("a.yml", 99, 9, "/y"), count=7)
    assert moved.fingerprint == ONE.fingerprint
    assert moved.fingerprint in renewed(Baseline("b"), [ONE], CHANGE).by_fingerprint()


@pytest.mark.parametrize("field", ["namespace", "event", "slot", "path", "detail"])
def test_a_finding_about_something_else_is_another(field: str) -> None:
    """Each structured field counts."""
    other: dict[str, Any] = {field: "other"}
    assert replace(ONE, **other).fingerprint != ONE.fingerprint


def test_it_reads_back_what_it_wrote() -> None:
    """Also names with any sign in them."""
    odd = replace(ONE, event="\u202e\x00 é|`<", detail="\n")
    written = dump(renewed(Baseline("b"), [ONE, TWO, SEEN, odd], CHANGE, reason="old", expires=date(2027, 1, 31)))
    read = parse(written, "b")
    assert set(read.by_fingerprint()) == {ONE.fingerprint, TWO.fingerprint, SEEN.fingerprint, odd.fingerprint}
    assert {entry.reason for entry in read.entries} == {"old"}
    assert dump(read) == written


def test_the_order_of_findings_does_not_show() -> None:
    """A review shows what changed only."""
    assert dump(renewed(Baseline("b"), [ONE, TWO], CHANGE)) == dump(renewed(Baseline("b"), [TWO, ONE], CHANGE))


def test_writing_again_keeps_reasons_and_ends() -> None:
    """Unless others are given; what is not found any more is left out."""
    first = renewed(Baseline("b"), [ONE, TWO], CHANGE, reason="told in January", expires=date(2027, 1, 31))
    second = renewed(first, [ONE], CHANGE)
    assert [(entry.rule, entry.reason, entry.expires) for entry in second.entries] == [
        ("c2s-arg-required-added", "told in January", date(2027, 1, 31))
    ]
    (third,) = renewed(first, [ONE], CHANGE, reason="again").entries
    assert (third.reason, third.expires) == ("again", date(2027, 1, 31))


def test_what_was_not_looked_for_stays() -> None:
    """A comparison of two documents says nothing about traffic."""
    known = renewed(Baseline("b"), [SEEN], frozenset({Group.TRAFFIC}))
    assert set(renewed(known, [ONE], CHANGE).by_fingerprint()) == {SEEN.fingerprint, ONE.fingerprint}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.update(version=2), "a baseline of version 2"),
        (lambda file: file.update(more=1), "unknown field `more`"),
        (
            lambda file: file["entries"][0].pop("rule"),
            r"b entries\[.*\]: no baseline: .*missing required field `rule`",
        ),
        (lambda file: file["entries"][0].update(slot=7), r"b entries\[.*\].slot"),
        (
            lambda file: file["entries"][0].update(event="other"),
            r"b entries\[0\]: the fingerprint .* is not that of its fields",
        ),
        (lambda file: file["entries"][0].update(expires="soon"), r"b entries\[.*\].expires"),
    ],
)
def test_a_file_that_was_edited_by_half_is_refused(change: object, said: str) -> None:
    """With its place; what was accepted may not change unnoticed."""
    file = json.loads(dump(renewed(Baseline("b"), [ONE], CHANGE)))
    change(file)  # type: ignore[operator]
    with pytest.raises(UsageError, match=said):
        parse(json.dumps(file).encode(), "b")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b'{"version": 1}'])
def test_what_is_no_baseline_is_refused(data: bytes) -> None:
    """Whatever it is."""
    with pytest.raises(UsageError, match=r"^b.*no baseline"):
        parse(data, "b")
