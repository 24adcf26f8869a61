"""A page's document refers to nothing outside of it."""

from __future__ import annotations

import json

from infer.asyncapi.references import Documents
from infer.pages.bundle import bundled


def test_other_files_come_along() -> None:
    """Even those that refer to themselves and to the document."""
    files = {
        "api.json": {"asyncapi": "3.0.0", "a": {"$ref": "schemas.json#/tree"}, "b": {"$ref": "#/a"}, "own": 1},
        "schemas.json": {"tree": {"kid": {"$ref": "#/tree"}, "up": {"$ref": "api.json#/own"}}},
    }
    made = bundled(Documents(lambda name: json.dumps(files[name])), "api.json")
    assert made["a"] == {"$ref": "#/x-other-files/part1"}
    assert made["b"] == {"$ref": "#/a"}
    assert made["x-other-files"] == {"part1": {"kid": {"$ref": "#/x-other-files/part1"}, "up": {"$ref": "#/own"}}}
