"""Real programs that some tests need: a test skips, saying why, where one is absent, unless it is demanded.

`SIO_INFER_REQUIRE` is a comma list of the names below; an absent program that it names fails the test
instead. The continuous build sets it, so that nothing is skipped there unnoticed.
"""

from __future__ import annotations

import os
import shutil
import sys
from functools import cache
from pathlib import Path
from typing import Final, NoReturn

import pytest

TESTS: Final = Path(__file__).resolve().parent
NODE_MODULES: Final = TESTS / "node_modules"


def requires(name: str) -> str:
    """The program's path where it is installed; else the test skips, or fails where the program is demanded.

    `name` is `node` (with the npm packages of tests/package.json), `chromium` or any command that stands
    beside this Python or on the path.
    """
    path, remedy = _find(name)
    if path is None:
        _absent(name, remedy)
    return path


def found(name: str) -> str | None:
    """The same, but None where it is absent: for what can do without."""
    return _find(name)[0]


@cache
def _find(name: str) -> tuple[str | None, str]:
    if name == "node":
        node = shutil.which("node")
        installed = (NODE_MODULES / "socket.io" / "package.json").is_file()
        return (node if installed else None), "install Node 20 or newer, then run npm ci in tests/"
    if name == "chromium":
        names = ("chromium", "chromium-browser", "google-chrome")
        return next(filter(None, map(shutil.which, names)), None), "install Debian's package chromium"
    beside = shutil.which(name, path=str(Path(sys.executable).parent))
    return beside or shutil.which(name), f"install {name}"


def _absent(name: str, remedy: str) -> NoReturn:
    reason = f"{name} is absent: {remedy}"
    demanded = {part.strip() for part in os.environ.get("SIO_INFER_REQUIRE", "").split(",")}
    if name in demanded:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
