"""Names inside of files that lead where nothing sensible is: one line, or one diagnostic, and the rest is read."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from infer.asyncapi import opening
from infer.captures import read
from infer.errors import SpecError
from infer.model import Diagnostic
from tests.e2e.commands import COMMAND, environment
from tests.fuzz.seeds import HAR


@pytest.mark.parametrize("name", ["x" * 400, "a\0b", "../secret", "/etc/hostname", "."], ids=["long", "nul", "up", "absolute", "dot"])
def test_an_attached_file_that_cannot_be(tmp_path: Path, name: str) -> None:
    """What a HAR says is attached under such a name is missing; the entries before and after are read."""
    document = json.loads(HAR)
    entries = document["log"]["entries"]
    request = {"method": "GET", "url": "http://h/socket.io/?EIO=4&transport=polling&sid=s", "headers": []}
    odd = {**entries[0], "request": request, "response": {"status": 200, "headers": [], "content": {"size": 5, "_file": name}}}
    del odd["_webSocketMessages"]
    document["log"]["entries"] = [entries[0], odd, entries[0]]
    (tmp_path / "secret").write_text("42[1]")
    folder = tmp_path / "captures"
    folder.mkdir()
    (folder / "a.har").write_text(json.dumps(document))
    diagnostics: list[Diagnostic] = []
    frames = list(read(folder / "a.har", wanted=lambda _: True, report=diagnostics.append))
    assert [frame.origin.entry for frame in frames] == [0, 2]
    assert "attached-missing" in {diagnostic.code for diagnostic in diagnostics}


def test_a_reference_to_what_does_not_end(tmp_path: Path) -> None:
    """A document may name a device: it is refused, in bounded memory."""
    contract = tmp_path / "a.yml"
    contract.write_text("asyncapi: 3.0.0\ninfo: {title: t, version: '1'}\nchannels: {a: {$ref: '/dev/zero#/x'}}\n")
    ran = subprocess.run([COMMAND, "types", contract], capture_output=True, text=True, check=False, timeout=60, env=environment())
    assert ran.returncode == 2
    assert "larger than" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_a_document_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it is one error with its place."""
    monkeypatch.setattr(opening, "MAX_BYTES", 10)
    (tmp_path / "a.yml").write_text("asyncapi: 3.0.0\n")
    with pytest.raises(SpecError, match="larger than 10 bytes"):
        opening.Shelf().text(str(tmp_path / "a.yml"))
