"""What a run read, in a few lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from infer.engines.result import Result
from infer.filters import Filter
from infer.model import Direction, Server
from infer.report.text import many, printable
from infer.wire import MEANINGS

_KEEPS_FROM: Final = frozenset({"capture-encrypted", "capture-http2", "capture-incomplete", "capture-cut"})
"""Diagnostics of packet captures that say why there is nothing, and what to do."""


def summary(result: Result, min_samples: int = 0) -> Iterator[str]:
    """Lines on what was read, what was skipped and why, and which events rest on little."""
    catalog = result.catalog
    namespaces = len(catalog.namespaces)
    yield (
        f"{many(result.captures, 'capture') + ': ' if result.captures else ''}{many(catalog.sessions.count, 'session')}, "
        f"{many(result.packets, 'packet')}, {many(result.observations, 'observation')}; "
        f"{many(catalog.events, 'kind')} of event in {many(namespaces, 'namespace')} "
        f"of {many(len(catalog.servers), 'server')}"
    )
    for server, entry in catalog.servers.items():
        for name, namespace in entry.namespaces.items():
            sides = ", ".join(
                f"{len(namespace.of(side))} from the {who}"
                for side, who in ((Direction.C2S, "client"), (Direction.S2C, "server"))
            )
            yield f"  {printable(server.host + server.path)} {printable(name)}: {sides}{_refused(namespace.refused)}"
            if min_samples:
                for (side, event), seen in namespace.events.items():
                    if seen.count < min_samples:
                        yield f"    {side} {printable(event)} rests on {many(seen.count, 'sample')} only"
    rejected = sum(entry.rejected.count for namespace in catalog.namespaces for _, entry in namespace.events.items())
    if rejected:
        yield f"  {many(rejected, 'request')} answered by an error acknowledgement"
    if result.recogniser.websockets:
        yield f"  {many(result.recogniser.websockets, 'WebSocket')} without Engine.IO's query looked at by content"
    for error in result.failed:
        yield f"not read: {printable(str(error), 500)}"
    for code, count in sorted(result.diagnostics.counts.items()):
        yield f"{count:,} × {code}: {MEANINGS.get(code, _first_message(result, code))}"
    overflow = catalog.servers.overflow + sum(server.namespaces.overflow for server in catalog.servers.values())
    overflow += sum(namespace.events.overflow for namespace in catalog.namespaces)
    if overflow:
        yield f"{many(overflow, 'observation')} beyond the limits on servers, namespaces and events, counted only"
    cut = sum(any(args.is_cut for args in entry.parts) for namespace in catalog.namespaces for entry in namespace.events.values())
    if cut:
        yield f"{many(cut, 'kind')} of event with more places than the limits on places allow: the deepest levels are not looked into"


def nothing_found(result: Result, wanted: Filter) -> tuple[str, str]:
    """Why a run found nothing of the Socket.IO traffic that is wanted (message), and what to do (hint)."""
    if wanted.events and result.catalog.namespaces:
        return "no event found that is wanted", "check --event: `sio-infer summary` without it lists the events"
    recogniser, counts = result.recogniser, result.diagnostics.counts
    message = "no Socket.IO traffic found"
    met = [*recogniser.seen, *recogniser.filtered]
    if met:
        places = ", ".join(_place(server) for server in met[:8])
        message += f"; seen: {places}{' …' if len(met) > 8 else ''}"
    if recogniser.filtered:
        return message, "the filter wanted none of it: check --host and --path"
    if counts["websocket-messages-missing"]:
        return message, "the capture has WebSockets without their messages: record with Chrome, Edge, Playwright (without content: 'omit') or mitmproxy"
    if counts["socketio-0.9"]:
        return message, "Socket.IO 0.9 is not decoded"
    unread = next((kept.message for kept in result.diagnostics.kept if kept.code in _KEEPS_FROM), None)
    if unread is not None:
        return message, printable(unread)
    if recogniser.recognised:
        return message, "there were connections but no events: check the filters, or record while the app is used"
    return message, "was the recording started before the page connected?"


def _place(server: Server) -> str:
    return printable(server.host + server.path, 80)


def _refused(count: int) -> str:
    return f", {many(count, 'connection')} refused" if count else ""


def _first_message(result: Result, code: str) -> str:
    return next((printable(kept.message) for kept in result.diagnostics.kept if kept.code == code), code)
