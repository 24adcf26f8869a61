"""A copy of the component is taken only where it is the one that is pinned."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from infer.errors import UsageError
from infer.pages import component
from tests.requires import NODE_MODULES, requires

PACKAGE = NODE_MODULES / "@asyncapi" / "react-component"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package's two files."""
    requires("node")
    for file in (component.SCRIPT, component.STYLE):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PACKAGE / file, tmp_path / file)
    return tmp_path


def test_the_pinned_version_is_taken(copy: Path) -> None:
    """Its digests are those of the npm package that the tests install."""
    taken = component.installed(copy)
    assert taken.url is None
    assert taken.script == (copy / component.SCRIPT).read_text()


def test_it_is_found_where_it_is_installed(copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In node_modules of this folder or of one above it."""
    del copy
    home = tmp_path / "node_modules" / "@asyncapi" / "react-component"
    shutil.copytree(PACKAGE / "styles", home / "styles")
    shutil.copytree(PACKAGE / "browser", home / "browser")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert component.installed().script


def test_a_changed_copy_is_refused(copy: Path) -> None:
    """One byte more is another file."""
    with (copy / component.SCRIPT).open("a") as script:
        script.write(" ")
    with pytest.raises(UsageError, match="its digest differs"):
        component.installed(copy)


def test_none_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version to install is named."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=f"npm install @asyncapi/react-component@{component.VERSION}"):
        component.installed()


@pytest.mark.parametrize("url", ["ftp://host/", "javascript:alert(1)", "https://host/'; script-src *", 'https://host/"x'])
def test_an_address_cannot_widen_the_policy(url: str) -> None:
    """What could end a source or an attribute is no address."""
    with pytest.raises(UsageError):
        component.at(url)
