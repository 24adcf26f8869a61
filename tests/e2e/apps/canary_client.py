"""Says secrets in every way that a client can: python-socketio's. Arguments: URL, path, transport."""

import sys
import time
from pathlib import Path
from urllib.parse import urlencode

import socketio
from engineio.payload import Payload

sys.path.insert(0, str(Path(__file__).parent))
from canaries import CARD, EMAIL, EVERY, FIELDS, JWT, NAMES, OPAQUE, PERSON, PHONE, SENTENCE, SESSION, TOKEN

Payload.max_decode_packets = 1_000  # it refuses more than 16 otherwise, and both sides have a lot to say

url, path, transport = sys.argv[1:]
query = urlencode({"token": TOKEN, "email": EMAIL, "phone": PHONE, "name": PERSON, "session": SESSION, "state": OPAQUE})
headers = {"Authorization": f"Bearer {JWT}", "Cookie": f"session={SESSION}; user={EMAIL}; {OPAQUE}=1", "X-Api-Key": TOKEN, "X-User": PERSON}
auth = {"token": JWT, "user": EMAIL, "password": SENTENCE, "card": CARD, EMAIL: TOKEN}

for namespace in ("/", f"/user-{EMAIL}", "/closed"):
    sio = socketio.Client()
    try:
        sio.connect(f"{url}/?{query}", headers=headers, auth=auth, namespaces=[namespace], transports=[transport], socketio_path=path)
    except socketio.exceptions.ConnectionError:
        if namespace == "/closed":
            continue
        raise
    for name in NAMES:
        sio.emit(f"open {name}", name, namespace=namespace)
        sio.emit("lookup", {name: name}, namespace=namespace)
    for _ in range(3):
        for value in EVERY:
            sio.call("save", (value, dict.fromkeys(FIELDS, value), value.encode()), namespace=namespace)
            sio.call("fail", {"kind": value}, namespace=namespace)
    time.sleep(0.3)
    sio.call("done", namespace=namespace)
    sio.disconnect()
