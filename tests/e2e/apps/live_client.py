"""python-socketio's client: live_client.py <server URL>..., through the proxy that the environment names."""

import queue
import sys

import socketio


def tell(url):
    refused = socketio.Client(reconnection=False)
    try:
        refused.connect(url, namespaces=["/admin"], auth={"token": "token-of-somebody-else"}, wait_timeout=5)
    except socketio.exceptions.ConnectionError:
        refused.disconnect()
    else:
        raise AssertionError("was not refused")
    sio = socketio.Client(reconnection=False)
    heard = queue.Queue()
    for event in ("welcome", "said", "stored", "thanks"):
        sio.on(event, lambda *args, event=event: heard.put(event))
    sio.on("sure", lambda question: ())
    sio.connect(url, namespaces=["/", "/admin"], auth={"token": "token-of-the-test"}, wait_timeout=5)
    assert heard.get(timeout=5) == "welcome"
    for number in (1, 2):
        answer = sio.call("say", {"number": number, "text": f"größe {number}"}, timeout=5)
        assert answer["heard"] == number
        assert heard.get(timeout=5) == "said"
    sio.emit("store", ("a.bin", bytes([0, 1, 2, 255])))
    assert heard.get(timeout=5) == "stored"
    sio.emit("ask me")
    assert heard.get(timeout=5) == "thanks"
    assert sio.call("count", namespace="/admin", timeout=5) == (3, "rooms")
    sio.disconnect()


for target in sys.argv[1:]:
    tell(target)
