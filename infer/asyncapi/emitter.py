"""How PyYAML's emitter writes a scalar. It is asked only where `infer.asyncapi.text` does not know: its import takes a tenth of a start."""

from __future__ import annotations

from io import StringIO
from typing import Any, Final

import yaml

from infer.asyncapi.text import AMBIGUOUS, UNSEEN

_TEXT: Final = "tag:yaml.org,2002:str"


class Emitter(yaml.SafeDumper):
    """Scalars in block style. Errors: `RepresenterError` of what is no plain data."""

    def __init__(self, width: int) -> None:
        super().__init__(StringIO(), allow_unicode=True, width=width)
        self.tag_prefixes = self.DEFAULT_TAG_PREFIXES

    def key(self, key: Any) -> str | None:
        """A key as it stands before its colon; None where it needs a line of its own."""
        self._ask_of(key)
        return self._written(0, 0) if self.check_simple_key() else None

    def scalar(self, data: Any, column: int, indent: int) -> str:
        """A scalar at that column, with what its further lines are indented by, if there are any."""
        self._ask_of(data)
        return self._written(column, indent)

    def _written(self, column: int, indent: int) -> str:
        self.stream = StringIO()
        self.column, self.indent, self.whitespace = column, indent, True
        self.process_scalar()
        return self.stream.getvalue()

    def _ask_of(self, data: Any) -> None:
        """Have the emitter be at that scalar."""
        node = represent_text(self, data) if type(data) is str else self.represent_data(data)
        if not isinstance(node, yaml.ScalarNode):
            raise yaml.representer.RepresenterError("no plain data", node)
        plain, quoted = (node.tag == self.resolve(yaml.ScalarNode, node.value, how) for how in ((True, False), (False, True)))  # type: ignore[no-untyped-call]
        self.event = yaml.ScalarEvent(None, node.tag, (plain, quoted), node.value, style=node.style)
        self.analysis = self.prepared_tag = None


def represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """A string that reads the same everywhere."""
    style = '"' if UNSEEN.search(text) else "'" if AMBIGUOUS.fullmatch(text) else None
    return dumper.represent_scalar(_TEXT, text, style=style)
