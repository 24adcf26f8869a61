"""PyYAML's writer, told what is ambiguous: any plain data, at some ten microseconds a scalar."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from infer.asyncapi.text import UNSEEN

_AMBIGUOUS: Final = re.compile(r"[-+]?\d+(?:\.\d*)?[eE][-+]?\d+|[-+]?\.\d+(?:[eE][-+]?\d+)?|0o[0-7]+|[yn]", re.IGNORECASE)
"""Strings that YAML 1.2, or a strict reader of 1.1, takes for a number or a boolean and PyYAML's resolver does not."""


def dump(data: Any) -> str:
    """The data as YAML in block style; keys keep their order."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=4_096)


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
    style = '"' if UNSEEN.search(text) else "'" if _AMBIGUOUS.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _string)
