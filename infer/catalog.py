"""What was observed, counted and merged: servers, their namespaces, the events each side emits there.

The law: a catalog is a commutative monoid. `merge` is associative and commutative, an empty catalog is its unit, and
catalogs of any split of the observations, merged in any order, equal the catalog of the whole. Hence everything in it
is a sum, a minimum, a maximum, or a set with an absorbing cap; there is no clock and no origin in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from infer.bounded import Bounded, Count
from infer.budget import hold, watch_of
from infer.filters import Filter
from infer.histogram import Histogram
from infer.limits import Limits
from infer.model import ABSENT, Connect, Direction, Disconnect, Event, Frame, Handshake, Observation, Server
from infer.rejection import is_rejection
from infer.schema import Args, Evidence, Payload, Sources
from infer.templates import is_secret, template_of

if TYPE_CHECKING:
    from infer.asyncapi import DocumentOptions

EventKey = tuple[str, str]
"""Direction and name."""

DEFAULT: Final = Limits()
SKIPPED: Final = "copy-skipped"
"""Diagnostic of a frame of live traffic that was not looked at: a document says how many there are."""

AUTHORIZATION_SCHEMES: Final = frozenset(
    {"basic", "bearer", "digest", "dpop", "hoba", "mutual", "negotiate", "oauth", "scram-sha-1", "scram-sha-256", "vapid"}
)
"""IANA's registry of HTTP authentication schemes; anything else could be the credential itself."""

_ADMIN_UI_EVENTS: Final = frozenset(
    {"all_sockets", "event_received", "event_sent", "room_joined", "room_left", "server_stats", "session",
     "socket_connected", "socket_disconnected", "socket_updated"}
)  # fmt: skip
"""What @socket.io/admin-ui's server part emits (its README and source, version 0.5)."""


def _template(limits: Limits, name: str) -> tuple[str, int] | None:
    template = template_of(name)
    return None if template is None else (template, 0 if is_secret(template) else limits.siblings)


def _event_template(limits: Limits, key: EventKey) -> tuple[EventKey, int] | None:
    found = _template(limits, key[1])
    return None if found is None else ((key[0], found[0]), found[1])


def _server_template(limits: Limits, server: Server) -> tuple[Server, int] | None:
    found = _template(limits, server.path)
    return None if found is None else (Server(server.secure, server.host, found[0]), found[1])


def _events(limits: Limits) -> Bounded[EventKey, EventEntry]:
    return Bounded(limits.events, partial(EventEntry.within, limits), partial(_event_template, limits))


def _tallies(limits: Limits) -> Bounded[str, Count]:
    return Bounded(limits.headers, Count, partial(_template, limits))


def _namespaces(limits: Limits) -> Bounded[str, Namespace]:
    return Bounded(limits.namespaces, partial(Namespace.within, limits), partial(_template, limits))


def _servers(limits: Limits) -> Bounded[Server, ServerEntry]:
    return Bounded(limits.servers, partial(ServerEntry.within, limits), partial(_server_template, limits))


class EventEntry(msgspec.Struct):
    """One event of one direction in a namespace."""

    count: int = 0
    sessions: Sources = msgspec.field(default_factory=Sources)
    args: Args = msgspec.field(default_factory=Args)
    """Arguments of all that were not refused."""
    rejected: Args = msgspec.field(default_factory=Args)
    """Arguments of requests that an error acknowledgement answered (see `infer.rejection`)."""
    ack_asked: int = 0
    ack_given: int = 0
    ack: Args = msgspec.field(default_factory=Args)
    latency: Histogram = msgspec.field(default_factory=Histogram)
    """Seconds from event to acknowledgement."""
    size: Histogram = msgspec.field(default_factory=Histogram)
    """Bytes, see `Event.size`."""
    first: float | None = None
    """Seconds since the epoch of the earliest one whose time is known; `last` likewise."""
    last: float | None = None

    @classmethod
    def within(cls, limits: Limits) -> EventEntry:
        """An empty one."""
        return cls(args=Args(limits), rejected=Args(limits), ack=Args(limits))

    @property
    def parts(self) -> tuple[Args, Args, Args]:
        """See `infer.budget`."""
        return (self.args, self.rejected, self.ack)

    def add(self, event: Event) -> None:
        """Count one event with its acknowledgement."""
        self.count += 1
        self.sessions.add(event.session)
        ack = event.ack
        if ack is not None:
            self.ack_given += 1
            self.ack.add(ack, event.session)
            if event.latency is not None:
                self.latency.add(event.latency)
        self.ack_asked += event.ack_asked
        refused = ack is not None and is_rejection(ack)
        (self.rejected if refused else self.args).add(event.args, event.session)
        self.size.add(event.size)
        self._note(event.time)

    def add_text(self, name: str, text: str, frame: Frame, session: int, *, offset: bool) -> bool:
        """Count an event without acknowledgement of a session, given as the JSON of name and arguments and as what carried it.

        Whether that could be done: see `Args.decode`. `sessions` are for the caller to see to.
        """
        value = self.args.decode(text, name, offset=offset)
        if value is None:
            return False
        self.args.add_payload(value, session)
        self.count += 1
        self.size.add(len(frame.data) - 1)
        self._note(frame.time)
        return True

    def add_texts(self, name: str, texts: Sequence[str], frames: Sequence[Frame], session: int, *, offset: bool) -> list[int]:
        """Count many of them; gives the positions of those of which nothing was counted (`Args.add_texts`)."""
        left = self.args.add_texts(texts, name, session, offset=offset)
        if len(left) == len(texts):
            return left
        if left:
            leave = set(left)
            frames = [frame for number, frame in enumerate(frames) if number not in leave]
        self._add_frames(frames)
        return left

    def add_calls(self, name: str, calls: Sequence[str], acks: Sequence[str], asked: Sequence[Frame], answered: Sequence[Frame], session: int) -> bool:
        """Count events of a session with their acknowledgements, which are no refusals, given likewise; whether that could be done.

        Where there is a mould for all events and one for all acknowledgements; else nothing is counted.
        """
        values = self.args.decode_texts(calls, name)
        answers = None if values is None else self.ack.decode_texts(acks, None)
        if values is None or answers is None:
            return False
        self.ack.add_decoded(answers, acks, None, session)
        self.args.add_decoded(values, calls, name, session)
        self.ack_asked += len(asked)
        self.ack_given += len(asked)
        add = self.latency.add
        for call, ack in zip(asked, answered, strict=True):
            if call.time is not None and ack.time is not None:
                add(max(0.0, ack.time - call.time))
        self._add_frames(asked)
        return True

    def _add_frames(self, frames: Sequence[Frame]) -> None:
        """Count messages, each an event."""
        self.count += len(frames)
        self.size.add_sizes([len(frame.data) - 1 for frame in frames])
        times = [time for frame in frames if (time := frame.time) is not None]
        if times:
            self._note(min(times))
            self._note(max(times))

    def add_answered(
        self, args: Payload, ack: str, session: int, size: int, asked: float | None, answered: float | None
    ) -> bool:
        """Count one event with its acknowledgement, given as JSON, which is no refusal; whether that could be done.

        Where the acknowledgement had no mould, or the arguments have theirs no more, nothing is counted. `asked` and
        `answered` are the times of the two; `sessions` are for the caller to see to.
        """
        answer = self.ack.decode(ack, None) if self.args.fits(args) else None
        if answer is None:
            return False
        self.ack.add_payload(answer, session)
        self.args.add_payload(args.value, session)
        self.count += 1
        self.ack_asked += 1
        self.ack_given += 1
        if asked is not None and answered is not None:
            self.latency.add(max(0.0, answered - asked))
        self.size.add(size)
        self._note(asked)
        return True

    def _note(self, time: float | None) -> None:
        if time is None:
            return
        if self.first is None or time < self.first:
            self.first = time
        if self.last is None or time > self.last:
            self.last = time

    def merge(self, other: EventEntry) -> None:
        """Take the other's observations in."""
        self.count += other.count
        self.sessions.merge(other.sessions)
        self.args.merge(other.args)
        self.rejected.merge(other.rejected)
        self.ack_asked += other.ack_asked
        self.ack_given += other.ack_given
        self.ack.merge(other.ack)
        self.latency.merge(other.latency)
        self.size.merge(other.size)
        self._note(other.first)
        self._note(other.last)


class Namespace(msgspec.Struct):
    """A namespace of a server."""

    count: int = 0
    """Observations of any kind."""
    sessions: Sources = msgspec.field(default_factory=Sources)
    connects: int = 0
    accepted: int = 0
    refused: int = 0
    disconnects: int = 0
    auth: Evidence = msgspec.field(default_factory=Evidence)
    """Payloads of CONNECT that were not refused."""
    refused_auth: Evidence = msgspec.field(default_factory=Evidence)
    """Payloads of CONNECT that were: they say nothing of what the server takes."""
    error: Evidence = msgspec.field(default_factory=Evidence)
    """Payloads of CONNECT_ERROR."""
    events: Bounded[EventKey, EventEntry] = msgspec.field(default_factory=partial(_events, DEFAULT))

    @classmethod
    def within(cls, limits: Limits) -> Namespace:
        """An empty one."""
        evidence = partial(Evidence, limits)
        return cls(auth=evidence(), refused_auth=evidence(), error=evidence(), events=_events(limits))

    @property
    def parts(self) -> tuple[Evidence, Evidence, Evidence, Bounded[EventKey, EventEntry]]:
        """See `infer.budget`."""
        return (self.auth, self.refused_auth, self.error, self.events)

    def add(self, observation: Connect | Disconnect | Event) -> None:
        """Count one observation."""
        self.count += 1
        self.sessions.add(observation.session)
        if isinstance(observation, Event):
            entry = self.events.at((observation.direction.value, observation.name))
            if entry is not None:
                entry.add(observation)
        elif isinstance(observation, Connect):
            self.connects += 1
            self.accepted += observation.accepted is True
            self.refused += observation.accepted is False
            if observation.auth is not ABSENT:
                auth = self.refused_auth if observation.accepted is False else self.auth
                auth.add(observation.auth, observation.session)
            if observation.error is not ABSENT:
                self.error.add(observation.error, observation.session)
        else:
            self.disconnects += 1

    def merge(self, other: Namespace) -> None:
        """Take the other's observations in."""
        self.count += other.count
        self.sessions.merge(other.sessions)
        self.connects += other.connects
        self.accepted += other.accepted
        self.refused += other.refused
        self.disconnects += other.disconnects
        self.auth.merge(other.auth)
        self.refused_auth.merge(other.refused_auth)
        self.error.merge(other.error)
        self.events.merge(other.events)

    def of(self, direction: Direction) -> list[tuple[str, EventEntry]]:
        """Events that this side emits, by name."""
        return [(name, entry) for (side, name), entry in self.events.items() if side == direction.value]

    @property
    def is_admin_ui(self) -> bool:
        """Whether this is the namespace of Socket.IO's own admin UI, whose events quote the application's."""
        emitted = {name for side, name in self.events.entries if side == Direction.S2C.value}
        return len(emitted & _ADMIN_UI_EVENTS) >= 3


class ServerEntry(msgspec.Struct):
    """A server, and what its clients send to open a session."""

    count: int = 0
    """Observations of any kind."""
    sessions: Sources = msgspec.field(default_factory=Sources)
    protocols: Counter[str] = msgspec.field(default_factory=Counter)
    """Sessions seen by Engine.IO protocol; `transports` and `parsers` likewise."""
    transports: Counter[str] = msgspec.field(default_factory=Counter)
    parsers: Counter[str] = msgspec.field(default_factory=Counter)
    query: Evidence = msgspec.field(default_factory=Evidence)
    """The application's own query parameters, as an object of strings."""
    headers: Bounded[str, Count] = msgspec.field(default_factory=partial(_tallies, DEFAULT))
    """Sessions by the name of a request header; values are never kept. `cookies` likewise."""
    cookies: Bounded[str, Count] = msgspec.field(default_factory=partial(_tallies, DEFAULT))
    authorization: Counter[str] = msgspec.field(default_factory=Counter)
    """Sessions by the scheme of their Authorization header, `other` where it is none of IANA's."""
    namespaces: Bounded[str, Namespace] = msgspec.field(default_factory=partial(_namespaces, DEFAULT))

    @classmethod
    def within(cls, limits: Limits) -> ServerEntry:
        """An empty one."""
        return cls(query=Evidence(limits), headers=_tallies(limits), cookies=_tallies(limits), namespaces=_namespaces(limits))

    @property
    def parts(self) -> tuple[Evidence, Bounded[str, Count], Bounded[str, Count], Bounded[str, Namespace]]:
        """See `infer.budget`."""
        return (self.query, self.headers, self.cookies, self.namespaces)

    def add(self, observation: Observation) -> None:
        """Count one observation."""
        self.count += 1
        self.sessions.add(observation.session)
        if isinstance(observation, Handshake):
            self._open(observation)
            return
        namespace = self.namespaces.at(observation.namespace)
        if namespace is not None:
            namespace.add(observation)

    def merge(self, other: ServerEntry) -> None:
        """Take the other's observations in."""
        self.count += other.count
        self.sessions.merge(other.sessions)
        self.protocols += other.protocols
        self.transports += other.transports
        self.parsers += other.parsers
        self.query.merge(other.query)
        self.headers.merge(other.headers)
        self.cookies.merge(other.cookies)
        self.authorization += other.authorization
        self.namespaces.merge(other.namespaces)

    def _open(self, handshake: Handshake) -> None:
        self.protocols[str(handshake.protocol)] += 1
        self.transports[handshake.transport.value] += 1
        self.parsers[handshake.parser] += 1
        self.query.add(dict(handshake.query), handshake.session)
        _tally(self.headers, {name for name, _ in handshake.headers})
        for name, value in handshake.headers:
            if name == "cookie":
                _tally(self.cookies, {pair.partition("=")[0].strip() for pair in value.split(";") if "=" in pair})
            elif name == "authorization":
                scheme = value.partition(" ")[0].lower()
                self.authorization[scheme if scheme in AUTHORIZATION_SCHEMES else "other"] += 1


class Catalog:
    """Everything that was observed. See the module for its law."""

    __slots__ = ("_limits", "_watch", "diagnostics", "servers")

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or DEFAULT
        self._watch = watch_of(self._limits)
        self.servers = _servers(self._limits)
        self.diagnostics: Counter[str] = Counter()
        """Diagnostics by code: what stands behind the catalog but could not be read."""

    def add(self, observation: Observation) -> None:
        """Count one observation."""
        self.heed()
        entry = self.servers.at(observation.server)
        if entry is not None:
            entry.add(observation)

    def merge(self, other: Catalog) -> None:
        """Take the other's observations in; the other may not be used any further, parts of it are taken as they are."""
        self.diagnostics += other.diagnostics
        self.servers.merge(other.servers)
        self.heed()

    def heed(self) -> None:
        """Come back within the limits if enough was made since the last time that it may be beyond: see `infer.budget`.

        To be called between observations, wherever they come from.
        """
        if self._watch.is_over:
            self.hold()

    def hold(self) -> None:
        """Bring all within the limits, to be done before it is read."""
        hold(self.servers, self._limits)
        self._watch.begin()

    def select(self, wanted: Filter, *, admin_ui: bool = True) -> None:
        """Drop what the filter does not want, and the admin UI's namespace where `admin_ui` is false."""
        self.hold()  # as it was observed: what is dropped must not leave more to the rest in one way of reading than in another
        self.servers.keep(wanted.wants_server)
        for server in self.servers.values():
            spaces = {
                name
                for name, namespace in server.namespaces.items()
                if wanted.wants_namespace(name) and (admin_ui or not namespace.is_admin_ui)
            }
            server.namespaces.keep(spaces.__contains__)
            for namespace in server.namespaces.values():
                namespace.events.keep(lambda key: wanted.wants_event(key[1]))

    def shows(self, wanted: Filter) -> bool:
        """Whether there is anything of what is wanted: an event, or a connect where no events in particular are."""
        return bool(self.events) or (not wanted.events and any(namespace.connects for namespace in self.namespaces))

    @property
    def events(self) -> int:
        """How many kinds of event there are, over all servers, namespaces and directions."""
        return sum(len(namespace.events) for namespace in self.namespaces)

    @property
    def namespaces(self) -> list[Namespace]:
        """All namespaces of all servers."""
        return [namespace for server in self.servers.values() for namespace in server.namespaces.values()]

    def as_of_one_server(self) -> ServerEntry:
        """What was observed of all servers, as of one."""
        every = ServerEntry.within(self._limits)
        for entry in self.servers.values():
            every.merge(deepcopy(entry))
        return every

    @property
    def sessions(self) -> Sources:
        """The sessions of all servers."""
        sessions = Sources()
        for server in self.servers.values():
            sessions.merge(server.sessions)
        return sessions

    def to_asyncapi(self, options: DocumentOptions | None = None) -> dict[str, Any]:
        """The AsyncAPI document of what was observed, as plain data. Errors: `SpecError`."""
        from infer.asyncapi import DocumentOptions, document

        return document(self, options or DocumentOptions())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Catalog):
            return False
        self.hold()
        other.hold()
        return (self.diagnostics, self.servers) == (other.diagnostics, other.servers)

    __hash__ = None  # type: ignore[assignment]


def _tally(tallies: Bounded[str, Count], names: Iterable[str]) -> None:
    for name in names:
        tally = tallies.at(name)
        if tally is not None:
            tally.count += 1
