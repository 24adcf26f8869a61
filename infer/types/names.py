"""Names of the wire and of documents to identifiers: readable, legal, each given once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_NO_LETTER: Final = re.compile(r"[\W_]+")
_LONGEST: Final = 80


class Names:
    """The identifiers of one file; `reserved` are those that may not be given at all."""

    def __init__(self, reserved: Iterable[str]) -> None:
        self._taken = set(reserved)

    def claim(self, text: str, fallback: str) -> str:
        """An identifier in Pascal case after `text` (`fallback` where nothing of it can stand), with a number where taken."""
        base = pascal(text) or fallback
        if not base[0].isidentifier():  # a digit
            base = fallback + base
        name, number = base, 2
        while name in self._taken:
            name, number = f"{base}{number}", number + 1
        self._taken.add(name)
        return name


def pascal(text: str) -> str:
    """The words of a text as one, each with a capital; what no identifier may hold parts words."""
    # compatibility forms fold into plain letters, as Python does with identifiers; beyond the basic plane engines differ
    plain = "".join(c if c <= "\uffff" else " " for c in unicodedata.normalize("NFKC", text[: 4 * _LONGEST]))
    parts = [part for part in _NO_LETTER.split(plain) if f"a{part}".isidentifier()]
    return "".join(part for word in parts if (part := word[:1].upper() + word[1:]))[:_LONGEST]
