"""`infer.state`: catalogs in files."""

from __future__ import annotations

import gc
import gzip
import stat
from array import array
from pathlib import Path

import msgspec
import pytest

from infer import captures, state
from infer.catalog import Catalog
from infer.engines import local
from infer.errors import CaptureError
from infer.model import Direction, Event, Origin, Server

EVENT = Event(
    1,
    Server(secure=False, host="chat.test", path="/socket.io/"),
    "/",
    Direction.C2S,
    "say",
    ["hello"],
    ack_asked=False,
    ack=None,
    latency=None,
    size=9,
    time=None,
    origin=Origin("a.har"),
)


@pytest.fixture
def catalog() -> Catalog:
    filled = Catalog()
    filled.add(EVENT)
    return filled


def test_a_file_is_private_and_holds_the_catalog(catalog: Catalog, tmp_path: Path) -> None:
    """A state is readable by its owner only, and gives back what was saved."""
    path = tmp_path / "chat.sio"
    state.save(catalog, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert state.load(path) == catalog


def test_every_damaged_byte_is_noticed(catalog: Catalog) -> None:
    """A state with any one byte changed, or cut anywhere, is refused, never half read."""
    data = state.encode(catalog)
    for at in range(len(data)):
        flipped = data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :]
        for damaged in (flipped, data[:at]):
            with pytest.raises(CaptureError):
                state.decode(damaged)


def test_a_newer_version_says_so(catalog: Catalog) -> None:
    """A state of a later program is refused with the remedy."""
    data = state.encode(catalog).replace(b"state 2 ", b"state 3 ", 1)
    with pytest.raises(CaptureError, match=r"version 3.*upgrade"):
        state.decode(data)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The error says which file could not be read."""
    with pytest.raises(CaptureError) as caught:
        state.load(tmp_path / "none.sio")
    assert caught.value.location == str(tmp_path / "none.sio")


def test_a_state_in_a_gzip_is_one(catalog: Catalog, tmp_path: Path) -> None:
    """As somebody may keep it; other gzips are none."""
    path, other = tmp_path / "a.sio.gz", tmp_path / "a.har.gz"
    path.write_bytes(gzip.compress(state.encode(catalog)))
    other.write_bytes(gzip.compress(b'{"log": {"entries": []}}'))
    assert [captures.is_state(str(each)) for each in (path, other)] == [True, False]
    assert state.encode(local.run([str(path)], local.Options()).catalog) == state.encode(catalog)


def test_what_goes_to_another_process_is_the_catalog(catalog: Catalog) -> None:
    """To the byte, also where numbers are laid out in the other order, and where there are more sessions than are kept."""
    for session in range(100):
        catalog.add(msgspec.structs.replace(EVENT, session=session))
    packed = state.pack(catalog)
    assert state.encode(state.unpack(packed)) == state.encode(catalog)
    swapped = msgspec.msgpack.decode(packed, ext_hook=_other_order)
    assert state.encode(state.unpack(msgspec.msgpack.encode(swapped))) == state.encode(catalog)


@pytest.mark.parametrize("on", [True, False])
def test_the_garbage_collector_is_left_as_it_was(catalog: Catalog, on: bool) -> None:
    """Whether the state could be read or not."""
    packed = state.pack(catalog)
    before = gc.isenabled()
    try:
        (gc.enable if on else gc.disable)()
        state.unpack(packed)
        assert gc.isenabled() is on
        with pytest.raises(msgspec.DecodeError):
            state.unpack(packed[:-1])
        assert gc.isenabled() is on
    finally:
        (gc.enable if before else gc.disable)()


def _other_order(code: int, data: memoryview) -> msgspec.msgpack.Ext:
    numbers = array("q", bytes(data))
    numbers.byteswap()
    return msgspec.msgpack.Ext({1: 2, 2: 1}[code], numbers.tobytes())
