"""`infer.filters`: globs over hosts, paths, namespaces and events."""

from __future__ import annotations

import pytest

from infer.filters import Filter
from infer.model import Connect, Direction, Disconnect, Event, Handshake, Observation, Origin, Server, Transport

SERVER = Server(secure=False, host="chat.example:8080", path="/socket.io/")
ORIGIN = Origin("a.har")
EVENT = Event(1, SERVER, "/admin", Direction.C2S, "room:join", [], False, None, None, 9, None, ORIGIN)
CONNECT = Connect(1, SERVER, "/admin", True, {}, {}, None, ORIGIN)
HANDSHAKE = Handshake(1, SERVER, 4, "default", Transport.POLLING, (), (), None, ORIGIN)


@pytest.mark.parametrize(
    ("wanted", "passes"),
    [
        (Filter(), True),
        (Filter(hosts=["chat.example"]), True),
        (Filter(hosts=["CHAT.*:8080"]), True),
        (Filter(hosts=["example"]), False),
        (Filter(hosts=["other", "chat.*"]), True),
        (Filter(paths=["/socket.io"]), True),
        (Filter(paths=["/rt/*"]), False),
        (Filter(paths=["/Socket.IO/"]), False),
        (Filter(namespaces=["/admin"]), True),
        (Filter(namespaces=["/"]), False),
        (Filter(events=["room:*"]), True),
        (Filter(events=["join"]), False),
        (Filter(namespaces=["/admin"], events=["leave"]), False),
    ],
)
def test_an_event_passes_all_kinds_of_pattern(wanted: Filter, passes: bool) -> None:
    """An event needs one match among the patterns of every kind given."""
    assert wanted.wants(EVENT) is passes


@pytest.mark.parametrize("seen", [CONNECT, HANDSHAKE])
def test_event_patterns_leave_other_observations_alone(seen: Observation) -> None:
    """A connect and a handshake have no event name to match."""
    assert Filter(events=["nothing"]).wants(seen)


def test_a_connect_is_of_its_namespace() -> None:
    """So is the end of it; a handshake is of none, for all share it."""
    assert not Filter(namespaces=["/"]).wants(CONNECT)
    assert not Filter(namespaces=["/"]).wants(Disconnect(1, SERVER, "/admin", Direction.C2S, None, ORIGIN))
    assert Filter(namespaces=["/"]).wants(HANDSHAKE)


def test_case_counts_in_all_but_hosts() -> None:
    """Paths are told apart by it."""
    upper = Server(secure=False, host="chat.example", path="/Chat/")
    assert Filter(paths=["/Chat"]).wants_server(upper)
    assert not Filter(paths=["/chat"]).wants_server(upper)


@pytest.mark.parametrize("kind", ["hosts", "paths", "namespaces", "events"])
def test_one_pattern_of_any_kind_filters(kind: str) -> None:
    """A filter without any is false."""
    assert Filter(**{kind: ["*"]})
    assert not Filter(**{kind: []})


def test_a_name_is_no_pattern_of_its_own() -> None:
    """Brackets in names are matched by `[[]`, as in a shell."""
    odd = Event(1, SERVER, "/", Direction.C2S, "[/evil]", [], False, None, None, 9, None, ORIGIN)
    assert Filter(events=["[[]/evil]"]).wants(odd)
