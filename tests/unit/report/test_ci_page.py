"""`docs/ci.md`: what people copy from it works."""

from __future__ import annotations

import re
import shlex
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pytest
import typer
import yaml

from infer.cli import diff_command, rules, version
from infer.cli.app import app
from infer.diff.config import parse

DOCS: Final = Path(__file__).parents[3] / "docs"
PAGE: Final = (DOCS / "ci.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
    assert found
    return found


def commands() -> list[str]:
    """All commands of the page, from its text, its workflows and its consoles."""
    scripts = [
        step["run"]
        for text in blocks("yaml")
        for job in yaml.safe_load(text).get("jobs", {}).values()
        for step in job["steps"]
        if "run" in step
    ]
    scripts += [line for text in blocks("yaml") for line in yaml.safe_load(text).get("contract", {}).get("script", [])]
    scripts += [text.replace("\\\n", " ").removeprefix("$ ") for text in blocks("console")]
    scripts += re.findall(r"`(sio-infer [^`]+)`", PAGE)
    return [line for script in scripts for line in script.splitlines() if line.startswith("sio-infer ")]


def test_the_configuration_on_the_page_is_one() -> None:
    """Read by the parser that the command uses."""
    (text,) = blocks("toml")
    config = parse(text, "sio-infer.toml")
    assert config is not None
    assert (config.fail_on, config.min_coverage, len(config.ignores)) == ("error", 80, 2)


@pytest.mark.parametrize("line", commands())
def test_every_command_on_the_page_is_understood(line: str) -> None:
    """Its options and their values are known; nothing is run."""
    group: Any = typer.main.get_command(app)
    _, name, *arguments = shlex.split(line)
    command = group.commands[name]
    command.make_context(name, arguments or ["--help"], resilient_parsing=not arguments)


def test_there_are_commands_on_the_page() -> None:
    """Of the workflow, of GitLab's job and of the text."""
    assert len(commands()) >= 8
    assert all(module.__doc__ for module in (diff_command, rules, version))  # importing them registers the commands


def test_the_published_schema_is_the_packages() -> None:
    """One file in two places."""
    shipped = (files("infer.report") / "assets/findings.schema.json").read_text("utf-8")
    assert (DOCS / "findings.schema.json").read_text("utf-8") == shipped
