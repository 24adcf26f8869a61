"""`sio-infer summary`: the event table."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Literal

import typer

from infer.cli import reading
from infer.cli.app import command, put


@command(
    "summary",
    [
        "sio-infer summary recordings/*.har",
        "sio-infer summary chat.har --format csv -o events.csv",
        "sio-infer summary proxy.sio --format json | jq '.[] | select(.ack_seconds_p95 > 0.5)'",
        'sio-infer summary chat.har --format markdown >> "$GITHUB_STEP_SUMMARY"',
    ],
)
def summary(
    files: reading.Files,
    *,
    form: Annotated[
        Literal["text", "csv", "json", "markdown"], typer.Option("--format", help="A table to read, or data.")
    ] = "text",
    output: Annotated[str, typer.Option("-o", "--output", help="Where the table goes; - is stdout.")] = "-",
    host: reading.Hosts = [],
    path: reading.Paths = [],
    namespace: reading.Namespaces = [],
    event: reading.Events = [],
    no_admin: Annotated[bool, typer.Option("--no-admin", help="Leave out the namespace of Socket.IO's admin UI.")] = False,
    parser: reading.ParserName = "auto",
    limit: reading.LimitSettings = [],
    strict: reading.Strict = False,
    verbose: reading.Verbose = False,
    quiet: reading.Quiet = False,
) -> None:
    """Show the events: how often, by whom, how large, how they are answered, and what it rests on."""
    from infer.engines.local import Options
    from infer.filters import Filter
    from infer.report import event_table

    options = Options(filter=Filter(host, path, namespace, event), admin_ui=not no_admin, parser=parser, limits=reading.limits(limit))
    result = reading.run(files, options, strict=strict, verbose=verbose, quiet=quiet)
    rows = event_table.rows_of(result.catalog)
    if form == "text":
        width = _terminal_width(output)
        colour = width is not None and not os.environ.get("NO_COLOR")
        put(event_table.to_text(rows, width=width, colour=colour), output)
    else:
        render = {"csv": event_table.to_csv, "json": event_table.to_json, "markdown": event_table.to_markdown}[form]
        put(render(rows), output)
    if not quiet:
        reading.show_summary(result)


def _terminal_width(output: str) -> int | None:
    """Columns of the terminal that the table goes to; None where it goes to none."""
    if output != "-" or not sys.stdout.isatty():
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns
