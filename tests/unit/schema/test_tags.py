"""`infer.schema.tags`: which key of an object tells what it is."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from infer.schema.tags import LONGEST, first_telling, tag_of, telling

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc-DEF"


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ({"status": "ok", "type": "order", "id": "7"}, ("type", "order")),
        ({"state": "open", "event": "opened", "kind": "door"}, ("kind", "door")),
        ({"messageType": "b", "eventType": "a"}, ("eventType", "a")),
        ({"type": 5, "kind": "door"}, ("kind", "door")),
        ({"type": TOKEN, "kind": "door"}, ("kind", "door")),
        ({"type": {"of": "door"}}, None),
        ({"eventName": "opened"}, ("eventName", "opened")),
        ({"type_": "door"}, ("type_", "door")),
        ({"name": "door"}, None),
        ({"typeId": "door", "prototype": "door", "phrase": "e"}, None),
        ({"x" * (LONGEST - 5) + "_type": "door"}, ("x" * (LONGEST - 5) + "_type", "door")),
        ({"x" * (LONGEST - 4) + "_type": "door"}, None),
        ({}, None),
    ],
)
def test_the_most_telling_key_has_the_tag(value: dict[str, Any], tag: tuple[str, str] | None) -> None:
    """In whatever order the keys stand: that which ends in the most telling word, and has a text that may be let out."""
    for order in permutations(value.items()):
        assert tag_of(dict(order)) == tag


def test_an_object_with_very_many_keys_has_none() -> None:
    """It is a map."""
    many: dict[str, Any] = {f"k{number}": number for number in range(LONGEST - 1)}
    assert tag_of({**many, "type": "order"}) == ("type", "order")
    assert tag_of({**many, "type": "order", "more": 1}) is None


def test_keys_are_asked_in_the_order_of_what_they_tell() -> None:
    """Of texts alone, whatever stands in them."""
    assert telling(["state", "id", "action", "bType", "name", "aType", "kind"]) == ["aType", "bType", "kind", "action", "state"]
    assert first_telling({"status": TOKEN, "type": 1, "action": TOKEN, "x": "y"}) == "action"
    assert first_telling({"type": 1, "x": "y"}) is None
