"""Documents at addresses by http: each is asked for once, and nothing that is said or written of one holds its credentials."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

import pytest

from infer.report.findings import FORMATS
from tests.e2e.commands import COMMAND, environment
from tests.e2e.processes import ROOT, free_ports

CHAT: Final = ROOT / "recordings" / "chat-first.har"
SECRET: Final = "Zk3vQ9xLr7"
DOCUMENT: Final = """asyncapi: 3.0.0
info: {title: Chat, version: '1'}
channels:
  root:
    address: /
    messages:
      typing: {name: typing, payload: {$ref: 'parts/text.yml'}}
operations:
  typing: {action: receive, channel: {$ref: '#/channels/root'}}
"""


@dataclass
class Site:
    """A server that gives its files to those alone who know the secret, but for those in a folder."""

    root: str
    files: dict[str, bytes]
    asked: list[str] = field(default_factory=list)

    def address(self, name: str) -> str:
        return f"{self.root}/{name}?token={SECRET}"


@pytest.fixture
def site() -> Iterator[Site]:
    files = {
        "chat.yml": DOCUMENT.encode(),
        "parts/text.yml": b"type: string\n",
        "later.yml": DOCUMENT.replace("name: typing", "name: writing").encode(),
        "broken.yml": DOCUMENT.replace("address: /", "address: [").encode(),
        "latin.yml": DOCUMENT.replace("Chat", "Caf\u00e9").encode("latin-1"),
        "plain": DOCUMENT.encode(),
    }
    made = Site("", files)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path[1:].partition("?")
            made.asked.append(path)
            if path not in files or ("/" not in path and query != f"token={SECRET}"):
                self.send_error(403)
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(files[path])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its own signature)
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        made.root = f"http://127.0.0.1:{server.server_port}"
        try:
            yield made
        finally:
            server.shutdown()


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, encoding="utf-8", check=False, cwd=cwd, env=environment(), timeout=60
    )


@pytest.mark.parametrize("form", FORMATS)
def test_no_report_holds_the_credentials_of_a_document(site: Site, tmp_path: Path, form: str) -> None:
    """Of traffic held to one, and of one held to another; each with the part that it refers to, from the same folder."""
    (tmp_path / "local.yml").write_text(DOCUMENT)
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/text.yml").write_text("type: integer\n")
    for others in ([site.address("later.yml")], [CHAT], ["local.yml"]):
        site.asked.clear()
        ran = run("diff", site.address("chat.yml"), *others, "--allow-remote", "--format", form, cwd=tmp_path)
        assert ran.returncode == 1, ran.stderr
        assert site.asked.count("chat.yml") == 1
        assert site.asked.count("later.yml") == (others[0] == site.address("later.yml"))
        assert "parts/text.yml" in site.asked
        assert SECRET not in ran.stdout + ran.stderr
        assert form not in ("text", "json", "html") or f"{site.root}/chat.yml" in ran.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        "types {}",
        "types {} --lang python",
        "docs {}",
        "mock {} --port 0 --duration 0",
        "update {} {capture} -o -",
        "update {} {capture} --check",
        "diff {} {capture} --patch -",
        "diff {} {capture} --write-baseline known.json --report html=report.html",
    ],
)
def test_each_command_asks_once_and_writes_no_credentials(site: Site, tmp_path: Path, arguments: str) -> None:
    """Wherever a document may stand."""
    site.files["chat.yml"] = DOCUMENT.replace("{$ref: 'parts/text.yml'}", "{type: string}").encode()
    words = arguments.format(site.address("chat.yml"), capture=CHAT).split()
    ran = run(*words, cwd=tmp_path)
    assert ran.returncode in (0, 1), ran.stderr
    assert site.asked == ["chat.yml"]
    written = [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()]
    assert not [text for text in (ran.stdout, ran.stderr, *written) if SECRET in text]


@pytest.mark.parametrize("command", ["types", "docs", "diff", "mock", "update", "record --port 0 --declared"])
@pytest.mark.parametrize(
    ("name", "says"),
    [("broken.yml", "no valid YAML"), ("latin.yml", "no UTF-8"), ("absent.yml", "cannot be fetched: HTTP Error 403"), ("chat.yml", "--allow-remote")],
)
def test_errors_name_the_document_without_its_credentials(site: Site, tmp_path: Path, command: str, name: str, says: str) -> None:
    """In one line; a document that cannot be had is asked for once, too."""
    more = [CHAT] if command in ("diff", "update") else []
    ran = run(*command.split(), site.address(name), *more, cwd=tmp_path)
    assert ran.returncode == 2
    (line,) = ran.stderr.splitlines()
    assert f"/{name}?…" in line
    assert says in line
    assert SECRET not in line
    assert site.asked == [name]


def test_what_is_no_address_is_not_quoted(tmp_path: Path) -> None:
    """The library's own errors quote the part that is wrong."""
    for address in (f"https://ann:{SECRET}@127.0.0.1/a.yml", f"http://127.0.0.1:1/a.yml?token={SECRET} b", f"http://[{SECRET}/a.yml"):
        ran = run("types", address, cwd=tmp_path)
        assert ran.returncode == 2
        (line,) = ran.stderr.splitlines()
        assert "is no address that can be fetched" in line
        assert f":{SECRET}@" not in line
        assert f"={SECRET}" not in line


def test_a_server_that_is_not_there_is_told_in_the_systems_words(tmp_path: Path) -> None:
    """In one line, without what the library wraps them in."""
    (port,) = free_ports(1)
    ran = run("types", f"http://127.0.0.1:{port}/a.yml", cwd=tmp_path)
    assert ran.returncode == 2
    assert ran.stderr == f"sio-infer: error: http://127.0.0.1:{port}/a.yml: cannot be fetched: Connection refused (is a server there?)\n"


def test_a_document_without_a_suffix_is_told_by_what_stands_in_it(site: Site, tmp_path: Path) -> None:
    """As one given by a path is."""
    ran = run("types", site.address("plain"), "--allow-remote", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert '"typing": (data: string) => void' in ran.stdout
    assert site.asked.count("plain") == 1
