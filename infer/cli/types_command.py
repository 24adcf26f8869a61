"""`sio-infer types`: what code is compiled against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from infer.cli import reading
from infer.cli.app import command, put, say

if TYPE_CHECKING:
    from infer.asyncapi.contract import Contract
    from infer.filters import Filter

Sources = Annotated[
    list[str],
    typer.Argument(help="One AsyncAPI document; or captures, saved states, globs, folders; - is stdin.", show_default=False),
]


@command(
    "types",
    [
        "sio-infer types asyncapi.yml -o src/events.ts",
        "sio-infer types recordings/*.har > events.ts",
        "sio-infer types asyncapi.yml --binary Buffer -o server/events.ts",
        "sio-infer types asyncapi.yml --lang python --models pydantic -o events.py",
    ],
)
def types(
    files: Sources,
    *,
    lang: Annotated[Literal["typescript", "python"], typer.Option("--lang", help="Language of the types.")] = "typescript",
    output: Annotated[str, typer.Option("-o", "--output", help="Where the types go; - is stdout.")] = "-",
    binary: Annotated[
        Literal["any", "Buffer", "ArrayBuffer", "Uint8Array"],
        typer.Option("--binary", help="TypeScript: the type of binary data; any is what either side may send."),
    ] = "any",
    models: Annotated[
        Literal["msgspec", "pydantic"], typer.Option("--models", help="Python: the library that the models are made for.")
    ] = "msgspec",
    asyncio: Annotated[bool, typer.Option("--asyncio", help="Python: for AsyncClient and AsyncServer.")] = False,
    perspective: reading.Described = None,
    allow_remote: reading.AllowRemote = False,
    host: reading.Hosts = [],
    path: reading.Paths = [],
    namespace: reading.Namespaces = [],
    event: reading.Events = [],
    parser: reading.ParserName = "auto",
    limit: reading.LimitSettings = [],
    strict: reading.Strict = False,
    verbose: reading.Verbose = False,
    quiet: reading.Quiet = False,
) -> None:
    """Write types: TypeScript for socket.io, or Python for python-socketio."""
    from infer.asyncapi.drafted import drafted
    from infer.asyncapi.opening import Shelf, open_contract
    from infer.asyncapi.options import DocumentOptions
    from infer.engines.local import Options
    from infer.errors import UsageError
    from infer.filters import Filter
    from infer.report.text import printable

    def tell(line: str) -> None:
        if not quiet:
            say(printable(line, 500))

    wanted = Filter(host, path, namespace, event)
    contract: Contract
    shelf = Shelf()
    documents = [name for name in files if shelf.is_document(name)]
    if documents and len(files) > 1:
        raise UsageError("types are made of one document, or of captures", shelf.name(documents[0]), "name it alone")
    if documents:
        reading.refuse_choice(shelf.name(documents[0]), host=host, path=path)
        contract = open_contract(files[0], perspective=perspective, allow_remote=allow_remote, shelf=shelf)
        _keep(contract, wanted)
    else:
        options = Options(filter=wanted, parser=parser, limits=reading.limits(limit))
        result = reading.run(files, options, strict=strict, verbose=verbose, quiet=quiet)
        _, contract = drafted(result.catalog, DocumentOptions())
    if lang == "python":
        from infer.types.python import python

        put(python(contract, models=models, asyncio=asyncio, say=tell), output)
    else:
        from infer.types.events import typescript

        put(typescript(contract, binary, tell), output)


def _keep(contract: Contract, wanted: Filter) -> None:
    """Drop the namespaces and events that are not wanted."""
    for name in [name for name in contract.namespaces if not wanted.wants_namespace(name)]:
        del contract.namespaces[name]
    for space in contract.namespaces.values():
        for key in [key for key in space.events if not wanted.wants_event(key[1])]:
            del space.events[key]
