"""Traffic of strangers: what the command does with a capture that is made to exhaust it.

    python -m bench.hostile [SCALE]

Each attack is a capture at a tenth of its size and at its size (times SCALE, 1 unless told otherwise), inferred by the real
command in a process of its own. Memory must stay below its bar at both, and CPU time may grow at most 13 times from the tenth
to the whole, which is linear with some noise. Writes bench/HOSTILE.md and exits 1 where one misses its bar.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.measure import DATA, ROOT, Contender, Cost, cost, machine

GROWTH: Final = 13.0
MB: Final = 1_000_000
_OPEN: Final = '0{"sid":"%s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'


@dataclass(frozen=True, slots=True)
class Attack:
    """A capture of a size, and what reading it may take."""

    name: str
    size: int
    write: Callable[[Path, int], None]
    rss: float = 250.0
    """MB at most."""
    linear: bool = True
    fails: bool = False
    """Whether the command is to refuse it."""


def _socket(messages: Iterator[str], sid: str = "s") -> Iterator[str]:
    url = f"ws://h.test/socket.io/?EIO=4&transport=websocket&n={sid}"
    yield '{"startedDateTime":"2026-01-01T00:00:00Z","time":1,"_resourceType":"websocket","request":{"method":"GET","url":'
    yield json.dumps(url) + ',"headers":[]},"response":{"status":101,"headers":[],"content":{}},"_webSocketMessages":['
    yield json.dumps({"type": "receive", "time": 1767225600.0, "opcode": 1, "data": _OPEN % sid})
    for data in messages:
        yield ',\n{"type":"receive","time":1767225601.0,"opcode":1,"data":' + json.dumps(data) + "}"
    yield "]}"


def _har(path: Path, entries: Iterator[Iterator[str]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write('{"log":{"version":"1.2","creator":{"name":"bench"},"entries":[')
        for number, entry in enumerate(entries):
            file.write(",\n" if number else "")
            file.writelines(entry)
        file.write("]}}")


def _one(path: Path, messages: Iterator[str]) -> None:
    _har(path, iter([_socket(messages)]))


def names(path: Path, size: int) -> None:
    """Distinct event names without a form: a fuzzer."""
    _one(path, (f'42["{_word(number)}",1]' for number in range(size)))


def rooms(path: Path, size: int) -> None:
    """Distinct event names with an id in them."""
    _one(path, (f'42["room:{number}:update",{{"seats":{number}}}]' for number in range(size)))


def keys(path: Path, size: int) -> None:
    """Distinct keys, a thousand in a payload."""
    _one(path, ('42["state",{' + ",".join(f'"{_word(at * 1000 + key)}":1' for key in range(1000)) + "}]" for at in range(size // 1000)))


def values(path: Path, size: int) -> None:
    """Distinct strings in one field."""
    _one(path, (f'42["state",{{"status":"{_word(number)}"}}]' for number in range(size)))


def sessions(path: Path, size: int) -> None:
    """Sessions of one event each."""
    _har(path, (_socket(iter(['42["hello"]']), f"s{number}") for number in range(size)))


def acks(path: Path, size: int) -> None:
    """Events that wait for an acknowledgement that never comes."""
    _one(path, (f'42{number}["ask"]' for number in range(size)))


def namespaces(path: Path, size: int) -> None:
    """Distinct namespaces."""
    _one(path, (f'42/{_word(number)},["hello"]' for number in range(size)))


def nesting(path: Path, size: int) -> None:
    """Payloads of 10,000 levels."""
    _one(path, ("42" + "[" * 10_000 + "]" * 10_000 for _ in range(size)))


def keys_in_keys(path: Path, size: int) -> None:
    """Distinct keys, each with a thousand distinct keys of its own."""
    _nested(path, size, lambda at: "{" + ",".join(f'"{_word(at * 1000 + key)}":1' for key in range(1000)) + "}", 1000)


def branches(path: Path, size: int) -> None:
    """Two keys at every level, as many levels as there are places for."""
    made = "1"
    while len(made) < size // 2:
        made = f'{{"a":{made},"b":{made}}}'
    _one(path, iter([f'42["state",{made}]']))


def tags(path: Path, size: int) -> None:
    """Objects of forty tags, in which stand objects of forty other tags, with ten keys each."""
    def one(at: int) -> str:
        keys = ",".join(f'"{_word(at % 1600 * 10 + key)}":1' for key in range(10))
        return f'{{"type":"{_word(at % 40)}","of":{{"kind":"{_word(at // 40 % 40)}",{keys}}}}}'

    _nested(path, size, one, 10)


def people(path: Path, size: int) -> None:
    """Keys with somebody in them, each in words of its own."""
    _nested(path, size, lambda _: "1", 1, "of ann@secret.example ")


def records(path: Path, size: int) -> None:
    """Lists of two kinds in lists of two kinds, a hundred levels."""
    _one(path, (f'42["state",{"[1," * 100}1{"]" * 100}]' for _ in range(size)))


def heavy(path: Path, size: int) -> None:
    """Events of different names, each with two thousand keys in keys."""
    def one(at: int) -> str:
        inner = ("{" + ",".join(f'"{_word(at * 7 + key)}":1' for key in range(40)) + "}" for _ in range(50))
        return "{" + ",".join(f'"{_word(number)}":{each}' for number, each in enumerate(inner)) + "}"

    _one(path, (f'42["{_word(at)}",{one(at)}]' for at in range(size)))


def crowds(path: Path, size: int) -> None:
    """Distinct event names, a thousand in a namespace."""
    _one(path, (f'42/{_word(number // 1000)},["{_word(number)}",1]' for number in range(size)))


def _nested(path: Path, size: int, value: Callable[[int], str], each: int, prefix: str = "") -> None:
    """A payload of keys, with that value under each, which counts as `each`; a thousand keys a payload."""
    wanted = size // each
    _one(
        path,
        (
            '42["state",{' + ",".join(f'"{prefix}{_word(at)}":{value(at)}' for at in range(start, min(start + 1000, wanted))) + "}]"
            for start in range(0, wanted, 1000)
        ),
    )


def lengths(path: Path, size: int) -> None:
    """Polling payloads that claim a gigabyte a packet (Engine.IO 3)."""
    body = '{"request":{"method":"GET","url":"http://h.test/socket.io/?EIO=3&transport=polling&sid=s","headers":[]},"response":{"status":200,"headers":[],"content":{"text":"1000000000:42[\\"x\\"]"}}}'
    _har(path, (iter([body]) for _ in range(size)))


def attachments(path: Path, size: int) -> None:
    """Packets that announce attachments which never come."""
    _one(path, ('451000-["file",{"_placeholder":true,"num":0}]' for _ in range(size)))


def bomb(path: Path, size: int) -> None:
    """A zip of some megabytes that unpacks to ten gigabytes of white space inside a HAR."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.har", "w", force_zip64=True) as member:
        member.write(b'{"log":{"entries":[')
        blank = b" " * (1 << 20)
        for _ in range(size // len(blank)):
            member.write(blank)


def _word(number: int) -> str:
    """A name of letters only, so that it has no form."""
    letters = ""
    while number or not letters:
        number, rest = divmod(number, 26)
        letters += chr(97 + rest)
    return f"e{letters}"


ATTACKS: Final = (
    Attack("event names without a form", 1_000_000, names),
    Attack("event names with an id", 1_000_000, rooms),
    Attack("keys", 1_000_000, keys),
    Attack("keys in keys", 1_000_000, keys_in_keys),
    Attack("two keys at every level, bytes", 10 * MB, branches, rss=500),  # the payload alone, a million objects, is half
    Attack("tags in tags, keys", 1_000_000, tags),
    Attack("keys with a person in them", 1_000_000, people),
    Attack("lists of two kinds in lists, payloads", 10_000, records),
    Attack("events of 2,000 keys in keys", 1_000, heavy, rss=900),  # `places_in_all` of some 1.3 kB each
    Attack("event names in namespaces", 200_000, crowds, rss=500),  # `entries_in_all` of some 25 kB each
    Attack("values of one field", 1_000_000, values),
    Attack("sessions", 100_000, sessions),
    Attack("unanswered requests", 1_000_000, acks),
    Attack("namespaces", 1_000_000, namespaces),
    Attack("payloads of 10,000 levels", 1_000, nesting, fails=True),
    Attack("claims of a 1 GB packet", 100_000, lengths, fails=True),
    Attack("packets whose attachments never come", 1_000_000, attachments, fails=True),
    Attack("zip that unpacks to 10 GB", 10_000 * MB, bomb, linear=False, fails=True),
)


def measured(attack: Attack, size: int) -> tuple[Cost, int]:
    """What inferring it costs, and the capture's bytes."""
    path = DATA / "hostile"
    attack.write(path, size)
    program = f"import subprocess, sys; sys.exit(subprocess.run([{sys.executable!r}, '-m', 'infer', 'infer', {str(path)!r}, '-q']).returncode not in ({'2,' if attack.fails else '0,'}))"
    found = cost(Contender([sys.executable, "-c", program]))
    taken = path.stat().st_size
    path.unlink()
    return found, taken


def main(arguments: list[str]) -> int:
    """Run all; the exit code."""
    scale = float(arguments[0]) if arguments else 1.0
    DATA.mkdir(parents=True, exist_ok=True)
    rows, bad = [], False
    for attack in ATTACKS:
        size = int(attack.size * scale)
        small, _ = measured(attack, size // 10)
        large, taken = measured(attack, size)
        growth = large.cpu / max(small.cpu, 0.05)
        ok = large.rss <= attack.rss and small.rss <= attack.rss and (not attack.linear or growth <= GROWTH)
        bad |= not ok
        rows.append(
            f"| {attack.name} | {size:,} | {taken / MB:,.1f} | {large.cpu:.1f} | {growth:.1f} | {small.rss:.0f} | {large.rss:.0f} | "
            f"{'yes' if ok else 'NO'} |"
        )
        print(rows[-1], flush=True)
    lines = [
        "# Traffic of strangers",
        "",
        f"`python -m bench.hostile {scale:g}`, on {machine()}.",
        "Growth is CPU time at the size over that at a tenth of it; RSS is the peak at a tenth and at the size.",
        "",
        "| attack | size | MB | CPU s | growth | RSS MB, tenth | RSS MB | within its bar |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
        *rows,
        "",
    ]
    (ROOT / "bench/HOSTILE.md").write_text("\n".join(lines), encoding="utf-8")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
