"""What the command is held against, each run as a program of its own: `python -m bench.contenders NAME FILE`.

- `naive` does the same work with the libraries at hand: `json.load`, python-socketio's `Packet`, and one genson
  `SchemaBuilder` a slot. It keeps no evidence: no counts, formats, enums or sessions.
- `orjson` only parses the file's JSON, by the fastest parser there is for Python, and drops it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any


def naive(path: str) -> None:
    """HAR to schemas, as one would write it in an afternoon."""
    import base64
    import json
    from collections import defaultdict

    from genson import SchemaBuilder
    from socketio.packet import ACK, BINARY_ACK, BINARY_EVENT, CONNECT, EVENT, Packet

    builders: dict[Any, Any] = defaultdict(SchemaBuilder)
    calls: dict[Any, str] = {}
    partial: dict[str, Any] = {}

    def without_bytes(value: Any) -> Any:
        if isinstance(value, bytes):
            return "binary"
        if isinstance(value, list):
            return [without_bytes(item) for item in value]
        if isinstance(value, dict):
            return {key: without_bytes(item) for key, item in value.items()}
        return value

    def take(session: int, sender: str, packet: Any) -> None:
        data, space = packet.data, packet.namespace or "/"
        if packet.packet_type in (EVENT, BINARY_EVENT):
            if packet.packet_type == BINARY_EVENT:
                data = without_bytes(data)
            if packet.id is not None:
                calls[session, sender, space, packet.id] = data[0]
            for place, value in enumerate(data[1:]):
                builders[space, sender, data[0], "args", place].add_object(value)
        elif packet.packet_type in (ACK, BINARY_ACK):
            other = "receive" if sender == "send" else "send"
            name = calls.pop((session, other, space, packet.id), None)
            for place, value in enumerate(without_bytes(data) if packet.packet_type == BINARY_ACK else data):
                builders[space, other, name, "ack", place].add_object(value)
        elif packet.packet_type == CONNECT and data is not None:
            builders[space, sender, "connect"].add_object(data)

    def text(session: int, sender: str, message: str) -> None:
        if not message.startswith("4"):
            return
        packet = Packet(encoded_packet=message[1:])
        if packet.attachment_count:
            partial[sender] = packet
        else:
            take(session, sender, packet)

    with Path(path).open(encoding="utf-8") as file:
        entries = json.load(file)["log"]["entries"]
    for number, entry in enumerate(entries):
        if "/socket.io/" not in entry["request"]["url"]:
            continue
        for message in entry.get("_webSocketMessages", ()):
            if message["opcode"] == 1:
                text(number, message["type"], message["data"])
            elif partial[message["type"]].add_attachment(base64.b64decode(message["data"])):
                take(number, message["type"], partial.pop(message["type"]))
        session = entry["request"]["url"].partition("&sid=")[2].partition("&")[0]
        for sender, body in (
            ("send", entry["request"].get("postData", {}).get("text")),
            ("receive", entry["response"]["content"].get("text")),
        ):
            if body and body != "ok":
                for record in body.split("\x1e"):
                    text(hash(session), sender, record)
    schemas = {" ".join(map(str, key)): builder.to_schema() for key, builder in builders.items()}
    json.dump(schemas, sys.stdout)


def orjson(path: str) -> None:
    """The file's JSON, parsed."""
    import orjson as parser

    parser.loads(Path(path).read_bytes())


if __name__ == "__main__":
    {"naive": naive, "orjson": orjson}[sys.argv[1]](sys.argv[2])
