"""`infer.budget`: what a catalog may hold in all, shared out; and what is told of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infer.asyncapi import DocumentOptions
from infer.budget import level
from infer.catalog import Catalog
from infer.engines.result import Result
from infer.limits import Limits
from infer.model import Direction, Event, Origin, Server
from infer.report.summary import summary

SERVER = Server(False, "h.test", "/socket.io/")
AMOUNTS = st.lists(st.integers(0, 30), max_size=8)


def event(name: str, value: Any, namespace: str = "/") -> Event:
    return Event(
        session=1, server=SERVER, namespace=namespace, direction=Direction.S2C, name=name, args=[value], ack_asked=False, ack=None,
        latency=None, size=1, time=None, origin=Origin("a.har", 0, 0),
    )  # fmt: skip


def catalog(limits: Limits, *events: Event) -> Catalog:
    filled = Catalog(limits)
    for each in events:
        filled.add(each)
    filled.hold()
    return filled


def names(filled: Catalog, namespace: str) -> list[str]:
    return [name for name, _ in filled.servers.values()[0].namespaces.entries[namespace].of(Direction.S2C)]


@pytest.mark.parametrize(
    ("asked", "amount", "most"),
    [
        ([1, 2, 3], 6, 6),  # there is enough
        ([1, 2, 3], 5, 2),
        ([10, 10, 1], 9, 4),  # who asks for little has it, the others the same
        ([5, 5, 5], 2, 0),
        ([], 7, 7),
    ],
)
def test_water_stands_level(asked: list[int], amount: int, most: int) -> None:
    """By hand."""
    assert level(asked, amount) == most


@given(AMOUNTS, st.integers(0, 60), st.integers(0, 30))
def test_more_never_leaves_more(asked: list[int], amount: int, another: int) -> None:
    """A level is the highest that there is enough for, and falls with everything that is added."""
    most = level(asked, amount)
    assert sum(min(each, most) for each in asked) <= amount
    if any(each > most for each in asked):
        assert sum(min(each, most + 1) for each in asked) > amount
    assert level([*asked, another], amount) <= most
    assert level(asked, max(0, amount - 1)) <= most


def test_a_large_event_is_cut_and_small_ones_are_not() -> None:
    """Of thirty places an event of three has all, and one of a hundred and eleven the eleven of its first two levels."""
    large = {f"k{number}": {f"l{other}": 1 for other in range(10)} for number in range(10)}
    filled = catalog(Limits(places_in_all=30), event("small", {"a": 1, "b": "x"}), event("large", large))
    document = filled.to_asyncapi(DocumentOptions())
    schemas = document["components"]["schemas"]
    small, cut = schemas["Small"], schemas["Large"]
    assert set(small["properties"]) == {"a", "b"}
    assert cut["required"] == sorted(large)
    assert all("not looked into" in inner["description"] for inner in cut["properties"].values())


def test_a_namespace_of_many_events_leaves_room_to_others() -> None:
    """Twelve entries: the server, its namespaces, and what is left to their events, level."""
    many = [event(f"{letter}{other}", 1, "/many") for letter in "abcdefgh" for other in "xyz"]
    filled = catalog(Limits(entries_in_all=12), *many, event("one", 1, "/few"), event("two", 1, "/few"))
    server = filled.servers.values()[0]
    assert names(filled, "/few") == ["one", "two"]
    kept = names(filled, "/many")
    assert len(kept) == 7  # of 12: a server, two namespaces, two events
    assert server.namespaces.entries["/many"].events.overflow == len(many) - len(kept)


def test_what_is_kept_is_the_same_whatever_came_first() -> None:
    """Also of what was let go by a part."""
    events = [event(f"{letter}{other}", {"k": 1}) for letter in "abcdefgh" for other in "xyz"]
    limits = Limits(entries_in_all=9, places_in_all=8)
    whole, back = catalog(limits, *events), catalog(limits, *reversed(events))
    left, right = catalog(limits, *events[::2]), catalog(limits, *events[1::2])
    right.merge(left)
    assert whole == back == right


def test_the_summary_says_what_was_cut() -> None:
    """As how many kinds of event."""
    large = {f"k{number}": {"l": 1} for number in range(10)}
    cut = Result(catalog=catalog(Limits(places_in_all=16), event("small", 1), event("large", large)))
    assert [line for line in summary(cut) if "not looked into" in line] == [
        "1 kind of event with more places than the limits on places allow: the deepest levels are not looked into"
    ]


def test_summary_and_document_say_what_was_let_go() -> None:
    """Also of namespaces, which have no channel to say it of."""
    beyond = Result(catalog=catalog(Limits(namespaces=2), *(event("say", 1, name) for name in ("/x", "/y", "/z"))))
    assert [line for line in summary(beyond) if "beyond" in line] == [
        "1 observation beyond the limits on servers, namespaces and events, counted only"
    ]
    assert beyond.catalog.to_asyncapi()["info"]["x-sio-infer"] == {"beyondLimits": 1}
