"""The process beside the proxy."""

from __future__ import annotations

import subprocess
import sys

from infer.live.messages import Ask, packed
from infer.live.settings import Settings

WATCHED = """
import sys
from infer.live import worker

class Recorder(worker.Recorder):
    def take(self, *items):
        super().take(*items)
        print(*(item.what for item in items), file=sys.stderr)

worker.Recorder = Recorder
worker._yield_to_all = lambda: print("yields", file=sys.stderr)
worker.main()
"""


def test_it_makes_way_once_it_is_there() -> None:
    """Not while the proxy waits for it: on a busy machine who makes way to all may not come to start for a minute."""
    asked = [packed([Ask(1, "configure", settings=Settings(output=""))]), packed([Ask(2, "status")])]
    ran = subprocess.run([sys.executable, "-c", WATCHED], input=b"".join(asked), capture_output=True, check=True, timeout=120)
    assert ran.stderr.decode().split() == ["configure", "yields", "status"]
