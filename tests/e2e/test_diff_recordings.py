"""Every recording, held to the document that is inferred from it, in every version; and those documents to each other."""

from __future__ import annotations

import pytest

from infer.asyncapi import VERSIONS, DocumentOptions, dump
from infer.asyncapi.contract import Contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.diff import Conformance, compare
from infer.engines import local
from infer.model import Observation
from tests.e2e.processes import ROOT

FOLDER = ROOT / "recordings"
RECORDINGS = sorted(path.name for path in FOLDER.iterdir() if path.is_file() and path.suffix not in {".md", ".py", ".js"})


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_keeps_to_its_own_document_and_shows_all_of_it(name: str) -> None:
    """Nothing departs, every part was seen, and each version of the document reads back to one contract."""
    observed: list[Observation] = []
    result = local.run([str(FOLDER / name)], local.Options(observer=observed.append))
    assert observed
    contracts: list[Contract] = []
    for version in VERSIONS:
        contracts.append(_contract(dump(result.catalog.to_asyncapi(DocumentOptions(version=version)))))
        conformance = Conformance(contracts[-1])
        for observation in observed:
            conformance.add(observation)
        assert conformance.findings() == []
        assert conformance.coverage().share == 1
    declared = {(space.name, event.direction.value, event.name) for space, event in contracts[0].events()}
    seen = {
        (namespace, *key)
        for _, server in result.catalog.servers.items()
        for namespace, entry in server.namespaces.items()
        for key, _ in entry.events.items()
    }
    assert declared == seen
    for other in contracts[1:]:
        assert compare(contracts[0], other) == []
        assert compare(other, contracts[0]) == []


def _contract(text: str) -> Contract:
    return read(Documents(lambda _: text), "draft.yml")
