"""mitmproxy in this process, for who does not know mitmproxy: reverse of one server, or a regular proxy.

It is what `mitmdump` runs, without its printing: what mitmproxy logs from a warning on goes to `say`.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import re
import signal
from collections.abc import Awaitable, Callable
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec
from mitmproxy import addons, ctx
from mitmproxy.addons.save import Save
from mitmproxy.exceptions import OptionsError
from mitmproxy.master import Master
from mitmproxy.options import Options

from infer.errors import UsageError
from infer.live.settings import PREFIX, Settings

if TYPE_CHECKING:
    from mitmproxy.flow import Flow
    from mitmproxy.proxy.server_hooks import ServerConnectionHookData

_LOUD: Final = logging.WARNING
_NO_PORT: Final = "failed to listen"
"""mitmproxy's words for a port that is taken, and for an address that is another machine's."""
_ERRNO: Final = re.compile(r"\[Errno -?\d+\] ", re.IGNORECASE)
_PAUSE: Final = 0.02
_NOISE: Final = frozenset({"asyncio"})


class Proxy(msgspec.Struct, frozen=True):
    """What to run. Errors of `run`: `UsageError`."""

    settings: Settings
    script: Path
    """The addon's script."""
    target: str | None = None
    """URL of the server that is stood in for; None: a regular proxy."""
    host: str = "127.0.0.1"
    port: int = 8080
    save: Path | None = None
    """Where mitmproxy writes its flows."""
    confdir: Path | None = None
    """Where mitmproxy keeps its certificates; None: `~/.mitmproxy`."""
    insecure: bool = False
    """Whether the target's certificate is not verified."""

    @property
    def mode(self) -> str:
        """As mitmproxy writes it."""
        if self.target is None:
            return "regular"
        url = urlsplit(self.target)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise UsageError("the target is no http or https URL", self.target, "for example --target http://localhost:3000")
        try:
            url.port  # noqa: B018 (which is looked at only now)
        except ValueError as error:
            raise UsageError("the target's port is none", self.target, "ports are numbers up to 65535") from error
        return f"reverse:{url.scheme}://{url.netloc}"

    @property
    def authority(self) -> Path:
        """The certificate that clients must trust."""
        return (self.confdir or Path("~/.mitmproxy")).expanduser() / "mitmproxy-ca-cert.pem"


class Running(msgspec.Struct):
    """A proxy that runs."""

    address: str
    """`127.0.0.1:8080`, `[::1]:8080`."""
    addon: Any
    """The script's addon, with its `tap`."""


class Recorded(msgspec.Struct, frozen=True):
    """What came of it."""

    summary: list[str]
    """Lines on what was recorded."""
    violations: int
    """How often the traffic was not as declared."""
    failed: str
    """Why not all of it is written; empty: it is."""


async def run(proxy: Proxy, say: Callable[[str], None], meanwhile: Callable[[Running], Awaitable[None]]) -> Recorded:
    """Run until Ctrl-C, SIGTERM or the terminal's end; `meanwhile` runs beside it and is cancelled then."""
    options = Options()
    heard = _Log(say)
    logging.getLogger().addHandler(heard)
    master = Master(options)
    try:
        addon = _addon(proxy.script)
        addon.say = say
        add: Callable[..., None] = master.addons.add
        saving = _Saving()
        add(*(saving if type(each) is Save else each for each in _default_addons()), _Connections(say))
        _set(
            options, mode=[proxy.mode], listen_host=proxy.host, listen_port=proxy.port, ssl_insecure=proxy.insecure,
            **({} if proxy.confdir is None else {"confdir": str(proxy.confdir)}),
            **({} if proxy.save is None else {"save_stream_file": str(proxy.save)}),
        )  # fmt: skip
        add(addon)
        _set(options, **_options(proxy.settings))
        heard.raise_first()
        await _until_signal(master, addon, heard, meanwhile)
        heard.raise_first()
    finally:
        logging.getLogger().removeHandler(heard)
        # connections that are open yet are cancelled next, of which some versions of asyncio print tracebacks
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    return Recorded(addon.summary, addon.violations, "; ".join(filter(None, [saving.failed, addon.failed])))


async def _until_signal(
    master: Master, addon: Any, heard: _Log, meanwhile: Callable[[Running], Awaitable[None]]
) -> None:
    loop = asyncio.get_running_loop()
    ends = _ends()
    for number in ends:
        loop.add_signal_handler(number, master.shutdown)
    beside = asyncio.create_task(_beside(master, addon, heard, meanwhile))
    try:
        await master.run()
    finally:
        beside.cancel()
        await asyncio.gather(beside, return_exceptions=True)
        for number in ends:
            loop.remove_signal_handler(number)
        if not beside.cancelled() and (error := beside.exception()) is not None:
            raise error


def _ends() -> list[int]:
    """The signals that end it; a closed terminal's is none where `nohup` had it ignored, nor on Windows."""
    hangup = getattr(signal, "SIGHUP", None)
    closed = [] if hangup is None or signal.getsignal(hangup) is signal.SIG_IGN else [hangup]
    return [signal.SIGINT, signal.SIGTERM, *closed]


async def _beside(master: Master, addon: Any, heard: _Log, meanwhile: Callable[[Running], Awaitable[None]]) -> None:
    """Wait until the proxy listens; then let `meanwhile` run. Where it cannot listen, end it all."""
    server = master.addons.get("proxyserver")  # type: ignore[no-untyped-call]
    try:
        while not (heard.errors or server.listen_addrs()):  # noqa: ASYNC110
            await asyncio.sleep(_PAUSE)  # mitmproxy has no event for it that comes before an error
        if heard.errors:
            return
        heard.started = True
        host, port = server.listen_addrs()[0][:2]
        await meanwhile(Running(f"{f'[{host}]' if ':' in host else host}:{port}", addon))
    finally:
        master.shutdown()  # type: ignore[no-untyped-call]


def _set(options: Options, **values: Any) -> None:
    """Hand the options to mitmproxy. Errors: `UsageError` where one of its addons refuses them."""
    try:
        options.update(**values)  # type: ignore[no-untyped-call]
    except OptionsError as error:
        raise UsageError(str(error)) from error


_default_addons: Callable[[], list[object]] = addons.default_addons


def _options(settings: Settings) -> dict[str, Any]:
    values = {name: getattr(settings, name) for name in settings.__struct_fields__}
    return {PREFIX + name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _addon(script: Path) -> Any:
    """A new addon of the script. Errors: `UsageError`."""
    spec = importlib.util.spec_from_file_location("sio_infer", script)
    if spec is None or spec.loader is None or not script.is_file():
        raise UsageError("the mitmproxy addon is missing", str(script), "install sio-infer again")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.addons[0]


class _Saving(Save):
    """mitmproxy's addon that saves the flows. Where it cannot, it would end the process: here the recording ends as by Ctrl-C."""

    name = "save"

    def __init__(self) -> None:
        super().__init__()
        self.failed = ""
        """Why not all flows are saved; empty: they are."""

    def save_flow(self, flow: Flow) -> None:
        """Save a flow that has ended."""
        said = StringIO()
        try:
            with redirect_stderr(said):
                super().save_flow(flow)
        except SystemExit:
            self.failed = said.getvalue()
            ctx.master.shutdown()  # type: ignore[no-untyped-call]

    def done(self) -> None:
        """Save what has not ended, and see that all has left."""
        path = self.current_path
        try:
            super().done()
        except OSError as error:
            self.failed = self.failed or f"Error while writing to {path}: {error}"


class _Connections(msgspec.Struct):
    """mitmproxy's hook for servers that cannot be reached, which its log tells in a whisper only."""

    say: Callable[[str], None]
    told: set[str] = msgspec.field(default_factory=set)

    def server_connect_error(self, data: ServerConnectionHookData) -> None:
        """Tell of it once."""
        host, port = (data.server.address or ("an unknown server", 0))[:2]
        line = f"cannot reach {host}:{port}: {data.server.error}"
        if line not in self.told and len(self.told) < 1_000:
            self.told.add(line)
            self.say(line)


class _Log(logging.Handler):
    """What mitmproxy warns of; its errors before it has started end it."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(_LOUD)
        self._say = say
        self.started = False
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one record on."""
        if record.name in _NOISE:
            return
        line = record.getMessage().partition("\n")[0]
        if record.levelno >= logging.ERROR and not self.started:
            self.errors.append(line)
        else:
            self._say(line)

    def raise_first(self) -> None:
        """Errors: `UsageError` where there was one before it had started."""
        if self.errors:
            hint = "choose another port, or an address of this machine" if _NO_PORT in self.errors[0] else None
            raise UsageError(_ERRNO.sub("", self.errors[0].removeprefix("sio-infer: ")), hint=hint)
