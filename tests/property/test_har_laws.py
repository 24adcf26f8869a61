"""However a HAR is cut while it is read, entry by entry at once or message by message, it gives the same frames."""

from __future__ import annotations

import base64
import io
import json
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infer.captures import elements
from infer.captures.exchanges import from_base64
from infer.captures.har import Har
from infer.captures.scan import CHUNK, Cursor
from infer.model import Diagnostic

BASE64 = st.one_of(
    st.binary(max_size=9).map(lambda data: base64.b64encode(data).decode()), st.text("AQ=9+/_- \n\0é", max_size=9)
)
TIMES: list[Any] = [0, 1.5, 1.7e12, None, "2026-03-01T00:00:01Z", "x", {}]
MESSAGES = st.one_of(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["send", "receive", "ping"]), "data": st.text(max_size=40)},
        optional={"time": st.sampled_from(TIMES), "opcode": st.sampled_from([1, 1, 8]), "mask": st.just(value=True)},
    ),
    st.fixed_dictionaries({"type": st.just("send"), "opcode": st.just(2), "data": BASE64}),
    st.fixed_dictionaries({"type": st.just("send"), "time": st.just(1), "opcode": st.just(1), "data": st.just("x" * 300)}),
    st.sampled_from([None, {}, {"data": "\ud800", "type": "send"}, {"type": "send", "data": 7}, {"type": 1, "data": ""}]),
)
ENTRIES = st.builds(
    lambda messages, more: {"request": {"url": "ws://a.test/socket.io/?EIO=4"}, "startedDateTime": None, "response": None}
    | ({} if messages is None else {"_webSocketMessages": messages})
    | more,
    st.none() | st.lists(MESSAGES, max_size=8),
    st.sampled_from([{}, {"time": 1}, {"comment": '}, {"request":'}]),
)


def _read(document: bytes, chunk: int, batch: int) -> tuple[list[Any], list[Diagnostic]]:
    diagnostics: list[Diagnostic] = []
    har = Har("a.har", Cursor(io.BytesIO(document).read, chunk=chunk), wanted=lambda _: True, report=diagnostics.append)
    with patch.object(elements, "_BATCH", batch):
        frames = [(f.data, f.direction, f.time, f.origin, f.exchange.transport) for f in har.frames()]
    return frames, diagnostics


@pytest.mark.parametrize(("chunk", "batch"), [(16, 4096), (64, 64), (4096, 96)])
@given(entries=st.lists(ENTRIES, min_size=1, max_size=5), indent=st.sampled_from([None, 2]))
def test_cuts_do_not_matter(chunk: int, batch: int, entries: list[Any], indent: int | None) -> None:
    """Entries that are decoded whole, and those too large for it, their messages in batches of any size."""
    document = json.dumps({"log": {"entries": entries}}, indent=indent).encode()
    assert _read(document, chunk, batch) == _read(document, CHUNK, 65_536)


DOCUMENTS = st.builds(
    lambda entries, bare, creator: {"entries": entries, "creator": creator} if bare else {"log": {"creator": creator, "entries": entries}},
    st.lists(ENTRIES, max_size=3),
    st.booleans(),
    st.sampled_from([None, {"name": "mitmproxy"}]),
)


@pytest.mark.parametrize("chunk", [16, 64])
@given(
    documents=st.lists(DOCUMENTS, min_size=1, max_size=3),
    between=st.sampled_from(["", "\n", "\0", "\ufeff", "junk", "}", "{}"]),
    damage=st.none() | st.tuples(st.integers(0, 5_000), st.sampled_from(["", "}", '"', "]{", "\0"])),
)
def test_cuts_do_not_matter_to_what_is_found_behind_damage(
    chunk: int, documents: list[Any], between: str, damage: tuple[int, str] | None
) -> None:
    """Documents one behind the other, of either form, damaged or not."""
    text = json.dumps({"log": {"entries": [{"request": {"url": "a"}}]}}) + between.join(map(json.dumps, documents))
    if damage is not None:
        place, put = damage
        text = text[: 50 + place] + put + text[50 + place + 3 :]
    assert _read(text.encode(), chunk, 4096) == _read(text.encode(), CHUNK, 65_536)


@example(text="9999=")
@given(text=BASE64)
def test_base64_is_what_the_standard_library_takes(text: str) -> None:
    """Messages are decoded by another, faster decoder."""
    try:
        expected = base64.b64decode(text, validate=True)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            from_base64(text)
    else:
        assert from_base64(text) == expected
