"""Keys of a document: readable, unique, and the same when more is added.

An AsyncAPI key matches `^[A-Za-z0-9._-]+$`. An event's name on the wire may be anything; it stands unchanged in the
message's `name`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final, TypeAlias

Identity: TypeAlias = tuple[str, ...]
"""What a thing is, whatever it is called."""

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
    return _no_method(key if len(key) <= _LONGEST else key[:_LONGEST] + _digest(name))


def unique_keys(names: Iterable[str], fallback: str, taken: Iterable[str] = ()) -> dict[str, str]:
    """A key for each name, of those taken none."""
    ordered = sorted(set(names), key=lambda name: (len(name), name))
    keys = told_apart({(name,): key_of(name, fallback) for name in ordered}, taken)
    return {name: key for (name,), key in keys.items()}


def told_apart(wanted: Mapping[Identity, str], taken: Iterable[str] = ()) -> dict[Identity, str]:
    """The keys of things, each given once, whatever its case: of things that come to one, the first keeps it, others add a digest."""
    given: dict[Identity, str] = {}
    used = {key.lower() for key in taken}
    for thing, key in wanted.items():
        while key.lower() in used:
            key += _digest("\0".join(thing))  # noqa: PLW2901 (it grows until it is free)
        used.add(key.lower())
        given[thing] = key
    return given


def joined(*parts: str) -> str:
    """Keys as one, in camel case."""
    first, *rest = [part for part in parts if part]
    return _no_method(first + "".join(part[:1].upper() + part[1:] for part in rest))


def _no_method(key: str) -> str:
    """The key, with a digest where it is the name of a method."""
    return key + _digest(key) if key in _METHODS else key


def _digest(name: str) -> str:
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=3).hexdigest()
