"""`--version`, and what the group itself says."""

from __future__ import annotations

from typing import Annotated

import typer

from infer import __version__
from infer.cli.app import app


def _show(wanted: bool) -> None:  # noqa: FBT001 (typer calls it so)
    if wanted:
        typer.echo(f"sio-infer {__version__}")
        raise typer.Exit


@app.callback()
def group(
    *, version: Annotated[bool, typer.Option("--version", help="Show the version and exit.", callback=_show, is_eager=True)] = False
) -> None:
    """Listen to Socket.IO traffic and write the API's AsyncAPI document."""
    del version
