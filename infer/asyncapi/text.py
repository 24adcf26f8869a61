"""Documents to text that reads the same in YAML 1.1 and 1.2, and to JSON."""

from __future__ import annotations

import json
import re
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


class _Dumper(yaml.SafeDumper):
    """Block style, no anchors, ambiguous strings in quotes. Errors: `RepresenterError` where the data are not plain.

    Most of a document are the same few hundred keys and words: PyYAML is asked about each once, and the events for its
    emitter are made of the document itself, without nodes between.
    """

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self._analysed: dict[str, Any] = {}
        self._tags: dict[str, str] = {}
        self._strings: dict[str, yaml.ScalarEvent] = {}

    def represent(self, data: Any) -> None:
        """Write a document."""
        self.emit(yaml.DocumentStartEvent(explicit=False))
        self._write(data)
        self.emit(yaml.DocumentEndEvent(explicit=False))

    def emit(self, *events: yaml.Event) -> None:
        """Write events: the start of a collection, where that is empty, together with its end; any other alone."""
        self.events += events
        while self.events:
            self.event = self.events.pop(0)
            self.state()  # type: ignore[misc]  # what it expects next
        self.event = None

    def analyze_scalar(self, scalar: str) -> Any:
        """What styles a text may be written in."""
        found = self._analysed.get(scalar)
        if found is None:
            found = self._analysed[scalar] = super().analyze_scalar(scalar)
        return found

    def prepare_tag(self, tag: str) -> str:
        """How a tag is written."""
        found = self._tags.get(tag)
        if found is None:
            found = self._tags[tag] = super().prepare_tag(tag)
        return found

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 (PyYAML's own)
        """Indent lists below their key, as people write them."""
        del indentless
        super().increase_indent(flow, indentless=False)

    def _write(self, data: Any) -> None:
        kind = type(data)
        if kind is str:
            event = self._strings.get(data)
            if event is None:
                event = self._strings[data] = self._scalar(_string(self, data))
            self.emit(event)
        elif kind is dict:
            if data:
                self.emit(_MAPPING)
                for key, value in data.items():
                    self._write(key)
                    self._write(value)
                self.emit(_MAPPING_END)
            else:
                self.emit(_MAPPING, _MAPPING_END)
        elif kind in (list, tuple):
            if data:
                self.emit(_SEQUENCE)
                for item in data:
                    self._write(item)
                self.emit(_SEQUENCE_END)
            else:
                self.emit(_SEQUENCE, _SEQUENCE_END)
        else:
            self.emit(self._scalar(self.represent_data(data)))

    def _scalar(self, node: yaml.Node) -> yaml.ScalarEvent:
        if not isinstance(node, yaml.ScalarNode):
            raise yaml.representer.RepresenterError("no plain data", node)
        plain, quoted = (node.tag == self.resolve(yaml.ScalarNode, node.value, how) for how in ((True, False), (False, True)))  # type: ignore[no-untyped-call]
        return yaml.ScalarEvent(None, node.tag, (plain, quoted), node.value, style=node.style)


_MAPPING: Final = yaml.MappingStartEvent(None, "tag:yaml.org,2002:map", implicit=True, flow_style=False)
_MAPPING_END: Final = yaml.MappingEndEvent()
_SEQUENCE: Final = yaml.SequenceStartEvent(None, "tag:yaml.org,2002:seq", implicit=True, flow_style=False)
_SEQUENCE_END: Final = yaml.SequenceEndEvent()


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _UNSEEN.search(text) else "'" if _AMBIGUOUS.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def dump(document: dict[str, Any], form: Literal["yaml", "json"] = "yaml") -> str:
    """The document as text, which ends with a line feed. Keys keep their order; the same document gives the same text."""
    if form == "json":
        return escaped(json.dumps(document, indent=2, ensure_ascii=False), "json") + "\n"
    return escaped(yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=4_096))


def escaped(text: str, form: Literal["yaml", "json"] = "yaml") -> str:
    """The text of a document with what acts rather than shows as escapes: inside double quotes, where this module puts it."""
    return _UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1] if form == "json" else _escape(found[0]), text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
