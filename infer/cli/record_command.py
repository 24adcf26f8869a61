"""`sio-infer record`: listen to an application while it is used."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infer.cli import infer_command as document
from infer.cli import reading
from infer.cli.app import FINDINGS, command, fail, put, say

if TYPE_CHECKING:
    from infer.live.proxy import Proxy, Running

Target = Annotated[
    str | None,
    typer.Option("--target", metavar="URL", help="Stand in for this server; else be a proxy for all.", show_default=False),
]
Declared = Annotated[
    str | None,
    typer.Option("--declared", metavar="FILE", help="AsyncAPI document that the traffic is held to as it passes; exit 1 where it was not kept to.", show_default=False),
]
Save = Annotated[
    Path | None, typer.Option("--save", metavar="FILE", help="Keep the traffic too, as a mitmproxy flow file.", show_default=False)
]
ConfDir = Annotated[
    Path | None, typer.Option("--confdir", metavar="DIR", help="Folder of mitmproxy's certificates.", show_default="~/.mitmproxy")
]


@command(
    "record",
    [
        "sio-infer record --target http://localhost:3000",
        "sio-infer record --target https://chat.example.com -o chat.yml --state chat.sio",
        "sio-infer record --port 8080 --host 'chat.*' --save chat.mitm",
        "sio-infer record --target http://localhost:3000 --declared asyncapi.yml -o seen.yml",
    ],
)
def record(
    *,
    target: Target = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8080,
    listen: Annotated[str, typer.Option("--listen", metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    output: Annotated[str, typer.Option("-o", "--output", help="Where the document grows; - is stdout, at the end.")] = "asyncapi.yml",
    state: document.StateFile = None,
    save: Save = None,
    declared: Declared = None,
    checkpoint: Annotated[int, typer.Option("--checkpoint", min=1, help="Seconds between two writings of the document.")] = 2,
    form: document.Form = "yaml",
    asyncapi: document.Asyncapi = "3.0.0",
    profile: document.Profile = None,
    handler: document.Handler = None,
    perspective: document.Perspective = "server",
    title: document.Title = None,
    api_version: document.ApiVersion = "0.1.0",
    server: document.Servers = [],
    host: reading.Hosts = [],
    path: reading.Paths = [],
    namespace: reading.Namespaces = [],
    event: reading.Events = [],
    no_admin: document.NoAdmin = False,
    parser: reading.ParserName = "auto",
    limit: reading.LimitSettings = [],
    exclude_rejected: document.ExcludeRejected = False,
    evidence: document.EvidenceLevel = "message",
    min_samples: document.MinSamples = 0,
    cautious: document.Cautious = False,
    no_values: document.NoValues = False,
    no_rule: document.RulesOff = [],
    insecure: Annotated[bool, typer.Option("--insecure", help="Do not verify the target's certificate.")] = False,
    confdir: ConfDir = None,
    quiet: reading.Quiet = False,
) -> None:
    """Listen to an application while it is used: its document grows beside it (Ctrl-C ends)."""
    import asyncio
    import tempfile

    from infer.cli.addon import script
    from infer.live.proxy import Proxy, run
    from infer.live.settings import Settings
    from infer.report.text import printable

    with tempfile.TemporaryDirectory(prefix="sio-infer-") as folder:
        grown = Path(folder) / "document" if output == "-" else Path(output)
        settings = Settings(
            output=str(grown), state=state or "", declared=declared or "", checkpoint=checkpoint,
            trim=0 if save else _KEPT, host=tuple(host), path=tuple(path), namespace=tuple(namespace), event=tuple(event),
            no_admin=no_admin, parser=parser, limit=tuple(limit), format=form, asyncapi=asyncapi, profile=profile or "", handler=handler or "", perspective=perspective, title=title or "",
            api_version=api_version, server=tuple(server), exclude_rejected=exclude_rejected, evidence=evidence,
            min_samples=min_samples, cautious=cautious, no_values=no_values, no_rule=tuple(no_rule),
        )  # fmt: skip
        settings.check()
        proxy = Proxy(settings, script(), target, listen, port, save, confdir, insecure)
        show = _Screen(proxy, quiet=quiet)
        try:
            recorded = asyncio.run(run(proxy, show.notice, show.meanwhile))
        finally:
            if output == "-" and grown.is_file():
                _pass_on(grown)
    if not quiet:
        for line in recorded.summary:
            say(line)
    if recorded.failed:
        fail(recorded.failed)
    if output != "-" and not quiet:
        say(f"written to {printable(output)}")
    if recorded.violations:
        raise typer.Exit(FINDINGS)


def _pass_on(grown: Path) -> None:
    """The document, from the file in which it grew, to stdout. Errors: `UsageError`, and it is kept."""
    from infer.errors import UsageError

    try:
        put(grown.read_text(encoding="utf-8"), "-")
    except UsageError as error:
        grown.chmod(0o600)
        kept = grown.replace(f"{grown.parent}.document")
        raise UsageError(error.message, hint=f"the document is in {kept}") from error


_KEPT = 1_000
"""Messages of a WebSocket that mitmproxy keeps where no flow file is asked for."""
_PAUSE = 0.5


class _Screen:
    """What is shown meanwhile: the dashboard on a terminal, else a line for what is worth one."""

    def __init__(self, proxy: Proxy, *, quiet: bool) -> None:
        self._proxy = proxy
        self._quiet = quiet
        self._live = sys.stderr.isatty() and not quiet
        self._notices: list[str] = []

    def notice(self, line: str) -> None:
        """Something that the person must know."""
        if self._live:
            self._notices = [*self._notices[-50:], line]
        elif not self._quiet:
            from infer.report.text import printable

            say(printable(line, 500))

    async def meanwhile(self, running: Running) -> None:
        """Show what is going on, until cancelled."""
        import asyncio

        if not self._quiet:
            for line in instructions(self._proxy, running.address):
                say(line)
        if self._live:
            with suppress(OSError):  # the terminal was closed, which ends it
                await self._dashboard(running)
        else:
            await asyncio.Event().wait()

    async def _dashboard(self, running: Running) -> None:
        import asyncio

        from rich.console import Console
        from rich.live import Live

        from infer.errors import SioInferError
        from infer.live.dashboard import screen

        console = Console(stderr=True, no_color=bool(os.environ.get("NO_COLOR")) or None)
        head = f"listening on {running.address}, Ctrl-C ends"
        with Live(console=console, auto_refresh=False, transient=True, vertical_overflow="crop") as live:
            while running.addon.tap is not None:
                try:
                    status = await asyncio.to_thread(running.addon.tap.link.status)
                except SioInferError as error:
                    self.notice(str(error))
                    status = None
                live.update(screen(status, self._notices, head, console.height, console.width), refresh=True)
                await asyncio.sleep(_PAUSE)


def instructions(proxy: Proxy, address: str) -> list[str]:
    """How to make clients go through the proxy."""
    here = f"http://{address}"
    if proxy.target is not None:
        return [
            f"Listening on {here} for {proxy.target}. Ctrl-C ends.",
            f"  a browser:      open {here}",
            f'  JavaScript:     io("{here}")',
            f'  python-socketio: sio.connect("{here}")',
        ]
    authority = proxy.authority
    return [
        f"Listening as a proxy on {here}. Ctrl-C ends.",
        f"Clients must use it, and for TLS trust {authority}:",
        f"  Chromium:        certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n mitmproxy -i {authority}",
        f"                   chromium --proxy-server={here} --proxy-bypass-list='<-loopback>' URL",
        f"  other browsers:  set {address} as the proxy for HTTP and HTTPS, then open http://mitm.it",
        f"  Node:            NODE_EXTRA_CA_CERTS={authority} node app.js, which connects with",
        f'                   io(url, {{agent: new HttpsProxyAgent("{here}")}})   (npm install https-proxy-agent)',
        f"  python-socketio: http_proxy={here} https_proxy={here} \\",
        f"                   REQUESTS_CA_BUNDLE={authority} WEBSOCKET_CLIENT_CA_BUNDLE={authority} python app.py",
    ]
