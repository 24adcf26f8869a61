"""Listens to Socket.IO traffic and writes the API's AsyncAPI document."""

__version__ = "0.1.0"
