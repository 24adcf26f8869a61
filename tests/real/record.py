"""Documents and recordings of three applications that document themselves: `python -m tests.real.record [NAME...]`.

Each has a folder here: `app` serves and tells its document, `client.py` visits it, `contract.yml` is the document as its
own tool wrote it (Asynction's is the one that it runs by), `recording.mitm` what mitmdump saw of the visit. The tools are
installed into environments of their own under tests/.real, since they want other versions than the tests do.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.e2e.processes import free_ports, mitmdump, python, reverse, running

HERE: Final = Path(__file__).parent
ENVIRONMENTS: Final = HERE.parent / ".real"


@dataclass(frozen=True, slots=True)
class Application:
    """A folder, and what its application needs."""

    name: str
    packages: tuple[str, ...]
    npm: bool = False

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return HERE / self.name

    @property
    def environment(self) -> Path:
        """Where its packages lie."""
        return ENVIRONMENTS / self.name

    def install(self) -> None:
        """Make its environment, unless it was made of these packages already. Errors: CalledProcessError."""
        done = self.environment / "made-of.txt"
        wanted = "\n".join(self.packages)
        if done.is_file() and done.read_text() == wanted:
            return
        if self.npm:
            self.environment.mkdir(parents=True, exist_ok=True)
            _run("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(self.environment), *self.packages)
        else:
            _run(sys.executable, "-m", "venv", "--clear", str(self.environment))
            _run(str(self._python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *self.packages)
        done.write_text(wanted)

    def command(self, *arguments: str | int) -> list[str]:
        """The command that runs it."""
        if not self.npm:
            return [str(self._python), str(self.folder / "app.py"), *map(str, arguments)]
        script = self.environment / "app.mjs"  # modules are looked for beside the script
        script.write_text((self.folder / "app.mjs").read_text())
        return ["node", str(script), *map(str, arguments)]

    def document(self) -> str:
        """Its document, as it tells it now."""
        if self.name == "asynction":
            return (self.folder / "contract.yml").read_text()
        return _run(*self.command("--document"))

    def record(self, path: Path) -> None:
        """A visit of its client, seen by a real mitmdump."""
        server, proxy = free_ports(2)
        with tempfile.TemporaryDirectory() as confdir, running(self.command(server), listening=[server]):
            listen = mitmdump(*reverse((proxy, server)), "-w", path, confdir=Path(confdir))
            with running(listen, listening=[proxy]), running(
                python(self.folder / "client.py", f"http://127.0.0.1:{proxy}")
            ) as client:
                client.wait(60)

    @property
    def _python(self) -> Path:
        return self.environment / "bin" / "python"


APPLICATIONS: Final = (
    Application(
        "asynction",
        ("asynction==0.8.3", "Flask-SocketIO<5.3", "setuptools<81", "simple-websocket>=1.1"),
    ),
    Application("sio_asyncapi", ("sio-asyncapi==1.0.0",)),
    Application("zod_sockets", ("zod-sockets@2.3.0", "zod@3", "socket.io@4", "typescript@5"), npm=True),
)


def _run(*command: str) -> str:
    ran = subprocess.run(command, capture_output=True, check=True, text=True, timeout=300)
    return ran.stdout


def main() -> None:
    """Make the documents and recordings of those that are named, or of all."""
    for application in APPLICATIONS:
        if application.name in sys.argv[1:] or not sys.argv[1:]:
            application.install()
            (application.folder / "contract.yml").write_text(application.document())
            application.record(application.folder / "recording.mitm")
            print(application.name)


if __name__ == "__main__":
    main()
