"""Names with data in them: `room:1234:update` is `room:{id}:update`.

An application makes such names by putting an id, a user or a token into a fixed text. What was put in is found by its
form and by standing alone between separators: `step1` and `v2` are names, `step:1` may be either, which is why ids are
taken out only where there are many names of one template (`infer.bounded`). A name that holds what no one may see (an
e-mail address, a token, a telephone or card number) is a template from the first one on.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from infer.chance import is_mixed, is_scattered, is_session_id

LONGEST: Final = 512
"""Characters of a name that are looked at; what follows is one `{text}`: names are written by programmers."""
_MOST: Final = 8 * LONGEST
"""Characters of a name that may be one as a whole. What is longer is data, whatever it looks like: a document would hold it."""
_REST: Final = "{text}"

_EMAIL: Final = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_JWT: Final = r"eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"
_UUID: Final = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_MAC: Final = r"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}"
_IP: Final = r"[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){7}"
_PHONE: Final = r"\+[0-9](?:[ ()/.-]?[0-9]){6,14}"
_CARD: Final = r"[0-9](?:[ -]?[0-9]){12,18}"
_WORD: Final = r"[A-Za-z0-9_=-]{16,}"
_ID: Final = r"[0-9]+|(?=[0-9]*[a-fA-F])(?=[a-fA-F]*[0-9])[0-9a-fA-F]{7,}"
_PART: Final = re.compile(
    rf"(?<![A-Za-z0-9{{+])(?:(?P<email>{_EMAIL})|(?P<token>{_JWT})|(?P<uuid>{_UUID})|(?P<ip>{_IP})|(?P<mac>{_MAC})|(?P<phone>{_PHONE})|(?P<card>{_CARD})"
    rf"|(?P<word>{_WORD})|(?P<id>{_ID}))(?![A-Za-z0-9}}])",
    re.ASCII,
)
_DATA: Final = {
    "id": "[0-9A-Fa-f-]+",
    "ip": _IP,
    "mac": _MAC,
    "email": r"[^\s@]+@[^\s@]+\.[^\s@.]+",
    "phone": r"\+[0-9][0-9 ()/.-]{6,}",
    "card": "[0-9][0-9 -]{12,}",
    "token": "[A-Za-z0-9_=.-]{16,}",
}
"""What stands in place of a placeholder, in the grammar that ECMA 262 and Python share."""
_TEXT: Final = r"[\s\S]+"
_PLACEHOLDER: Final = re.compile(rf"\{{(?:{'|'.join((*_DATA, 'text'))})\}}")
_SECRET: Final = re.compile(r"\{(?:email|token|phone|card|mac|text)\}")
CREDENTIAL: Final = (
    r"(?:(?:sk|pk|rk|ghp|gho|ghs|xox[abprs]|glpat|hf|npm)[_-]|AKIA|ASIA|AIza|ya29)(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{12,}"
)
"""Prefixes by which issuers of credentials mark them; `npm_install_finished` is none, for it has no digit."""
_CREDENTIAL: Final = re.compile(CREDENTIAL + r"\Z")
_UUID_WITHIN: Final = re.compile(rf"(?<![A-Za-z0-9]){_UUID}(?![A-Za-z0-9])")
_HEAD: Final = re.compile(r"(?:[A-Za-z][a-z]+[-_=])*")
_TAIL: Final = re.compile(r"(?:[-_=][A-Za-z][a-z]{2,})*\Z")
"""Words that stand before and behind what is put into a name."""
_HEX_ID: Final = re.compile(r"(?=[a-fA-F]*[0-9])[0-9a-fA-F]{1,31}")
"""Longer ones may be keys or hashes."""
_SHORTEST: Final = 16
"""Characters of a token."""


def template_of(name: str) -> str | None:
    """The template of a name, itself where it is one already; None where there is no data in it."""
    if len(name) <= LONGEST:
        return _template_of(name)
    head = name[:LONGEST]
    if len(name) <= _MOST:
        if name.endswith(_REST):  # it was cut, and may have grown by its placeholders
            head = name.removesuffix(_REST)
        elif not is_mixed(name[LONGEST:]):
            return None
    return (_template_of(head) or head) + _REST


def public(name: str) -> str:
    """The name as it may be known: the template where there is something in it that no one may see."""
    template = template_of(name)
    return template if template is not None and is_secret(template) else name


def pattern_of(template: str) -> str:
    """The names of a template as a pattern (ECMA 262 and Python)."""
    parts = re.split(r"\{(\w+)\}", template)
    fixed = [re.sub(r"([\\^$.|?*+()\[\]{}/-])", r"\\\1", part) for part in parts[::2]]
    data = [_DATA.get(kind, _TEXT) for kind in parts[1::2]]
    return "^" + "".join(part + more for part, more in zip(fixed, [*data, ""], strict=True)) + "$"


def of_pattern(pattern: str) -> str | None:
    """The template whose `pattern_of` this is; None where it is that of none, or of one that says what no one may see."""
    kinds = {data: f"{{{kind}}}" for kind, data in (*_DATA.items(), ("text", _TEXT))}
    parts = re.split(f"({'|'.join(map(re.escape, kinds))})", pattern[1:-1])
    fixed = [re.sub(r"\\(.)", r"\1", part) for part in parts[::2]]
    template = "".join(part + more for part, more in zip(fixed, [*map(kinds.__getitem__, parts[1::2]), ""], strict=True))
    return template if pattern_of(template) == pattern and template_of(template) == template else None


def is_secret(template: str) -> bool:
    """Whether what was taken out of the names of this template is for no one to see."""
    return _SECRET.search(template) is not None


@lru_cache(maxsize=8192)
def _template_of(name: str) -> str | None:
    made = _PART.sub(_placeholder, name)
    return made if made != name or _is_template(name) else None


def _is_template(name: str) -> bool:
    return _PLACEHOLDER.search(name) is not None


def _placeholder(found: re.Match[str]) -> str:
    kind, text = found.lastgroup, found[0]
    if kind == "uuid":
        return "{id}"
    if kind == "card" and not _luhn(text):
        return "{id}" if text.isdigit() else text
    if kind == "word":
        return _of_word(text)
    return f"{{{kind}}}"


def _of_word(text: str) -> str:
    if _CREDENTIAL.match(text) or is_session_id(text):
        return "{token}"
    found = _UUID_WITHIN.search(text)
    if found is not None:
        return _with_data(text[: found.start()]) + "{id}" + _with_data(text[found.end() :])
    head = _HEAD.match(text).end()  # type: ignore[union-attr]
    tail = _TAIL.search(text, head).start()  # type: ignore[union-attr]
    for begin, end in ((head, tail), (head, len(text)), (0, tail), (0, len(text))):
        data = text[begin:end]
        if len(data) >= _SHORTEST and is_scattered(data):
            return text[:begin] + ("{id}" if _HEX_ID.fullmatch(data) else "{token}") + text[end:]
    parts = re.split(r"([-_=])", text)
    if len(parts) > 1:
        return "".join(map(_with_data, parts))
    return "{id}" if _HEX_ID.fullmatch(text) else text


def _with_data(part: str) -> str:
    """The part of a name with what is data in it taken out."""
    return _template_of(part) or part


def _luhn(text: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1)."""
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [digit if index % 2 else (digit * 2 if digit < 5 else digit * 2 - 9) for index, digit in enumerate(reversed(digits), 1)]
    return sum(doubled) % 10 == 0
