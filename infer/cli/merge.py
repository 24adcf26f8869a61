"""`sio-infer merge`: saved catalogs to one."""

from __future__ import annotations

from typing import Annotated

import typer

from infer.cli.app import command, say


@command("merge", ["sio-infer merge proxy-*.sio -o fleet.sio", "sio-infer merge *.sio -o all.sio && sio-infer all.sio > asyncapi.yml"])
def merge(
    files: Annotated[list[str], typer.Argument(help="States saved by --state, globs or folders of them.", show_default=False)],
    *,
    output: Annotated[str, typer.Option("-o", "--output", help="Where the merged state goes.", show_default=False)],
) -> None:
    """Fold saved catalogs into one; their order does not matter."""
    from infer import captures, state
    from infer.catalog import Catalog

    whole = Catalog()
    paths = captures.expand(files)
    for path in paths:
        whole.merge(state.load(path))
    state.save(whole, output)
    say(f"{len(paths):,} states merged: {whole.events:,} kinds of event in {len(whole.namespaces):,} namespaces")
