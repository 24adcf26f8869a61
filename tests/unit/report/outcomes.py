"""Outcomes of a diff, made by hand, for the tests of formats: an ordinary one, an empty one, a hostile one."""

from __future__ import annotations

from datetime import date

from infer.asyncapi.references import Place
from infer.diff import RULES, Compat, Coverage, Evidence, Finding, Group, Level, Part, Weight
from infer.diff.baseline import Baseline, Entry
from infer.diff.config import Config, Ignore
from infer.diff.gate import Policy, judge
from infer.model import Direction, Origin
from infer.report.findings import Outcome

TODAY = date(2026, 3, 1)
C2S, S2C = Direction.C2S, Direction.S2C


def outcome(
    findings: list[Finding],
    *,
    revision: str | None = None,
    captures: tuple[str, ...] = (),
    coverage: Coverage | None = None,
    config: Config | None = None,
    baseline: Baseline | None = None,
    fail_on: Level | None = Level.ERROR,
    min_coverage: float | None = None,
    base: str = "declared.yml",
    notes: tuple[str, ...] = (),
    values: bool = False,
) -> Outcome:
    """An outcome by today's policy."""
    policy = Policy(
        config=config or Config(), fail_on=fail_on, min_coverage=min_coverage, baseline=baseline, today=TODAY
    )
    groups = frozenset({Group.TRAFFIC} if revision is None else {Group.CHANGE})
    return Outcome(
        verdict=judge(findings, policy, coverage, groups),
        base=base,
        revision=revision,
        captures=captures,
        observations=1234 if captures else None,
        compat=Compat.BACKWARD,
        version="9.9.9",
        notes=notes,
        values=values,
    )


def changes() -> Outcome:
    """Two documents, with captures to weigh by: an error, a warning, one accepted, one that is off."""
    found = [
        Finding(
            RULES["c2s-arg-required-added"],
            "args[1] is new and required",
            namespace="/admin", event="add user", direction=C2S, slot="args[1]",
            base=Place("declared.yml", 12, 3, "/channels/admin"),
            revision=Place("new.yml", 14, 7, "/channels/admin/messages/add user"),
            witness=["abc"], witness_taken_by="base",
            weight=Weight(3, 400),
        ),
        Finding(
            RULES["s2c-format-changed"],
            "the format is 'date', it was 'date-time'",
            namespace="/", event="said", direction=S2C, slot="args[0]", path="properties/at",
            base=Place("declared.yml", 40, 9, "/x"), revision=Place("new.yml", 41, 9, "/x"),
        ),
        Finding(
            RULES["s2c-enum-value-added"],
            "'archived' joined the enumeration",
            namespace="/", event="state", direction=S2C, slot="args[0]", detail='"archived"',
            revision=Place("new.yml", 50, 11, "/y"), witness="archived", witness_taken_by="revision",
        ),
        Finding(
            RULES["c2s-event-added"], 'event "ping me" is new',
            namespace="/", event="ping me", direction=C2S, revision=Place("new.yml", 60, 3, "/z"),
        ),
        Finding(
            RULES["namespace-removed"], "namespace /old is gone", namespace="/old", base=Place("main:declared.yml", 70, 3, "/w")
        ),
    ]  # fmt: skip
    accepted = Entry(
        fingerprint=found[2].fingerprint, rule="s2c-enum-value-added", namespace="/", event="state", direction=S2C,
        slot="args[0]", detail='"archived"', reason="clients were told in January",
    )  # fmt: skip
    stale = Entry(fingerprint="0" * 16, rule="c2s-ack-removed", namespace="/", event="gone", direction=C2S, slot="ack")
    config = Config(
        levels=(("c2s-event-added", Level.OFF),), ignores=(Ignore(namespace="/old", reason="switched off in May"),)
    )
    return outcome(
        found,
        revision="new.yml",
        captures=("a.har",),
        config=config,
        baseline=Baseline("known.json", (accepted, stale)),
    )


def traffic() -> Outcome:
    """Captures held to a document: an error with evidence, a warning, coverage below what is demanded."""
    origin = Origin("chat.har", 12, 3)
    found = [
        Finding(
            RULES["c2s-type-mismatch"],
            "'age' is a string, declared is an integer",
            namespace="/admin", event="add user", direction=C2S, slot="args[0]", path="properties/age",
            base=Place("declared.yml", 21, 9, "/c"), instance="/age", shape="string of 2 characters", witness="42",
            evidence=(Evidence(origin, "websocket", 1715940672.5), Evidence(Origin("chat.har", 13), "polling", None)), count=7,
        ),
        Finding(
            RULES["s2c-undeclared-property"],
            "property 'debug' is not declared",
            namespace="/", event="said", direction=S2C, slot="args[0]", detail="debug", instance="", shape="object",
            base=Place("declared.yml", 40, 9, "/x"), evidence=(Evidence(origin, "websocket", None),), count=1,
        ),
    ]  # fmt: skip
    return outcome(
        found, captures=("chat.har",), coverage=coverage(), min_coverage=80,
        notes=("2 frames could not be decoded",),
    )  # fmt: skip


def nothing() -> Outcome:
    """Two documents that promise the same."""
    return outcome([], revision="new.yml")


def coverage() -> Coverage:
    """5 of 8 declared parts seen."""
    said = Coverage(
        Part.EVENT, 's2c "said"', 9, [Coverage(Part.ARGUMENT, "args[0]", 9, [Coverage(Part.PROPERTY, "at", 0)])]
    )
    state = Coverage(Part.EVENT, 's2c "state"', 0, [Coverage(Part.ARGUMENT, "args[0]", 0)])
    root = Coverage(Part.NAMESPACE, "/", 3, [said, state])
    admin = Coverage(Part.NAMESPACE, "/admin", 1, [Coverage(Part.EVENT, 'c2s "add user"', 7)])
    return Coverage(Part.CONTRACT, "declared.yml", 4, [root, admin])


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\x1b[31mred\x1b]0;title\x07",
    "\n::error file=x::owned\r\n",
    "##[error]owned",
    "%0A::error::owned",
    "a|b`c``d|",
    "[link](javascript:alert(1)) ![i](//x)",
    "@octocat #1 !2 ~3 www.evil.example http://evil.example",
    '=HYPERLINK("http://evil")',
    "{{ 7*7 }} {0} {% raw %}",
    "]]></failure>&amp;&lt;",
    "\u202egnp.exe\u2066\ufeff",
    "\ud800 lone, \x00 null, \ufffe",
    "\"quoted', [bold]rich[/bold]",
    "::error::owned",
    "---\n# heading",
)


def hostile() -> Outcome:
    """Every hostile text in every place that may hold one."""
    found = []
    for number, text in enumerate(HOSTILE):
        found += [
            Finding(
                RULES["c2s-type-mismatch"],
                f"{text} is a string, declared is an integer",
                namespace=text, event=text, direction=C2S, slot="args[0]", path=f"properties/{text}", detail=text,
                base=Place(f"{text}.yml", number + 1, 9, "/c"), instance=f"/{text}", shape="string of 2 characters",
                witness={text: text}, evidence=(Evidence(Origin(text, 1, 2), "websocket", 1e300),), count=1,
            ),
            Finding(RULES["s2c-schema-mismatch"], text, namespace="/", event=text, direction=S2C, slot="args[0]", count=1),
        ]  # fmt: skip
    reason = " ".join(HOSTILE)
    accepted = Entry(fingerprint=found[1].fingerprint, rule=found[1].rule.id, reason=reason)
    stale = Entry(
        fingerprint="0" * 16, rule="c2s-ack-mismatch", namespace=reason, event=reason, slot=reason, reason=reason
    )
    tree = Coverage(
        Part.CONTRACT,
        reason,
        0,
        [Coverage(Part.NAMESPACE, text, 0, [Coverage(Part.EVENT, text, 0)]) for text in HOSTILE],
    )
    return outcome(
        found, captures=HOSTILE, coverage=tree, base="::error::" + HOSTILE[0], notes=HOSTILE, values=True,
        baseline=Baseline("known.json", (accepted, stale)), config=Config(ignores=(Ignore(event=reason),)),
    )  # fmt: skip
