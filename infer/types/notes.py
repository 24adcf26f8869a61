"""What types leave unsaid of a contract: told beside the file, as diagnostics are."""

from __future__ import annotations

from collections.abc import Callable

from infer.asyncapi.references import Place

Say = Callable[[str], None]
"""Takes lines."""


def unheard(_: str) -> None:
    """For those who look at the file alone."""


def untyped(place: Place, subject: str, words: str) -> str:
    """The line on a declared name that is not, or not wholly, typed; where it stands."""
    return f"{place}: untyped: {subject} {words}"
