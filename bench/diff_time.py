"""Holding traffic to a contract, as a ratio to merely decoding it: `python -m bench.diff_time [FRAMES]`.

A contract of 200 events (half of them acknowledged; texts, numbers, nested objects, enumerations, tagged variants,
optional properties that come and go) and 100,000 frames that keep to it. Each round decodes them, then decodes them and
holds each event to the contract. The best of the rounds is shown, in seconds of this process's CPU; the second pair of rows is of traffic that departs
from the contract in every tenth event. Goal: at most 1.5.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from infer import captures
from infer.asyncapi.contract import Contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.diff import Conformance
from infer.model import Diagnostic, Direction, Exchange, Frame, Origin, Transport
from infer.wire import Correlator, Decoder

EVENTS: Final = 200
ROUNDS: Final = 5


def schema_of(number: int) -> dict[str, Any]:
    """The schema of an event's argument."""
    user = {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "role": {"enum": ["admin", "member", "guest"]}},
        "required": ["id", "name"],
    }
    base: dict[str, Any] = {
        "type": "object",
        "properties": {
            "text": {"type": "string"}, "at": {"type": "number"}, "user": user,
            "tags": {"type": "array", "items": {"type": "string"}}, "note": {"type": ["string", "null"]},
        },
        "required": ["text", "user"],
    }  # fmt: skip
    if number % 4:
        return base
    other = {"type": "object", "properties": {"kind": {"const": "file"}, "size": {"type": "integer"}}, "required": ["kind", "size"]}
    words = {"type": "object", "properties": {"kind": {"const": "text"}, "words": base}, "required": ["kind", "words"]}
    return {"oneOf": [other, words]}


def value_of(number: int, rng: random.Random, *, spoilt: bool) -> dict[str, Any]:
    """A value of it; a spoilt one has a string for an integer."""
    user: dict[str, Any] = {"id": "7" if spoilt else rng.randrange(10_000), "name": rng.choice(["ann", "bob", "cid"])}
    if rng.random() < 0.5:
        user["role"] = rng.choice(["admin", "member", "guest"])
    made: dict[str, Any] = {"text": "lorem ipsum " * rng.randrange(1, 8), "user": user}
    if rng.random() < 0.5:
        made["at"] = rng.random() * 1e9
    if rng.random() < 0.3:
        made["tags"] = ["x", "y"]
    if rng.random() < 0.3:
        made["note"] = None
    if number % 4:
        return made
    return {"kind": "file", "size": rng.randrange(10)} if rng.random() < 0.5 else {"kind": "text", "words": made}


def contract() -> Contract:
    """The contract, read from its document."""
    messages = {}
    operations = {}
    for number in range(EVENTS):
        message: dict[str, Any] = {"name": f"event {number}", "payload": schema_of(number)}
        if number % 2:
            message["x-ack"] = {"args": {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}}
        messages[f"m{number}"] = message
        operations[f"o{number}"] = {
            "action": "receive",
            "channel": {"$ref": "#/channels/root"},
            "messages": [{"$ref": f"#/channels/root/messages/m{number}"}],
        }
    made = {"asyncapi": "3.0.0", "channels": {"root": {"address": "/", "messages": messages}}, "operations": operations}
    text = json.dumps(made)
    return read(Documents(lambda _: text), "contract.json")


def frames(count: int, *, spoilt: float = 0.0) -> Iterator[Frame]:
    """That many WebSocket messages of one session."""
    rng = random.Random(7)
    url = "ws://app.test/socket.io/?EIO=4&transport=websocket"
    exchange = Exchange(url, "GET", (), (), 101, Transport.WEBSOCKET, 0.0, Origin("bench", 0))
    texts: list[tuple[Direction, str]] = [
        (Direction.S2C, '0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'),
        (Direction.C2S, "40"), (Direction.S2C, '40{"sid":"b"}'),
    ]  # fmt: skip
    ack = 0
    while len(texts) < count:
        number = rng.randrange(EVENTS)
        value = json.dumps(value_of(number, rng, spoilt=rng.random() < spoilt))
        if number % 2:
            texts.append((Direction.C2S, f'42{ack}["event {number}",{value}]'))
            texts.append((Direction.S2C, f'43{ack}[{{"ok":true}}]'))
            ack += 1
        else:
            texts.append((Direction.C2S, f'42["event {number}",{value}]'))
    for index, (direction, text) in enumerate(texts[:count]):
        yield Frame(exchange, direction, float(index), text, index)


def run(made: Iterable[Frame], declared: Contract | None) -> tuple[float, int]:
    """Seconds to decode the frames, and to hold them to the contract where there is one; and how much was found."""
    trouble: list[Diagnostic] = []
    decoder, correlator = Decoder(report=trouble.append), Correlator(report=trouble.append)
    began = time.process_time()
    conformance = None if declared is None else Conformance(declared)
    for frame in made:
        for packet in decoder.feed(frame):
            for observation in correlator.feed(packet):
                if conformance is not None:
                    conformance.add(observation)
    found = 0 if conformance is None else len(conformance.findings())
    took = time.process_time() - began
    assert not trouble, trouble[0]
    return took, found


def har(made: list[Frame]) -> str:
    """The frames as a HAR of one WebSocket, as DevTools writes it."""
    messages = [
        {"type": "send" if frame.direction is Direction.C2S else "receive", "time": frame.time, "opcode": 1, "data": frame.data}
        for frame in made
    ]
    entry = {
        "startedDateTime": "2026-03-01T00:00:00Z", "time": 1,
        "request": {"method": "GET", "url": made[0].exchange.url, "headers": [], "queryString": []},
        "response": {"status": 101, "headers": [], "content": {}}, "_resourceType": "websocket", "_webSocketMessages": messages,
    }  # fmt: skip
    return json.dumps({"log": {"version": "1.2", "entries": [entry]}}, indent=2)


def read_frames(path: str) -> Iterator[Frame]:
    """The frames of a capture."""
    return captures.read(path, wanted=lambda _: True, report=print)


def main() -> None:
    """Measure, and print a table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    declared = contract()
    rows = [f"| traffic, {count:,} frames, {EVENTS} events | findings | decoded | decoded and held | ratio |", "|---" * 5 + "|"]
    for name, spoilt in (("keeps to the contract", 0.0), ("departs in every tenth event", 0.1)):
        made = list(frames(count, spoilt=spoilt))
        with tempfile.NamedTemporaryFile("w", suffix=".har") as file:
            file.write(har(made))
            file.flush()
            for source in ("of a HAR", "in memory"):
                plain, held, found = [], [], 0
                for _ in range(ROUNDS):
                    plain.append(run(made if source == "in memory" else read_frames(file.name), None)[0])
                    took, found = run(made if source == "in memory" else read_frames(file.name), declared)
                    held.append(took)
                ratio = min(held) / min(plain)
                rows.append(f"| {name}, {source} | {found} | {min(plain):.2f} s | {min(held):.2f} s | {ratio:.2f} |")
    table = "\n".join(rows)
    print(table)
    Path(__file__).with_name("DIFF_TIME.md").write_text(f"# Time to hold traffic\n\n{(__doc__ or '').strip()}\n\n{table}\n")


if __name__ == "__main__":
    main()
