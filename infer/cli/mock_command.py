"""`sio-infer mock`: a server that speaks the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from infer.cli import reading
from infer.cli.app import FINDINGS, command, say

if TYPE_CHECKING:
    from infer.asyncapi.contract import Contract
    from infer.asyncapi.opening import Shelf
    from infer.mock.pace import Pace
    from infer.mock.script import Script

Sources = Annotated[
    list[str] | None,
    typer.Argument(help="One AsyncAPI document, or captures and saved states; not needed with --replay.", show_default=False),
]
Port = Annotated[int, typer.Option("--port", min=0, max=65_535, help="Port to listen on; 0 takes a free one.")]
Bind = Annotated[str, typer.Option("--bind", metavar="ADDRESS", help="Address to listen on: beyond loopback only where you say so.")]
Origins = Annotated[
    list[str],
    typer.Option("--allow-origin", metavar="ORIGIN", help="Let pages of this origin connect; those of this machine may (repeatable).", show_default=False),
]
Path = Annotated[str | None, typer.Option("--socketio-path", help="Path of the endpoint; the contract's unless given.", show_default=False)]
Replay = Annotated[
    str | None,
    typer.Option("--replay", metavar="CAPTURE", help="Play the recorded session with the most events, with its values and its timing.", show_default=False),
]
Speed = Annotated[float, typer.Option("--speed", min=0.01, max=1_000, help="How much faster than recorded or observed.")]
Interval = Annotated[float, typer.Option("--interval", min=0.02, help="Seconds between two events of whose pace nothing is known.")]
Refuse = Annotated[bool, typer.Option("--refuse", help="Disconnect a client that emits what the contract refuses, instead of only saying so.")]
Seed = Annotated[int, typer.Option("--seed", help="The same seed makes the same values.")]
Duration = Annotated[float | None, typer.Option("--duration", min=0, metavar="SECONDS", help="End after so long.", show_default=False)]
Encoding = Annotated[Literal["auto", "default", "msgpack"], typer.Option("--encoding", help="Socket.IO parser; auto takes the contract's.")]


@command(
    "mock",
    [
        "sio-infer mock asyncapi.yml --port 3000",
        "sio-infer mock recordings/*.har --speed 10",
        "sio-infer mock asyncapi.yml --replay chat.har --speed 2",
    ],
)
def mock(
    files: Sources = None,
    *,
    port: Port = 3000,
    bind: Bind = "127.0.0.1",
    allow_origin: Origins = [],
    socketio_path: Path = None,
    replay: Replay = None,
    speed: Speed = 1.0,
    interval: Interval = 5.0,
    refuse: Refuse = False,
    seed: Seed = 0,
    duration: Duration = None,
    encoding: Encoding = "auto",
    perspective: reading.Described = None,
    host: reading.Hosts = [],
    namespace: reading.Namespaces = [],
    event: reading.Events = [],
    parser: reading.ParserName = "auto",
    quiet: reading.Quiet = False,
) -> None:
    """Serve the contract: accept, acknowledge and emit as it says (exit 1 where clients broke it)."""
    from infer.asyncapi.opening import Shelf
    from infer.engines.local import Options as Reading
    from infer.errors import UsageError
    from infer.filters import Filter

    try:
        import aiohttp  # noqa: F401 (asked for here, so that its absence is told in one line)
        import faker  # noqa: F401
    except ImportError as error:
        raise UsageError(f"the mock needs {error.name}", hint="pip install 'sio-infer[mock]'") from error
    from infer.mock.guard import LOOPBACK, Guard
    from infer.mock.server import Options

    if not files and replay is None:
        raise UsageError("nothing to speak", hint="name an AsyncAPI document, captures, or --replay CAPTURE")
    options = Reading(filter=Filter(host, (), namespace, event), parser=parser)
    named = files or [replay or ""]
    shelf = Shelf()
    documents = [name for name in named if shelf.is_document(name)]
    if len(named) == len(documents) == 1 and replay is None:
        reading.refuse_choice(shelf.name(documents[0]), host=host, namespace=namespace, event=event)
    captures = [name for name in named if name not in documents]
    contract, pace, parsers = _contract(shelf, documents, captures, options, perspective, quiet=quiet)
    pace.default = interval
    played = None if replay is None else _script(replay, options)
    if encoding == "auto":
        encoding = "msgpack" if parsers == {"msgpack"} else "default"
    guard = Guard(LOOPBACK if bind in LOOPBACK else None, frozenset(allow_origin))
    wanted = Options(bind, port, socketio_path, encoding, speed, refuse, seed, guard)
    _serve(contract, pace, wanted, played, duration, quiet=quiet)


def _serve(contract: Contract, pace: Pace, options: object, script: Script | None, duration: float | None, *, quiet: bool) -> None:
    import asyncio
    import signal
    from contextlib import suppress

    from infer.mock.server import Mock, Options
    from infer.report.text import many, printable

    assert isinstance(options, Options)
    server = Mock(contract, pace, options, script=script, say=lambda line: say(printable(line, 500)))

    async def run() -> None:
        end = asyncio.current_task()
        assert end is not None
        with suppress(NotImplementedError):  # Windows
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, end.cancel)
        await server.run(lambda url: say(f"speaking the contract at {url} (Ctrl-C ends)"), duration)

    with suppress(KeyboardInterrupt, asyncio.CancelledError):  # the ways it is ended: by SIGTERM where a build has started it
        asyncio.run(run())
    tally = server.tally
    if not quiet:
        say(
            f"{many(tally.connections, 'connection')}, {tally.refused:,} refused; {many(tally.received, 'event')} received, "
            f"{tally.emitted:,} emitted; {many(tally.violations, 'violation')} of the contract"
        )
    if server.findings():
        raise typer.Exit(FINDINGS)


def _contract(
    shelf: Shelf, documents: list[str], captures: list[str], options: object, perspective: str | None, *, quiet: bool
) -> tuple[Contract, Pace, set[str]]:
    """What is to be spoken, how fast, and by which parsers it was."""
    from msgspec.structs import replace

    from infer.asyncapi import DocumentOptions
    from infer.asyncapi.drafted import drafted
    from infer.asyncapi.opening import open_contract
    from infer.engines.local import Options as Reading
    from infer.errors import UsageError
    from infer.mock.pace import Pace

    assert isinstance(options, Reading)
    pace = Pace()
    if len(documents) > 1:
        raise UsageError("a mock speaks one document", shelf.name(documents[1]), "name one, and captures for its pace if you like")
    parsers: set[str] = set()
    contract = open_contract(documents[0], perspective=perspective, shelf=shelf) if documents else None
    if contract is not None:
        parsers = {endpoint.parser for endpoint in contract.endpoints if endpoint.parser is not None}
    if captures:
        result = reading.run(captures, replace(options, observer=pace), strict=False, verbose=False, quiet=quiet)
        pace.learn(result.catalog)
        parsers |= {parser for server in result.catalog.servers.entries.values() for parser in server.parsers}
        contract = contract or drafted(result.catalog, DocumentOptions())[1]
    assert contract is not None
    return contract, pace, parsers


def _script(replay: str, options: object) -> Script:
    from msgspec.structs import replace

    from infer import captures
    from infer.engines.local import Options as Reading
    from infer.errors import UsageError
    from infer.mock.script import Recorder

    assert isinstance(options, Reading)
    if captures.is_state(replay):
        raise UsageError("a saved catalog has no session to replay", captures.shown(replay), "give a capture that it was made of")
    recorder = Recorder()
    reading.run([replay], replace(options, observer=recorder), strict=False, verbose=False, quiet=True)
    return recorder.script()
