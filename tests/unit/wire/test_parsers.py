"""`infer.wire.parsers`: messages to Socket.IO packets."""

from __future__ import annotations

import json
import shutil
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import msgpack
import pytest

from infer.errors import UsageError
from infer.model import ABSENT
from infer.wire import Fault, Limits, SocketPacket, SocketType, parsers
from infer.wire.parsers import DefaultParser, JsonParser, MsgpackParser, PluggedIn, named

LIMITS = Limits()
EVENT, CONNECT, ACK = SocketType.EVENT, SocketType.CONNECT, SocketType.ACK


def code(parser: parsers.Parser, message: str | bytes, protocol: int = 4) -> str | None:
    """Of the fault; None where there is none."""
    made = parser.decode(message, protocol, LIMITS)
    return made.code if isinstance(made, Fault) else None


@pytest.mark.parametrize(
    ("message", "packet"),
    [
        ("0/admin?token=a%2Cb&x=1,", SocketPacket(CONNECT, "/admin", query="token=a%2Cb&x=1")),
        ("0/admin?token=a", SocketPacket(CONNECT, "/admin", query="token=a")),
        ('4"refused"', SocketPacket(SocketType.CONNECT_ERROR, data="refused")),
        ('2["connect",1]', SocketPacket(EVENT, data=["connect", 1])),
        ("2[1.0]", SocketPacket(EVENT, data=[1.0])),
        ('50-["x"]', SocketPacket(SocketType.BINARY_EVENT, data=["x"])),
        ("1/admin", SocketPacket(SocketType.DISCONNECT, "/admin")),
    ],
)
def test_protocols_before_5(message: str, packet: SocketPacket) -> None:
    """A query on a namespace, an error that is any value, names that are reserved today."""
    assert DefaultParser().decode(message, 3, LIMITS) == packet


def test_ids_to_63_bits() -> None:
    """Ids are counters; the largest that is one is taken."""
    made = DefaultParser().decode(f'2{LIMITS.ack_id}["x"]', 4, LIMITS)
    assert isinstance(made, SocketPacket)
    assert made.id == LIMITS.ack_id
    assert code(DefaultParser(), f'2{LIMITS.ack_id + 1}["x"]') == "packet-invalid"


@pytest.mark.parametrize("message", ['7["x"]', '8["x"]', '9["x"]', '5["x"]', '5-["x"]', '5x-["x"]', '5١-["x"]', "5123", "61-2", '500000000000-["x"]'])
def test_what_begins_as_no_packet(message: str) -> None:
    """Seven types, and binary ones with the number of their attachments before a dash (socket.io-protocol 5)."""
    assert code(DefaultParser(), message) == "packet-invalid"


def test_attachments_to_their_limit() -> None:
    """One more is refused before anything waits for it."""
    assert code(DefaultParser(), f'5{LIMITS.attachments}-["x"]') is None
    assert code(DefaultParser(), f'5{LIMITS.attachments + 1}-["x"]') == "packet-invalid"


def test_what_belongs_to_another_parser() -> None:
    """A message that is not of its form is no parser's fault."""
    for parser, message in ((DefaultParser(), "{}"), (DefaultParser(), b"2"), (JsonParser(), "2[]"), (JsonParser(), b"{}"),
                            (MsgpackParser(), "2[]"), (MsgpackParser(), b""), (MsgpackParser(), b"\x01\x02"), (MsgpackParser(), "{}")):  # fmt: skip
        assert parser.decode(message, 4, LIMITS) is None


@pytest.mark.parametrize(("more", "first"), [(0, 0x84), (11, 0x8F), (12, 0xDE), (65_532, 0xDF)])
def test_a_map_of_any_size_is_a_packet(more: int, first: int) -> None:
    """MessagePack has three forms of it, by how many keys there are; what is no part of a packet is passed over."""
    message = msgpack.packb({"type": 6, "nsp": "/a", "id": 7, "data": ["x"], **{str(number): number for number in range(more)}})
    assert message[0] == first
    assert MsgpackParser().decode(message, 4, LIMITS) == SocketPacket(SocketType.BINARY_ACK, "/a", 7, ["x"])
    assert code(MsgpackParser(), b"\x80") == "packet-invalid"


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (0, b"\x00", None),  # undefined
        (0, (1_767_225_600_500).to_bytes(8, "big"), "2026-01-01T00:00:00.500Z"),
        (0, b"abc", b"abc"),
        (5, b"\x00", b"\x00"),
        (5, bytes(8), bytes(8)),
    ],
)
def test_extensions_of_notepack(kind: int, data: bytes, expected: Any) -> None:
    """Its source: type 0 is one byte for `undefined`, eight for a date, else an ArrayBuffer; other types are data."""
    message = msgpack.packb({"type": 2, "nsp": "/", "data": ["x", msgpack.ExtType(kind, data)]})
    assert MsgpackParser().decode(message, 4, LIMITS) == SocketPacket(EVENT, data=["x", expected])


def test_a_key_that_is_undefined_is_called_so() -> None:
    """As JavaScript calls a property by what `String` makes of its name."""
    message = msgpack.packb({"type": 2, "nsp": "/", "data": ["x", {msgpack.ExtType(0, b"\x00"): 1}]})
    assert MsgpackParser().decode(message, 4, LIMITS) == SocketPacket(EVENT, data=["x", {"undefined": 1}])


JSON = '{"type":2,"nsp":"/a","data":["x",{"type":"Buffer","data":[1,2]},{"type":"Buffer","data":[256]},{"type":"Blob","data":[1]}],"id":0,"options":{}}'


def test_json() -> None:
    """One object a packet; Node's Buffers are bytes, and what only looks like one is not."""
    made = JsonParser().decode(JSON, 4, LIMITS)
    assert made == SocketPacket(EVENT, "/a", 0, ["x", b"\x01\x02", {"type": "Buffer", "data": [256]}, {"type": "Blob", "data": [1]}])


@pytest.mark.parametrize(
    "packet",
    [
        [],
        {"type": 7, "nsp": "/"},
        {"type": True, "nsp": "/"},
        {"type": "2", "nsp": "/", "data": ["x"]},
        {"type": 2, "data": ["x"]},
        {"type": 2, "nsp": 1, "data": ["x"]},
        {"type": 2, "nsp": "/", "data": []},
        {"type": 2, "nsp": "/", "data": ["x"], "id": -1},
        {"type": 2, "nsp": "/", "data": ["x"], "id": "1"},
        {"type": 2, "nsp": "/", "data": ["x"], "id": True},
        {"type": 3, "nsp": "/", "data": ["x"]},
        {"type": 0, "nsp": "/", "data": "x"},
    ],
)
def test_what_is_no_packet(packet: Any) -> None:
    """Maps that lack what every packet has are none, in either encoding."""
    if isinstance(packet, dict):
        assert code(MsgpackParser(), msgpack.packb(packet)) == "packet-invalid"
        assert code(JsonParser(), json.dumps(packet)) == "packet-invalid"


def packed(data: Any) -> Any:
    """Arguments of an event through MessagePack."""
    made = MsgpackParser().decode(msgpack.packb({"type": 2, "nsp": "/", "data": ["x", data]}), 4, LIMITS)
    assert isinstance(made, SocketPacket)
    assert isinstance(made.data, list)
    return made.data[1]


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (msgpack.ExtType(0, b"\x00"), None),
        ({"a": msgpack.ExtType(0, b"\x00"), "b": 1}, {"b": 1}),
        (msgpack.ExtType(0, (1_700_000_000_123).to_bytes(8, "big")), "2023-11-14T22:13:20.123Z"),
        (msgpack.ExtType(0, (-1).to_bytes(8, "big", signed=True)), "1969-12-31T23:59:59.999Z"),
        (msgpack.ExtType(0, (2**62).to_bytes(8, "big")), None),
        (msgpack.ExtType(0, b"\x01\x02\x03"), b"\x01\x02\x03"),
        (msgpack.ExtType(5, b"\x01"), b"\x01"),
        (msgpack.Timestamp(1_700_000_000, 123_000_000), "2023-11-14T22:13:20.123Z"),
        ({7: "a", True: "b", None: "c", 2.5: "d"}, {"7": "a", "true": "b", "null": "c", "2.5": "d"}),
        ({b"k": "a"}, {"k": "a"}),
        (b"\x00\x01", b"\x00\x01"),
    ],
)
def test_values_of_messagepack(value: Any, meant: Any) -> None:
    """What JSON makes of the same values: undefined, dates, buffers, keys that are no strings."""
    assert packed(value) == meant


def test_messagepack_that_is_no_utf8() -> None:
    """A string that is no UTF-8 stands with U+FFFD, and the packet says so."""
    data = msgpack.packb({"type": 2, "nsp": "/", "data": ["x", "abc"]}).replace(b"abc", b"a\xffc")
    made = MsgpackParser().decode(data, 4, LIMITS)
    assert isinstance(made, SocketPacket)
    assert made.data == ["x", "a\ufffdc"]
    assert made.note is not None
    assert made.note.code == "utf8-invalid"


@pytest.mark.parametrize("tail", [b"\xc1", b"", b"\xdf\xff\xff\xff\xff", b"\x93\x01", b"\x81\x90\x01", b"\xc0\xc0"])
def test_broken_messagepack(tail: bytes) -> None:
    """Truncated, with a reserved byte, with keys that are lists, with something after it."""
    assert code(MsgpackParser(), b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data" + tail) == "msgpack-invalid"


def test_connect_without_a_payload_of_python() -> None:
    """Python's parser writes null where JavaScript's writes nothing."""
    for data in ({}, {"data": None}):
        made = MsgpackParser().decode(msgpack.packb({"type": 0, "nsp": "/", **data}), 4, LIMITS)
        assert made == SocketPacket(CONNECT, data=ABSENT)


def test_messagepack_of_protocol_3_connects_in_json() -> None:
    """A forced `msgpack` reads what that parser sends as text before protocol 5."""
    assert MsgpackParser().decode('{"type":0,"nsp":"/a"}', 3, LIMITS) == SocketPacket(CONNECT, "/a")


class Tilde:
    """A parser of others: `~name`."""

    name = "tilde"

    def decode(self, message: str | bytes, protocol: int, limits: Limits) -> SocketPacket | Fault | None:
        """An event without arguments."""
        if isinstance(message, bytes) or not message.startswith("~"):
            return None
        outcomes: dict[str, Any] = {
            "~": Fault("packet-invalid", "nothing behind the tilde"),
            "~raise": None,
            "~other": 42,
            "~many": SocketPacket(SocketType.BINARY_EVENT, data=["x"], attachments=limits.attachments + 1),
            "~type": SocketPacket(EVENT, data=["x"], namespace=1),  # type: ignore[arg-type]
            "~bare": SocketPacket(EVENT, data=[]),
        }
        if message == "~raise":
            raise ZeroDivisionError
        return outcomes.get(message, SocketPacket(EVENT, data=[message[1:], protocol]))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("2[]", None),
        ("~", "packet-invalid"),
        ("~raise", "parser-failed"),
        ("~other", "parser-failed"),
        ("~many", "packet-invalid"),
        ("~type", "parser-failed"),
        ("~bare", "packet-invalid"),
    ],
)
def test_a_plug_in_cannot_break_the_run(message: str, expected: str | None) -> None:
    """What it raises, or gives that is no packet, is a fault of that message."""
    assert code(PluggedIn(Tilde()), message) == expected


def test_a_plug_in_decodes() -> None:
    """A good packet passes as it is."""
    assert PluggedIn(Tilde()).decode("~hello", 4, LIMITS) == SocketPacket(EVENT, data=["hello", 4])


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Pretends that entry points are installed; see tests/e2e/test_plug_in.py for one that is."""

    def install(**values: str) -> None:
        points = [EntryPoint(name, value, parsers.GROUP) for name, value in values.items()]
        monkeypatch.setattr(parsers, "entry_points", lambda group: points if group == parsers.GROUP else [])
        parsers.plugged_in.cache_clear()

    yield install
    parsers.plugged_in.cache_clear()


@pytest.mark.parametrize("archive", [False, True])
def test_what_is_installed_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, archive: bool) -> None:
    """In a folder of sys.path, and in an archive; beside distributions that bring nothing."""
    brought = {"other-1.0.dist-info": "[console_scripts]\nother = other:main\n", "tilde-1.0.dist-info": f"[{parsers.GROUP}]\ntilde = tilde:Tilde\n"}
    site = tmp_path / "site"
    for name, text in brought.items():
        (site / name).mkdir(parents=True)
        (site / name / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name[:5]}\nVersion: 1.0\n")
        (site / name / "entry_points.txt").write_text(text)
    if archive:
        site = Path(shutil.make_archive(str(site), "zip", site))
    assert "tilde" not in [point.name for point in parsers.entry_points(parsers.GROUP)]
    monkeypatch.syspath_prepend(str(site))
    assert [point.value for point in parsers.entry_points(parsers.GROUP) if point.name == "tilde"] == ["tilde:Tilde"]


def test_names(installed: Any) -> None:
    """`auto` has all, a name has one, an unknown name says which there are."""
    installed(tilde=f"{__name__}:Tilde")
    parsers.plugged_in.cache_clear()
    assert [parser.name for parser in named("msgpack")] == ["msgpack"]
    assert [parser.name for parser in named("auto")][:3] == ["default", "json", "msgpack"]
    with pytest.raises(UsageError, match=r'there is no parser "x\\u0007" \(known: auto, default, json, msgpack'):
        named("x\x07")


@pytest.mark.parametrize("value", ["no_such_module:Parser", "infer.wire.parsers:GROUP", "infer.limits:Limits"])
def test_a_plug_in_that_cannot_be_loaded(installed: Any, value: str) -> None:
    """It is an error that names it; the parsers built in work by their names all the same."""
    installed(broken=value)
    with pytest.raises(UsageError, match=r"the parser 'broken' cannot be loaded"):
        named("auto")
    assert [parser.name for parser in named("json")] == ["json"]


def test_two_parsers_of_one_name(installed: Any) -> None:
    """A plug-in cannot take a name that is taken."""
    installed(again="infer.wire.parsers:JsonParser")
    with pytest.raises(UsageError, match="two parsers named 'json'"):
        named("auto")
