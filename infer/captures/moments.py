"""Times that captures state, as far as there are such times."""

from __future__ import annotations

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


def seconds(time: float | None) -> float | None:
    """The same of a time in seconds or milliseconds; None where it says that there is none (-1, or 0)."""
    if type(time) is float and 0 < time <= _MILLISECONDS:
        return time  # as mostly
    if time is None or not time > 0:
        return None
    return moment(time / 1000 if time > _MILLISECONDS else time)
