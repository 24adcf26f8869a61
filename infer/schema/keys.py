"""What keys look like that are data: numbers, UUIDs, dates … each a pattern (ECMA 262 and Python) and its words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

from infer import templates
from infer.templates import CREDENTIAL, of_pattern, pattern_of, template_of

ANY: Final = ""
"""The pattern of any key."""
LONG: Final = r"^[\s\S]{257,}$"
"""No program names a key with that many characters."""
_SECRET: Final = {
    LONG: "long texts",
    r"^[0-9]{13,}$": "long numbers",
    r"^[0-9a-fA-F]{32,}$": "hexadecimal tokens",
    r"^[^\s@]+@[^\s@]+\.[^\s@.]+$": "e-mail addresses",
    r"^eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+$": "JSON Web Tokens",
    f"^{CREDENTIAL}$": "credentials",
    r"^[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}$": "hardware addresses",
    r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$": "account numbers",
    r"^(?=(?:[^A-Z]*[A-Z]){2})(?=(?:[^a-z]*[a-z]){2})(?=[^0-9]*[0-9]+[^0-9]+[0-9])[A-Za-z0-9_-]{20,}$": "tokens",
}
FORMS: Final = {
    **_SECRET,
    r"^-?[0-9]+$": "numbers",
    r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$": "UUIDs",
    r"^(?=[0-9]*[a-fA-F])(?=[a-fA-F]*[0-9])[0-9a-fA-F]{7,64}$": "hexadecimal ids",
    r"^[0-9]{4}-[0-9]{2}(?:-[0-9]{2}(?:[T ][0-9:.]+(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?)?$": "dates",
    r"^(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]+)?$": "IP addresses",
    r"^(?=[^0-9]*[0-9])(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){7}|(?:[0-9a-fA-F]{1,4}:){1,7}(?::[0-9a-fA-F]{1,4}){0,6}|::(?:[0-9a-fA-F]{1,4}:){0,6}[0-9a-fA-F]{1,4})$": "IP addresses",
    r"^[@#!$][^\s:]+:\S+$": "ids with their server",
    r"^(?:[A-Za-z][A-Za-z0-9+.-]*:/)?/\S*$": "paths or URLs",
    r"^(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])(?=[^0-9]*[0-9])[A-Za-z0-9_-]{15,64}$": "random ids",
    r"^(?=.{10,64}$)[A-Za-z_-]*(?:[0-9]+[A-Za-z_-]+){3}[A-Za-z0-9_-]*$": "random ids",
}
"""The words of each pattern; a key is of the first form that it matches."""
_PLAIN: Final = {
    "numbers": "-?[0-9]{1,12}+",
    "UUIDs": "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "hexadecimal ids": "(?=[0-9]*+[a-f])(?=[a-f]*+[0-9])[0-9a-f]{7,31}+",
    "dates": "[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?+",
}
"""By a form's words, most of its keys: their characters and their lengths show that they are of no other."""
_HIDING: Final = ("random ids", "paths or URLs", "ids with their server")
"""Words of forms in which there may be something that no one may see."""
_MIXED: Final = "names with data in them"


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_python(pattern))


def _python(pattern: str) -> str:
    return pattern[:-1] + r"\Z"  # Python's $ lets a newline follow


_IDENTIFIER: Final = re.compile(r"(?:[^\W\d]|\$)[\w$]*(?:[-.:/@][\w$]+)*")
_LONGEST: Final = 256


def form_of(key: str) -> str | None:
    """The pattern of the form that a key has; None for a key as programmers choose them."""
    return LONG if len(key) > _LONGEST else _form_of(key)


def words_of(form: str) -> str:
    """What keys of the form are, for people."""
    return FORMS.get(form, _MIXED)


def is_secret(form: str) -> bool:
    """Whether no key of the form may be known, so that it is data from the first one on."""
    return form in _SECRET or form not in FORMS


def is_mixed(form: str) -> bool:
    """Whether the form is that of names with data in them, of which there may be any number."""
    return form != ANY and form not in FORMS


def is_pattern(text: str) -> bool:
    """Whether the text is one of the patterns that keys are put under."""
    if not is_mixed(text):
        return True
    template = of_pattern(text)
    return template is not None and templates.is_secret(template)


def matches(pattern: str, key: str) -> bool:
    """Whether a key is of that form, be it also of another."""
    return _compiled(pattern).match(key) is not None


def are_of(form: str, keys: Sequence[str]) -> bool:
    """Whether that is the form of each of the keys."""
    plain = _plain(form)
    lines = "\n".join(keys)
    if plain.fullmatch(lines) and lines.count("\n") == len(keys) - 1:
        return True
    return all(("\n" not in key and plain.fullmatch(key)) or form_of(key) == form for key in keys)


@cache
def _plain(form: str) -> re.Pattern[str]:
    """Lines that are plain keys of that form."""
    plain = _PLAIN.get(FORMS.get(form, ""), r"(?!)")
    return re.compile(rf"{plain}(?:\n{plain})*+")


def is_identifier(key: str) -> bool:
    """Whether a programmer could have chosen this key: a word in any script, also a dotted or hyphened one."""
    return len(key) <= _LONGEST and _IDENTIFIER.fullmatch(key) is not None


_ORDER: Final = tuple(FORMS)
_FIRST: Final = re.compile("|".join(f"({form[1:-1]})\\Z" for form in FORMS))
"""All forms at once: the number of the group tells which matched."""


@lru_cache(maxsize=1024)
def _form_of(key: str) -> str | None:
    found = _FIRST.match(key)
    form = None if found is None or found.lastindex is None else _ORDER[found.lastindex - 1]
    if form in _SECRET or (form is not None and FORMS[form] not in _HIDING):
        return form
    template = template_of(key)
    if template is not None and templates.is_secret(template):  # a person or a credential, in a name
        return pattern_of(template)
    return form
