"""`sio-infer [infer] FILES...`: captures to an AsyncAPI document."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from infer.cli import reading
from infer.cli.app import command, put

Asyncapi = Annotated[Literal["3.0.0", "3.1.0", "2.6.0"], typer.Option("--asyncapi", help="AsyncAPI version of the document.")]
Profile = Annotated[
    Literal["asynction"] | None,
    typer.Option("--profile", help="Write for a tool: Asynction 0.8.3 (with --asyncapi 2.6.0).", show_default=False),
]
Handler = Annotated[
    str | None,
    typer.Option(
        "--handler", metavar="TEMPLATE", help="Asynction's handlers: handlers.{namespace}_{event} unless given.", show_default=False
    ),
]
Form = Annotated[Literal["yaml", "json"], typer.Option("--format", help="Syntax of the document.")]
Output = Annotated[str, typer.Option("-o", "--output", help="Where the document goes; - is stdout.")]
Perspective = Annotated[Literal["server", "client"], typer.Option("--perspective", help="Whose document it is.")]
Title = Annotated[str | None, typer.Option("--title", help="Title; made of the host unless given.", show_default=False)]
ApiVersion = Annotated[str, typer.Option("--api-version", help="Version of the API.")]
Servers = Annotated[
    list[str],
    typer.Option(
        "--server",
        metavar="NAME=URL",
        help="Name a server, and take only those that are named; where no traffic was seen at any of the URLs, all of it"
        " is taken as that of one API deployed there (repeatable).",
        show_default=False,
    ),
]
StateFile = Annotated[
    str | None, typer.Option("--state", metavar="FILE", help="Save the catalog too; it can be read like a capture.", show_default=False)
]
NoAdmin = Annotated[bool, typer.Option("--no-admin", help="Leave out the namespace of Socket.IO's admin UI.")]
ExcludeRejected = Annotated[
    bool, typer.Option("--exclude-rejected", help="Leave requests that an error acknowledgement answered out of the schemas.")
]
EvidenceLevel = Annotated[
    Literal["none", "message", "full"], typer.Option("--evidence", help="How much the document says of what it rests on.")
]
ExampleCount = Annotated[
    int, typer.Option("--examples", min=0, metavar="N", help="Up to N examples a message: typical shapes, stand-ins for values.")
]
MinSamples = Annotated[int, typer.Option("--min-samples", min=0, help="Point out events that rest on fewer samples.")]
Cautious = Annotated[bool, typer.Option("--cautious", help="A key is required only from three samples on.")]
NoValues = Annotated[bool, typer.Option("--no-values", help="No value from traffic at all: no enums, no tags.")]
RulesOff = Annotated[
    list[str], typer.Option("--no-rule", metavar="RULE", help="Switch a schema rule off; `sio-infer rules` lists them (repeatable).", show_default=False)
]


@command(
    "infer",
    [
        "sio-infer recordings/*.har > asyncapi.yml",
        "sio-infer chat.har orders.mitm --host 'chat.*' -o asyncapi.yml",
        "sio-infer day1.har --state chat.sio -o - && sio-infer chat.sio day2.har -o asyncapi.yml",
        "sio-infer day/*.har.gz --jobs auto > asyncapi.yml",
        "sio-infer 's3://captures/day/*.har.gz' --engine dask --scheduler tcp://head:8786 > asyncapi.yml",
        "sio-infer chat.har --asyncapi 2.6.0 --format json --server production=https://chat.example.com",
    ],
)
def infer(
    files: reading.Files,
    *,
    output: Output = "-",
    form: Form = "yaml",
    asyncapi: Asyncapi = "3.0.0",
    profile: Profile = None,
    handler: Handler = None,
    perspective: Perspective = "server",
    title: Title = None,
    api_version: ApiVersion = "0.1.0",
    server: Servers = [],
    state: StateFile = None,
    host: reading.Hosts = [],
    path: reading.Paths = [],
    namespace: reading.Namespaces = [],
    event: reading.Events = [],
    no_admin: NoAdmin = False,
    parser: reading.ParserName = "auto",
    limit: reading.LimitSettings = [],
    exclude_rejected: ExcludeRejected = False,
    evidence: EvidenceLevel = "message",
    examples: ExampleCount = 0,
    min_samples: MinSamples = 0,
    cautious: Cautious = False,
    no_values: NoValues = False,
    no_rule: RulesOff = [],
    jobs: reading.Jobs = "1",
    engine: reading.Engine = "local",
    scheduler: reading.Scheduler = None,
    strict: reading.Strict = False,
    verbose: reading.Verbose = False,
    quiet: reading.Quiet = False,
) -> None:
    """Infer an AsyncAPI document from captures (the default command)."""
    from infer.asyncapi import DocumentOptions, document, dump
    from infer.engines.local import Options
    from infer.filters import Filter
    from infer.schema import Rules

    _refuse_command(files)
    wanted = DocumentOptions(
        version=asyncapi,
        profile=profile,
        handler=handler,
        perspective=perspective,
        title=title,
        api_version=api_version,
        servers=_named_urls(server),
        rules=Rules(off=frozenset(no_rule), cautious=cautious, values=not no_values, evidence=evidence),
        exclude_rejected=exclude_rejected,
        examples=examples,
        min_samples=min_samples,
    )
    options = Options(filter=Filter(host, path, namespace, event), admin_ui=not no_admin, parser=parser, limits=reading.limits(limit))
    result = reading.run(files, options, strict=strict, verbose=verbose, quiet=quiet, jobs=jobs, engine=engine, scheduler=scheduler)
    if state is not None:
        from infer.state import save

        save(result.catalog, state)
    put(dump(document(result.catalog, wanted), form), output)
    if not quiet:
        reading.show_summary(result, min_samples)


def _refuse_command(files: list[str]) -> None:
    """Errors: `UsageError` where what stands first is no file, but a command's name, or nearly one."""
    from pathlib import Path

    name = files[0]
    if not name.isalpha() or Path(name).exists():
        return
    from difflib import get_close_matches

    from infer.cli import commands
    from infer.errors import UsageError

    near = get_close_matches(name.lower(), commands(), n=1, cutoff=0.8)
    if near == [name]:
        raise UsageError("no such file; as a command's name it stands before all options", name, f"sio-infer {name} ...")
    if near:
        raise UsageError("neither a command nor a file", name, f"did you mean sio-infer {near[0]}?")


def _named_urls(given: list[str]) -> dict[str, str]:
    """`NAME=URL` pairs. Errors: `UsageError`."""
    from infer.errors import UsageError

    pairs = {}
    for pair in given:
        name, equals, url = pair.partition("=")
        if not equals or not name or not url:
            raise UsageError("--server takes NAME=URL", pair, "for example --server production=https://chat.example.com")
        if name in pairs:
            raise UsageError("--server names two servers alike", name, "give each a name of its own")
        pairs[name] = url
    return pairs
