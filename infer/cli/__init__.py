"""The command line: one file a command, and the only room that prints, reads the environment or exits."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Final

_GROUP: Final = "version"
"""The module of what the group itself says, without which a single command would be no group's."""
_COLLECTED: Final = (5_000, 10, 20)
"""What the garbage collector waits for: what is read is kept for long, and Python's own thresholds walk over all of it so
often that this takes three quarters of the time where there is much."""


def main() -> None:
    """Run the command line: `sio-infer FILES...` is `sio-infer infer FILES...`."""
    gc.set_threshold(*_COLLECTED)
    _stand_in()
    from infer.cli.app import DEFAULT, OF_THE_GROUP, completes, list_only, run

    import_module(f"{__name__}.{_GROUP}")
    given = sys.argv[1] if len(sys.argv) > 1 else None
    if given is None or given in OF_THE_GROUP or completes():
        commands()
        if not completes():
            list_only()
    elif not _registered(given):
        _registered(DEFAULT)
    try:
        run()
    finally:
        gc.freeze()  # or the interpreter, which ends, would walk over all that there is


def commands() -> list[str]:
    """The names of all commands, whose modules are imported for that."""
    from infer.cli.app import app

    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return [registered.name for registered in app.registered_commands if registered.name is not None]


def _stand_in() -> None:
    """Put something that refuses to be read or written in the place of standard streams that are closed.

    Python has none then, and the next file that is opened would get the descriptor of one, and what is meant for it.
    """
    for name, mode, refusing in (("stdin", "r", os.O_WRONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_RDONLY)):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, refusing), mode, buffering=1, encoding="utf-8"))


def _registered(name: str) -> bool:
    """Whether there is a command of that name, whose module, and no other, is imported then."""
    from infer.cli.app import app

    for module in (f"{__name__}.{name}_command", f"{__name__}.{name}") if name.isidentifier() else ():
        if find_spec(module) is not None:
            import_module(module)
    return any(name == registered.name for registered in app.registered_commands)
