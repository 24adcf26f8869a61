"""python-socketio servers that all tell the same scenario: matrix_server.py <scenario.json> <cells.json>.

A cell has the port to listen on and its parser (default, msgpack).
"""

from __future__ import annotations

import json
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

import engineio
import socketio
from scenario import Heard, MismatchError, say
from werkzeug.serving import make_server


def serve(cell: dict[str, Any], scenario: dict[str, Any]) -> None:
    """Listen on the cell's port, for ever."""
    # Behind a reverse proxy a client's Origin is the proxy, which the server must allow.
    sio = socketio.Server(
        async_mode="threading", async_handlers=False, serializer=cell["parser"], cors_allowed_origins="*"
    )
    for namespace, steps in scenario.items():
        _tell(sio, cell["name"], namespace, steps)
    make_server("127.0.0.1", cell["port"], socketio.WSGIApp(sio), threaded=True).serve_forever()


def _tell(sio: socketio.Server, name: str, namespace: str, steps: dict[str, Any]) -> None:
    heard: dict[str, Heard] = {}

    def connect(sid: str, environ: dict[str, Any], auth: dict[str, Any] | None = None) -> None:
        if namespace == "/admin" and (auth or {}).get("token") != "token-of-the-demo":
            raise socketio.exceptions.ConnectionRefusedError("refused", {"code": 7, "why": "unknown token"})
        heard[sid] = Heard(steps["c2s"])
        sio.start_background_task(converse, sid)

    def converse(sid: str) -> None:
        try:
            heard[sid].wait()
            say(partial(sio.emit, to=sid, namespace=namespace), steps["s2c"])
        except MismatchError as error:
            print(f"FAILED {name} {namespace}: {error}", flush=True)

    def take(event: str, sid: str, *args: Any) -> tuple[Any, ...] | None:
        return heard[sid].take(event, args)

    sio.on("connect", connect, namespace=namespace)
    sio.on("disconnect", lambda sid, reason: None, namespace=namespace)
    sio.on("*", take, namespace=namespace)


def main() -> None:
    """Serve every cell from a thread of its own."""
    engineio.payload.Payload.max_decode_packets = 100  # its default of 16 is less than official clients send
    scenario, cells = (json.loads(Path(path).read_text(encoding="utf-8")) for path in sys.argv[1:])
    threads = [threading.Thread(target=serve, args=(cell, scenario)) for cell in cells]
    for thread in threads:
        thread.start()


main()
