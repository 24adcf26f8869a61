"""Words that are made by chance: ids and secrets in base 32 to 64, told from what programmers write.

A programmer's word is of shorter ones, which begin where case changes or digits stand (`webSocketFrame2`): one turn for every
four characters and more. Where characters are drawn, every second one is a turn. Of 120,000 identifiers and constants of 13
to 63 characters in published code, 2 in 10,000 turn as often as `OFTEN` says, and of random ones of 20 characters 2 in 100 do not.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Final

OFTEN: Final = 0.3
"""Turns a character from which a word is made by chance."""
SELDOM: Final = 0.25
"""The same where a word too many costs little: 2 in 1,000 of the one, and 4 in 1,000 of the other."""
_COUNTED: Final = 0.2
"""The same for what has the form of a session's id beside."""
_ONE_CASE: Final = 0.2
"""The same where no case changes, for only digits begin and end, from so many characters on:"""
_LONG: Final = 16
_RANDOM: Final = 3.2
"""Bits a character from which a word of letters and digits is no word; English of that length has about 3."""

_PART: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_SEGMENT: Final = re.compile(r"[A-Za-z0-9]+")
_SESSION: Final = re.compile(r"([A-Za-z0-9_-]{16})A([A-P])[A-Za-z0-9_-]{2}")
"""Ids of sessions and sockets, of Engine.IO in Node and in Python alike: 12 random bytes and a counter of 3, of which the
first 65,536 show the zeros that it begins with (packages `base64id` and `python-engineio`, their sources)."""


def turns(text: str) -> float:
    """How often case changes or digits begin or end between two separators, for each letter and digit."""
    segments = _SEGMENT.findall(text)
    return (len(_PART.findall(text)) - len(segments)) / max(1, sum(map(len, segments)))


def is_session_id(text: str) -> bool:
    """Whether a text has the form of the ids that Engine.IO and Socket.IO make."""
    found = _SESSION.fullmatch(text)
    return found is not None and (found[2] == "A" or turns(found[1]) >= _COUNTED)


def is_scattered(text: str, often: float = OFTEN) -> bool:
    """Whether characters of an ASCII text, of ten or more, follow on one another as by chance."""
    if is_session_id(text):
        return True
    one_case = len(text) >= _LONG and text in (text.lower(), text.upper())
    return turns(text) >= (_ONE_CASE if one_case else often)


def is_mixed(text: str) -> bool:
    """Whether letters and digits are mixed as by chance, be they of one case."""
    digits = sum(map(str.isdigit, text))
    return digits >= 2 and digits < len(text) and entropy(text) > _RANDOM


def entropy(text: str) -> float:
    """Shannon's, of the characters, in bits a character."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)
