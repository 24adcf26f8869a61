"""`infer.wire.engineio`: what the official vectors leave open (see tests/conformance/test_wire_vectors.py)."""

from __future__ import annotations

import pytest

from infer.wire.engineio import decode_message, decode_payload, texts
from infer.wire.packet import EnginePacket, EngineType, Fault


def packets(data: bytes, protocol: int) -> list[str | bytes]:
    """Data of the packets, or the code of the fault, in order."""
    return [made.code if isinstance(made, Fault) else made.data for made in decode_payload(data, protocol)]


@pytest.mark.parametrize(
    ("data", "sender"),
    [
        ('12:42["€","😀"]'.encode(), "JavaScript 2.x: UTF-16 code units"),
        ('16:42["€","😀"]'.encode().decode("latin-1").encode(), "JavaScript 1.x: characters of text encoded twice"),
        ('16:42["€","😀"]'.encode(), "python-engineio 3: bytes"),
        (bytes([0, 1, 6, 255]) + '42["€","😀"]'.encode(), "binary framing: bytes"),
    ],
)
def test_three_dialects_of_protocol_3(data: bytes, sender: str) -> None:
    """The same packet from each kind of sender; the bytes are those of facts recorded from the real libraries."""
    assert packets(data, 3) == ['2["€","😀"]']


def test_base64_depends_on_the_protocol() -> None:
    """`b4AQIDBA==` is a message of four bytes in protocol 3, and of five in protocol 4."""
    assert decode_message("b4AQIDBA==", 3) == EnginePacket(EngineType.MESSAGE, b"\x01\x02\x03\x04")
    assert decode_message("b4AQIDBA==", 4) == EnginePacket(EngineType.MESSAGE, bytes.fromhex("e004080c10"))


@pytest.mark.parametrize("encoded", ["bAQ", "bAQ=", "bAQ=="])
def test_base64_without_its_padding(encoded: str) -> None:
    """Padding may be left out."""
    assert decode_message(encoded, 4) == EnginePacket(EngineType.MESSAGE, b"\x01")


@pytest.mark.parametrize(
    ("encoded", "sender"),
    [
        ("AAEC/wA=", "socket.io-client"),
        ("AAEC_wA=", "netty-socketio"),
        ("AAEC/wA=\n", "socket.io-client-java"),
        ("AAEC\r\n/wA=\r\n", "an encoder of MIME"),
    ],
)
@pytest.mark.parametrize(("protocol", "prefix"), [(3, "b4"), (4, "b")])
def test_dialects_of_base64(encoded: str, sender: str, protocol: int, prefix: str) -> None:
    """Either alphabet and line ends are taken, as Node's `Buffer.from(encoded, "base64")` takes them."""
    assert decode_message(prefix + encoded, protocol) == EnginePacket(EngineType.MESSAGE, b"\x00\x01\x02\xff\x00")


def test_base64_has_no_other_characters() -> None:
    """What base64 has no character for is not skipped."""
    assert decode_message("bAQ.IDBA==", 4) == Fault("base64-invalid", "a binary packet is not base64")


def test_mojibake_of_the_application_stays() -> None:
    """Doubly encoded text is undone only where all of a payload may be it; one other character shows that it is not."""
    assert packets("6:4Größe3:4Ã¼".encode(), 3) == ["Größe", "Ã¼"]
    assert packets("2:4€3:4Ã¼".encode(), 3) == ["€", "Ã¼"]


def test_lengths_that_lie_end_the_payload() -> None:
    """What lies before the first wrong length is kept; protocol 3 has nothing to find the next packet by."""
    assert packets(b"2:4a2:4b9:4c", 3) == ["a", "b", "payload-length"]
    assert packets(b"2:4a1:4b2:4c", 3) == ["a", "", "payload-length"]
    assert packets(bytes([0, 2, 255]) + b"4a" + bytes([0, 9, 255]) + b"4b", 3) == ["a", "payload-length"]


def test_a_cut_payload_is_read_in_the_unit_that_goes_further() -> None:
    """Where no unit lands on the end, the one that accounts for more is taken."""
    in_bytes = '6:4"€"7:4"€€'.encode()
    assert packets(in_bytes, 3)[0] == '"€"'
    in_units = '4:4"€"5:4"€€'.encode()
    assert packets(in_units, 3)[0] == '"€"'


def test_digits_of_other_scripts_are_no_length() -> None:
    """Unicode has more digits than ASCII, and characters whose low byte is one."""
    assert packets("١:4a".encode(), 3) == ["payload-length"]
    assert packets("ı:4a".encode(), 3) == ["payload-length"]


def test_an_empty_body_holds_one_empty_packet_or_none() -> None:
    """Protocol 4 has one record in nothing, protocol 3 none."""
    assert packets(b"", 4) == ["packet-invalid"]
    assert packets(b"", 3) == []


TEN = bytes([1, 0, 255])
"""The digits of a length of ten, and what ends them."""


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (bytes([0, 2, 255]) + b"4a" + bytes([1, 3, 255, 4, 1, 2]), ["a", b"\x01\x02"]),
        (b"\x00" + TEN + b"4" + b"a" * 9, ["a" * 9]),
        (b"\x00" * 10 + b"\x02\xff4a", ["a"]),
        (b"\x00" * 11 + b"\x02\xff4a", ["payload-length"]),
        (bytes([0, 2, 255]) + b"4a" + bytes([2, 2, 255]) + b"4b", ["a", "payload-length"]),
        (bytes([0, 2, 255]) + b"4a" + bytes([0, 10, 255]) + b"4" + b"b" * 9, ["a", "payload-length"]),
        (bytes([0, 2, 255]) + b"4a" + bytes([0, 255]), ["a", "payload-length"]),
        (bytes([0, 2, 255]) + b"4a" + bytes([0, 2]), ["a", "payload-length"]),
        (bytes([0, 2, 255, 0x34, 0xFF, 0, 2, 255]) + b"4b", ["utf8-invalid", "b"]),
        (bytes([2, 2, 255]) + b"4a", ["payload-length"]),
        (bytes([1, 1, 255, 7]), ["packet-invalid"]),
    ],
)
def test_binary_payloads_of_protocol_3(data: bytes, expected: list[str | bytes]) -> None:
    """engine.io-protocol 3: 0 or 1, the digits of the length each as a byte of its value, 255, the packet; anything else ends it."""
    assert packets(data, 3) == expected


def test_there_are_seven_types_of_packets() -> None:
    """From open, 0, to noop, 6; as text and as a byte."""
    for number, kind in enumerate(("open", "close", "ping", "pong", "message", "upgrade", "noop")):
        expected = EngineType[kind.upper()]
        for data in (f"{number}x", bytes([number]) + b"x", f"b{number}eA=="):
            made = decode_message(data, 3)
            assert isinstance(made, EnginePacket)
            assert (made.type, made.data) == (expected, "x" if data == f"{number}x" else b"x")
    for odd in ("7x", b"\x07x", "b7eA==", "", b"", "x"):
        assert isinstance(decode_message(odd, 3), Fault)


@pytest.mark.parametrize(
    ("data", "protocol", "most", "expected"),
    [
        (b"4a\x1e4b", 4, 2, ["4a", "4b"]),
        (b"4a\x1e4b", 4, 1, None),
        (b"4a\x1e4\xff", 4, 9, None),
        (b"2:4a2:4b", 3, 2, ["4a", "4b"]),
        (b"2:4a2:4b", 3, 1, None),
        (b"2:4a1:2", 3, 9, None),
        (b"2:4a9:4b", 3, 9, None),
        (bytes([0, 2, 255]) + b"4a" + bytes([1, 2, 255, 4, 1]), 3, 9, None),
        (bytes([0, 2, 255]) + b"4a", 3, 9, ["4a"]),
    ],
)
def test_a_body_of_text_messages_is_as_so_many_of_a_web_socket(data: bytes, protocol: int, most: int, expected: list[str] | None) -> None:
    """As long as there are not more than that, and nothing else."""
    assert texts(data, protocol, most) == expected
