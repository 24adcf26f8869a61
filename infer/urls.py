"""URLs beside paths: which of the two a name is, and how it is shown without the credentials in it."""

from __future__ import annotations

import hashlib
import re
from typing import Final

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?:::[A-Za-z][A-Za-z0-9+.-]*)*://")
_HTTP: Final = re.compile(r"https?://", re.IGNORECASE)
_LAST: Final = re.compile(r"(?:^|(?<=::))https?://", re.IGNORECASE)
_PASSWORD: Final = re.compile(r"(://)[^/?#@:]*:[^/?#@]*@")


def is_url(name: str) -> bool:
    """Whether the name is a URL and no path."""
    return _URL.match(name) is not None


def by_http(name: str) -> bool:
    """Whether the name is the URL of what a web server gives."""
    return _HTTP.match(name) is not None


def links(url: str) -> list[str]:
    """The links of a chain of URLs (`zip://inside.har::s3://…`). One by http is the last, whatever colons are in it."""
    last = _LAST.search(url)
    if last is None:
        return url.split("::")
    before, at = url[: last.start()], url[last.start() :]
    return [*before.split("::")[:-1], at]


def shown(name: str) -> str:
    """A path, or a URL without its credentials: a user's password, and a query, which may be a signature.

    Of a query there are a few digits of its hash, so that two files stay two.
    """
    return "::".join(map(_without_credentials, links(name))) if is_url(name) else name


def _without_credentials(url: str) -> str:
    address, asked, query = _PASSWORD.sub(r"\1", url).partition("?")
    if not asked or not by_http(url):
        return address + asked + query
    return f"{address}?…{hashlib.blake2b(query.encode(errors='surrogatepass'), digest_size=2).hexdigest()}"
