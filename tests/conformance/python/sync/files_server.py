"""The server of recordings/apps/files_client.js with generated types: python files_server.py PORT, with `events` beside it."""

import sys

import socketio
from events import Patch, Preview, PreviewSize, Server, UploadAck
from werkzeug.serving import run_simple

sio = socketio.Server(async_mode="threading")
server = Server(sio)
files: dict[str, bytearray] = {}


@server.on("upload")
def upload(sid: str, name: str, content: bytes) -> UploadAck:
    files[name] = bytearray(content)
    server.emit("preview", Preview(name=name, thumbnail=content[:4], size=PreviewSize(width=2, height=2)), to=sid)
    server.emit("checksum", name, 4, to=sid, callback=lambda sum_: server.emit("checked", name, sum_ == content[:4], to=sid))
    return UploadAck(size=len(content), stored=True)


@server.on("download")
def download(sid: str, name: str) -> tuple[str | None, bytes | None]:
    return (None, bytes(files[name])) if name in files else ("no such file", None)


@server.on("patch")
def patch(sid: str, change: Patch) -> None:
    for part in change.parts:
        files[change.name][part.offset : part.offset + len(part.bytes)] = part.bytes
    parts = [part.bytes for part in change.parts]
    server.emit("quota", to=sid, callback=lambda used, limit: server.emit("patched", change.name, parts, to=sid))


@server.on("flush")
def flush(sid: str) -> None:
    pass


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), socketio.WSGIApp(sio), threaded=True)
