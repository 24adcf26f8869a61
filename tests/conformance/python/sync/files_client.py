"""The client of recordings/apps/files.js with generated types: python files_client.py URL, with `events` beside it."""

import sys
import threading

import socketio
from events import Client, Patch, PatchPart, Preview, UploadAck

sio = socketio.Client()
client = Client(sio)
checked, previewed = threading.Event(), threading.Event()
patched: list[tuple[str, list[bytes]]] = []
arrived = threading.Event()


@client.on("checksum")
def checksum(name: str, length: int) -> bytes:
    return bytes([1, 2, 3, 4][:length])


@client.on("quota")
def quota() -> tuple[int, int]:
    return 2048, 65536


@client.on("checked")
def seen(name: str, right: bool) -> None:
    if name == "notes.txt" and right:
        checked.set()


@client.on("preview")
def preview(shown: Preview) -> None:
    if shown.size.width == 2 and bytes(shown.thumbnail) == bytes([1, 2, 3, 4]):
        previewed.set()


@client.on("patched")
def was_patched(name: str, parts: list[bytes]) -> None:
    patched.append((name, parts))
    arrived.set()


sio.connect(sys.argv[1])
stored: UploadAck = client.call("upload", "notes.txt", bytes([1, 2, 3, 4, 5]))
assert stored.stored
assert stored.size == 5
assert checked.wait(10)
assert previewed.wait(10)
client.emit("patch", Patch(name="notes.txt", parts=[PatchPart(bytes=b"\x09", offset=0)]))
assert arrived.wait(10)
assert patched == [("notes.txt", [b"\x09"])]
error, content = client.call("download", "notes.txt")
assert (error, content) == (None, bytes([9, 2, 3, 4, 5]))
error, content = client.call("download", "missing.txt")
assert (error, content) == ("no such file", None)
answered = threading.Event()
client.emit("flush", callback=answered.set)
assert answered.wait(10)
sio.disconnect()
sys.stdout.write("done\n")
