"""Keys of a document: readable, unique, and the same when more is added.

An AsyncAPI key matches `^[A-Za-z0-9._-]+$`. An event's name on the wire may be anything; it stands unchanged in the
message's `name`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

_WORD: Final = re.compile(r"[A-Za-z0-9]+")
_LONGEST: Final = 60
_METHODS: Final = frozenset({"hasOwnProperty"})
"""What the official parser calls on whatever it finds: as keys they would stand in the method's place."""


def key_of(name: str, fallback: str) -> str:
    """A name in camel case; what is left out of it (signs, other scripts, excess length) is replaced by a digest.

    One that would be taken for a method has a digest after it.
    """
    words = _WORD.findall(name)
    key = "".join([*words[:1], *(word[:1].upper() + word[1:] for word in words[1:])])
    if not key:
        return f"{fallback}{_digest(name)}"
    if key[0].isdigit():
        key = fallback + key
    key = key[:1].lower() + key[1:] if not key.isupper() else key
    return _told_apart(key if len(key) <= _LONGEST else key[:_LONGEST] + _digest(name))


def unique_keys(names: Iterable[str], fallback: str) -> dict[str, str]:
    """A key for each name. Of names that come to one key, the first in order keeps it and the others add a digest."""
    keys: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(set(names), key=lambda name: (len(name), name)):
        key = key_of(name, fallback)
        if key.lower() in taken:
            key += _digest(name)
        taken.add(key.lower())
        keys[name] = key
    return keys


def joined(*parts: str) -> str:
    """Keys as one, in camel case."""
    first, *rest = [part for part in parts if part]
    return _told_apart(first + "".join(part[:1].upper() + part[1:] for part in rest))


def _told_apart(key: str) -> str:
    """The key, with a digest where it is the name of a method."""
    return key + _digest(key) if key in _METHODS else key


def _digest(name: str) -> str:
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=3).hexdigest()
