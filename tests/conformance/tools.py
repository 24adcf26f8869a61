"""The official AsyncAPI tools, asked from Python: one Node process a question, for any number of documents."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

from tests.e2e.processes import npm_environment

SCRIPT: Final = Path(__file__).with_name("asyncapi_tools.mjs")


def ask(node: str, task: str, *arguments: str | Path, seconds: float = 300.0) -> Any:
    """What a task of the script answers; AssertionError with what it said where it failed."""
    ran = subprocess.run(
        [node, SCRIPT, task, *map(str, arguments)], capture_output=True, check=False, env=npm_environment(), timeout=seconds
    )
    assert ran.returncode == 0, ran.stderr.decode(errors="replace")
    return json.loads(ran.stdout)
