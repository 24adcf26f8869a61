"""The catalog's law: any split of the observations, merged in any order, is the whole."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infer import state
from infer.catalog import Catalog
from infer.model import ABSENT, Connect, Direction, Disconnect, Event, Handshake, Observation, Origin, Server, Transport

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


def catalog(observations: list[Observation]) -> Catalog:
    filled = Catalog()
    for observation in observations:
        filled.add(observation)
    return filled


@given(st.lists(OBSERVATIONS, max_size=25), st.integers(0, 2**32), st.integers(1, 4))
def test_any_split_in_any_order_is_the_whole(observations: list[Observation], seed: int, parts: int) -> None:
    """Shuffled over several catalogs and folded in a shuffled order, nothing differs, to the byte of the saved state."""
    rng = random.Random(seed)
    shares: list[list[Observation]] = [[] for _ in range(parts)]
    for observation in rng.sample(observations, len(observations)):
        rng.choice(shares).append(observation)
    folded = Catalog()
    for share in rng.sample(shares, parts):
        folded.merge(catalog(share))
    whole = catalog(observations)
    assert folded == whole
    assert state.encode(folded) == state.encode(whole)


@given(st.lists(OBSERVATIONS, max_size=15))
def test_a_saved_catalog_is_read_back(observations: list[Observation]) -> None:
    """Encoded and decoded, a catalog equals itself and goes on counting alike."""
    whole = catalog(observations)
    again = state.decode(state.encode(catalog(observations)))
    assert again == whole
    again.merge(catalog(observations))
    whole.merge(catalog(observations))
    assert state.encode(again) == state.encode(whole)
