"""A real Dask cluster of processes on loopback, reading from a real S3 server: the same document as in one process."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bench import corpus
from tests.e2e.processes import Running, free_ports, running

RECORDINGS = Path(__file__).resolve().parents[2] / "recordings"
BIN = Path(sys.executable).parent
BUCKET = "captures"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "DASK_DISTRIBUTED__WORKER__DAEMON": "True",
}


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of captures of every format, of which one is damaged, and many small ones."""
    folder = tmp_path_factory.mktemp("captures")
    for path in RECORDINGS.iterdir():
        if path.suffix in (".har", ".gz", ".mitm", ".zip", ".jsonl"):
            (folder / path.name).write_bytes(path.read_bytes())
    for seed in range(1, 13):
        corpus.write(folder / f"bench-{seed:02}.har", 0.15, seed=seed)
    (folder / "damaged.har.gz").write_bytes(gzip.compress(b"x" * 100_000, mtime=0)[:60])
    return folder


@pytest.fixture(scope="module")
def bucket(captures: Path) -> Iterator[dict[str, str]]:
    """An S3 server with the folder's files in a bucket; gives the environment by which it is found."""
    (port,) = free_ports(1)
    environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    with running([BIN / "moto_server", "-H", "127.0.0.1", "-p", str(port)], listening=[port], env=environment):
        upload = (
            "import s3fs, sys; fs = s3fs.S3FileSystem(); fs.mkdir(sys.argv[1]);"
            " fs.put(sys.argv[2:], [sys.argv[1] + '/' + path.rsplit('/', 1)[1] for path in sys.argv[2:]])"
        )
        files = [str(path) for path in sorted(captures.iterdir())]
        subprocess.run([sys.executable, "-c", upload, BUCKET, *files], env={**os.environ, **environment}, check=True, timeout=60)
        yield environment


@contextmanager
def cluster(workers: int, environment: dict[str, str]) -> Iterator[tuple[str, Running]]:
    """A scheduler and its workers, each a process of one thread; gives the address and the process above the workers."""
    (port,) = free_ports(1)
    address = f"tcp://127.0.0.1:{port}"
    with ExitStack() as stack:
        scheduler = [str(BIN / "dask"), "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-jupyter"]
        stack.enter_context(running(scheduler, listening=[port], env=environment))
        nannies = [str(BIN / "dask"), "worker", address, "--nworkers", str(workers), "--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard"]
        yield address, stack.enter_context(running(nannies, env=environment))


def command(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "infer", *arguments], env={**os.environ, **(env or {})}, capture_output=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def expected(captures: Path) -> bytes:
    """The document that one process makes of the folder's files."""
    result = command("infer", "--jobs", "1", str(captures / "*"))
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout


def test_two_workers_give_the_same_document(bucket: dict[str, str], expected: bytes) -> None:
    """From S3, by URL with a glob; the damaged capture is told of, and strictness makes that an error."""
    with cluster(2, bucket) as (address, _):
        arguments = ("infer", f"s3://{BUCKET}/*", "--engine", "dask", "--scheduler", address)
        result = command(*arguments, env=bucket)
        strict = command(*arguments, "--strict", env=bucket)
    assert result.returncode == 0, result.stderr.decode()
    assert result.stdout == expected
    assert b"damaged.har.gz" in result.stderr
    assert strict.returncode == 2
    assert strict.stdout == b""


KILL_A_BUSY_WORKER = """
import os, signal, sys, time
from distributed import Client
client = Client(sys.argv[1])
client.wait_for_workers(4, timeout=60)
pids = client.run(os.getpid)
print("ready", flush=True)
while not (busy := [worker for worker, tasks in client.processing().items() if tasks]):
    time.sleep(0.01)
os.kill(pids[busy[0]], signal.SIGKILL)
print("killed", pids[busy[0]], flush=True)
"""


def test_four_workers_of_which_one_is_killed_give_the_same_document(bucket: dict[str, str], expected: bytes) -> None:
    """What it was reading, and what it had read, is done again by others."""
    with cluster(4, bucket) as (address, nannies), running([sys.executable, "-c", KILL_A_BUSY_WORKER, address]) as killer:
        while "ready" not in killer.output and killer.process.poll() is None:
            time.sleep(0.05)
        result = command("infer", f"s3://{BUCKET}/*", "--engine", "dask", "--scheduler", address, env=bucket)
        assert "killed" in killer.wait(10)
        assert "signal 9" in nannies.output or "Restarting" in nannies.output
    assert result.returncode == 0, result.stderr.decode()
    assert result.stdout == expected


def test_a_cluster_or_a_bucket_that_is_not_there() -> None:
    """One line that says what, where, and what to do."""
    (port,) = free_ports(1)
    given = str(RECORDINGS / "chat-first.har")
    unreachable = command("infer", given, "--engine", "dask", "--scheduler", f"tcp://127.0.0.1:{port}")
    assert unreachable.returncode == 2
    assert unreachable.stderr.decode().splitlines() == [
        f"sio-infer: error: tcp://127.0.0.1:{port}: no Dask scheduler can be reached (is it running, and is the address right?)"
    ]
    for address in ([], ["--scheduler", "nowhere"]):
        result = command("infer", given, "--engine", "dask", *address)
        assert result.returncode == 2
        assert len(result.stderr.splitlines()) == 1


def test_urls_that_cannot_be_read(bucket: dict[str, str]) -> None:
    """No such key, no such bucket, no rights, no server: each one line, and what can be read is read."""
    (port,) = free_ports(1)
    here = str(RECORDINGS / "chat-first.har")
    missing = command("infer", f"s3://{BUCKET}/none.har", here, env=bucket)
    assert missing.returncode == 0
    assert "none.har: no such file" in missing.stderr.decode()
    for url, environment in (
        ("s3://nowhere/*.har", bucket),
        (f"s3://{BUCKET}/chat-first.har", {**bucket, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_MAX_ATTEMPTS": "1"}),
    ):
        result = command("infer", url, env=environment)
        assert result.returncode == 2
        assert len(result.stderr.decode().splitlines()) == 1, result.stderr.decode()
        assert url in result.stderr.decode()


def test_a_missing_extra_says_what_to_install(tmp_path: Path) -> None:
    """Without Dask and fsspec everything else works, and what needs them says so."""
    for name in ("distributed", "fsspec"):
        (tmp_path / f"{name}.py").write_text("raise ImportError\n")
    bare = {"PYTHONPATH": str(tmp_path)}
    given = str(RECORDINGS / "chat-first.har")
    assert command("infer", given, env=bare).returncode == 0
    for arguments in ([given, "--engine", "dask", "--scheduler", "tcp://127.0.0.1:1"], ["s3://bucket/x.har"]):
        result = command("infer", *arguments, env=bare)
        assert result.returncode == 2
        assert "pip install 'sio-infer[dask]'" in result.stderr.decode()
        assert len(result.stderr.splitlines()) == 1
