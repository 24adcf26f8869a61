"""Formats of strings, by strict grammars that exclude one another, so that a value has one or none."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_DATE: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_TIME: Final = re.compile(r"[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_EMAIL: Final = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+")
_URI: Final = re.compile(r"(?:https?|wss?|ftp|file|mailto|data|blob|urn|chrome|chrome-extension|about|git|ssh):[!#$%&'()*+,\-./0-9:;=?@A-Z_a-z~\[\]]+")
_IPV4: Final = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)")
_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LONGEST: Final = 4_096

NAMES: Final = ("date-time", "date", "uuid", "uri", "email", "ipv4")


def format_of(value: str) -> str:
    """The format of a string (RFC 3339, 4122, 3986 with a known scheme, 5321, 2673), "" where it has none."""
    if not 7 <= len(value) <= _LONGEST:
        return ""
    if value[0].isdigit():
        found = _DATE.match(value)
        if found and _is_day(found[0]):
            if found.end() == len(value):
                return "date"
            if _TIME.fullmatch(value, found.end()):
                return "date-time"
        if _IPV4.fullmatch(value):
            return "ipv4"
    if len(value) == 36 and _UUID.fullmatch(value):
        return "uuid"
    if "@" in value and _EMAIL.fullmatch(value) and ".." not in value and value[0] != "." and ".@" not in value:
        return "email"
    if _URI.fullmatch(value) and not _PERCENT.search(value):
        return "uri" if _brackets_are_a_host(value) else ""
    return ""


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _brackets_are_a_host(value: str) -> bool:
    return "[" not in value and "]" not in value
