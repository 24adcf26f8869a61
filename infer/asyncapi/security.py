"""Credentials of the handshake become security schemes: where they stand, never what they are."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from infer.asyncapi.names import joined, key_of
from infer.catalog import ServerEntry
from infer.schema.evidence import Objects
from infer.schema.words import words

_CREDENTIAL: Final = frozenset(
    {"token", "jwt", "auth", "authorization", "apikey", "key", "secret", "password", "passwd", "session", "sessionid", "sid",
     "ticket", "signature"}
)  # fmt: skip
_CARRIERS: Final = frozenset({"_ga", "_gid", "io", "awsalb", "awsalbcors", "arraffinity"})
"""Cookies of analytics, sticky sessions and old Engine.IO, which authenticate nobody."""


class Credential(msgspec.Struct, frozen=True):
    """A security scheme."""

    scheme: dict[str, Any]


def credentials_of(server: ServerEntry) -> dict[str, Credential]:
    """Security schemes by their keys, in order."""
    found: dict[str, Credential] = {}
    for scheme in sorted(server.authorization):
        if scheme in ("basic", "bearer", "digest"):
            found[joined("header", scheme)] = Credential({"type": "http", "scheme": scheme})
        else:
            found["headerAuthorization"] = Credential({"type": "httpApiKey", "in": "header", "name": "Authorization"})
    for name in server.headers:
        if name != "authorization" and not name.startswith("sec-") and _is_credential(name):
            found[joined("header", key_of(name, "header"))] = Credential({"type": "httpApiKey", "in": "header", "name": name})
    objects = server.query.kind("object")
    names = sorted(objects.whole().keys) if isinstance(objects, Objects) else []
    for name in names:
        if _is_credential(name):
            found[joined("query", key_of(name, "parameter"))] = Credential({"type": "httpApiKey", "in": "query", "name": name})
    for name in server.cookies:
        if name.lower() not in _CARRIERS and _is_credential(name):
            found[joined("cookie", key_of(name, "cookie"))] = Credential({"type": "httpApiKey", "in": "cookie", "name": name})
    return found


def _is_credential(name: str) -> bool:
    """Whether a name says that its value admits somebody."""
    return bool(_CREDENTIAL.intersection(words(name)))
