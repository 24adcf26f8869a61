"""Every recording yields what its application's source says, and nothing that was observed contradicts it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.commands import document, sio_infer
from tests.e2e.conformity import violations
from tests.e2e.contracts import contract, expectation
from tests.e2e.decoding import decoded
from tests.e2e.processes import ROOT

if TYPE_CHECKING:
    from pathlib import Path

RECORDINGS = ROOT / "recordings"
APPLICATIONS = ("chat", "files", "legacy", "office", "orders", "poll", "telemetry", "ticker")
GROUPS = [(name, tuple(group)) for name in APPLICATIONS for group in expectation(name)["recordings"]]
SUFFIXES = {".gz", ".har", ".jsonl", ".mitm", ".zip"}
CAPTURES = sorted(path.name for path in RECORDINGS.iterdir() if path.suffix in SUFFIXES)

_paths = {name: RECORDINGS / name for name in CAPTURES}


@cache
def inferred(files: tuple[str, ...]) -> dict[str, Any]:
    """The document of these recordings, by the command."""
    return document(*(_paths[file] for file in files))


@pytest.mark.parametrize(("name", "files"), GROUPS, ids=[" ".join(files) for _, files in GROUPS])
def test_document_says_what_the_application_does(name: str, files: tuple[str, ...]) -> None:
    """Events, directions, arguments, acks, namespaces, auth and refusals are exactly the application's."""
    expected = expectation(name)
    expected.pop("recordings")
    assert contract(inferred(files)) == expected


def test_every_recording_is_expected() -> None:
    """No capture lies among the recordings that no expectation names."""
    assert sorted({file for _, files in GROUPS for file in files}) == CAPTURES


@pytest.mark.parametrize("files", [files for _, files in GROUPS], ids=" ".join)
def test_what_was_observed_is_valid(files: tuple[str, ...]) -> None:
    """Every argument list and acknowledgement validates against the schema inferred for it."""
    observations = decoded(_paths[file] for file in files).observations
    assert violations(inferred(files), observations) == []


@pytest.mark.parametrize("file", CAPTURES)
def test_decoding_loses_nothing(file: str) -> None:
    """Every frame gives a packet, or is known to hold none; not one of these is diagnosed."""
    result = decoded([_paths[file]])
    stats = result.stats
    assert stats.frames == result.frames > 0
    assert stats.frames == stats.decoded + stats.diagnosed + stats.ignored.total()
    assert result.diagnostics == []


def test_two_runs_give_the_same_bytes() -> None:
    """Nothing of the run itself stands in the document."""
    assert sio_infer(*_paths.values()) == sio_infer(*_paths.values())


def test_any_order_of_files_gives_the_same_bytes() -> None:
    """A document does not depend on the order in which its captures are read."""
    files = list(_paths.values())
    orders = [files, files[::-1], files[1::2] + files[::2]]
    assert len({sio_infer(*order) for order in orders}) == 1


def test_merged_states_give_the_same_bytes(tmp_path: Path) -> None:
    """States saved from parts of the captures give the document of the whole.

    The flow file of `orders.har` is left out: a session that is in two captures is one only where both are
    read together.
    """
    files = [path for name, path in _paths.items() if name != "orders.mitm"]
    states = []
    for number, part in enumerate((files[::3], files[1::3], files[2::3])):
        states.append(tmp_path / f"{number}.sio")
        sio_infer("--state", states[-1], *part)
    assert sio_infer(*reversed(states)) == sio_infer(*files)


@pytest.mark.parametrize("file", ["orders.har", "orders.mitm"])
def test_refused_requests_can_be_left_out(file: str) -> None:
    """Each of two sessions places an order of one dish or two, and one without a dish, which is refused (`orders.py`)."""
    counts = []
    for options in ([], ["--exclude-rejected"]):
        made = document(_paths[file], "--evidence", "full", *options)
        (message,) = (each for each in made["components"]["messages"].values() if each["name"] == "place order")
        order = made["components"]["schemas"]["PlaceOrder"]["properties"]
        assert message["x-sio-infer"] == {"samples": 4, "sessions": 2, "acksAsked": 4, "acksGiven": 4, "rejected": 2}
        dishes = order["dishes"]
        counts.append([each["x-sio-infer"]["samples"] for each in (order["table"], order["note"], dishes, dishes["items"])])
    assert counts == [[4, 2, 4, 3], [2, 1, 2, 3]]  # of tables, notes, lists of dishes, dishes
