"""JSONP polling: the payload inside a script's call, and inside a form's field.

Source: packages/engine.io/lib/transports/polling-jsonp.ts in socketio/socket.io: the answer is
`___eio[N](JSON string);`, the request the form field `d`, in which the client doubled the escape of line feeds.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from infer.wire import jsontext
from infer.wire.packet import Fault

INVALID: Final = Fault("jsonp-invalid", "a JSONP body does not hold one string")

_CALL: Final = re.compile(rb"\s*(?:/\*\*/)?\s*___eio\[\d+\]\(")
_LINE_FEED: Final = re.compile(rb"(\\)?\\n")


def unwrap_answer(data: bytes) -> bytes | Fault | None:
    """The payload in a script's call; None where the body is no such call."""
    call = _CALL.match(data)
    if call is None:
        return None
    end = data.rfind(b")")
    try:
        text, fault = jsontext.parse(data[call.end() : end].decode())
    except UnicodeDecodeError:
        return INVALID
    if (fault and fault is not jsontext.LONE_SURROGATE) or not isinstance(text, str):
        return INVALID
    return text.encode()


def unwrap_form(data: bytes) -> bytes | Fault | None:
    r"""The payload in a form's field `d`; None where the body is no such form.

    The client sends a line feed as `\n` in two characters and an escaped one as `\\n`; the server undoes both.
    """
    if not data.startswith(b"d="):
        return None
    field = unquote_to_bytes(data[2:].partition(b"&")[0].replace(b"+", b" "))
    return _LINE_FEED.sub(lambda found: b"\\n" if found[1] else b"\n", field)
