"""What a document is to be like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from infer.errors import UsageError
from infer.schema import Rules

VERSIONS: Final = ("3.0.0", "3.1.0", "2.6.0")


class DocumentOptions(msgspec.Struct, frozen=True):
    """See each field; errors: `UsageError` for a version that is not written, or a profile that is not of it."""

    version: str = "3.0.0"
    """Of AsyncAPI: one of `VERSIONS`."""
    profile: Literal["asynction"] | None = None
    """A tool's dialect; `asynction` is one of 2.6.0 (see `infer.asyncapi.asynction`)."""
    handler: str | None = None
    """Asynction: template of handlers' names; None takes its own."""
    perspective: Literal["server", "client"] = "server"
    """Whose document it is: what the server receives, a client sends."""
    title: str | None = None
    """None: made of the host."""
    api_version: str = "0.1.0"
    servers: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Name to URL. A URL at which traffic was seen selects and names that server. Where none was seen at any of them,
    all traffic is taken as that of one API, deployed at these URLs."""
    rules: Rules = msgspec.field(default_factory=Rules)
    exclude_rejected: bool = False
    """Whether requests that an error acknowledgement answered are left out of the requests' schemas."""
    examples: int = 0
    """How many examples a message has at most: of typical shape, with stand-ins for all values but enums' members."""
    min_samples: int = 0
    """Messages that rest on fewer samples say so in their description."""

    def __post_init__(self) -> None:
        """Check the version and what depends on it."""
        if self.version not in VERSIONS:
            raise UsageError(f"AsyncAPI {self.version} is not written", hint=f"known: {', '.join(VERSIONS)}")
        if self.profile is not None and self.version != "2.6.0":
            raise UsageError(f"the profile {self.profile} is one of AsyncAPI 2.6.0", hint="add --asyncapi 2.6.0")
        if self.handler is not None and self.profile is None:
            raise UsageError("handlers are named in Asynction's profile only", hint="add --profile asynction")
