"""The matrix: official servers and clients of every version, on every transport and parser, that can talk.

All cells are recorded by one mitmdump into one flow file; a cell is told from the others by its server's
port. What can talk was tried, not taken from a table: a client of 1.x and a server of 2.x or 4.x (and a
client of 2.x with a server of 1.x) understand each other over WebSocket only, because by polling 1.x encodes
UTF-8 twice; 1.x has no other parser than the default, and the msgpack parsers of 2.x and 4.x differ.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import yaml

from tests.e2e.processes import ROOT, free_ports, mitmdump, node, npm_environment, python, reverse, running

if TYPE_CHECKING:
    from pathlib import Path

HERE: Final = ROOT / "tests" / "e2e"
TRANSPORTS: Final = {
    "polling": ("polling",),
    "websocket": ("websocket",),
    "upgrade": ("polling", "websocket"),
}
EVERY: Final = tuple(TRANSPORTS)
BOTH: Final = ("default", "msgpack")
ALL: Final = (*BOTH, "json")

TALKING: Final = (
    # server, client, parsers, transports
    ("node-1", "node-1", ("default",), EVERY),
    ("node-1", "node-2", ("default",), ("websocket",)),
    ("node-2", "node-1", ("default",), ("websocket",)),
    ("node-2", "node-2", ALL, EVERY),
    ("node-4", "node-1", ("default",), ("websocket",)),
    ("node-4", "node-2", ("default",), EVERY),
    ("node-4", "node-4", ALL, EVERY),
    ("node-4", "python", BOTH, EVERY),
    ("python", "node-4", BOTH, EVERY),
    ("python", "python", BOTH, EVERY),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One server, one client, one parser and one transport."""

    server: str
    """`node-1`, `node-2`, `node-4` (the major version of Socket.IO) or `python`; `client` likewise."""
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
        return 3 if self.client in {"node-1", "node-2"} else 4


CELLS: Final = tuple(
    Cell(server, client, parser, transport)
    for server, client, parsers, transports in TALKING
    for parser in parsers
    for transport in transports
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The matrix as it was recorded."""

    flows: Path
    ports: dict[Cell, int]
    """Port of each cell's server."""
    failures: list[str]
    """What servers and clients found to have arrived otherwise than it was sent."""


def record(folder: Path) -> Recorded:
    """Let every cell tell the scenario through a mitmdump, whose flow file comes into the folder."""
    steps = yaml.safe_load((HERE / "scenario.yml").read_text(encoding="utf-8"))
    scenario = _json(folder / "scenario.json", steps)
    free = free_ports(2 * len(CELLS))
    ports = dict(zip(CELLS, free[::2], strict=True))
    proxies = dict(zip(CELLS, free[1::2], strict=True))
    flows = folder / "matrix.mitm"
    servers: dict[str, list[str]] = {}
    clients: dict[str, list[str]] = {}
    for kind, command in (("node", node), ("python", python)):
        script = "js" if kind == "node" else "py"
        serving = [_cell(cell, cell.server, ports[cell]) for cell in CELLS if cell.server.startswith(kind)]
        asking = [_cell(cell, cell.client, proxies[cell]) for cell in CELLS if cell.client.startswith(kind)]
        for role, cells, commands in (("server", serving, servers), ("client", asking, clients)):
            listed = _json(folder / f"{kind}-{role}.json", cells)
            commands[kind] = command(HERE / "apps" / f"matrix_{role}.{script}", scenario, listed)
    proxy = mitmdump(
        *reverse(*((proxies[cell], ports[cell]) for cell in CELLS)),
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
        asking_now = [stack.enter_context(running(command, env=npm_environment())) for command in clients.values()]
        printed = [client.wait() for client in asking_now] + [server.output for server in serving_now]
    lines = [line for output in printed for line in output.splitlines()]
    told = {line.removeprefix("ok ") for line in lines if line.startswith("ok ")}
    failures = [line for line in lines if line.startswith("FAILED")]
    failures += [f"never told: {cell.name}" for cell in CELLS if cell.name not in told]
    return Recorded(flows, ports, failures)


def _cell(cell: Cell, party: str, port: int) -> dict[str, object]:
    return {
        "name": cell.name,
        "port": port,
        "version": int(party[-1]) if party.startswith("node") else None,
        "parser": cell.parser,
        "transports": TRANSPORTS[cell.transport],
    }


def _json(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path
