"""What moulds cost that is not seen in what they take in."""

from __future__ import annotations

import gc
import json
from typing import Any

from infer.schema import Args
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
