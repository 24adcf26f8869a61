"""What real encoders make of any packet decodes to the same packet, however the transport cut it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from infer.model import Frame
from infer.wire.engineio import decode_payload
from infer.wire.packet import EnginePacket
from infer.wire.parsers import RESERVED
from tests.property.encoders import KINDS, Encoders, Kind, Sent, python3_payload
from tests.requires import requires
from tests.unit.wire.making import C2S, S2C, Socket, body, decoded

WIDE = 2**53  # beyond, JavaScript and Python write different digits of the same number
NUMBERS = st.integers(-WIDE, WIDE) | st.floats(-WIDE, WIDE)
TEXTS = st.text(max_size=12)
KEYS = TEXTS.filter(lambda key: key not in {"__proto__", "_placeholder"})  # which JavaScript and the protocol own
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
NAMES = TEXTS.filter(lambda name: name not in RESERVED)
NAMESPACES = st.sampled_from(["/", "/admin", "/größe 😀"])
IDS = st.none() | st.integers(0, WIDE)
EVENTS = st.builds(Sent, NAMES, st.lists(VALUES, max_size=3), NAMESPACES, IDS)
ACKS = st.builds(Sent, st.none(), st.lists(VALUES, max_size=3), NAMESPACES, st.integers(0, WIDE))
PACKETS = st.lists(EVENTS | ACKS, min_size=1, max_size=4)

quick = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def encoders() -> Iterator[Encoders]:
    """The official encoders."""
    with Encoders(requires("node")) as running:
        yield running


def understood(frames: list[Frame]) -> list[Sent]:
    """What the frames say, nothing diagnosed."""
    made = decoded(frames)
    assert made.codes == []
    return [Sent(packet.event, list(packet.args or ()), packet.namespace, packet.id) for packet in made.packets]


def framed(kind: Kind, data: list[str | bytes], direction: Any = C2S) -> list[Frame]:
    """The data as the frames of one session."""
    if kind.framing == "websocket":
        return Socket(f"EIO={kind.protocol}&transport=websocket&sid=s1").said(direction, *data)
    return [body(direction, one, protocol=kind.protocol) for one in data]


@pytest.mark.parametrize("kind", KINDS, ids=str)
@quick
@given(packets=PACKETS)
def test_round_trip(encoders: Encoders, kind: Kind, packets: list[Sent]) -> None:
    """Every encoder's packets, on every transport that it knows, are what was to be encoded."""
    data = encoders.encode(kind, packets)
    assume(kind.library != "js2" or not any(map(_looks_encoded_twice, data)))
    assert understood(framed(kind, data)) == packets


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.framing == "websocket"], ids=str)
@quick
@given(packets=PACKETS, data=st.data())
def test_cut_into_bodies_anywhere(encoders: Encoders, kind: Kind, packets: list[Sent], data: st.DataObject) -> None:
    """One body, two at every boundary between Engine.IO packets, or one for each packet: all the same.

    This includes a header in one body and its attachments in others. The bodies may stand in the capture in any
    order, as their times tell what came first.
    """
    engine = [message for frame in framed(kind, encoders.encode(kind, packets)) for message in [frame.data]]
    cuts = [[engine], [[message] for message in engine], *([engine[:cut], engine[cut:]] for cut in range(1, len(engine)))]
    for cut in cuts:
        payloads = [_payload(kind.protocol, part) for part in cut]
        assume(kind.protocol == 4 or not any(map(_looks_encoded_twice, payloads)))
        bodies = [
            body(S2C, payload, 1000.0 + number, protocol=kind.protocol) for number, payload in enumerate(payloads)
        ]
        shuffled = data.draw(st.permutations(bodies)) if len(bodies) > 1 else bodies
        found = understood(shuffled)
        assert len(found) == len(packets)
        assert all(packet in found for packet in packets)
        assert all(packet in packets for packet in found)


@quick
@given(packets=PACKETS)
def test_across_the_upgrade(encoders: Encoders, packets: list[Sent]) -> None:
    """Packets that leave by polling and by WebSocket are of one session, whole packets at either side."""
    kind = Kind("js4")
    for cut in range(len(packets) + 1):
        before = encoders.encode(Kind("js4", framing="polling"), packets[:cut]) if cut else []
        after = encoders.encode(kind, packets[cut:])
        frames = [body(C2S, one) for one in before] + framed(kind, after)
        assert understood(frames) == packets


@quick
@given(packets=PACKETS)
def test_lengths_in_bytes(encoders: Encoders, packets: list[Sent]) -> None:
    """python-engineio 3 counts bytes where JavaScript counts UTF-16 code units."""
    messages = encoders.encode(Kind("js2"), packets)
    texts = [message[1:] for message in messages]
    assert understood([body(C2S, python3_payload(texts), protocol=3)]) == packets


@pytest.mark.parametrize("library", ["js2", "js4"])
@quick
@given(packets=PACKETS)
def test_jsonp(encoders: Encoders, library: str, packets: list[Sent]) -> None:
    """A payload in a script's call, and in a form's field, is the payload.

    The wrapping is that of the documents (docs/engine.io-protocol/v3.md): the answer is a JSON string in a call, the
    request a form field, in which the client doubles the escape of line feeds.
    """
    kind = Kind(library, framing="base64" if library == "js2" else "polling")
    (payload,) = encoders.encode(kind, packets)
    assert isinstance(payload, bytes)
    assume(library != "js2" or not _looks_encoded_twice(payload))
    text = payload.decode()
    answer = f"___eio[3]({json.dumps(text)});"
    form = "d=" + quote_plus(text.replace("\\n", "\\\n").replace("\n", "\\n"))
    assert understood([body(S2C, answer, protocol=kind.protocol, more="&j=3")]) == packets
    assert understood([body(C2S, form, protocol=kind.protocol, more="&j=3")]) == packets


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.framing != "websocket"], ids=str)
@quick
@given(packets=PACKETS)
def test_a_truncated_body_gives_its_beginning(encoders: Encoders, kind: Kind, packets: list[Sent]) -> None:
    """A body that ends early, at any byte, gives no packet that was not sent, but the one that is cut."""
    (whole,) = encoders.encode(kind, packets)
    assert isinstance(whole, bytes)
    full = [made for made in decode_payload(whole, kind.protocol) if isinstance(made, EnginePacket)]
    before = 0
    for end in range(1, len(whole)):
        cut = [made for made in decode_payload(whole[:end], kind.protocol) if isinstance(made, EnginePacket)]
        assert cut[:-1] == full[: max(0, len(cut) - 1)]
        before = max(before, len(cut))
    assert before <= len(full)


def _payload(protocol: int, messages: list[str | bytes]) -> bytes:
    """A body of these WebSocket messages, with binary as base64."""
    if protocol >= 4:
        texts = [m if isinstance(m, str) else "b" + base64.b64encode(m).decode() for m in messages]
        return "\x1e".join(texts).encode()
    texts = [m if isinstance(m, str) else "b4" + base64.b64encode(m[1:]).decode() for m in messages]
    return "".join(f"{len(text.encode('utf-16-le')) // 2}:{text}" for text in texts).encode()


def _looks_encoded_twice(payload: str | bytes) -> bool:
    """Whether all of a payload of 2.x is such text as 1.x writes: mojibake, which cannot be told from it."""
    if isinstance(payload, str) or payload.isascii():
        return False
    try:
        payload.decode().encode("latin-1").decode()
    except UnicodeError:
        return False
    return True
