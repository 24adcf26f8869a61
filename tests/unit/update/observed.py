"""Documents in files' stead, and observations to revise them by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from infer.asyncapi.contract import Contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.model import Direction, Event, Observation, Origin, Server
from infer.update.revision import Revision, revise

SERVER = Server(secure=False, host="chat.example", path="/socket.io/")


def seen(name: str, *args: Any, ack: list[Any] | None = None, namespace: str = "/", side: Direction = Direction.C2S, session: int = 1) -> Event:
    """An event that was observed."""
    return Event(session, SERVER, namespace, side, name, list(args), ack is not None, ack, None, 10, None, Origin("a.har", 0, 0))


def revision_of(files: Mapping[str, str] | str, observations: Iterable[Observation]) -> Revision:
    """What becomes of the first file."""
    texts = {"asyncapi.yml": files} if isinstance(files, str) else dict(files)
    observed = list(observations)

    def feed(take: Any) -> None:
        for observation in observed:
            take(observation)

    return revise(lambda changed: read(Documents(lambda name: {**texts, **changed}[name]), next(iter(texts))), texts.__getitem__, feed)


def contract_of(text: str) -> Contract:
    """What a document promises."""
    return read(Documents(lambda _: text), "asyncapi.yml")
