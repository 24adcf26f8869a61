"""`sio-infer update`: new observations into a document that a person edited."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infer.cli import reading
from infer.cli.app import FINDINGS, command, put, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from infer.diff import Finding
    from infer.model import Observation
    from infer.update.revision import Revision

Document = Annotated[str, typer.Argument(metavar="DOCUMENT", help="The AsyncAPI document to be changed.", show_default=False)]
Captures = Annotated[
    list[str],
    typer.Argument(metavar="CAPTURES...", help="Captures (HAR, flow files, DevTools logs, pcapng), globs, folders.", show_default=False),
]


@command(
    "update",
    [
        "sio-infer update asyncapi.yml recordings/*.har",
        "sio-infer update asyncapi.yml recordings/*.har --check",
        "sio-infer update asyncapi.yml new.har -o - | diff asyncapi.yml -",
    ],
)
def update(
    document: Document,
    files: Captures,
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 where something would change.")] = False,
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="Where the result goes; - is stdout. In place unless given.", show_default=False)
    ] = None,
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
    """Merge what captures show into a document; what they do not concern keeps its bytes.

    Mark with x-sio-ignore what is to stay: true at any part, or a list of names that are to stay out (namespaces at the
    top, events in a channel, properties in a schema).
    """
    from infer.asyncapi.opening import Shelf
    from infer.asyncapi.reader import read
    from infer.engines.local import Options
    from infer.filters import Filter
    from infer.update.revision import revise

    wanted = Filter(host, path, namespace, event)
    feed = _feed(files, Options(filter=wanted, parser=parser, limits=reading.limits(limit)), strict=strict, verbose=verbose, quiet=quiet)
    shelf = Shelf()
    name = shelf.name(document)
    revision = revise(
        lambda texts: read(shelf.documents(allow_remote=allow_remote, texts=texts), name, perspective=perspective),
        shelf.text,
        feed,
        lambda finding: reading.is_wanted(finding, wanted),
    )
    _tell(revision, check=check, quiet=quiet)
    if check:
        raise typer.Exit(FINDINGS if revision.texts else 0)
    _write(revision, name, output, shelf.text)


def _feed(
    files: list[str], options: object, *, strict: bool, verbose: bool, quiet: bool
) -> Callable[[Callable[[Observation], None]], None]:
    """What reads the captures, as often as it is asked to; what is to be said of them it says once. Errors: `UsageError`."""
    from msgspec.structs import replace

    from infer import captures
    from infer.engines import local
    from infer.engines.local import Options
    from infer.errors import UsageError

    assert isinstance(options, Options)
    if "-" in files:
        raise UsageError("captures are read again after each change", "-", "save the capture to a file first")
    paths = captures.expand(files)
    reading.refuse_states(paths, "give the captures that it was made of")
    told = False

    def feed(observer: Callable[[Observation], None]) -> None:
        nonlocal told
        if told:
            local.run(paths, replace(options, observer=observer))
            return
        told = True
        result = reading.run(files, replace(options, observer=observer), strict=strict, verbose=verbose, quiet=quiet)
        if not quiet:
            reading.show_summary(result)

    return feed


def _tell(revision: Revision, *, check: bool, quiet: bool) -> None:
    """What changed, on stderr."""
    from infer.report.text import many

    if quiet:
        return
    for word, findings in (("added", revision.added), ("widened", revision.widened), ("contradicted", revision.contradicted)):
        for line in _lines(word, findings):
            say(line)
    if revision.kept:
        say(f"{many(revision.kept, 'finding')} at parts that are marked x-sio-ignore")
    if not revision.texts:
        say("nothing to change")
    elif check:
        say(f"{many(len(revision.texts), 'file')} would change")


def _lines(word: str, findings: Iterable[Finding]) -> Iterable[str]:
    from infer.report.findings import about
    from infer.report.text import many, printable

    for finding in findings:
        count = "" if not finding.count else f" ({many(finding.count, 'time')})"
        yield f"{word:<12} {about(finding)}: {printable(finding.message, 500)}{count}"


def _write(revision: Revision, document: str, output: str | None, text_of: Callable[[str], str]) -> None:
    """The changed files where they belong. Errors: `UsageError`, `SpecError`."""
    from infer.errors import SpecError, UsageError

    others = sorted(set(revision.texts) - {document})
    if output is not None:
        if others:
            raise UsageError("the change concerns other files too", others[0], "leave --output out: they are changed in place")
        put(revision.texts.get(document) or text_of(document), output)
        return
    for name in revision.texts:
        if not Path(name).is_file():
            raise SpecError("is no file that can be written to", name, "check it out, or give --output")
    for name, text in revision.texts.items():
        put(text, name)
