"""python-socketio clients that all tell the same scenario, all cells beside each other.

    matrix_client.py <scenario.json> <cells.json>

A cell has the port of the server, or of a proxy before it, the client's parser (default, msgpack) and its
transports. Prints a line for each cell: "ok NAME" or "FAILED NAME: why".
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import engineio
import socketio
from scenario import Heard, MismatchError, say


class InOrder(socketio.Client):
    """The client, but handling messages in order: each in its own thread, events overtake each other."""

    def _engineio_client_class(self) -> type[engineio.Client]:
        return InOrderTransport


class InOrderTransport(engineio.Client):
    """See `InOrder`."""

    def _trigger_event(self, event: str, *args: Any, **options: Any) -> Any:
        return super()._trigger_event(event, *args, **(options | {"run_async": False}))


def refused(cell: dict[str, Any]) -> None:
    """Ask for /admin with the wrong token."""
    sio = InOrder(serializer=cell["parser"])
    reasons: list[Any] = []
    sio.on("connect_error", reasons.append, namespace="/admin")
    try:
        _connect(sio, cell, "/admin", {"token": "token-of-somebody-else"})
    except socketio.exceptions.ConnectionError:
        if not reasons or reasons[0].get("message") != "refused":
            raise MismatchError("was refused for another reason") from None
        return
    raise MismatchError("was not refused")


def told(cell: dict[str, Any], namespace: str, steps: dict[str, Any], auth: dict[str, str] | None) -> None:
    """Connect to the namespace and tell its part.

    Each namespace has a connection of its own, as this client sends the same auth to all namespaces of one.
    """
    sio = InOrder(serializer=cell["parser"], reconnection=False)
    heard = Heard(steps["s2c"])
    sio.on("*", lambda event, *args: heard.take(event, args), namespace=namespace)
    _connect(sio, cell, namespace, auth)
    say(partial(sio.emit, namespace=namespace), steps["c2s"])
    heard.wait()
    time.sleep(0.05)  # the last answer is still to leave
    sio.disconnect()


def _connect(sio: socketio.Client, cell: dict[str, Any], namespace: str, auth: dict[str, str] | None) -> None:
    url = f"http://127.0.0.1:{cell['port']}/?room=hall"
    sio.connect(url, auth=auth, namespaces=[namespace], transports=cell["transports"])


def run(cell: dict[str, Any], scenario: dict[str, Any]) -> str:
    """The line that says how the cell went."""
    try:
        refused(cell)
        told(cell, "/", scenario["/"], None)
        told(cell, "/admin", scenario["/admin"], {"token": "token-of-the-demo"})
    except (MismatchError, socketio.exceptions.SocketIOError) as error:
        return f"FAILED {cell['name']}: {error}"
    return f"ok {cell['name']}"


def main() -> None:
    """Run the cells beside each other: closing a WebSocket takes this client three seconds."""
    engineio.payload.Payload.max_decode_packets = 100  # its default of 16 is less than official servers send
    scenario, cells = (json.loads(Path(path).read_text(encoding="utf-8")) for path in sys.argv[1:])
    with ThreadPoolExecutor(len(cells)) as pool:
        for line in pool.map(partial(run, scenario=scenario), cells):
            print(line, flush=True)


main()
