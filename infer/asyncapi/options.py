"""What a document is to be like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from infer.errors import UsageError
from infer.schema import Rules

VERSIONS: Final = ("3.0.0", "3.1.0", "2.6.0")


@dataclass(frozen=True, slots=True)
class DocumentOptions:
    """See each field; errors: `UsageError` for a version that is not written."""

    version: str = "3.0.0"
    """Of AsyncAPI: one of `VERSIONS`."""
    perspective: Literal["server", "client"] = "server"
    """Whose document it is: what the server receives, a client sends."""
    title: str | None = None
    """None: made of the host."""
    api_version: str = "0.1.0"
    servers: Mapping[str, str] = field(default_factory=dict)
    """Name to URL. A URL at which traffic was seen selects and names that server. Where none was seen at any of them,
    all traffic is taken as that of one API, deployed at these URLs."""
    rules: Rules = field(default_factory=Rules)
    exclude_rejected: bool = False
    """Whether requests that an error acknowledgement answered are left out of the requests' schemas."""
    min_samples: int = 0
    """Messages that rest on fewer samples say so in their description."""

    def __post_init__(self) -> None:
        """Check the version."""
        if self.version not in VERSIONS:
            raise UsageError(f"AsyncAPI {self.version} is not written", hint=f"known: {', '.join(VERSIONS)}")
