"""`sio-infer addon`: the script that mitmproxy loads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from infer.cli.app import command, put


@command("addon", ['mitmdump -s "$(sio-infer addon)"', "sio-infer addon --copy ~/scripts"])
def addon(
    *,
    copy: Annotated[Path | None, typer.Option("--copy", metavar="DIR", help="Copy the script into this folder.", show_default=False)] = None,
) -> None:
    """Print the path of the mitmproxy addon, or copy it."""
    from infer.errors import UsageError
    from infer.files import write_atomic

    found = script()
    if copy is not None:
        if not copy.is_dir():
            raise UsageError("is no folder", str(copy), "make it first")
        target = copy / found.name
        write_atomic(target, found.read_bytes())
        found = target
    put(f"{found}\n", "-")


def script() -> Path:
    """Its path: beside the package in a wheel, beside its folder in a checkout."""
    package = Path(__file__).resolve().parents[1]
    packed = package / "addons" / "sio_infer.py"
    return packed if packed.is_file() else package.parent / "addons" / "sio_infer.py"
