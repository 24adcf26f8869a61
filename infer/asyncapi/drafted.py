"""The contract that a catalog amounts to: what its document promises, read back."""

from __future__ import annotations

from typing import Any

from infer.asyncapi import document
from infer.asyncapi.contract import Contract
from infer.asyncapi.options import DocumentOptions
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.asyncapi.text import dump
from infer.catalog import Catalog

NAME = "traffic"
"""What the places of a drafted contract give as their file."""


def drafted(catalog: Catalog, options: DocumentOptions) -> tuple[dict[str, Any], Contract]:
    """The document of what was observed, as plain data, and its contract. Errors: `UsageError`."""
    draft = document(catalog, options)
    return draft, read(Documents(lambda _: dump(draft, "json")), NAME, perspective=options.perspective)
