"""A parser of others: the one that docs/parsers.md shows, really installed, on the traffic of a real application."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.e2e.processes import ROOT, free_ports, mitmdump, node, npm_environment, reverse, running
from tests.requires import requires

APPS = ROOT / "tests" / "e2e" / "apps"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session with a parser that nobody knows, through mitmdump."""
    requires("node")
    folder = tmp_path_factory.mktemp("own")
    listening, port = free_ports(2)
    flows = folder / "own.mitm"
    proxy = mitmdump(*reverse((listening, port)), "--set", f"save_stream_file={flows}", confdir=folder)
    with (
        running(node(APPS / "own_parser_server.js", port), listening=[port], env=npm_environment()),
        running(proxy, listening=[listening]),
        running(node(APPS / "own_parser_client.js", f"http://127.0.0.1:{listening}"), env=npm_environment()) as client,
    ):
        client.wait()
    return flows


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which pip installed the distribution of docs/parsers.md."""
    page = (ROOT / "docs" / "parsers.md").read_text(encoding="utf-8")
    (source,) = re.findall(r"```python\n# our_parser\.py\n(.*?)```", page, re.DOTALL)
    (table,) = re.findall(r"^\[project\.entry-points\.\"(.*?)\"\]\n(ours = \".*?\")$", page, re.MULTILINE)
    folder = tmp_path_factory.mktemp("installed")
    wheel = folder / "our_parser-1.0-py3-none-any.whl"
    about = "our_parser-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("our_parser.py", source)
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: our-parser\nVersion: 1.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/entry_points.txt", f"[{table[0]}]\n{table[1].replace(chr(34), '')}\n")
        archive.writestr(f"{about}/RECORD", "")
    target = folder / "site"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--target", target, wheel], check=True)
    return target


def inspected(flows: Path, *options: str, site: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`sio-infer inspect` on the flows, with what is installed in the folder."""
    environment = dict(os.environ) | ({"PYTHONPATH": str(site)} if site else {})
    command = [str(Path(sys.executable).with_name("sio-infer")), "inspect", str(flows), "--show-values", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize("options", [[], ["--parser", "ours"]], ids=["found", "forced"])
def test_the_parser_is_found_and_can_be_forced(recorded: Path, installed: Path, options: list[str]) -> None:
    """With it installed, the events are decoded: by polling and after the upgrade, by content or by name."""
    shown = inspected(recorded, *options, site=installed)
    assert shown.returncode == 0, shown.stderr
    assert 'welcome                  ["größe|😀"]' in shown.stdout
    assert re.search(r"add #0 +\[1, 2\.5\]", shown.stdout)
    assert re.search(r'↩ add #0 +\[\{"sum": 3\.5\}\]', shown.stdout)
    assert "0 undecoded" in shown.stderr


def test_without_it_the_messages_are_shown_as_undecoded(recorded: Path) -> None:
    """What nobody knows is counted and shown as such, never as something else."""
    shown = inspected(recorded)
    assert "a message is no packet of any known Socket.IO parser" in shown.stdout + shown.stderr
    assert "welcome" not in shown.stdout
    assert "größe" not in shown.stdout + shown.stderr


def test_an_unknown_name(recorded: Path, installed: Path) -> None:
    """The error says which there are, those that are installed too."""
    shown = inspected(recorded, "--parser", "theirs", site=installed)
    assert shown.returncode == 2
    assert 'there is no parser "theirs" (known: auto, default, json, msgpack, ours)' in shown.stderr
