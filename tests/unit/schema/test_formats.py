"""`infer.schema.formats`: what tells fast whether a string has a format tells what the grammar does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infer.schema.formats import LOOKS, NAMES, check_of, has_format

TIMES = st.from_regex(
    r"\A(0000|2023|2024|1900|²024)-(0[0-9]|1[0-3])-(0[0-9]|[12][0-9]|3[0-2])[Tt ]?([01][0-9]|2[0-5]):[0-6][0-9]:[0-6][0-9](\.[0-9]{0,12})?([Zz]|[+-](0[0-9]|24):[0-6][0-9])?\n?\Z"
)


@pytest.mark.parametrize("name", NAMES)
@given(text=TIMES | st.text(max_size=5) | st.sampled_from(["4f5e2a9b-7c11-4d2e-8f00-0123456789ab", "ann@a.test", "::1", "10.0.0.1", "https://a.test/"]))
def test_checks_are_the_grammars(name: str, text: str) -> None:
    """Also of days that do not exist, leap days, and longer fractions."""
    assert bool(check_of(name)(text)) == has_format(text, name)


@given(text=st.from_regex(r"\A[0-9A-Ga-g²٣-]{8}-([0-9a-fA-F]{4}-){2,4}[0-9a-fA-F]{12}\n?\Z") | st.uuids().map(str) | st.text(max_size=40))
def test_looks_are_the_grammar(text: str) -> None:
    """Also of what is longer or shorter, has digits that are none of ASCII's, or ends a line."""
    for name, (table, looks) in LOOKS.items():
        assert (text.encode("utf-8", "surrogatepass").translate(table) == looks) == has_format(text, name)
