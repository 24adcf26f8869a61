"""What a team has agreed on: levels of rules, what is ignored, when a run fails. Kept beside the contract.

`sio-infer.toml`, or the table `tool.sio-infer` of `pyproject.toml`; all of it is optional:

    [diff]
    fail-on = "error"
    compat = "backward"
    min-coverage = 80
    baseline = "sio-infer-baseline.json"

    [diff.rules]
    "s2c-arg-optional-*" = "info"
    c2s-format-changed = "off"

    [[diff.ignore]]
    namespace = "/admin"
    event = "debug:*"
    reason = "for ourselves only"
    expires = 2027-01-31

A pattern is taken whole: `*` stands for any characters, `?` for one, all else for itself (`args[0]` has brackets).
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from fnmatch import translate
from functools import lru_cache
from pathlib import PurePath
from typing import Any, Final

import msgspec

from infer.diff.finding import Finding
from infer.diff.rules import RULES, Compat, Level
from infer.errors import UsageError

FILE: Final = "sio-infer.toml"
PROJECT: Final = "pyproject.toml"
_PATTERNS: Final = ("rule", "namespace", "event", "pointer")
FAIL_ON: Final = ("error", "warning", "info", "none")


class Ignore(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """Findings that do not count: those that match every pattern given, of which there is one at least."""

    rule: str | None = None
    namespace: str | None = None
    event: str | None = None
    pointer: str | None = None
    """Over the slot and the path in it, as reports print it: `args[0]/properties/name`."""
    reason: str = ""
    expires: date | None = None
    """The last day on which it holds."""

    def matches(self, finding: Finding) -> bool:
        """Whether it is about this finding."""
        return (
            (self.rule is None or _matches(self.rule, finding.rule.id))
            and (self.namespace is None or _matches(self.namespace, finding.namespace))
            and (self.event is None or _matches(self.event, finding.event))
            and (self.pointer is None or _matches(self.pointer, pointer_of(finding)))
        )

    def __str__(self) -> str:
        """Its patterns, as they are written."""
        return " ".join(f'{name}="{value}"' for name, value in self.patterns().items())

    def patterns(self) -> dict[str, str]:
        """Those that are given, by what they are of."""
        return {name: value for name in _PATTERNS if (value := getattr(self, name)) is not None}


class _Diff(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    fail_on: str | None = None
    compat: Compat | None = None
    min_coverage: float | None = None
    baseline: str | None = None
    rules: dict[str, Level] = {}
    ignore: list[Ignore] = []


class _Tables(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    diff: _Diff = msgspec.field(default_factory=_Diff)


class Config(msgspec.Struct, frozen=True):
    """What a file says of `diff`; None where it says nothing."""

    fail_on: str | None = None
    compat: Compat | None = None
    min_coverage: float | None = None
    """Per cent."""
    baseline: str | None = None
    """As written: relative to the file."""
    levels: tuple[tuple[str, Level], ...] = ()
    """Patterns of rule ids and their levels; the last that matches counts."""
    ignores: tuple[Ignore, ...] = msgspec.field(default=())

    def level_of(self, finding: Finding) -> Level:
        """The level that the finding is to have."""
        level = finding.level
        for pattern, configured in self.levels:
            if _matches(pattern, finding.rule.id):
                level = configured
        return level


def parse(text: str, name: str) -> Config | None:
    """The configuration in a file; None for a `pyproject.toml` that has none. Errors: `UsageError` with the place."""
    try:
        tables: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r" \(at line (\d+), column (\d+)\)", str(error))
        place = f"{name}:{found[1]}:{found[2]}" if found else name
        reason = str(error).partition(" (at ")[0]
        raise UsageError(f"no valid TOML: {reason}", place) from None
    if PurePath(name).name == PROJECT:
        tool = tables.get("tool", {})
        tables = tool.get("sio-infer") if isinstance(tool, dict) else None
        if tables is None:
            return None
    try:
        diff = msgspec.convert(tables, _Tables).diff
    except msgspec.ValidationError as error:
        raise UsageError(*_explained(error, name)) from None
    _check(diff, name)
    return Config(
        diff.fail_on, diff.compat, diff.min_coverage, diff.baseline, tuple(diff.rules.items()), tuple(diff.ignore)
    )


def check_patterns(patterns: Iterable[str], where: str) -> None:
    """Errors: `UsageError` for a pattern that fits no rule there is."""
    for pattern in patterns:
        if not any(_matches(pattern, rule) for rule in RULES):
            near = difflib.get_close_matches(pattern, RULES, 1)
            hint = f"did you mean {near[0]!r}?" if near else "`sio-infer rules diff` lists them"
            raise UsageError(f"no rule is called {pattern[:80]!r}", where, hint)


def pointer_of(finding: Finding) -> str:
    """The slot and the path in it: `args[0]/properties/name`."""
    return "/".join(part for part in (finding.slot, finding.path) if part)


def _check(diff: _Diff, name: str) -> None:
    if diff.fail_on is not None and diff.fail_on not in FAIL_ON:
        raise UsageError(f"fail-on = {diff.fail_on[:40]!r}", name, f"it is one of {', '.join(FAIL_ON)}")
    if diff.min_coverage is not None and not 0 <= diff.min_coverage <= 100:
        raise UsageError(f"min-coverage = {diff.min_coverage:g}", name, "it is a percentage, 0 to 100")
    check_patterns(diff.rules, f"{name} [diff.rules]")
    where = f"{name} [[diff.ignore]]"
    if not all(ignore.patterns() for ignore in diff.ignore):
        raise UsageError("an ignore without a pattern is of everything", where, f"give {', '.join(_PATTERNS)}; rule = \"*\" means all")
    check_patterns((ignore.rule for ignore in diff.ignore if ignore.rule is not None), where)


def _explained(error: msgspec.ValidationError, name: str) -> Iterator[str]:
    """Message, place and hint for what msgspec found: it names the path as `$.diff.rules[...]`."""
    message, _, path = str(error).partition(" - at `$")
    tables: dict[str, type[msgspec.Struct]] = {"": _Tables, ".diff": _Diff, ".diff.ignore[]": Ignore}
    known = tables.get(re.sub(r"\[[^]]*\]", "[]", path.rstrip("`")))
    yield message[:1].lower() + message[1:]
    yield f"{name} {path.rstrip('`').lstrip('.')}".rstrip()
    unknown = re.search(r"unknown field `([^`]*)`", message)
    if unknown and known is not None:
        fields = [each.encode_name for each in msgspec.structs.fields(known)]
        near = difflib.get_close_matches(unknown[1], fields, 1)
        yield f"did you mean {near[0]!r}?" if near else f"known: {', '.join(fields)}"
    elif path.startswith(".diff.rules"):
        yield f"levels: {', '.join(Level)}"
    elif path.startswith(".diff.compat"):
        yield f"it is one of {', '.join(Compat)}"
    elif ".expires" in path:
        yield "a day, such as 2027-01-31"


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]")))  # which tries nothing twice, whatever the asterisks; sets are not ours


def _matches(pattern: str, text: str | None) -> bool:
    return text is not None and _pattern(pattern).fullmatch(text) is not None
