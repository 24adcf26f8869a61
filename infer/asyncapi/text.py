"""Documents to text that reads the same in YAML 1.1 and 1.2, and to JSON."""

from __future__ import annotations

import json
import re
from typing import Any, Final, Literal

UNSEEN: Final = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)
"""What acts rather than shows (Unicode's categories Cc, Cf, Zl, Zp, but for the joiner of emoji), and may stand bare in
JSON or YAML. It commands terminals, turns the direction of writing, or breaks lines in YAML 1.1 and not in 1.2: it is
written as its escape, which reads the same everywhere."""


def dump(document: dict[str, Any], form: Literal["yaml", "json"] = "yaml") -> str:
    """The document as text, which ends with a line feed. Keys keep their order; the same document gives the same text."""
    if form == "json":
        return escaped(json.dumps(document, indent=2, ensure_ascii=False), "json") + "\n"
    from infer.asyncapi import block  # noqa: PLC0415 (either form alone)

    return escaped(block.dump(document))


def escaped(text: str, form: Literal["yaml", "json"] = "yaml") -> str:
    """The text of a document with what acts rather than shows as escapes: inside double quotes, where this module puts it."""
    return UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1] if form == "json" else _escape(found[0]), text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
