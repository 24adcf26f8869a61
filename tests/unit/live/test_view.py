"""The content view: every packet of every recording, in mitmproxy 11's form and in 12's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgpack
import pytest
from mitmproxy import contentviews
from mitmproxy.http import HTTPFlow
from mitmproxy.test import taddons, tflow
from mitmproxy.websocket import WebSocketMessage

from infer.live.view import NAME, Text, View, priority
from infer.wire.address import address_of
from tests.unit.live.feeding import RECORDINGS, flows

FLOWS = sorted(path.name for path in RECORDINGS.glob("*.mitm"))
recorded = cache(lambda name: flows(RECORDINGS / name))


def related(name: str) -> Any:
    """The flows of the same session."""

    def of(flow: HTTPFlow) -> Sequence[HTTPFlow]:
        sid = address_of(flow.request.pretty_url).sid
        return [each for each in recorded(name) if sid and address_of(each.request.pretty_url).sid == sid]

    return of


def texts(name: str) -> list[str]:
    """The text of each body and message."""
    text = Text(related(name))
    found = []
    for flow in recorded(name):
        if flow.websocket is not None:
            found += [text.of(flow, None, message) for message in flow.websocket.messages]
        else:
            found += [text.of(flow, body, None) for body in (flow.request, flow.response) if body is not None and body.content]
    return found


@pytest.mark.parametrize("name", FLOWS)
def test_every_body_and_message_is_shown(name: str) -> None:
    """As packets, their attachments, or the answer to a POST; no acknowledgement is without its event."""
    shown = texts(name)
    assert shown
    for text in shown:
        assert text.startswith("# ") or text in {"ok", "OK"}
        assert "not seen" not in text
        assert "session-unopened" not in text


def test_an_ack_is_shown_with_its_event() -> None:
    """With its id and the time it took, and its arguments as JSON."""
    (ack, *_) = (text for text in texts("files-upgrade.mitm") if text.startswith('# ack / of "upload" (id 0, '))
    title, _, content = ack.partition("\n")
    assert title.endswith(" ms)")
    assert json.loads(content) == [{"size": 5, "stored": True}]


def test_attachments_are_shown_with_their_packet() -> None:
    """The event shows them in their places, each binary message whose it is."""
    shown = texts("files-upgrade.mitm")
    (event, *others) = (text for text in shown if text.startswith('# binary event / "patch"'))
    assert "attachments of 1 + 2 bytes" in event
    assert json.loads(event.partition("\n")[2])[0]["parts"][1]["bytes"] == "<2 bytes: 08 07>"
    assert sum(text.startswith('# attachment of binary event / "patch"') for text in shown) == 2 * (1 + len(others))


def test_polled_acks_are_shown_with_events_of_other_bodies() -> None:
    """An answer by polling is in another flow than its event."""
    shown = texts("orders.mitm")
    assert any('# ack / of "place order" (id' in text for text in shown)
    assert any(text.startswith("# open\n{") for text in shown)


@pytest.mark.parametrize(
    ("query", "content", "first"),
    [
        ("EIO=3&transport=polling", b'12:0{"sid":"a"}', "# open"),
        ("EIO=4&transport=polling&j=0&sid=s", b'___eio[0]("42[\\"said\\",1]");', '# event / "said"'),
        ("EIO=3&transport=polling&sid=s", '11:42["größe"]'.encode(), '# event / "größe"'),
        ("EIO=4&transport=polling&sid=s", b"2\x1e3probe\x1e6", "# ping"),
        ("transport=polling&b64=1&EIO=3&sid=s", b'9:42["a",1]', '# event / "a"'),
    ],
)
def test_every_form_of_a_body(query: str, content: bytes, first: str) -> None:
    """Of protocol 3 and 4, JSONP, and Engine.IO's own packets with what they hold."""
    flow = tflow.tflow(resp=True)
    flow.request.path = f"/socket.io/?{query}"
    assert flow.response is not None
    flow.response.content = content
    text = Text(lambda _: []).of(flow, flow.response, None)
    assert text.splitlines()[0] == first


def test_messagepack_is_shown_as_json() -> None:
    """A binary message of that parser is an event like any other."""
    packet = msgpack.packb({"type": 2, "nsp": "/admin", "data": ["set", {"größe": 1, "raw": b"\x00\x01"}], "id": 3})
    flow = _flow([WebSocketMessage(1, False, b'0{"sid":"s"}'), WebSocketMessage(2, True, packet)])
    assert flow.websocket is not None
    title, _, content = Text(lambda _: []).of(flow, None, flow.websocket.messages[1]).partition("\n")
    assert title == '# event /admin "set" (id 3)'
    assert json.loads(content) == [{"größe": 1, "raw": "<2 bytes: 00 01>"}]


@pytest.mark.parametrize("content", [b"42[", b"", b"\xff\xfe", b"4", b"42" + b"[" * 5_000, b"451-", b"9"])
@pytest.mark.parametrize("kind", [1, 2])
def test_what_is_no_packet_is_shown_as_it_is(content: bytes, kind: int) -> None:
    """With the diagnostic's words where there is one; nothing raises but for an empty message."""
    flow = _flow([WebSocketMessage(1, False, b'0{"sid":"s"}'), WebSocketMessage(kind, True, content)])
    assert flow.websocket is not None
    text = Text(lambda _: []).of(flow, None, flow.websocket.messages[1])
    assert isinstance(text, str)


def test_trimmed_messages_are_not_missed() -> None:
    """A message whose beginnings mitmproxy no longer has is shown for itself."""
    flow = _flow([WebSocketMessage(1, False, b'437["late"]')])
    assert flow.websocket is not None
    text = Text(lambda _: []).of(flow, None, flow.websocket.messages[0])
    assert text.startswith("# ack / of an event not seen (id 7)")


def test_it_is_chosen_by_address_only() -> None:
    """Above any other view for Engine.IO's addresses, never elsewhere."""
    flow = tflow.tflow(resp=True)
    assert priority(b"42[1]", flow) < 0
    assert priority(b"42[1]", None) < 0
    assert priority(b"42[1]", tflow.ttcpflow()) < 0
    assert priority(b"42[1]", _flow([])) > 1
    assert priority(b"", _flow([])) < 0


def test_mitmproxy_shows_it_by_itself() -> None:
    """Installed, it is what `auto` takes, in whichever mitmproxy this is; installed twice, it is there once."""
    view = View(lambda _: [])
    view.install()
    view.install()
    flow = _flow([WebSocketMessage(1, False, b'0{"sid":"s"}'), WebSocketMessage(1, True, b'42/admin,7["set",{"a":1}]')])
    assert flow.websocket is not None
    with taddons.context():  # type: ignore[no-untyped-call]
        name, text = _shown_by_mitmproxy(flow, flow.websocket.messages[1])
        other, _ = _shown_by_mitmproxy(*_json())
    assert name == NAME
    assert text.splitlines()[0] == '# event /admin "set" (id 7)'
    assert other != NAME


def _shown_by_mitmproxy(flow: HTTPFlow, message: Any) -> tuple[str, str]:
    if hasattr(contentviews, "prettify_message"):
        result = contentviews.prettify_message(message, flow)
        return str(result.view_name), str(result.text)
    description, lines, error = contentviews.get_message_content_view("auto", message, flow)
    assert not error
    return str(description), "\n".join("".join(str(part) for _, part in line) for line in lines)


def _json() -> tuple[HTTPFlow, Any]:
    flow = tflow.tflow(resp=True)
    assert flow.response is not None
    flow.response.headers["content-type"] = "application/json"
    flow.response.content = b'{"a": 1}'
    return flow, flow.response


def _flow(messages: list[WebSocketMessage]) -> HTTPFlow:
    flow: Any = tflow.twebsocketflow()
    flow.request.path = "/socket.io/?EIO=4&transport=websocket"
    flow.websocket.messages[:] = messages
    assert isinstance(flow, HTTPFlow)
    return flow
