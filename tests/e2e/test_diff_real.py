"""Applications that document themselves, each held to its own document: Asynction, sio-asyncapi, zod-sockets."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from infer.asyncapi.opening import open_contract
from infer.diff import Conformance, compare
from infer.engines import local
from tests.real.record import APPLICATIONS, Application

BY_NAME = {application.name: application for application in APPLICATIONS}


def held(application: Application, recording: Path | None = None) -> Conformance:
    """A recording of the application, held to its document."""
    conformance = Conformance(open_contract(str(application.folder / "contract.yml")))
    options = local.Options(observer=conformance.add)
    result = local.run([str(recording or application.folder / "recording.mitm")], options)
    assert not result.failed
    return conformance


def unseen(conformance: Conformance) -> set[str]:
    """What is declared and was not seen."""
    return {line.name for line in conformance.coverage().leaves() if not line.seen}


def test_asynctions_dialect_is_read_and_kept_to() -> None:
    """`x-ack` with `args`, several messages by `oneOf`; no client gave the optional date."""
    conformance = held(BY_NAME["asynction"])
    assert conformance.findings() == []
    assert conformance.observations == 7  # a connect, two pins and what they set off, a clear and what it sets off
    assert unseen(conformance) == {"until"}


def test_zod_sockets_tuples_are_read_and_kept_to() -> None:
    """Payloads are tuples always, also the empty ones; acknowledgements are replies. All of it was seen."""
    conformance = held(BY_NAME["zod_sockets"])
    assert conformance.findings() == []
    assert conformance.observations == 9  # a connect, three guesses with a round each, a stop and an over
    assert unseen(conformance) == set()


def test_sio_asyncapi_does_not_acknowledge_as_it_documents() -> None:
    """It declares the model's object under `x-ack` and sends the model's JSON as a string: a true difference."""
    conformance = held(BY_NAME["sio_asyncapi"])
    found = {(each.rule.id, each.event, each.slot, each.path, each.count) for each in conformance.findings()}
    assert found == {
        ("s2c-type-mismatch", "order", "ack[0]", "", 3),
        ("s2c-type-mismatch", "look", "ack[0]", "", 1),
    }
    assert unseen(conformance) == {"number", "state", '"taken"', '"refused"', "item", "left", "integer"}


@pytest.mark.parametrize("name", BY_NAME)
def test_the_application_still_says_and_does_so(name: str, tmp_path: Path) -> None:
    """Its own tool writes the document that is kept here, and a visit now is to that document as the recording is."""
    application = BY_NAME[name]
    try:
        application.install()
    except (OSError, subprocess.SubprocessError) as error:
        reason = f"{name} is absent: its packages cannot be installed: {str(error)[:200]}"
        (pytest.fail if name in os.environ.get("SIO_INFER_REQUIRE", "") else pytest.skip)(reason)
    fresh = tmp_path / "contract.yml"
    fresh.write_text(application.document())
    kept = open_contract(str(application.folder / "contract.yml"))
    assert compare(kept, open_contract(str(fresh))) == []
    application.record(tmp_path / "recording.mitm")
    before, now = held(application), held(application, tmp_path / "recording.mitm")
    assert [each.fingerprint for each in now.findings()] == [each.fingerprint for each in before.findings()]
    assert unseen(now) == unseen(before)
