"""What saved states cost: `python -m bench.states` prints size, time to load and time to merge, by number of events."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from bench.corpus import Talk, chat, nested, telemetry
from infer import state
from infer.catalog import Catalog
from infer.model import Direction, Event, Origin, Server
from infer.wire import jsontext

EVENTS: Final = (125, 250, 500, 1000)
SMALL: Final = 70
"""Events of a state of 100 kB, of which so many are folded:"""
STATES: Final = 100
_SERVER: Final = Server(secure=True, host="bench.test", path="/socket.io/")
_SAMPLES: Final = 20


def catalog(events: int, seed: int = 1) -> Catalog:
    """A catalog of so many events, each with some samples of the corpus' payloads."""
    made = Catalog()
    rng = random.Random(seed)
    for number in range(events):
        # names as people choose them: words, and no numbers, which would be taken for data
        name = "".join(chr(97 + number // 26**place % 26) for place in range(3)) + ":changed"
        kind = (chat, telemetry, nested)[number % 3]
        for sample in range(_SAMPLES):
            _, text = next(iter(kind(Talk(seed * 7919 + number * 31 + sample))))
            assert isinstance(text, str)
            args = jsontext.parse(text[text.index("[") :])[0][1:]
            made.add(
                Event(
                    session=rng.getrandbits(62), server=_SERVER, namespace="/", direction=Direction.S2C, name=name, args=args,
                    ack_asked=False, ack=None, latency=None, size=len(text), time=1.0, origin=Origin("bench"),
                )
            )  # fmt: skip
    return made


def seconds(do: Callable[[], object]) -> float:
    """CPU seconds, the least of three."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        do()
        best = min(best, time.process_time() - began)
    return best


def rows() -> Iterator[tuple[int, int, float, float]]:
    """Events, bytes of the state's file, seconds to load it, seconds to merge it into another."""
    for events in EVENTS:
        data = state.encode(catalog(events))
        whole = state.decode(data)
        loaded = state.decode(data)
        yield events, len(data), seconds(partial(state.decode, data)), seconds(partial(whole.merge, loaded))


def fold_rate() -> tuple[float, float]:
    """Kilobytes of a state, and how many of that size are loaded and folded in a CPU second."""
    data = state.encode(catalog(SMALL))
    whole = Catalog()
    began = time.process_time()
    for _ in range(STATES):
        whole.merge(state.decode(data))
    return len(data) / 1000, STATES / (time.process_time() - began)


def main() -> None:
    """Print the table."""
    for events, size, load, merge in rows():
        print(f"{events:5} events: {size / 1000:7.0f} kB, load {load * 1000:6.1f} ms, merge {merge * 1000:6.1f} ms")
    print("states of {:.0f} kB fold at {:.1f} a second".format(*fold_rate()))


if __name__ == "__main__":
    main()
