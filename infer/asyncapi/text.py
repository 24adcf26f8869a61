"""Documents to text that reads the same in YAML 1.1 and 1.2, and to JSON."""

from __future__ import annotations

import json
import re
from typing import Any, Final, Literal

import yaml

_AMBIGUOUS: Final = re.compile(r"[-+]?\d+(?:\.\d*)?[eE][-+]?\d+|[-+]?\.\d+(?:[eE][-+]?\d+)?|0o[0-7]+|[yn]", re.IGNORECASE)
"""Strings that YAML 1.2, or a strict reader of 1.1, takes for a number or a boolean and PyYAML's resolver does not."""

_LINE_BREAKS: Final = re.compile("[\x85\u2028\u2029]")
"""Line breaks of YAML 1.1 that are none in 1.2: only an escape reads the same in both."""


class _Dumper(yaml.SafeDumper):
    """Block style, no anchors, ambiguous strings in quotes."""

    def ignore_aliases(self, data: Any) -> bool:
        """An anchor would tell that two places hold one object of this program."""
        del data
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 (PyYAML's own)
        """Indent lists below their key, as people write them."""
        del indentless
        super().increase_indent(flow, indentless=False)


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _LINE_BREAKS.search(text) else "'" if _AMBIGUOUS.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _string)


def dump(document: dict[str, Any], form: Literal["yaml", "json"] = "yaml") -> str:
    """The document as text, which ends with a line feed. Keys keep their order; the same document gives the same text."""
    if form == "json":
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=4_096)
