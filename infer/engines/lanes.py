"""The short way of what is like many before: from a message's text to the evidence of its event at once.

The general way makes a packet, pairs acknowledgements, makes an observation, and looks its place up in the catalog. For
an event without acknowledgement all of that is known once there was one like it: new are its time, its size and its
arguments, and those of one name in a run of messages are taken in together. So are events whose acknowledgement comes
in the same run. One whose does not waits as a packet like any other, but its arguments are no more than decoded by the
mould that will take them in; when its acknowledgement comes, both go to their evidence.

The law: what was taken here leaves the catalog as if it had gone the general way. What needs more than its evidence to be
counted goes that way: the first of its kind, a session's handshake, a refusal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from typing import Any, Final

import msgspec
import orjson

from infer.bounded import Bounded
from infer.catalog import EventEntry, Namespace, ServerEntry
from infer.engines.result import Result
from infer.filters import Filter
from infer.limits import Limits
from infer.model import OTHER, Direction, Frame, Observation, Server
from infer.rejection import is_rejection
from infer.schema import Payload
from infer.templates import public
from infer.wire import Correlator, Session
from infer.wire.correlator import AckKey
from infer.wire.parsers import RESERVED
from infer.wire.quick import may_end_in_offset, packet_of

_MOST: Final = 4_096
"""Lanes of a server."""
_SERVERS: Final = 16
"""Servers whose lanes are kept."""
_DIGITS: Final = "0123456789"
_LONGEST_ID: Final = 18


class _Lane:
    """The place of an event in a catalog, with all that it stands in."""

    __slots__ = (
        "begin", "changes", "entry", "events", "name", "namespace", "namespaces", "owner", "server", "servers", "session", "space"
    )  # fmt: skip

    def __init__(
        self, name: str, space: str, entry: EventEntry, namespace: Namespace, server: ServerEntry,
        servers: Bounded[Server, ServerEntry], owner: object,
    ) -> None:  # fmt: skip
        self.name = name
        self.space = space
        self.begin = 2 if space == "/" else 3 + len(space)
        """Where in a message without id its list begins."""
        self.entry = entry
        self.namespace = namespace
        self.server = server
        self.session = -1
        self.owner = owner
        """What stands for the lanes that opened it: a packet that waits leads here, and the collector of garbage does not see
        into packets, so from here nothing may lead back to who waits."""
        self.servers = servers
        self.namespaces = server.namespaces
        self.events = namespace.events
        self.changes = self.servers.changes + self.namespaces.changes + self.events.changes
        """What these sum up to as long as all that the lane leads to is in the catalog."""

    @property
    def is_open(self) -> bool:
        """Whether all that it leads to is in the catalog."""
        return self.servers.changes + self.namespaces.changes + self.events.changes == self.changes

    def turn_to(self, session: int) -> None:
        """What follows was seen in that session."""
        self.session = session
        for place in (self.entry, self.namespace, self.server):
            place.sessions.add(session)


class _Asked(Payload):
    """The arguments of an event that waits for its acknowledgement."""

    __slots__ = ("lane",)
    lane: _Lane


class _Call(msgspec.Struct, eq=False, gc=False):
    """An event of a run that asks for an acknowledgement."""

    lane: _Lane
    frame: Frame
    begin: int
    """Where in the message its list begins; `answer` likewise in that of the acknowledgement."""
    digits: str
    ack: Frame | None = None
    answer: int = 0


class _Calls:
    """Those of a run."""

    __slots__ = ("by_key", "size", "unanswered")

    def __init__(self) -> None:
        self.by_key: dict[AckKey, _Call] = {}
        self.unanswered = 0
        self.size = 0
        """Characters of all."""


_Places = dict[str, _Lane]
"""By how a message begins, from its namespace to the end of its event's name, without the id."""


class Lanes:
    """See the module. What is taken counts in the result, too; `add` takes observations in that others must make room for."""

    def __init__(
        self,
        result: Result,
        wanted: Filter,
        correlator: Correlator,
        add: Callable[[Iterable[Observation]], None],
        limits: Limits,
    ) -> None:
        self._result = result
        self._catalog = result.catalog
        self._servers = result.catalog.servers
        self._owner = object()
        self._wanted = wanted
        self._correlator = correlator
        self._add = add
        self._limits = limits
        self._session: Session | None = None
        self._of_servers: dict[Server, tuple[_Places, _Places]] = {}
        self._c2s: _Places = {}
        self._s2c: _Places = {}

    def take(self, session: Session, run: Sequence[Frame], at: int) -> tuple[int, Sequence[Frame]]:
        """Take in messages for which there are lanes. See `infer.wire.quick.Shortcut`."""
        self._catalog.heed()
        if session is not self._session:
            self._turn_to(session)
        correlator = self._correlator
        if not ((session.announced and session is correlator.latest) or correlator.may_turn_to(session)):
            return self._first(session, run[at])
        number, left = self._together(session, run, at) if len(run) - at > 1 else (1, () if self._alone(session, run[at]) else run[at:])
        if len(left) < number and session is not correlator.latest:  # what is left may turn out to be no packet
            correlator.turn_to(session)
        return number, left

    def _first(self, session: Session, frame: Frame) -> tuple[int, Sequence[Frame]]:
        """Take in the first message of a session, whose handshake is given out with it."""
        if not self._correlator.follows(session) or not self._alone(session, frame):
            return 1, (frame,)
        self._add(self._correlator.open(session))
        return 1, ()

    def _alone(self, session: Session, frame: Frame) -> bool | None:
        """Take in one message; whether that could be done."""
        text: Any = frame.data
        begin = text.find("[", 2)
        digits = text[2:begin]
        space = digits.rstrip(_DIGITS)
        digits = digits[len(space) :]
        if begin < 0 or text[-1] != "]":
            return False
        if text[1] == "3":
            return self._ack(session, frame, text, begin, space, digits, None)
        lanes = self._s2c if frame.direction is Direction.S2C else self._c2s
        key = space + text[begin : text.find('"', begin + 2)]
        lane = lanes.get(key)
        if lane is None or not lane.is_open:
            lane = self._open(lanes, key, session, frame.direction, space, text, begin)
            if lane is None:
                return False
        if digits:
            return self._call(session, frame, lane, text, begin, digits, None)
        return self._pour_one(session, lane, frame)

    def _together(self, session: Session, run: Sequence[Frame], at: int) -> tuple[int, Sequence[Frame]]:
        """Take in many.

        Events without acknowledgement are put to their lanes, and taken in lane by lane: their order does not matter. That of
        calls and answers does: where one of them is left, those behind it wait.
        """
        left: list[Frame] = []
        events: tuple[dict[str, tuple[_Lane, list[Frame]]], ...] = {}, {}
        calls = _Calls()
        lanes_of = self._c2s, self._s2c
        number = at
        for frame in run[at:] if at else run:
            number += 1
            text: Any = frame.data
            begin, space, digits = 2, "", ""
            if text[2:3] != "[":
                begin = text.find("[", 2)
                if begin < 0:
                    left.append(frame)
                    break
                digits = text[2:begin]
                space = digits.rstrip(_DIGITS)
                digits = digits[len(space) :]
                if space and space[-1] != ",":  # it may be a call: the bracket is one of its namespace
                    left.append(frame)
                    break
            if text[1] == "3":
                taken: bool | None = self._ack(session, frame, text, begin, space, digits, calls)
            else:
                side = frame.direction is Direction.S2C
                key = space + text[begin : text.find('"', begin + 2)]
                known = None if digits else events[side].get(key)
                if known is not None and text[-1] == "]":
                    known[1].append(frame)
                    continue
                lanes = lanes_of[side]
                lane = lanes.get(key)
                if lane is None or not lane.is_open:
                    lane = self._open(lanes, key, session, frame.direction, space, text, begin)
                if not digits:
                    if lane is not None and text[-1] == "]":
                        events[side][key] = lane, [frame]
                    else:
                        left.append(frame)
                    continue
                taken = lane is not None and self._call(session, frame, lane, text, begin, digits, calls)
            if taken is None:
                number -= 1
                break
            if not taken:
                left.append(frame)
                break
        left += self._pour_all(session, (*events[0].values(), *events[1].values()))
        if calls.by_key:
            left += self._pass(session, calls.by_key.values())
        return number - at, left if len(left) < 2 else _in_order(left, run)

    def _call(self, session: Session, frame: Frame, lane: _Lane, text: str, begin: int, digits: str, calls: _Calls | None) -> bool | None:
        """Put an event that asks for an acknowledgement to the calls, or let it wait; None where those must be seen to before."""
        if len(digits) > _LONGEST_ID or text[-1] != "]" or (number := int(digits)) > self._limits.ack_id:
            return False
        if calls is None:
            return self._ask(session, frame, lane, text, begin, digits)
        key = lane.space, frame.direction, number
        if key not in calls.by_key and self._correlator.may_pass(session, key, calls.unanswered, calls.size + len(text)):
            calls.by_key[key] = _Call(lane, frame, begin, digits)
            calls.unanswered += 1
            calls.size += len(text)
            return True
        return None if calls.by_key else self._ask(session, frame, lane, text, begin, digits)

    def _ack(self, session: Session, frame: Frame, text: str, begin: int, space: str, digits: str, calls: _Calls | None) -> bool:
        """Put an acknowledgement to its call, or take it in with the event that waits for it."""
        if not digits or len(digits) > _LONGEST_ID:
            return False
        if calls is not None and text[-1] == "]":
            call = calls.by_key.get((space[:-1] or "/", OTHER[frame.direction], int(digits)))
            if call is not None and call.ack is None:
                call.ack, call.answer = frame, begin
                calls.unanswered -= 1
                return True
        return self._answer(session, frame, text, begin, space, digits)

    def _pass(self, session: Session, calls: Iterable[_Call]) -> list[Frame]:
        """Take calls in, those that were answered in the same run lane by lane; those that are left.

        No two are of one key, so each may go its own way.
        """
        left: list[Frame] = []
        answered: dict[_Lane, list[_Call]] = {}
        alone: list[_Call] = []
        for call in calls:
            if call.ack is None:
                alone.append(call)
                continue
            answered.setdefault(call.lane, []).append(call)
        for lane, together in answered.items():
            alone += self._pour_calls(session, lane, together, left)
        for call in alone:
            text: Any = call.frame.data
            answer: Any = None if call.ack is None else call.ack.data
            if not self._ask(session, call.frame, call.lane, text, call.begin, call.digits):
                left += (call.frame, call.ack) if call.ack is not None else (call.frame,)
            elif call.ack is not None and not self._answer(session, call.ack, answer, call.answer, text[2 : call.begin - len(call.digits)], call.digits):
                left.append(call.ack)
        return left

    def _pour_calls(self, session: Session, lane: _Lane, calls: list[_Call], left: list[Frame]) -> list[_Call]:
        """Take calls of a lane in with their acknowledgements, but for refusals, which are `left`; those for which it was too much."""
        if not lane.is_open:
            return calls
        taken: list[_Call] = []
        asked: list[Frame] = []
        answered: list[Frame] = []
        answers: list[str] = []
        for call in calls:
            ack = call.ack
            assert ack is not None
            answer: Any = ack.data[call.answer :]
            try:
                refused = is_rejection(orjson.loads(answer))
            except ValueError:
                refused = True
            if refused:
                left += (call.frame, ack)
                continue
            taken.append(call)
            asked.append(call.frame)
            answered.append(ack)
            answers.append(answer)
        texts: list[Any] = [call.frame.data[call.begin :] for call in taken]
        if not taken or not lane.entry.add_calls(lane.name, texts, answers, asked, answered, session.id):
            return taken
        self._counted(lane, session.id, len(taken))
        return []

    def _pour_all(self, session: Session, events: Iterable[tuple[_Lane, list[Frame]]]) -> list[Frame]:
        """Take events in lane by lane; those that are left."""
        left: list[Frame] = []
        for lane, frames in events:
            if not lane.is_open:
                left += frames
            elif len(frames) > 1:
                left += self._pour(session, lane, frames)
            elif not self._pour_one(session, lane, frames[0]):
                left += frames
        return left

    def _pour(self, session: Session, lane: _Lane, frames: list[Frame]) -> list[Frame]:
        """Take events of a lane in; those that are left."""
        begin = lane.begin
        texts: list[Any] = [frame.data[begin:] for frame in frames]
        offset = may_end_in_offset(session, lane.space, frames[0].direction)
        left = lane.entry.add_texts(lane.name, texts, frames, session.id, offset=offset)
        if len(left) < len(frames):
            self._counted(lane, session.id, len(frames) - len(left))
        return [frames[number] for number in left]

    def _pour_one(self, session: Session, lane: _Lane, frame: Frame) -> bool:
        """Take an event of a lane in; whether that could be done."""
        text: Any = frame.data
        offset = may_end_in_offset(session, lane.space, frame.direction)
        if not lane.entry.add_text(lane.name, text[lane.begin :], frame, session.id, offset=offset):
            return False
        self._counted(lane, session.id, 1)
        return True

    def _turn_to(self, session: Session) -> None:
        """Have the lanes of that session's server."""
        if self._session is None or session.server != self._session.server:
            if len(self._of_servers) >= _SERVERS and session.server not in self._of_servers:
                self._of_servers.clear()
            self._c2s, self._s2c = self._of_servers.setdefault(session.server, ({}, {}))
        self._session = session

    def _open(
        self, lanes: _Places, key: str, session: Session, direction: Direction, space: str, text: str, begin: int
    ) -> _Lane | None:
        """Make the lane of events in that namespace (as it stands before the list at `begin`), where one was counted before."""
        end = text.find('"', begin + 2)
        if text[begin + 1 : begin + 2] != '"' or text[end + 1 : end + 2] not in (",", "]"):
            return None
        try:
            name = json.loads(text[begin + 1 : end + 1])
        except ValueError:  # the quote is an escaped one
            return None
        namespace = space[:-1] or "/"
        if (space and (space[0] != "/" or space.find(",") != len(space) - 1 or "?" in space)) or name in RESERVED:
            return None
        wanted = self._wanted
        if public(name) != name or public(namespace) != namespace or not wanted.wants_server(session.server):
            return None
        if not (wanted.wants_namespace(namespace) and wanted.wants_event(name)):
            return None
        server = self._servers.entries.get(session.server)
        room = None if server is None else server.namespaces.entries.get(namespace)
        entry = None if room is None else room.events.entries.get((direction.value, name))
        if server is None or room is None or entry is None or len(self._c2s) + len(self._s2c) >= _MOST:
            return None
        made = lanes[key] = _Lane(name, namespace, entry, room, server, self._servers, self._owner)
        return made

    def _ask(self, session: Session, frame: Frame, lane: _Lane, text: str, begin: int, digits: str) -> bool:
        """Let an event wait for its acknowledgement."""
        number = int(digits)
        args = lane.entry.args.payload(text[begin:], lane.name, _Asked)
        if args is None:
            return False
        args.lane = lane
        made = self._correlator.feed(packet_of(session, frame, lane.space, lane.name, args, number, len(text) - 1))
        if made:
            self._add(made)
        return True

    def _answer(self, session: Session, frame: Frame, text: str, begin: int, space: str, digits: str) -> bool:
        """Take an acknowledgement in with the event that waits for it."""
        key = (space[:-1] or "/", OTHER[frame.direction], int(digits))
        event = self._correlator.asked(session, key)
        args = None if event is None else event.args
        if event is None or type(args) is not _Asked:
            return False
        lane = args.lane
        if lane.owner is not self._owner:  # it leads to the catalog, or was opened by the filter, that there was before
            return False
        if not lane.is_open:
            return False
        answer = text[begin:]
        try:
            refused = is_rejection(orjson.loads(answer))
        except ValueError:
            return False
        if refused or not self._correlator.turn_to(session):
            return False
        if not lane.entry.add_answered(args, answer, session.id, event.size, event.time, frame.time):
            return False
        self._correlator.answered(session, key)
        self._counted(lane, session.id, 1)
        return True

    def _counted(self, lane: _Lane, session: int, number: int) -> None:
        """Count what the lane's event has taken in wherever else it counts."""
        if session != lane.session:
            lane.turn_to(session)
        lane.namespace.count += number
        lane.server.count += number
        self._result.observations += number


def _in_order(frames: list[Frame], run: Sequence[Frame]) -> list[Frame]:
    """These frames of the run, in its order."""
    wanted = set(map(id, frames))
    return list(compress(run, map(wanted.__contains__, map(id, run))))
