"""Documents to text that reads the same in YAML 1.1 and 1.2, and to JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any, Final, Literal

import yaml

_AMBIGUOUS: Final = re.compile(r"[-+]?\d+(?:\.\d*)?[eE][-+]?\d+|[-+]?\.\d+(?:[eE][-+]?\d+)?|0o[0-7]+|[yn]", re.IGNORECASE)
"""Strings that YAML 1.2, or a strict reader of 1.1, takes for a number or a boolean and PyYAML's resolver does not."""

_UNSEEN: Final = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)
"""What acts rather than shows (Unicode's categories Cc, Cf, Zl, Zp, but for the joiner of emoji), and may stand bare in
JSON or YAML. It commands terminals, turns the direction of writing, or breaks lines in YAML 1.1 and not in 1.2: it is
written as its escape, which reads the same everywhere."""


_WORDS: Final = re.compile(r"[A-Za-z/](?:[A-Za-z0-9_./()$ -]*[A-Za-z0-9_/.)])?")
"""Without anything that has a meaning in YAML, be it at its begin or its end."""
_SHORT_KEY: Final = 100
"""Characters of a key that stands on the line of its value: some more are allowed, which PyYAML counts."""
_WIDTH: Final = 4_096
"""Columns beyond which a text is broken."""
_SHORT: Final = 256
"""Characters of a text that is written alike wherever it stands."""


class _Writer(yaml.SafeDumper):
    """Block style, lists indented below their key, no anchors. Errors: `RepresenterError` where the data are not plain.

    How a scalar is written is PyYAML's matter, which is asked once where the place makes no difference: most of a document are
    the same few hundred keys and words. Around scalars stands what takes its emitter most of its time: line ends,
    indentation, `key:` and `- `.
    """

    def __init__(self) -> None:
        super().__init__(StringIO(), allow_unicode=True, width=_WIDTH)
        self.tag_prefixes = self.DEFAULT_TAG_PREFIXES
        self._parts: list[str] = []
        self._keys: dict[str, str | None] = {}
        self._scalars: dict[tuple[type, Any], str] = {}

    def text(self, document: Mapping[Any, Any]) -> str:
        """The document, which must hold something."""
        self._block(document, "", "")
        return "".join(self._parts)

    def _block(self, data: Mapping[Any, Any] | Sequence[Any], before: str, indent: str) -> None:
        """Write a mapping or a list that is not empty, its first line behind that text, the others behind the indentation."""
        if not isinstance(data, Mapping):
            for item in data:
                self._value(item, f"{before}-", indent)
                before = indent
            return
        for key, value in data.items():
            name = self._key(key)
            if name is not None:
                self._value(value, f"{before}{name}:", indent, below=True)
            else:
                self._value(key, f"{before}?", indent)
                self._value(value, f"{indent}:", indent)
            before = indent

    def _value(self, data: Any, before: str, indent: str, *, below: bool = False) -> None:
        """Write what stands behind that text, in a block with that indentation; what is a block itself may begin `below`."""
        kind = type(data)
        inner = f"{indent}  "
        if kind not in _BLOCKS:
            self._parts.append(f"{before} {self._scalar(data, len(before) + 1, len(inner))}\n")
        elif not data:
            self._parts.append(f"{before} {_BLOCKS[kind]}\n")
        elif below:
            self._parts.append(f"{before}\n")
            self._block(data, inner, inner)
        else:
            self._block(data, f"{before} ", inner)

    def _key(self, key: Any) -> str | None:
        """A key as it stands before its colon; None where it needs a line of its own."""
        if type(key) is not str:
            return self._asked_key(key)
        if key not in self._keys:
            self._keys[key] = key if len(key) < _SHORT_KEY and self._is_plain(key) else self._asked_key(key)
        return self._keys[key]

    def _asked_key(self, key: Any) -> str | None:
        self._ask_of(key)
        return self._written(0, 0) if self.check_simple_key() else None

    def _scalar(self, data: Any, column: int, indent: int) -> str:
        """A scalar at that column, with what its further lines are indented by, if there are any."""
        kind = type(data)
        if kind not in _SIMPLE and not (kind is str and len(data) < _SHORT and data.isprintable()):
            return self._asked(data, column, indent)
        written = self._scalars.get((kind, data))
        if written is None:
            written = data if kind is str and self._is_plain(data) else self._asked(data, column, indent)
            self._scalars[kind, data] = written
        return written

    def _asked(self, data: Any, column: int, indent: int) -> str:
        self._ask_of(data)
        return self._written(column, indent)

    def _is_plain(self, text: str) -> bool:
        """Whether these are but words, which nobody takes for anything else: they are written as they are, by any emitter."""
        return _WORDS.fullmatch(text) is not None and not _AMBIGUOUS.fullmatch(text) and self.resolve(yaml.ScalarNode, text, (True, False)) == _TEXT  # type: ignore[no-untyped-call]

    def _written(self, column: int, indent: int) -> str:
        """What is asked of, as it is written there."""
        self.stream = StringIO()
        self.column, self.indent, self.whitespace = column, indent, True
        self.process_scalar()
        return self.stream.getvalue()

    def _ask_of(self, data: Any) -> None:
        """Have PyYAML's emitter be at that scalar."""
        node = _string(self, data) if type(data) is str else self.represent_data(data)
        if not isinstance(node, yaml.ScalarNode):
            raise yaml.representer.RepresenterError("no plain data", node)
        plain, quoted = (node.tag == self.resolve(yaml.ScalarNode, node.value, how) for how in ((True, False), (False, True)))  # type: ignore[no-untyped-call]
        self.event = yaml.ScalarEvent(None, node.tag, (plain, quoted), node.value, style=node.style)
        self.analysis = self.prepared_tag = None


_BLOCKS: Final[dict[type, str]] = {dict: "{}", list: "[]", tuple: "[]"}
"""What is written over several lines, and how where there is nothing in it."""
_TEXT: Final = "tag:yaml.org,2002:str"
_SIMPLE: Final = frozenset({int, bool, type(None)})
"""Scalars that are written alike wherever they stand, and equal only to what is written alike."""


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _UNSEEN.search(text) else "'" if _AMBIGUOUS.fullmatch(text) else None
    return dumper.represent_scalar(_TEXT, text, style=style)


def dump(document: dict[str, Any], form: Literal["yaml", "json"] = "yaml") -> str:
    """The document as text, which ends with a line feed. Keys keep their order; the same document gives the same text."""
    if form == "json":
        return escaped(json.dumps(document, indent=2, ensure_ascii=False), "json") + "\n"
    return escaped(_Writer().text(document)) if document else "{}\n"


def escaped(text: str, form: Literal["yaml", "json"] = "yaml") -> str:
    """The text of a document with what acts rather than shows as escapes: inside double quotes, where this module puts it."""
    return _UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1] if form == "json" else _escape(found[0]), text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
