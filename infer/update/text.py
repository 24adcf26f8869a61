"""A document's text, changed where its data changes.

ruamel.yaml reads YAML with its comments, anchors, quotes and order and writes it again, though in a layout of its own. So
the text is written twice, before the change and after it, and what differs between the two is merged into the text as
the person left it.
"""

from __future__ import annotations

import io
import json
import re
from itertools import pairwise
from typing import Any, Final, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.resolver import VersionedResolver

from infer.asyncapi.source import parse, plain
from infer.asyncapi.text import escaped
from infer.errors import SpecError
from infer.update.merge import merged
from infer.update.tree import MergeKeyError, Null, sync

_WIDE: Final = 1 << 20
"""Columns: a line is broken where the person broke it, nowhere else."""
_OPENING: Final = re.compile(r"(?P<indent> *)[^\s#-][^#]*:\s*(#.*)?")
"""A line after which a block begins."""


def revised(text: str, name: str, old: Any, new: Any) -> str:
    """The text of the document `name`, whose data is `old`, with the data `new`.

    Where an anchor's content changes, it changes for all aliases. Errors: `SpecError` for YAML that ruamel.yaml refuses, and where
    a mapping would change that has entries by a merge key.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(mark)
    ending = "\r\n" if text.count("\r\n") == text.count("\n") > 0 else "\n"
    own = text.split(ending)
    try:
        form: Literal["yaml", "json"] = "json" if _is_json(text) else "yaml"
        before, after = (_json_texts if form == "json" else _yaml_texts)(text.replace("\r\n", "\n"), old, new)
    except (YAMLError, MergeKeyError) as error:
        reason = str(error) if isinstance(error, MergeKeyError) else getattr(error, "problem", None)
        reason = reason or "it cannot be read with its comments"
        raise SpecError(f"cannot be written back: {reason}", name, "change it by hand: sio-infer diff says what") from None
    known = set(own)
    lines = [line if line in known else escaped(line, form) for line in merged(own, before.split("\n"), after.split("\n"))]
    result = ending.join(lines)
    if _data(result) != _data(after):  # lines that fit nowhere: the layout is given up, not the data
        result = after.replace("\n", ending)
    return mark + result


def _data(text: str) -> Any:
    """What a text says; None where it says nothing that can be read."""
    try:
        return plain(parse(text, ""))
    except SpecError:
        return None


class _CoreResolver(VersionedResolver):
    """Takes plain scalars for what YAML 1.2 does: a date is a text, and stays as it was written."""

    def add_version_implicit_resolver(self, version: Any, tag: str, regexp: Any, first: Any) -> None:
        if not tag.endswith((":timestamp", ":value", ":yaml")):
            super().add_version_implicit_resolver(version, tag, regexp, first)


class _Representer(RoundTripRepresenter):
    """Knows what is new."""


def _null(representer: _Representer, _: Null) -> ScalarNode:
    return representer.represent_scalar("tag:yaml.org,2002:null", "null")


_Representer.add_representer(Null, _null)


def _yaml_texts(text: str, old: Any, new: Any) -> tuple[str, str]:
    """The text as ruamel.yaml lays it out, before and after the change."""
    yaml = YAML(typ="rt")
    yaml.Resolver = _CoreResolver
    yaml.Representer = _Representer
    yaml.preserve_quotes = True
    yaml.width = _WIDE
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.explicit_start = text.startswith("---")
    mapping, offset = _indents(text.split("\n"))
    yaml.indent(mapping=mapping, sequence=offset + 2, offset=offset)
    root = yaml.load(text)
    before = io.StringIO()
    yaml.dump(root, before)
    sync(root, old, new)
    after = io.StringIO()
    yaml.dump(root, after)
    return before.getvalue(), after.getvalue()


def _indents(lines: list[str]) -> tuple[int, int]:
    """Columns by which the first mapping in a mapping stands in, and the dash of the first list in one."""
    mapping, offset = None, None
    written = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    for line, following in pairwise(written):
        opening = _OPENING.fullmatch(line)
        if opening is None:
            continue
        deeper = len(following) - len(following.lstrip(" ")) - len(opening["indent"])
        if following.lstrip().startswith("- "):
            offset = deeper if offset is None and deeper >= 0 else offset
        elif deeper > 0 and mapping is None:
            mapping = deeper
    return mapping or 2, offset or 0


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _json_texts(text: str, old: Any, new: Any) -> tuple[str, str]:
    found = re.search(r"\n([ \t]+)\S", text)
    escapes = text.isascii() and "\\u" in text
    compact = None if found else (",", ":") if not re.search(r'":\s', text) else None

    def written(data: Any) -> str:
        return json.dumps(data, indent=found[1] if found else None, ensure_ascii=escapes, separators=compact) + "\n"

    return written(old), written(new)
