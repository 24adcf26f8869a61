"""`infer.files`: the old file or the new one, whole."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from infer.errors import UsageError
from infer.files import probe, write_atomic


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    """The new content takes the old one's place, for the same readers."""
    target = tmp_path / "asyncapi.yml"
    target.write_bytes(b"old")
    target.chmod(0o640)
    write_atomic(target, b"new")
    assert target.read_bytes() == b"new"
    assert mode(target) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["asyncapi.yml"]


def test_a_private_file_is_its_owners(tmp_path: Path) -> None:
    """Also where the file that it replaces was open to all."""
    target = tmp_path / "chat.sio"
    target.write_bytes(b"old")
    target.chmod(0o644)
    write_atomic(target, b"new", private=True)
    assert mode(target) == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """The file that a link points at is replaced, not the link."""
    target, link = tmp_path / "real.yml", tmp_path / "link.yml"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_atomic(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("name", ["no/such/folder.yml", "."])
def test_an_unwritable_place_is_one_error(tmp_path: Path, name: str) -> None:
    """A missing folder, or a folder in the file's place, is a UsageError that names it."""
    with pytest.raises(UsageError) as caught:
        write_atomic(tmp_path / name, b"new")
    assert caught.value.location == str(tmp_path / name)
    with pytest.raises(UsageError) as beforehand:
        probe(tmp_path / name)
    assert str(beforehand.value) == str(caught.value)


def test_a_place_is_tried_without_a_trace(tmp_path: Path) -> None:
    """Nothing is made, and nothing of what is there is touched; nobody reads the pipe, and none is waited for."""
    there = tmp_path / "there.yml"
    there.write_bytes(b"old")
    os.mkfifo(tmp_path / "pipe")
    for name in ("new.yml", "there.yml", "pipe"):
        probe(tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pipe", "there.yml"]
    assert there.read_bytes() == b"old"


def test_a_pipe_by_its_descriptor_is_written_to() -> None:
    """As a shell names it: `-o /dev/stdout | …`, `-o >(gzip > a.gz)`."""
    end, begin = os.pipe()
    try:
        path = f"/dev/fd/{begin}"
        probe(path)
        write_atomic(path, b"content")
        assert os.read(end, 100) == b"content"
    finally:
        os.close(end)
        os.close(begin)


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fails while the new file is flushed, the old one stands and nothing is left beside it."""
    target = tmp_path / "asyncapi.yml"
    target.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left"):
        write_atomic(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["asyncapi.yml"]


def test_a_file_that_is_mounted_by_itself_is_written_to(tmp_path: Path) -> None:
    """As one is into a container: nothing can take its place."""
    own, target = tmp_path / "own.yml", tmp_path / "asyncapi.yml"
    own.write_bytes(b"old, and longer")
    target.touch()
    mounted = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", 'mount --bind "$1" "$2" && shift 2 && exec "$@"', "sh", str(own), str(target)]
    if subprocess.run([*mounted, "true"], capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    write = "import sys; from infer.files import probe, write_atomic; probe(sys.argv[1]); write_atomic(sys.argv[1], b'new')"
    subprocess.run([*mounted, sys.executable, "-c", write, str(target)], check=True)
    assert own.read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["asyncapi.yml", "own.yml"]
