"""Which key of an object tells what variant it is of, judged by the object alone, so that no order matters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from infer.model import Json
from infer.schema.secrecy import private_name, public_shape
from infer.schema.words import words

_VOCABULARY: Final = """
type kind method event action op operation command cmd topic channel tag variant mode typename opcode e ev evt msgtype
class category status state
"""
TAGS: Final = tuple(_VOCABULARY.split())
"""Last words of keys that tell variants apart, the most telling first: the vocabulary of published APIs."""
_STEP: Final = 16
_RANK: Final = {word: _STEP * place for place, word in enumerate(TAGS, 1)}
"""Between two of them there is room for the number of a key's words."""
LONGEST: Final = 64
"""Keys beyond that many characters, and the keys of objects with more than that many, tell no variants apart."""


def first_telling(value: dict[str, Json]) -> str | None:
    """The key that is asked first for the tag of objects with these keys and types; None where none is."""
    asked = telling(key for key, item in value.items() if type(item) is str)
    return asked[0] if asked else None


def telling(keys: Iterable[str]) -> list[str]:
    """Those of the keys that may tell variants apart, in the order in which they are asked."""
    return sorted((key for key in keys if _ranks[key]), key=lambda key: (_ranks[key], key))


def tag_of(value: dict[str, Json]) -> tuple[str, str] | None:
    """Key and value of the object's tag: of its telling keys the first whose value is a public string."""
    if len(value) > LONGEST:
        return None
    ranks = _ranks
    telling = [(rank, key) for key in value if (rank := ranks[key])]
    if len(telling) > 1:
        telling.sort()
    for _, key in telling:
        item = value[key]
        if type(item) is str and public_shape(item):
            return key, item
    return None


def _may_tell(key: str) -> bool:
    """Whether the key's last word may be one of `TAGS`, or `name`, which ends as one: most keys of maps need no closer look."""
    end = key.lower()
    while end and not end[-1].isalnum():
        end = end[:-1]
    return end.endswith(TAGS)


class _Ranks(dict[str, int]):
    """The rank of a key, by its word of `TAGS` and how many it has, 0 where it tells nothing; found once, as long as keys are few."""

    def __missing__(self, key: str) -> int:
        rank = 0
        if len(key) <= LONGEST and _may_tell(key):
            if not private_name(key):
                parts = words(key)
                last = parts[-2] if len(parts) > 1 and parts[-1] == "name" else parts[-1]  # eventName
                if last in _RANK:  # fewer words tell more: of what has a `mimeType` the `type` tells what it is
                    rank = _RANK[last] + min(len(parts), _STEP - 1)
            if len(self) < 10_000:
                self[key] = rank
        return rank


_ranks: Final = _Ranks()
