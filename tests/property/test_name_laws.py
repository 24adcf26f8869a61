"""The law of names: whatever events and namespaces are called, and which of them are acknowledged, a document tells all apart."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from infer.asyncapi import VERSIONS, DocumentOptions, dump
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.catalog import Catalog
from infer.diff import Conformance
from infer.model import Direction, Event, Origin, Server

WORDS = st.lists(st.sampled_from(["foo", "Foo", "from", "client", "server", "ack", "root", "args"]), min_size=1, max_size=3)
NAMES = st.builds(lambda sign, words: sign.join(words), st.sampled_from(["", " ", "-"]), WORDS)
NAMESPACES = st.just("/") | st.builds(lambda words: "/" + "-".join(words), WORDS)
HOSTS = ["foo", "foo.root", "root.test"]
PLACES = st.tuples(st.sampled_from(HOSTS), NAMESPACES, st.sampled_from(Direction), NAMES)


def tree(key: str, depth: int) -> dict[str, Any]:
    """A value that holds others of its type, so that its schema is one that others may refer to."""
    return {key: "x", f"{key}s": 1, "inner": [tree(key, depth - 1)] if depth else []}


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(PLACES, st.none() | st.booleans(), min_size=1, max_size=6), st.booleans(), st.sampled_from(VERSIONS))
def test_a_document_has_every_event_with_its_own_schemas(events: dict[Any, bool | None], deep: bool, version: str) -> None:
    """An event carries an object with a key of its own, and so does its acknowledgement where there is one."""
    observed = []
    for number, ((host, namespace, direction, name), acknowledged) in enumerate(events.items()):
        args, ack = [tree(f"key{number}", 2 * deep)], [tree(f"answer{number}", 2 * deep)] if acknowledged else []
        answer = None if acknowledged is None else ack
        observed.append(Event(number, Server(False, host, "/socket.io/"), namespace, direction, name, args, True, answer, None, 1, None, Origin("a")))
    catalog = Catalog()
    for event in observed:
        catalog.add(event)
    text = dump(catalog.to_asyncapi(DocumentOptions(version=version)))
    contract = read(Documents(lambda _: text), "draft.yml")
    declared = {(space.name, event.direction, event.name): event for space, event in contract.events()}
    assert declared.keys() == {(each.namespace, each.direction, each.name) for each in observed}
    conformance = Conformance(contract)
    for each in observed:
        conformance.add(each)
    assert conformance.findings() == []
    for each in observed:
        alike = [other for other in observed if (other.namespace, other.direction, other.name) == (each.namespace, each.direction, each.name)]
        signature = declared[each.namespace, each.direction, each.name].args
        names = {name for one in signature.alternatives for name in contract.resolve(one.slots[0].schema)["properties"]}
        assert names == {name for other in alike for name in other.args[0]}
