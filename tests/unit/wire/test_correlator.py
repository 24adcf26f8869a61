"""`infer.wire.correlator`: packets to observations, events with their acknowledgements."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from infer.model import ABSENT, Connect, Disconnect, Event, Frame, Handshake, Observation
from infer.wire import Correlator, Decoder, Limits
from tests.unit.wire.making import C2S, S2C, Socket, body, observed

OPEN = '0{"sid":"s1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'


def events(seen: list[Observation]) -> list[Event]:
    """The events among observations."""
    return [one for one in seen if isinstance(one, Event)]


def connects(seen: list[Observation]) -> list[tuple[Any, ...]]:
    """Namespace, outcome, auth and error of each connect."""
    return [(one.namespace, one.accepted, one.auth, one.error) for one in seen if isinstance(one, Connect)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_any_order(order: tuple[int, ...]) -> None:
    """Acknowledgements find their events by namespace, direction and id, whatever came first in the capture."""
    socket = Socket()
    frames = [
        socket.said(C2S, '420["a"]')[0],
        socket.said(S2C, '420["b"]')[0],
        socket.said(S2C, "430[1]")[0],
        socket.said(C2S, "430[2]")[0],
    ]
    seen, codes = observed([frames[n] for n in order])
    assert {(one.name, one.direction, tuple(one.ack or ())) for one in events(seen)} == {("a", C2S, (1,)), ("b", S2C, (2,))}
    assert {round(one.latency or 0, 6) for one in events(seen)} == {0.002}
    assert codes == []


def test_ids_belong_to_their_namespace() -> None:
    """The same id in two namespaces is two events."""
    socket = Socket()
    seen, codes = observed(socket.said(C2S, '420["a"]', '42/x,0["b"]') + socket.said(S2C, "43/x,0[1]"))
    assert {(one.name, one.ack_asked, one.ack and tuple(one.ack)) for one in events(seen)} == {("b", True, (1,)), ("a", True, None)}
    assert codes == []


def test_across_transports() -> None:
    """An event that left by polling is answered by WebSocket."""
    seen, _ = observed([body(C2S, '420["a"]', 1000.0), *Socket(time=1000.5).said(S2C, "430[]")])
    (event,) = events(seen)
    assert event.ack == []
    assert event.latency == pytest.approx(0.5)


def test_an_id_that_comes_twice() -> None:
    """A client that counts anew (a reconnect within the session) asks another question; the first has no answer."""
    socket = Socket()
    seen, codes = observed(socket.said(C2S, '420["a"]', '420["b"]') + socket.said(S2C, "430[1]"))
    assert [(one.name, one.ack) for one in events(seen)] == [("a", None), ("b", [1])]
    assert codes == []


def test_an_answer_to_nothing() -> None:
    """An acknowledgement whose event was not captured is told of."""
    assert observed(Socket().said(S2C, "437[1]"))[1] == ["ack-without-event"]


def test_without_times_there_is_no_latency() -> None:
    """And never a negative one."""
    socket = Socket(time=None)
    (event,) = events(observed(socket.said(C2S, '420["a"]') + socket.said(S2C, "430[]"))[0])
    assert event.latency is None
    late = [body(C2S, '420["a"]', 1001.0), body(S2C, "430[]", 1000.0)]
    assert events(observed(late)[0])[0].latency == 0


def test_connects_of_protocol_5() -> None:
    """A request with its answer; one that is still open; a refusal; events before the answer."""
    socket = Socket()
    frames = socket.said(C2S, '40{"token":"x"}', "40/a,", "40/b,") + socket.said(
        S2C, '42["early"]', '40{"sid":"1"}', '44/a,{"message":"no"}'
    )
    seen, codes = observed(frames)
    assert connects(seen) == [
        ("/", True, {"token": "x"}, ABSENT),
        ("/a", False, ABSENT, {"message": "no"}),
        ("/b", None, ABSENT, ABSENT),
    ]
    assert [one.name for one in events(seen)] == ["early"]
    assert codes == []


def test_connects_of_protocol_4() -> None:
    """The root namespace is connected unasked; a refusal is any value."""
    socket = Socket("EIO=3&transport=websocket&sid=s")
    frames = socket.said(S2C, "40") + socket.said(C2S, "40/admin?token=x,") + socket.said(S2C, '44/admin,"no"')
    assert connects(observed(frames)[0]) == [("/", True, ABSENT, ABSENT), ("/admin", False, {"token": "x"}, "no")]


def test_a_namespace_that_is_asked_for_again() -> None:
    """Requests and answers pair in their order."""
    socket = Socket()
    frames = [*socket.said(C2S, '40/a,{"n":1}'), *socket.said(S2C, '44/a,{"message":"no"}'), *socket.said(C2S, '40/a,{"n":2}'),
              *socket.said(S2C, '40/a,{"sid":"x"}')]  # fmt: skip
    assert [(accepted, auth) for _, accepted, auth, _ in connects(observed(frames)[0])] == [(False, {"n": 1}), (True, {"n": 2})]


def test_handshake_and_disconnect() -> None:
    """One handshake a session, with the application's query; a disconnect from either side."""
    opening = body(S2C, OPEN, sid=None, more="&room=hall")
    socket = Socket()
    seen, _ = observed([opening, *socket.said(C2S, '42["a"]', "41/a"), *socket.said(S2C, "41")])
    (handshake,) = [one for one in seen if isinstance(one, Handshake)]
    assert handshake.query == (("room", "hall"),)
    assert handshake.protocol == 4
    assert handshake.origin == opening.exchange.origin
    assert [(one.namespace, one.direction) for one in seen if isinstance(one, Disconnect)] == [("/a", C2S), ("/", S2C)]


def _pipeline(frames: list[Frame], limits: Limits | None = None) -> tuple[Correlator, list[Observation], list[str]]:
    codes: list[str] = []
    decoder = Decoder(report=lambda diagnostic: codes.append(diagnostic.code))
    correlator = Correlator(report=lambda diagnostic: codes.append(diagnostic.code), limits=limits)
    seen: list[Observation] = []
    for frame in frames:
        for packet in decoder.feed(frame):
            seen += correlator.feed(packet)
    return correlator, seen, codes


def test_a_look_in_between_changes_nothing() -> None:
    """`pending` gives what is unanswered, as often as it is asked; the answer is still taken then."""
    socket = Socket()
    correlator, seen, _ = _pipeline(socket.said(C2S, '420["a"]', "40/x,"))
    assert events(seen) == []
    for _ in range(2):
        looked = list(correlator.pending())
        assert [one.name for one in events(looked)] == ["a"]
        assert len(connects(looked)) == 1
    assert len(events(list(correlator.settle()))) == 1


@pytest.mark.parametrize("again", [False, True])
def test_the_exchange_that_opened_a_session_is_let_go(again: bool) -> None:
    """Once its handshake was given out; unless it may be asked for again, and is then the same."""
    decoder = Decoder(report=lambda _: None)
    correlator = Correlator(report=lambda _: None, again=again)
    socket = Socket()
    later = body(S2C, '42["b"]', 1.0)
    packets = [packet for frame in [body(S2C, OPEN, sid=None), *socket.said(C2S, '42["a"]'), later] for packet in decoder.feed(frame)]
    seen = [one for packet in packets for one in correlator.feed(packet)]
    assert (packets[0].session.opening is None) is not again
    handshakes = [one for one in seen if isinstance(one, Handshake)]
    assert len(handshakes) == 1
    if again:
        correlator.announce_again()
        assert [one for one in correlator.pending() if isinstance(one, Handshake)] == handshakes


def test_what_waits_is_bounded() -> None:
    """Events and acknowledgements beyond the limit make room, oldest first, and each is given or told of."""
    limits = Limits(pending_per_session=10)
    socket = Socket()
    frames = socket.said(C2S, *(f'42{n}["e"]' for n in range(50))) + socket.said(S2C, *(f"43{n}[]" for n in range(100, 150)))
    frames += socket.said(C2S, *(f"40/n{n}," for n in range(50)))
    correlator, seen, codes = _pipeline(frames, limits)
    assert len(events(seen)) == 40
    assert codes == ["ack-without-event"] * 40
    seen += correlator.settle()
    assert len(events(seen)) == 50
    assert len(connects(seen)) == 50
    assert codes == ["ack-without-event"] * 50


def _asked(sid: str, *messages: str) -> list[Frame]:
    return Socket(f"EIO=4&transport=websocket&sid={sid}").said(C2S, *messages)


def test_bytes_that_wait_are_bounded() -> None:
    """Beyond the limit the session that was silent longest gives up what it waits for; the others' is still answered."""
    frames = [
        *_asked("a", f'420["silent","{"x" * 4_000}"]', f'437["{"x" * 4_000}"]'),
        *_asked("b", f'420["speaks","{"x" * 1_500}"]'),
        *_asked("c", f'420["now","{"x" * 1_500}"]'),
        *Socket("EIO=4&transport=websocket&sid=b").said(S2C, "430[1]"),
        *Socket("EIO=4&transport=websocket&sid=a").said(S2C, "430[1]"),
    ]
    correlator, seen, codes = _pipeline(frames, Limits(pending_bytes=12_000))
    assert [(one.name, one.ack) for one in events(seen)] == [("silent", None), ("speaks", [1])]
    assert codes == ["ack-without-event"]
    assert [one.name for one in events(list(correlator.settle()))] == ["now"]
    assert codes == ["ack-without-event"] * 2


def test_bytes_of_one_session_are_bounded() -> None:
    """Within a session the oldest goes first, and what is larger than the limit does not wait at all."""
    frames = _asked("a", *(f'42{n}["e{n}","{"x" * 1_000}"]' for n in range(20)), f'4299["huge","{"x" * 20_000}"]')
    correlator, seen, _ = _pipeline(frames, Limits(pending_bytes=10_000))
    assert [one.name for one in events(seen)] == [*(f"e{n}" for n in range(20)), "huge"]
    assert list(correlator.pending()) == [one for one in correlator.settle() if isinstance(one, Handshake)]


def test_short_ones_count_too() -> None:
    """Not only their text takes memory: thousands of empty events do not wait within a few kilobytes."""
    frames = _asked("a", *(f'42{n}["e"]' for n in range(1_000)))
    correlator, seen, _ = _pipeline(frames, Limits(pending_bytes=10_000))
    assert len(events(seen)) + len(events(list(correlator.settle()))) == 1_000
    assert len(events(seen)) > 970


@pytest.mark.parametrize("seed", range(20))
def test_what_waits_is_counted_rightly(seed: int) -> None:
    """Whatever comes, and whoever gives up: the bytes counted are those of what waits, and no event is lost or given twice."""
    rng = random.Random(seed)
    limits = Limits(pending_bytes=6_000, pending_per_session=4, sessions=3)
    correlator = Correlator(report=lambda _: None, limits=limits)
    decoder = Decoder(report=lambda _: None)
    seen: list[Observation] = []
    asked = 0
    for number in range(400):
        socket = Socket(f"EIO=4&transport=websocket&sid={rng.choice('abcde')}", time=1000.0 + number)
        asks = f'42{rng.randrange(9)}["e","{"x" * rng.randrange(900)}"]'
        message = rng.choice([asks, f"43{rng.randrange(9)}[]", f"40/n{rng.randrange(6)},"])
        asked += message is asks
        for packet in decoder.feed(socket.said(rng.choice([C2S, S2C]), message)[0]):
            seen += correlator.feed(packet)
        if number % 100 == 99:
            seen += correlator.expire(1000.0 + number - 30)
        waiting = correlator._waiting.values()
        packets = [packet for each in waiting for packet in (*each.events.values(), *each.acks.values())]
        packets += [packet for each in waiting for queues in (each.requests, each.answers) for queue in queues.values() for packet in queue]
        assert correlator._bytes == sum(packet.size + 512 for packet in packets) <= limits.pending_bytes
    seen += correlator.settle()
    assert len(events(seen)) == asked
    assert correlator._bytes == 0
    assert not correlator._waiting
