"""Where things stand: documents, the places in them, and the references between them.

A `Cursor` is a node with the document and the pointer that lead to it, so that whatever is read through cursors can
say `file:line:column`, and a reference is followed from the file that it stands in.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from typing import Any, Final, NoReturn
from urllib.parse import unquote, urljoin, urlsplit

import msgspec

from infer.asyncapi.pointers import escape, keys_of
from infer.asyncapi.source import Node, parse, plain
from infer.errors import SpecError
from infer.urls import shown

MAX_CHAIN: Final = 64
"""References that lead to references; a longer chain is taken for a circle."""


class Place(msgspec.Struct, frozen=True, order=True):
    """A spot in a document."""

    file: str
    line: int
    column: int
    pointer: str
    """JSON pointer from the root of the file."""

    def __str__(self) -> str:
        """`contract.yml:12:3`."""
        return f"{self.file}:{self.line}:{self.column}"


class Document(msgspec.Struct, frozen=True):
    """A file that was read."""

    name: str
    """As it is to be shown, and from which relative references start: a path, a URL or `REF:path`."""
    root: Node


class Documents:
    """The document that was asked for and those that it refers to, each read once.

    `read` gives the text behind a name; `join` the name that a reference in a document stands for.
    """

    def __init__(
        self, read: Callable[[str], str], join: Callable[[str, str], str] = urljoin, *, allow_remote: bool = False
    ) -> None:
        self._read = read
        self._join = join
        self._allow_remote = allow_remote
        self._documents: dict[str, Document] = {}
        self.names: list[str] = []
        """Of all that were asked for, those that cannot be read too."""

    def root(self, name: str) -> Cursor:
        """The top of a document. Errors: `SpecError`."""
        document = self._documents.get(name)
        if document is None:
            self.names.append(name)
            document = self._documents[name] = Document(name, parse(self._read(name), name))
        return Cursor(self, document, "", document.root)

    def target(self, cursor: Cursor, reference: str) -> Cursor:
        """What a reference at the cursor points to; this may be a reference again. Errors: `SpecError`."""
        file, _, fragment = reference.partition("#")
        quoted = repr(shown(reference)[:200])
        root = Cursor(self, cursor.document, "", cursor.document.root)
        if file:
            remote = urlsplit(file).scheme in {"http", "https"}
            name = self._join(cursor.document.name, file if remote else unquote(file))
            if (remote or urlsplit(name).scheme in {"http", "https"}) and not self._allow_remote:
                cursor.refuse(f"remote reference {quoted}", "allow it with --allow-remote, or copy it here")
            try:
                root = self.root(name)
            except SpecError as error:
                if error.location != name:
                    raise
                cursor.refuse(f"{quoted} cannot be read: {error.message}", error.hint)
        if fragment and not fragment.startswith("/"):
            cursor.refuse(f"reference to the anchor {fragment[:80]!r}", "refer by JSON pointer: #/components/...")
        at = root
        for key in keys_of(unquote(fragment)):
            child = at.child(key)
            if child is None:
                near = difflib.get_close_matches(key, [name for name, _ in at.items()], 1)
                hint = f"did you mean {near[0]!r}?" if near else "is the name written as where it is defined?"
                cursor.refuse(f"nothing stands at {quoted}", hint)
            at = child
        return at


class Cursor(msgspec.Struct, frozen=True):
    """A node where it stands."""

    documents: Documents
    document: Document
    pointer: str
    node: Node

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.document.name, self.node.mark.line, self.node.mark.column, self.pointer)

    @property
    def value(self) -> Any:
        """Its builtin data."""
        return plain(self.node)

    def child(self, key: str | int) -> Cursor | None:
        """The entry of that key or index, itself perhaps a reference; None where there is none."""
        value = self.node.value
        found: Node | None = None
        if isinstance(value, dict):
            found = value.get(str(key))
        elif isinstance(value, list) and str(key).isdecimal() and int(key) < len(value):
            found = value[int(key)]
        if found is None:
            return None
        return Cursor(self.documents, self.document, f"{self.pointer}/{escape(str(key))}", found)

    def get(self, key: str | int) -> Cursor | None:
        """The entry of that key with references followed; None where there is none."""
        child = self.child(key)
        return None if child is None else child.resolved()

    def items(self) -> Iterator[tuple[str, Cursor]]:
        """The entries of a mapping or a sequence, not resolved; nothing for a scalar."""
        value = self.node.value
        keys: Iterator[str] = iter(())
        if isinstance(value, dict):
            keys = iter(value)
        elif isinstance(value, list):
            keys = map(str, range(len(value)))
        for key in keys:
            child = self.child(key)
            if child is not None:
                yield key, child

    def text(self, key: str) -> str | None:
        """The string at that key; None where there is none, or something else."""
        child = self.get(key)
        return child.node.value if child is not None and isinstance(child.node.value, str) else None

    @property
    def reference(self) -> str | None:
        """What it refers to, where it is a reference."""
        value = self.node.value
        if isinstance(value, dict) and "$ref" in value and isinstance(value["$ref"].value, str):
            return value["$ref"].value
        return None

    def resolved(self) -> Cursor:
        """What stands at the end of its references. Errors: `SpecError` where they lead nowhere, or in a circle."""
        at = self
        for _ in range(MAX_CHAIN):
            reference = at.reference
            if reference is None:
                return at
            at = self.documents.target(at, reference)
        return self.refuse("a circle of references", "one of them must stand for something")

    def mapping(self, what: str) -> Cursor:
        """Itself, if it is a mapping. Errors: `SpecError` saying what was expected."""
        if not isinstance(self.node.value, dict):
            self.refuse(f"{what} must be an object")
        return self

    def refuse(self, message: str, hint: str | None = None) -> NoReturn:
        """Raise a `SpecError` that names this place."""
        raise SpecError(message, str(self.place), hint)
