"""The targets for some seconds, by a fixed seed and without atheris; and whatever a long run has found."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.fuzz.targets import TARGETS, words
from tests.requires import requires

FOUND: Final = Path(__file__).parent / "found"
SEED: Final = 20_240_501
EXECUTIONS: Final = 400
SLOW: Final = {"document": 25, "pcapng": 3}
HANG: Final = 60.0
"""Seconds that no input may take: a bound on runaways, not a measure."""
WORDS: Final = list(words())


class Hang(BaseException):
    """An input that does not end; no handler of exceptions takes it."""


@contextmanager
def bounded() -> Iterator[None]:
    def hang(_signal: int, _frame: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, hang)
    signal.setitimer(signal.ITIMER_REAL, HANG)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def mutated(chance: random.Random, seeds: list[bytes], longest: int) -> bytes:
    """A seed with a few places set, cut, doubled, moved, or replaced by a word or by part of another seed."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        size = chance.choice((1, 1, 2, 4, 16, 64))
        how = chance.randrange(6)
        if how == 0 and at < len(data):
            data[at] = chance.randrange(256)
        elif how == 1:
            del data[at : at + size]
        elif how == 2:
            data[at:at] = data[at : at + size]
        elif how == 3:
            data[at:at] = chance.choice(WORDS)
        elif how == 4:
            other = chance.choice(seeds)
            start = chance.randrange(len(other) + 1)
            data[at : at + size] = other[start : start + size]
        else:
            del data[at:]
    return bytes(data[:longest])


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_taken_and_mutations_stood(name: str) -> None:
    """No exception, no hang: by every seed, and by some hundreds of inputs made of them."""
    target = TARGETS[name]
    if target.slow:
        requires("tshark")
    seeds = target.seeds()
    assert seeds
    chance = random.Random(SEED)
    made = (mutated(chance, seeds, target.longest) for _ in range(SLOW.get(name, EXECUTIONS)))
    for data in (*(seeds[:3] if name in SLOW else seeds), *made):
        try:
            with bounded():
                target.run(data)
        except (Exception, Hang) as error:
            raise AssertionError(f"{name} does not stand {data!r}") from error


@pytest.mark.parametrize("path", sorted(FOUND.iterdir()), ids=lambda path: path.name)
def test_what_was_found_stays_mended(path: Path) -> None:
    """Inputs that once broke a target, named `TARGET-NUMBER`."""
    with bounded():
        TARGETS[path.name.partition("-")[0]].run(path.read_bytes())
