"""What a connection carries, by the bytes that a side says first."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

ENOUGH: Final = 8
"""Bytes by which to tell: the longest method with the space behind it."""


class Begin(Enum):
    """The protocols that are told apart."""

    REQUEST = "an HTTP/1 request"
    RESPONSE = "an HTTP/1 response"
    HTTP2 = "HTTP/2"
    TLS = "TLS"
    OTHER = "another protocol, or the middle of one"


_BEGINS: Final = (
    (re.compile(rb"(?:GET|POST|PUT|HEAD|OPTIONS|DELETE|PATCH|CONNECT|TRACE) [^\s]*(?: HTTP/1\.|\Z| [HTP/1]{0,6}\Z)"), Begin.REQUEST),
    (re.compile(rb"HTTP/1\."), Begin.RESPONSE),
    (re.compile(rb"PRI \* HTTP/2|\0\0[\0\x06\x0c\x12\x18\x1e\x24\x2a]\x04\0{5}"), Begin.HTTP2),  # its preface, the settings of its server
    (re.compile(rb"\x16\x03[\x00-\x04][\x00-\x48].[\x01\x02]|[\x14\x15\x17]\x03[\x01-\x04][\x00-\x48]", re.DOTALL), Begin.TLS),
)


def begin_of(data: bytes) -> Begin:
    """What bytes are the begin of; a request may be cut anywhere in its first line."""
    return next((begin for pattern, begin in _BEGINS if pattern.match(data)), Begin.OTHER)


def looks_like_websocket(data: bytes) -> bool:
    """Whether bytes in the middle of a connection begin as a WebSocket's text or binary message does."""
    return len(data) > 1 and data[0] in (0x81, 0x82, 0xC1, 0xC2)
