"""Secrets are planted wherever traffic can carry them; no command lets one out, in any format.

A real server and a real client (tests/e2e/apps/canary_*.py) talk through a real mitmdump with the addon in it. Then every
command runs on what was recorded, and everything that came out is searched: output, standard error, files.
"""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest

from tests.e2e.apps.canaries import DIGITS, EVERY, TOKEN
from tests.e2e.commands import COMMAND, environment
from tests.e2e.processes import ROOT, free_ports, mitmdump, python, reverse, running

HERE: Final = Path(__file__).parent
PATH: Final = f"t/{TOKEN}/socket.io"
REPORTS: Final = ("text", "json", "markdown", "html", "junit", "sarif", "github", "gitlab")
JUNK: Final = [
    "4{value}", "42[{value!r}", '4377["{value}"]', '451-["{value}",{{"_placeholder":true,"num":7}}]', '42["connect","{value}"]', "9{value}",
]  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """What was recorded, and all that was said on the way."""

    folder: Path
    captures: list[Path]
    said: dict[str, bytes]


def plant(folder: Path) -> Planted:
    server_port, proxy_port = free_ports(2)
    outputs = {"har": folder / "canary.har", "mitm": folder / "canary.mitm"}
    live = {"output": folder / "live.yml", "state": folder / "live.sio"}
    options = [f"hardump={outputs['har']}", f"save_stream_file={outputs['mitm']}", *(f"sio_infer_{key}={path}" for key, path in live.items())]
    proxy = mitmdump(
        *reverse((proxy_port, server_port)), "-s", ROOT / "addons/sio_infer.py", *(part for option in options for part in ("--set", option)), confdir=folder
    )
    proxy.remove("--quiet")
    proxy += ["--set", "flow_detail=0"]  # flows are mitmdump's own output; all else that it prints is searched
    said = {}
    server = python(HERE / "apps/canary_server.py", server_port, PATH)
    with running(server, listening=[server_port]), running(proxy, listening=[proxy_port]) as proxying:
        for transport in ("polling", "websocket"):
            with running(python(HERE / "apps/canary_client.py", f"http://127.0.0.1:{proxy_port}", PATH, transport)) as client:
                client.wait()
        proxying.stop()
        said["the proxy's log"] = proxying.output.encode()
    document: dict[str, Any] = json.loads(outputs["har"].read_text(encoding="utf-8"))
    socket = next(entry for entry in document["log"]["entries"] if entry.get("_webSocketMessages"))
    for value in EVERY:
        for junk in JUNK:
            data = junk.format(value=value)
            socket["_webSocketMessages"].append({"type": "send", "time": 2e9, "opcode": 1, "data": data})
    (folder / "junk.har").write_text(json.dumps(document), encoding="utf-8")
    return Planted(folder, [outputs["har"], outputs["mitm"], folder / "junk.har"], said)


def commands(planted: Planted) -> Iterator[list[str | Path]]:
    """Every command, with every format and all that lets it say more, but --show-values."""
    folder, (har, mitm, junk) = planted.folder, planted.captures
    every = [har, mitm, junk]
    for version in ("3.0.0", "3.1.0", "2.6.0"):
        for form in ("yaml", "json"):
            yield [*every, "--asyncapi", version, "--format", form, "-o", folder / f"document-{version}.{form}"]
    yield [*every, "--evidence", "full", "--examples", "3", "--min-samples", "50", "-v", "--state", folder / "canary.sio"]
    yield [har, "--perspective", "client", "-v"]
    yield [folder / "canary.sio"]
    yield [*every, "--host", "nowhere.example"]
    yield [*every, "--strict", "-v"]
    yield ["merge", folder / "canary.sio", folder / "live.sio", "-o", folder / "merged.sio"]
    yield ["rules"]
    for form in ("table", "jsonl"):
        yield ["inspect", *every, "--format", form, "--engine"]
    for form in ("text", "csv", "json", "markdown"):
        yield ["summary", *every, "--format", form]
    yield ["docs", *every, "-o", folder / "page.html"]
    yield ["docs", folder / "document-3.0.0.yaml", "-o", folder / "page-of-document.html"]
    yield ["types", *every]
    yield ["types", folder / "document-3.0.0.yaml", "--lang", "python"]
    declared = folder / "declared.yml"
    declared.write_text(DECLARED)
    for name, revision in (("report", every), ("changes", [folder / "document-3.0.0.yaml"])):
        reports = (part for form in REPORTS for part in ("--report", f"{form}={folder / f'{name}.{form}'}"))
        yield ["diff", declared, *revision, *reports, "-v"]
    yield ["diff", declared, *every, "--patch", folder / "patch.json", "--write-baseline", folder / "baseline.json", "--reason", "known"]
    yield ["diff", declared, folder / "document-3.0.0.yaml", "--traffic", har]
    (folder / "edited.yml").write_bytes(declared.read_bytes())
    yield ["update", folder / "edited.yml", *every, "--check"]
    yield ["update", folder / "edited.yml", *every]


DECLARED: Final = """\
asyncapi: 3.0.0
info: {title: Declared, version: 1.0.0}
channels:
  root:
    address: /
    messages:
      state: {name: state, payload: {type: object, properties: {status: {type: integer}, type: {enum: [open, closed]}}, required: [id]}}
      save: {name: save, payload: {type: string, pattern: '^[0-9]+$'}, x-ack: {args: {type: boolean}}}
      texts: {name: texts, payload: {type: array, items: {type: integer}}}
operations:
  state: {action: send, channel: {$ref: '#/channels/root'}, messages: [{$ref: '#/channels/root/messages/state'}]}
  texts: {action: send, channel: {$ref: '#/channels/root'}, messages: [{$ref: '#/channels/root/messages/texts'}]}
  save: {action: receive, channel: {$ref: '#/channels/root'}, messages: [{$ref: '#/channels/root/messages/save'}]}
"""


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return plant(tmp_path_factory.mktemp("canary"))


def needles() -> dict[str, list[bytes]]:
    """Each secret as it may be written: as it is, quoted for URLs, for JSON, in base64, in hexadecimal."""
    found = {}
    for value in [*EVERY, DIGITS]:
        raw = value.encode()
        inner = base64.b64encode(raw)[: len(raw) * 4 // 3 - 2]
        found[value] = [raw, quote(value).encode(), quote(value, safe="").encode(), inner, raw.hex().encode()]
    return found


def leaks(data: bytes) -> list[str]:
    """Secrets in the data, which is unpacked where it is packed."""
    if b"sio-infer state" in data[:32]:
        data += gzip.decompress(data.partition(b"\n")[2])
    else:
        with suppress(zlib.error):
            data += zlib.decompress(data, wbits=47)
    return [value for value, forms in needles().items() if any(form in data for form in forms)]


def test_the_search_finds(planted: Planted) -> None:
    """All secrets are in the captures, and in what is shown when values are asked for: the test below can fail."""
    for capture in planted.captures[:2]:
        assert set(leaks(capture.read_bytes())) >= {TOKEN}
    ran = subprocess.run([COMMAND, "inspect", *planted.captures, "--format", "jsonl", "--show-values"], capture_output=True, check=True, env=environment())
    assert set(leaks(ran.stdout)) == set(EVERY)


def test_nothing_leaks(planted: Planted) -> None:
    """Over all commands and formats: no output, no diagnostic, no file."""
    found: list[str] = []
    for command in commands(planted):
        ran = subprocess.run([COMMAND, *command], capture_output=True, check=False, env=environment(), cwd=planted.folder, timeout=120)
        assert b"Traceback" not in ran.stderr, ran.stderr.decode()
        assert b"unexpected" not in ran.stderr, (command, ran.stderr.decode()[:500])
        assert b"No such" not in ran.stderr, ran.stderr.decode()
        line = " ".join(str(part).replace(f"{planted.folder}/", "") for part in command)
        found += [f"{value!r} on stdout of {line}" for value in leaks(ran.stdout)]
        found += [f"{value!r} on stderr of {line}" for value in leaks(ran.stderr)]
    captures = {path.name for path in planted.captures}
    written = [path for path in planted.folder.iterdir() if path.is_file() and path.name not in captures and "mitmproxy" not in path.name]
    for path in written:
        found += [f"{value!r} in {path.name}" for value in leaks(path.read_bytes())]
    for what, said in planted.said.items():
        found += [f"{value!r} in {what}" for value in leaks(said)]
    assert not found, "\n".join(found)
    expected = {"live.yml", "live.sio", "canary.sio", "page.html", "report.sarif", "baseline.json", "patch.json"}
    assert expected <= {path.name for path in written}
