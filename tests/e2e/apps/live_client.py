"""python-socketio's client: live_client.py <server URL>..., through the proxy that the environment names.

`SSL_CERT_FILE` names the authority to trust. The client is the asynchronous one: the other reads and writes from
two threads, which the TLS sockets of Python before 3.13 do not bear (the connection is lost now and then).
"""

import asyncio
import ssl
import sys

import aiohttp
import socketio


async def tell(url, http):
    refused = socketio.AsyncClient(reconnection=False, http_session=http)
    try:
        await refused.connect(url, namespaces=["/admin"], auth={"token": "token-of-somebody-else"}, wait_timeout=5)
    except socketio.exceptions.ConnectionError:
        await refused.disconnect()
    else:
        raise AssertionError("was not refused")
    sio = socketio.AsyncClient(reconnection=False, http_session=http)
    heard = asyncio.Queue()
    for event in ("welcome", "said", "stored", "thanks"):
        sio.on(event, lambda *args, event=event: heard.put_nowait(event))
    sio.on("sure", lambda question: ())

    async def hear():
        return await asyncio.wait_for(heard.get(), 5)

    await sio.connect(url, namespaces=["/", "/admin"], auth={"token": "token-of-the-test"}, wait_timeout=5)
    assert await hear() == "welcome"
    for number in (1, 2):
        answer = await sio.call("say", {"number": number, "text": f"größe {number}"}, timeout=5)
        assert answer["heard"] == number
        assert await hear() == "said"
    await sio.emit("store", ("a.bin", bytes([0, 1, 2, 255])))
    assert await hear() == "stored"
    await sio.emit("ask me")
    assert await hear() == "thanks"
    assert await sio.call("count", namespace="/admin", timeout=5) == (3, "rooms")
    await sio.disconnect()


async def main(urls):
    for url in urls:
        connector = aiohttp.TCPConnector(ssl=ssl.create_default_context())
        async with aiohttp.ClientSession(trust_env=True, connector=connector) as http:
            await tell(url, http)


asyncio.run(main(sys.argv[1:]))
