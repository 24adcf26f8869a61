"""Captures cut and damaged, thousands of times: what the readers make of them.

    python -m bench.faults [COUNT]

Two kinds of fault, COUNT of each (10,000 unless told otherwise) for a HAR and for a flow file:

- cut: at evenly spread bytes. What is read must be a beginning of the whole, and hold every WebSocket message that stands
  complete before the cut;
- flip: one byte made another at random (from a fixed seed). No exception but `CaptureError`, no hang; every frame of
  the entries before the damaged one is kept, and (in a HAR) every frame of those after it, where the damage lies inside
  an entry.

Writes bench/FAULTS.md and exits 1 where any expectation is missed.
"""

from __future__ import annotations

import json
import random
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Final

from bench.measure import ROOT, machine
from infer import captures
from infer.errors import CaptureError
from infer.model import Diagnostic, Frame, Transport

HAR: Final = ROOT / "recordings/orders.har"
FLOWS: Final = ROOT / "recordings/orders.mitm"
PATIENCE: Final = 20
"""Seconds after which a reading counts as hanging; an undamaged one takes some milliseconds."""
SEED: Final = 20_260_101


class Hang(Exception):
    """A reading took too long."""


def read(path: Path) -> tuple[list[Frame], list[Diagnostic]]:
    """All frames. Errors: `CaptureError`, `Hang`."""
    frames: list[Frame] = []
    diagnostics: list[Diagnostic] = []
    signal.alarm(PATIENCE)
    try:
        frames.extend(captures.read(path, wanted=lambda _: True, report=diagnostics.append))
    finally:
        signal.alarm(0)
    return frames, diagnostics


def _hang(*_: object) -> None:
    raise Hang


def spans(data: bytes, *, flows: bool) -> list[tuple[int, int]]:
    """Where each entry begins and ends."""
    if flows:
        found, at = [], 0
        while at < len(data):
            colon = data.index(b":", at)
            end = colon + 1 + int(data[at:colon]) + 1
            found.append((at, end))
            at = end
        return found
    text = data.decode()
    decoder = json.JSONDecoder()
    at = text.index("[", text.index('"entries"')) + 1
    found = []
    while True:
        at = text.index("{", at)
        _, end = decoder.raw_decode(text, at)
        found.append((len(text[:at].encode()), len(text[:end].encode())))
        at = end
        if text[at:].lstrip()[0] == "]":
            return found


def ends_of_messages(data: bytes) -> list[int]:
    """Where each WebSocket message of a HAR is complete."""
    document = json.loads(data)
    found, at = [], 0
    for entry in document["log"]["entries"]:
        for message in entry.get("_webSocketMessages", ()):
            at = data.index(json.dumps(message["data"]).encode(), at) + 1
            found.append(data.index(b"}", at + len(json.dumps(message["data"]))) + 1)
    return found


def cuts(source: Path, count: int, folder: Path) -> Counter[str]:
    """The outcomes of cutting."""
    data = source.read_bytes()
    undamaged = read(source)[0]
    whole = content(undamaged)
    ends = [end for _, end in spans(data, flows=True)] if source is FLOWS else ends_of_messages(data)
    path = folder / "cut"
    outcomes: Counter[str] = Counter()
    for number in range(count):
        cut = number * len(data) // count
        path.write_bytes(data[:cut])
        complete = sum(end <= cut for end in ends)
        try:
            frames, _ = read(path)
        except CaptureError:
            outcomes["refused before the first complete entry" if not complete else "LOST what was complete"] += 1
            continue
        except Hang:
            outcomes["HANG"] += 1
            continue
        except Exception as error:  # noqa: BLE001 (whatever it is, it is the outcome)
            outcomes[f"CRASH {type(error).__name__}"] += 1
            continue
        prefix = content(frames) == whole[: len(frames)]
        if source is FLOWS:
            kept = len(frames) >= sum(_entry(frame) < complete for frame in undamaged)
        else:
            kept = sum(frame.exchange.transport is Transport.WEBSOCKET for frame in frames) >= complete
        outcomes["read up to the cut" if prefix and kept else "LOST what was complete"] += 1
    return outcomes


def flips(source: Path, count: int, folder: Path) -> Counter[str]:
    """The outcomes of damaging one byte."""
    data = source.read_bytes()
    whole = read(source)[0]
    places = spans(data, flows=source is FLOWS)
    path = folder / "flipped"
    chance = random.Random(SEED)
    outcomes: Counter[str] = Counter()
    for _ in range(count):
        at = chance.randrange(len(data))
        damaged = bytearray(data)
        damaged[at] ^= chance.randrange(1, 256)
        path.write_bytes(damaged)
        victim = next((number for number, (begin, end) in enumerate(places) if begin <= at < end), None)
        try:
            frames, diagnostics = read(path)
        except CaptureError:
            outside = victim is None or (source is FLOWS and victim == 0)
            outcomes["refused: the frame of the document is damaged" if outside else "LOST all for one entry"] += 1
            continue
        except Hang:
            outcomes["HANG"] += 1
            continue
        except Exception as error:  # noqa: BLE001 (whatever it is, it is the outcome)
            outcomes[f"CRASH {type(error).__name__}"] += 1
            continue
        before = content([frame for frame in whole if victim is not None and _entry(frame) < victim])
        after = content([frame for frame in whole if victim is not None and _entry(frame) > victim])
        got = content(frames)
        if victim is None:
            outcomes["read: the damage is outside of all entries"] += 1
        elif got[: len(before)] != before:
            outcomes["LOST what stands before"] += 1
        elif source is HAR and after and got[-len(after) :] != after:
            outcomes["LOST what stands after"] += 1
        elif diagnostics:
            outcomes["told of, the other entries read"] += 1
        else:
            outcomes["not noticeable (inside a value)"] += 1
    return outcomes


def content(frames: list[Frame]) -> list[Any]:
    """What frames hold."""
    return [(frame.direction.value, frame.data) for frame in frames]


def _entry(frame: Frame) -> int:
    assert frame.origin.entry is not None
    return frame.origin.entry


def main(arguments: list[str]) -> int:
    """Run all; the exit code."""
    count = int(arguments[0]) if arguments else 10_000
    signal.signal(signal.SIGALRM, _hang)
    rows: list[tuple[str, str, str, int]] = []
    with tempfile.TemporaryDirectory() as name:
        for label, source in (("HAR", HAR), ("flow file", FLOWS)):
            for fault, run in (("cut", cuts), ("flip", flips)):
                outcomes = run(source, count, Path(name))
                rows.extend((label, fault, what, times) for what, times in sorted(outcomes.items()))
    bad = [row for row in rows if row[2].split()[0].isupper()]
    lines = [
        "# Captures cut and damaged",
        "",
        f"`python -m bench.faults {count}`, on {machine()}. Sources: {HAR.name}, {FLOWS.name}. LOST, HANG and CRASH must not be.",
        "",
        "| capture | fault | outcome | times |",
        "|---|---|---|---:|",
        *(f"| {label} | {fault} | {what} | {times:,} |" for label, fault, what, times in rows),
        "",
    ]
    text = "\n".join(lines)
    (ROOT / "bench/FAULTS.md").write_text(text, encoding="utf-8")
    print(text)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
