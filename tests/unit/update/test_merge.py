"""`infer.update.merge`: lines that only a change of layout tells apart stay as the person wrote them."""

from __future__ import annotations

import pytest

from infer.update.merge import merged


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
