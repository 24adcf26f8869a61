"""The sequence diagram of one session."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from infer.model import Direction
from infer.pages.story import Session, Step
from infer.pages.svg import arrow, picture, put, write
from infer.report.text import many

_WIDTH: Final = 460
_CLIENT: Final = 84
_SERVER: Final = _WIDTH - 28
_TOP: Final = 46
_STEP: Final = 46


def sequence(session: Session) -> Element:
    """Time runs downwards: what was sent, with the kinds of its arguments, at which second of the session."""
    steps = session.in_order()
    height = _TOP + _STEP * len(steps) + (44 if session.left_out else 20)
    svg = picture(_WIDTH, height, f"Sequence diagram of one session in {many(len(steps), 'step')}.", name="sequence")
    for x, who in ((_CLIENT, "Client"), (_SERVER, "Server")):
        put(svg, "line", "lifeline", x1=x, y1=28, x2=x, y2=height)
        put(svg, "rect", "party", x=x - 28, y=2, width=56, height=26, rx=8)
        write(svg, who, x, 19.5, "party-name", anchor="middle")
    start = min((step.time for step in steps if step.time is not None), default=None)
    for place, step in enumerate(steps):
        _draw(svg, step, _TOP + place * _STEP, start)
    if session.left_out:
        write(svg, f"… {many(session.left_out, 'further step')}", (_CLIENT + _SERVER) / 2, height - 14, "quiet", anchor="middle")
    return svg


def _draw(svg: Element, step: Step, y: float, start: float | None) -> None:
    sent = step.direction is Direction.C2S
    tail, head = (_CLIENT + 5, _SERVER - 5) if sent else (_SERVER - 5, _CLIENT + 5)
    side = "c2s" if sent else "s2c"
    style = {"event": side, "ack": f"{side} back", "refused": "bad", "connect": "calm", "disconnect": "calm"}[step.kind]
    if step.time is not None and start is not None:
        write(svg, offset(step.time - start), 46, y + 28, "quiet time", anchor="end")
    middle, room = (_CLIENT + _SERVER) / 2, _SERVER - _CLIENT - 20
    write(svg, _title(step), middle, y + 8, "name", anchor="middle", width=room)
    if step.content:
        write(svg, step.content, middle, y + 21, "content", anchor="middle", width=room * 1.1)
    arrow(svg, tail, head, y + 27, style)


def _title(step: Step) -> str:
    where = "" if step.namespace == "/" else f" {step.namespace}"
    if step.kind == "event":
        return step.name if not where else f"{step.name} ·{where}"
    if step.kind == "ack":
        took = "" if step.latency is None else f" · {offset(step.latency)}"
        return f"ack of {step.name}{took}"
    words = {"connect": "connect", "refused": "connection refused", "disconnect": "disconnect"}
    return words[step.kind] + where


def offset(seconds: float) -> str:
    """`12 ms`, `1.25 s`, `3 min`, `5.2 h`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3_600:.1f} h"
