"""Listens to Socket.IO traffic and writes the API's AsyncAPI document.

    >>> import infer
    >>> catalog = infer.infer(["recordings/chat-first.har"])
    >>> document = catalog.to_asyncapi()

`infer` reads captures into a catalog, `Catalog.to_asyncapi` makes it a document as plain data (`dump` makes that YAML or
JSON), `save` and `load` keep a catalog in a file, and `Catalog.merge` folds two. Errors are `SioInferError`s.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infer.asyncapi import DocumentOptions, dump
    from infer.catalog import Catalog
    from infer.engines.local import Options
    from infer.errors import SioInferError
    from infer.state import load, save

__version__ = "0.1.0"
__all__ = ["Catalog", "DocumentOptions", "Options", "SioInferError", "dump", "infer", "load", "save"]

_PLACES = {
    "Catalog": "infer.catalog",
    "DocumentOptions": "infer.asyncapi",
    "Options": "infer.engines.local",
    "SioInferError": "infer.errors",
    "dump": "infer.asyncapi",
    "load": "infer.state",
    "save": "infer.state",
}


def infer(paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], options: Options | None = None) -> Catalog:
    """The catalog of captures and saved states: files, globs, folders, or one of these.

    Errors: `UsageError` where one does not exist, `CaptureError` where nothing of one can be read.
    """
    from infer import captures
    from infer.engines import local

    given = [paths] if isinstance(paths, str | os.PathLike) else paths
    result = local.run(captures.expand([os.fspath(path) for path in given]), options)
    if result.failed:
        raise result.failed[0]
    return result.catalog


def __getattr__(name: str) -> Any:
    """Import the rest when it is asked for: `import infer` stays cheap."""
    if name not in _PLACES:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)
