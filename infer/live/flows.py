"""mitmproxy's flows on their way to the worker: an HTTP exchange as the state of its two messages, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from mitmproxy.http import HTTPFlow, Request, Response

if TYPE_CHECKING:
    from infer.live.messages import MessageState


def flow_of(request: MessageState, response: MessageState | None) -> HTTPFlow:
    """A flow of these messages, as `infer.captures.flows` reads it: of no connection."""
    nobody = cast("Any", None)
    flow = HTTPFlow(nobody, nobody)
    flow.request = Request.from_state(_state(request))  # type: ignore[no-untyped-call]
    if response is not None:
        flow.response = Response.from_state(_state(response))  # type: ignore[no-untyped-call]
    return flow


def _state(state: MessageState) -> MessageState:
    """The state with tuples where MessagePack has lists."""
    pairs = {key: tuple(map(tuple, state[key])) for key in ("headers", "trailers") if state[key] is not None}
    return {**state, **pairs}
