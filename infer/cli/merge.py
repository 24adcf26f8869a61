"""`sio-infer merge`: saved catalogs to one."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from infer.cli.app import command, complain, flush, give_up, say, write


@command("merge", ["sio-infer merge proxy-*.sio -o fleet.sio", "sio-infer merge days/*.sio -o all.sio && sio-infer all.sio > asyncapi.yml"])
def merge(
    files: Annotated[list[str], typer.Argument(help="States saved by --state, globs or folders of them.", show_default=False)],
    *,
    output: Annotated[str, typer.Option("-o", "--output", help="Where the merged state goes; - is stdout.", show_default=False)],
    strict: Annotated[bool, typer.Option("--strict", help="Write nothing unless every state could be read.")] = False,
) -> None:
    """Fold saved catalogs into one; their order does not matter.

    Each counts in full, so that what two of them hold counts twice: do not merge a merged state with those that it was made of.

    A state holds what was finished: an acknowledgement that is open where a capture is cut is paired with its event only where
    both captures are read in one run, not by merging the states of the two.
    """
    from infer import captures, state
    from infer.catalog import Catalog
    from infer.errors import CaptureError
    from infer.report.text import many

    whole = Catalog()
    failed: list[CaptureError] = []
    paths = captures.expand(files)
    for path in paths:
        try:
            whole.merge(state.decode(captures.content(path), captures.shown(path)))
        except CaptureError as error:
            failed.append(error)
    if failed and (strict or len(failed) == len(paths)):
        give_up(failed)
    for unread in failed:
        complain(str(unread), "warning")
    if os.path.realpath(output) in map(os.path.realpath, paths):
        complain(f"{output}: is written over and was read, too: what it had of the others already counts twice", "warning")
    if output == "-":
        write(state.encode(whole))
        flush()
    else:
        state.save(whole, output)
    others = f", {len(failed):,} could not be read" if failed else ""
    events, namespaces = many(whole.events, "kind"), many(len(whole.namespaces), "namespace")
    say(f"{many(len(paths) - len(failed), 'state')} merged{others}: {events} of event in {namespaces}")
