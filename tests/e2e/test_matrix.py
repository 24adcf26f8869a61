"""One scenario is one contract, whoever speaks it and however it travels."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.commands import document
from tests.e2e.conformity import violations
from tests.e2e.contracts import contract, expectation
from tests.e2e.decoding import decoded
from tests.e2e.matrix import CELLS, Cell, Recorded, record
from tests.requires import requires


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """All cells, told through a real mitmdump."""
    requires("node")
    return record(tmp_path_factory.mktemp("matrix"))


def test_servers_and_clients_understood_each_other(recorded: Recorded) -> None:
    """What every party received is what the other sent: the scenario did happen in every cell."""
    assert recorded.failures == []


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_contract_is_the_same_from_every_cell(recorded: Recorded, cell: Cell) -> None:
    """Each cell's document is the scenario's contract, and nothing is diagnosed or contradicts it.

    What cannot be carried is the only difference: before protocol 5 a refusal is one value, not an object, and
    the parser of JSON alone has no binary.
    """
    host = f"127.0.0.1:{recorded.ports[cell]}"
    inferred = document("--host", host, recorded.flows)
    assert contract(inferred) == _expected(cell, host)
    result = decoded([recorded.flows], host)
    assert result.diagnostics == []
    assert violations(inferred, result.observations) == []


def _expected(cell: Cell, host: str) -> dict[str, Any]:
    expected = expectation("matrix")
    refusal = expected.pop("refusals")[cell.protocol]
    expected["server"]["host"] = host
    expected["namespaces"]["/admin"]["refusal"] = refusal
    if cell.parser == "json":
        for namespace in expected["namespaces"].values():
            for side in ("c2s", "s2c"):
                carried = namespace[side].items()
                namespace[side] = {name: event for name, event in carried if "'binary'" not in str(event)}
    return expected
