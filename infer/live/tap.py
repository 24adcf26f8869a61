"""mitmproxy's flows to what the worker is told, on the proxy's event loop.

A flow is looked at a moment later, when all of mitmproxy's addons have had their turn with it, and once a person who
intercepted it has let it go: what is copied is what the other side gets. No decoding happens here.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary, ref

import msgspec

from infer.captures.flows import exchange_of
from infer.errors import SioInferError
from infer.files import probe
from infer.live.link import START, Link
from infer.live.messages import Answer, Answered, Ask, Ended, MessageState, Met, Noted, Opened, Said, ToProxy, Violated
from infer.live.recorder import LIVE, REPLAY
from infer.live.settings import Settings
from infer.model import Diagnostic, Exchange, Origin, Transport
from infer.wire import Recogniser
from infer.wire.address import address_of

if TYPE_CHECKING:
    from mitmproxy.http import HTTPFlow
    from mitmproxy.websocket import WebSocketMessage

log: Final = logging.getLogger("sio-infer")
_MARK: Final = ":warning:"
_GATHER: Final = 0.5
"""Seconds in which gathers what is looked at together: the oftener, the more a message costs. A killed proxy loses as much."""
_TURN: Final = 256
"""Things looked at in one turn of the event loop, which takes a tenth of a millisecond."""
_REVIVAL: Final = 10.0
"""Seconds between two attempts to start a worker anew."""
_LOST: Final = "nothing is recorded any more; what it wrote last is there"
_RELATED: Final = 64
"""Flows of one polling session that the content view may look at, for acknowledgements and attachments."""
_SESSIONS: Final = 1_000
_COMMENT: Final = 2_000
"""Characters of a flow's comment."""


class _Socket(msgspec.Struct):
    """A WebSocket; it is followed where it has its exchange, whose entry is `number`."""

    number: int | None = None
    exchange: Exchange | None = None
    messages: int = 0


class Tap:
    """See the module. Its methods are mitmproxy's hooks by other names.

    Errors: `SioInferError` where nothing can come of these settings.
    """

    def __init__(self, settings: Settings) -> None:
        _check(settings)
        self._settings = settings
        self._recogniser = Recogniser(self._note, settings.filter())
        self._fresh: deque[tuple[Callable[..., object], HTTPFlow, Any, bool]] = deque()
        self._sockets: dict[str, _Socket] = {}
        self._open: dict[str, tuple[HTTPFlow, bool]] = {}  # requests by the flow's id, and whether they are live
        self._number = 0
        self._flows: WeakValueDictionary[int, HTTPFlow] = WeakValueDictionary()
        self._related: OrderedDict[str, deque[ref[HTTPFlow]]] = OrderedDict()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._finished = False
        self._warned = False
        self._revive_at = 0.0
        self.on_told: Callable[[str], None] = log.warning
        """Called on the event loop with lines for the person at the proxy."""
        self.on_marked: Callable[[HTTPFlow], None] = lambda _: None
        """Called on the event loop with a flow that got a comment."""
        self.link = Link(self._notice, settings.queue << 20)
        try:
            self.started = self.link.ask("configure", settings=settings, seconds=START)
        except SioInferError:  # nobody has the tap, whose worker would wait for as long as the proxy runs
            self.link.close()
            raise

    def configure(self, settings: Settings) -> list[str]:
        """Go on with other settings; lines to show. Errors: `SioInferError`, and all stays as it was."""
        _check(settings, self._settings)
        lines = self.link.ask("configure", settings=settings)
        if settings.filter() != self._settings.filter():
            self._recogniser = Recogniser(self._note, settings.filter())
        self._settings = settings
        self.link.limit = settings.queue << 20
        return lines

    def ask(self, what: str, argument: str = "") -> list[str]:
        """The worker's answer, once it has done all up to now. Errors: `SioInferError`."""
        self._look()
        self.link.put(self._met())
        return self.link.ask(what, argument)

    def finish(self) -> Answer:
        """Hand on what is left, exchanges without their answer too; let the worker end, and give its last answer.

        Errors: `SioInferError`.
        """
        self._look()
        self._finished = True  # a worker that has ended is no killed one from here on
        for flow, live in list(self._open.values()):
            self._answered(flow, None, live)
        self.link.put(self._met())
        return self.link.finish()

    # --- hooks

    def asked(self, flow: HTTPFlow) -> None:
        """A request came."""
        self._open[flow.id] = (flow, flow.live)

    def answered(self, flow: HTTPFlow) -> None:
        """Its response came, or an error ended it."""
        self._later(self._answered, flow)

    def opened(self, flow: HTTPFlow) -> None:
        """A WebSocket began."""
        self._later(self._opened, flow)

    def said(self, flow: HTTPFlow) -> None:
        """A WebSocket's last message came."""
        assert flow.websocket is not None
        self._later(self._said, flow, flow.websocket.messages[-1])

    def ended(self, flow: HTTPFlow) -> None:
        """A WebSocket was closed."""
        self._later(self._ended, flow)

    def related(self, flow: HTTPFlow) -> list[HTTPFlow]:
        """The flows of the same Engine.IO session that mitmproxy still has, in the order of their ends."""
        sid = address_of(flow.request.pretty_url).sid
        found = (each() for each in self._related.get(sid or "", ()))
        return [each for each in found if each is not None]

    # --- after all addons

    def _later(self, what: Callable[..., object], flow: HTTPFlow, message: WebSocketMessage | None = None) -> None:
        """Look at it with what else comes until then.

        Whether it is live is known only now: mitmproxy takes that back once the flow has ended.
        """
        if self._timer is None:
            self._loop = asyncio.get_running_loop()
            self._timer = self._loop.call_later(_GATHER, self.flush)
        self._fresh.append((what, flow, message, flow.live))

    def flush(self) -> None:
        """On the event loop: look at all that came, hand some of it on, and come again where there is more."""
        if self._finished:
            return
        self._look(_TURN)
        pause = self.link.write()
        if self._fresh:
            pause = 0.0
        self._timer = None if pause is None else asyncio.get_running_loop().call_later(pause, self.flush)

    def _look(self, most: int | None = None) -> None:
        if self.link.gone:
            self._revive()
        for _ in range(len(self._fresh) if most is None else min(most, len(self._fresh))):
            what, flow, message, live = self._fresh.popleft()
            if flow.intercepted:
                task = asyncio.get_running_loop().create_task(self._resumed(what, flow, message, live))
                task.add_done_callback(lambda done: done.exception())
                continue
            try:
                what(flow, message, live)
            except Exception as error:  # noqa: BLE001 (the proxy comes first)
                self._warn_of(error)

    async def _resumed(self, what: Callable[..., object], flow: HTTPFlow, message: WebSocketMessage | None, live: bool) -> None:  # noqa: FBT001
        """Look at it once it is let go; mitmproxy holds back the rest of its flow until then."""
        await flow.wait_for_resume()  # type: ignore[no-untyped-call]
        self._fresh.append((what, flow, message, live))
        self.flush()

    def _warn_of(self, error: Exception) -> None:
        if not self._warned:
            self._warned = True
            self.on_told(f"unexpected {type(error).__name__} (a bug: please report it); this traffic is not recorded")

    def _revive(self) -> None:
        """Start another worker for one that was killed: only on a state, or it would write a smaller document."""
        now = time.monotonic()
        if self._revive_at == 0.0:
            self.on_told("the worker was killed; " + ("another goes on from the state" if self._settings.state else _LOST))
        if not self._settings.state or now < self._revive_at:
            self._revive_at = max(self._revive_at, now)
            return
        self._revive_at = now + _REVIVAL
        skipped = self.link.skipped
        self.link = Link(self._notice, self._settings.queue << 20, skipped)
        self.link.put(Ask(0, "configure", settings=self._settings))
        for socket in self._sockets.values():
            if socket.exchange is not None:
                self.link.put(Opened(socket.exchange))

    def _answered(self, flow: HTTPFlow, _: None, live: bool) -> None:  # noqa: FBT001
        known = self._open.pop(flow.id, None)
        live = live if known is None else known[1]
        if flow.websocket is not None:
            return
        exchange = exchange_of(flow, self._origin(live))
        if not self._recogniser(exchange) or exchange.transport is not Transport.POLLING:
            return
        self._remember(flow, exchange)
        response = flow.response
        size = len(flow.request.raw_content or b"") + len((response and response.raw_content) or b"")
        if not live:
            self.link.wait_for_room(size)
        asked: MessageState = flow.request.get_state()  # type: ignore[no-untyped-call]
        given = None if response is None else response.get_state()  # type: ignore[no-untyped-call]
        self.link.offer(Answered(exchange, asked, given), size, 1 + (response is not None))

    def _opened(self, flow: HTTPFlow, _: None, live: bool) -> _Socket:  # noqa: FBT001
        exchange = exchange_of(flow, self._origin(live))
        socket = self._sockets[flow.id] = _Socket()
        if self._recogniser(exchange):
            socket.number, socket.exchange = exchange.origin.entry, exchange
            self._remember(flow, exchange)
            self.link.put(Opened(exchange))
        return socket

    def _said(self, flow: HTTPFlow, message: WebSocketMessage, live: bool) -> None:  # noqa: FBT001
        assert flow.websocket is not None
        socket = self._sockets.get(flow.id)
        messages = flow.websocket.messages
        if socket is None:  # the addon came when it was open already
            socket = self._opened(flow, None, live)
            for earlier in messages[: next((at for at, each in enumerate(messages) if each is message), 0)]:
                self._copy(socket, earlier, live)
        self._copy(socket, message, live)
        keep = self._settings.trim
        if keep and socket.number is not None and len(messages) > 2 * keep:
            del messages[:-keep]

    def _copy(self, socket: _Socket, message: WebSocketMessage, live: bool) -> None:  # noqa: FBT001
        index = socket.messages
        socket.messages += 1
        if socket.number is None or message.dropped:
            return
        content = message.content
        size = len(content)
        if not live:
            self.link.wait_for_room(size)
        said = Said(socket.number, index, message.type, message.from_client, content, message.timestamp)
        self.link.offer(said, size)

    def _ended(self, flow: HTTPFlow, _: None, __: bool) -> None:  # noqa: FBT001
        socket = self._sockets.pop(flow.id, None)
        if socket is not None and socket.number is not None:
            self.link.put(Ended(socket.number))

    def _origin(self, live: bool) -> Origin:  # noqa: FBT001
        self._number += 1
        return Origin(LIVE if live else REPLAY, self._number)

    def _remember(self, flow: HTTPFlow, exchange: Exchange) -> None:
        """Keep the flow in sight, for comments and for the content view; no longer than mitmproxy keeps it."""
        self._flows[exchange.origin.entry or 0] = flow
        sid = address_of(exchange.url).sid
        if sid is None:
            return
        flows = self._related.pop(sid, None)
        if flows is None:
            flows = deque(maxlen=_RELATED)
            if len(self._related) >= _SESSIONS:
                self._related.popitem(last=False)
        self._related[sid] = flows
        flows.append(ref(flow))

    # --- from the worker

    def _notice(self, notice: ToProxy) -> None:
        """In a thread of the link's: over to the event loop."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._noticed, notice)

    def _noticed(self, notice: ToProxy) -> None:
        if isinstance(notice, Violated):
            flow = self._flows.get(notice.entry)
            if flow is not None:
                flow.marked = flow.marked or _MARK
                flow.comment = "\n".join(dict.fromkeys([*filter(None, flow.comment.split("\n")), notice.comment]))[:_COMMENT]
                self.on_marked(flow)
        else:
            self.on_told(getattr(notice, "line", ""))

    def _note(self, diagnostic: Diagnostic) -> None:
        self.link.put(Noted(diagnostic))

    def _met(self) -> Met:
        known = self._recogniser
        counters = (known.seen, known.filtered, known.recognised)
        seen, filtered, recognised = (list(counter.items()) for counter in counters)
        return Met(seen, filtered, recognised, known.websockets)


def _check(settings: Settings, before: Settings | None = None) -> None:
    """Errors: `UsageError` for what need not be handed to a worker to be refused."""
    settings.check()
    if settings.output and (before is None or settings.output != before.output):
        probe(settings.output)
