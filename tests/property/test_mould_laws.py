"""Moulds change what evidence costs, and nothing of what it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infer.limits import Limits
from infer.schema import Args, casting, moulds, slots
from infer.wire import jsontext

NAME = 'say "it"'
KEYS = st.sampled_from(["type", "kind", "status", "id", "a", "b", 'a"b', "$ref", "", "é", "7", "8", "9", "deadbeef01", "deadbeef02"])
UUID = "123e4567-e89b-12d3-a456-426614174000"
WORDS = ["", "one", "two", "x y", "2026-01-01", "2026-01-01T00:00:00Z", UUID, UUID.upper(), f"{UUID}\n{UUID}", f"{UUID[:-1]}g"]
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(0, 3), st.sampled_from([0.5, 1e300, 2**63, 2**64, -(2**63) - 1, 1.0]), st.sampled_from(WORDS)
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=10
)
LIMITS = (
    Limits(),
    Limits(ids_per_form=1, keys_per_object=3, variants_per_object=2, lengths_per_list=1, values_per_string=2),
    Limits(places=10),
    Limits(places=40),
)


@pytest.fixture(autouse=True)
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moulds are made from the second list on, and anew at once where they refuse."""
    monkeypatch.setattr(slots, "_FIRST", 2)
    monkeypatch.setattr(slots, "_PATIENCE", 1)


def texts(rows: list[tuple[list[Any], int]]) -> Iterator[tuple[str, int]]:
    for row, session in rows:
        yield json.dumps([NAME, *row]), session


def add_text(args: Args, text: str, name: str, session: int) -> bool:
    """Whether there was a mould that took the list."""
    payload = args.decode(text, name)
    if payload is not None:
        args.add_payload(payload, session)
    return payload is not None


def moulded(rows: list[tuple[str, int]], limits: Limits) -> tuple[Args, int]:
    """The evidence, and how many lists went through moulds."""
    args, taken = Args(limits), 0
    for text, session in rows:
        if add_text(args, text, NAME, session):
            taken += 1
        else:
            args.add(jsontext.parse(text)[0][1:], session)
    return args, taken


def plain(rows: list[tuple[str, int]], limits: Limits) -> Args:
    args = Args(limits)
    args.scope.plans = False
    for text, session in rows:
        args.add(jsontext.parse(text)[0][1:], session)
    return args


def state(args: Args) -> str:
    return json.dumps(args.to_state(), default=list)


@st.composite
def streams(draw: st.DrawFn) -> list[tuple[list[Any], int]]:
    """A few lists that come again and again, with some of their values changed."""
    forms = draw(st.lists(st.lists(VALUES, max_size=2), min_size=1, max_size=4))
    picks = draw(st.lists(st.tuples(st.integers(0, len(forms) - 1), st.integers(0, 5), st.randoms(use_true_random=False)), max_size=40))
    return [(_changed(forms[pick], random), session) for pick, session, random in picks]


def _changed(value: Any, random: Any) -> Any:
    if isinstance(value, list):
        return [_changed(item, random) for item in value]
    if isinstance(value, dict):
        return {key: _changed(item, random) for key, item in value.items() if random.random() < 0.95}
    if isinstance(value, str) and random.random() < 0.3:
        return random.choice(WORDS)
    if type(value) is int and random.random() < 0.3:
        return random.choice([1, 2, 0.5])
    return None if random.random() < 0.05 else value


@settings(max_examples=250, deadline=None)
@given(streams(), st.sampled_from(LIMITS), st.sampled_from([1, casting.RARE]))
def test_moulds_change_nothing(rows: list[tuple[list[Any], int]], limits: Limits, rare: int) -> None:
    """The state is that of the plain way, to the byte, whatever the limits, also where a mould leaves out all but the most usual."""
    given_ = list(texts(rows))
    with patch.object(casting, "RARE", rare), patch.object(moulds, "RARE", rare):
        assert state(moulded(given_, limits)[0]) == state(plain(given_, limits))


BROKEN = ['["e",1]["e",1]', '["e",1],["e",1]', '["e",1,[]', '["e",[]', '["e",["]', '["e","]', '["e",1]]', '["e",1,["e",1]]', '["e",[1]', '["e",1]\n["e",1]', '["e", \n1]', '["e","é"]']


@settings(max_examples=250, deadline=None)
@given(streams(), st.sampled_from(LIMITS), st.lists(st.tuples(st.integers(0, 40), st.sampled_from(BROKEN)), max_size=6), st.integers(1, 40))
def test_many_at_once_change_nothing(
    rows: list[tuple[list[Any], int]], limits: Limits, odd: list[tuple[int, str]], most: int
) -> None:
    """Whatever stands among them, which is given back where it is no list of arguments by itself."""
    given_ = list(texts(rows))
    for at, text in odd:
        given_.insert(at, (text.replace('"e"', json.dumps(NAME)), 1))
    args, kept = Args(limits), []
    for session, run in groupby(given_, key=lambda row: row[1]):
        rest = [text for text, _ in run]
        while rest:
            some, rest = rest[:most], rest[most:]
            left = args.add_texts(some, NAME, session)
            assert len(set(left)) == len(left)
            for number, text in enumerate(some):
                value, fault = jsontext.parse(text)
                if fault is None:
                    kept.append((text, session))
                    if number in left:
                        args.add(value[1:], session)
                else:
                    assert number in left
    assert state(args) == state(plain(kept, limits))


@settings(max_examples=60, deadline=None)
@given(streams(), streams(), st.sampled_from(LIMITS))
def test_moulds_change_nothing_of_merges(left: list[tuple[list[Any], int]], right: list[tuple[list[Any], int]], limits: Limits) -> None:
    """Evidence that goes on after a merge, and was read before it, is that of the plain way."""
    one, other = list(texts(left)), list(texts(right))
    args, _ = moulded(one, limits)
    state(args)
    args.merge(moulded(other, limits)[0])
    for text, session in one:
        if not add_text(args, text, NAME, session):
            args.add(jsontext.parse(text)[0][1:], session)
    assert state(args) == state(plain([*one, *other, *one], limits))


def document(number: int) -> list[Any]:
    row: dict[str, Any] = {"id": f"123e4567-e89b-12d3-a456-{number:012}", "type": ("heading", "text", "list")[number % 3], "level": number % 5}
    if number % 2:
        row["style"] = {"bold": True, "size": number / 4}
    return [{"title": "of " * (number % 4), "rows": [row, row], "sizes": {f"{number:07x}f": number}}, number]


def test_documents_of_a_kind_go_through_a_mould() -> None:
    """Variants, optional keys, maps and lists: most of what comes again is taken in at once."""
    rows = list(texts([(document(number), number // 100) for number in range(1000)]))
    args, taken = moulded(rows, Limits())
    assert taken > 900
    assert state(args) == state(plain(rows, Limits()))


def test_nests_go_through_a_mould_as_far_as_it_goes() -> None:
    """A hundred lists, or objects, within one another."""
    rows = []
    for number in range(300):
        lists: Any = ["one", "two", f"{number}"][number % 3]
        objects: Any = number
        for level in range(100):
            lists = [lists, lists] if level > 95 else [lists]
            objects = {"a": objects, "b": None} if level % 2 else {"a": objects}
        rows.append(([lists, objects], number // 50))
    given_ = list(texts(rows))
    args, taken = moulded(given_, Limits())
    assert taken > 200
    assert state(args) == state(plain(given_, Limits()))


def unusual(number: int) -> list[Any]:
    """Answers that are now and then another thing, and maps with now and then a key of another form, or of none."""
    answer = {"error": "no"} if number % 20 == 7 else {"status": ("ok", "later")[number % 2], "id": number}
    key = ("1234567", "total", "deadbeef")[number % 3] if number % 20 < 3 else f"{number:07x}f"
    return [answer, {key: {"load": number / 8}, "abcdef01": {"load": 1.5}}]


def test_what_is_rare_leaves_the_usual_to_a_mould() -> None:
    """Most of what comes again is taken in at once, and the rest as ever."""
    rows = list(texts([(unusual(number), number // 100) for number in range(2000)]))
    args, taken = moulded(rows, Limits())
    assert taken > 1200
    assert state(args) == state(plain(rows, Limits()))


@pytest.mark.parametrize("number", ["18446744073709551616", "18446744073709551615", "9223372036854775808", "-9223372036854775809", "1e30"])
def test_numbers_beyond_64_bits(number: str) -> None:
    """Also in objects that a mould leaves to their node, which has a plan of them."""
    ones = ["1"] * 9
    rows = [(f'[{json.dumps(NAME)}, {{"type": "", "a": {{"b": {one}}}}}]', 1) for one in [*ones, number, *ones]]
    args, taken = moulded(rows, Limits())
    assert taken > 9
    assert state(args) == state(plain(rows, Limits()))


ODD = (
    '["say", {"a": 1, "a": "x"}]', '["say", {"a": 18446744073709551616}]', '["say", {"a": 1e2}]', '["say", {"a": -0}]', '["say", {"a": 1}, 2]', '["say"]',
    '["say", {"\\u0061": 3}]', '["s\\u0061y", {"a": 3}]', '["say", {"a": NaN}]', '["say", {"a": "\\ud800"}]', '["said", {"a": 1}]', '["say", {"a": 1}] ',
)  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_odd_texts_are_taken_as_a_parser_takes_them(odd: str) -> None:
    """Or refused, before anything is counted."""
    usual = [('["say", {"a": 1}]', 1)] * 10
    one, other = Args(), Args()
    other.scope.plans = False
    for text, session in [*usual, (odd, 1), *usual]:
        parsed = jsontext.parse(text)[0]
        other.add(parsed[1:], session)
        taken = add_text(one, text, "say", session)
        assert not taken or parsed[0] == "say"
        if not taken:
            one.add(parsed[1:], session)
    assert state(one) == state(other)


def test_a_string_that_may_be_an_offset_is_refused() -> None:
    """And what ends in none is not."""
    for last, refused in (("x", True), (1, False)):
        args = Args()
        for _ in range(10):
            args.add([last], 1)
        assert (args.decode(json.dumps([NAME, last]), NAME, offset=True) is None) is refused
