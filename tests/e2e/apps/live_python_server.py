"""python-socketio's server: live_python_server.py <port>."""

import sys

import socketio
from werkzeug.serving import make_server

sio = socketio.Server(async_mode="threading", cors_allowed_origins="*")


@sio.on("connect")
def connect(sid, environ, auth=None):
    sio.emit("welcome", ("to the house", {"users": 1, "quiet": False}), to=sid)


@sio.on("say")
def say(sid, saying):
    sio.emit("said", saying["text"], to=sid)
    return {"heard": saying["number"], "twice": [saying["number"], saying["number"]]}


@sio.on("store")
def store(sid, name, content):
    sio.emit("stored", (name, {"bytes": content, "size": len(content)}), to=sid)


@sio.on("tick")
def tick(sid, number):
    pass


@sio.on("ask me")
def ask_me(sid):
    sio.emit("sure", {"why": "it is asked"}, to=sid, callback=lambda: sio.emit("thanks", to=sid))


@sio.on("connect", namespace="/admin")
def connect_admin(sid, environ, auth=None):
    if (auth or {}).get("token") != "token-of-the-test":
        raise socketio.exceptions.ConnectionRefusedError("unknown token")


@sio.on("count", namespace="/admin")
def count(sid):
    return 3, "rooms"


if __name__ == "__main__":
    make_server("127.0.0.1", int(sys.argv[1]), socketio.WSGIApp(sio), threaded=True).serve_forever()
