"""Credentials of the handshake become security schemes: where they stand, never what they are."""

from __future__ import annotations

from typing import Any, Final

from infer.asyncapi.names import Identity
from infer.catalog import ServerEntry
from infer.schema.evidence import Objects
from infer.schema.words import words

_CREDENTIAL: Final = frozenset(
    {"token", "jwt", "auth", "authorization", "apikey", "key", "secret", "password", "passwd", "session", "sessionid", "sid",
     "ticket", "signature"}
)  # fmt: skip
_CARRIERS: Final = frozenset({"_ga", "_gid", "io", "awsalb", "awsalbcors", "arraffinity"})
"""Cookies of analytics, sticky sessions and old Engine.IO, which authenticate nobody."""


def credentials_of(server: ServerEntry) -> dict[Identity, dict[str, Any]]:
    """Security schemes, by where the credential stands and what it is called there, in order."""
    found: dict[Identity, dict[str, Any]] = {}
    for scheme in sorted(server.authorization):
        if scheme in ("basic", "bearer", "digest"):
            found["header", scheme] = {"type": "http", "scheme": scheme}
        else:
            found["header", "authorization"] = {"type": "httpApiKey", "in": "header", "name": "Authorization"}
    objects = server.query.kind("object")
    named = [
        ("header", [name for name in server.headers if name != "authorization" and not name.startswith("sec-")]),
        ("query", sorted(objects.whole().keys) if isinstance(objects, Objects) else []),
        ("cookie", [name for name in server.cookies if name.lower() not in _CARRIERS]),
    ]
    for place, names in named:
        found |= {(place, name): {"type": "httpApiKey", "in": place, "name": name} for name in names if _is_credential(name)}
    return found


def _is_credential(name: str) -> bool:
    """Whether a name says that its value admits somebody."""
    return bool(_CREDENTIAL.intersection(words(name)))
