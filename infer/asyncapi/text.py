"""Documents to text that reads the same in YAML 1.1 and 1.2, and to JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from infer.asyncapi.emitter import Emitter

AMBIGUOUS: Final = re.compile(
    r"~|null|true|false|yes|no|on|off|y|n|<<|=|[-+]?(?:\.inf|0b[01_]+|0x[0-9a-f_]+)|0o[0-7]+|\.nan"
    r"|[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:e[-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:(?:t|[ \t]+)[0-9][0-9]?:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:z|[-+][0-9][0-9]?(?::[0-9]{2})?))?)?",
    re.IGNORECASE,
)
"""Strings that some reader of YAML 1.1 or 1.2, strict or not, takes for anything else (https://yaml.org/type/): they are quoted."""

UNSEEN: Final = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)
"""What acts rather than shows (Unicode's categories Cc, Cf, Zl, Zp, but for the joiner of emoji), and may stand bare in
JSON or YAML. It commands terminals, turns the direction of writing, or breaks lines in YAML 1.1 and not in 1.2: it is
written as its escape, which reads the same everywhere."""

_MARKED: Final = re.compile(r"[#,\[\]{}&*!|>'\"%@` ]|[-?:](?: |\Z)|---|\.\.\.|.*(?: #|:(?: |\Z)| \Z)")
"""What has a meaning in YAML outside quotes, by its begin, within, or by its end."""
_SHORT_KEY: Final = 100
"""Characters of a key that stands on the line of its value: some more are allowed, which PyYAML counts."""
_SHORT: Final = 256
"""Characters of a text that is written alike wherever it stands."""
_WIDTH: Final = 4_096
"""Columns beyond which a text is broken."""


class _Writer:
    """Block style, lists indented below their key, no anchors. Errors: `RepresenterError` where the data are not plain.

    How a scalar is written is PyYAML's matter, but for what most of a document is: short texts on one line, small words for
    values. Those are written alike by its emitter, which is as slow as its import.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._keys: dict[str, str | None] = {}
        self._scalars: dict[str, str] = {}
        self._made: Emitter | None = None

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
            return self._emitter.key(key)
        if key not in self._keys:
            self._keys[key] = _simple(key) if 0 < len(key) < _SHORT_KEY and key.isprintable() else self._emitter.key(key)
        return self._keys[key]

    def _scalar(self, data: Any, column: int, indent: int) -> str:
        """A scalar at that column, with what its further lines are indented by, if there are any."""
        kind = type(data)
        if kind is str and len(data) < _SHORT and data.isprintable():
            written = self._scalars.get(data)
            if written is None:
                written = self._scalars[data] = _simple(data)
            return written
        if kind is int:
            return str(data)
        if kind is bool or data is None:
            return _NAMES[data]
        return self._emitter.scalar(data, column, indent)

    @property
    def _emitter(self) -> Emitter:
        if self._made is None:
            from infer.asyncapi.emitter import Emitter  # noqa: PLC0415 (imports PyYAML)

            self._made = Emitter(_WIDTH)
        return self._made


def _simple(text: str) -> str:
    """A short text without line ends or anything unseen."""
    if text and not _MARKED.match(text) and not AMBIGUOUS.fullmatch(text):
        return text
    return "'" + text.replace("'", "''") + "'"


_BLOCKS: Final[dict[type, str]] = {dict: "{}", list: "[]", tuple: "[]"}
"""What is written over several lines, and how where there is nothing in it."""
_NAMES: Final = {True: "true", False: "false", None: "null"}


def dump(document: dict[str, Any], form: Literal["yaml", "json"] = "yaml") -> str:
    """The document as text, which ends with a line feed. Keys keep their order; the same document gives the same text."""
    if form == "json":
        return escaped(json.dumps(document, indent=2, ensure_ascii=False), "json") + "\n"
    return escaped(_Writer().text(document)) if document else "{}\n"


def escaped(text: str, form: Literal["yaml", "json"] = "yaml") -> str:
    """The text of a document with what acts rather than shows as escapes: inside double quotes, where this module puts it."""
    return UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1] if form == "json" else _escape(found[0]), text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
