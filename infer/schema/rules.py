"""The rules by which evidence becomes a schema: their names, thresholds and reasons, and which of them are on."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from infer.errors import UsageError


class Rule(msgspec.Struct, frozen=True):
    """One rule: what it claims, from when on, and why."""

    name: str
    claim: str
    threshold: str
    reason: str


RULES: Final = (
    Rule("required", "a key that every object has is required",
         "from the first sample, from three with --cautious; a key that comes and goes in most of the events that have it:"
         " from ten",
         "a key seen every time is most often required, and a wrong claim shows at once; the evidence says how often"),
    Rule("nullable", "null joins the type; null alone claims nothing", "from the first null",
         "a field of which only null was seen has a type that was not seen"),
    Rule("integer", "numbers are integers", "until one with a fraction is seen",
         "JSON has one kind of number, and 0 beside 0.5 is one field"),
    Rule("format", "date-time, date, uuid, uri, uri-template, email, ipv4, ipv6",
         "every value matches: date-time, date and uuid from the first, others from five",
         "the grammars are strict, but where there are links or addresses some are left empty"),
    Rule("enum", "a string is one of those seen",
         "named like a case (type, status, …): 6 samples, at most 20 % of them of a member seen once, 2 sessions;"
         " others: 20 samples, at most 5 %, 3 sessions; 2 to 32 members, and for each that only one session showed two"
         " sessions; neither media types, nor eight and more of one template, as dev-001, nor paths where no case is named; also four"
         " keys or more of one object that have a small set in common",
         "what was seen once may have many siblings; what one session shows may be that session's"),
    Rule("map", "an object's keys are data, its values alike",
         "keys 80 % id-like (or eight and more of one template, as dev-001, or of one length with digits anywhere among letters) and values 90 % of one kind; or 12 keys or more"
         " that come and go, of one kind, or most of which were met once in 10 objects and more; or 4 whose objects have 90 %"
         " of their keys in common",
         "an object keyed by id has as many properties as there are ids"),
    Rule("tuple", "a list of fixed length has a schema a place",
         "length 2 to 8 of mixed kinds from 5 samples",
         "[x, y, label] is a record without names"),
    Rule("length", "a list of fixed length keeps it", "length 2 to 4 from 20 samples",
         "pairs and coordinates are of one length; a longer list that never varied is luck"),
    Rule("union", "objects fall apart by a tag (oneOf with const tags)",
         "two branches of 3 samples, the tag in half of all (rarer ones share one, as do null, whatever else is no text, and"
         " objects without the tag; open unless the tags are an enum, and where they are data, as channels are), branches that"
         " settle 60 % of the optional keys (by having them always or never, or by being the only one that has them, where that"
         " is no chance) and at least 2 keys that some have and others have not; or a key whose objects (or those in its lists) have"
         " less than half of their keys in common, but each half of its branch's; or one key in four whose values are of another kind"
         " from branch to branch, and of one in each, where that is no chance",
         "without it every key of every variant is an optional key of one object"),
    Rule("share", "objects that are alike are one type, judged together and written once; a tree refers to itself",
         "3 keys or more that agree to 90 %, or to 75 % under one name, and kinds (of lists, those of their items) that do"
         " not contradict, nor objects under one of them without a key in common; enums of one name that agree to 75 %",
         "what is one type in the application is one type in the document, and rests on all that was seen of it"),
)  # fmt: skip

_NAMES: Final = frozenset(rule.name for rule in RULES)


class Rules(msgspec.Struct, frozen=True):
    """Which rules are on, and what may be let out."""

    off: frozenset[str] = frozenset()
    """Names of the rules that are not to be applied."""
    cautious: bool = False
    """Whether a key is required only from three samples on."""
    values: bool = True
    """Whether values from traffic may be let out at all (enums and tags)."""
    evidence: Literal["none", "message", "full"] = "message"
    """Whether `x-sio-infer` says what a message, or every property, rests on."""

    def __post_init__(self) -> None:
        """Errors: `UsageError` for a rule that does not exist."""
        unknown = sorted(self.off - _NAMES)
        if unknown:
            raise UsageError(f"there is no rule {unknown[0]!r}", hint=f"known: {', '.join(sorted(_NAMES))}")

    def on(self, name: str) -> bool:
        """Whether the rule of that name is to be applied."""
        return name not in self.off
