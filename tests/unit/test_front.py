"""`import infer`: what the package offers to programs in Python."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

import infer
from infer.errors import UsageError

RECORDINGS: Final = Path(__file__).resolve().parents[2] / "recordings"
CHAT: Final = RECORDINGS / "chat-first.har"


def test_captures_are_named_by_texts_and_paths_many_or_one() -> None:
    """A text is no list of names of one character each."""
    many = infer.infer([str(CHAT)])
    assert many == infer.infer(str(CHAT)) == infer.infer(CHAT) == infer.infer([CHAT]) == infer.infer(path for path in [CHAT])
    assert infer.infer(RECORDINGS / "chat-*.har") == infer.infer(sorted(RECORDINGS.glob("chat-*.har")))
    with pytest.raises(UsageError, match=r"^absent\.har: no such file"):
        infer.infer("absent.har")


def test_a_catalog_is_kept_in_a_file(tmp_path: Path) -> None:
    """By a path, too, and gives the same document."""
    catalog = infer.infer(CHAT)
    infer.save(catalog, tmp_path / "chat.sio")
    assert infer.load(tmp_path / "chat.sio") == catalog
    assert infer.load(tmp_path / "chat.sio").to_asyncapi() == catalog.to_asyncapi()


def test_what_is_offered_is_there() -> None:
    """Each is imported when it is asked for; nothing else is."""
    for name in infer.__all__:
        assert getattr(infer, name).__name__ == name
    with pytest.raises(AttributeError):
        infer.nothing  # noqa: B018
