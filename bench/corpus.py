"""Captures to measure on: HARs of any size, the same bytes for the same seed.

    python -m bench.corpus 200 mixed.har            # 200 MB of everything
    python -m bench.corpus 20 chat.har --kind chat

Written as DevTools exports them: indented, one WebSocket entry a session, polling sessions as an entry a request. The
traffic is of five kinds, a session each: `chat` (short texts, acks), `telemetry` (numbers, maps keyed by id), `nested`
(documents of some kilobytes), `binary` (events with attachments) and `polling` (chat over HTTP bodies). A sixth kind,
`rest`, holds none of Socket.IO: calls of a JSON API over HTTP, for a peer that reads those.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TextIO

EPOCH: Final = 1_760_000_000.0
FRAMES_PER_SESSION: Final = 400
Message = tuple[str, str | bytes]
"""Who sends (`send` is the client, as a HAR says it), and the WebSocket message."""

_WORDS: Final = (
    "amber basil cedar delta ember fjord grove heron iris jade kelp lotus maple north olive pearl".split()
)


class Talk:
    """One session's messages, made from its own random source."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.next_id = 0

    def words(self, least: int, most: int) -> str:
        """A sentence."""
        return " ".join(self.rng.choice(_WORDS) for _ in range(self.rng.randint(least, most)))

    def hex(self, length: int) -> str:
        """A random identifier."""
        return "".join(self.rng.choice("0123456789abcdef") for _ in range(length))

    def uuid(self) -> str:
        """A random UUID."""
        return "-".join(self.hex(length) for length in (8, 4, 4, 4, 12))

    def when(self) -> str:
        """An RFC 3339 time."""
        day, hour, minute, second = (
            self.rng.randint(low, high) for low, high in ((1, 28), (0, 23), (0, 59), (0, 59))
        )
        return f"2026-03-{day:02}T{hour:02}:{minute:02}:{second:02}.{self.rng.randint(0, 999):03}Z"

    def event(self, sender: str, name: str, *args: Any) -> Iterator[Message]:
        """An event without acknowledgement."""
        yield sender, "42" + _dump([name, *args])

    def call(self, sender: str, name: str, *args: Any, answer: list[Any]) -> Iterator[Message]:
        """An event with its acknowledgement."""
        number, self.next_id = self.next_id, self.next_id + 1
        yield sender, f"42{number}" + _dump([name, *args])
        yield ("receive" if sender == "send" else "send"), f"43{number}" + _dump(answer)


def chat(talk: Talk) -> Iterator[Message]:
    """Short events, some acknowledged, in twelve kinds."""
    rng = talk.rng
    room = rng.choice(["general", "random", "support"])
    user = {"id": talk.uuid(), "name": talk.words(1, 2), "role": rng.choice(["admin", "member", "guest"])}
    kind = rng.randrange(6)
    if kind == 0:
        answer = {"status": "ok", "id": talk.uuid()} if rng.random() < 0.95 else {"error": "too long"}
        yield from talk.call(
            "send", "message:send", {"room": room, "text": talk.words(2, 12)}, answer=[answer]
        )
    elif kind == 1:
        yield from talk.event(
            "receive",
            "message:new",
            {"room": room, "text": talk.words(2, 12), "from": user, "at": talk.when()},
        )
    elif kind == 2:
        yield from talk.event("send", "typing:" + rng.choice(["start", "stop"]), room)
    elif kind == 3:
        yield from talk.event("receive", "presence", user["id"], rng.choice(["online", "away", "offline"]))
    elif kind == 4:
        yield from talk.event("receive", rng.choice(["user:joined", "user:left"]), user, rng.randint(1, 400))
    else:
        yield from talk.call(
            "send", "room:" + rng.choice(["join", "leave"]), {"room": room}, answer=[None, rng.randint(1, 99)]
        )


def telemetry(talk: Talk) -> Iterator[Message]:
    """Frequent numbers, in fifteen kinds."""
    rng = talk.rng
    sensor = rng.choice(["cpu", "disk", "fan", "gpu", "net"])
    kind = rng.randrange(3)
    if kind == 0:
        sample = {
            "t": round(rng.random() * 1e6),
            "value": round(rng.random() * 100, 2),
            "unit": rng.choice(["C", "%", "rpm"]),
        }
        yield from talk.event("receive", f"{sensor}:sample", talk.uuid(), sample)
    elif kind == 1:
        hosts = {
            talk.hex(12): {"load": round(rng.random(), 3), "up": rng.random() < 0.9}
            for _ in range(rng.randint(2, 6))
        }
        yield from talk.event("receive", f"{sensor}:hosts", hosts)
    else:
        yield from talk.event(
            "send", f"{sensor}:threshold", {"min": rng.randint(0, 20), "max": rng.randint(60, 100)}
        )


def nested(talk: Talk, depth: int = 0) -> Iterator[Message]:
    """Documents of some kilobytes, in ten kinds."""
    rng = talk.rng

    def block(depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {
            "id": talk.uuid(),
            "type": rng.choice(["paragraph", "heading", "list"]),
            "text": talk.words(3, 20),
        }
        if rng.random() < 0.4:
            made["style"] = {
                "bold": rng.random() < 0.5,
                "size": rng.randint(8, 24),
                "color": "#" + talk.hex(6),
            }
        if depth < 3 and rng.random() < 0.6:
            made["children"] = [block(depth + 1) for _ in range(rng.randint(1, 3))]
        return made

    document = {
        "id": talk.uuid(), "title": talk.words(2, 6), "updatedAt": talk.when(), "version": rng.randint(1, 900),
        "author": {"id": talk.uuid(), "email": f"{talk.hex(6)}@example.test"}, "blocks": [block(depth) for _ in range(rng.randint(4, 14))],
        "tags": [rng.choice(_WORDS) for _ in range(rng.randint(0, 4))],
    }  # fmt: skip
    kind = rng.choice(["board", "sheet", "slide", "text", "form"])
    yield from talk.event("receive", f"{kind}:document", document)
    yield from talk.call(
        "send",
        f"{kind}:patch",
        document["id"],
        [{"op": "replace", "path": "/title", "value": talk.words(1, 4)}],
        answer=[{"ok": True, "version": document["version"]}],
    )


def binary(talk: Talk) -> Iterator[Message]:
    """Events with one or two attachments, in three kinds."""
    rng = talk.rng
    kind = rng.choice(["image", "audio", "file"])
    chunks = [rng.randbytes(rng.randint(200, 4000)) for _ in range(rng.randint(1, 2))]
    places = [{"_placeholder": True, "num": number} for number in range(len(chunks))]
    yield (
        "send",
        f"45{len(chunks)}-"
        + _dump([f"{kind}:chunk", {"name": talk.words(1, 2), "seq": rng.randint(0, 500), "data": places}]),
    )
    for chunk in chunks:
        yield "send", chunk


KINDS: Final[dict[str, Callable[[Talk], Iterator[Message]]]] = {
    "chat": chat, "telemetry": telemetry, "nested": nested, "binary": binary, "polling": chat,
}  # fmt: skip
_MIXED: Final = ("chat", "telemetry", "nested", "telemetry", "chat", "nested", "polling", "binary")


def write(path: Path, megabytes: float, kind: str = "mixed", seed: int = 1) -> None:
    """Write a HAR of about that size (whole sessions, so a little more)."""
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '{\n  "log": {\n    "version": "1.2",\n    "creator": {"name": "bench", "version": "1"},\n    "entries": ['
        )
        session = 0
        while file.tell() < megabytes * 1_000_000:
            of = _MIXED[session % len(_MIXED)] if kind == "mixed" else kind
            talk = Talk(seed * 1_000_003 + session)
            if of == "rest":
                entries = _rest(talk, session)
            else:
                entries = _polling(talk, session) if of == "polling" else _socket(talk, session, KINDS[of])
            for entry in entries:
                file.write(",\n" if session or entry is not entries[0] else "\n")
                _indent(file, entry)
            session += 1
        file.write("\n    ]\n  }\n}\n")


def _socket(talk: Talk, session: int, kind: Callable[[Talk], Iterator[Message]]) -> list[dict[str, Any]]:
    """A session over WebSocket, from its first frame."""
    sid, started = talk.hex(20), EPOCH + session * 60
    messages: list[Message] = [
        (
            "receive",
            "0"
            + _dump(
                {
                    "sid": sid,
                    "upgrades": [],
                    "pingInterval": 25000,
                    "pingTimeout": 20000,
                    "maxPayload": 1000000,
                }
            ),
        ),
        ("send", "40" + _dump({"token": talk.hex(32)})),
        ("receive", "40" + _dump({"sid": talk.hex(20)})),
    ]
    while len(messages) < FRAMES_PER_SESSION:
        messages.extend(kind(talk))
        if len(messages) % 25 == 0:
            messages += [("receive", "2"), ("send", "3")]
    frames = [
        {"type": sender, "time": round(started + number * 0.05, 3), "opcode": 1 if isinstance(data, str) else 2,
         "data": data if isinstance(data, str) else base64.b64encode(data).decode()}
        for number, (sender, data) in enumerate(messages)
    ]  # fmt: skip
    return [_entry("ws://bench.test/socket.io/?EIO=4&transport=websocket", "GET", 101, started, 20.0) | {
        "_resourceType": "websocket", "_webSocketMessages": frames,
    }]  # fmt: skip


def _polling(talk: Talk, session: int) -> list[dict[str, Any]]:
    """A session over polling: a body a few packets."""
    sid, started = talk.hex(20), EPOCH + session * 60
    url = "http://bench.test/socket.io/?EIO=4&transport=polling"
    opened = "0" + _dump(
        {
            "sid": sid,
            "upgrades": ["websocket"],
            "pingInterval": 25000,
            "pingTimeout": 20000,
            "maxPayload": 1000000,
        }
    )
    entries = [_entry(url + "&t=0", "GET", 200, started, 0.01, answer=opened)]
    queues: dict[str, list[str]] = {
        "send": ["40" + _dump({"token": talk.hex(32)})],
        "receive": ["40" + _dump({"sid": talk.hex(20)})],
    }
    for step in range(FRAMES_PER_SESSION // 4):
        for _ in range(talk.rng.randint(1, 4)):
            for sender, data in chat(talk):
                assert isinstance(data, str)
                queues[sender].append(data)
        at = started + 0.1 * (step + 1)
        sent, got = ("\x1e".join(queues[sender]) for sender in ("send", "receive"))
        queues["send"].clear()
        queues["receive"].clear()
        if sent:
            entries.append(
                _entry(f"{url}&sid={sid}&t={step}p", "POST", 200, at, 0.01, body=sent, answer="ok")
            )
        if got:
            entries.append(_entry(f"{url}&sid={sid}&t={step}g", "GET", 200, at + 0.02, 0.05, answer=got))
    return entries


def _rest(talk: Talk, session: int) -> list[dict[str, Any]]:
    """Calls of a JSON API, whose bodies are the arguments of the other kinds."""
    entries = []
    for step in range(FRAMES_PER_SESSION // 4):
        _, packet = next(iter(talk.rng.choice((chat, telemetry, nested))(talk)))
        assert isinstance(packet, str)
        name, *args = json.loads(packet[packet.index("[") :])
        url = f"http://bench.test/api/{name.replace(':', '/')}"
        at = EPOCH + session * 60 + 0.1 * step
        entries.append(_entry(url, "POST", 200, at, 0.01, body=_dump(args[-1:]), answer=_dump(args[-1]), kind="application/json"))
    return entries


def _entry(
    url: str, method: str, status: int, started: float, took: float, body: str = "", answer: str = "", kind: str = "text/plain"
) -> dict[str, Any]:
    stamp = datetime.fromtimestamp(started, UTC).isoformat(timespec="milliseconds")
    headers = [
        {"name": "Host", "value": "bench.test"},
        {"name": "User-Agent", "value": "bench"},
        {"name": "Accept", "value": "*/*"},
    ]
    post = {"postData": {"mimeType": f"{kind};charset=UTF-8", "text": body}} if body else {}
    return {
        "startedDateTime": stamp, "time": took * 1000,
        "request": {"method": method, "url": url, "httpVersion": "HTTP/1.1", "headers": headers, "queryString": [], "cookies": [], "headersSize": -1, "bodySize": len(body)} | post,
        "response": {"status": status, "statusText": "", "httpVersion": "HTTP/1.1", "headers": headers[2:], "cookies": [], "redirectURL": "", "headersSize": -1, "bodySize": len(answer),
                     "content": {"size": len(answer), "mimeType": kind, "text": answer}},
        "cache": {}, "timings": {"send": 0, "wait": took * 1000, "receive": 0},
    }  # fmt: skip


def _indent(file: TextIO, entry: dict[str, Any]) -> None:
    text = json.dumps(entry, indent=2, ensure_ascii=False)
    file.write("      " + text.replace("\n", "\n      "))


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def main() -> None:
    """Write one capture."""
    parser = argparse.ArgumentParser(description="Write a HAR to measure on.")
    parser.add_argument("megabytes", type=float)
    parser.add_argument("path", type=Path)
    parser.add_argument("--kind", choices=["mixed", *KINDS, "rest"], default="mixed")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    write(given.path, given.megabytes, given.kind, given.seed)


if __name__ == "__main__":
    main()
