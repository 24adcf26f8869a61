"""How two regular expressions relate: which strings the one takes and the other refuses.

Both become automata, whose differences are empty or are not. Backreferences, look-around and anchors inside are beyond
automata; about those nothing is claimed.
"""

from __future__ import annotations

import re
from collections import deque
from enum import Enum
from functools import lru_cache
from typing import Any, Final

import interegular
from interegular.fsm import FSM

LONGEST: Final = 400
"""Characters of a pattern, and sum of its repetition counts, up to which it is made an automaton."""
_ANY: Final = r"[\s\S]*"
_PLAIN: Final = "a0_- ~é"
"""Characters to stand for those that a pattern does not name."""


class Relation(Enum):
    """Of the new pattern to the old one."""

    SAME = "same"
    NARROWER = "narrower"
    WIDER = "wider"
    OTHER = "other"
    """Each takes what the other refuses."""
    UNKNOWN = "unknown"


@lru_cache(maxsize=256)
def relation(old: str | None, new: str | None) -> Relation:
    """How the strings of the new pattern relate to those of the old one; None takes all strings."""
    if old == new:
        return Relation.SAME
    lost, gained = between(old, new), between(new, old)
    if lost is None or gained is None:
        return Relation.UNKNOWN
    if lost and gained:
        return Relation.OTHER
    return Relation.NARROWER if lost else Relation.WIDER if gained else Relation.SAME


@lru_cache(maxsize=256)
def between(first: str | None, second: str | None) -> tuple[str, ...] | None:
    """A shortest string that the first pattern takes and the second refuses; () if there is none, None if unknown."""
    one, other = _automaton(first), _automaton(second)
    if one is None or other is None:
        return None
    return _shortest(one.difference(other))  # type: ignore[no-untyped-call]


@lru_cache(maxsize=256)
def example(pattern: str) -> tuple[str, ...]:
    """A shortest string that the pattern takes; () where it takes none, or none is known."""
    made = _automaton(pattern)
    return () if made is None else _shortest(made)


@lru_cache(maxsize=256)
def _automaton(pattern: str | None) -> FSM | None:
    if pattern is None:
        return interegular.parse_pattern(_ANY).to_fsm()
    counts = sum(int(count) for count in re.findall(r"(?<=[{,])\d{1,9}(?=[,}])", pattern))
    if len(pattern) > LONGEST or counts > LONGEST:
        return None
    parts = [_anchored(part) for part in _alternatives(pattern)]
    if None in parts:
        return None
    try:
        return interegular.parse_pattern("|".join(f"(?:{part})" for part in parts)).to_fsm()
    except Exception:  # noqa: BLE001 (it raises its own, its parser's and others; all say that it cannot)
        return None


def _anchored(part: str) -> str | None:
    """The alternative for whole strings, as JSON Schema's patterns match anywhere; None with anchors inside."""
    start = part.startswith("^")
    end = part.endswith("$") and not part.endswith("\\$")
    inner = part[start : len(part) - end]
    bare = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "", inner)
    if "^" in bare or "$" in bare or r"\b" in inner or r"\B" in inner:
        return None
    return ("" if start else _ANY) + f"(?:{inner})" + ("" if end else _ANY)


def _alternatives(pattern: str) -> list[str]:
    """The pattern split at the bars that stand in no group or class."""
    parts = [""]
    depth = 0
    for piece in re.findall(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", pattern, re.DOTALL):
        depth += (piece == "(") - (piece == ")")
        if piece == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _shortest(automaton: FSM) -> tuple[str, ...]:
    """A shortest string that the automaton takes, as the one item."""
    symbols: dict[Any, str] = {}
    named = {symbol for symbol in automaton.alphabet if isinstance(symbol, str)}
    for symbol, key in automaton.alphabet.items():
        if isinstance(symbol, str):
            shown = symbols.get(key)
            # letters and digits first, so that the string can be read
            if shown is None or (symbol.isalnum(), -ord(symbol)) > (shown.isalnum(), -ord(shown)):
                symbols[key] = symbol
        else:
            symbols.setdefault(key, next((char for char in _PLAIN if char not in named), "\u2603"))
    seen = {automaton.initial}
    waiting: deque[tuple[Any, str]] = deque([(automaton.initial, "")])
    while waiting:
        state, text = waiting.popleft()
        if state in automaton.finals:
            return (text,)
        for key, target in automaton.map.get(state, {}).items():
            if target not in seen and key in symbols:
                seen.add(target)
                waiting.append((target, text + symbols[key]))
    return ()
