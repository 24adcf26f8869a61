"""What may leave: the one policy on values from traffic.

A value is let out only as a member of an enum, as the tag of a union, or (asked for) in an example. It is let out where
neither the name it stands under nor its own shape suggests a credential or a person. The policy is applied when a value
is met, so that neither memory nor a state file holds what could never be let out.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from infer.chance import OFTEN, SELDOM, entropy, is_scattered
from infer.schema import keys
from infer.schema.words import singular, words
from infer.templates import is_secret, template_of

_CREDENTIALS: Final = """
auth authorization bearer cert certificate cookie credential csrf cvc cvv hash hmac jwt key nonce otp pass passcode
passphrase passwd password pin private pwd refresh salt secret seed sid signature ssn token xsrf
"""
_PEOPLE: Final = """
account actor addedby address admin administrator adviser advisor applicant approver arbiter assigned assignedto assignee
attendee auditor author avatar beneficiary bidder bio birth birthdate birthday borrower boss broker buyer by caller candidate
captain cashier challenger champion chef city client coach colleague commentator commenter competitor consultant contact
contractor contributor cook courier createdby creator curator customer dealer deletedby dentist diagnosis dispatcher displayname
dob doctor donor driver editor email employee ethnicity examinee examiner familyname father fax firstname follower freelancer
friend from fullname gender givenname guardian guest handle holder host hostname husband iban imei inspector instructor
interviewee interviewer investor invitedby invitee invitor ip issuer judge landlord lastname lat latitude lawyer leader learner
lecturer lender lng login lon longitude loser mail maintainer manager mediator member mentee mention mentor middlename mobile
moderator modifiedby mother name neighbor neighbour nick nickname nominator nominee nurse operator opponent organizer owner
parent participant partner passenger passport patient payee payer peer person phone pilot plate player postcode postedby
presenter publisher pupil purchaser reader realname receiver recipient referee referrer registrant religion renter reporter
requester requestor resident respondent responder reviewer rider rival roommate scorer screenname secretary seller sender sentby
serial shopper sibling signatory signer singer speaker spectator sponsor spouse ssid streamer street student subscriber
supervisor supplier supporter surname teacher teammate technician tel telephone teller tenant tester therapist to trader trainee
trainer traveler traveller treasurer trustee tutor updatedby uploader user username vendor victim viewer visitor volunteer voter
voucher waiter waitress watcher who whom wife winner witness worker writer zip
"""
_PROSE: Final = """
answer bio body caption comment content data description label line message note prompt query question reply subject
summary text title word
"""
_IDENTITIES: Final = """
guid id ident identifier ref session slug sub uid uri url uuid
"""
_PRIVATE: Final = frozenset(f"{_CREDENTIALS}{_PEOPLE}{_PROSE}{_IDENTITIES}".split())
"""Words of a name under which no value is let out: credentials, people, what people write, what stands for one thing."""
_ENDS: Final = ("id", "cookie", "credential", "passwd", "password", "secret", "token")
"""How words end that tell of these, whatever they begin with."""
_THINGS: Final = frozenset(("event", "method", "function", "class", "type", "component", "command", "action", "topic", "field"))
"""What programmers give names to: `eventName` names no person."""

_TOKEN: Final = re.compile(r"(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9]+(?:[_.:/-][A-Za-z0-9]+){0,5}")
"""What a programmer writes for one of a few cases: up to six words, no spaces, no markup."""
_LONGEST: Final = 64
_SHORT: Final = 3
"""Characters of a quantity with its unit, such as `15m`."""
_LONG_WORD: Final = 16
"""Characters from which a word without spaces is weighed for entropy; ordinary words of this length are rare."""
_ENTROPY: Final = 3.6
"""Bits a character; English words of 16 letters have about 3.2, random base 62 above 3.8."""
_SHORTEST_PART: Final = 3.5
"""Characters that the parts of a long word have on average; where letters are random a capital is every second one."""
_LONG_ENOUGH: Final = 10
"""Characters from which case and digits that change as by chance are no accident."""
_SEPARATOR: Final = re.compile(r"[_.:/-]")
_HEX: Final = re.compile(r"[0-9a-f]{8,}", re.IGNORECASE)


def private_name(name: str) -> bool:
    """Whether no value is let out from under this name, whatever it looks like.

    The last word decides what a name is about (`userType` is a type, `typeOfUser` is not met in code), in its singular,
    unless a credential is named anywhere.
    """
    return len(name) > _LONGEST or _private_name(name)


@lru_cache(maxsize=1024)
def _private_name(name: str) -> bool:
    parts = words(name)
    if not parts:
        return True
    if _ANYWHERE.intersection(parts):
        return True
    if parts[-1] in ("name", "names") and len(parts) > 1 and parts[-2] in _THINGS:
        return False
    return _is_private(parts[-1]) or _is_private(singular(parts[-1]))


def _is_private(word: str) -> bool:
    """Whether that is one of the words, or is written together with one: `ownername`, `roomid`, `accesstoken`."""
    if word in _PRIVATE or word.endswith(_ENDS):
        return True
    return any(word[:cut] in _PRIVATE and word[cut:] in _PRIVATE for cut in range(2, len(word) - 1))


_ANYWHERE: Final = frozenset(("password", "passwd", "secret", "token", "credential", "credentials", "jwt", "cookie", "pin", "otp"))


def may_emit(name: str, value: str) -> bool:
    """Whether a string met under this name may be let out."""
    return not private_name(name) and public_shape(value)


def public_shape(value: str) -> bool:
    """Whether a string looks like one of a few cases, and neither like a credential, an identifier, nor prose."""
    return len(value) <= _LONGEST and _public_shape(value)


@lru_cache(maxsize=1024)
def _public_shape(value: str) -> bool:
    if not _TOKEN.fullmatch(value):
        return False
    if _HEX.search(value) and any(character.isdigit() for character in value):
        return False
    digits = sum(map(str.isdigit, value))
    if digits > 4 or (digits * 2 > len(value) and len(value) > _SHORT):
        return False
    if len(value) >= _LONG_ENOUGH and is_scattered(value, OFTEN if len(value) < _LONG_WORD else SELDOM):
        return False
    template = template_of(value)
    if template is not None and is_secret(template):
        return False
    return all(len(word) < _LONG_WORD or _is_written(word) for word in _SEPARATOR.split(value))


def _is_written(word: str) -> bool:
    """Whether a long word is of shorter ones (`webSocketFrameSent`), or of no more letters than ordinary ones have."""
    parts = [part for part in words(word) if part.isalpha() and len(part) > 1]  # the H3 of `useH3Always` is no word
    if len(word) < _SHORTEST_PART * len(parts) or (word.isupper() and any(map(str.isdigit, word))):
        return False
    return all(len(part) < _LONG_WORD or entropy(part) < _ENTROPY for part in parts)


def mask(value: object) -> object:
    """The same shape without the content: what may be shown of any value.

    Keys that are data (`{"ann@example.com": ...}`) are numbered in place of what they say.
    """
    if isinstance(value, dict):
        shown = (key if keys.form_of(key) is None and keys.is_identifier(key) else None for key in value)
        pairs = zip(shown, value.values(), strict=True)
        return {f"<key {n}>" if key is None else key: mask(item) for n, (key, item) in enumerate(pairs, 1)}
    if isinstance(value, list):
        return [mask(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return f"<string {len(value)}>"
    if isinstance(value, bytes):
        return f"<binary {len(value)}>"
    return "<integer>" if isinstance(value, int) else "<number>"
