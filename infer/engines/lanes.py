"""The short way of events that are like many before: from a message's text to the evidence of its event at once.

The general way makes a packet, pairs acknowledgements, makes an observation, and looks its place up in the catalog. For
an event without acknowledgement all of that is known once its session has sent one like it: new are its time, its
size and its arguments.

The law: what was taken here leaves the catalog as if it had gone the general way. A session that was silent while
another spoke goes the general way first, so that who was silent longest is known as ever.
"""

from __future__ import annotations

from typing import Final

from infer.catalog import EventEntry, Namespace, ServerEntry
from infer.engines.result import Result
from infer.filters import Filter
from infer.model import Direction, Frame, Server
from infer.templates import public
from infer.wire import Packet, Session, SocketType
from infer.wire.decoder import may_end_in_offset

_EVENT: Final = "42"
"""How a message with such an event begins."""
_MOST: Final = 4_096


class _Lane:
    """The place of an event in a catalog, with all that it stands in."""

    __slots__ = ("changes", "entry", "name", "namespace", "server", "session", "space")

    def __init__(self, name: str, space: str, entry: EventEntry, namespace: Namespace, server: ServerEntry) -> None:
        self.name = name
        self.space = space
        self.entry = entry
        self.namespace = namespace
        self.server = server
        self.changes = -1
        self.session = -1

    def turn_to(self, session: int) -> None:
        """What follows was seen in that session."""
        self.session = session
        for place in (self.entry, self.namespace, self.server):
            place.sessions.add(session)


class Lanes:
    """See the module. What is taken counts in the result, too."""

    def __init__(self, result: Result, wanted: Filter) -> None:
        self._result = result
        self._catalog = result.catalog
        self._wanted = wanted
        self._session: Session | None = None  # which the last event that went the general way was of
        self._server: Server | None = None
        self._lanes: dict[Direction, dict[str, _Lane]] = {Direction.C2S: {}, Direction.S2C: {}}

    def learn(self, frame: Frame, packet: Packet) -> None:
        """Open a lane for messages that begin like this one, whose packet went the general way."""
        text, session, name, space = frame.data, packet.session, packet.event, packet.namespace
        if packet.type is not SocketType.EVENT or packet.id is not None or type(text) is not str or text[:2] != _EVENT:
            return
        assert name is not None
        self._session = session
        if session.server != self._server:
            self._server = session.server
            for lanes in self._lanes.values():
                lanes.clear()
        lanes = self._lanes[frame.direction]
        begin = _begin(text, text.find("["))
        known = lanes.get(begin)
        if known is not None and known.changes == self._changes(known):
            return
        wanted = self._wanted
        if len(lanes) >= _MOST or public(name) != name or not (wanted.wants_namespace(space) and wanted.wants_event(name)):
            return
        server = self._catalog.servers.entries.get(session.server)
        namespace = None if server is None else server.namespaces.entries.get(space)
        entry = None if namespace is None else namespace.events.entries.get((frame.direction.value, name))
        if server is None or namespace is None or entry is None:
            return
        lane = lanes[begin] = _Lane(name, space, entry, namespace, server)
        lane.changes = self._changes(lane)

    def take(self, session: Session, frame: Frame) -> bool:
        """Take an event in, if there is a lane for it; whether it did. See `Decoder.shortcut`."""
        if session is not self._session:
            return False
        text = frame.data
        assert type(text) is str
        at = text.find("[")
        lane = self._lanes[frame.direction].get(_begin(text, at))
        if lane is None or lane.changes != self._changes(lane):
            return False
        offset = may_end_in_offset(session, lane.space, frame.direction)
        if not lane.entry.add_text(text[at:], lane.name, session.id, len(text) - 1, frame.time, offset=offset):
            return False
        if lane.session != session.id:
            lane.turn_to(session.id)
        lane.namespace.count += 1
        lane.server.count += 1
        self._result.packets += 1
        self._result.observations += 1
        return True

    def _changes(self, lane: _Lane) -> int:
        """Whether what the lane leads to is still in the catalog, as a number that is then the same as before."""
        return self._catalog.servers.changes + lane.server.namespaces.changes + lane.namespace.events.changes


def _begin(text: str, at: int) -> str:
    """The begin of a message whose list is at `at`, up to the end of its event's name; where that has a quote, up to there."""
    return text[: text.find('"', at + 2)]
