"""Text to a tree that knows its places: JSON, and YAML by the core rules of version 1.2.

PyYAML follows YAML 1.1: it reads the keys `on` and `no` as booleans and lets the last of two equal keys win. Events
are called `on` and `no`, and a key that stands twice is a mistake; so keys are taken as they are written, scalars are
resolved by section 10.3 of YAML 1.2.2, and a duplicate key is refused. Merge keys (`<<`) are YAML 1.1's alone, but AsyncAPI's
own parser takes them. Each node keeps the place where it stands, one that was merged that where it was written.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # typeshed leaves it out
from typing import Any, Final, NoReturn, TypeAlias

import msgspec
import yaml

from infer.errors import SpecError

MAX_DEPTH: Final = 200
"""Levels of nesting; the deepest real document that was met has 31."""
MAX_NODES: Final = 2_000_000
"""Nodes after aliases are expanded: a few hundred bytes of YAML can stand for billions."""


class Mark(msgspec.Struct, frozen=True):
    """Line and column, each counted from 1."""

    line: int
    column: int


class Node(msgspec.Struct, eq=False):
    """A mapping (by key), a sequence or a scalar, and where it begins; of a mapping's entry, where its key does."""

    value: dict[str, Node] | list[Node] | str | float | bool | None
    mark: Mark
    size: int = 1
    """Nodes in it, itself included, with aliases expanded."""


Content: TypeAlias = dict[str, Node] | list[Node]


def parse(text: str, name: str) -> Node:
    """The tree of a document. Errors: `SpecError` with `name:line:column`.

    What begins like a JSON object is read as JSON first, since YAML refuses some JSON (tabs, escaped surrogate pairs).
    """
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith("{"):
        try:
            return _Json(text, name).document()
        except _NotJsonError as error:
            if name.endswith(".json"):
                raise SpecError(error.message, name + f":{error.mark.line}:{error.mark.column}") from None
    return _yaml(text, name)


def plain(node: Node) -> Any:
    """The builtin data that a node stands for."""
    value = node.value
    if isinstance(value, dict):
        return {key: plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [plain(child) for child in value]
    return value


class _CoreLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # C where it was built in
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (PyYAML's own way to say it)


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
):
    _CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"), _first)


def _yaml(text: str, name: str) -> Node:
    try:
        root = yaml.compose(text, Loader=_CoreLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = name if mark is None else f"{name}:{mark.line + 1}:{mark.column + 1}"
        raise SpecError(f"no valid YAML: {error.problem or error.context}", place) from None
    except (yaml.YAMLError, ValueError) as error:
        reason = getattr(error, "reason", None) or "it cannot be read"
        raise SpecError(f"no valid YAML: {reason}", name) from None
    if root is None:
        raise SpecError("the document is empty", name)
    return _Converter(name).node(root, _mark(root), 0)


class _Converter:
    """PyYAML's nodes to ours. An alias gives the same node again."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._done: dict[int, Node] = {}
        self._open: set[int] = set()

    def node(self, node: yaml.Node, mark: Mark, depth: int) -> Node:
        known = self._done.get(id(node))
        if known is not None:
            return Node(known.value, mark, known.size)
        if id(node) in self._open:
            self._refuse("an alias stands inside its own anchor", mark)
        if depth > MAX_DEPTH:
            self._refuse(f"nested deeper than {MAX_DEPTH} levels", mark)
        self._open.add(id(node))
        made = self._made(node, mark, depth)
        self._open.discard(id(node))
        self._done[id(node)] = made
        return made

    def _made(self, node: yaml.Node, mark: Mark, depth: int) -> Node:
        if isinstance(node, yaml.ScalarNode):
            return Node(self._scalar(node, mark), mark)
        size = 1
        content: Content
        if isinstance(node, yaml.SequenceNode):
            content = [self.node(child, _mark(child), depth + 1) for child in node.value]
            size += sum(child.size for child in content)
        else:
            content = {}
            merged: dict[str, Node] | None = None
            for key, child in node.value:
                place = _mark(key)
                if not isinstance(key, yaml.ScalarNode):
                    self._refuse("a key must be a plain scalar", place)
                merges = key.value == "<<" and not key.style
                if key.value in content or (merges and merged is not None):
                    self._refuse(f"duplicate key {key.value[:80]!r}", place, "keep one of the two")
                made = self.node(child, place, depth + 1)
                size += made.size
                if merges:
                    merged = self._merged(made)
                else:
                    content[key.value] = made
            content = (merged or {}) | content
        if size > MAX_NODES:
            self._refuse(f"more than {MAX_NODES:,} nodes once its aliases are expanded", mark)
        return Node(content, mark, size)

    def _merged(self, node: Node) -> dict[str, Node]:
        """The entries that a merge key stands for; of several mappings the first that has a key counts."""
        merged: dict[str, Node] = {}
        for each in node.value if isinstance(node.value, list) else [node]:
            if not isinstance(each.value, dict):
                self._refuse("a merge key (<<) must stand for a mapping, or a list of them", node.mark)
            merged = each.value | merged
        return merged

    def _scalar(self, node: yaml.ScalarNode, mark: Mark) -> str | float | bool | None:
        kind = node.tag.rpartition(":")[2]
        text = node.value
        try:
            if kind == "null":
                return None
            if kind == "bool":
                return bool(text.lower() == "true")
            if kind == "int":
                return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
            if kind == "float":
                return float(re.sub(r"\.(inf|nan)", r"\1", text.lower()))
        except ValueError:
            self._refuse(f"no valid {kind}", mark)
        if kind not in {"str", "timestamp"} and node.tag.startswith(("tag:", "!")):
            self._refuse(f"unknown tag {node.tag[:80]}", mark)
        return str(text)

    def _refuse(self, message: str, mark: Mark, hint: str | None = None) -> NoReturn:
        raise SpecError(message, f"{self._name}:{mark.line}:{mark.column}", hint)


def _mark(node: yaml.Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)


class _NotJsonError(Exception):
    def __init__(self, message: str, mark: Mark) -> None:
        self.message = message
        self.mark = mark


_SPACE: Final = re.compile(r"[ \t\r\n]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


class _Json:
    """A reader of JSON (RFC 8259) that keeps places; `json` has the pieces, but tells no place."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]

    def document(self) -> Node:
        node, end = self._value(self._skip(0), 0, None)
        if self._skip(end) != len(self._text):
            self._fail("something follows the document", self._skip(end))
        return node

    def _value(self, at: int, depth: int, key_at: int | None) -> tuple[Node, int]:
        text = self._text
        mark = self._mark(at if key_at is None else key_at)
        if depth > MAX_DEPTH:
            raise SpecError(f"nested deeper than {MAX_DEPTH} levels", f"{self._name}:{mark.line}:{mark.column}")
        first = text[at : at + 1]
        if first == "{":
            return self._object(at, depth, mark)
        if first == "[":
            return self._array(at, depth, mark)
        if first == '"':
            value, end = self._string(at)
            return Node(value, mark), end
        number = _NUMBER.match(text, at)
        if number:
            integral = number[1] is None and number[2] is None and len(number[0]) <= 4_000
            return Node(int(number[0]) if integral else float(number[0]), mark), number.end()
        for word, constant in _WORDS.items():
            if text.startswith(word, at):
                return Node(constant, mark), at + len(word)
        return self._fail("no valid JSON: a value is expected", at)

    def _object(self, at: int, depth: int, mark: Mark) -> tuple[Node, int]:
        content: dict[str, Node] = {}
        size = 1
        at = self._skip(at + 1)
        while self._text[at : at + 1] != "}":
            if content:
                at = self._skip(self._expect(",", at))
            key_at = at
            if self._text[at : at + 1] != '"':
                self._fail("no valid JSON: a key in double quotes is expected", at)
            key, at = self._string(at)
            if key in content:
                place = self._mark(key_at)
                raise SpecError(
                    f"duplicate key {key[:80]!r}", f"{self._name}:{place.line}:{place.column}", "keep one of the two"
                )
            at = self._skip(self._expect(":", self._skip(at)))
            content[key], at = self._value(at, depth + 1, key_at)
            size += content[key].size
            at = self._skip(at)
        return Node(content, mark, size), at + 1

    def _array(self, at: int, depth: int, mark: Mark) -> tuple[Node, int]:
        content: list[Node] = []
        size = 1
        at = self._skip(at + 1)
        while self._text[at : at + 1] != "]":
            if content:
                at = self._skip(self._expect(",", at))
            child, at = self._value(at, depth + 1, None)
            content.append(child)
            size += child.size
            at = self._skip(at)
        return Node(content, mark, size), at + 1

    def _string(self, at: int) -> tuple[str, int]:
        try:
            text, end = scanstring(self._text, at + 1, True)  # noqa: FBT003 (its signature)
        except JSONDecodeError as error:
            return self._fail(f"no valid JSON: {error.msg}", error.pos)
        return str(text), int(end)

    def _expect(self, mark: str, at: int) -> int:
        if not self._text.startswith(mark, at):
            self._fail(f"no valid JSON: {mark!r} is expected", at)
        return at + 1

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return at if found is None else found.end()

    def _mark(self, at: int) -> Mark:
        line = bisect_right(self._lines, at)
        return Mark(line, at - self._lines[line - 1] + 1)

    def _fail(self, message: str, at: int) -> NoReturn:
        raise _NotJsonError(message, self._mark(at))
