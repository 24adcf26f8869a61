"""What can go wrong that a person must be told of.

    SioInferError
    ├── UsageError      the command or call asks for what cannot be done
    ├── CaptureError    a capture, or a saved state, cannot be read
    └── SpecError       an AsyncAPI document cannot be read or written

Each says what is wrong, where, and what to do about it; the command line prints the three as one line.
Malformed *traffic* never raises: it is a counted `infer.model.Diagnostic`.
"""

from __future__ import annotations


class SioInferError(Exception):
    """A failure with its place and its remedy.

    `message` says what is wrong, `location` where (a file, with an entry, an offset or a line where known), `hint`
    what to do. Neither message nor hint may quote a value from traffic.
    """

    def __init__(self, message: str, location: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, location, hint)
        self.message = message
        self.location = location
        self.hint = hint

    def __str__(self) -> str:
        """`location: message (hint)` on one line, without the parts that are not there."""
        place = f"{self.location}: " if self.location else ""
        remedy = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.message}{remedy}"


class UsageError(SioInferError):
    """The command or call asks for what cannot be done."""


class CaptureError(SioInferError):
    """A capture or a saved state cannot be read."""


class SpecError(SioInferError):
    """An AsyncAPI document cannot be read or written."""
