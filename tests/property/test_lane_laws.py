"""The short way of events and their acknowledgements leaves what the general way leaves, whatever comes and in whatever order."""

from __future__ import annotations

import pickle
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from infer import state
from infer.catalog import Catalog
from infer.engines.local import Options, Pipeline
from infer.engines.result import Result
from infer.filters import Filter
from infer.limits import Limits
from infer.model import Direction, Exchange, Frame, Origin, Transport
from infer.schema import Args, Payload, slots

ARGS = ['"room"', '{"text":"hi","n":1}', '{"text":"hi","n":2.5}', '{"n":3}', "null", '"O1xB2c3"', "[1,2]", "", '"\\u00e9"', "NaN", '"\\ud800"', "1]"]
ANSWERS = [
    '[{"status":"ok","id":1}]', '[{"status":"ok"}]', '[{"error":"no"}]', "[null,5]", '["no",null]', "[]", '[{"ok":false}]', "[1", '["a"] ', '{"a":[1]}', "[[1]]", '["say","room"]',
]  # fmt: skip
SPACES = ["", "", "", "/a,", "/b[c,", "/a?q=1,", "/a"]
NAMES = ["say", "say", "ask", "", 'a\\"b', "connect", "room:1", "room:2", "ann@example.test"]
IDS = ["", "", "0", "1", "2", "007", "1234567890123456789"]


def event(space: str, number: str, name: str, args: str) -> str:
    return f'42{space}{number}["{name}"' + (f",{args}]" if args else "]")


MESSAGES = st.one_of(
    st.builds(event, st.sampled_from(SPACES), st.sampled_from(IDS), st.sampled_from(NAMES), st.sampled_from(ARGS)),
    st.builds(lambda number: event("", number, "say", ARGS[1]), st.sampled_from(["", "1", "2"])),
    st.builds(lambda number, answer: f"43{number}{answer}", st.sampled_from(["1", "1", "2", "0", "007", ""]), st.sampled_from(ANSWERS)),
    st.builds(lambda number: f"43{number}{ANSWERS[0]}", st.sampled_from(["1", "2"])),
    st.sampled_from(["2", "3", "41", "41/a,", "40", "40/a,", '40{"sid":"x"}', '40{"sid":"x","pid":"y"}', "431", "42", "4", "43[", '451-["say",{"_placeholder":true,"num":0}]']),
)  # fmt: skip
SIDES = st.sampled_from(Direction)
STEPS = st.tuples(st.sampled_from([0, 1, 2, 3, 4, 5, 5, 5, 6]), st.lists(st.tuples(MESSAGES, SIDES), min_size=1, max_size=12), st.sampled_from([None, 1.0, 2.5, 0.5]))
LIMITS = [
    Limits(), Limits(pending_per_session=1), Limits(sessions=1), Limits(sessions=2, events=2), Limits(pending_bytes=1200), Limits(ack_id=1, siblings=1),
    Limits(places=3), Limits(entries_in_all=6, places_in_all=6),
]  # fmt: skip
SOCKETS = [
    "ws://a.test/socket.io/?EIO=4&transport=websocket&sid=1", "ws://a.test/socket.io/?EIO=4&transport=websocket",
    "ws://b.test/socket.io/?EIO=4&transport=websocket&sid=3", "ws://a.test/socket.io/?EIO=3&transport=websocket&sid=4",
]  # fmt: skip
POLLED = [f"http://a.test/socket.io/?EIO={protocol}&transport=polling" for protocol in (4, 4, 3)]
POLLED_SIDS = ["1", "5", "6"]


@pytest.fixture(autouse=True)
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moulds are made from the second list on, and anew at once where they refuse."""
    monkeypatch.setattr(slots, "_FIRST", 2)
    monkeypatch.setattr(slots, "_PATIENCE", 1)


def frames(steps: list[Any]) -> list[Frame]:
    """A few messages of a socket at a time, or of both sides' bodies; one socket and two polled sessions are seen to open."""
    sockets = [Exchange(url, "GET", (), (), 101, Transport.WEBSOCKET, 1.0, Origin("a.har", n)) for n, url in enumerate(SOCKETS)]
    made = [Frame(sockets[1], Direction.S2C, 1.0, '0{"sid":"2","maxPayload":9}', 0)]
    for number, protocol in ((1, 4), (2, 3)):
        made.append(body(POLLED[number], "GET", 5 + number, 1.0, [f'0{{"sid":"{POLLED_SIDS[number]}"}}'], protocol))
    for number, (which, messages, time) in enumerate(steps, 10):
        if which < len(sockets):
            of = sockets[which]
            made += [Frame(of, side, time, text, n) for n, (text, side) in enumerate(messages)]
            continue
        polled = which - len(sockets)
        url, protocol = f"{POLLED[polled]}&sid={POLLED_SIDS[polled]}&t={number}", 3 if polled == 2 else 4
        for side, method in ((Direction.C2S, "POST"), (Direction.S2C, "GET")):
            texts = [text for text, sender in messages if sender is side]
            if texts:
                made.append(body(url, method, number, time, texts, protocol))
                if method == "POST":
                    made.append(Frame(made[-1].exchange, Direction.S2C, time, b"ok"))
    return made


def body(url: str, method: str, number: int, time: float | None, texts: list[str], protocol: int) -> Frame:
    """What one side sends at once over polling."""
    of = Exchange(url, method, (), (), 200, Transport.POLLING, time, Origin("a.har", number))
    data = "\x1e".join(texts) if protocol == 4 else "".join(f"{len(text.encode('utf-16-le')) // 2}:{text}" for text in texts)
    return Frame(of, Direction.C2S if method == "POST" else Direction.S2C, time, data.encode())


def left(given_: list[Frame], options: Options, *, anew: int, narrowed: int, together: int) -> dict[str, Any]:
    """All that a pipeline leaves, which begins to count anew before that frame, and to want less before the other.

    It is fed so many frames at once, but for these two.
    """
    result = Result()
    result.catalog = Catalog(options.limits)
    pipeline = Pipeline(result, options)
    cuts = sorted({0, anew, narrowed, *range(0, len(given_), together)})
    for begin, end in pairwise([*(cut for cut in cuts if cut < len(given_)), len(given_)]):
        if begin == anew:
            pipeline.reset()
        if begin == narrowed:
            pipeline.options = replace(options, filter=Filter(events=("ask",)))
        pipeline.feed(given_[begin:end])
    so_far = state.encode(pipeline.so_far())
    pipeline.finish()
    return {
        "so far": so_far,
        "state": state.encode(result.catalog),
        "diagnostics": sorted(map(str, result.diagnostics.kept)),
        "counts": (result.frames, result.packets, result.observations),
        "frames": pipeline._decoder.stats,
    }


ROOM = ('42["say","room"]', Direction.C2S)
SAID = (event("", "", "say", ARGS[1]), Direction.C2S)
ASKED = (event("", "1", "say", ARGS[1]), Direction.C2S)
ANSWERED = (f"431{ANSWERS[0]}", Direction.S2C)
CALLS = [(event("/b[c,", "2", "say", ARGS[0]), Direction.C2S), (event("", "1", "say", ARGS[1]), Direction.C2S)]


@example([(0, [*[ROOM] * 9, ('43["say","room"]', Direction.C2S)], 1.0)], Limits(), Filter(), 1_000, 1_000, 1)
@example([(0, [*[ROOM] * 9, ('43["say","room"]', Direction.C2S)], 1.0)], Limits(), Filter(), 1_000, 1_000, 100)
@example([(0, [("431[]", Direction.C2S)], None), (2, [ROOM], 1.0), (0, [('43["a"] ', Direction.C2S)], 0.5), (1, [ROOM], None)], Limits(sessions=2), Filter(), 1_000, 1_000, 100)
@example([(1, [SAID], None), (0, [SAID, *CALLS], None), (0, [SAID], None)], Limits(pending_per_session=1), Filter(), 0, 5, 100)
@example([(5, [SAID] * 4, 1.0), (5, [("42[", Direction.C2S), ("43[", Direction.S2C)], None), (5, [SAID, ('42["say"', Direction.C2S)], 2.5)], Limits(), Filter(), 1_000, 1_000, 100)
@example([(polled, [ANSWERED, SAID, ASKED], 1.0) for polled in (4, 5, 6) for _ in range(4)], Limits(), Filter(), 1_000, 1_000, 100)
@settings(max_examples=250, deadline=None)
@given(
    st.lists(STEPS, max_size=14), st.sampled_from(LIMITS), st.sampled_from([Filter(), Filter(), Filter(events=("say",)), Filter(hosts=("b.test",))]),
    st.integers(0, 100), st.integers(0, 200), st.sampled_from([1, 3, 100, 100]),
)  # fmt: skip
def test_lanes_change_nothing(steps: list[Any], limits: Limits, wanted: Filter, anew: int, narrowed: int, together: int) -> None:
    """Sessions in turns, over sockets and bodies: ids used twice, answers before their calls, refusals, broken packets, any limits."""
    given_ = frames(steps)
    short = left(given_, Options(filter=wanted, limits=limits), anew=anew, narrowed=narrowed, together=together)
    plain = Options(filter=wanted, limits=limits, observer=lambda _: None)
    assert short == left(given_, plain, anew=anew, narrowed=narrowed, together=1)


def test_arguments_that_wait_are_a_list_to_all_others() -> None:
    """Also to another process."""
    args = Args()
    for _ in range(4):
        args.add([{"n": 1}, "a"], 1)
    payload = args.payload('["say", {"n": 2}, "b"]', "say", Payload)
    assert payload is not None
    assert list(payload) == [{"n": 2}, "b"]
    assert (len(payload), payload[-1]) == (2, "b")
    assert pickle.loads(pickle.dumps(payload)) == [{"n": 2}, "b"]
    other = Args()
    other.add(payload, 1)
    assert other.count == 1
    assert [slot.kinds for slot in other.slots] == [("object",), ("string",)]
