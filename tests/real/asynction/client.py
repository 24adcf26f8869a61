"""Visits the board at a URL: `python client.py URL`."""

import sys

import socketio

with socketio.SimpleClient() as client:
    client.connect(sys.argv[1], transports=["polling"])
    for notice in ({"text": "Swap bikes"}, {"text": "Choir at eight", "by": "Ida"}):
        client.call("pin", notice)
        client.receive(timeout=5)
    client.emit("clear")
    client.receive(timeout=5)
