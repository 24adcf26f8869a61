"""Recordings of two applications that are written against event interfaces of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.e2e.processes import free_ports, mitmdump, node, npm_environment, reverse, running

APPS = Path(__file__).parent / "typescript"


def record(folder: Path) -> Iterator[tuple[str, Path]]:
    """Names of the applications, each with a flow file of it: one proxy for each, at the same time."""
    names = ("todos", "store")
    ports = free_ports(4)
    flows = {name: folder / f"{name}.mitm" for name in names}
    proxies = [
        mitmdump(*reverse((ports[at], ports[at + 2])), "--set", f"save_stream_file={flows[name]}", confdir=folder)
        for at, name in enumerate(names)
    ]
    with running(proxies[0], listening=[ports[0]]), running(proxies[1], listening=[ports[1]]):
        for at, name in enumerate(names):
            app = node(APPS / f"{name}.js", ports[at + 2], f"http://127.0.0.1:{ports[at]}")
            with running(app, env=npm_environment()) as child:
                child.wait(60)
    yield from flows.items()
