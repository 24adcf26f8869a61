"""What a file is, by its first bytes and never by its name."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

BOM: Final = b"\xef\xbb\xbf"
STATE_MAGIC: Final = b"sio-infer state "
"""First bytes of a saved catalog, see `infer.state`."""

_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_PCAP: Final = (b"\x0a\x0d\x0d\x0a", b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d")
"""pcapng's section header; pcap in both byte orders, in micro- and nanoseconds."""
_FLOWS: Final = re.compile(rb"\d{1,12}:\d{1,3}:[a-z_]{1,100}[;,]")
"""A tnetstring of a dictionary: its length, then its first key."""
_HAR: Final = re.compile(rb'\s*\{\s*"log"\s*:')
_ENTRIES: Final = re.compile(rb'\s*\{.*"(?:entries|log)"\s*:\s*[\[{]', re.DOTALL)
_DEVTOOLS: Final = re.compile(
    rb'\s*\[?\s*\{.{0,2000}?\\?"method\\?"\s*:\s*\\?"[A-Z][A-Za-z]*\.[a-z][A-Za-z]*\\?"', re.DOTALL
)
"""An event; Selenium has it as text in a text, its quotes escaped."""
_JSON: Final = re.compile(rb"\s*[\[{]")


class Format(StrEnum):
    """The formats that are read, and what else can be told from the first bytes."""

    HAR = "HAR"
    FLOWS = "mitmproxy flow file"
    DEVTOOLS = "DevTools protocol log"
    PCAP = "packet capture"
    ZIP = "zip"
    STATE = "saved state"
    UTF_16 = "UTF-16 text"
    JSON = "JSON of another kind"
    EMPTY = "nothing"
    UNKNOWN = "of no known format"

    @property
    def is_capture(self) -> bool:
        """Whether frames can be read from it."""
        return self in (Format.HAR, Format.FLOWS, Format.DEVTOOLS, Format.PCAP, Format.ZIP)


def sniff(head: bytes) -> Format:
    """The format of a file that begins with `head`; some kilobytes suffice."""
    if not head.strip():
        return Format.EMPTY
    if head.startswith(STATE_MAGIC):
        return Format.STATE
    if head.startswith(ZIP):
        return Format.ZIP
    if head.startswith(_PCAP):
        return Format.PCAP
    if head.startswith(_UTF_16):
        return Format.UTF_16
    if _FLOWS.match(head):
        return Format.FLOWS
    text = head.removeprefix(BOM)
    for pattern, kind in ((_HAR, Format.HAR), (_DEVTOOLS, Format.DEVTOOLS), (_ENTRIES, Format.HAR), (_JSON, Format.JSON)):
        if pattern.match(text):
            return kind
    return Format.UNKNOWN
