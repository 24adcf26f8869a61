"""A table and the kitchen, one after the other on one connection: python-socketio's client."""

import sys
import threading

import socketio

url = sys.argv[1]


def refused():
    """The wrong token, and none."""
    for auth in ({"token": "token-of-somebody-else"}, None):
        try:
            socketio.Client().connect(url, auth=auth, namespaces=["/"], transports=["polling"])
        except socketio.exceptions.ConnectionError:
            continue
        raise SystemExit("was not refused")


def served(dishes, **order):
    """Orders, cooks, fetches; then orders again and thinks better of it."""
    seen = {name: threading.Event() for name in ("menu", "ticket", "station open", "pickup", "cancelled")}
    sio = socketio.Client()
    sio.on("menu", lambda menu: seen["menu"].set())
    sio.on("ticket", lambda ticket: seen["ticket"].set(), namespace="/kitchen")
    sio.on("station open", seen["station open"].set, namespace="/kitchen")

    @sio.on("order state")
    def order_state(order, state):
        if state == "cancelled":
            seen["cancelled"].set()

    @sio.on("confirm pickup")
    def confirm_pickup(pickup):
        seen["pickup"].set()
        return True, "waiter 2"

    sio.connect(url, auth={"token": "token-of-the-demo"}, namespaces=["/", "/kitchen"])
    saw(seen, "menu")
    sio.emit("join", "grill", namespace="/kitchen")
    saw(seen, "station open")
    answer = sio.call("place order", {"dishes": dishes, **order})
    saw(seen, "ticket")
    sio.emit("cooked", answer["order"], namespace="/kitchen")
    saw(seen, "pickup")
    sio.call("place order", {"dishes": [], **order})
    sio.emit("cancel order", (answer["order"], "too late"))
    saw(seen, "cancelled")
    sio.disconnect()


def saw(seen, name):
    if not seen[name].wait(10):
        raise SystemExit(f"no {name}")


refused()
served([{"item": 0, "count": 2}], table=4)
served([{"item": 0, "count": 1}, {"item": 1, "count": 1}], table=5, note="später 🍵")
