"""The law of evidence: any split of the values, merged in any order, is the whole; also when caps are met at once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from genson import SchemaBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from infer.schema import Args, containers, node, scalars

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


@pytest.fixture(params=["as they are", "tiny"], scope="module", autouse=True)
def _caps(request: pytest.FixtureRequest) -> Iterator[None]:
    """The caps as they are, and so small that every stream meets them."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "tiny":
            for module, name, cap in [
                (scalars, "VALUES", 2), (scalars, "WITNESSES", 2), (containers, "KEYS", 3), (containers, "IDS", 2),
                (containers, "LENGTHS", 2), (containers, "POSITIONS", 2), (containers, "VARIANTS", 1),
                (containers, "SPLIT_DEPTH", 1), (node, "DEPTH", 2),
            ]:  # fmt: skip
                patch.setattr(module, name, cap)
        yield


def evidence(stream: list[tuple[list[Any], int]]) -> Args:
    args = Args()
    for values, session in stream:
        args.add(values, session)
    return args


@settings(deadline=None, max_examples=60)
@given(STREAMS, st.integers(0, 2**32), st.integers(1, 4))
def test_any_split_in_any_order_is_the_whole(stream: list[tuple[list[Any], int]], seed: int, parts: int) -> None:
    """Shuffled over several accumulators and folded in a shuffled order, no count and no answer differs."""
    rng = random.Random(seed)
    shares: list[list[tuple[list[Any], int]]] = [[] for _ in range(parts)]
    for item in rng.sample(stream, len(stream)):
        rng.choice(shares).append(item)
    folded = Args()
    for share in rng.sample(shares, parts):
        folded.merge(evidence(share))
    assert folded.to_state() == evidence(stream).to_state()


@settings(deadline=None, max_examples=60)
@given(STREAMS, STREAMS)
def test_merging_changes_only_the_one_that_takes_in(
    left: list[tuple[list[Any], int]], right: list[tuple[list[Any], int]]
) -> None:
    """What was merged can be used further, and shares nothing with what it was merged into."""
    one, other = evidence(left), evidence(right)
    before = other.to_state()
    one.merge(other)
    for values, session in left:
        one.add(values, session)
    assert other.to_state() == before


@settings(deadline=None, max_examples=60)
@given(STREAMS, STREAMS)
def test_the_state_is_all_there_is(left: list[tuple[list[Any], int]], right: list[tuple[list[Any], int]]) -> None:
    """Read back from its state, evidence goes on as if it had never been put down."""
    again = Args.from_state(evidence(left).to_state())
    for values, session in right:
        again.add(values, session)
    assert again.to_state() == evidence([*left, *right]).to_state()


@settings(deadline=None, max_examples=60)
@given(st.lists(JSON.filter(lambda value: not has_bytes(value)), min_size=1, max_size=12))
def test_the_structure_is_what_genson_makes_of_it(values: list[Any]) -> None:
    """Without a cap met, a node's `to_schema` is the schema of plain genson."""
    if node.DEPTH < 64:
        return
    plain, args = SchemaBuilder(schema_uri=None), Args()
    for value in values:
        plain.add_object(value)
        args.add([value], 0)
    assert unordered(args.slots[0].to_schema()) == unordered(plain.to_schema())


def has_bytes(value: Any) -> bool:
    """Whether genson cannot take it, or we by design do not keep it as genson does (keys that are texts)."""
    if isinstance(value, dict):
        return any(len(key) > 256 or has_bytes(item) for key, item in value.items())
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
