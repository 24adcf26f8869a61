"""Writes the parts of the documentation that the program itself knows: its commands, its rules, its limits.

    python -m docs.reference

run in the folder above; a test holds the written pages to what this makes.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import typer

import infer.cli
from infer.cli.app import app
from infer.diff import KINDS, Group
from infer.schema import RULES

HERE = Path(__file__).resolve().parent
NOTE = "<!-- made by python -m docs.reference; do not edit -->\n"


def commands() -> str:
    """`cli.md`: every command with its arguments, options and examples."""
    for module in iter_modules(infer.cli.__path__):
        import_module(f"infer.cli.{module.name}")
    group: Any = typer.main.get_command(app)
    parts = [
        NOTE,
        "# Commands\n",
        ("`sio-infer FILES...` is `sio-infer infer FILES...`. stdout carries the artefact alone; what is said to you goes to"
        " stderr.\nExit codes: 0 fine, 1 findings, 2 error. Colours and progress bars appear on a terminal only, and"
        " `NO_COLOR` is honoured.\n"),
    ]
    return "\n".join([*parts, *(_command(name, group.commands[name]) for name in sorted(group.commands))])


def _command(name: str, command: Any) -> str:
    context = command.make_context(name, [], resilient_parsing=True)
    lines = [f"## sio-infer {name}\n", f"{(command.help or '').strip()}\n"]
    usage = command.collect_usage_pieces(context)
    lines.append(f"```\nsio-infer {name} {' '.join(usage)}\n```\n")
    rows = [_parameter(parameter, context) for parameter in command.get_params(context)]
    lines += ["| | |", "|---|---|", *(f"| {left} | {right} |" for left, right in rows if right), ""]
    examples = [line.strip() for line in (command.epilog or "").splitlines() if line.strip().startswith(("sio-infer", "mitmdump"))]
    if examples:
        lines += ["Examples:\n", "```", *examples, "```\n"]
    return "\n".join(lines)


_KINDS = {
    "<list[str]>": "TEXT",
    "<str>": "TEXT",
    "<int>": "NUMBER",
    "<float>": "NUMBER",
    "<int range>": "NUMBER",
    "<float range>": "NUMBER",
}


def _parameter(parameter: Any, context: Any) -> tuple[str, str]:
    record = parameter.get_help_record(context)
    if record is None or "--help" in parameter.opts:
        return "", ""
    left, right = record
    for kind, word in _KINDS.items():
        left = left.replace(f" {kind}", f" {word}" if left.startswith("-") else "")
    return "`" + " ".join(left.split()).replace("|", "\\|") + "`", _cell(right)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def rules() -> str:
    """`rules.md`: the rules by which values become schemas, and those by which differences are found."""
    lines = [
        NOTE,
        "# How each rule decides\n",
        ("A schema is a claim, made from evidence. Each rule says what it claims, from which evidence on, and why; `--no-rule"
        " NAME` switches one off.\nWhat rests on little is marked by `x-sio-infer` in the document; `--cautious` asks more of"
        " required keys, `--no-values` lets no value out at all.\n"),
        "## From values to schemas\n",
    ]
    for rule in RULES:
        lines += [f"### {rule.name}\n", f"Claims: {rule.claim}.\n", f"From: {rule.threshold}.\n", f"Why: {rule.reason}.\n"]
    lines += [
        "## From differences to findings\n",
        ("`sio-infer diff` asks whether today's clients survive the new server, so that a kind of change has a level by the"
        " direction in which\nits values travel: to the server (c2s), to the client (s2c), or neither. A rule's id is"
        " `c2s-KIND`, `s2c-KIND` or `KIND`.\n"),
    ]
    for group, title in ((Group.CHANGE, "A document against a document"), (Group.TRAFFIC, "Traffic against a document")):
        lines += [f"### {title}\n", "| kind | says | c2s | s2c | neither |", "|---|---|---|---|---|"]
        for kind in KINDS.values():
            if kind.group is group:
                levels = " | ".join("" if level is None else level.value for level in (kind.c2s, kind.s2c, kind.any))
                lines.append(f"| `{kind.name}` | {_cell(kind.title)} | {levels} |")
        lines.append("")
    return "\n".join(lines)


PAGES = {"cli.md": commands, "rules.md": rules}


def main() -> None:
    """Write the pages."""
    for name, make in PAGES.items():
        (HERE / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
