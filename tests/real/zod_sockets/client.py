"""Plays the game at a URL: `python client.py URL`."""

import sys

import socketio

with socketio.SimpleClient() as client:
    client.connect(sys.argv[1], transports=["websocket"])
    for number in (7, 90, 42):
        client.call("guess", (number, "Ida"))
        client.receive(timeout=5)
    client.emit("stop")
    client.receive(timeout=5)
