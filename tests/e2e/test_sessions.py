"""A session is one, however its capture was cut: into files, in any order, with its beginning missing."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.io import FlowReader, FlowWriter

from infer.model import Event
from tests.e2e.commands import sio_infer
from tests.e2e.decoding import decoded
from tests.e2e.processes import ROOT

RECORDINGS = ROOT / "recordings"
UPGRADED = ["orders.mitm", "files-upgrade.mitm"]


def flows_of(name: str) -> list[Any]:
    """The flows of a recording."""
    with (RECORDINGS / name).open("rb") as file:
        return list(FlowReader(file).stream())


def written(path: Path, flows: list[Any]) -> Path:
    """A flow file of these flows."""
    with path.open("wb") as file:
        writer = FlowWriter(file)  # type: ignore[no-untyped-call]
        for flow in flows:
            writer.add(flow)
    return path


@pytest.mark.parametrize("name", UPGRADED)
def test_cut_into_files_in_any_order(name: str, tmp_path: Path) -> None:
    """One file a flow (the handshake, each poll, the WebSocket), read in order, backwards and shuffled: the same document."""
    flows = flows_of(name)
    files = [written(tmp_path / f"{number:02}.mitm", [flow]) for number, flow in enumerate(flows)]
    whole = sio_infer(RECORDINGS / name)
    for order in (files, files[::-1], files[1::2] + files[::2]):
        assert sio_infer(*order) == whole


@pytest.mark.parametrize("name", UPGRADED)
def test_a_capture_that_starts_later(name: str, tmp_path: Path) -> None:
    """Without its handshake a session still yields every event after it, and one diagnostic a session."""
    flows = flows_of(name)
    sockets = [flow for flow in flows if flow.websocket is not None]
    assert sockets
    late = decoded([written(tmp_path / "late.mitm", sockets)])
    everything = decoded([RECORDINGS / name])
    events = [_key(event) for event in late.observations if isinstance(event, Event)]
    known = [_key(event) for event in everything.observations if isinstance(event, Event)]
    assert events
    assert all(event in known for event in events)
    assert len(known) - len(events) < 5  # what went by polling before the upgrade
    assert {diagnostic.code for diagnostic in late.diagnostics} == {"session-unopened"}
    assert len(late.diagnostics) == len(sockets)


def test_sessions_do_not_mix() -> None:
    """All recordings in one run, in any order, give each session's events as the recording alone does."""
    names = ["chat-first.har", "chat-second.har", "orders.har", "files-polling.har.gz", "legacy-jsonp.har.gz"]
    alone = [_key(one) for name in names for one in decoded([RECORDINGS / name]).observations if isinstance(one, Event)]
    for order in itertools.islice(itertools.permutations(names), 0, 120, 40):
        together = decoded(RECORDINGS / name for name in order)
        assert sorted(_key(one) for one in together.observations if isinstance(one, Event)) == sorted(alone)


def _key(event: Event) -> tuple[Any, ...]:
    return (event.session, event.namespace, event.direction.value, event.name, repr(event.args), repr(event.ack))
