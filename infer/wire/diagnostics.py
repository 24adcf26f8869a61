"""Every diagnostic of this room: its code, what it means, and what a person may do."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

MEANINGS: Final = MappingProxyType(
    {
        "ack-without-event": "An acknowledgement whose event was not seen: the capture begins later, or the id was used twice.",
        "attachment-missing": "A binary packet whose attachments did not all come: the capture ends, or lacks a body or a message"
        " (Playwright's HAR those of files that a page sends). It is taken as if they were empty.",
        "attachment-unexpected": "A binary message that no packet announced.",
        "base64-invalid": "A binary packet in a text payload that is not base64.",
        "frame-too-large": "A frame beyond the limit `frame_bytes`; it was not decoded.",
        "json-invalid": "A packet whose text after the header is not JSON, or whose numbers are beyond all bounds.",
        "json-too-deep": "A packet nested deeper than JSON parsers go (about 1,000 levels).",
        "jsonp-invalid": "A JSONP body that does not hold one JavaScript string, or one form field `d`.",
        "lone-surrogate": "A string held half of a surrogate pair; it stands as U+FFFD in what follows.",
        "msgpack-invalid": "A binary message that is no MessagePack document of a Socket.IO packet.",
        "open-invalid": "An Engine.IO open packet that holds no session id.",
        "packet-invalid": "A frame or a part of a payload that is no packet of the protocol.",
        "parser-failed": "A plugged-in parser raised an error, or gave what is no packet.",
        "payload-length": "An Engine.IO 3 payload whose lengths do not add up; what follows the first wrong one is lost.",
        "payload-too-many": "A payload of more packets than the limit `packets_per_payload`; the rest was not decoded.",
        "placeholder-invalid": "A packet with a placeholder that points to none of its attachments.",
        "session-unopened": "A session whose opening was not captured: handshake and earlier events are unknown.",
        "socketio-0.9": "Socket.IO 0.9 traffic, a protocol of 2011 that is not decoded.",
        "utf8-invalid": "Text that is not UTF-8.",
        "webtransport": "A session over WebTransport, which no supported capture records.",
    }
)
"""Code to meaning, for the documentation and `-v`."""
