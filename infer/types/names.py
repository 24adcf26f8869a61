"""Names of the wire and of documents to identifiers: readable, legal, each given once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from itertools import chain, count
from typing import Final

_NO_LETTER: Final = re.compile(r"[\W_]+")
_LONGEST: Final = 80


class Names:
    """The identifiers of one file; `reserved` are those that may not be given at all."""

    def __init__(self, reserved: Iterable[str]) -> None:
        self._taken = set(reserved)

    def claim(self, text: str, fallback: str, suffixes: Collection[str] = ()) -> str:
        """An identifier in Pascal case after `text` (`fallback` where nothing of it can stand), with a number where taken.

        With each of the suffixes it is another one, given with it.
        """
        base = pascal(text) or fallback
        if not base[0].isidentifier():  # a digit
            base = fallback + base
        name, number = base, 2
        while not self._taken.isdisjoint(wanted := [name + suffix for suffix in ("", *suffixes)]):
            name, number = f"{base}{number}", number + 1
        self._taken.update(wanted)
        return name


def attributes(keys: Iterable[str], reserved: Collection[str], protected: tuple[str, ...] = ()) -> dict[str, str]:
    """The attribute for each key of an object: itself where it can be one, else one after it, each given once.

    `reserved` may not be given at all, nor what begins with one of `protected` or with an underscore: it has a word before it.
    """
    keys = list(keys)
    plain = {key: _identifier(key, protected) for key in keys}
    given = {key: key for key in keys if plain[key] == key and key not in reserved}
    taken = set(given)
    for key in keys:
        if key not in given:
            base = plain[key]
            named = chain([f"{base}_" if base in reserved else base], (f"{base}_{number}" for number in count(1)))
            given[key] = next(name for name in named if name not in taken and name not in reserved)
            taken.add(given[key])
    return given


def _identifier(key: str, protected: tuple[str, ...]) -> str:
    # the form in which Python compares identifiers: two keys that look different may be one name
    name = "".join(c if f"a{c}".isidentifier() else "_" for c in unicodedata.normalize("NFKC", key)) or "_"
    if name.startswith("_"):
        return f"field{name}"
    return name if name.isidentifier() and not name.startswith(protected) else f"field_{name}"


def pascal(text: str) -> str:
    """The words of a text as one, each with a capital; what no identifier may hold parts words."""
    # compatibility forms fold into plain letters, as Python does with identifiers; beyond the basic plane engines differ
    plain = "".join(c if c <= "\uffff" else " " for c in unicodedata.normalize("NFKC", text[: 4 * _LONGEST]))
    parts = [part for part in _NO_LETTER.split(plain) if f"a{part}".isidentifier()]
    return "".join(part for word in parts if (part := word[:1].upper() + word[1:]))[:_LONGEST]
