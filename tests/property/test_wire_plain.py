"""The short way that plain events are decoded by gives what the general way gives."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from infer.model import Diagnostic, Direction, Exchange, Frame, Origin, Transport
from infer.wire import Decoder, Packet, decoder

EXCHANGE = Exchange("ws://a.test/socket.io/?EIO=4&transport=websocket", "GET", (), (), 101, Transport.WEBSOCKET, 1.0, Origin("a.har", 0))
TEXTS = st.one_of(
    st.sampled_from([
        '42["a"]', '42["a",1]', '42["a",{"b":"c"}]', '42["a","O1xB2c3"]', '42["connect"]', "42[]", "42[1]", "42[null]", "42[true,1]", '42["a"',
        '42["a",NaN]', '42["a","\\ud800"]', '421["a",1]', '42/b,["a",1]', '431["x"]', '43["x"]', "43/b,7[]", '42/b,12["a",{}]', '42/b?q=1,["a"]', '42/b["a"]', '4212345678901234567890["a"]', '429223372036854775808["a"]',
        '40{"sid":"s","pid":"p"}', '40{"sid":"s"}', "2", "3", "41",
        '451-["f",{"_placeholder":true,"num":0}]', "", "42", '42{"a":1}', '42["a",1]]', '42["\\u00e9",1]', '42["é",1]', "4", "42[[1],2]",
    ]),
    st.text(alphabet='42[]{}",:0123a\\', max_size=12).map(lambda text: "42[" + text),
)  # fmt: skip


def decoded(one: Decoder, frames: list[Frame], seen: list[Diagnostic]) -> Any:
    packets = [packet for frame in frames for packet in one.feed(frame)]
    packets += one.settle()
    fields = [name for name in Packet.__struct_fields__ if name != "session"]
    said = [{name: getattr(packet, name) for name in fields} | {"session": packet.session.id, "heard": packet.session.heard} for packet in packets]
    return repr(said), seen, one.stats


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(TEXTS, st.sampled_from(Direction), st.none() | st.just(1764000000.0)), max_size=12))
def test_the_short_way_is_the_general_way(messages: list[tuple[str, Direction, float | None]]) -> None:
    """Packets, diagnostics and counts are the same for any messages of a session."""
    opened = Frame(EXCHANGE, Direction.S2C, 1.0, '0{"sid":"abc","maxPayload":9}', 0)
    frames = [opened] + [Frame(EXCHANGE, of, at, text, n) for n, (text, of, at) in enumerate(messages, 1)]
    first: list[Diagnostic] = []
    second: list[Diagnostic] = []
    quickly = decoded(Decoder(report=first.append), frames, first)
    with patch.object(decoder, "quick_packet", lambda *_: None):
        assert quickly == decoded(Decoder(report=second.append), frames, second)
