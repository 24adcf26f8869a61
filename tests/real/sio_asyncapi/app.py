"""A shop's desk, documented by sio-asyncapi itself: `python app.py PORT`, or `python app.py --document`."""

import sys
from typing import Literal

from flask import Flask
from pydantic import BaseModel
from sio_asyncapi import AsyncAPISocketIO

app = Flask(__name__)
socketio = AsyncAPISocketIO(app, async_mode="threading", validate=True, title="Desk", version="1.0.0")


class Order(BaseModel):
    item: str
    amount: int
    wrapped: bool = False


class Receipt(BaseModel):
    number: int
    state: Literal["taken", "refused"]


class Shelf(BaseModel):
    item: str
    left: int | None


@socketio.on("order", get_from_typehint=True)
def order(data: Order) -> Receipt:
    tell(Shelf(item=data.item, left=10 - data.amount if data.amount < 10 else None))
    return Receipt(number=1, state="taken" if data.amount < 10 else "refused")


@socketio.on("look", request_model=Shelf, response_model=Shelf)
def look(data):
    return Shelf(item=data.item, left=3)


@socketio.doc_emit("shelf", Shelf, "What is left of an item")
def tell(shelf):
    socketio.emit("shelf", shelf.model_dump())


if __name__ == "__main__":
    if sys.argv[1] == "--document":
        sys.stdout.write(socketio.asyncapi_doc.get_yaml())
    else:
        socketio.run(app, host="127.0.0.1", port=int(sys.argv[1]), allow_unsafe_werkzeug=True)
