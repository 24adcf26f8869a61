"""What would make a declared document take the traffic, as JSON Patch (RFC 6902)."""

from __future__ import annotations

from typing import Any

from infer.diff.conformance import Conformance


def patch(conformance: Conformance) -> dict[str, list[dict[str, Any]]]:
    """Operations by the file that they are for (references may lead into others), ready to be written as JSON."""
    raise NotImplementedError
