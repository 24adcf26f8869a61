"""Both sides of the scenario for python-socketio: what one emits, what the other checks and answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

SECONDS = 10.0

Step = dict[str, Any]


class MismatchError(Exception):
    """A step arrived otherwise than it was sent, or not at all."""


def real(value: Any) -> Any:
    """The scenario's values, with `{$binary: n}` replaced by bytes."""
    if isinstance(value, list):
        return [real(inner) for inner in value]
    if isinstance(value, dict):
        if "$binary" in value:
            return bytes(index % 251 for index in range(value["$binary"]))
        return {key: real(inner) for key, inner in value.items()}
    return value


class Heard:
    """Checks and answers the other side's steps as they come, in their order."""

    def __init__(self, steps: list[Step]) -> None:
        self._steps = steps
        self._next = 0
        self._all = threading.Event()
        self.failure: str | None = None

    def take(self, event: str, args: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """The answer to a step that came."""
        step = self._steps[self._next] if self._next < len(self._steps) else {"event": None, "args": []}
        if (step["event"], real(step["args"])) != (event, list(args)):
            self.failure = f"{event!r} arrived otherwise or out of turn"
            self._all.set()
            return None
        self._next += 1
        if self._next == len(self._steps):
            self._all.set()
        return tuple(real(step["ack"])) if "ack" in step else None

    def wait(self) -> None:
        """Until the last step came."""
        if not self._all.wait(SECONDS):
            self.failure = f"step {self._next} did not come"
        if self.failure:
            raise MismatchError(self.failure)


def say(emit: Callable[..., Any], steps: list[Step]) -> None:
    """Emit the steps; the last one when all acknowledgements are in."""
    pending = [_emit(emit, step) for step in steps[:-1]]
    for wait in pending:
        wait()
    _emit(emit, steps[-1])()


def _emit(emit: Callable[..., Any], step: Step) -> Callable[[], None]:
    args = tuple(real(step["args"]))
    if "ack" not in step:
        emit(step["event"], args)
        return lambda: None
    answered = threading.Event()
    answers: list[tuple[Any, ...]] = []

    def answer(*values: Any) -> None:
        answers.append(values)
        answered.set()

    emit(step["event"], args, callback=answer)

    def wait() -> None:
        if not answered.wait(SECONDS):
            raise MismatchError(f"no answer to {step['event']!r}")
        if list(answers[0]) != real(step["ack"]):
            raise MismatchError(f"the answer to {step['event']!r} arrived otherwise")

    return wait
