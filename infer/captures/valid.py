"""Texts that captures state, as all that lies behind them can hold: in UTF-8."""

from __future__ import annotations


def valid(text: str) -> str:
    """The text with U+FFFD for each half of a surrogate pair: so mitmproxy has bytes that are no UTF-8, and JSON what it likes."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
