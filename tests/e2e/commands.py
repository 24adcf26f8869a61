"""The command `sio-infer` as a person runs it: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

COMMAND: Final = Path(sys.executable).with_name("sio-infer")


def environment(**variables: str) -> dict[str, str]:
    """That of the test, without what would change what the command does."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SIO_INFER_")}
    return {**kept, "NO_COLOR": "1", **variables}


def sio_infer(*arguments: str | Path) -> bytes:
    """Its standard output; AssertionError with what it said where it failed."""
    ran = subprocess.run([COMMAND, *arguments], capture_output=True, check=False, env=environment())
    assert ran.returncode == 0, ran.stderr.decode(errors="replace")
    return ran.stdout


def document(*arguments: str | Path) -> dict[str, Any]:
    """The document that it infers."""
    inferred: dict[str, Any] = json.loads(sio_infer("--format", "json", *arguments))
    return inferred
