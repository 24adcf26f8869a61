"""A poll: Flask-SocketIO's server with one page."""

import sys
from pathlib import Path

from flask import Flask
from flask_socketio import SocketIO, emit, send

app = Flask(__name__)
socketio = SocketIO(app, async_mode="threading")
counts = {"tea": 0, "coffee": 0}
PAGE = Path(__file__).with_name("poll.html").read_text(encoding="utf-8")
SCRIPT = Path(__file__).parents[2] / "tests" / "node_modules" / "socket.io-client" / "dist" / "socket.io.min.js"


@app.get("/")
def page():
    return PAGE


@app.get("/socket.io.min.js")
def script():
    return SCRIPT.read_text(encoding="utf-8"), {"Content-Type": "text/javascript"}


@socketio.on("connect")
def connect():
    emit("question", ("What shall it be?", list(counts)))


@socketio.on("vote")
def vote(ballot):
    if ballot["choice"] not in counts:
        return {"accepted": False, "reason": "not on the ballot"}
    counts[ballot["choice"]] += 1
    emit("tally", {"votes": sum(counts.values()), "leader": max(counts, key=counts.get)}, broadcast=True)
    return {"accepted": True}


@socketio.on("message")
def message(text):
    send(text.upper(), broadcast=True)


if __name__ == "__main__":
    socketio.run(app, host="127.0.0.1", port=int(sys.argv[1]), allow_unsafe_werkzeug=True)
