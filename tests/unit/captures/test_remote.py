"""`infer.captures.remote`: files in archives and on servers, and what is said where there are none."""

from __future__ import annotations

import re
import socket
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infer.captures.remote import expand, opened
from infer.errors import CaptureError, UsageError
from infer.urls import shown
from tests.e2e.processes import free_ports

pytest.importorskip("fsspec")


def content(url: str) -> bytes:
    """All of what stands behind a URL, in pieces as readers ask for it."""
    with opened(url) as file:
        return b"".join(iter(lambda: file.read(1_000), b""))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A zip of three files."""
    path = tmp_path / "captures.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name in ("b.har", "a.har", "read.me"):
            made.writestr(name, name * 1_000)
    return path


def test_a_file_in_an_archive_is_read_to_its_end(archive: Path) -> None:
    """By a path or a URL of the archive, which stays open meanwhile."""
    assert content(f"zip://a.har::{archive}") == b"a.har" * 1_000
    assert content(f"zip://b.har::file://{archive}") == b"b.har" * 1_000
    with pytest.raises(CaptureError, match="no such file"):
        content(f"zip://none.har::{archive}")


def test_a_glob_in_an_archive_names_what_can_be_opened(archive: Path) -> None:
    """The archive stays part of the names; so does a cache before it."""
    names = expand(f"zip://*.har::{archive}")
    assert names == [f"zip://a.har::{archive}", f"zip://b.har::{archive}"]
    assert content(names[0]) == b"a.har" * 1_000
    (name,) = expand(f"simplecache::file://{archive.parent}/*.zip")
    assert name == f"simplecache::file://{archive}"
    with pytest.raises(UsageError, match="no file matches"):
        expand(f"zip://*.log::{archive}")


@pytest.fixture
def address() -> Iterator[str]:
    """Of a server that answers with the status in a path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(int(self.path.strip("/")))

        do_HEAD = do_GET  # noqa: N815 (http.server's own name)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "no such file"), (401, "access is denied"), (403, "access is denied"), (500, "cannot be read: the server answers 500")],
)
def test_what_a_server_answers_is_told(address: str, status: int, words: str) -> None:
    """A file that is missing is one thing, a server that refuses or fails another."""
    with pytest.raises(CaptureError, match=words):
        content(f"{address}/{status}")


def test_a_server_that_is_not_there_is_no_missing_file() -> None:
    """Neither where nobody listens nor where the name is nobody's; for a glob too."""
    (port,) = free_ports(1)
    for url, words in ((f"http://127.0.0.1:{port}/a.har", "Connection refused"), ("http://nobody.invalid/a.har", "")):
        with pytest.raises(CaptureError, match=f"cannot be reached: {words}"):
            content(url)
    with pytest.raises(UsageError, match="cannot be reached: Connection refused"):
        expand(f"http://127.0.0.1:{port}/*.har")


@pytest.fixture
def plain(archive: Path) -> Iterator[str]:
    """The address of a server that knows no ranges, as Python's own; it gives the files beside the archive whatever the query."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(archive.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_large_file_of_a_server_that_gives_whole_files(plain: str, archive: Path) -> None:
    """It is read all the same; what lies in an archive there needs a copy, which is said."""
    large = bytes(range(256)) * (40 << 10)
    (archive.parent / "large.har").write_bytes(large)
    assert content(f"{plain}/large.har") == large
    with pytest.raises(CaptureError, match=r"gives whole files only.*simplecache::"):
        content(f"zip://a.har::{plain}/{archive.name}")
    assert content(f"zip://a.har::simplecache::{plain}/{archive.name}") == b"a.har" * 1_000


def test_a_query_and_an_address_are_no_glob(plain: str, archive: Path) -> None:
    """Signed addresses have a query, in which anything may stand; IPv6 addresses have brackets. Paths are globs as ever."""
    (archive.parent / "a.har").write_bytes(b"{}")
    signed = f"{plain}/a.har?X-Amz-Signature=a*b&list=[1]"
    assert expand(signed) == [signed]
    assert content(signed) == b"{}"
    for url in ("http://[::1]:8000/a.har", f"zip://a.har::{signed}", f"simplecache::{signed}"):
        assert expand(url) == [url]


def test_an_ipv6_address_is_no_chain(archive: Path) -> None:
    """Though two colons in a row part the links of one."""

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6

    try:
        server = Server(("::1", 0), partial(SimpleHTTPRequestHandler, directory=str(archive.parent)))
    except OSError:
        pytest.skip("this machine has no loopback by IPv6")
    (archive.parent / "a.har").write_bytes(b"{}")
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            (url,) = expand(f"http://[::1]:{server.server_port}/a.har")
            assert content(url) == b"{}"
            with pytest.raises(CaptureError, match="no such file"):
                content(f"{url}.gone")
        finally:
            server.shutdown()


def test_credentials_of_addresses_are_not_shown(plain: str) -> None:
    """Neither passwords nor queries, which may be signatures; two files stay two, and nothing else is changed."""
    one, other = (shown(f"https://user:word@captures.example/a.har?id={name}") for name in ("a", "b"))
    assert one != other
    assert all(re.fullmatch(r"https://captures\.example/a\.har\?…[0-9a-f]{4}", name) for name in (one, other))
    assert re.fullmatch(r"zip://\*\.har::https://c\.example/a\.zip\?…[0-9a-f]{4}", shown("zip://*.har::https://c.example/a.zip?sig=s"))
    for before in ("http", "simplecache::https"):
        assert re.fullmatch(rf"{before}://\[::1\]:8000/a\.har\?…[0-9a-f]{{4}}", shown(f"{before}://[::1]:8000/a.har?id=a::b"))
    for name in ("a.har?b=c", "s3://captures/day-?.har", "abfs://folder@account/a.har", "http://captures.example/a@b:c.har"):
        assert shown(name) == name
    with pytest.raises(CaptureError) as told:
        content(f"{plain}/gone.har?X-Amz-Signature=secret")
    assert "secret" not in str(told.value)
