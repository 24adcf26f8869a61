"""The law of evidence: any split of the values, merged in any order, is the whole; also when caps are met at once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from genson import SchemaBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from infer.limits import Limits
from infer.schema import Args, lists, objects, scalars
from tests.property.trees import nodes

WORDS = st.sampled_from(
    ["open", "closed", "Bob Stone", "", "4f5e2a9b7c", "2026-03-01", "2026-03-01T10:00:00Z", "https://a.test/x", "é"]
)
KEYS = st.sampled_from(
    [
        "type",
        "kind",
        "id",
        "token",
        "a",
        "b",
        "c",
        "d",
        "__proto__",
        "$ref",
        "a/b~c",
        "",
        "7",
        "8",
        "9",
        "10",
        "x" * 300,
        *(f"of {who}@a.test {word}" for who in "ab" for word in ("now", "then", "ever")),
    ]
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.5, 2.0, 2**70, float("inf")])
    | WORDS
    | st.binary(max_size=2),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=14,
)
STREAMS = st.lists(st.tuples(st.lists(JSON, max_size=3), st.integers(0, 9)), max_size=20)


LIMITS = {
    "as they are": Limits(),
    "few places": Limits(places=12),
    "a place each": Limits(places=1),
    "tiny": Limits(values_per_string=2, keys_per_object=3, ids_per_form=2, lengths_per_list=2, variants_per_object=1, nesting=2, arguments=2),
    "tiny and few": Limits(values_per_string=2, keys_per_object=3, ids_per_form=2, lengths_per_list=2, variants_per_object=1, places=40),
}


@pytest.fixture(params=LIMITS, scope="module")
def limits(request: pytest.FixtureRequest) -> Iterator[Limits]:
    """The limits as they are, and so small that every stream meets them."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param.startswith("tiny"):
            for module, name, cap in [
                (scalars, "WITNESSES", 2), (lists, "POSITIONS", 2), (lists, "LISTS", 1), (objects, "SPLIT_DEPTH", 1),
            ]:  # fmt: skip
                patch.setattr(module, name, cap)
        yield LIMITS[request.param]


def evidence(stream: list[tuple[list[Any], int]], limits: Limits) -> Args:
    args = Args(limits)
    for values, session in stream:
        args.add(values, session)
    return args


@settings(deadline=None, max_examples=60)
@given(STREAMS, st.integers(0, 2**32), st.integers(1, 4))
def test_any_split_in_any_order_is_the_whole(
    limits: Limits, stream: list[tuple[list[Any], int]], seed: int, parts: int
) -> None:
    """Shuffled over several accumulators and folded in a shuffled order, no count and no answer differs."""
    rng = random.Random(seed)
    shares: list[list[tuple[list[Any], int]]] = [[] for _ in range(parts)]
    for item in rng.sample(stream, len(stream)):
        rng.choice(shares).append(item)
    folded = Args(limits)
    for share in rng.sample(shares, parts):
        folded.merge(evidence(share, limits))
    assert folded.to_state() == evidence(stream, limits).to_state()


@settings(deadline=None, max_examples=60)
@given(STREAMS, STREAMS)
def test_merging_changes_only_the_one_that_takes_in(
    limits: Limits, left: list[tuple[list[Any], int]], right: list[tuple[list[Any], int]]
) -> None:
    """What was merged can be used further, and shares nothing with what it was merged into."""
    one, other = evidence(left, limits), evidence(right, limits)
    before = other.to_state()
    one.merge(other)
    for values, session in left:
        one.add(values, session)
    assert other.to_state() == before


@settings(deadline=None, max_examples=60)
@given(STREAMS, STREAMS)
def test_the_state_is_all_there_is(
    limits: Limits, left: list[tuple[list[Any], int]], right: list[tuple[list[Any], int]]
) -> None:
    """Read back from its state, evidence goes on as if it had never been put down."""
    again = Args.from_state(evidence(left, limits).to_state(), limits)
    for values, session in right:
        again.add(values, session)
    assert again.to_state() == evidence([*left, *right], limits).to_state()


def test_objects_that_are_looked_into_and_others_are_no_variety() -> None:
    """Below the level that is looked into both stand side by side for a while, and weigh no more than objects alone."""
    limits = Limits(places=12)
    left: list[tuple[list[Any], int]] = [([None, {"type": None, "kind": None}, [{}]], 0)]
    right: list[tuple[list[Any], int]] = [([None, [dict.fromkeys(("type", "kind", "id", "token", "a", "b"))], [{}]], 0)]
    again = Args.from_state(evidence(left, limits).to_state(), limits)
    for values, session in right:
        again.add(values, session)
    assert again.to_state() == evidence([*left, *right], limits).to_state()


@settings(deadline=None, max_examples=60)
@given(STREAMS, STREAMS)
def test_a_state_of_other_limits_is_brought_within_these(
    limits: Limits, left: list[tuple[list[Any], int]], right: list[tuple[list[Any], int]]
) -> None:
    """Read under tighter limits, evidence holds no more than these allow, and is what a merge makes of it."""
    wide = evidence(left, Limits())
    read, merged = Args.from_state(wide.to_state(), limits), Args(limits)
    merged.merge(wide)
    assert read.to_state() == merged.to_state()
    read.merge(evidence(right, limits))
    assert len(list(nodes(*read.slots))) <= max(limits.places, len(read.slots))


@settings(deadline=None, max_examples=60)
@given(STREAMS)
def test_there_are_no_more_places_than_the_limit_allows(limits: Limits, stream: list[tuple[list[Any], int]]) -> None:
    """Whatever came; the arguments themselves are always looked at."""
    args = evidence(stream, limits)
    assert len(list(nodes(*args.slots))) <= max(limits.places, len(args.slots))


@settings(deadline=None, max_examples=60)
@given(st.lists(JSON.filter(lambda value: not has_bytes(value)), min_size=1, max_size=12))
def test_the_structure_is_what_genson_makes_of_it(values: list[Any]) -> None:
    """Without a cap met, a node's `to_schema` is the schema of plain genson."""
    plain, args = SchemaBuilder(schema_uri=None), Args()
    for value in values:
        plain.add_object(value)
        args.add([value], 0)
    assert unordered(args.slots[0].to_schema()) == unordered(plain.to_schema())


def has_bytes(value: Any) -> bool:
    """Whether genson cannot take it, or we by design do not keep it as genson does.

    That is: keys that are texts or name a person, integers that not all parsers keep.
    """
    if type(value) is int:
        return not -(1 << 63) <= value < 1 << 64
    if isinstance(value, dict):
        return any(len(key) > 256 or "@" in key or has_bytes(item) for key, item in value.items())
    if isinstance(value, list):
        return any(map(has_bytes, value))
    return isinstance(value, bytes)


def unordered(schema: Any) -> Any:
    """The schema with the order of its alternatives taken out."""
    if isinstance(schema, dict):
        return {key: unordered(item) for key, item in schema.items()}
    if isinstance(schema, list):
        return sorted((unordered(item) for item in schema), key=repr)
    return schema
