"""The catalog's law: any split of the observations, merged in any order, is the whole."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infer import state
from infer.bounded import Bounded
from infer.catalog import Catalog
from infer.limits import Limits
from infer.model import ABSENT, Connect, Direction, Disconnect, Event, Handshake, Observation, Origin, Server, Transport
from infer.schema import Args
from tests.property.trees import nodes

ORIGIN = Origin("recording.har", 0, 0)
TIMES = st.none() | st.floats(0, 2e9, allow_nan=False)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6) | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
SERVERS = st.builds(Server, st.booleans(), st.sampled_from(["a.test", "b.test:8080"]), st.just("/socket.io/"))
NAMESPACES = st.sampled_from(["/", "/admin", *(f"/tenant-{n}" for n in range(20))])
SESSIONS = st.integers(0, 9)

OBSERVATIONS: st.SearchStrategy[Observation] = st.one_of(
    st.builds(
        Event,
        session=SESSIONS,
        server=SERVERS,
        namespace=NAMESPACES,
        direction=st.sampled_from(Direction),
        name=st.sampled_from(["move", "say", "on", "__proto__", "user:a@b.example", *(f"room:{n}" for n in range(20))]),
        args=st.lists(JSON, max_size=3),
        ack_asked=st.booleans(),
        ack=st.none() | st.lists(JSON, max_size=2),
        latency=st.none() | st.floats(0, 60),
        size=st.integers(0, 10_000),
        time=TIMES,
        origin=st.just(ORIGIN),
    ),
    st.builds(
        Connect,
        session=SESSIONS,
        server=SERVERS,
        namespace=NAMESPACES,
        accepted=st.none() | st.booleans(),
        auth=st.just(ABSENT) | JSON,
        error=st.just(ABSENT) | JSON,
        time=TIMES,
        origin=st.just(ORIGIN),
    ),
    st.builds(Disconnect, SESSIONS, SERVERS, NAMESPACES, st.sampled_from(Direction), TIMES, st.just(ORIGIN)),
    st.builds(
        Handshake,
        session=SESSIONS,
        server=SERVERS,
        protocol=st.sampled_from([3, 4]),
        parser=st.sampled_from(["default", "msgpack"]),
        transport=st.sampled_from(Transport),
        query=st.lists(st.tuples(st.sampled_from(["room", "v"]), st.text(max_size=4)), max_size=2).map(tuple),
        headers=st.lists(
            st.sampled_from([("cookie", "a=1; b=2"), ("authorization", "Bearer xyz"), ("x-tenant", "acme")]), max_size=3
        ).map(tuple),
        time=TIMES,
        origin=st.just(ORIGIN),
    ),
)


LIMITS = {
    "as they are": Limits(),
    "few of each": Limits(servers=1, namespaces=2, events=3, siblings=2, headers=1, arguments=2),
    "few entries": Limits(siblings=3, entries_in_all=9),
    "hardly an entry": Limits(entries_in_all=2),
    "few places": Limits(siblings=3, places_in_all=24),
    "few places each": Limits(siblings=3, places=6, places_in_all=40),
    "tiny": Limits(namespaces=3, events=3, siblings=2, entries_in_all=12, places=8, places_in_all=16, ids_per_form=2, keys_per_object=3),
}


@pytest.fixture(params=LIMITS, scope="module")
def limits(request: pytest.FixtureRequest) -> Limits:
    """The limits as they are, and such as most examples meet."""
    return LIMITS[request.param]


def catalog(observations: list[Observation], limits: Limits | None = None) -> Catalog:
    filled = Catalog(limits)
    for observation in observations:
        filled.add(observation)
    return filled


@settings(deadline=None)
@given(st.lists(OBSERVATIONS, max_size=25), st.integers(0, 2**32), st.integers(1, 4))
def test_any_split_in_any_order_is_the_whole(limits: Limits, observations: list[Observation], seed: int, parts: int) -> None:
    """Shuffled over several catalogs and folded in a shuffled order, nothing differs, to the byte of the saved state."""
    rng = random.Random(seed)
    shares: list[list[Observation]] = [[] for _ in range(parts)]
    for observation in rng.sample(observations, len(observations)):
        rng.choice(shares).append(observation)
    folded = Catalog(limits)
    for share in rng.sample(shares, parts):
        part = catalog(share, limits)
        if rng.random() < 0.7:  # else it is brought within the limits by the whole alone
            part.hold()
        folded.merge(part)
    whole = catalog(observations, limits)
    assert folded == whole
    assert state.encode(folded) == state.encode(whole)


@settings(deadline=None)
@given(st.lists(OBSERVATIONS, max_size=15))
def test_a_saved_catalog_is_read_back(limits: Limits, observations: list[Observation]) -> None:
    """Encoded and decoded, a catalog equals itself and goes on counting alike."""
    whole = catalog(observations, limits)
    again = state.decode(state.encode(catalog(observations, limits)), limits=limits)
    assert again == whole
    again.merge(catalog(observations, limits))
    whole.merge(catalog(observations, limits))
    assert state.encode(again) == state.encode(whole)


@settings(deadline=None)
@given(st.lists(OBSERVATIONS, max_size=25))
def test_a_catalog_holds_no_more_than_it_may(limits: Limits, observations: list[Observation]) -> None:
    """Of groups of entries, and of places below those of arguments themselves; and nothing is lost from the count."""
    whole = catalog(observations, limits)
    whole.hold()
    groups, places, tops = count(whole.servers)
    assert groups <= limits.entries_in_all
    assert places <= limits.places_in_all + tops
    assert sum(server.count for server in whole.servers.values()) + whole.servers.overflow == len(observations)


def count(mapping: Bounded[Any, Any]) -> tuple[int, int, int]:
    """Groups of entries, places, and places that are arguments or the like, in all."""
    groups, places, tops = len(list(mapping.groups())), 0, 0
    for entry in mapping.values():
        for part in entry.parts:
            if isinstance(part, Bounded):
                more = count(part)
            else:
                roots = part.slots if isinstance(part, Args) else [part]
                more = (0, sum(len(list(nodes(root))) for root in roots), len(roots))
            groups, places, tops = groups + more[0], places + more[1], tops + more[2]
    return groups, places, tops
