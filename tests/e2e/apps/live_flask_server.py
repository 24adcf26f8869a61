"""Flask-SocketIO's server: live_flask_server.py <port>."""

import sys

from flask import Flask, request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import SocketIO, emit
from werkzeug.serving import make_server

app = Flask(__name__)
socketio = SocketIO(app, async_mode="threading", cors_allowed_origins="*")


@socketio.on("connect")
def connect(auth=None):
    emit("welcome", ("to the house", {"users": 1, "quiet": False}))


@socketio.on("say")
def say(saying):
    emit("said", saying["text"])
    return {"heard": saying["number"], "twice": [saying["number"], saying["number"]]}


@socketio.on("store")
def store(name, content):
    emit("stored", (name, {"bytes": content, "size": len(content)}))


@socketio.on("tick")
def tick(number):
    pass


@socketio.on("ask me")
def ask_me():
    sid = request.sid
    emit("sure", {"why": "it is asked"}, callback=lambda: socketio.emit("thanks", to=sid))


@socketio.on("connect", namespace="/admin")
def connect_admin(auth=None):
    if (auth or {}).get("token") != "token-of-the-test":
        raise Refused("unknown token")


@socketio.on("count", namespace="/admin")
def count():
    return 3, "rooms"


if __name__ == "__main__":
    make_server("127.0.0.1", int(sys.argv[1]), app, threaded=True).serve_forever()
