"""The law of argument lists: what is written of them is read back to the same, be there lists among the arguments or not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from infer.asyncapi import VERSIONS, DocumentOptions, dump
from infer.asyncapi.asynction import profile
from infer.asyncapi.contract import Contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.catalog import Catalog
from infer.diff import Conformance
from infer.diff.checker import Checker
from infer.limits import Limits
from infer.model import Direction, Event, Server
from tests.property.test_catalog_laws import ORIGIN

SERVER = Server(secure=False, host="a.test", path="/socket.io/")
LEAVES = st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["a", "b"]) | st.binary(max_size=2) | st.just({"a": 1, "b": 2})
VALUES: st.SearchStrategy[Any] = LEAVES | st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4), max_leaves=8)
POINT = [1.5, "label", 2]
LISTS: st.SearchStrategy[list[Any]] = st.one_of(
    st.lists(VALUES, max_size=4),
    st.just([POINT]),
    st.just([[POINT, "at"]]),
    st.builds(lambda value, times: [value] * times, VALUES, st.integers(1, 12)),
    st.builds(lambda value, end: [*[value] * 10, end], VALUES, VALUES),
)
CALLS = st.lists(LISTS, min_size=1, max_size=3)


def contract_of(args: list[list[Any]], limits: Limits, version: str) -> Contract:
    """The contract of the document that is written of an event with these lists, each acknowledged with the next one."""
    catalog = Catalog(limits)
    for event in events(args):
        catalog.add(event)
    text = dump(catalog.to_asyncapi(DocumentOptions(version=version)))
    return read(Documents(lambda _: text), "draft.yml")


def events(args: list[list[Any]]) -> list[Event]:
    """Each list six times, which is what shows records without names."""
    pairs = list(zip(args, [*args[1:], args[0]], strict=True)) * 6
    return [
        Event(at % 3, SERVER, "/", Direction.C2S, "say", given, True, back, None, 1, None, ORIGIN) for at, (given, back) in enumerate(pairs)
    ]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("arguments", [64, 9, 2, 1])
@settings(deadline=None, max_examples=40)
@example([[POINT]])
@example([[[POINT, "at"]], [POINT]])
@example([[None], [POINT]])
@example([[[1, "a"]], [None]])
@example([list(range(70))])
@example([[*range(70), "end"]])
@example([[{"a": 1, "b": 2}] * 9, []])
@given(CALLS)
def test_argument_lists_are_read_back_as_they_were(version: str, arguments: int, args: list[list[Any]]) -> None:
    """As many places, as many required, nothing further where nothing was; and each list conforms."""
    contract = contract_of(args, Limits(arguments=arguments), version)
    conformance = Conformance(contract)
    for event in events(args):
        conformance.add(event)
    assert conformance.findings() == []
    (declared,) = (event for _, event in contract.events())
    assert declared.ack is not None
    least, most = min(map(len, args)), max(map(len, args))
    for signature in (declared.args, declared.ack):
        (made,) = signature.alternatives
        if most < min(arguments, 9):
            assert (len(made.slots), made.required, made.rest) == (most, least, None)
        elif made.rest is None:
            assert (len(made.slots), made.required) == (most, least)
        else:
            assert made.required == min(least, len(made.slots))


@given(CALLS)
@settings(deadline=None, max_examples=40)
def test_asynctions_profile_says_the_same(args: list[list[Any]]) -> None:
    """In its own words, which are fewer: each list is one of those that it allows, and a longer one is none where none may be."""
    catalog = Catalog()
    for event in events(args):
        catalog.add(event)
    text = dump(profile(catalog.to_asyncapi(DocumentOptions(version="2.6.0"))))
    contract = read(Documents(lambda _: text), "draft.yml")
    (declared,) = (event for _, event in contract.events())
    assert declared.ack is not None
    checker = Checker(contract)
    most = max(map(len, args))
    for signature in (declared.args, declared.ack):
        for one in args:
            assert checker.accepts(signature.schema(), one)
        if most < 9:
            assert not checker.accepts(signature.schema(), [None] * (most + 1))
