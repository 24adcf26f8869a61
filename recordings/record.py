"""Makes every capture of this folder again, from real servers and clients on loopback.

    python -m recordings.record [NAME...]

run in the folder above, in the project's environment, with the npm packages of tests/ installed and Chromium
on the path. Each application listens on its own fixed port, so that recordings of one application belong to
one server.
"""

from __future__ import annotations

import gzip
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.processes import (
    APPS,
    ROOT,
    free_ports,
    mitmdump,
    node,
    npm_environment,
    python,
    reverse,
    running,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = ROOT / "recordings"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Visited:
    """Captures of Chromium's pages, made by a recorder of browser.js."""

    app: str
    port: int
    recorder: str
    files: dict[str, str]
    """File by the name of the page that it records."""
    search: str = ""

    def record(self, into: Path, port: int) -> None:
        """Run the server on the port, and the browser; put the files into the folder."""
        chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
        if chromium is None:
            raise SystemExit("Chromium is absent: install Debian's package chromium")
        with serving(self.app, port), tempfile.TemporaryDirectory() as folder:
            pattern = Path(folder) / f"{{}}.{'zip' if self.recorder == 'playwright' else 'out'}"
            visit = APPS / f"{self.app}.visit.js"
            url = f"http://localhost:{port}/{self.search}"
            command = node(HERE / "browser.js", chromium, self.recorder, visit, url, pattern)
            with running(command, env=npm_environment()) as browser:
                browser.wait()
            for page, file in self.files.items():
                keep(Path(str(pattern).replace("{}", page)), into / file)


@dataclass(frozen=True, slots=True)
class Proxied:
    """Captures of a client through mitmdump: a HAR of its hardump, or the flow file that it saves."""

    app: str
    port: int
    files: tuple[str, ...]
    client_arguments: tuple[str, ...] = ()

    def record(self, into: Path, port: int) -> None:
        """Run the server on the port, the proxy and the client; put the files into the folder."""
        (listening,) = free_ports(1)
        with tempfile.TemporaryDirectory() as folder:
            outputs = {file: Path(folder) / file.removesuffix(".gz") for file in self.files}
            saving = {".har": "hardump", ".mitm": "save_stream_file"}
            settings = [f"{saving[output.suffix]}={output}" for output in outputs.values()]
            options = [part for setting in settings for part in ("--set", setting)]
            proxy = mitmdump(*reverse((listening, port)), *options, confdir=Path(folder))
            with serving(self.app, port), running(proxy, listening=[listening]):
                client = next(APPS.glob(f"{self.app}_client.*"))
                with running(
                    command_of(client, f"http://127.0.0.1:{listening}", *self.client_arguments),
                    env=npm_environment(),
                ) as child:
                    child.wait()
            for file, output in outputs.items():
                keep(output, into / file)


RECORDINGS: dict[str, Visited | Proxied] = {
    "chat": Visited("chat", 4101, "devtools", {"first": "chat-first.har", "second": "chat-second.har"}),
    "orders": Proxied("orders", 4102, ("orders.har", "orders.mitm")),
    "poll": Visited("poll", 4103, "playwright", {"voter": "poll-playwright.zip"}),
    "files-polling": Proxied("files", 4104, ("files-polling.har.gz",), ("polling",)),
    "files-websocket": Proxied("files", 4104, ("files-websocket.har",), ("websocket",)),
    "files-upgrade": Proxied("files", 4104, ("files-upgrade.mitm",), ("polling", "websocket")),
    "office": Visited("office", 4105, "cdp", {"office": "office.cdp.jsonl"}),
    "legacy-polling": Visited("legacy", 4106, "devtools", {"guest": "legacy-polling.har.gz"}),
    "legacy-jsonp": Visited("legacy", 4106, "devtools", {"guest": "legacy-jsonp.har.gz"}, search="?jsonp"),
    "telemetry": Proxied("telemetry", 4107, ("telemetry-msgpack.har",)),
    "ticker": Proxied("ticker", 4108, ("ticker-recovery.har",)),
}


def keep(output: Path, file: Path) -> None:
    """Put what was recorded where it belongs, gzipped where the file's name asks for it."""
    content = output.read_bytes()
    file.write_bytes(gzip.compress(content, mtime=0) if file.suffix == ".gz" else content)


def command_of(script: Path, *arguments: str | int | Path) -> list[str]:
    """Command that runs an app's script by its kind."""
    return (python if script.suffix == ".py" else node)(script, *arguments)


@contextmanager
def serving(app: str, port: int) -> Iterator[None]:
    """The app's server, listening on its port."""
    script = next(path for path in (APPS / f"{app}.js", APPS / f"{app}.py") if path.exists())
    with running(command_of(script, port), listening=[port], env=npm_environment()):
        yield


def main(names: list[str]) -> None:
    """Record these, or all."""
    for name in names or RECORDINGS:
        recording = RECORDINGS[name]
        recording.record(HERE, recording.port)
        print(name)


if __name__ == "__main__":
    main(sys.argv[1:])
