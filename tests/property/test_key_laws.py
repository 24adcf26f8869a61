"""Keys that are data: of which form many are, told at once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infer.schema.keys import FORMS, are_of, form_of

WORDS = st.sampled_from(
    ["7", "-7", "123456789012", "1234567890123", "-1234567890123", "deadbee", "deadbeef01", "DEADBEEF01", "0123456789abcdef0123456789abcdef",
     "0123456789abcdef0123456789abcde", "123e4567-e89b-12d3-a456-426614174000", "123E4567-e89B-12d3-A456-426614174000", "2026-11", "2026-11-30",
     "2026-11-30T10:00:00Z", "10.0.0.1", "a@b.c", "sk_live_0123456789abcd", "eyJhbGci.abc", "Ab1cD2eF3gH4iJ5kL6mN7", "/a/b", "@a:b.c", "", "\n"]
)  # fmt: skip
KEYS = st.one_of(
    WORDS,
    st.text("0123456789abcdefABCDEF-", max_size=40),
    st.text("0123456789-_.:/@ \nTZaZ", max_size=30),
    st.builds("{}{}".format, WORDS, st.text(max_size=3)),
    st.sampled_from(sorted(FORMS)).flatmap(st.from_regex),
)


@settings(max_examples=600, deadline=None)
@given(st.lists(KEYS, min_size=1, max_size=4), st.sampled_from(sorted(FORMS)))
def test_keys_are_of_a_form_where_each_is(keys: list[str], form: str) -> None:
    """However many forms they match, and whatever is in them."""
    assert are_of(form, keys) == (set(map(form_of, keys)) == {form})
    of_one = [key for key in keys if form_of(key) == form_of(keys[0])]
    assert are_of(str(form_of(keys[0])), of_one) == (form_of(keys[0]) is not None)


@pytest.mark.parametrize("key", ["7", "-123456789012", "deadbee1", "0123456789abcdef0123456789abcde", "123e4567-e89b-12d3-a456-426614174000", "2026-11", "2026-11-30"])
def test_a_line_end_hides_no_key(key: str) -> None:
    """Plain keys are looked at together, a line each."""
    form = str(form_of(key))
    assert are_of(form, [key, key, key])
    assert not are_of(form, [key, f"{key}\n{key}"])
    assert not are_of(form, [key, f"{key}\n"])
    assert not are_of(form, [key, ""])
