"""A client that does not stop: live_ticks.py <server URL> <milliseconds>; prints the number of each tick that it sent."""

import itertools
import sys
import time

import socketio

url, pause = sys.argv[1], int(sys.argv[2]) / 1000
sio = socketio.Client(reconnection=False)
sio.connect(url, transports=["websocket"], wait_timeout=5)
for number in itertools.count(1):
    if not sio.connected:
        break
    sio.emit("tick", number)
    print(number, flush=True)
    time.sleep(pause)
