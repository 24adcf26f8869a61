"""Formats of strings, by strict grammars that exclude one another, so that a value has one or none."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from ipaddress import IPv6Address
from typing import Final

_DATE: Final = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
_TIME: Final = re.compile(r"[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])")
_COMMON: Final = re.compile(
    r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
"""Most date-times: of days that every month has, so that the calendar need not be asked."""
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL: Final = re.compile(rf"[A-Za-z0-9_%+'-]+(?:\.[A-Za-z0-9_%+'-]+)*@{_LABEL}(?:\.{_LABEL})+")
_SCHEMES: Final = (
    "https?|wss?|ftps?|sftp|file|mailto|data|blob|urn|chrome|chrome-extension|about|git|ssh|tel|geo|magnet|ipfs|s3|gs"
)
_OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4: Final = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_IPV6: Final = re.compile(r"[0-9a-fA-F:]{2,39}")
_CHARACTER: Final = r"(?:[!$&'()*+,\-./0-9:;=?@A-Z_a-z~]|%[0-9A-Fa-f]{2})"
_USER: Final = r"(?:(?:[!$&'()*+,\-.0-9:;=A-Z_a-z~]|%[0-9A-Fa-f]{2})*@)?"
_HOST: Final = r"(?:[!$&'()*+,\-.0-9;=A-Z_a-z~]|%[0-9A-Fa-f]{2})*(?::[0-9]{0,5})?"
_HIERARCHY: Final = rf"(?://{_USER}{_HOST}(?:[/?]{_CHARACTER}*)?|(?!//){_CHARACTER}+)"
_URI: Final = re.compile(rf"(?:{_SCHEMES}):{_HIERARCHY}(?:#{_CHARACTER}*)?")
_VARIABLE: Final = r"[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*(?::[1-9][0-9]{0,3}|\*)?"
_EXPRESSION: Final = rf"\{{[+#./;?&]?{_VARIABLE}(?:,{_VARIABLE})*\}}"
_TEMPLATE: Final = re.compile(rf"(?:{_SCHEMES}):(?:{_CHARACTER}|{_EXPRESSION})+")
_LONGEST: Final = 4_096


def _is_date(value: str) -> bool:
    """RFC 3339's full-date, and a day of the calendar."""
    return _DATE.fullmatch(value) is not None and _is_day(value)


def _is_date_time(value: str) -> bool:
    """RFC 3339's date-time; without leap seconds, of which validators have different opinions."""
    found = _DATE.match(value)
    return found is not None and _TIME.fullmatch(value, found.end()) is not None and _is_day(found[0])


def _is_uuid(value: str) -> bool:
    """RFC 4122's, of any version."""
    return len(value) == 36 and _UUID.fullmatch(value) is not None


def _is_email(value: str) -> bool:
    """RFC 5321's mailbox, without quotes, at a dotted domain."""
    return "@" in value and len(value) <= 254 and value.index("@") <= 64 and _EMAIL.fullmatch(value) is not None


def _is_ipv4(value: str) -> bool:
    """RFC 2673's dotted quad."""
    return _IPV4.fullmatch(value) is not None


def _is_ipv6(value: str) -> bool:
    """RFC 4291's, without a zone and an embedded IPv4 address."""
    if value.count(":") < 2 or not _IPV6.fullmatch(value):
        return False
    try:
        IPv6Address(value)
    except ValueError:
        return False
    return True


def _is_uri(value: str) -> bool:
    """RFC 3986's, of a scheme that is in use, without brackets."""
    return ":" in value[:18] and _URI.fullmatch(value) is not None


def _is_uri_template(value: str) -> bool:
    """RFC 6570's, of such a scheme, with an expression."""
    return "{" in value and _TEMPLATE.fullmatch(value) is not None


_CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    "date-time": _is_date_time, "date": _is_date, "uuid": _is_uuid, "uri": _is_uri, "uri-template": _is_uri_template,
    "email": _is_email, "ipv4": _is_ipv4, "ipv6": _is_ipv6,
}  # fmt: skip
NAMES: Final = tuple(_CHECKS)


def has_format(value: str, name: str) -> bool:
    """Whether a string has that format."""
    return 3 <= len(value) <= _LONGEST and _CHECKS[name](value)


_HEX_AS_0: Final = bytes(ord("0") if chr(byte) in "0123456789abcdefABCDEF" else byte for byte in range(256))
LOOKS: Final = {"uuid": (_HEX_AS_0, b"00000000-0000-0000-0000-000000000000")}
"""Formats that are all about which characters stand where: what `bytes.translate` makes of a value, by which table, if it has the
format and only then. That is twice as fast as an expression, and most identifiers are of such a format."""


def check_of(name: str) -> Callable[[str], object]:
    """What tells whether a string has that format, by a true value: `has_format` for who asks it often."""
    if name == "uuid":
        return _UUID.fullmatch
    return _has_date_time if name == "date-time" else partial(_has, _CHECKS[name])


def _has_date_time(value: str) -> bool:
    return _COMMON.fullmatch(value) is not None or _has(_is_date_time, value)


def _has(check: Callable[[str], bool], value: str) -> bool:
    return 3 <= len(value) <= _LONGEST and check(value)


def format_of(value: str) -> str:
    """The format of a string, "" where it has none."""
    if not 3 <= len(value) <= _LONGEST or not value.isascii():
        return ""
    return next((name for name, check in _CHECKS.items() if check(value)), "")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
