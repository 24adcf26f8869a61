"""Servers of a document: those that were observed, or those that the user declares."""

from __future__ import annotations

from msgspec.structs import replace

from infer.asyncapi import DocumentOptions
from infer.catalog import Catalog
from infer.limits import Limits
from infer.model import Server
from tests.unit.diff.observations import said


def test_all_traffic_is_that_of_the_servers_declared_whatever_the_limits() -> None:
    """Where none of them was observed: what each server that was has is put together."""
    catalog = Catalog(Limits(namespaces=3, events=3, headers=3))
    for host, name in (("a.test", "say"), ("b.test", "say"), ("b.test", "leave")):
        catalog.add(replace(said("c2s", "hello", name=name), server=Server(False, host, "/socket.io/")))
    made = catalog.to_asyncapi(DocumentOptions(servers={"production": "https://chat.example.com/rt/"}))
    assert made["servers"].keys() == {"production"}
    samples = {name: message["x-sio-infer"]["samples"] for name, message in made["components"]["messages"].items()}
    assert samples == {"say": 2, "leave": 1}
