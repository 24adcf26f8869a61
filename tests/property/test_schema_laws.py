"""The law of schemas: each accepts every value that it was made of, whichever rules are on."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infer.limits import Limits
from infer.schema import RULES, Args, Root, Rules, build

WORDS = st.sampled_from(
    ["open", "closed", "merged", "", "4f5e2a9b7c", "2026-03-01", "2026-03-01T10:00:00Z", "https://a.test/x", "https://a.test/{x}",
     "a@b.test", "é", "10.0.0.1", "::1"]
)  # fmt: skip
KEYS = st.sampled_from(
    ["type", "kind", "id", "a", "b", "c", "children", "__proto__", "$ref", "a/b~c", "", "7", "8", "9", "10", "x" * 300]
)
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 2.0, 2**70, 1e308]) | WORDS
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=12
)
ENVELOPES = st.fixed_dictionaries(
    {"type": st.sampled_from(["join", "leave", "say", "x y"])},
    optional={
        "a": SCALARS,
        "b": SCALARS,
        "user": st.fixed_dictionaries({"id": SCALARS, "kind": WORDS, "on": SCALARS}, optional={"a": JSON}),
    },
)
TREES = st.recursive(
    st.fixed_dictionaries({"id": SCALARS, "text": WORDS}),
    lambda inner: st.fixed_dictionaries({"id": SCALARS, "text": WORDS, "children": st.lists(inner, max_size=2)}),
    max_leaves=5,
)
CALLS = st.lists(JSON | ENVELOPES | TREES, max_size=3) | st.lists(ENVELOPES, min_size=1, max_size=1)
STREAMS = st.lists(CALLS, max_size=16)
TAGS = st.sampled_from(["join", "say"]) | SCALARS | st.just({"a": 1}) | st.just(["join"])
TAGGED = st.fixed_dictionaries({"type": TAGS}, optional={"a": SCALARS, "user": JSON, "z": SCALARS})
UNTAGGED = st.dictionaries(st.sampled_from(["a", "who", "text"]), SCALARS, max_size=2)
UNIONS = st.lists(TAGGED | UNTAGGED, max_size=8).map(
    lambda odd: [[{"type": "join", "who": 1, "room": 2}], [{"type": "say", "text": "x", "at": 2}]] * 10 + [[each] for each in odd]
)
"""Objects that fall apart by their tag, with some whose tag is of any kind, or not there."""


LIMITS = {
    "as they are": Limits(),
    "tiny": Limits(values_per_string=3, keys_per_object=4, ids_per_form=2, variants_per_object=2, nesting=3, arguments=2),
    "few places": Limits(places=20),
}
"""As they are, and so small that every stream meets them."""


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
@settings(deadline=None, max_examples=60)
@given(
    st.lists(STREAMS | UNIONS, min_size=1, max_size=2),
    st.sets(st.sampled_from([rule.name for rule in RULES])),
    st.booleans(),
    st.sampled_from(["none", "message", "full"]),
)
def test_what_was_seen_is_accepted(
    limits: Limits, streams: list[list[list[Any]]], off: set[str], cautious: bool, evidence: Any
) -> None:
    """Every observed list of arguments and every example validates, with any rules off and formats asserted."""
    roots: dict[Hashable, Root] = {}
    for number, stream in enumerate(streams):
        args = Args(limits)
        for session, values in enumerate(stream):
            args.add(values, session)
        roots[number] = Root(args, (f"event {number}",))
    built = build(roots, Rules(off=frozenset(off), cautious=cautious, evidence=evidence), "#/definitions/", examples=3)
    titles = [schema["title"] for schema in built.schemas.values() if schema and "$ref" not in schema] + list(
        built.definitions
    )
    assert len(titles) == len(set(titles))
    for number, stream in enumerate(streams):
        schema = built.schemas[number]
        if schema is None:
            assert not any(stream)
            continue
        whole = {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "allOf": [schema],
            "definitions": built.definitions,
        }
        jsonschema_rs.meta.validate(whole)
        validator = jsonschema_rs.validator_for(whole, validate_formats=True)
        single = {len(values) for values in stream} == {1} and not isinstance(schema.get("items"), list)
        for example in built.examples[number]:
            assert not [error.message for error in validator.iter_errors(example)]
        for values in stream:
            assert not [error.message for error in validator.iter_errors(values[0] if single else values)]
