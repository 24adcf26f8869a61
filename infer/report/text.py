"""Text from traffic, made safe to print: names may hold anything, terminals obey some of it."""

from __future__ import annotations

import unicodedata


def printable(text: str, longest: int = 200) -> str:
    """The text with control and other invisible characters as escapes, cut where it is very long.

    What moves the cursor, recolours the terminal, or reverses the direction of writing cannot act any more.
    """
    shown = "".join(c if _is_plain(c) else _escaped(c) for c in text[:longest])
    return shown if len(text) <= longest else f"{shown}…"


def many(count: int, noun: str, plural: str | None = None) -> str:
    """`1 session`, `2 sessions`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def _is_plain(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") or character == "\u200d"


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
