"""`infer.rejection`: which acknowledgements refuse."""

from __future__ import annotations

from typing import Any

import pytest

from infer.rejection import is_rejection


@pytest.mark.parametrize(
    "ack",
    [
        [{"error": "no such room"}],
        [{"errors": [{"path": "title"}]}],
        [{"err": {"code": 7}}],
        [{"ok": False}],
        [{"success": False, "data": None}],
        [{"status": "error"}],
        [{"status": "FAILED"}],
        [{"status": 422}],
        [{"statusCode": 500}],
        [{"statusCode": 400}],
        [{"status_code": 599}],
        ["invalid payload", None],
        [{"message": "boom"}, None],
    ],
)
def test_an_error_ack_is_a_rejection(ack: list[Any]) -> None:
    """The documented forms of a refusal are recognised."""
    assert is_rejection(ack)


@pytest.mark.parametrize(
    "ack",
    [
        [],
        [None],
        ["ok"],
        ["error"],
        [{"error": None}],
        [{"error": ""}],
        [{"errors": []}],
        [{"ok": True}],
        [{"status": "online"}],
        [{"status": 200}],
        [{"status": 399}],
        [{"code": 600}],
        [{"status": None}],
        [{"type": [500]}],
        [{"code": True}],
        [None, {"id": 1}],
        [False, None],
        [None, None],
        ["a", "b"],
        ["a", None, "b"],
        [[1, 2]],
        [b"\x00"],
    ],
)
def test_an_answer_is_not(ack: list[Any]) -> None:
    """Answers, also empty ones, and error keys that say nothing, are no refusal."""
    assert not is_rejection(ack)
