"""JSON text to values: fast where it can be, lenient where real senders are, bounded always."""

from __future__ import annotations

import json
import re
from typing import Final

import orjson

from infer.model import Json
from infer.wire.packet import Fault

_SURROGATE: Final = re.compile("[\ud800-\udfff]")

INVALID: Final = Fault("json-invalid", "the text is not JSON")
TOO_DEEP: Final = Fault("json-too-deep", "the text is nested deeper than JSON parsers go")
LONE_SURROGATE: Final = Fault("lone-surrogate", "a string held half of a surrogate pair")


def parse(text: str) -> tuple[Json, Fault | None]:
    """The value of a JSON text, with a fault where it is none (`json-invalid`, `json-too-deep`) or was mended.

    orjson refuses what other parsers let through: NaN and 1e400 (Python servers send them), lone surrogates (JavaScript
    strings may hold them) and nesting beyond 1,024. There the standard library decides. Half a surrogate pair becomes
    U+FFFD, so that everything behind this function is valid UTF-8.
    """
    try:
        return orjson.loads(text), None
    except ValueError:
        pass
    try:
        value = json.loads(text, parse_int=_integer)
        mended = mend(value)
    except RecursionError:
        return None, TOO_DEEP
    except ValueError:  # also integers of more digits than Python converts
        return None, INVALID
    return mended, None if mended is value else LONE_SURROGATE


def _integer(digits: str) -> int | float:
    """An integer; beyond 64 bits a float, as orjson has it. Errors: `ValueError` beyond the digits that Python converts."""
    value = int(digits)
    return value if -(1 << 63) <= value < 1 << 64 else float(digits)


def mend(value: Json) -> Json:
    """The same value where all its strings are valid; else a copy with U+FFFD for each half of a surrogate pair."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value) if _SURROGATE.search(value) else value
    if isinstance(value, list):
        items = [mend(item) for item in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    if isinstance(value, dict):
        pairs = [(mend(key), mend(item)) for key, item in value.items()]
        same = all(nk is ok and nv is ov for (nk, nv), (ok, ov) in zip(pairs, value.items(), strict=True))
        return value if same else dict(pairs)
    return value


def key_of(value: object) -> str:
    """A name or key that is not a string (numeric event names, MessagePack's keys) as JavaScript writes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
