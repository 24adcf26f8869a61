"""A contract to the TypeScript file that the official socket.io and socket.io-client are typed with.

`ServerToClientEvents` and `ClientToServerEvents` are the root namespace's; those of others have the namespace's name
before them, and `Namespaces` leads from the wire's names to all of them. An acknowledgement is a callback in the last
place, as Socket.IO's documentation has it; optional where it is not always asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

import msgspec
from msgspec.structs import replace

from infer.asyncapi.contract import ArgList, Contract, Event, Namespace, Signature
from infer.asyncapi.references import Place
from infer.model import Direction
from infer.types.names import Names
from infer.types.notes import Say, unheard, untyped
from infer.types.typescript import BINARY, KEYWORDS, Rank, Type, Types, braces, comment, shifted, string, union

BINARIES: Final = {
    "any": "ArrayBuffer | ArrayBufferView",
    "Buffer": "Buffer",
    "ArrayBuffer": "ArrayBuffer",
    "Uint8Array": "Uint8Array",
}
"""What stands for binary data: by default what either side may send, of which what either receives is one."""

_HEADER: Final = "/* eslint-disable */\n// Types of a Socket.IO API, made by sio-infer: what is changed here is lost when they are made again.\n"
_BINARY_NOTE: Final = (
    "Binary data. An ArrayBuffer or any view of one (Buffer, Uint8Array …) may be sent;"
    " Node receives a Buffer, a browser an ArrayBuffer."
)
_WIDTH: Final = 100
_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")
_ID: Final = "{id}"
_DATA: Final = {
    "string": r"[\s\S]*",
    "number": r"(?:[\s\ufeff]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[\s\ufeff]*|[\s\ufeff]*0[xXoObB][0-9a-fA-F]+[\s\ufeff]*|[\s\ufeff]+)",
}
"""What `${string}` and `${number}` stand for in the name of a member (a number is what `Number()` reads as one)."""
_SIDES: Final = {
    Direction.S2C: ("ServerToClientEvents", "Events that the server emits"),
    Direction.C2S: ("ClientToServerEvents", "Events that clients emit"),
}


class _Member(msgspec.Struct, frozen=True):
    """A member of an interface: a declared name, or a template, with the text of its type."""

    name: str
    template: bool
    kind: str
    what: str
    """What it is the name of, for those who are told of it."""
    place: Place
    note: str | None = None


class _Parameter(msgspec.Struct, frozen=True):
    """A parameter of a function; the text of its type."""

    name: str
    kind: str
    required: bool = True

    def __str__(self) -> str:
        return f"{self.name}{'' if self.required else '?'}: {self.kind}"


def typescript(contract: Contract, binary: str = "any", say: Say = unheard) -> str:
    """The file's text. `binary` is one of `BINARIES`; `say` is given a line for each name that cannot be typed as declared."""
    names = Names({*KEYWORDS, BINARY, "Namespaces", *(suffix for suffix, _ in _SIDES.values())})
    spaces = {"/": Namespace("/", contract.place), **contract.namespaces}
    suffixes = [suffix for suffix, _ in _SIDES.values()]
    prefixes = {name: "" if name == "/" else names.claim(name, "Namespace", suffixes) for name in spaces}
    types = Types(contract, names)
    interfaces: list[str] = []
    members: list[_Member] = []
    for name, space in spaces.items():
        for side, (suffix, note) in _SIDES.items():
            place = "" if name == "/" else f" in the namespace {name}"
            events = [event for event in space.events.values() if event.direction is side]
            lines = _lines([_member(event, types) for event in events], say)
            interfaces.append(f"{comment(f'{note}{place}.')}export interface {prefixes[name]}{suffix} {braces(lines)}")
        members.append(_Member(name, space.template, _sides(space, prefixes[name], types), "namespace", space.place))
    types.settle()
    blocks = [_HEADER, *interfaces, f"{comment('All namespaces, by their names.')}export interface Namespaces {braces(_lines(members, say))}"]
    if types.binary:
        blocks.append(f"{comment(_BINARY_NOTE)}export type {BINARY} = {BINARIES[binary]};")
    return "\n\n".join([*blocks, *types.declarations]).replace("\n\n\n", "\n\n") + "\n"


def _sides(space: Namespace, prefix: str, types: Types) -> str:
    lines = [f"serverToClient: {prefix}ServerToClientEvents;", f"clientToServer: {prefix}ClientToServerEvents;"]
    if space.auth is not None:
        lines.append(f"{comment('What a client connects with.')}auth: {types.of(space.auth).text};")
    if space.error is not None:
        lines.append(f"{comment('What a refused client is told.')}connectError: {types.of(space.error).text};")
    return braces(lines)


def _member(event: Event, types: Types) -> _Member:
    callback = None if event.ack is None else _Parameter("callback", _function(event.ack, types, None), not event.ack_optional)
    kind = _function(event.args, types, callback)
    return _Member(event.name, event.template, kind, str(event.direction), event.place, event.description)


def _lines(members: list[_Member], say: Say) -> list[str]:
    """The lines of an interface.

    A template (`room:{id}`) is an index signature, with which every member of a name that it covers must agree: beside
    one that does not, it covers numbers only, or is left out where that is not enough. Both are said, here and to `say`.
    """
    lines = []
    for member in members:
        note = comment(member.note)
        if not member.template:
            lines.append(f"{note}{string(member.name)}: {member.kind};")
            continue
        others = [other for other in members if other is not member and other.kind != member.kind]
        among_all, among_numbers = (_covered(member, others, data) for data in _DATA)
        if among_all is None:
            lines.append(f"{note}{_index(member.name, 'string')}: {member.kind};")
            continue
        line = f"\n{note}{_index(member.name, 'number')}: {member.kind};" if among_numbers is None else ""
        words = f"is {'typed for numbers only' if line else 'left out'}, as {string((among_numbers or among_all).name)} has a type of its own"
        lines.append(f"// {string(member.name)} {words}{line}")
        say(untyped(member.place, f"{member.what} {string(member.name)}", words))
    return lines


def _index(template: str, data: str) -> str:
    """An index signature for the names that a template stands for, with numbers or any text in place of ids."""
    fixed = [string(part)[1:-1].replace('\\"', '"').replace("`", "\\`").replace("$", "\\$") for part in _PLACEHOLDER.split(template)]
    kinds = [f"${{{data if found == _ID else 'string'}}}" for found in _PLACEHOLDER.findall(template)]
    return f"[name: `{''.join(part + kind for part, kind in zip_longest(fixed, kinds, fillvalue=''))}`]"


def _covered(member: _Member, others: list[_Member], data: str) -> _Member | None:
    """The first of the others that the index signature covers; a template is a name with something unheard of in it."""
    fixed = map(re.escape, _PLACEHOLDER.split(member.name))
    kinds = [_DATA[data if found == _ID else "string"] for found in _PLACEHOLDER.findall(member.name)]
    pattern = re.compile("".join(part + kind for part, kind in zip_longest(fixed, kinds, fillvalue="")))
    names = ((other, _PLACEHOLDER.sub("\0", other.name) if other.template else other.name) for other in others)
    return next((other for other, name in names if pattern.fullmatch(name)), None)


def _function(signature: Signature, types: Types, callback: _Parameter | None) -> str:
    """A function type, the callback being its last argument."""
    lists = [each for args in signature.alternatives for each in _lists(args, types, callback)]
    lists = list(dict.fromkeys(lists))
    if len(lists) == 1 and not any(each.name.startswith("...") for each in lists[0][:-1]):  # a rest parameter must be last
        return _wrapped("(", [str(each) for each in lists[0]], ") => void")
    tuples = [Type(f"[{', '.join(map(str, one))}]") for one in lists]
    return _wrapped("(", [f"...args: {union(tuples).text}"], ") => void")


def _lists(args: ArgList, types: Types, callback: _Parameter | None) -> Iterator[tuple[_Parameter, ...]]:
    """The lists of parameters that an argument list may be.

    It is one, unless a callback follows arguments that may be missing: TypeScript has no such parameter list.
    """
    count = len(args.slots)
    single = count == 1 and args.rest is None
    kinds = [types.of(slot.schema).text for slot in args.slots]
    names = ["data" if single else f"arg{place}" for place in range(count)]
    rest = () if args.rest is None else (_Parameter("...rest", f"{types.of(args.rest).within(Rank.ATOM)}[]"),)
    if callback is None:
        required = [slot.required for slot in args.slots]
        yield (*map(_Parameter, names, kinds, required), *rest)
        return
    for length in range(args.required, count + 1):
        fixed = map(_Parameter, names[:length], kinds)
        if rest and length == count and not callback.required:  # nothing optional may follow a rest
            before = (*fixed, *rest)
            yield before
            yield (*before, replace(callback, required=True))
        else:
            yield (*fixed, *(rest if length == count else ()), callback)


def _wrapped(before: str, parts: list[str], after: str) -> str:
    """Parts on one line, or on a line each where they are long."""
    line = f"{before}{', '.join(parts)}{after}"
    if len(line) <= _WIDTH or not parts or "\n" in line:
        return line
    lines = ",\n".join(f"  {shifted(part)}" for part in parts)
    comma = "" if parts[-1].startswith("...") else ","  # none may follow a rest parameter
    return f"{before}\n{lines}{comma}\n{after}"
