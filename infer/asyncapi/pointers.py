"""JSON pointers (RFC 6901): where in a document something stands, as the keys that lead there."""

from __future__ import annotations


def escape(key: str) -> str:
    """The key as a step of a pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def unescape(step: str) -> str:
    """The key that a step of a pointer stands for."""
    return step.replace("~1", "/").replace("~0", "~")


def keys_of(pointer: str) -> list[str]:
    """The keys that a pointer leads by, from the top."""
    return [unescape(step) for step in pointer.split("/")[1:]]


def last_key(pointer: str) -> str:
    """The key that a pointer ends in."""
    return unescape(pointer.rpartition("/")[2])
