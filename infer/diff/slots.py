"""The arguments of one event, of one acknowledgement, or one value of a handshake, held to what is declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import jsonschema_rs
import msgspec

from infer.asyncapi.contract import Signature
from infer.asyncapi.references import Place
from infer.asyncapi.schemas import Schema
from infer.diff.checker import Checker, compiled, everywhere, textual
from infer.diff.cover import Cover
from infer.diff.coverage import Coverage, Part
from infer.diff.explain import Mismatch, Step, mismatches, pointer, shape
from infer.diff.finding import KEPT, Evidence, Finding
from infer.diff.ledger import Ledger, evidence
from infer.diff.rules import rule_of
from infer.model import ABSENT, Direction, Json, Observation
from infer.schema.keys import form_of, is_identifier

DATA: Final = "*"
"""Stands for the name of a property that looks like data."""
_PATIENCE: Final = 2
"""Looks in vain before the narrow schema is made again: making it costs as much as these."""


class Slots:
    """Takes lists of arguments; most cost one look, see `infer.diff.cover`.

    What is declared is a signature, or the schema of a single value, which comes as a list of one.
    """

    def __init__(
        self, checker: Checker, ledger: Ledger, about: Finding, travels: Direction, declared: Signature | Schema
    ) -> None:
        self.count = 0
        self.lines: list[Coverage] = []
        """Of the coverage tree."""
        self._checker = checker
        self._ledger = ledger
        self._about = about
        self._travels = travels
        self._single = isinstance(declared, Schema)
        self._cover = Cover(checker)
        self._longest = 0
        if isinstance(declared, Schema):
            self._schema = Schema({"type": "array", "prefixItems": [declared]}, declared.place)
            holder = Coverage(Part.ARGUMENT, "")
            self._cover.declare(declared, holder)
            self.lines = holder.children
        else:
            self._schema = declared.schema()
            for index, slot in enumerate(declared.merged().slots):
                line = Coverage(Part.ARGUMENT, f"{about.slot}[{index}]")
                self._cover.declare(slot.schema, line)
                self.lines.append(line)
        self._valid = checker.validator(self._schema)
        self._quiet: jsonschema_rs.Draft202012Validator | None = None
        self._quiet_version = 0
        self._calm = 0
        """Looks in vain since there was something new."""
        self._exact = self._cover.is_exact(self._schema)
        self._unknown = [(part, name) for part in everywhere(self._schema, checker.contract) for name in part.unknown]
        self._first: list[Evidence] = []

    def add(self, args: Sequence[Json], observation: Observation) -> None:
        """Hold one list to what is declared."""
        self.count += 1
        args = args if isinstance(args, list) else list(args)  # to validators no other sequence is an array
        if self._quiet is not None and len(args) <= self._longest and not self._unknown:
            try:
                if self._quiet.is_valid(args) and (self._exact or self._valid.is_valid(args)):
                    return
            except ValueError:  # it holds bytes
                plain = textual(args)
                if self._quiet.is_valid(plain) and self._valid.is_valid(plain):
                    return
        self._look(textual(args), observation)

    def hidden(self) -> Iterator[Finding]:
        """What could not be checked of values that were seen, because its keyword is not understood."""
        for part, keyword in self._unknown if self.count else ():
            words = f"the keyword {keyword} is not understood: what it demands was not checked"
            rule = rule_of("unknown-keyword", self._travels)
            yield msgspec.structs.replace(
                self._about, rule=rule, level=rule.level, message=words, detail=keyword, base=part.place,
                path=part.place.pointer.lstrip("/"), count=self.count, evidence=tuple(self._first),
            )  # fmt: skip

    def _look(self, args: list[Json], observation: Observation) -> None:
        if self._unknown and len(self._first) < KEPT:
            self._first.append(evidence(observation))
        before = self._cover.version
        for line in self.lines[: len(args)] if not self._single else ():
            line.seen += not line.seen
        self._longest = max(self._longest, len(args))
        calm = True
        if not self._valid.is_valid(args):
            calm = False
            told: set[tuple[str, tuple[Step, ...], str]] = set()
            for mismatch in mismatches(self._checker, self._schema, args):
                key = (mismatch.kind, mismatch.path, mismatch.detail)
                if key not in told:  # once an observation, though many items may have it
                    told.add(key)
                    self._note(mismatch, args, observation)
        extras: set[tuple[tuple[Step, ...], str]] = set()
        for extra in self._cover.visit(self._schema, args):
            calm = False
            name = DATA if is_data(extra.name) else extra.name
            if (extra.path, name) in extras:
                continue
            extras.add((extra.path, name))
            words = "the property is not declared"
            self._record("undeclared-property", extra.path, extra.name, words, extra.place, extra.instance, extra.value, observation)
        if calm and before == self._cover.version and before != self._quiet_version:
            self._calm += 1
            if self._calm > (self._quiet is not None) * _PATIENCE:
                self._quiet = compiled(*self._cover.quiet(self._schema), guarded=False)
                self._quiet_version, self._calm = before, 0

    def _note(self, mismatch: Mismatch, args: list[Json], observation: Observation) -> None:
        kind, path, instance, value = mismatch.kind, mismatch.path, mismatch.instance, mismatch.value
        if not instance and kind == "bound-mismatch" and mismatch.detail in {"minItems", "maxItems"}:
            few = mismatch.detail == "minItems"
            words = f"{len(args)} argument{'' if len(args) == 1 else 's'}, {'fewer than are required' if few else 'more than are declared'}"
            rest = args if few else args[len(self.lines) :]
            self._record("too-few-args" if few else "too-many-args", (), "", words, mismatch.place, (), rest, observation)
            return
        self._record(kind, path, mismatch.detail, mismatch.words, mismatch.place, instance, value, observation)

    def _record(
        self,
        kind: str,
        path: tuple[Step, ...],
        detail: str,
        words: str,
        place: Place,
        instance: tuple[Step, ...],
        value: Any,
        observation: Observation,
    ) -> None:
        if kind in {"undeclared-property", "unexpected-property"}:
            words = f"{words}: {detail[:80]}" if not is_data(detail) else f"{words}; its name looks like data"
            detail, instance = (detail, instance) if not is_data(detail) else (DATA, instance[:-1])
        slot = self._about.slot or ""
        if not self._single and instance:
            slot = f"{slot}[{instance[0]}]"
        inner = _within(path)
        rule = rule_of(kind, self._travels)
        finding = msgspec.structs.replace(
            self._about,
            rule=rule,
            level=rule.level,
            message=words,
            slot=slot,
            path=pointer(inner),
            detail=detail,
            base=place,
            shape=None if value is ABSENT else shape(value),
            instance="".join(f"/{step}" for step in pointer(_shown(instance[1:])).split("/") if step),
        )
        self._ledger.note(finding, observation, value)


def _within(path: tuple[Step, ...]) -> tuple[Step, ...]:
    """The path from the argument's schema on, without what leads from the list to the argument."""
    at = 2 if path[:1] in {("anyOf",), ("oneOf",)} and "prefixItems" in path[2:3] else 0
    if path[at : at + 1] == ("prefixItems",):
        return path[at + 2 :]
    return path[at + 1 :] if path[at : at + 1] == ("items",) else path[at:]


def _shown(instance: Sequence[Step]) -> tuple[Step, ...]:
    """The steps into a value, with names that look like data hidden."""
    return tuple(DATA if isinstance(step, str) and is_data(step) else step for step in instance)


def is_data(name: str) -> bool:
    """Whether a property's name looks like an id or any other value, rather than like a name that a programmer gave."""
    return form_of(name) is not None or not is_identifier(name)
