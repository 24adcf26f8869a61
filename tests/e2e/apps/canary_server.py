"""Says secrets in every way that a server can: python-socketio's."""

import sys
from pathlib import Path

import socketio
from engineio.payload import Payload
from werkzeug.serving import run_simple

sys.path.insert(0, str(Path(__file__).parent))
from canaries import EMAIL, EVERY, FIELDS, JWT, NAMES, PERSON, SENTENCE, TOKEN

Payload.max_decode_packets = 1_000  # it refuses more than 16 otherwise, and both sides have a lot to say

sio = socketio.Server(async_mode="threading", cors_allowed_origins="*", namespaces="*")


def say(sid, namespace):
    for name in NAMES:
        sio.emit(f"user:{name}:left", {"by": name}, to=sid, namespace=namespace)
        sio.emit("map", {name: 1, "plain": {name: {"seen": True}}}, to=sid, namespace=namespace)
    for _ in range(4):
        for value in EVERY:
            sio.emit("state", dict.fromkeys(FIELDS, value), to=sid, namespace=namespace)
            sio.emit("texts", ([value], value, {"tag": {"type": value, "a": 1}}), to=sid, namespace=namespace)
            sio.emit("file", (value.encode(), {"data": value.encode()}), to=sid, namespace=namespace)


@sio.on("connect", namespace="*")
def connect(namespace, sid, environ, auth):
    if namespace == "/closed":
        raise socketio.exceptions.ConnectionRefusedError(f"{PERSON} <{EMAIL}> may not, {SENTENCE}", {"token": TOKEN, "jwt": JWT})
    sio.start_background_task(say, sid, namespace)


@sio.on("*", namespace="*")
def answer(event, namespace, sid, *args):
    if event == "done":
        return None
    return ({"error": f"no account {EMAIL}", "detail": SENTENCE, "token": TOKEN}, *args) if event == "fail" else args


@sio.on("connect")
def connect_root(sid, environ, auth):
    connect("/", sid, environ, auth)


@sio.on("*")
def answer_root(event, sid, *args):
    return answer(event, "/", sid, *args)


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), socketio.WSGIApp(sio, socketio_path=sys.argv[2]), threaded=True)
