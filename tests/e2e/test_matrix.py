"""One scenario is one contract, whoever speaks it and however it travels."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from infer.model import Observation, Origin
from tests.e2e.commands import document
from tests.e2e.conformity import violations
from tests.e2e.contracts import contract, expectation
from tests.e2e.decoding import decoded
from tests.e2e.matrix import CELLS, Cell, Recorded, record
from tests.requires import found, requires


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """All cells, told through a real mitmdump."""
    requires("node")
    return record(tmp_path_factory.mktemp("matrix"), found("chromium"))


def test_servers_and_clients_understood_each_other(recorded: Recorded) -> None:
    """What every party received is what the other sent: the scenario did happen in every cell."""
    assert recorded.failures == []


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_contract_is_the_same_from_every_cell(recorded: Recorded, cell: Cell) -> None:
    """Each cell's document is the scenario's contract, and nothing is diagnosed or contradicts it.

    What cannot be carried is the only difference: before protocol 5 a refusal is one value, not an object, and
    the parser of JSON alone has no binary.
    """
    if cell not in recorded.ports:
        requires("chromium")
    host = f"127.0.0.1:{recorded.ports[cell]}"
    inferred = document(recorded.flows[cell])
    assert contract(inferred) == _expected(cell, host)
    result = decoded([recorded.flows[cell]])
    assert result.diagnostics == []
    assert violations(inferred, result.observations) == []


def test_one_server_is_taken_from_among_all(recorded: Recorded) -> None:
    """`--host` leaves the others out, and what they said."""
    cell = CELLS[-1]
    host = f"127.0.0.1:{recorded.ports[cell]}"
    assert contract(document("--host", host, recorded.all)) == _expected(cell, host)
    among, alone = (decoded([flows], host).observations for flows in (recorded.all, recorded.flows[cell]))
    assert list(map(_placeless, among)) == list(map(_placeless, alone))


def _placeless(observation: Observation) -> Observation:
    return msgspec.structs.replace(observation, origin=Origin("anywhere"))


def _expected(cell: Cell, host: str) -> dict[str, Any]:
    expected = expectation("matrix")
    refusal = expected.pop("refusals")[cell.protocol]
    expected["server"]["host"] = host
    if cell.parser != "default":
        expected["server"]["x-socketio-parser"] = cell.parser
    expected["namespaces"]["/admin"]["refusal"] = refusal
    if cell.parser == "json":
        for namespace in expected["namespaces"].values():
            for side in ("c2s", "s2c"):
                carried = namespace[side].items()
                namespace[side] = {name: event for name, event in carried if "'binary'" not in str(event)}
    return expected
