"""A notice board whose events Asynction routes and checks by the document beside it: `python app.py PORT`."""

import sys
from pathlib import Path

from asynction import AsynctionSocketIO
from flask import Flask
from flask_socketio import emit

app = Flask(__name__)


def pin(notice):
    emit("pinned", {"text": notice["text"], "by": notice.get("by", "someone")}, broadcast=True)
    return {"place": 1}


def clear():
    emit("cleared", "all", broadcast=True)


if __name__ == "__main__":
    sys.modules["app"] = sys.modules[__name__]  # handlers are named by module
    spec = Path(__file__).with_name("contract.yml")
    socketio = AsynctionSocketIO.from_spec(spec, app=app, async_mode="threading")
    socketio.run(app, host="127.0.0.1", port=int(sys.argv[1]))
