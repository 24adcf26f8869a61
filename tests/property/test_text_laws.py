"""Documents as text: whatever stands in them reads as it was."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from infer.asyncapi import dump

WORDS = [
    "", "a", "y", "No", "yEs", "TRUE", "null", "~", "on", "=", "<<", "1", "1.5", "-1", "+1", "1e5", "0o7", "0x1f", "1_000", "1:30", "08", "0", "127.0.0.1:80", "1.2.3", "1.2.3:", "1.2.", "1:30.5.2", ".5", ".inf",
    "2026-01-01", "2026-01-01T00:00:00Z", "-", "- a", "-a", "---", "--- a", "...", "?", "? a", "?a", ":", ":a", "a:", "a: b", "a:b", "a #b", "a#b",
    "#a", "a ", " a", "a  b", "'a", "it's", 'say "a"', "[a]", "a[0]", "{a}", "a{b}", "a,b", "&a", "*a", "!a", "!!str a", "|", ">", "%a", "@a", "`a",
    "a\nb", "a\n", "\ta", "a\tb", "größe", "日本", "a → b", "«a: b»", "\u200b", "\u2028", "\x85", "\x00", "\x7f", "😀", "x" * 200, "word " * 300, "\\d+", "^a$",
    "#/components/messages/a", "http://a.test:80/b?c=d#e", "$ref", "application/json; charset=utf-8",
]  # fmt: skip
TEXTS = st.sampled_from(WORDS) | st.text(max_size=12) | st.text("ab:#- '\"\\n,[]{}?!", max_size=8) | st.text("yntrueofalsnl ", max_size=5)


@given(TEXTS)
def test_a_text_reads_as_it_was(text: str) -> None:
    """Nothing becomes a number, a date or a comment."""
    assert yaml.safe_load(dump({text: text})) == {text: text}
