"""Catalogs to AsyncAPI documents, documents to contracts; the only room that knows YAML."""

from __future__ import annotations

from typing import Any

from infer.asyncapi.api import api_of
from infer.asyncapi.options import VERSIONS, DocumentOptions
from infer.asyncapi.text import dump
from infer.catalog import Catalog

__all__ = ["VERSIONS", "DocumentOptions", "document", "dump"]


def document(catalog: Catalog, options: DocumentOptions) -> dict[str, Any]:
    """The AsyncAPI document of what was observed, as plain data. Errors: `UsageError`."""
    # a run writes one version
    if options.version.startswith("2."):
        from infer.asyncapi.v2 import document as write  # noqa: PLC0415
    else:
        from infer.asyncapi.v3 import document as write  # noqa: PLC0415
    made = write(api_of(catalog, options), options)
    if options.profile is None:
        return made
    from infer.asyncapi import asynction  # noqa: PLC0415

    return asynction.profile(made, options.handler or asynction.HANDLER)
