"""The mock: python-socketio's server on aiohttp, which does what a contract says.

A client's event is held to the contract by the checks of `sio-infer diff`, and acknowledged as the contract has it, after
the time that was observed. Meanwhile the server's own events are emitted at their pace, or as a script has them.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random
from typing import Any, Final

import msgspec
import socketio
from aiohttp import web
from engineio.payload import Payload
from socketio.msgpack_packet import MsgPackPacket

from infer.asyncapi.contract import Contract, Namespace
from infer.asyncapi.contract import Event as Declared
from infer.diff import Conformance, Finding
from infer.diff.names import events, namespaces
from infer.errors import UsageError
from infer.mock.guard import Guard
from infer.mock.pace import FASTEST, Pace
from infer.mock.script import Script
from infer.mock.values import Values
from infer.model import ABSENT, Connect, Direction, Event, Json, Observation, Origin, Server
from infer.wire.parsers import unpacked

_PATH: Final = "/socket.io/"
_ACK_SECONDS: Final = 30.0
"""How long a client may take to acknowledge: python-socketio's own default for a call is 60."""
_PACKETS: Final = 10_000
"""Packets in one polling body. python-engineio takes 16 of them, servers in JavaScript any number, and clients batch as
they like (the setting is the package's own, and global: https://python-engineio.readthedocs.io)."""
_UNKNOWN: Final = "Invalid namespace"
"""What a client is told that asks for a namespace which there is not: the official server's words."""
_REPORTED: Final = 200
"""Different findings that are told as they come; the rest are counted."""


class Options(msgspec.Struct):
    """How the mock behaves."""

    bind: str = "127.0.0.1"
    port: int = 3000
    path: str | None = None
    """Of the Engine.IO endpoint; None takes the contract's, else Socket.IO's own."""
    serializer: str = "default"
    """`default` or `msgpack`."""
    speed: float = 1.0
    """Of time: at 10, a second takes a tenth."""
    refuse: bool = False
    """Whether a client is disconnected from a namespace when it emits what the contract refuses."""
    seed: int = 0
    guard: Guard = msgspec.field(default_factory=Guard)


class Tally(msgspec.Struct):
    """What happened so far."""

    connections: int = 0
    refused: int = 0
    """Connections to a namespace that the contract does not have, or whose `auth` they have not."""
    received: int = 0
    emitted: int = 0
    violations: int = 0


class Mock:
    """See the module. `say` is given lines on what the contract refuses."""

    def __init__(self, contract: Contract, pace: Pace, options: Options, *, script: Script | None, say: Callable[[str], None]) -> None:
        self.tally = Tally()
        self._contract = contract
        self._pace = pace
        self._options = options
        self._script = script
        self._say = say
        self._values = Values(contract, options.seed)
        self._random = Random(options.seed)  # noqa: S311 (made-up times guard nothing)
        self._conformance = Conformance(contract)
        self._spaces = namespaces(contract)
        self._names = {(space.name, side): events(space, side) for space in self._spaces for side in Direction}
        self._told: dict[str, int] = {}
        self._refusals: set[str] = set()
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._counts: Counter[tuple[str, str, str]] = Counter()
        path = options.path or next((endpoint.path for endpoint in contract.endpoints if endpoint.path), None) or _PATH
        self.path = path if path.startswith("/") else f"/{path}"
        self._address = Server(secure=False, host=f"{options.bind}:{options.port}", path=self.path)

    def findings(self) -> list[Finding]:
        """What clients did against the contract, worst first."""
        return self._conformance.findings()

    async def run(self, ready: Callable[[str], None], seconds: float | None = None) -> None:
        """Serve until cancelled, or for so long; `ready` is told the address. Errors: `UsageError` for a port in use."""
        server = self._server()
        app = web.Application(middlewares=[self._options.guard.middleware])
        server.attach(app, socketio_path=self.path.strip("/"))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, self._options.bind, self._options.port)
            try:
                await site.start()
            except OSError as error:
                raise UsageError(f"cannot listen: {error.strerror or error}", f"{self._options.bind}:{self._options.port}", "choose another --port, or --bind to an address of this machine") from error
            port = runner.addresses[0][1]
            ready(f"http://{self._options.bind}:{port}{self.path}")
            await asyncio.sleep(3_600 * 24 * 365 if seconds is None else seconds)
        finally:
            for task in self._tasks.values():
                task.cancel()
            with suppress(asyncio.CancelledError):
                await server.shutdown()
            await runner.cleanup()

    def _server(self) -> Any:
        Payload.max_decode_packets = _PACKETS
        server = socketio.AsyncServer(
            async_mode="aiohttp",
            cors_allowed_origins=self._options.guard.allows_origin,
            serializer=_MsgpackPacket if self._options.serializer == "msgpack" else self._options.serializer,
            namespaces="*",  # any name may be one of a template's: `_connecting` decides
            async_handlers=True,
        )
        server.on("connect", self._connecting(server), namespace="*")
        server.on("disconnect", self._leaving, namespace="*")
        server.on("*", self._receiving(server), namespace="*")
        return server

    def _connecting(self, server: Any) -> Callable[..., Any]:
        async def connect(name: str, sid: str, _: dict[str, Any], auth: Json = None) -> None:
            namespace = self._entered(name, sid, auth)
            self.tally.connections += 1
            task = asyncio.create_task(self._play(server, sid, name, namespace))
            self._tasks[sid, name] = task
            task.add_done_callback(lambda done: self._ended(done, (sid, name)))

        return connect

    def _entered(self, name: str, sid: str, auth: Json) -> Namespace | None:
        """The declared namespace that a client may enter, None for one that is only recorded. Errors: python-socketio's refusal."""
        namespace = self._spaces.of(name)
        accepted = None if namespace is None else namespace.auth is None or self._values.checker.accepts(namespace.auth, {} if auth is None else auth)
        given = ABSENT if auth is None else auth
        taken = self._judge(Connect(_number(sid), self._address, name, accepted, given, ABSENT, None, _origin(sid)))
        if namespace is None:
            if self._script is not None and name in self._script.namespaces:
                return None
            if taken:  # a diff names no rule for the root: protocols before 5 connect to it unasked
                self._tell(f"{name} refused a connection: the contract has no such namespace")
            self.tally.refused += 1
            raise socketio.exceptions.ConnectionRefusedError(_UNKNOWN)
        if not accepted:
            self._tell(f"{namespace.name} refused a connection: its auth is not what the contract has")
            self.tally.refused += 1
            raise socketio.exceptions.ConnectionRefusedError(*self._refusal(namespace))
        return namespace

    def _refusal(self, namespace: Namespace) -> list[Json]:
        """Message and data of a refusal, as the contract has them."""
        if namespace.error is None:
            return ["unauthorized"]
        made = self._values.value(namespace.error)
        if isinstance(made, dict) and "message" in made:
            return [made["message"], *([made["data"]] if "data" in made else [])]
        return ["unauthorized", made]  # as servers before protocol 5 had it: any value

    async def _leaving(self, name: str, sid: str, *_: object) -> None:
        task = self._tasks.get((sid, name))
        if task is not None:
            task.cancel()

    def _ended(self, task: asyncio.Task[None], key: tuple[str, str]) -> None:
        self._tasks.pop(key, None)
        if not task.cancelled() and task.exception() is not None:
            self._say(f"{key[1]} no further events: {task.exception()}")

    def _receiving(self, server: Any) -> Callable[..., Any]:
        async def receive(name: str, namespace: str, sid: str, *args: Json) -> Any:
            self.tally.received += 1
            taken = self._judge(self._event(sid, namespace, Direction.C2S, name, args))
            if not taken and self._options.refuse:
                await server.disconnect(sid, namespace=namespace)
                return None
            return await self._answer(sid, namespace, name)

        return receive

    async def _answer(self, sid: str, namespace: str, name: str) -> Any:
        """What python-socketio acknowledges with, if the client asks: a tuple is several arguments, None is none."""
        recorded = None
        if self._script is not None:
            key = (sid, namespace, name)
            recorded = self._script.answer(namespace, name, self._counts[key])
            self._counts[key] += 1
        if recorded is not None:
            latency, values = recorded
        else:
            space = self._spaces.of(namespace)
            declared = None if space is None else self._names[space.name, Direction.C2S].of(name)
            if space is None or declared is None or declared.ack is None:
                return None
            latency = self._pace.latency((space.name, Direction.C2S, declared.name))
            values = self._values.args(declared.ack)
        await asyncio.sleep(latency / self._options.speed)
        return tuple(values)

    async def _play(self, server: Any, sid: str, name: str, namespace: Namespace | None) -> None:
        """Emit to one client of the namespace of that name until it leaves; None is one that is only recorded."""
        if self._script is not None:
            await self._replay(server, sid, name, namespace, self._script)
        elif namespace is not None:
            await self._improvise(server, sid, name, namespace)

    async def _replay(self, server: Any, sid: str, name: str, namespace: Namespace | None, script: Script) -> None:
        clock = asyncio.get_running_loop().time
        start = clock()
        for line in script.lines.get(name, ()):
            await asyncio.sleep(max(0.0, start + line.after / self._options.speed - clock()))
            declared = None if namespace is None else self._names[namespace.name, Direction.S2C].of(line.name)
            await self._emit(server, sid, name, line.name, line.args, declared if line.ack_asked else None)

    async def _improvise(self, server: Any, sid: str, name: str, namespace: Namespace) -> None:
        clock = asyncio.get_running_loop().time
        waiting: list[tuple[float, int, float, Declared]] = []
        for number, ((direction, event), declared) in enumerate(namespace.events.items()):
            if direction is Direction.S2C:
                interval = max(FASTEST, self._pace.interval((namespace.name, direction, event)) / self._options.speed)
                heapq.heappush(waiting, (clock() + interval * self._random.random(), number, interval, declared))
        while waiting:
            due, number, interval, declared = waiting[0]
            await asyncio.sleep(max(0.0, due - clock()))
            event = self._values.filled(declared.name) if declared.template else declared.name
            await self._emit(server, sid, name, event, self._values.args(declared.args), declared)
            heapq.heapreplace(waiting, (max(due, clock()) + interval * self._random.uniform(0.7, 1.3), number, interval, declared))

    async def _emit(self, server: Any, sid: str, namespace: str, name: str, args: Sequence[Json], declared: Declared | None) -> None:
        self.tally.emitted += 1
        asked = declared is not None and declared.ack is not None

        def answered(*ack: Json) -> None:
            self._judge(self._event(sid, namespace, Direction.S2C, name, args, ack))

        # a list would be one argument; an empty tuple is none
        await server.emit(name, tuple(args), to=sid, namespace=namespace, callback=answered if asked else None)

    def _event(self, sid: str, namespace: str, direction: Direction, name: str, args: Sequence[Json], ack: Sequence[Json] | None = None) -> Event:
        return Event(
            _number(sid), self._address, namespace, direction, name, list(args), ack is not None,
            None if ack is None else list(ack), None, 0, None, _origin(sid),
        )  # fmt: skip

    def _judge(self, seen: Observation) -> bool:
        """Whether the contract takes it; what it does not is told once."""
        self._conformance.add(seen)
        counts = {finding.fingerprint: finding for finding in self._conformance.findings()}
        news = [finding for key, finding in counts.items() if finding.count > self._told.get(key, 0)]
        for finding in news:
            if finding.fingerprint not in self._told and len(self._told) < _REPORTED:
                self._say(f"{finding.about}: {finding.message} ({finding.rule.id})")
            self._told[finding.fingerprint] = finding.count
        self.tally.violations += bool(news)
        return not news

    def _tell(self, refusal: str) -> None:
        """Say why a connection was refused, once."""
        if refusal not in self._refusals:
            self._refusals.add(refusal)
            self._say(refusal)


class _MsgpackPacket(MsgPackPacket):  # type: ignore[misc]
    """A packet with what the decoder makes of MessagePack's extensions: notepack.io sends dates, `undefined` and typed arrays so."""

    def decode(self, encoded_packet: bytes) -> None:
        """Take the fields of the packet that was sent."""
        fields: Any = unpacked(encoded_packet)
        self.packet_type, self.namespace = fields["type"], fields["nsp"]
        self.data, self.id = fields.get("data"), fields.get("id")


def _number(sid: str) -> int:
    return hash(sid) & (1 << 63) - 1


def _origin(sid: str) -> Origin:
    return Origin(f"session {sid[:4]}")
