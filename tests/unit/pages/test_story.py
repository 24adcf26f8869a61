"""A story is bounded, and tells what was sent when."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infer.model import ABSENT, Connect, Direction, Event, Origin, Server
from infer.pages import look
from infer.pages.story import MAX_BINS, MAX_KINDS, MAX_SESSIONS, MAX_STEPS, Story
from infer.pages.timeline import timeline

SERVER = Server(False, "localhost", "/socket.io/")
ORIGIN = Origin("made by hand")


def event(
    name: str = "ping",
    time: float | None = 0.0,
    session: int = 1,
    *,
    args: tuple[Any, ...] = (),
    ack: list[Any] | None = None,
    latency: float | None = None,
    direction: Direction = Direction.C2S,
) -> Event:
    return Event(session, SERVER, "/", direction, name, args, ack is not None, ack, latency, 10, time, ORIGIN)


def connect(session: int = 1, *, accepted: bool = True, time: float = 0.0) -> Connect:
    return Connect(session, SERVER, "/", accepted, {"token": "abc"}, ABSENT if accepted else {"message": "no"}, time, ORIGIN)


def test_an_acknowledgement_is_a_step_of_its_own_at_its_own_time() -> None:
    """It stands after what was sent between the event and it, with the time that it took."""
    story = Story(look.kinds)
    story(event("ask", 1.0, args=("x",), ack=[True], latency=0.5))
    story(event("tell", 1.2, direction=Direction.S2C))
    told = story.telling()
    assert told is not None
    steps = [(step.kind, step.name, step.direction.value, step.time, step.latency) for step in told.in_order()]
    assert steps == [
        ("event", "ask", "c2s", 1.0, None),
        ("event", "tell", "s2c", 1.2, None),
        ("ack", "ask", "s2c", 1.5, 0.5),
    ]


def test_a_refused_connection_is_answered() -> None:
    """The refusal is the server's step."""
    story = Story(look.kinds)
    story(connect(accepted=False))
    story(event())
    told = story.telling()
    assert told is not None
    assert [step.kind for step in told.steps] == ["connect", "refused", "event"]


def test_the_session_that_shows_most_is_told() -> None:
    """Most kinds of event count, then the fewest steps."""
    story = Story(look.kinds)
    for _ in range(5):
        story(event("a", session=1))
    for name in "ab":
        story(event(name, session=2))
    told = story.telling()
    assert told is not None
    assert len(told.kinds) == 2


def test_sizes_are_bounded() -> None:
    """However many sessions, steps, kinds and moments there are; what is left out is counted."""
    story = Story(look.kinds)
    for number in range(MAX_STEPS + 50):
        story(event("often", number * 60.0, session=0))
    for number in range(3 * MAX_BINS):
        story(event(f"kind {number % (2 * MAX_KINDS)}", number * 7.0, session=number + 1))
    assert len(story._sessions) == MAX_SESSIONS
    assert len(story._sessions[0].steps) == MAX_STEPS
    assert story._sessions[0].left_out == 50
    assert len(story.bins) == MAX_KINDS
    assert sum(map(len, story.bins.values())) <= MAX_BINS
    assert timeline(story) is not None


@given(st.lists(st.floats(0, 4e9), min_size=1, max_size=200))
def test_no_event_is_lost_by_widening(times: list[float]) -> None:
    """The bins of a kind hold all its events, whatever the width has become, and can be drawn."""
    story = Story(look.kinds)
    for time in times:
        story(event(time=time))
    story._widen()
    assert sum(row.total() for row in story.bins.values()) == len(times)
    picture = timeline(story)
    assert picture is not None
    bars = [float(bar.get("x", "nan")) for bar in picture.iter("rect")]
    assert all(210 <= x <= 920 for x in bars)


def test_a_pause_before_the_end_is_named_within_the_picture() -> None:
    """Written in its middle, its length would be cut off; elsewhere it is."""
    for times, anchor in (((*range(90), 900), "end"), ((*range(90), *range(900, 990)), "middle")):
        story = Story(look.kinds)
        for time in times:
            story(event(time=float(time)))
        picture = timeline(story)
        assert picture is not None
        (named,) = (text for text in picture.iter("text") if (text.text or "").endswith(" pause"))
        assert named.get("text-anchor") == anchor
        assert float(named.get("x", "nan")) <= 920


def test_time_unknown_keeps_the_order_met() -> None:
    """Without a clock the steps stand as they came, and there is no timeline."""
    story = Story(look.kinds)
    for name in ("first", "second"):
        story(event(name, None))
    told = story.telling()
    assert told is not None
    assert [step.name for step in told.in_order()] == ["first", "second"]
    assert timeline(story) is None
