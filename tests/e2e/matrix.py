"""The matrix: official servers and clients of every version, on every transport and parser, that can talk.

All cells are recorded by one mitmdump into one flow file, from which each cell's flows are taken by its server's port. What can talk was tried, not taken from a table: a client of 1.x and a server of 2.x or 4.x (and a
client of 2.x with a server of 1.x) understand each other over WebSocket only, because by polling 1.x encodes
UTF-8 twice; 1.x has no other parser than the default, and the msgpack parsers of 2.x and 4.x differ. JSONP needs a
browser: 2.x speaks it over Engine.IO 3, 3.x was the last to, over Engine.IO 4.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import yaml
from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader, FlowWriter

from tests.e2e.processes import ROOT, free_ports, mitmdump, node, npm_environment, python, reverse, running

if TYPE_CHECKING:
    from pathlib import Path

HERE: Final = ROOT / "tests" / "e2e"
APPS: Final = HERE / "apps"
TRANSPORTS: Final = {
    "polling": ("polling",),
    "websocket": ("websocket",),
    "upgrade": ("polling", "websocket"),
    "jsonp": ("polling",),
}
EVERY: Final = ("polling", "websocket", "upgrade")
JSONP: Final = ("jsonp",)
BOTH: Final = ("default", "msgpack")
ALL: Final = (*BOTH, "json")

TALKING: Final = (
    # server, client, parsers, transports
    ("node-1", "node-1", ("default",), EVERY),
    ("node-1", "node-2", ("default",), ("websocket",)),
    ("node-2", "node-1", ("default",), ("websocket",)),
    ("node-2", "node-2", ALL, EVERY),
    ("node-2", "browser-2", ("default",), JSONP),
    ("node-4", "node-1", ("default",), ("websocket",)),
    ("node-4", "node-2", ("default",), EVERY),
    ("node-4", "browser-2", ("default",), JSONP),
    ("node-4", "browser-3", ("default",), JSONP),
    ("node-4", "node-4", ALL, EVERY),
    ("node-4", "python", BOTH, EVERY),
    ("python", "node-4", BOTH, EVERY),
    ("python", "python", BOTH, EVERY),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One server, one client, one parser and one transport."""

    server: str
    """`node-1`, `node-2`, `node-4` (the major version of Socket.IO) or `python`; `client` likewise, or `browser-2` …"""
    client: str
    parser: str
    transport: str

    @property
    def name(self) -> str:
        """`node-4 from node-2, default, polling`."""
        return f"{self.server} from {self.client}, {self.parser}, {self.transport}"

    @property
    def protocol(self) -> int:
        """Of Engine.IO: 3 before Socket.IO 3. The client's, as a server of 4.x speaks both."""
        return 3 if self.client in {"node-1", "node-2", "browser-2"} else 4


CELLS: Final = tuple(
    Cell(server, client, parser, transport)
    for server, client, parsers, transports in TALKING
    for parser in parsers
    for transport in transports
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The matrix as it was recorded."""

    all: Path
    flows: dict[Cell, Path]
    """Each cell's own."""
    ports: dict[Cell, int]
    """Port of each cell's server."""
    failures: list[str]
    """What servers and clients found to have arrived otherwise than it was sent."""


def record(folder: Path, chromium: str | None) -> Recorded:
    """Let every cell tell the scenario through a mitmdump, whose flow file comes into the folder.

    Without a Chromium, cells of browsers are left out.
    """
    cells = [cell for cell in CELLS if chromium or not cell.client.startswith("browser")]
    steps = yaml.safe_load((HERE / "scenario.yml").read_text(encoding="utf-8"))
    scenario = _json(folder / "scenario.json", steps)
    free = free_ports(2 * len(cells))
    ports = dict(zip(cells, free[::2], strict=True))
    proxies = dict(zip(cells, free[1::2], strict=True))
    flows = folder / "matrix.mitm"
    servers = {
        kind: command(APPS / f"matrix_server.{suffix}", scenario, _listed(folder, "server", kind, ports))
        for kind, command, suffix in (("node", node, "js"), ("python", python, "py"))
    }
    clients = [
        command(APPS / script, scenario, _listed(folder, "client", kind, proxies), *more)
        for kind, command, script, more in (
            ("node", node, "matrix_client.js", ()),
            ("python", python, "matrix_client.py", ()),
            *((("browser", node, "matrix_browser.js", (chromium,)),) if chromium else ()),
        )
    ]
    proxy = mitmdump(
        *reverse(*((proxies[cell], ports[cell]) for cell in cells)),
        *("--set", f"save_stream_file={flows}"),
        confdir=folder,
    )
    with ExitStack() as stack:
        serving_now = [
            stack.enter_context(
                running(
                    command,
                    listening=[port for cell, port in ports.items() if cell.server.startswith(kind)],
                    env=npm_environment(),
                )
            )
            for kind, command in servers.items()
        ]
        stack.enter_context(running(proxy, listening=proxies.values()))
        asking_now = [stack.enter_context(running(command, env=npm_environment())) for command in clients]
        printed = [client.wait() for client in asking_now] + [server.output for server in serving_now]
    lines = [line for output in printed for line in output.splitlines()]
    told = {line.removeprefix("ok ") for line in lines if line.startswith("ok ")}
    failures = [line for line in lines if line.startswith("FAILED")]
    failures += [f"never told: {cell.name}" for cell in cells if cell.name not in told]
    return Recorded(flows, _taken_apart(flows, ports), ports, failures)


def _taken_apart(flows: Path, ports: dict[Cell, int]) -> dict[Cell, Path]:
    """A flow file for each cell."""
    cells = {port: cell for cell, port in ports.items()}
    files = {cell: flows.with_name(f"{port}.mitm") for cell, port in ports.items()}
    with ExitStack() as stack, flows.open("rb") as source:
        writers = {cell: FlowWriter(stack.enter_context(file.open("wb"))) for cell, file in files.items()}  # type: ignore[no-untyped-call]
        for flow in FlowReader(source).stream():
            assert isinstance(flow, HTTPFlow)
            writers[cells[flow.request.port]].add(flow)
    return files


def _listed(folder: Path, role: str, kind: str, ports: dict[Cell, int]) -> Path:
    """A file with the cells whose server or client is of the kind."""
    parties = {cell: cell.server if role == "server" else cell.client for cell in ports}
    listed = [_cell(cell, party, ports[cell]) for cell, party in parties.items() if party.startswith(kind)]
    return _json(folder / f"{kind}-{role}.json", listed)


def _cell(cell: Cell, party: str, port: int) -> dict[str, object]:
    return {
        "name": cell.name,
        "port": port,
        "version": None if party == "python" else int(party[-1]),
        "parser": cell.parser,
        "transports": TRANSPORTS[cell.transport],
        "jsonp": cell.transport == "jsonp",
    }


def _json(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path
