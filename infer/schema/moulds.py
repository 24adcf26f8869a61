"""Payloads of a kind that was seen before, decoded and counted without a look at what is settled.

A mould is made from the evidence of a list of arguments: a type for msgspec's decoder, which takes exactly the texts that
show no new key, kind, tag or length of the list, and a function that looks at what is still open in what it decoded (`infer.schema.casting` makes both).
Everything else that a payload adds is known beforehand, one more of each kind in this session, but for what comes and
goes: optional keys, items, variants, values of maps. Each of those is a `Site`, whose payloads are counted; `settle`
multiplies.

The law: once settled, the evidence is that of the plain way (`Node.add_object` of what a JSON parser gives), to the byte.
What a mould does not take it refuses before anything is counted. It may take less than there was: of variants and of forms
of keys that no one type takes together it has the usual ones.

msgspec and orjson take the same texts for JSON and give the same values, save integers beyond 64 bits, which a mould
refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from itertools import compress
from typing import Any, Final, Literal

import msgspec

from infer.model import Json
from infer.schema.casting import RARE, Maker, Type
from infer.schema.node import Node
from infer.schema.sources import CAP

REFUSED: Final = (msgspec.DecodeError, UnicodeEncodeError, RecursionError)
"""What a decoder raises at a text that it does not take."""
_BEYOND: Final = re.compile(r"[\[:,][ \t\r\n]*-?[0-9]{19}")
"""A number of so many digits may be."""
_PLACE: Final = re.compile(r"`\$\[([0-9]{1,9})\]")
"""Where in a list of documents msgspec says that one is not as it should be. Were it to say it otherwise, it would be searched for."""


class Mould:
    """See the module. What `decode` gives may be `odd`."""

    __slots__ = ("_keys_hold", "_made", "_sessions", "_turns", "_visit", "decode", "decode_lines", "ends_in_text", "is_steady")

    def __init__(self, name: str | None, slots: Sequence[Node], worth: int) -> None:
        """Of events of that name, which stands before their arguments; without one, of acknowledgements.

        It makes no more sites than what was seen is worth: one for each of `worth` payloads, and for every `PAYS` values.
        """
        made = self._made = Maker(worth)
        self._sessions: list[int] = []
        self._turns: list[list[int]] = []
        """What was counted at each site in each of those sessions."""
        root = made.site()
        fields: list[tuple[str, Type]] = [] if name is None else [("name", Literal[name])]
        lines = []
        for number, slot in enumerate(slots):
            kind, visiting = made.value(slot, root, f"v.a{number}")
            fields.append((f"a{number}", kind))
            lines += visiting
        struct = msgspec.defstruct("Payload", fields, array_like=True, forbid_unknown_fields=True, gc=False)
        decoder = msgspec.json.Decoder(struct)
        self._visit: Callable[[Sequence[Any]], bool] = made.function(lines)
        decode, decode_lines = decoder.decode, decoder.decode_lines
        if made.takes_plainly:
            decode, decode_lines = partial(_decoded_within, decode), partial(_decoded_within, decode_lines)
        self._keys_hold = made.keys_hold(lines)
        self.decode: Callable[[str], Any] = decode
        self.decode_lines: Callable[[str], list[Any]] = decode_lines
        """Of many texts, a line each: see `infer.schema.slots.Args.add_texts` for when each is one by itself."""
        self.is_steady = not made.takes_plainly
        """Whether no payload changes places, so that many can be visited at once."""
        self.ends_in_text = bool(slots) and slots[-1].kind("string") is not None
        """Whether the last argument may be a string."""

    def visit(self, payloads: Sequence[Any]) -> bool:
        """Look at what `decode` gave; whether each string had still the format of its place."""
        if self._visit(payloads):
            return True
        self._made.ask_again(payloads)
        return False

    def odd(self, payloads: Sequence[Any]) -> Sequence[int]:
        """The positions of those that it does not take, though they could be decoded: keys of a map are not of its form."""
        hold = self._keys_hold
        if hold is None or hold(payloads):
            return ()
        return [number for number, payload in enumerate(payloads) if not hold((payload,))]

    @property
    def is_outdated(self) -> bool:
        """Whether one that is made now would do with much less than this one, or take in more by itself."""
        asked = self._made.asked
        closed = sum(questions != strings.questions for strings, questions in asked)
        return self._made.is_short or closed * RARE > len(asked)

    def turn_from(self, session: int) -> None:
        """What was visited since the last turn was seen in that session."""
        counts = self._made.counts
        if not any(counts):  # and not the first alone: what is visited may settle what was
            return
        self._sessions.append(session)
        self._turns.append(counts[:])
        counts[:] = bytes(len(counts))  # zeros
        if len(self._sessions) == CAP:
            self._gather()

    def _gather(self) -> None:
        """Have what was counted at the sites: most are seen in the same sessions, and of many at once this is found once."""
        for site, turns in zip(self._made.sites, zip(*self._turns, strict=True), strict=True):
            total = sum(turns)
            if total:
                site.add(total, list(compress(self._sessions, turns)))
        self._sessions.clear()
        self._turns.clear()

    def settle(self, session: int) -> int:
        """Put what was counted where it belongs, up to now seen in that session; how many payloads that were."""
        self.turn_from(session)
        if self._turns:
            self._gather()
        sites = self._made.sites
        payloads = sites[0].total
        for site in sites:
            if site.total:
                site.settle()
        return payloads


def refused_at(error: Exception) -> int | None:
    """The position of the text that one of many was refused for, where the decoder tells."""
    told = _PLACE.search(str(error))
    return None if told is None else int(told[1])


class Payload(Sequence[Json]):
    """Arguments that a mould has decoded and that were not counted yet: to whoever asks, the values that their text gives."""

    __slots__ = ("_args", "_text", "mould", "value")

    def __init__(self, mould: Mould, value: Any, text: str) -> None:
        """What the mould made of an event, given as the JSON of its name and arguments."""
        self.mould = mould
        self.value = value
        self._text = text
        self._args: list[Json] | None = None

    @property
    def args(self) -> list[Json]:
        """All of them."""
        if self._args is None:
            self._args = msgspec.json.decode(self._text)[1:]
        return self._args

    def __getitem__(self, index: Any) -> Any:
        return self.args[index]

    def __len__(self) -> int:
        return len(self.args)

    def __reduce__(self) -> tuple[type[list[Json]], tuple[list[Json]]]:
        return list, (self.args,)


def _decoded_within(decode: Callable[[str], Any], text: str) -> Any:
    """What that decoder, some of whose types bound no number, gives; integers that may be beyond 64 bits are refused."""
    if _BEYOND.search(text):
        raise msgspec.DecodeError
    return decode(text)

