"""Catalogs in files, so that work can go on where it stopped and a fleet's catalogs can be folded.

A state file is one line of ASCII, `sio-infer state VERSION sha256:DIGEST`, then the gzip of a MessagePack document; the
digest is of the gzip. The document holds no value from traffic but enum and tag candidates that the secrecy policy lets
through (`infer.schema`). The same catalog gives the same bytes. A checksum is anyone's to make: what a file holds is
checked field by field against `Document`, and what that cannot say where it is filled in.
"""

from __future__ import annotations

import gc
import gzip
import sys
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from infer import bounded
from infer.bounded import Bounded
from infer.budget import hold, watch_of
from infer.catalog import AUTHORIZATION_SCHEMES, DEFAULT, Catalog, EventEntry, Namespace, ServerEntry
from infer.errors import CaptureError
from infer.files import write_atomic
from infer.histogram import Histogram
from infer.limits import Limits
from infer.model import Server
from infer.schema import Args, Evidence, Sources
from infer.schema.saved import Count, SavedArgs, SavedNode, SavedSources

K = TypeVar("K")
Code = Annotated[str, Meta(pattern="^[a-z][a-z0-9.-]{0,47}$")]
"""Of a diagnostic."""
Version = Annotated[str, Meta(pattern="^[0-9]{1,2}$")]
Name = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]{1,128}$")]
"""Of a parser that is built in or was installed."""
Time = Annotated[float, Meta(ge=-1e300, le=1e300)]
SavedHistogram = dict[Annotated[int, Meta(ge=-128, le=4_095)], Count]
"""Buckets of `infer.histogram`, whose edges are numbers that a double can hold."""
MAGIC: Final = b"sio-infer state "
VERSION: Final = 2
_NUMBERS: Final = 1 if sys.byteorder == "little" else 2
"""MessagePack's type of what `pack` makes of bare numbers, by the order of bytes here; in a file they are a list."""


def save(catalog: Catalog, path: str | Path) -> None:
    """Write the catalog, atomically, readable by its owner only. Errors: `UsageError`."""
    write_atomic(path, encode(catalog), private=True)


def load(path: str | Path, limits: Limits | None = None) -> Catalog:
    """Read a saved catalog, within those limits; `-` is standard input.

    Errors: `CaptureError` where the file is none, is damaged, or is of a newer version.
    """
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise CaptureError(f"cannot read: {error.strerror or error}", str(path)) from error
    return decode(data, str(path), limits)


def pack(catalog: Catalog) -> bytes:
    """The catalog for another process of the same program: a document without its envelope, bare numbers as they lie in memory."""
    return _document(catalog, lambda numbers: msgspec.msgpack.Ext(_NUMBERS, numbers.tobytes()))


def unpack(packed: bytes, limits: Limits | None = None) -> Catalog:
    """The catalog of `pack`, within those limits. Errors: those of whatever is not there or not of its kind."""
    return _unpack(packed, limits or DEFAULT, check=False)


def _document(catalog: Catalog, numbers: Callable[[array[int]], Any]) -> bytes:
    catalog.hold()
    return msgspec.msgpack.encode({"diagnostics": _pack(catalog.diagnostics), "servers": _pack(catalog.servers)}, enc_hook=numbers)


def _numbers(code: int, data: memoryview) -> array[int]:
    """What `pack` made bytes of, be it on another machine."""
    made = array("q")
    made.frombytes(data)
    if code != _NUMBERS:
        made.byteswap()
    return made


def _unpack(packed: bytes, limits: Limits, *, check: bool) -> Catalog:
    """See `unpack`; where it comes from elsewhere, all is held to the types of what may stand in a state."""
    with _uncollected():
        catalog = Catalog(limits)
        catalog.diagnostics.update(msgspec.msgpack.decode(packed, type=Document).diagnostics)
        _fill(catalog.servers, msgspec.msgpack.decode(packed, type=dict[str, Raw])["servers"], limits, check=check)
    return catalog


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection but where something was let go: what stays takes most of a collector's time as it grows."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class SavedBounded(Struct, Generic[K], forbid_unknown_fields=True):
    """`infer.bounded.Bounded`; its entries are looked at one by one, since as objects they are fifty times what they are here."""

    overflow: Count
    entries: list[tuple[K, Raw]]


class SavedCount(Struct, forbid_unknown_fields=True):
    """`infer.bounded.Count`."""

    count: Count


class SavedEvent(Struct, forbid_unknown_fields=True):
    """`infer.catalog.EventEntry`."""

    count: Count
    sessions: SavedSources
    args: SavedArgs
    rejected: SavedArgs
    ack_asked: Count
    ack_given: Count
    ack: SavedArgs
    latency: SavedHistogram
    size: SavedHistogram
    first: Time | None
    last: Time | None


class SavedNamespace(Struct, forbid_unknown_fields=True):
    """`infer.catalog.Namespace`."""

    count: Count
    sessions: SavedSources
    connects: Count
    accepted: Count
    refused: Count
    disconnects: Count
    auth: SavedNode
    refused_auth: SavedNode
    error: SavedNode
    events: SavedBounded[tuple[Literal["c2s", "s2c"], str]]


class SavedServer(Struct, forbid_unknown_fields=True):
    """`infer.catalog.ServerEntry`."""

    count: Count
    sessions: SavedSources
    protocols: dict[Version, Count]
    transports: dict[Literal["polling", "websocket"], Count]
    parsers: dict[Name, Count]
    query: SavedNode
    headers: SavedBounded[str]
    cookies: SavedBounded[str]
    authorization: dict[str, Count]
    namespaces: SavedBounded[str]

    def __post_init__(self) -> None:
        """No other word may be known of a credential than its scheme."""
        if not self.authorization.keys() <= {*AUTHORIZATION_SCHEMES, "other"}:
            raise ValueError("no scheme of authorization")


class Document(Struct, forbid_unknown_fields=True):
    """`infer.catalog.Catalog`."""

    diagnostics: dict[Code, Count]
    servers: SavedBounded[tuple[bool, str, str]]


_SAVED: Final[dict[type, type[Struct]]] = {
    EventEntry: SavedEvent, Namespace: SavedNamespace, ServerEntry: SavedServer, bounded.Count: SavedCount,
}  # fmt: skip


def encode(catalog: Catalog) -> bytes:
    """The catalog as a state file's bytes."""
    body = gzip.compress(_document(catalog, list), compresslevel=6, mtime=0)
    return b"%b%d sha256:%b\n" % (MAGIC, VERSION, sha256(body).hexdigest().encode()) + body


def decode(data: bytes, source: str = "state", limits: Limits | None = None) -> Catalog:
    """The catalog in a state file's bytes; `source` names the file in errors. Errors: as of `load`."""
    line, _, body = data.partition(b"\n")
    words = line.removeprefix(MAGIC).split()
    if not line.startswith(MAGIC) or len(words) != 2 or not words[0].isdigit():
        raise CaptureError("is no state of sio-infer", source, "states are what --state writes")
    if int(words[0]) > VERSION:
        raise CaptureError(
            f"is a state of version {int(words[0])}, this program knows up to {VERSION}", source, "upgrade sio-infer"
        )
    if words[1] != b"sha256:" + sha256(body).hexdigest().encode():
        raise CaptureError("is damaged: its checksum does not match", source, "take an older copy, or infer anew")
    try:
        unpacker = zlib.decompressobj(wbits=31)
        most = (limits or DEFAULT).state_bytes
        packed = unpacker.decompress(body, most)
        if unpacker.unconsumed_tail:
            raise CaptureError(f"unpacks to more than {most:,} bytes", source, "infer anew")
        return _unpack(packed, limits or DEFAULT, check=True)
    except (zlib.error, msgspec.DecodeError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        raise CaptureError("is damaged: its content is not a catalog's", source, "infer anew") from error


def _pack(value: Any) -> Any:
    """The value as builtin data, in an order that depends on nothing but the value."""
    if value is None or isinstance(value, int | float | str):
        return value
    if isinstance(value, Bounded):
        entries = [[_key(key), _pack(entry)] for key, entry in value.items()]
        return {"overflow": value.overflow, "entries": entries}
    if isinstance(value, Mapping):
        return dict(sorted(value.items()))
    if isinstance(value, Histogram):
        return dict(sorted(value.buckets.items()))
    if isinstance(value, Args | Evidence | Sources):
        return value.to_state()
    return {name: _pack(getattr(value, name)) for name in value.__struct_fields__}


def _fill(value: Any, packed: Raw, limits: Limits, *, check: bool) -> Any:
    """The value of the kind of `value` (an empty one, which may be filled) that was packed."""
    if isinstance(value, Bounded):
        saved = msgspec.msgpack.decode(packed, type=SavedBounded[Any])
        value.overflow = saved.overflow
        watch = watch_of(limits)
        for key, entry in saved.entries:
            made = value.factory()
            if check:
                msgspec.msgpack.decode(entry, type=_SAVED[type(made)])
            value.put(_unkey(key), _fill(made, entry, limits, check=check))
            if watch.is_over:  # what it holds is not yet in the catalog, which might see to it
                hold(value, limits)
                gc.collect()
                watch.begin()
        return value
    if type(value) in _SAVED:
        saved = msgspec.msgpack.decode(packed, type=dict[str, Raw])
        for name in value.__struct_fields__:
            setattr(value, name, _fill(getattr(value, name), saved[name], limits, check=check))
        return value
    found = msgspec.msgpack.decode(packed, ext_hook=None if check else _numbers)
    if isinstance(value, Counter):
        value.update(found)
    elif isinstance(value, Histogram):
        value.buckets.update(found)
    elif isinstance(value, Sources):
        return Sources.from_state(found)
    elif isinstance(value, Args | Evidence):
        return type(value).from_state(found, limits)
    else:
        return found
    return value


def _key(key: Any) -> Any:
    return [key.secure, key.host, key.path] if isinstance(key, Server) else key


def _unkey(key: Any) -> Any:
    """Keys are strings, pairs of strings, or servers."""
    if isinstance(key, list):
        return Server(*key) if isinstance(key[0], bool) else tuple(key)
    return key
