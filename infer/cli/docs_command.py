"""`sio-infer docs`: captures, a state or a document to one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infer.cli import reading
from infer.cli.app import command, put, say

if TYPE_CHECKING:
    from infer.pages.component import Component
    from infer.pages.subject import Subject

Sources = Annotated[
    list[str],
    typer.Argument(help="Captures, saved states, globs, folders, - for stdin; or one AsyncAPI document.", show_default=False),
]
Output = Annotated[str, typer.Option("-o", "--output", help="Where the page goes; - is stdout.")]
Title = Annotated[str | None, typer.Option("--title", help="Title; the document's unless given.", show_default=False)]
Offline = Annotated[bool, typer.Option("--offline", help="Put AsyncAPI's component into the page, which then asks for nothing.")]
Copy = Annotated[
    Path | None,
    typer.Option(
        "--component",
        metavar="DIR",
        help="Folder of the npm package @asyncapi/react-component for --offline; sought in node_modules here and above unless given.",
        show_default=False,
    ),
]
Address = Annotated[
    str | None, typer.Option("--component-url", metavar="URL", help="Load the component's files from there.", show_default=False)
]
ShowValues = Annotated[bool, typer.Option("--show-values", help="Show values in the session's diagram, save what looks private.")]
Serve = Annotated[bool, typer.Option("--serve", help="Serve the page on loopback, and make it anew when a file changes (Ctrl-C ends).")]
Port = Annotated[int, typer.Option("--port", min=0, max=65_535, help="Port of --serve; 0 takes a free one.")]


@command(
    "docs",
    [
        "sio-infer docs recordings/*.har -o api.html",
        "sio-infer docs asyncapi.yml --offline -o api.html",
        "sio-infer docs live.sio --serve",
    ],
)
def docs(
    files: Sources,
    *,
    output: Output = "-",
    title: Title = None,
    offline: Offline = False,
    component: Copy = None,
    component_url: Address = None,
    show_values: ShowValues = False,
    serve: Serve = False,
    port: Port = 0,
    perspective: reading.Described = None,
    host: reading.Hosts = [],
    path: reading.Paths = [],
    namespace: reading.Namespaces = [],
    event: reading.Events = [],
    parser: reading.ParserName = "auto",
    limit: reading.LimitSettings = [],
    allow_remote: reading.AllowRemote = False,
    strict: reading.Strict = False,
    verbose: reading.Verbose = False,
    quiet: reading.Quiet = False,
) -> None:
    """Make one HTML page of an API: pictures, figures and the reference."""
    from infer import captures
    from infer.asyncapi import DocumentOptions
    from infer.asyncapi.opening import Shelf
    from infer.engines.local import Options
    from infer.errors import UsageError
    from infer.filters import Filter
    from infer.pages import look, subject
    from infer.pages.page import page
    from infer.pages.story import Story

    drawn = _component(offline=offline, folder=component, url=component_url)
    shelf = Shelf()
    documents = [shelf.name(name) for name in files if shelf.is_document(name)]
    if documents and len(files) > 1:
        raise UsageError("a page is of one document, or of captures", documents[0], "name the document alone, or none")
    if documents:
        reading.refuse_choice(documents[0], host=host, path=path, namespace=namespace, event=event)

    watched = documents or files

    def read() -> Subject:
        nonlocal watched, shelf
        if documents:
            opened = shelf.documents(allow_remote=allow_remote)
            shelf = shelf.emptied()  # a page that is made anew is of what stands there then
            watched = opened.names
            return subject.of_document(documents[0], opened, perspective)
        story = Story(look.values if show_values else look.kinds)
        options = Options(filter=Filter(host, path, namespace, event), parser=parser, limits=reading.limits(limit), observer=story)
        result = reading.run(files, options, strict=strict, verbose=verbose, quiet=quiet)
        if not quiet:
            reading.show_summary(result)
        return subject.of_catalog(result.catalog, DocumentOptions(title=title), story)

    def make(version: str | None = None) -> str:
        made = read()
        if title is not None:
            made.document = {**made.document, "info": {**made.document.get("info", {}), "title": title}}
        return page(made, drawn, live=version)

    if not serve:
        put(make(), output)
        return
    from infer.pages.serve import serve as serve_page
    from infer.report.text import printable

    watched = documents or captures.expand(files)
    serve_page(
        make,
        watched=lambda: watched,
        port=port,
        ready=lambda url: say(f"serving {url} (Ctrl-C ends)"),
        kept=lambda error: say(f"the page stays as it was: {printable(str(error), 2_000)}"),
    )


def _component(*, offline: bool, folder: Path | None, url: str | None) -> Component:
    """AsyncAPI's component as the options have it. Errors: `UsageError`."""
    from infer.errors import UsageError
    from infer.pages.component import Component, at, installed

    if url is not None and (offline or folder is not None):
        raise UsageError("--component-url is for a page that loads the component", hint="leave out --offline and --component")
    if offline or folder is not None:
        return installed(folder)
    return Component() if url is None else at(url)
