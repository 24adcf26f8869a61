"""Which traffic is wanted: globs over hosts, paths, namespaces and events."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import msgspec

from infer.model import Connect, Disconnect, Event, Observation, Server


class Filter(msgspec.Struct, frozen=True):
    """Glob patterns, any of which suffices; no pattern lets all pass.

    Hosts match with and without their port and in any case; paths with and without their last slash; event names and
    namespaces as they stand on the wire.
    """

    hosts: Sequence[str] = ()
    paths: Sequence[str] = ()
    namespaces: Sequence[str] = ()
    events: Sequence[str] = ()

    def wants_server(self, server: Server) -> bool:
        """Whether the host and the path are wanted."""
        if not self.hosts and not self.paths:
            return True
        host = server.host.lower()
        return _any(self.hosts, host, host.rpartition(":")[0] or host, lower=True) and _any(
            self.paths, server.path, server.path.rstrip("/") or "/"
        )

    def wants_namespace(self, namespace: str) -> bool:
        """Whether the namespace is wanted."""
        return _any(self.namespaces, namespace)

    def wants_event(self, name: str) -> bool:
        """Whether the event is wanted."""
        return _any(self.events, name)

    def wants(self, observation: Observation) -> bool:
        """Whether the observation is of a wanted server, namespace and event."""
        if not self.wants_server(observation.server):
            return False
        if isinstance(observation, Event):
            return self.wants_namespace(observation.namespace) and self.wants_event(observation.name)
        if isinstance(observation, Connect | Disconnect):
            return self.wants_namespace(observation.namespace)
        return True

    def __bool__(self) -> bool:
        """Whether anything is filtered at all."""
        return bool(self.hosts or self.paths or self.namespaces or self.events)


def _any(patterns: Sequence[str], *names: str, lower: bool = False) -> bool:
    if not patterns:
        return True
    return any(fnmatchcase(name, pattern.lower() if lower else pattern) for pattern in patterns for name in names)
