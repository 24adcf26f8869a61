"""The command line: one file a command, and the only room that prints, reads the environment or exits."""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

_DEFAULT: Final = "infer"
_OF_THE_GROUP: Final = frozenset({"-h", "--help", "--version", "--install-completion", "--show-completion"})


def main() -> None:
    """Run the command line: `sio-infer FILES...` is `sio-infer infer FILES...`."""
    from infer.cli.app import app

    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    known = {registered.name for registered in app.registered_commands}
    if len(sys.argv) > 1 and sys.argv[1] not in known | _OF_THE_GROUP:
        sys.argv.insert(1, _DEFAULT)
    app()
