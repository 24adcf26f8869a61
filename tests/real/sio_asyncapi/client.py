"""Visits the desk at a URL: `python client.py URL`."""

import sys

import socketio

with socketio.SimpleClient() as client:
    client.connect(sys.argv[1], transports=["polling"])
    for order in ({"item": "tea", "amount": 2}, {"item": "salt", "amount": 1, "wrapped": True}, {"item": "rice", "amount": 40}):
        client.call("order", order)
        client.receive(timeout=5)
    client.call("look", {"item": "tea", "left": None})
