"""The command line: one file a command, and the only room that prints, reads the environment or exits."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Final

_DEFAULT: Final = "infer"
_OF_THE_GROUP: Final = frozenset({"-h", "--help", "--version", "--install-completion", "--show-completion"})
_GROUP: Final = "version"
"""The module of what the group itself says, without which a single command would be no group's."""
_COLLECTED: Final = (5_000, 10, 20)
"""What the garbage collector waits for: what is read is kept for long, and Python's own thresholds walk over all of it so
often that this takes three quarters of the time where there is much."""


def main() -> None:
    """Run the command line: `sio-infer FILES...` is `sio-infer infer FILES...`."""
    gc.set_threshold(*_COLLECTED)
    from infer.cli.app import app, completes, list_only

    import_module(f"{__name__}.{_GROUP}")
    given = sys.argv[1] if len(sys.argv) > 1 else ""
    if not given or given in _OF_THE_GROUP or completes():
        for module in iter_modules(__path__):
            import_module(f"{__name__}.{module.name}")
        if not completes():
            list_only()
    if given not in _OF_THE_GROUP and len(sys.argv) > 1 and not _registered(given):
        sys.argv.insert(1, _DEFAULT)
        _registered(_DEFAULT)
    try:
        app()
    finally:
        gc.freeze()  # or the interpreter, which ends, would walk over all that there is


def _registered(name: str) -> bool:
    """Whether there is a command of that name, whose module, and no other, is imported then."""
    from infer.cli.app import app

    for module in (f"{__name__}.{name}_command", f"{__name__}.{name}") if name.isidentifier() else ():
        if find_spec(module) is not None:
            import_module(module)
    return any(name == registered.name for registered in app.registered_commands)
