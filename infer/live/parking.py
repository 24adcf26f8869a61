"""A tap between two lives of the addon: mitmproxy reloads a script by ending it and loading it anew.

This module is not reloaded with the script, so the new addon goes on with the old one's tap, and with its worker.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from infer.errors import SioInferError

if TYPE_CHECKING:
    from infer.live.tap import Tap

PATIENCE: Final = 5.0
"""Seconds in which a tap is taken up again; after that it is finished: the script was removed."""

_parked: list[Tap] = []


def park(tap: Tap) -> None:
    """Leave a tap behind. Must be called on the event loop."""
    _parked.append(tap)
    asyncio.get_running_loop().call_later(PATIENCE, _give_up, tap)


def take() -> Tap | None:
    """The tap that was left behind, if any."""
    return _parked.pop() if _parked else None


def _give_up(tap: Tap) -> None:
    if tap in _parked:
        _parked.remove(tap)
        threading.Thread(target=_finish, args=(tap,), daemon=True).start()


def _finish(tap: Tap) -> None:
    with suppress(SioInferError):
        tap.finish()
