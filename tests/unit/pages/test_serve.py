"""`infer.pages.serve`: one try a version, whatever is asked for, and what is said of a version that is no page."""

from __future__ import annotations

from pathlib import Path

import pytest

from infer.errors import SioInferError, SpecError
from infer.pages.serve import Pages


class Source:
    """A file of which pages are made, the versions that were tried, and what was said."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tried: list[str] = []
        self.said: list[str] = []
        self.write("first")
        self.pages = Pages(self._make, lambda: [str(path)], lambda error: self.said.append(str(error)))

    def write(self, text: str) -> None:
        """Another text, longer than any before, so that it is another version at once."""
        self.path.write_text(f"{text} {'.' * 10 * len(self.tried)}")

    def _make(self, version: str) -> str:
        self.tried.append(version)
        text = self.path.read_text().split()[0]
        if text.startswith("broken"):
            raise SpecError(text)
        return text


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path / "a.yml")


def test_a_version_is_tried_once(source: Source) -> None:
    """However often it is asked for, right or wrong."""
    for text in ("second", "broken", "third"):
        source.write(text)
        for _ in range(3):
            source.pages.newest()
    assert len(source.tried) == len(set(source.tried)) == 4


def test_the_version_told_is_that_of_the_page(source: Source) -> None:
    """A browser that shows the last page that could be made has no reason to load it again."""
    before = source.pages.newest()
    source.write("broken")
    assert source.pages.newest() == before
    source.write("second")
    after = source.pages.newest()
    assert after.content == b"second"
    assert after.version == source.tried[-1] != before.version


def test_a_reason_is_said_once(source: Source) -> None:
    """Again when it is another, and again when all was right between."""
    for text in ("broken-1", "broken-1", "broken-2", "right", "broken-2"):
        source.write(text)
        source.pages.newest()
        source.pages.newest()
    assert source.said == ["broken-1", "broken-2", "broken-2"]


def test_files_of_which_no_page_was_ever_made_end_it(tmp_path: Path) -> None:
    """There is nothing to serve."""

    def make(version: str) -> str:
        raise SpecError(version)

    with pytest.raises(SioInferError):
        Pages(make, lambda: [str(tmp_path / "a.yml")], lambda _: None)
