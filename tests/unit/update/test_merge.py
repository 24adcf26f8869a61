"""`infer.update.merge`: lines that only a change of layout tells apart stay as the person wrote them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infer.update import merge
from infer.update.merge import merged

LINES = st.lists(st.sampled_from("abcde"), max_size=12)


@pytest.mark.parametrize(
    ("own", "base", "changed", "result"),
    [
        ("a b c", "a b c", "a b c", "a b c"),
        ("a b c", "a b c", "a X c", "a X c"),
        ("a b c", "a b c", "a b c d", "a b c d"),
        ("a b c", "a b c", "b c", "b c"),
        ("a 'b' c", "a b c", "a b c d", "a 'b' c d"),
        ("a {b} c", "a b c", "a b X c", "a {b} X c"),
        ("'a' 'b' c", "a b c", "a X b c", "'a' X 'b' c"),
        ("a p q c", "a b c", "a b c d", "a p q c d"),
        ("a p q c", "a b c", "a X c", "a X c"),
        ("", "", "a", "a"),
        ("a", "a", "", ""),
        ("# --- a b", "a b", "X b", "# --- X b"),
        ("a b # c", "a b c", "a b X c", "a b X # c"),
        ("p q c", "a b c", "X b c", "X b c"),
    ],
)
def test_changes_come_over_and_layout_stays(own: str, base: str, changed: str, result: str) -> None:
    """Each letter is a line; quotes and braces are layout."""
    assert merged(own.split(), base.split(), changed.split()) == result.split()


@given(LINES, LINES)
def test_texts_of_one_layout_become_what_is_wanted(base: list[str], changed: list[str]) -> None:
    """And what is not to change does not, whatever the other text says."""
    assert merged(base, base, changed) == changed
    assert merged(changed, base, base) == changed


@given(st.lists(st.sampled_from("abcdefghijkl"), max_size=12, unique=True), st.data())
def test_one_line_that_is_new_changes_no_other(base: list[str], data: st.DataObject) -> None:
    """Put between lines of either layout, or in the place of one."""
    quoted = data.draw(st.lists(st.booleans(), min_size=len(base), max_size=len(base)))
    own = [f"'{line}'" if other else line for line, other in zip(base, quoted, strict=True)]
    at = data.draw(st.integers(0, len(base)))
    for gone in (0, 1):
        changed = [*base[:at], "X", *base[at + gone :]]
        assert merged(own, base, changed) == [*own[:at], "X", *own[at + gone :]]


@given(LINES, LINES, st.integers(0, 60))
def test_long_texts_are_merged_as_short_ones(base: list[str], changed: list[str], many: int) -> None:
    """However few pairs of lines are compared, what is wanted comes out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merge, "_MANY", many)
        assert merged(base, base, changed) == changed
