"""Types that stand under one name: those that are looked up are the ones that a look at all would find."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from infer.schema import Args, Root, Rules, build
from infer.schema.graph import Type
from infer.schema.pool import Words, _Leaders

KEYS: Final = "abcdefgh"
SCALARS = st.integers(0, 3) | st.sampled_from(["x", "y z"]) | st.booleans()
RECORDS = st.dictionaries(st.sampled_from(KEYS), SCALARS, min_size=1, max_size=8)
NAMED = st.dictionaries(st.sampled_from(["user", "users", "item", "a"]), RECORDS | st.lists(RECORDS, max_size=2), max_size=3)
PAYLOADS = NAMED | st.fixed_dictionaries({"data": RECORDS | NAMED})
EVENTS = st.lists(st.lists(PAYLOADS, min_size=1, max_size=3), min_size=2, max_size=14)


class _All(_Leaders):
    """All of a name, whatever their keys are."""

    def of(self, name: Words, kind: Type) -> list[Type]:
        """Each, in the order in which they came."""
        del kind
        return [self._leaders[number] for number in sorted({number for own in self._places.values() for at, number in own if at == name})]


@settings(deadline=None, max_examples=300)
@given(EVENTS)
def test_who_may_agree_is_found(events: list[list[dict[str, Any]]]) -> None:
    """The same schemas, to the letter."""

    def built() -> Any:
        roots: dict[Hashable, Root] = {}
        for number, payloads in enumerate(events):
            args = Args()
            for payload in payloads:
                args.add([payload], 0)
            roots[number] = Root(args, (f"event {number}",))
        made = build(roots, Rules(), "#/")
        return made.schemas, made.definitions

    with patch("infer.schema.pool._Leaders", _All):
        plain = built()
    assert built() == plain
