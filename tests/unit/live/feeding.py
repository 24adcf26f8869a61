"""Flow files told to a recorder as the proxy tells them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader

from infer.captures.flows import exchange_of
from infer.live.messages import Answer, Answered, Ask, Ended, Opened, Said, ToProxy, ToWorker, packed, to_worker
from infer.live.recorder import Recorder
from infer.live.settings import Settings
from infer.model import Origin

RECORDINGS = Path(__file__).resolve().parents[3] / "recordings"


def flows(path: Path) -> list[HTTPFlow]:
    """The HTTP flows of a file."""
    with path.open("rb") as file:
        return [flow for flow in FlowReader(file).stream() if isinstance(flow, HTTPFlow)]


def items(path: Path) -> Iterator[ToWorker]:
    """What the proxy would tell of the flows of a file."""
    for number, flow in enumerate(flows(path), 1):
        exchange = exchange_of(flow, Origin("live", number))
        if flow.websocket is None:
            response: Any = None if flow.response is None else flow.response.get_state()  # type: ignore[no-untyped-call]
            yield Answered(exchange, flow.request.get_state(), response)  # type: ignore[no-untyped-call]
            continue
        yield Opened(exchange)
        for index, each in enumerate(flow.websocket.messages):
            yield Said(number, index, each.type, each.from_client, each.content, each.timestamp)
        yield Ended(number)


class Fed:
    """A recorder with what it sent. Everything goes through the pipe's encoding."""

    def __init__(self, settings: Settings) -> None:
        self.sent: list[ToProxy] = []
        self.recorder = Recorder(self.sent.append)
        self.settled = self.ask("configure", settings=settings)

    def feed(self, *given: ToWorker) -> None:
        """Tell it these."""
        self.recorder.take(*to_worker(packed(list(given))[4:]))

    def ask(self, what: str, argument: str = "", settings: Settings | None = None) -> Answer:
        """Its answer."""
        self.feed(Ask(1, what, argument, settings))
        answer = self.sent.pop()
        assert isinstance(answer, Answer)
        return answer

    @property
    def lines(self) -> list[str]:
        """What it told unasked."""
        return [getattr(item, "line", repr(item)) for item in self.sent]
