"""How much of anything is taken in: every cap in one place, each with its reason.

Past a cap the thing is counted, never an exception: on the wire as a diagnostic, in a catalog in an overflow bucket that
merges like everything else. What lies beside it is treated as if it had not been there.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

import msgspec

from infer.errors import UsageError

DEEPEST: Final = 64
"""The most levels that may be looked into."""


class Limits(msgspec.Struct, frozen=True):
    """Every field may be set: `--limit NAME=VALUE`, or `infer.Options(limits=Limits(...))`."""

    # what a capture may hold
    unpacked_bytes: int = 64 << 30
    """What a gzip file or a member of a zip may unpack to: beyond a day of the busiest application, where a bomb would run
    for hours."""

    # what is decoded at once
    frame_bytes: int = 128 << 20
    """A WebSocket message or an HTTP body. Engine.IO's own `maxHttpBufferSize` is 1 MB by default (100 MB in 2.x)."""
    packets_per_payload: int = 100_000
    """A polling body. Servers send what waits, so a slow poll of a busy room holds thousands; python-engineio stops at 16,
    which real bodies exceed."""
    attachments: int = 1_024
    """Of one packet. The count is the sender's claim, and a listener that believed it would wait for ever."""
    packet_bytes: int = 256 << 20
    """A packet with all its attachments, twice what one frame may hold; a larger one is given up."""
    ack_id: int = (1 << 63) - 1
    """An id is a counter; beyond 63 bits it is not one."""

    # what is waited for
    sessions: int = 4_096
    """Followed at once; the one that was silent longest is settled and let go. A server that has run for a month opens
    far more, and a session that is let go and speaks again is taken up again as the same one."""
    pending_per_session: int = 1_024
    """Events that wait for their acknowledgement, and acknowledgements that came before theirs, each."""
    pending_bytes: int = 256 << 20
    """Bytes of the same, of all sessions: as much as one packet may be. Their number alone would let a thousand events of the
    size that servers accept by default hold a gigabyte a session; beyond, the sessions that were silent longest give up theirs."""
    fragments_per_session: int = 1_024
    """Headers whose attachments came in another HTTP body, and such attachments; the oldest are put together first."""
    fragment_bytes: int = 256 << 20
    """Bytes of the same, of all sessions; beyond, what the session at hand holds is put together."""

    # what a catalog keeps apart
    servers: int = 256
    """A recording of a browser meets tens of hosts; a scan of ports or of tenants' sub-domains meets thousands."""
    namespaces: int = 1_024
    """Of a server. Dynamic namespaces (`/tenant-7`) are made by the client, so their number is anyone's."""
    events: int = 2_048
    """Of a namespace, both directions together: ten times the largest API seen; names without end are a fuzzer's."""
    siblings: int = 16
    """Names of one template (`room:1`, `room:2`) that are told apart: an API has `step:1` to `step:9`; beyond, the number
    is data, and they are one (`room:{id}`)."""
    headers: int = 256
    """Names of request headers, and of cookies, of a server."""
    entries_in_all: int = 16_384
    """Of the four together, those of a template as one; each takes some kilobytes, and their product would be terabytes. They
    are shared out evenly, and who needs fewer leaves them to others: five hundred tenants with a namespace of thirty events each
    fit."""

    # what evidence keeps of values
    arguments: int = 64
    """Of an event, looked at one by one, the last one with all that follow: an event with more is a list in disguise."""
    nesting: int = DEEPEST
    """Levels looked into, 64 at most. Documents that people design end by ten; what is nested deeper is data of its own (and may
    be an attack), and a schema of more levels is nested deeper than readers of documents go."""
    keys_per_object: int = 1_024
    """Keys as programmers choose them; beyond, the object is a map, whatever they are."""
    ids_per_form: int = 64
    """Keys of one form (numbers, UUIDs) of an object, an eighth of it below such a key: beyond, they are a map's. Fewer may
    be columns, channels or levels, which have a name each in effect."""
    variants_per_object: int = 64
    """Values of the tag by which objects are told apart: protocols of one envelope have about that many messages."""
    values_per_string: int = 64
    """Distinct strings of one place: twice the largest enum that is believed, so that a merge of two halves can still tell."""
    lengths_per_list: int = 16
    """Distinct lengths of the lists of one place; with more they have none in common."""
    places: int = 32_768
    """Of an event's arguments together, likewise of its acknowledgement and of an `auth`: each is a node of some kilobytes.
    The largest published webhook weighs 7,000; where there is more, the deepest levels are not looked into."""

    places_in_all: int = 524_288
    """Of a catalog, shared out likewise: seven hundred megabytes at worst, and fifteen times what all the webhooks of the largest
    published set weigh together."""

    # what a state may be
    state_bytes: int = 1 << 29
    """A saved catalog, unpacked: above what these caps allow, far below what a bomb would unpack to."""

    def __post_init__(self) -> None:
        """What may not be set higher. Errors: `UsageError`."""
        if self.nesting > DEEPEST:
            raise UsageError(f"nesting is {DEEPEST} at most", str(self.nesting), "a deeper schema could not be read")

    @classmethod
    def of(cls, settings: Iterable[str]) -> Limits:
        """The limits with `NAME=VALUE` settings; a value may end in k, M or G (powers of 1,000). Errors: `UsageError`."""
        given: dict[str, int] = {}
        for setting in settings:
            name, equals, value = setting.partition("=")
            number = _number(value)
            if not equals or number is None:
                raise UsageError("--limit takes NAME=VALUE", setting, "for example --limit events=10000")
            if name not in cls.__struct_fields__:
                raise UsageError("there is no such limit", name, f"known: {', '.join(cls.__struct_fields__)}")
            given[name] = number
        return cls(**given)


def _number(text: str) -> int | None:
    """The whole number above nought that the text says; None where it says none."""
    scale = {"k": 10**3, "M": 10**6, "G": 10**9}.get(text[-1:], 1)
    digits = text[:-1] if scale > 1 else text
    return int(digits) * scale if digits.isascii() and digits.isdigit() and len(digits) < 20 and int(digits) else None


def reasons() -> dict[str, str]:
    """What stands below each field, by its name: the class's own source is the one place where it is written."""
    body = ast.parse(textwrap.dedent(inspect.getsource(Limits))).body[0]
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for field, text in pairwise(body.body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            assert isinstance(text.value, ast.Constant)
            found[field.target.id] = " ".join(str(text.value.value).split())
    return found
