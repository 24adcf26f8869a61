"""The client of recordings/apps/files.js on asyncio, shortly: python files_client.py URL, with `events` beside it."""

import asyncio
import sys

import socketio
from events import Client


async def main() -> None:
    sio = socketio.AsyncClient()
    client = Client(sio)
    checked = asyncio.Event()

    @client.on("checksum")
    async def checksum(name: str, length: int) -> bytes:
        await asyncio.sleep(0)
        return bytes([1, 2, 3, 4][:length])

    @client.on("checked")
    async def seen(name: str, right: bool) -> None:
        if right:
            checked.set()

    await sio.connect(sys.argv[1])
    stored = await client.call("upload", "notes.txt", bytes([1, 2, 3, 4, 5]))
    assert stored.size == 5
    await asyncio.wait_for(checked.wait(), 10)
    error, content = await client.call("download", "notes.txt")
    assert (error, content) == (None, bytes([1, 2, 3, 4, 5]))
    await client.emit("flush")
    await sio.disconnect()
    sys.stdout.write("done\n")


asyncio.run(main())
