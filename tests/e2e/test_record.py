"""The recordings can be made again: what the script records today is what its applications do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recordings.record import RECORDINGS, Visited
from tests.e2e.commands import document
from tests.e2e.contracts import contract, expectation
from tests.e2e.processes import free_ports
from tests.requires import requires

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", RECORDINGS)
def test_recording_again_gives_the_same_contract(name: str, tmp_path: Path) -> None:
    """Real servers, clients, proxy and browser of today yield the same expectation as the recordings kept."""
    recording = RECORDINGS[name]
    requires("node")
    if isinstance(recording, Visited):
        requires("chromium")
    (port,) = free_ports(1)
    recording.record(tmp_path, port)
    expected = expectation(recording.app)
    del expected["recordings"]
    expected["server"]["host"] = expected["server"]["host"].replace(str(recording.port), str(port))
    assert contract(document(*tmp_path.iterdir())) == expected
