"""Catalogs to AsyncAPI documents, documents to contracts; the only room that knows YAML."""

from __future__ import annotations

from typing import Any

from infer.asyncapi import asynction, v2, v3
from infer.asyncapi.api import api_of
from infer.asyncapi.options import VERSIONS, DocumentOptions
from infer.asyncapi.text import dump
from infer.catalog import Catalog

__all__ = ["VERSIONS", "DocumentOptions", "document", "dump"]


def document(catalog: Catalog, options: DocumentOptions) -> dict[str, Any]:
    """The AsyncAPI document of what was observed, as plain data. Errors: `UsageError`."""
    write = v2.document if options.version.startswith("2.") else v3.document
    made = write(api_of(catalog, options), options)
    return asynction.profile(made, options.handler or asynction.HANDLER) if options.profile == "asynction" else made
