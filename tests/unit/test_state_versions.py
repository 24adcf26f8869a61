"""States that earlier programs saved keep loading: one of each version is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

import infer
from infer import state

ROOT: Final = Path(__file__).resolve().parents[2]
KEPT: Final = sorted((ROOT / "tests/fixtures").glob("state-*.sio"))


def test_the_present_version_is_kept() -> None:
    """Whoever raises the version keeps a state of the one before, and adds one of the new."""
    assert f"state-{state.VERSION}.sio" in [path.name for path in KEPT]


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_a_kept_state_says_what_its_captures_say(path: Path) -> None:
    """Each is of the recorded chat."""
    kept = infer.load(path).to_asyncapi()
    captures = [str(ROOT / f"recordings/chat-{name}.har") for name in ("first", "second")]
    fresh = infer.infer(captures).to_asyncapi()
    for part in ("servers", "channels", "operations"):
        assert kept[part] == fresh[part]
    assert kept["components"]["messages"].keys() == fresh["components"]["messages"].keys()
