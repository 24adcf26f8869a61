"""Ends TLS before a server that speaks plainly: tls_front.py <port> <server's port> <certificate> <key>.

A threaded server in Python reads and writes a connection from two threads, which the TLS sockets of Python before
3.13 do not bear; in production such a server stands behind a front as well.
"""

import asyncio
import ssl
import sys


async def pump(reader, writer):
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main(port, server, certificate, key):
    async def front(reader, writer):
        from_server, to_server = await asyncio.open_connection("127.0.0.1", server)
        await asyncio.gather(pump(reader, to_server), pump(from_server, writer))

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    async with await asyncio.start_server(front, "127.0.0.1", port, ssl=context) as listening:
        await listening.serve_forever()


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))
