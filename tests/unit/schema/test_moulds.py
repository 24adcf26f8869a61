"""What moulds cost that is not seen in what they take in."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest

from infer.schema import Args, slots
from infer.schema.moulds import Mould


def types() -> int:
    gc.collect()
    return sum(type(thing).__name__ == "StructMeta" for thing in gc.get_objects())


def order(number: int) -> list[Any]:
    """Objects in objects, told apart by a tag."""
    event = {"type": "paid", "by": "card"} if number % 2 else {"type": "sent", "to": [1.5, 2.5]}
    return [{"id": number, "lines": [{"sku": "a", "count": number}], "event": event}]


def test_moulds_that_are_made_again_make_no_more_types() -> None:
    """However often what is usual is learned anew, in one event or in many that are alike."""
    args = Args()
    for number in range(200):
        args.add(order(number), number % 5)
    first = Mould("order", args.slots, 1_000)
    first.decode(json.dumps(["order", *order(1)]))
    before = types()
    for _ in range(30):
        Mould("order", args.slots, 1_000)
    assert types() - before <= 1


UUIDS = [f"123e4567-e89b-12d3-a456-{number:012x}" for number in range(100)]


@pytest.mark.parametrize("odd", [f"{UUIDS[0]}\n{UUIDS[1]}", UUIDS[0][:-1], UUIDS[0] + "\n", "\n", "é" * 36])
def test_strings_that_are_asked_about_together_lose_their_format_each_by_itself(odd: str) -> None:
    """What is no UUID tells of its own place, in whatever company it comes."""
    args, plain = Args(), Args()
    for number in range(64):
        for each in (args, plain):
            each.add([{"id": UUIDS[number], "of": [{"id": uuid} for uuid in UUIDS[:3]]}], 1)
    lists = [[{"id": uuid, "of": [{"id": odd if number == 5 else uuid}]}] for number, uuid in enumerate(UUIDS[:9])]
    assert not args.add_texts([json.dumps(["note", *values]) for values in lists], "note", 1)
    for values in lists:
        plain.add(values, 1)
    assert args == plain
    assert args.count == 73


def taken(args: Args, lists: list[list[Any]], monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Have the lists taken in as texts, as they come; how many went the plain way, and how many moulds were made."""
    made = 0

    class Counted(Mould):
        def __init__(self, *given: Any) -> None:
            nonlocal made
            made += 1
            super().__init__(*given)

    monkeypatch.setattr(slots, "Mould", Counted)
    plainly = 0
    for values in lists:
        payload = args.decode(json.dumps(["order", *values]), "order")
        if payload is None:
            args.add(values, 1)
            plainly += 1
        else:
            args.add_payload(payload, 1)
    return plainly, made


def test_a_mould_that_would_be_made_alike_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making one of a large document costs as much as taking in a dozen."""
    assert taken(Args(), [order(number) for number in range(5_000)], monkeypatch) == (32, 1)


def test_a_mould_is_made_anew_once_its_questions_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a string is an enum's is looked at in each payload until it is known."""
    colours = [[{"colour": f"c{number if number > 40 else 0}", "at": number}] for number in range(1_000)]
    assert taken(Args(), colours, monkeypatch) == (32, 2)


def test_a_large_document_is_moulded_whole_from_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many places it has that come and go, each was seen often enough: there is nothing to make a second one for."""
    rows = [{"cells": [{"text": f"t{n}", "size": n, **({"note": str(n)} if n % 2 else {})} for n in range(9)], "key": k} for k in range(9)]
    document = [{f"part{number}": {"rows": rows, "at": number} for number in range(30)}]
    assert taken(Args(), [document] * 200, monkeypatch) == (32, 1)


def test_maps_with_a_key_of_another_form_cost_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those are taken in plainly, the others as they came, and nothing is decoded again and again."""
    maps = [[{f"{3 * number + key:011x}{'a' if key or number % 10 else '.'}": key for key in range(3)}] for number in range(2_000)]
    args, plain = Args(), Args()
    for values in maps[1:65]:
        for each in (args, plain):
            each.add(values, 1)
    decoded = 0

    class Counted(Mould):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            decode_lines = self.decode_lines

            def counted(text: str) -> list[Any]:
                nonlocal decoded
                values = decode_lines(text)
                decoded += len(values)
                return values

            self.decode_lines = counted

    monkeypatch.setattr(slots, "Mould", Counted)
    texts = [json.dumps(["seen", *values]) for values in maps]
    left = args.add_texts(texts, "seen", 1)
    assert sorted(left) == list(range(0, 2_000, 10))
    for number in left:
        args.add(maps[number], 1)
    for values in maps:
        plain.add(values, 1)
    assert args == plain
    assert decoded <= len(maps)
