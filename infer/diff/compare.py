"""A contract against its revision: what changed, and whom it breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec

from infer.asyncapi.contract import ArgList, Contract, Event, Namespace, Signature, Slot
from infer.asyncapi.references import Place
from infer.asyncapi.schemas import Schema
from infer.diff.checker import Checker
from infer.diff.finding import Finding, order
from infer.diff.names import Match, events, namespaces
from infer.diff.rules import Compat, rule_of
from infer.diff.subtype import witness
from infer.diff.walk import Change, Walk
from infer.model import ABSENT, OTHER, Direction


def compare(base: Contract, revision: Contract, compat: Compat = Compat.BACKWARD) -> list[Finding]:
    """The changes from the base to the revision, worst first, each once. Errors: `SpecError` for an invalid schema."""
    return sorted(_Comparison(base, revision, compat).findings(), key=order)


class _Subject(msgspec.Struct, frozen=True):
    """What a finding is about."""

    namespace: str | None = None
    event: str | None = None
    direction: Direction | None = None
    """Of the event."""
    slot: str | None = None


class _Comparison:
    def __init__(self, base: Contract, revision: Contract, compat: Compat) -> None:
        self._base = base
        self._revision = revision
        self._compat = compat
        self._checkers = Checker(base), Checker(revision)

    def findings(self) -> Iterator[Finding]:
        """All of them, in no order."""
        yield from self._endpoints()
        spaces = Match(namespaces(self._base), namespaces(self._revision))
        for name, (old, new) in spaces.both.items():
            yield from self._namespace(name, old, new)
        for old, left in spaces.base:
            if left and old.named:
                words = f"of its names only those of {_many(left, 'namespace')} are left"
                yield self._found("namespace-names-narrowed", None, _Subject(old.name), words, old.place, None)
            elif not left:
                words = f"the namespace is gone, with {_many(len(old.events), 'event')}"
                yield self._found("namespace-removed", None, _Subject(old.name), words, old.place, None)
        for new, known in spaces.revision:
            if known and new.named:
                words = f"the namespace takes the place of {_many(known, 'namespace')}, and has further names"
                yield self._found("namespace-names-widened", None, _Subject(new.name), words, None, new.place)
            elif not known:
                words = f"the namespace is new, with {_many(len(new.events), 'event')}"
                yield self._found("namespace-added", None, _Subject(new.name), words, None, new.place)

    def _found(
        self,
        kind: str,
        travels: Direction | None,
        about: _Subject,
        words: str,
        base: Place | None,
        revision: Place | None,
        **more: Any,
    ) -> Finding:
        rule = rule_of(kind, travels)
        return Finding(
            rule,
            words,
            about.namespace,
            about.event,
            about.direction,
            about.slot,
            base=base,
            revision=revision,
            level=rule.under(self._compat),
            **more,
        )

    def _endpoints(self) -> Iterator[Finding]:
        for what, attribute in (("path", "path"), ("protocol", "protocol")):
            before, after = (
                {getattr(each, attribute): each.place for each in contract.endpoints if getattr(each, attribute) is not None}
                for contract in (self._base, self._revision)
            )
            if not before or not after:
                continue  # the one side says nothing
            noun = "path of the server" if what == "path" else "protocol version"
            for name, place in before.items():
                if name not in after:
                    words = f"the {noun} {name} is gone"
                    yield self._found(f"{what}-removed", None, _Subject(), words, place, min(after.values()), detail=name)
            for name, place in after.items():
                if name not in before:
                    words = f"the {noun} {name} is new"
                    yield self._found(f"{what}-added", None, _Subject(), words, min(before.values()), place, detail=name)

    def _namespace(self, name: str, base: Namespace, revision: Namespace) -> Iterator[Finding]:
        for direction in Direction:
            yield from self._events(name, direction, Match(events(base, direction), events(revision, direction)))
        yield from self._handshake(name, base, revision)

    def _events(self, namespace: str, direction: Direction, match: Match[Event]) -> Iterator[Finding]:
        for name, (old, new) in match.both.items():
            yield from self._event(_Subject(namespace, name, direction), old, new)
        for old, left in match.base:
            kind = "event-names-narrowed" if left else "event-removed"
            words = f"of its names only those of {_many(left, 'event')} are left" if left else "the event is gone"
            yield self._found(kind, direction, _Subject(namespace, old.name, direction), words, old.place, None)
        for new, known in match.revision:
            kind = "event-names-widened" if known else "event-added"
            words = f"the event takes the place of {_many(known, 'event')}, and has further names" if known else "the event is new"
            yield self._found(kind, direction, _Subject(namespace, new.name, direction), words, None, new.place)

    def _handshake(self, name: str, base: Namespace, revision: Namespace) -> Iterator[Finding]:
        for slot, kind, travels, old, new in (
            ("auth", "auth", Direction.C2S, base.auth, revision.auth),
            ("error", "refusal", Direction.S2C, base.error, revision.error),
            ("query", None, Direction.C2S, base.query, revision.query),
        ):
            about = _Subject(name, slot=slot)
            if old is not None and new is not None:
                yield from self._schemas(about, travels, old, new)
            elif kind is not None and new is not None:
                words = rule_of(f"{kind}-added", travels).kind.title
                yield self._found(f"{kind}-added", travels, about, words, base.place, new.place)
            elif kind is not None and old is not None:
                words = rule_of(f"{kind}-removed", travels).kind.title
                yield self._found(f"{kind}-removed", travels, about, words, old.place, revision.place)

    def _event(self, about: _Subject, base: Event, revision: Event) -> Iterator[Finding]:
        yield from self._signature(about, base.direction, "args", base.args, revision.args)
        if base.ack is not None and revision.ack is not None:
            # an acknowledgement travels opposite to its event
            yield from self._signature(about, OTHER[base.direction], "ack", base.ack, revision.ack)
        elif base.ack is not None:
            words = "the event is not acknowledged any more"
            yield self._found("ack-removed", base.direction, about, words, base.ack.place, revision.place)
        elif revision.ack is not None:
            yield self._found("ack-added", base.direction, about, "the event is acknowledged now", base.place, revision.ack.place)

    def _signature(self, about: _Subject, travels: Direction, what: str, base: Signature, revision: Signature) -> Iterator[Finding]:
        """Lists that are written alike belong together, then those of one length, then what is left in order."""
        walk = Walk(*self._checkers)
        old, new = list(base.alternatives), list(revision.alternatives)
        pairs: list[tuple[ArgList, ArgList]] = []
        for alike in (partial(_alike, walk), _of_one_length, _any):
            for first in list(old):
                second = next((second for second in new if alike(first, second)), None)
                if second is not None:
                    pairs.append((first, second))
                    old.remove(first)
                    new.remove(second)
        for first, second in pairs:
            yield from self._arguments(about, travels, what, first, second)
        slot = _Subject(about.namespace, about.event, about.direction, what)
        for gone in old:
            words = f"the variant with {_many(len(gone.slots), 'argument')} is gone"
            detail = _many(len(gone.slots), "argument")
            yield self._found("variant-removed", travels, slot, words, gone.place, revision.place, detail=detail)
        for fresh in new:
            words = f"the variant with {_many(len(fresh.slots), 'argument')} is new"
            detail = _many(len(fresh.slots), "argument")
            yield self._found("variant-added", travels, slot, words, base.place, fresh.place, detail=detail)

    def _arguments(self, about: _Subject, travels: Direction, what: str, base: ArgList, revision: ArgList) -> Iterator[Finding]:
        whole = base.schema(), revision.schema()
        for index in range(max(len(base.slots), len(revision.slots))):
            slot = _Subject(about.namespace, about.event, about.direction, f"{what}[{index}]")
            old, new = _slot(base, index), _slot(revision, index)
            if old is not None and new is not None:
                if old.required != new.required:
                    kind = "arg-became-required" if new.required else "arg-became-optional"
                    words = "the argument is required now" if new.required else "the argument is optional now"
                    yield self._argument(kind, travels, slot, words, whole, (old.schema.place, new.schema.place), index)
                yield from self._schemas(slot, travels, old.schema, new.schema)
            elif new is not None:
                kind = "required" if new.required else "optional"
                words = f"the argument is new and {kind}"
                yield self._argument(f"arg-{kind}-added", travels, slot, words, whole, (base.place, new.schema.place), index)
            elif old is not None:
                kind = "required" if old.required else "optional"
                words = f"the argument is gone; it was {kind}"
                yield self._argument(f"arg-{kind}-removed", travels, slot, words, whole, (old.schema.place, revision.place), index)
        slot = _Subject(about.namespace, about.event, about.direction, what)
        if base.rest is not None and revision.rest is not None:
            yield from self._schemas(slot, travels, base.rest, revision.rest, "items")
        elif base.rest is not None or revision.rest is not None:
            kind = "arg-optional-removed" if revision.rest is None else "arg-optional-added"
            words = f"further arguments may {'not come any more' if revision.rest is None else 'come now'}"
            most = len((revision if revision.rest is None else base).slots)
            yield self._argument(kind, travels, slot, words, whole, (base.place, revision.place), most, detail="items")

    def _argument(
        self,
        kind: str,
        travels: Direction,
        about: _Subject,
        words: str,
        whole: tuple[Schema, Schema],
        places: tuple[Place, Place],
        index: int,
        detail: str = "",
    ) -> Finding:
        """A change of the list of arguments; its witness is a list."""
        lost = gained = None
        if kind in {"arg-required-added", "arg-became-required"}:
            lost = partial(_shorter, index)
        elif kind in {"arg-required-removed", "arg-became-optional"}:
            gained = partial(_shorter, index)
        elif kind == "arg-optional-added":
            gained = partial(_longer, index)
        else:
            lost = partial(_longer, index)
        change = Change(kind, "", detail, words, *whole, lost=lost, gained=gained, places=places)
        return self._change(about, travels, change)

    def _schemas(self, about: _Subject, travels: Direction, base: Schema, revision: Schema, prefix: str = "") -> Iterator[Finding]:
        for change in Walk(*self._checkers).changes(base, revision):
            yield self._change(about, travels, change, prefix)

    def _change(self, about: _Subject, travels: Direction, change: Change, prefix: str = "") -> Finding:
        """The finding for a change, with a witness for the harm that it may do, else for what it does."""
        # what a client sends suffers from values that are refused, what it receives from values that are new
        harm_is_loss = (travels is Direction.C2S) == (self._compat is not Compat.FORWARD)
        sides = [("base", change.lost), ("revision", change.gained)]
        found: Any = ABSENT
        concerns = None
        for taken_by, concerns in sides if harm_is_loss else sides[::-1]:
            if concerns is not None:
                found = self._witness(taken_by, change, concerns)
                break
        return self._found(
            change.kind,
            travels,
            about,
            change.words,
            *(change.places or (change.base.place, change.revision.place)),
            path="/".join(part for part in (prefix, change.path) if part),
            detail=change.detail,
            concerns=concerns,
            witness=found,
            witness_taken_by=None if found is ABSENT else taken_by,
        )

    def _witness(self, taken_by: str, change: Change, concerns: Callable[[Any], bool]) -> Any:
        mine, theirs = self._checkers if taken_by == "base" else reversed(self._checkers)
        first, second = (change.base, change.revision) if taken_by == "base" else (change.revision, change.base)
        return witness(mine, first, theirs, second, concerns)


def _alike(walk: Walk, first: ArgList, second: ArgList) -> bool:
    return walk.same(first.schema(), second.schema())


def _of_one_length(first: ArgList, second: ArgList) -> bool:
    return len(first.slots) == len(second.slots)


def _any(_first: ArgList, _second: ArgList) -> bool:
    return True


def _shorter(index: int, value: Sequence[Any]) -> bool:
    return len(value) <= index


def _longer(index: int, value: Sequence[Any]) -> bool:
    return len(value) > index


def _slot(arguments: ArgList, index: int) -> Slot | None:
    """The argument at that place; further ones are optional."""
    if index < len(arguments.slots):
        return arguments.slots[index]
    return None if arguments.rest is None else Slot(arguments.rest, required=False)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
