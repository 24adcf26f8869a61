"""Times that captures state, as far as there are such times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_LAST: Final = 253_402_300_800.0
"""The begin of the year 10000, which ISO 8601 cannot write in four digits."""
_MILLISECONDS: Final = 1e11
"""A time above is in milliseconds: in seconds it would be the year 5138."""


def moment(time: float | None) -> float | None:
    """Seconds since the epoch; None where there is no such time: before the epoch, after all calendars, or no number.

    What mitmproxy makes of a file's state may be of any type.
    """
    return time if isinstance(time, int | float) and 0 <= time < _LAST else None


def started(stamp: str | float | None) -> float | None:
    """Seconds since the epoch of an ISO 8601 time, in UTC unless it says otherwise; None where it is none, or before the epoch.

    Some write their earliest time, in the year 1, where they know of none. Numbers as below.
    """
    if not isinstance(stamp, str):
        return seconds(stamp)
    try:
        time = datetime.fromisoformat(stamp)
        return moment((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None


def seconds(time: float | str | None) -> float | None:
    """The same of a time in seconds or milliseconds, or of a text; None where it says that there is none (-1, or 0)."""
    if type(time) is float and 0 < time <= _MILLISECONDS:
        return time  # as mostly
    number = _read(time) if isinstance(time, str) else time
    if number is None or not number > 0:
        return None
    return moment(number / 1000 if number > _MILLISECONDS else number)


def _read(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return started(text)
