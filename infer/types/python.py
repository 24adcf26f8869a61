"""A contract to a Python module: models, what each event carries, and typed `emit`, `call` and `on`.

For each namespace there is a class for its client and one for its server, around python-socketio's. They encode what is
sent and decode what arrives, and their methods are overloaded by the event's name, so that a type checker knows each
event's arguments and acknowledgement. The module needs the models' library and nothing of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from string import Template
from typing import Final

import msgspec

from infer.asyncapi.contract import ArgList, Contract, Namespace, Signature
from infer.model import Direction
from infer.types.models import RESERVED, Library, Models
from infer.types.names import Names
from infer.types.notes import Say, unheard, untyped

_HEADER: Final = '''"""Types of a Socket.IO API, made by sio-infer: what is changed here is lost when they are made again."""'''
_IMPORTS: Final = ("collections.abc.Awaitable", "collections.abc.Callable", "collections.abc.Sequence", "functools.cache", "typing.Any",
                   "typing.Final", "typing.Literal", "typing.overload")  # fmt: skip
_LIBRARY_IMPORTS: Final[dict[Library, tuple[str, ...]]] = {
    "msgspec": ("msgspec.ValidationError", "msgspec.convert", "msgspec.to_builtins"),
    "pydantic": ("pydantic.TypeAdapter", "pydantic.ValidationError"),
}
_CODECS: Final[dict[Library, str]] = {
    "msgspec": """
def _decoded(value: Any, kind: Any) -> Any:
    return convert(value, kind)


def _encoded(value: Any) -> Any:
    return _listed(to_builtins(value, builtin_types=(bytes, bytearray)))
""",
    "pydantic": """
@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _decoded(value: Any, kind: Any) -> Any:
    return _adapter(kind).validate_python(value)


def _encoded(value: Any) -> Any:
    return _listed(_adapter(Any).dump_python(value, by_alias=True, exclude_unset=True))
""",
}

_COMMON: Final = Template('''

Types = list[tuple[tuple[Any, ...], Any]]
"""Lists of arguments that there may be: the types of the first ones, and that of any further ones (None: there are none)."""

ARGS: Final[dict[tuple[str, str, str], Types]] = {
$args}
"""Types of each event's arguments, by namespace, direction (c2s: client to server) and name."""

ACKS: Final[dict[tuple[str, str, str], Types]] = {
$acks}
"""Types of each acknowledgement's arguments, by its event."""

AUTH: Final[dict[str, Any]] = {
$auth}
"""Types of what clients connect with, by namespace."""


def decode(values: Sequence[Any], types: Types) -> tuple[Any, ...]:
    """Values as they arrived to values of these types. Errors: ValidationError, or ValueError for a wrong number."""
    wrong: Exception = ValueError(f"{len(values)} arguments are none of the numbers that there may be")
    for fixed, more in types:
        if len(values) == len(fixed) or (more is not None and len(values) > len(fixed)):
            kinds = [*fixed, *[more] * (len(values) - len(fixed))]
            try:
                return tuple(_decoded(value, kind) for value, kind in zip(values, kinds))
            except ValidationError as error:
                wrong = error
    raise wrong


def encode(values: Sequence[Any]) -> tuple[Any, ...]:
    """Values of the models to what python-socketio sends."""
    return tuple(_encoded(value) for value in values)


$codec

def _listed(value: Any) -> Any:
    """Tuples as lists: python-socketio takes a tuple for several arguments."""
    if isinstance(value, list | tuple):
        return [_listed(item) for item in value]
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return value


def _packed(value: Any, types: Types) -> Any:
    """What a handler gave as the arguments of its acknowledgement."""
    if all(not fixed and more is None for fixed, more in types):
        return None
    return encode((value,) if _is_single(types) else value)


def _unpacked(value: Any, types: Types) -> Any:
    """What `call` gave, decoded."""
    if all(not fixed and more is None for fixed, more in types):
        return None
    if _is_single(types):
        return decode((value,), types)[0]
    if value is None and any(not fixed for fixed, _ in types):
        return ()  # python-socketio's word for no argument
    return decode(value if isinstance(value, tuple) else (value,), types)


def _is_single(types: Types) -> bool:
    return all(len(fixed) == 1 and more is None for fixed, more in types)


class _Socket:
    """What clients and servers share: `sio` is python-socketio's own.

    Where the namespace's name stands for many (`/tenant-{id}`), `namespace` says which one it is.
    """

    namespace: str
    _sends: str
    _hears: str
    _before: int
    """Arguments of a handler that come before the event's: the session id, on a server."""

    def __init__(self, sio: Any, namespace: str | None = None) -> None:
        self.sio = sio
        self._name = self.namespace if namespace is None else namespace

    ${async_}def _emit(self, event: str, args: Sequence[Any], callback: Callable[..., object] | None, **options: Any) -> None:
        types = ACKS.get((self.namespace, self._sends, event), [])
        answered = None if callback is None else lambda *values: callback(*decode(values, types))
        ${await_}self.sio.emit(event, encode(args), namespace=self._name, callback=answered, **options)

    ${async_}def _call(self, event: str, args: Sequence[Any], **options: Any) -> Any:
        answer = ${await_}self.sio.call(event, encode(args), namespace=self._name, **options)
        return _unpacked(answer, ACKS[self.namespace, self._sends, event])

    def _on(self, event: str) -> Callable[[Any], Any]:
        key = (self.namespace, self._hears, event)

        def register(handler: Any) -> Any:
            ${async_}def handle(*values: Any) -> Any:
                answer = ${await_}handler(*values[: self._before], *decode(values[self._before :], ARGS[key]))
                return _packed(answer, ACKS[key]) if key in ACKS else None

            self.sio.on(event, handle, namespace=self._name)
            return handler

        return register
''')

NO_METHODS: Final = "has no typed methods, as Python has no type for such names: decode its arguments by ARGS"
"""Of an event whose name stands for many."""

_CLASS: Final = Template('''

class $name(_Socket):
    """$doc"""

    namespace = $namespace
    _sends, _hears, _before = "$sends", "$hears", $before
$methods''')


class _Side(msgspec.Struct, frozen=True):
    """The one who uses a class."""

    name: str
    doc: str
    sends: Direction
    hears: Direction
    before: tuple[str, ...]
    """Types of a handler's arguments before the event's."""
    emit_options: str
    call_options: str


_CLIENT: Final = _Side("Client", "A client in this namespace: around a socketio.$Client.", Direction.C2S, Direction.S2C, (), "",
                       "timeout: float = 60")  # fmt: skip
_SERVER: Final = _Side("Server", "The server in this namespace: around a socketio.$Server.", Direction.S2C, Direction.C2S, ("str",),
                       "to: str | None = None", "to: str, timeout: float = 60")  # fmt: skip


def python(contract: Contract, *, models: Library = "msgspec", asyncio: bool = False, say: Say = unheard) -> str:
    """The module's text; `say` is given a line for each event that has no typed methods.

    Errors: `UsageError` where the generator of models is not installed.
    """
    names = Names(RESERVED)
    sides = (_CLIENT.name, _SERVER.name)
    prefixes = {name: "" if name == "/" else names.claim(name, "Namespace", sides) for name in contract.namespaces}
    types = Models(contract, names, models)
    signatures = {
        (space.name, event.direction, event.name): (
            _lists(event.args, types, f"{event.name} arg"),
            None if event.ack is None else _lists(event.ack, types, f"{event.name} ack"),
        )
        for space, event in contract.events()
    }
    common = _COMMON.substitute(
        args="".join(_row(key, args) for key, (args, _) in signatures.items()),
        acks="".join(_row(key, ack) for key, (_, ack) in signatures.items() if ack is not None),
        auth="".join(
            f"    {space.name!r}: {types.expression(space.auth, f'{prefixes[space.name]} auth')},\n"
            for space in contract.namespaces.values()
            if space.auth is not None
        ),
        codec=_CODECS[models].strip("\n") + "\n",
        async_="async " if asyncio else "",
        await_="await " if asyncio else "",
    )
    classes = [
        _class(space, side, prefixes[space.name], signatures, asyncio=asyncio)
        for space in contract.namespaces.values()
        for side in (_CLIENT, _SERVER)
    ]
    for _, event in contract.events():
        if event.template:
            say(untyped(event.place, f'{event.direction} "{event.name}"', NO_METHODS))
    return types.source(_HEADER, (*_IMPORTS, *_LIBRARY_IMPORTS[models]), say) + "\n" + common + "".join(classes)


class _List(msgspec.Struct, frozen=True):
    """One list of arguments: the types of the fixed ones and of any further ones (None: none)."""

    fixed: tuple[str, ...]
    more: str | None

    @property
    def parameters(self) -> str:
        """As parameters after the event's name."""
        fixed = "".join(f", arg{place}: {kind}" for place, kind in enumerate(self.fixed))
        return f"{fixed}, /" + ("" if self.more is None else f", *rest: {self.more}")

    @property
    def values(self) -> str:
        """The parameters' values as a tuple."""
        names = [f"arg{place}" for place in range(len(self.fixed))]
        return _tuple((*names, *([] if self.more is None else ["*rest"])))


_Signatures = dict[tuple[str, Direction, str], tuple[list[_List], list[_List] | None]]


def _lists(signature: Signature, types: Models, name: str) -> list[_List]:
    """The lists that a signature allows, one a length, the shortest first."""
    by_length: dict[tuple[int, bool], list[list[str]]] = {}  # types of each place, by the length and whether it is open
    for alternative in signature.alternatives:
        for fixed, more in _each(alternative, types, name):
            kinds = [*fixed, *([] if more is None else [more])]
            merged = by_length.setdefault((len(fixed), more is not None), [[] for _ in kinds])
            for place, kind in zip(merged, kinds, strict=True):
                if kind not in place:
                    place.append(kind)
    made = []
    for (length, open_), places in sorted(by_length.items(), key=lambda item: (item[0][1], item[0][0])):
        kinds = ["Any" if "Any" in place else " | ".join(place) for place in places]
        made.append(_List(tuple(kinds[:length]), kinds[length] if open_ else None))
    return made


def _each(args: ArgList, types: Models, name: str) -> Iterator[tuple[list[str], str | None]]:
    """An argument list by the number of its arguments that are there."""
    alone = len(args.slots) == 1
    kinds = [types.expression(slot.schema, name if alone else f"{name} {place}") for place, slot in enumerate(args.slots)]
    for length in range(args.required, len(kinds) + 1):
        more = types.expression(args.rest, f"{name} rest") if args.rest is not None and length == len(kinds) else None
        yield kinds[:length], more


def _row(key: tuple[str, Direction, str], lists: list[_List]) -> str:
    shown = ", ".join(f"({_tuple(each.fixed)}, {each.more})" for each in lists)
    namespace, direction, name = key
    return f"    ({namespace!r}, {direction.value!r}, {name!r}): [{shown}],\n"


def _tuple(parts: tuple[str, ...]) -> str:
    return f"({', '.join(parts)}{',' * (len(parts) == 1)})"


def _class(space: Namespace, side: _Side, prefix: str, signatures: _Signatures, *, asyncio: bool) -> str:
    def of(direction: Direction) -> list[tuple[str, list[_List], list[_List] | None]]:
        named = [(name, *found) for (at, way, name), found in signatures.items() if (at, way) == (space.name, direction)]
        return [each for each in named if not space.events[direction, each[0]].template]

    async_, await_ = ("async ", "await ") if asyncio else ("", "")
    emits, calls, ons = [], [], []
    for name, args, ack in of(side.sends):
        event = f"self, event: Literal[{name!r}]"
        for each in args:
            emits.append(_Method(f"({event}{each.parameters}{_keywords(each, side.emit_options, _callback(ack))})", "None", each))
            if ack is not None:
                calls.append(_Method(f"({event}{each.parameters}{_keywords(each, side.call_options)})", _answer(ack), each))
    for name, args, ack in of(side.hears):
        handler = _handler(args, ack, side, asyncio=asyncio)
        ons.append(_Method(f"(self, event: Literal[{name!r}], /)", f"Callable[[{handler}], {handler}]"))
    to = "to=to" if side.emit_options else ""
    methods = [
        *_overloaded(
            f"{async_}def emit",
            emits,
            "(self, event: str, /, *args: Any, callback: Callable[..., object] | None = None, **options: Any)",
            lambda args, options: f"{await_}self._emit(event, {args}, {options})",
            ("callback, **options", _listed("callback" if any("callback" in each.parameters for each in emits) else "None", to)),
        ),
        *_overloaded(
            f"{async_}def call",
            calls,
            "(self, event: str, /, *args: Any, **options: Any)",
            lambda args, options: f"{await_}self._call(event, {args}, {options})",
            ("**options", _listed(to, "timeout=timeout")),
        ),
        *_overloaded("def on", ons, "(self, event: str, /)", lambda args, options: f"self._on(event){args[:0]}{options[:0]}", ("", "")),
    ]
    return _CLASS.substitute(
        name=prefix + side.name,
        doc=side.doc.replace("$", "Async" if asyncio else ""),
        namespace=repr(space.name),
        sends=side.sends.value,
        hears=side.hears.value,
        before=len(side.before),
        methods="".join(f"\n{method}" for method in (*_untyped(space), *methods)),
    )


def _untyped(space: Namespace) -> Iterator[str]:
    """Comments on the events that a class has no methods for."""
    for event in space.events.values():
        if event.template:
            yield f"    # {event.direction} {event.name!r} {NO_METHODS}\n"


class _Method(msgspec.Struct, frozen=True):
    """A signature of a method."""

    parameters: str
    answer: str
    args: _List | None = None


def _overloaded(
    start: str, methods: list[_Method], general: str, body: Callable[[str, str], str], options: tuple[str, str]
) -> Iterator[str]:
    """A method with its overloads. A single signature is no overload: it is the method's own."""
    if len(methods) == 1:
        (method,) = methods
        values = method.args.values if method.args is not None else ""
        returned = body(values, options[1])
        if method.answer == "None":
            yield f"    {start}{method.parameters} -> None:\n        {returned}\n"
        else:
            yield f"    {start}{method.parameters} -> {method.answer}:\n        answer: {method.answer} = {returned}\n        return answer\n"
        return
    for method in methods:
        yield f"    @overload\n    {start}{method.parameters} -> {method.answer}: ...\n"
    if methods:
        yield f"    {start}{general} -> Any:\n        return {body('args', options[0])}\n"


def _listed(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _keywords(each: _List, *options: str) -> str:
    named = ", ".join(option for option in options if option)
    if not named:
        return ""
    return f", {named}" if each.more is not None else f", *, {named}"


def _callback(ack: list[_List] | None) -> str:
    if ack is None:
        return ""
    return f"callback: Callable[{_parameters(ack, ())}, object] | None = None"


def _parameters(lists: list[_List], before: tuple[str, ...]) -> str:
    """Of a callable that takes any of the lists."""
    if len(lists) == 1 and lists[0].more is None:
        return f"[{', '.join([*before, *lists[0].fixed])}]"
    return "..."


def _answer(ack: list[_List] | None) -> str:
    """The type of what an acknowledgement carries: nothing, a value, or a tuple of several."""
    if ack is None:
        return "object"
    kinds = []
    for each in ack:
        if each.more is not None:
            kinds.append("tuple[Any, ...]")
        elif len(ack) > 1 or len(each.fixed) > 1:
            kinds.append(f"tuple[{', '.join(each.fixed) or '()'}]")
        else:
            kinds.append(each.fixed[0] if each.fixed else "None")
    return " | ".join(kinds)


def _handler(args: list[_List], ack: list[_List] | None, side: _Side, *, asyncio: bool) -> str:
    answer = _answer(ack)
    return f"Callable[{_parameters(args, side.before)}, {f'Awaitable[{answer}]' if asyncio else answer}]"


