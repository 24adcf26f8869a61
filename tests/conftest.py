"""Fixtures that all tests share: the real programs that some of them need."""

from __future__ import annotations

import pytest

from tests.requires import requires


@pytest.fixture(scope="session")
def node() -> str:
    """Path of Node, with the npm packages installed; see `requires`."""
    return requires("node")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Chromium; see `requires`."""
    return requires("chromium")
