"""`sio-infer rules`: what the schemas claim and what a diff reports, from when on, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from infer.cli.app import command, put

if TYPE_CHECKING:
    from infer.diff.rules import Kind, Level

Which = Annotated[
    Literal["schema", "diff"] | None,
    typer.Argument(help="Those of schemas, or those of a diff; all unless given.", show_default=False),
]


@command(
    "rules",
    [
        "sio-infer rules schema",
        "sio-infer rules diff",
        "sio-infer chat.har --no-rule enum --no-rule map > asyncapi.yml",
    ],
)
def rules(which: Which = None) -> None:
    """List the rules by which observed values become schemas, and those of a diff with their levels."""
    blocks = [*(_of_schemas() if which != "diff" else ()), *(_of_diffs() if which != "schema" else ())]
    put("\n".join(blocks), "-")


def _of_schemas() -> Iterator[str]:
    from infer.schema import RULES

    for rule in RULES:
        yield f"{rule.name}\n  claims: {rule.claim}\n  from:   {rule.threshold}\n  why:    {rule.reason}\n"


def _of_diffs() -> Iterator[str]:
    from infer.diff.rules import KINDS, Group

    titles = {
        Group.CHANGE: "A document against another (levels by --compat backward)",
        Group.TRAFFIC: "Traffic against a document",
    }
    width = max(map(len, KINDS))
    yield (
        "A rule's id is <direction>-<kind>, as c2s-event-removed (c2s: what the client sends), or the kind alone.\n"
        "Levels are set by id, * standing for any characters, in sio-infer.toml:\n\n"
        '  [diff.rules]\n  "s2c-arg-optional-*" = "info"\n'
    )
    for group, title in titles.items():
        rows = [_row(kind, width) for kind in KINDS.values() if kind.group is group]
        yield "\n".join([title, "", f"{'kind':<{width}}  {'c2s':<9}{'s2c':<9}any", *rows, ""])


def _row(kind: Kind, width: int) -> str:
    """A line of the table, and one for its hint."""
    levels = "".join(f"{_word(level):<9}" for level in (kind.c2s, kind.s2c, kind.any))
    hint = f"\n{'':<{width + 29}}→ {kind.hint}" if kind.hint else ""
    return f"{kind.name:<{width}}  {levels}{kind.title}{hint}"


def _word(level: Level | None) -> str:
    return "-" if level is None else level.value
