"""A process that is killed while it writes, and a disk that is full: the file is the old one or the new one, whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

KILLS: Final = 200

KILLED: Final = """
import os, random, signal, sys, time
from pathlib import Path
from infer.files import write_atomic

target = Path(sys.argv[1]) / "state"
contents = {bytes([mark]) * (400_000 + mark) for mark in (65, 66, 67)}
write_atomic(target, next(iter(contents)))
chance = random.Random(7)
seen = set()
for _ in range(int(sys.argv[2])):
    child = os.fork()
    if child == 0:
        while True:
            for content in contents:
                write_atomic(target, content)
    time.sleep(chance.uniform(0.0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    found = target.read_bytes()
    assert found in contents, f"{len(found)} bytes, beginning {found[:20]!r}"
    seen.add(found[:1])
assert len(seen) > 1, "nothing was ever written"
"""

FULL: Final = """
import resource, signal, sys
from infer.errors import UsageError
from infer.files import write_atomic

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    write_atomic(sys.argv[1], b"x" * 200_000)
except UsageError as error:
    print(error)
else:
    raise SystemExit("it was written")
"""


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """By kill -9, two hundred times."""
    subprocess.run([sys.executable, "-c", KILLED, tmp_path, str(KILLS)], check=True, timeout=120)


def test_no_room(tmp_path: Path) -> None:
    """The system refuses to write more: one line, the previous file, and nothing left beside it."""
    target = tmp_path / "asyncapi.yml"
    target.write_text("previous")
    ran = subprocess.run([sys.executable, "-c", FULL, target], check=True, capture_output=True, text=True, timeout=60)
    assert "cannot write" in ran.stdout
    assert target.read_text() == "previous"
    assert [path.name for path in tmp_path.iterdir()] == ["asyncapi.yml"]
