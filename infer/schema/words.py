"""Names to words: `createdAt`, `created_at` and `created-at` are `created`, `at`; `userIDs` are `user`, `ids`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import takewhile
from typing import Final

_WORD: Final = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_a-zA-Z]+")
_IRREGULAR: Final = {
    "people": "person", "children": "child", "men": "man", "women": "woman", "data": "datum", "indices": "index",
    "vertices": "vertex", "matrices": "matrix", "criteria": "criterion", "media": "medium", "mice": "mouse",
    "ids": "id", "ips": "ip",
}  # fmt: skip
_SINGULAR: Final = frozenset(
    {"status", "news", "series", "address", "process", "class", "access", "bus", "canvas", "alias", "https", "dns"}
)


@lru_cache(maxsize=1024)
def words(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, none for a name of signs only."""
    return tuple(found.lower() for found in _WORD.findall(name[:200]))


def title(parts: Iterable[str]) -> str:
    """The words of all parts in Pascal case, without doubling where one part ends as the next begins."""
    joined: list[str] = []
    for part in parts:
        own = words(part)
        joined += own[1:] if own and joined[-1:] == [own[0]] else own
    text = "".join(word[:1].upper() + word[1:] for word in joined)[:80]
    return text if text and not text[0].isdigit() else f"N{text}" if text else ""


def singular(name: str) -> str:
    """The name of one of what `name` names many of."""
    last = (words(name) or ("",))[-1]
    if not last or not name.lower().endswith(last):
        return name
    stem, tail, one = name[: len(name) - len(last)], name[len(name) - len(last) :], _one(last)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(last, one, strict=False)))
    return stem + tail[:same] + (one[same:].upper() if tail.isupper() else one[same:])


def _one(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _SINGULAR or len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1]
