"""When an acknowledgement says that the request was refused.

Socket.IO has no error acknowledgement; applications agree on a first argument that tells. An acknowledgement counts as
an error when its first argument is an object and any of these holds:

- it has a key `error`, `errors`, `err` or `exception` whose value says something (not null, false, "" or empty);
- it has a key `ok`, `success` or `accepted` whose value is false;
- it has a key `status`, `code`, `statusCode`, `status_code` or `type` whose value is an HTTP error status (400 to 599)
  or one of the words below.

Node's other convention, `callback(error, result)`, is followed where there are two or more arguments: the first is
neither null nor false, and all that follow are null. A lone string or number is taken as an answer: too many are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from infer.model import Json

_TELLS: Final = frozenset({"error", "errors", "err", "exception"})
_DENIES: Final = frozenset({"ok", "success", "accepted"})
_STATES: Final = frozenset({"status", "code", "statuscode", "status_code", "type"})
_ASKED: Final = _TELLS | _DENIES | _STATES
_LONGEST: Final = max(map(len, _ASKED))
_WORDS: Final = frozenset(
    {"error", "err", "fail", "failed", "failure", "nok", "refused", "rejected", "denied", "forbidden", "unauthorized",
     "invalid", "bad_request", "not_found"}
)  # fmt: skip
_NOTHING: Final[tuple[Json, ...]] = (None, False, "", [], {})


def is_rejection(ack: Sequence[Json]) -> bool:
    """Whether an acknowledgement with these arguments says that the request was refused."""
    if not ack:
        return False
    first = ack[0]
    if isinstance(first, dict):
        for key, value in first.items():
            if len(key) <= _LONGEST and (asked := key.lower()) in _ASKED and _says_no(asked, value):
                return True
    return len(ack) > 1 and first is not None and first is not False and all(rest is None for rest in ack[1:])


def _says_no(key: str, value: Json) -> bool:
    if key in _TELLS:
        return value not in _NOTHING
    if key in _DENIES:
        return value is False
    if isinstance(value, str):
        return value.lower() in _WORDS
    return isinstance(value, int) and 400 <= value <= 599
