"""The tap: flows as mitmproxy's hooks give them, to a real worker."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.http import HTTPFlow
from mitmproxy.test import tflow
from mitmproxy.websocket import WebSocketMessage

import infer
from infer.errors import SioInferError, UsageError
from infer.live.link import Link
from infer.live.settings import Settings
from infer.live.tap import Tap
from infer.state import load
from tests.unit.live.feeding import RECORDINGS, flows


def told(folder: Path, story: Any, **given: Any) -> list[str]:
    """Let the story happen to a tap on an event loop; the summary."""

    async def happen() -> list[str]:
        tap = Tap(Settings(**{"output": str(folder / "live.yml"), "state": str(folder / "live.sio"), **given}))
        told_: list[str] = []
        tap.on_told = told_.append
        await story(tap)
        await asyncio.sleep(0.05)
        try:
            last = tap.finish()
            lines = [*last.lines, *filter(None, [last.failed])]
        except SioInferError as error:
            lines = [str(error)]
        await asyncio.sleep(0.1)
        return [*lines, *told_]

    return asyncio.run(happen())


def socket(*texts: str) -> HTTPFlow:
    """A live WebSocket that has said this so far: what begins with `<` came from the server."""
    flow: Any = tflow.twebsocketflow()
    flow.live = True
    flow.request.path = "/socket.io/?EIO=4&transport=websocket"
    flow.websocket.messages[:] = [_message(text) for text in texts]
    assert isinstance(flow, HTTPFlow)
    return flow


def say(tap: Tap, flow: HTTPFlow, *texts: str) -> None:
    """Messages come."""
    assert flow.websocket is not None
    for text in texts:
        flow.websocket.messages.append(_message(text))
        tap.said(flow)


def _message(text: str) -> WebSocketMessage:
    return WebSocketMessage(1, not text.startswith("<"), text.removeprefix("<").encode())


def names(folder: Path) -> dict[str, int]:
    """Events by name, with their counts."""
    return {name: entry.count for space in load(folder / "live.sio").namespaces for (_, name), entry in space.events.items()}


OPEN = '<0{"sid":"s","pingInterval":1}'
PATIENCE = 120.0
"""Seconds for what is to come, on a machine that may be busy."""


def test_hooks_give_the_catalog_of_the_file(tmp_path: Path) -> None:
    """A file's flows through the hooks are the file."""
    path = RECORDINGS / "orders.mitm"

    async def story(tap: Tap) -> None:
        for flow in flows(path):
            tap.asked(flow)
            tap.answered(flow)
            if flow.websocket is not None:
                messages, flow.websocket.messages = flow.websocket.messages, []
                tap.opened(flow)
                for message in messages:
                    flow.websocket.messages.append(message)
                    tap.said(flow)
                tap.ended(flow)
            await asyncio.sleep(0.05)

    told(tmp_path, story)
    assert load(tmp_path / "live.sio") == infer.infer([str(path)])


def test_what_others_make_of_a_message_is_recorded(tmp_path: Path) -> None:
    """An addon after ours that changes or drops a message has the last word, as it has for the other side."""

    async def story(tap: Tap) -> None:
        flow = socket()
        tap.opened(flow)
        say(tap, flow, OPEN, '42["as sent"]', '42["dropped"]')
        assert flow.websocket is not None
        flow.websocket.messages[1].content = b'42["as changed"]'
        flow.websocket.messages[2].drop()  # type: ignore[no-untyped-call]

    told(tmp_path, story)
    assert names(tmp_path) == {"as changed": 1}


def test_an_intercepted_message_is_recorded_as_it_is_let_go(tmp_path: Path) -> None:
    """A person edits it first."""

    async def story(tap: Tap) -> None:
        flow = socket()
        tap.opened(flow)
        say(tap, flow, OPEN)
        await asyncio.sleep(0.05)
        flow.intercept()  # type: ignore[no-untyped-call]
        say(tap, flow, '42["as sent"]')
        await asyncio.sleep(0.01)
        assert flow.websocket is not None
        flow.websocket.messages[-1].content = b'42["as edited"]'
        flow.resume()  # type: ignore[no-untyped-call]
        await asyncio.sleep(0.01)

    told(tmp_path, story)
    assert names(tmp_path) == {"as edited": 1}


def test_a_socket_that_was_open_before_is_caught_up_with(tmp_path: Path) -> None:
    """Its messages are there yet; each is told once."""

    async def story(tap: Tap) -> None:
        flow = socket(OPEN, '42["early"]')
        say(tap, flow, '42["late"]', '42["late"]')

    lines = told(tmp_path, story)
    assert names(tmp_path) == {"early": 1, "late": 2}
    assert not any("session-unopened" in line for line in lines)


def test_trimming_keeps_the_latest_and_loses_nothing(tmp_path: Path) -> None:
    """The list of messages stays short, of Socket.IO's sockets only; every message is told."""

    async def story(tap: Tap) -> None:
        flow, other = socket(), socket()
        other.request.path = "/feed"
        for each in (flow, other):
            tap.opened(each)
            say(tap, each, OPEN)
            for number in range(500):
                say(tap, each, f'42["n",{number}]')
                tap.flush()
            assert each.websocket is not None
        assert len(flow.websocket.messages) <= 20  # type: ignore[union-attr]
        assert flow.websocket.messages[-1].content == b'42["n",499]'  # type: ignore[union-attr]

    told(tmp_path, story, trim=10, path=("/socket.io/",))
    assert names(tmp_path) == {"n": 500}


def test_an_exchange_without_its_answer_is_recorded(tmp_path: Path) -> None:
    """What a client posted counts though the proxy ends before the answer; so does what broke off."""

    def posted(text: bytes) -> HTTPFlow:
        flow: Any = tflow.tflow()
        flow.live = True
        flow.request.method = "POST"
        flow.request.path = "/socket.io/?EIO=4&transport=polling&sid=s"
        flow.request.content = text
        assert isinstance(flow, HTTPFlow)
        return flow

    async def story(tap: Tap) -> None:
        first, second = posted(b'42["pending"]'), posted(b'42["broken off"]')
        tap.asked(first)
        tap.asked(second)
        tap.answered(second)

    told(tmp_path, story)
    assert names(tmp_path) == {"pending": 1, "broken off": 1}


def test_filters_and_other_traffic(tmp_path: Path) -> None:
    """What is not wanted is not recorded; the summary names what was met instead."""

    async def story(tap: Tap) -> None:
        flow = socket()
        tap.opened(flow)
        say(tap, flow, OPEN, '42["x"]')
        page = tflow.tflow(resp=True)
        page.live = True
        tap.asked(page)
        tap.answered(page)

    lines = told(tmp_path, story, host=("elsewhere.*",))
    assert lines[-1].startswith("no Socket.IO traffic found; seen: ")
    assert "check --host and --path" in lines[-1]


def test_a_flow_that_has_ended_was_live_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is read from a file may be waited for; mitmproxy forgets that a flow was live once it has ended."""
    monkeypatch.setattr(Link, "wait_for_room", lambda *_: pytest.fail("the proxy waits"))

    async def story(tap: Tap) -> None:
        flow = socket()
        flow.live = True
        tap.opened(flow)
        say(tap, flow, OPEN, '42["last words"]')
        tap.ended(flow)
        flow.live = False

    lines = told(tmp_path, story)
    assert not any("unexpected" in line for line in lines)
    assert names(tmp_path) == {"last words": 1}


def test_a_failure_of_ours_is_told_once_and_goes_no_further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hooks never raise."""

    async def story(tap: Tap) -> None:
        monkeypatch.setattr(tap, "_copy", lambda *_: 1 / 0)
        flow = socket()
        tap.opened(flow)
        say(tap, flow, OPEN, '42["x"]', '42["x"]')

    lines = told(tmp_path, story)
    assert sum("unexpected ZeroDivisionError" in line for line in lines) == 1


def test_bytes_that_are_no_utf_8_cost_nothing(tmp_path: Path) -> None:
    """In a cookie, a header's name or an address: neither what is said there nor what comes after."""

    async def story(tap: Tap) -> None:
        odd, sound = socket(), socket()
        odd.request.headers.fields += ((b"cookie", b"n\xf6m=J\xf6rg"), (b"x-\xf6", b"\xf6"))
        odd.request.data.path += b"&n\xf6m=\xf6"
        for flow, name in ((odd, "odd"), (sound, "sound")):
            tap.opened(flow)
            say(tap, flow, OPEN.replace('"s"', f'"{name}"'), f'42["{name}"]')
            tap.flush()
        tap.ask("save", str(tmp_path / "live.yml"))

    lines = told(tmp_path, story)
    assert not any("unexpected" in line for line in lines)
    assert names(tmp_path) == {"odd": 1, "sound": 1}


@pytest.mark.parametrize("kept", [True, False], ids=["with a state", "without"])
def test_a_killed_worker_is_replaced(tmp_path: Path, kept: bool) -> None:
    """By one that goes on from the state; without one, the document that is there is left as it is."""

    async def story(tap: Tap) -> None:
        flow = socket()
        tap.opened(flow)
        say(tap, flow, OPEN, '42["before"]')
        tap.ask("save", str(tmp_path / "live.sio"))
        tap.ask("save", str(tmp_path / "live.yml"))
        tap.link._process.kill()
        until = time.monotonic() + 10
        while not tap.link.gone and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        for _ in range(3):
            say(tap, flow, '42["after"]')
            await asyncio.sleep(0.05)
        if not kept:
            with pytest.raises(SioInferError, match="the worker has ended"):
                tap.ask("status")

    lines = told(tmp_path, story, **({} if kept else {"state": ""}))
    assert sum("the worker was killed" in line for line in lines) == 1
    assert names(tmp_path) == ({"before": 1, "after": 3} if kept else {"before": 1})
    assert "before" in (tmp_path / "live.yml").read_text()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"output": "{folder}/nowhere/live.yml"}, "nowhere/live.yml: cannot write: No such file or directory"),
        ({"output": "{folder}"}, "cannot write: Is a directory"),
        ({"expire": 10**20}, "expire is at most 1,000,000,000, not 100000000000000000000"),
    ],
)
def test_settings_of_which_nothing_can_come_start_no_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], error: str
) -> None:
    """They are refused, and of a tap that runs they change nothing."""
    refused: dict[str, Any] = {"output": str(tmp_path / "live.yml")}
    refused |= {name: value.format(folder=tmp_path) if isinstance(value, str) else value for name, value in given.items()}

    async def story(tap: Tap) -> None:
        with pytest.raises(UsageError, match=error):
            tap.configure(Settings(**refused))

    told(tmp_path, story)
    monkeypatch.setattr("infer.live.tap.Link", lambda *_: pytest.fail("a worker is started"))
    with pytest.raises(UsageError, match=error):
        Tap(Settings(**refused))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["live.sio"]


def test_a_worker_that_refuses_its_settings_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only it can see is wrong leaves no process behind in a proxy that runs on."""
    links: list[Link] = []

    class Kept(Link):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            links.append(self)

    monkeypatch.setattr("infer.live.tap.Link", Kept)
    with pytest.raises(SioInferError, match=r"none\.yml: cannot be read"):
        Tap(Settings(output=str(tmp_path / "live.yml"), declared=str(tmp_path / "none.yml")))
    (link,) = links
    assert link._process.wait(PATIENCE) == 0


def test_a_finished_tap_starts_no_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even when the event loop lives on for what came just before the end."""
    monkeypatch.setattr("infer.live.tap._GATHER", 0.1)

    async def story(tap: Tap) -> None:
        flow = socket()
        tap.opened(flow)
        say(tap, flow, OPEN, '42["last"]')

    lines = told(tmp_path, story)
    assert not any("the worker" in line for line in lines)
    assert names(tmp_path) == {"last": 1}
