"""`sio-infer inspect` on the recordings, and on a flow file that mitmdump is still writing."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

from tests.e2e.commands import sio_infer
from tests.e2e.processes import APPS, ROOT, free_ports, mitmdump, node, npm_environment, reverse, running
from tests.requires import requires

RECORDINGS = ROOT / "recordings"
CAPTURES = [
    path
    for path in RECORDINGS.iterdir()
    if path.suffix in {".gz", ".har", ".jsonl", ".mitm", ".zip"} and path.name != "orders.mitm"  # orders.har once more
]
_LINE = re.compile(r"\d\d:\d\d:\d\d\.\d{3} [0-9a-f]{6} [→←] (?:ws|poll) ")
TYPES = {"connect", "disconnect", "event", "ack", "connect_error", "binary_event", "binary_ack"}


@cache
def rows(*options: str) -> list[dict[str, Any]]:
    """All recordings as JSON Lines."""
    return [json.loads(line) for line in sio_infer("inspect", "--format", "jsonl", *options, *CAPTURES).splitlines()]


def test_every_recording() -> None:
    """Each packet is a line, in order of time; nothing is undecoded, and every acknowledgement has its event."""
    assert {row["type"] for row in rows()} == TYPES
    assert [row["time"] for row in rows()] == sorted(row["time"] for row in rows())
    assert all("answers" in row and row["latency"] >= 0 for row in rows() if row["type"].endswith("ack"))
    assert len({row["origin"].split()[0] for row in rows()}) == len(CAPTURES)


def test_the_table_has_a_line_for_each() -> None:
    """The same packets, as people read them."""
    table = sio_infer("inspect", *CAPTURES).decode().splitlines()
    assert len(table) == len(rows())
    assert all(map(_LINE.match, table))


def test_values_are_masked() -> None:
    """No string of the arguments is shown unless it is asked for."""
    masked, plain = ([text for row in rows(*options) for text in _strings([row.get("args"), row.get("data")])]
                     for options in ((), ("--show-values",)))  # fmt: skip
    assert all(re.fullmatch(r"<(?:string|binary) \d+>|<(?:integer|number)>", text) for text in masked)
    assert {"notes.txt", "größe.bin"} <= set(plain)


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in items for text in _strings(item)]


def test_follow(tmp_path: Path) -> None:
    """Lines come while mitmdump still writes; Ctrl-C ends with the summary and no error."""
    requires("node")
    listening, port = free_ports(2)
    flows, shown = tmp_path / "live.mitm", tmp_path / "shown.txt"
    proxy = mitmdump(*reverse((listening, port)), "--set", f"save_stream_file={flows}", confdir=tmp_path)
    client = node(APPS / "files_client.js", f"http://127.0.0.1:{listening}", "polling")
    inspect = [str(Path(sys.executable).with_name("sio-infer")), "inspect", str(flows), "--follow"]
    with (
        running(node(APPS / "files.js", port), listening=[port], env=npm_environment()),
        running(proxy, listening=[listening]),
        shown.open("wb") as output,
    ):
        _until(flows.exists)
        follower = subprocess.Popen(inspect, stdout=output, stderr=subprocess.PIPE)
        try:
            for _ in range(3):
                with running(client, env=npm_environment()) as child:
                    child.wait()
            _until(lambda: "upload" in shown.read_text(encoding="utf-8"))
            assert follower.poll() is None
            follower.send_signal(signal.SIGINT)
            _, said = follower.communicate(timeout=20)
        finally:
            follower.kill()
            follower.wait()
    assert follower.returncode == 0
    assert re.search(rb"\d+ frames: \d+ decoded, 0 undecoded", said)
    text = shown.read_text(encoding="utf-8")
    assert "↩ upload #0" in text
    assert "attachments 5 B" in text


def test_a_saved_state_has_no_packets(tmp_path: Path) -> None:
    """It is named for what it is, with what to do, from a file and from standard input; the help does not promise it."""
    state = tmp_path / "chat.sio"
    sio_infer(RECORDINGS / "chat-first.har", "--state", state, "-o", tmp_path / "chat.yml")
    for name in (str(state), "-"):
        with state.open("rb") as given:
            ran = subprocess.run([str(Path(sys.executable).with_name("sio-infer")), "inspect", name], stdin=given, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert ran.stderr.startswith(f"sio-infer: error: {name}: is a saved state, which counts events and holds no packets")
        assert "give the captures that it was made of" in ran.stderr
    assert "saved states" not in sio_infer("inspect", "--help").decode()


def test_follow_wants_a_flow_file(tmp_path: Path) -> None:
    """Other captures are whole or nothing; two files cannot be waited for."""
    command = [str(Path(sys.executable).with_name("sio-infer")), "inspect", "--follow"]
    for files, error in (
        ([RECORDINGS / "orders.har"], "only a mitmproxy flow file can be followed"),
        ([RECORDINGS / "orders.mitm", RECORDINGS / "files-upgrade.mitm"], "--follow waits for one file"),
        ([tmp_path / "absent.mitm"], "cannot read: No such file"),
    ):
        ran = subprocess.run([*command, *files], capture_output=True, text=True, check=False, timeout=30)
        assert ran.returncode == 2
        assert error in ran.stderr
        assert len(ran.stderr.splitlines()) == 1


def _until(holds: object, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.1)
