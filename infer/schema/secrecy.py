"""What may leave: the one policy on values from traffic.

A value is let out only as a member of an enum, as the tag of a union, or (asked for) in an example. It is let out where
neither the name it stands under nor its own shape suggests a credential or a person. The policy is applied when a value
is met, so that neither memory nor a state file holds what could never be let out.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from typing import Final

from infer.schema.words import words

_PRIVATE: Final = frozenset(
    # credentials
    "auth authorization bearer cert certificate cookie credential credentials csrf cvc cvv hash hmac jwt key keys nonce"
    " otp pass passcode passphrase passwd password pin private pwd refresh salt secret secrets seed sid signature ssn"
    " token tokens xsrf"
    # people
    " address author avatar bio birth birthday birthdate city dob email emails fax firstname fullname gender handle iban"
    " ip lastname lat latitude lng lon login longitude mail mobile name names nick nickname passport person phone"
    " postcode recipient sender street surname tel telephone user username zip"
    # what people write
    " body caption comment content description message note query subject text title"
    # what stands for one thing
    " guid id ids ident identifier ref session slug sub uid uri url urls uuid".split()
)
"""Words of a name under which no value is let out: credentials, people and what they write, identifiers."""

_TOKEN: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ _.:/-][A-Za-z0-9]+){0,5}")
"""What a programmer writes for one of a few cases: up to six words, no sentence, no markup."""
_LONGEST: Final = 40
_LONG_WORD: Final = 16
"""Characters from which a word without spaces is weighed for entropy; ordinary words of this length are rare."""
_ENTROPY: Final = 3.6
"""Bits a character; English words of 16 letters have about 3.2, random base 62 above 3.8."""
_HEX: Final = re.compile(r"[0-9a-f]{8,}", re.IGNORECASE)


@lru_cache(maxsize=4096)
def private_name(name: str) -> bool:
    """Whether no value is let out from under this name, whatever it looks like.

    The last word decides what a name is about (`userType` is a type, `typeOfUser` is not met in code), so `status`,
    `type` and their like at the end make it public again unless a credential is named anywhere.
    """
    parts = words(name)
    if not parts:
        return True
    if _CREDENTIALS.intersection(parts):
        return True
    return parts[-1] in _PRIVATE


_CREDENTIALS: Final = frozenset({"password", "passwd", "secret", "token", "credential", "credentials", "jwt", "cookie", "pin", "otp"})


def may_emit(name: str, value: str) -> bool:
    """Whether a string met under this name may be let out."""
    return not private_name(name) and public_shape(value)


def public_shape(value: str) -> bool:
    """Whether a string looks like one of a few cases, and neither like a credential, an identifier, nor prose."""
    return len(value) <= _LONGEST and _public_shape(value)


@lru_cache(maxsize=4096)
def _public_shape(value: str) -> bool:
    if not _TOKEN.fullmatch(value):
        return False
    if _HEX.search(value) and any(character.isdigit() for character in value):
        return False
    digits = sum(map(str.isdigit, value))
    if digits > 4 or digits * 2 > len(value):
        return False
    return all(len(word) < _LONG_WORD or entropy(word) < _ENTROPY for word in re.split(r"[ _.:/-]", value))


def entropy(text: str) -> float:
    """Shannon's, of the characters, in bits a character."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def mask(value: object) -> object:
    """The same shape without the content: what may be shown of any value."""
    if isinstance(value, dict):
        return {key: mask(item) for key, item in value.items()}
    if isinstance(value, list):
        return [mask(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return f"<string {len(value)}>"
    if isinstance(value, bytes):
        return f"<binary {len(value)}>"
    return "<integer>" if isinstance(value, int) else "<number>"
