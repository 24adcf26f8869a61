"""A document as one piece: what references lead to in other files comes along, so that a page can hold it."""

from __future__ import annotations

from typing import Any, Final

from infer.asyncapi.references import Cursor, Documents

_OTHERS: Final = "x-other-files"
"""Where the parts of other files stand; a table, so that parts that refer to each other stay finite."""


def bundled(documents: Documents, name: str) -> dict[str, Any]:
    """The document of that name, all of whose references lead to places in it. Errors: `SpecError`."""
    root = documents.root(name)
    bundle = _Bundle(name)
    made = bundle.copy(root)
    if bundle.others:
        made[_OTHERS] = bundle.others
    return dict(made)


class _Bundle:
    def __init__(self, name: str) -> None:
        self._name = name
        self._keys: dict[tuple[str, str], str] = {}
        self.others: dict[str, Any] = {}

    def copy(self, cursor: Cursor) -> Any:
        """What stands at the cursor, as plain data."""
        reference = cursor.reference
        if reference is not None:
            return {"$ref": self._reference(cursor, reference)}
        value = cursor.node.value
        if isinstance(value, dict):
            return {key: self.copy(child) for key, child in cursor.items()}
        if isinstance(value, list):
            return [self.copy(child) for _, child in cursor.items()]
        return value

    def _reference(self, cursor: Cursor, reference: str) -> str:
        target = cursor.documents.target(cursor, reference)
        if target.document.name == self._name:
            return f"#{target.pointer}"
        place = (target.document.name, target.pointer)
        key = self._keys.get(place)
        if key is None:
            key = self._keys[place] = f"part{len(self._keys) + 1}"
            self.others[key] = {}  # stands while the part refers to itself
            self.others[key] = self.copy(target)
        return f"#/{_OTHERS}/{key}"
