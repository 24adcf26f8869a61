"""Options and steps that all commands share that read captures."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from infer.cli.app import give_up, say

if TYPE_CHECKING:
    from infer.diff import Finding
    from infer.engines.local import Options
    from infer.engines.result import Result
    from infer.filters import Filter
    from infer.limits import Limits

Files = Annotated[
    list[str],
    typer.Argument(help="Captures (HAR, flow files, DevTools logs, pcapng), saved states, globs, folders; - is stdin.", show_default=False),
]
Captures = Annotated[
    list[str],
    typer.Argument(help="Captures (HAR, flow files, DevTools logs, pcapng), globs, folders; - is stdin.", show_default=False),
]
Hosts = Annotated[list[str], typer.Option("--host", help="Only hosts that match this glob (repeatable).", show_default=False)]
Paths = Annotated[list[str], typer.Option("--path", help="Only Engine.IO paths that match this glob (repeatable).", show_default=False)]
Namespaces = Annotated[list[str], typer.Option("--namespace", help="Only namespaces that match this glob (repeatable).", show_default=False)]
Events = Annotated[list[str], typer.Option("--event", help="Only events that match this glob (repeatable).", show_default=False)]
ParserName = Annotated[str, typer.Option("--parser", help="Socket.IO parser: auto, default, msgpack, json, or a plug-in's name.")]
Jobs = Annotated[
    str, typer.Option("--jobs", "-j", metavar="N|auto", help="Processes that read side by side, over files and spans of large ones.")
]
Engine = Annotated[
    Literal["local", "dask"], typer.Option("--engine", help="Where captures are read: on this machine, or on a Dask cluster.")
]
Scheduler = Annotated[
    str | None, typer.Option("--scheduler", metavar="ADDRESS", help="The cluster's scheduler, such as tcp://host:8786.", show_default=False)
]
Described = Annotated[
    Literal["server", "client"] | None,
    typer.Option("--perspective", help="Whom the document describes; taken from it unless given.", show_default=False),
]
AllowRemote = Annotated[bool, typer.Option("--allow-remote", help="Follow references to documents by http and https.")]
LimitSettings = Annotated[
    list[str],
    typer.Option("--limit", metavar="NAME=VALUE", help="Set a limit; `sio-infer limits` lists them (repeatable).", show_default=False),
]
Strict = Annotated[bool, typer.Option("--strict", help="Fail on anything that could not be read or decoded.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Show each diagnostic with its file, entry and frame.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="No summary and no progress.")]


def limits(settings: list[str]) -> Limits:
    """The limits with those settings of --limit. Errors: `UsageError`."""
    from infer.limits import Limits

    return Limits.of(settings)


def refuse_choice(document: str, **choice: list[str]) -> None:
    """Errors: `UsageError` where these options choose among traffic, of which a document has none."""
    from infer.errors import UsageError

    given = [f"--{name}" for name, globs in choice.items() if globs]
    if given:
        raise UsageError(f"{' and '.join(given)} cannot choose within a document", document, "give captures, or leave it out")


def refuse_states(files: list[str], hint: str) -> None:
    """Errors: `UsageError` where one is a saved catalog, which cannot be held to a document."""
    from infer import captures
    from infer.errors import UsageError

    for name in files:
        if captures.is_state(name):
            raise UsageError("a saved catalog has no values to hold to a document", captures.shown(name), hint)


def is_wanted(finding: Finding, wanted: Filter) -> bool:
    """Whether a finding is of what the filter lets through."""
    if wanted.namespaces and (finding.namespace is None or not wanted.wants_namespace(finding.namespace)):
        return False
    return not wanted.events or (finding.event is not None and wanted.wants_event(finding.event))


def run(
    files: list[str],
    options: Options,
    *,
    strict: bool,
    verbose: bool,
    quiet: bool,
    jobs: str = "1",
    engine: str = "local",
    scheduler: str | None = None,
) -> Result:
    """Read the files into a result; ends the program where nothing can be made of them. Errors: `SioInferError`."""
    from infer import captures
    from infer.errors import CaptureError
    from infer.report.summary import nothing_found

    paths = captures.expand(files)
    with _progress(paths, quiet=quiet) as advance:
        result = _engine(jobs, engine, scheduler)(paths, options.with_progress(advance))
    if verbose:
        _show_diagnostics(result)
    if result.failed and not result.captures:
        give_up(result.failed)
    if strict and (result.failed or result.diagnostics.total):
        show_summary(result)
        raise CaptureError("--strict, and not everything could be read", hint="-v shows what")
    if not result.catalog.shows(options.filter):
        if not quiet:
            show_summary(result)
        message, hint = nothing_found(result, options.filter)
        raise CaptureError(message, hint=hint)
    return result


def _engine(jobs: str, engine: str, scheduler: str | None) -> Callable[[list[str], Options], Result]:
    """What reads the captures. Errors: `UsageError`."""
    from infer.errors import UsageError

    if engine == "dask":
        if jobs != "1":
            raise UsageError("--jobs is for --engine local", jobs, "a cluster reads with all its workers: leave --jobs out")
        from infer.engines import cluster

        return lambda paths, options: cluster.run(paths, options, scheduler)
    if scheduler is not None:
        raise UsageError("--scheduler is for --engine dask", scheduler, "add --engine dask, or leave --scheduler out")
    if jobs == "1":
        from infer.engines import local

        return local.run
    from infer.engines import processes

    count = processes.jobs_of(jobs)
    return lambda paths, options: processes.run(paths, options, count)


def show_summary(result: Result, min_samples: int = 0) -> None:
    """The summary on stderr."""
    from infer.report.summary import summary

    for line in summary(result, min_samples):
        say(line)


def _show_diagnostics(result: Result) -> None:
    from infer.report.text import printable

    for diagnostic in result.diagnostics.kept:
        say(f"{printable(str(diagnostic.origin))}: {diagnostic.code}: {printable(diagnostic.message)}")
    hidden = result.diagnostics.total - len(result.diagnostics.kept)
    if hidden:
        say(f"… and {hidden:,} more of these kinds")


@contextmanager
def _progress(paths: list[str], *, quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """A progress bar on a terminal's stderr; gives what to call with bytes read, or None."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from pathlib import Path

    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    total = sum(Path(path).stat().st_size for path in paths if Path(path).is_file())
    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=total or None)
        yield lambda count: progress.advance(task, count)
