"""Keys of a document: what no key may be, and examples that not every tool can read."""

from __future__ import annotations

from typing import Any

import pytest

from infer.asyncapi.keys import is_plain
from infer.asyncapi.names import joined, key_of, unique_keys


def test_no_key_is_a_method_that_parsers_call() -> None:
    """Whether a name is that of the method, comes to it, or is put together to it."""
    names = ["hasOwnProperty", "has own property", "HasOwnProperty"]
    keys = [*unique_keys(names, "event").values(), *(key_of(name, "event") for name in names), joined("has", "ownProperty")]
    assert "hasOwnProperty" not in keys
    assert all(key.startswith("hasOwnProperty") for key in keys)
    assert len(set(unique_keys(names, "event").values())) == len(names)
    assert key_of("toString", "event") == "toString"


@pytest.mark.parametrize(
    ("value", "plain"),
    [({"a": ["$ref"]}, True), ({"a": [{"$ref": 1}]}, False), ({"hasOwnProperty": 1}, False), ([[{"__proto__": 1}]], False), ("<<", True)],
)
def test_examples_with_names_that_parsers_follow_are_told(value: Any, plain: bool) -> None:
    """At any depth, as keys alone."""
    assert is_plain(value) is plain
