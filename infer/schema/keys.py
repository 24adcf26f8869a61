"""What keys look like that are data: numbers, UUIDs, dates … each a pattern (ECMA 262 and Python) and its words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

ANY: Final = ""
"""The pattern of any key."""
LONG: Final = r"^[\s\S]{257,}$"
"""No program names a key with that many characters."""
FORMS: Final = {
    LONG: "long texts",
    r"^-?[0-9]+$": "numbers",
    r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$": "UUIDs",
    r"^(?=[0-9]*[a-fA-F])(?=[a-fA-F]*[0-9])[0-9a-fA-F]{7,64}$": "hexadecimal ids",
    r"^[0-9]{4}-[0-9]{2}(?:-[0-9]{2}(?:[T ][0-9:.]+(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?)?$": "dates",
    r"^(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]+)?$": "IP addresses",
    r"^[^\s@]+@[^\s@]+\.[^\s@.]+$": "e-mail addresses",
    r"^[@#!$][^\s:]+:\S+$": "ids with their server",
    r"^(?:[A-Za-z][A-Za-z0-9+.-]*:/)?/\S*$": "paths or URLs",
    r"^(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])(?=[^0-9]*[0-9])[A-Za-z0-9_-]{15,64}$": "random ids",
    r"^(?=.{10,64}$)[A-Za-z_-]*(?:[0-9]+[A-Za-z_-]+){3}[A-Za-z0-9_-]*$": "random ids",
}
"""The words of each pattern; a key is of the first form that it matches."""

_COMPILED: Final = {pattern: re.compile(pattern[:-1] + r"\Z") for pattern in FORMS}  # Python's $ lets a newline follow
_IDENTIFIER: Final = re.compile(r"(?:[^\W\d]|\$)[\w$]*(?:[-.:/@][\w$]+)*")
_LONGEST: Final = 256


def form_of(key: str) -> str | None:
    """The pattern of the form that a key has; None for a key as programmers choose them."""
    return LONG if len(key) > _LONGEST else _form_of(key)


def matches(pattern: str, key: str) -> bool:
    """Whether a key is of that form, be it also of another."""
    return _COMPILED[pattern].match(key) is not None


def is_identifier(key: str) -> bool:
    """Whether a programmer could have chosen this key: a word in any script, also a dotted or hyphened one."""
    return len(key) <= _LONGEST and _IDENTIFIER.fullmatch(key) is not None


@lru_cache(maxsize=4096)
def _form_of(key: str) -> str | None:
    return next((pattern for pattern, compiled in _COMPILED.items() if compiled.match(key)), None)
