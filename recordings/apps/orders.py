"""A restaurant's orders, python-socketio's server: a token to connect, a namespace for the kitchen."""

import sys

import socketio
from werkzeug.serving import run_simple

sio = socketio.Server(async_mode="threading", cors_allowed_origins="*")  # behind a proxy, the origin is the proxy
MENU = [{"dish": "Käsespätzle", "price": 11.5}, {"dish": "ramen 🍜", "price": 13}]


@sio.event
def connect(sid, environ, auth):
    if (auth or {}).get("token") != "token-of-the-demo":
        raise socketio.exceptions.ConnectionRefusedError("unknown token", {"retry": False})
    sio.emit("menu", MENU, to=sid)


@sio.on("place order")
def place_order(sid, order):
    if not order["dishes"]:
        return {"error": "nothing ordered"}
    total = sum(MENU[dish["item"]]["price"] * dish["count"] for dish in order["dishes"])
    sio.emit("ticket", {"order": 7, "table": order["table"], "dishes": order["dishes"]}, namespace="/kitchen")
    return {"order": 7, "total": total}


@sio.on("cancel order")
def cancel_order(sid, order, reason):
    sio.emit("order state", (order, "cancelled"))


@sio.on("join", namespace="/kitchen")
def join(sid, station):
    sio.emit("station open", namespace="/kitchen")


@sio.on("cooked", namespace="/kitchen")
def cooked(sid, order):
    sio.emit("order state", (order, "ready"))
    sio.emit("confirm pickup", {"order": order}, callback=lambda taken, by: None)


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), socketio.WSGIApp(sio), threaded=True)
