"""The documentation is complete, true to the program, and leads nowhere that is not there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer

from docs.reference import HERE, PAGES
from infer.cli.app import app

ROOT = HERE.parent
WRITTEN = sorted(HERE.glob("*.md"))
_LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")


@pytest.mark.parametrize("name", PAGES)
def test_generated_page_is_what_the_program_says(name: str) -> None:
    """A new command, option or rule is in the reference: python -m docs.reference writes it."""
    assert (HERE / name).read_text(encoding="utf-8") == PAGES[name]()


def test_every_command_and_option_says_what_it_is() -> None:
    """None is without help, and every command has an example."""
    PAGES["cli.md"]()
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        assert command.help, name
        assert "sio-infer" in (command.epilog or "") or name == "version", name
        for parameter in command.params:
            assert getattr(parameter, "help", None) or parameter.hidden, f"{name} {parameter.name}"


@pytest.mark.parametrize("page", [ROOT / "README.md", *WRITTEN], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Links to files of the project."""
    for target, _ in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), target


@pytest.mark.skipif(find_spec("mkdocs") is None, reason="mkdocs is absent: pip install --group docs")
def test_site_builds(tmp_path: Path) -> None:
    """Without a warning."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True, env=environment)
    assert ran.returncode == 0, ran.stderr
    for page in WRITTEN:
        assert (tmp_path / "site" / f"{page.stem}.html").exists()
