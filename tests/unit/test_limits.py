"""`infer.limits`: what may be set, and how."""

from __future__ import annotations

import pytest

from infer.errors import UsageError
from infer.limits import Limits, reasons


def test_limits_are_set_by_name() -> None:
    """With powers of a thousand; the others stay."""
    limits = Limits.of(["events=10k", "frame_bytes=2M", "state_bytes=3G", "siblings=4"])
    assert (limits.events, limits.frame_bytes, limits.state_bytes, limits.siblings) == (10_000, 2_000_000, 3_000_000_000, 4)
    assert limits.namespaces == Limits().namespaces


@pytest.mark.parametrize("setting", ["events", "events=", "events=-1", "events=0", "events=1.5", "events=ten", "nothing=1", "nesting=65", ""])
def test_what_is_no_setting_is_refused(setting: str) -> None:
    """With what to do."""
    with pytest.raises(UsageError) as caught:
        Limits.of([setting])
    assert caught.value.hint


def test_each_has_its_reason() -> None:
    """All that `sio-infer limits` lists."""
    assert reasons().keys() == set(Limits.__struct_fields__)
    assert all(len(reason) > 20 for reason in reasons().values())
