"""Documents in YAML's block style: what PyYAML writes for them (`infer.asyncapi.dumper`), at a tenth of its cost.

Most of a document are keys and short texts that can be seen to stand bare, or to need quotes. Those are written here, by
the rules by which PyYAML's emitter analyses a scalar; each other scalar is put to PyYAML itself, once.

The law: the text is PyYAML's, to the byte. A document that holds anything but plain data, or texts of several lines, is
PyYAML's to write.
"""

from __future__ import annotations

import re
from typing import Any, Final

_INDENT: Final = "  "
_LONGEST: Final = 1_000
"""Characters of a text that PyYAML folds nowhere; `_LONGEST_KEY` those of a key that it writes on one line with its value."""
_LONGEST_KEY: Final = 100
_BARE: Final = re.compile(
    r"[A-Za-z_/$(;^\\](?:[!-9;-~\xa1-\xac\xae-\u05ff\u2190-\u21ff]|:(?! |\Z)| (?!#|\Z))*|[0-9]+\.[0-9]+\.[0-9](?:[0-9A-Za-z._/-]|:(?!\Z))*"
)
"""Beside ASCII some letters and arrows."""
_QUOTED: Final = re.compile(r"[#,\[\]{}&*!|>'\"%@`][ -~]*|[ -~]*(?:: | #)[ -~]*|0|[1-9][0-9]*")
_WORDS: Final = frozenset({"y", "n", "yes", "no", "true", "false", "on", "off", "null"})
"""Texts that are read as something else, also in capitals or with one; otherwise it depends on the reader."""
_DECIMAL: Final = re.compile(r"-?[0-9]+\.[0-9]+")


class _Odd(Exception):
    """Something is not written here."""


def dump(document: dict[str, Any]) -> str:
    """The document as text, which ends with a line feed."""
    try:
        return _Writer().text_of(document)
    except _Odd:
        from infer.asyncapi import dumper  # noqa: PLC0415 (most documents need no PyYAML)

        return dumper.dump(document)


class _Writer:
    """Writes one document, and remembers texts that come again."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._texts: dict[str, str] = {}
        self._keys: dict[str, str] = {}

    def text_of(self, document: dict[str, Any]) -> str:
        """The whole of it."""
        if not document:
            raise _Odd
        self._mapping(document, "", "")
        return "".join(self._out)

    def _mapping(self, data: dict[str, Any], first: str, indent: str) -> None:
        """A mapping that is not empty, `first` standing before its first line and `indent` before the others."""
        out, before = self._out, first
        for key, value in data.items():
            if type(key) is not str or len(key) > _LONGEST_KEY:
                raise _Odd
            out += before, self._key(key), ":"
            if type(value) is dict and value:
                out.append("\n")
                self._mapping(value, indent + _INDENT, indent + _INDENT)
            elif type(value) is list and value:
                out.append("\n")
                self._sequence(value, indent + _INDENT, indent + _INDENT)
            else:
                out += " ", self._scalar(value), "\n"
            before = indent

    def _sequence(self, data: list[Any], first: str, indent: str) -> None:
        """The same of a sequence."""
        out, before = self._out, first
        for item in data:
            if type(item) is dict and item:
                self._mapping(item, before + "- ", indent + _INDENT)
            elif type(item) is list and item:
                self._sequence(item, before + "- ", indent + _INDENT)
            else:
                out += before, "- ", self._scalar(item), "\n"
            before = indent

    def _scalar(self, value: Any) -> str:
        kind = type(value)
        if kind is str:
            return self._text(value)
        if kind is bool:
            return "true" if value else "false"
        if kind is int:
            return str(value)
        if value is None:
            return "null"
        if kind is float and _DECIMAL.fullmatch(found := repr(value)):
            return found
        if kind is dict or kind is list:
            return "{}" if kind is dict else "[]"
        if kind is float:
            return _asked(value, "\n...\n", "\n")
        raise _Odd

    def _text(self, text: str) -> str:
        known = self._texts.get(text)
        if known is None:
            known = self._texts[text] = _seen_through(text) or _asked(text, "\n...\n", "\n")
        return known

    def _key(self, text: str) -> str:
        known = self._keys.get(text)
        if known is None:
            known = self._keys[text] = _seen_through(text) or _asked({text: None}, ": null\n")
        return known


def _seen_through(text: str) -> str | None:
    """How a text is written that is known by its looks."""
    if len(text) > _LONGEST:
        raise _Odd
    if _BARE.fullmatch(text):
        lower = text.lower()
        if lower not in _WORDS:
            return text
        return f"'{text}'" if text in (lower, lower.capitalize(), lower.upper()) else None
    if _QUOTED.fullmatch(text):
        return "'" + text.replace("'", "''") + "'"
    return None


def _asked(data: Any, *ends: str) -> str:
    """What PyYAML writes, without the first of those ends that it has. Errors: `_Odd` for more than one line."""
    from infer.asyncapi import dumper  # noqa: PLC0415 (as above)

    text = dumper.dump(data)
    written = text.removesuffix(next((end for end in ends if text.endswith(end)), ""))
    if "\n" in written:
        raise _Odd
    return written
