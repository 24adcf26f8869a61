"""`sio-infer update` as a person runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from codecs import BOM_UTF8
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
RECORDING = ROOT / "recordings" / "poll-playwright.zip"
OTHER = ROOT / "recordings" / "files-websocket.har"


def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("sio-infer"), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"}, timeout=60)


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("update") / "asyncapi.yml"
    assert run(RECORDING, "-o", path).returncode == 0
    path.write_text("# ours\n" + path.read_text())
    return path


def test_nothing_new_writes_nothing(draft: Path) -> None:
    """Not even the same bytes: the file's time stays."""
    before = draft.stat().st_mtime_ns
    ran = run("update", draft, RECORDING)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr.endswith("nothing to change\n")
    assert draft.stat().st_mtime_ns == before
    assert run("update", draft, RECORDING, "--check", "-q").returncode == 0


def test_check_finds_and_writes_nothing(draft: Path) -> None:
    """Exit 1, and what would change is listed."""
    before = draft.read_bytes()
    ran = run("update", draft, OTHER, "--check")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert 'added        / c2s "upload": the event is not declared (2 times)\n' in ran.stderr
    assert ran.stderr.endswith("1 file would change\n")
    assert draft.read_bytes() == before


def test_the_result_goes_where_it_is_wanted(draft: Path, tmp_path: Path) -> None:
    """To stdout, or in place; then `diff` finds nothing."""
    shown = run("update", draft, OTHER, "-o", "-", "-q")
    assert shown.returncode == 0
    copy = tmp_path / "asyncapi.yml"
    copy.write_bytes(draft.read_bytes())
    ran = run("update", copy, OTHER)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert copy.read_text() == shown.stdout
    assert copy.read_text().startswith("# ours\n")
    assert run("diff", copy, RECORDING, OTHER, "-q").returncode == 0


def test_what_was_widened_is_named_to_the_property(draft: Path, tmp_path: Path) -> None:
    """As the event alone would leave to be sought what changed."""
    copy = tmp_path / "asyncapi.yml"
    copy.write_text(draft.read_text().replace("votes:\n          type: integer", "votes:\n          type: string"))
    ran = run("update", copy, RECORDING, "--check")
    assert 'widened      / s2c "tally" args[0]/properties/votes: an integer where string is declared (2 times)\n' in ran.stderr


def test_a_byte_order_mark_stays(draft: Path, tmp_path: Path) -> None:
    """In place and on stdout: what edited the document before looks for it."""
    copy = tmp_path / "asyncapi.yml"
    copy.write_bytes(BOM_UTF8 + draft.read_bytes())
    shown = run("update", copy, OTHER, "-o", "-", "-q").stdout
    assert run("update", copy, OTHER, "-q").returncode == 0
    assert copy.read_text() == shown
    assert shown.startswith("\ufeff# ours\n")
    assert run("update", copy, OTHER, "--check").stderr.endswith("nothing to change\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("asyncapi.yml", "-"), "save the capture to a file first"),
        (("missing.yml", RECORDING), "missing.yml: "),
        (("broken.yml", RECORDING), "broken.yml:2:1: "),
        (("asyncapi.yml", "nothing.har"), "nothing.har"),
    ],
)
def test_what_cannot_be_done_is_one_line(draft: Path, arguments: tuple[str, ...], words: str) -> None:
    """With exit 2, saying where and what to do."""
    (draft.parent / "broken.yml").write_text("a: [")
    ran = run("update", *arguments, cwd=draft.parent)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert len(ran.stderr.splitlines()) == 1
    assert words in ran.stderr
