"""The command line: one file a command, and the only room that prints, reads the environment or exits."""

from __future__ import annotations

import sys
from typing import Final

_DEFAULT: Final = "infer"
_OF_THE_GROUP: Final = frozenset({"-h", "--help", "--version", "--install-completion", "--show-completion"})


def main() -> None:
    """Run the command line: `sio-infer FILES...` is `sio-infer infer FILES...`."""
    from infer.cli import addon, infer_command, inspect_command, merge, rules, version  # noqa: F401, PLC0415
    from infer.cli.app import app  # noqa: PLC0415

    known = {registered.name for registered in app.registered_commands}
    if len(sys.argv) > 1 and sys.argv[1] not in known | _OF_THE_GROUP:
        sys.argv.insert(1, _DEFAULT)
    app()
