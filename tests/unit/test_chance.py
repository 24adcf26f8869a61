"""`infer.chance`: what was drawn by chance is told from what was written, in nearly all of thousands of either."""

from __future__ import annotations

import base64
import errno
import http
import importlib
import random
import re
import string
from collections.abc import Callable

import pytest

from infer.asyncapi import DocumentOptions, document, dump
from infer.catalog import Catalog
from infer.chance import is_scattered, is_session_id
from infer.model import Direction, Event, Origin, Server
from infer.schema.keys import form_of, is_secret
from infer.schema.secrecy import public_shape
from infer.templates import template_of

BASE62 = string.ascii_letters + string.digits
MODULES = ["tkinter", "socket", "ssl", "signal", "unittest.mock", "xml.sax.handler", "logging.handlers", "email.errors", "decimal", "typing", "os", "stat", "zipfile"]


def drawn(length: int, of: str) -> Callable[[random.Random], str]:
    return lambda rng: "".join(rng.choice(of) for _ in range(length))


def session_id(rng: random.Random) -> str:
    """As base64id and python-engineio make them: 12 random bytes, then a counter of 3."""
    return base64.urlsafe_b64encode(rng.randbytes(12) + rng.randrange(1, 60_000).to_bytes(3, "big")).decode()


RANDOM: dict[str, Callable[[random.Random], str]] = {
    "session": session_id,
    "nanoid": drawn(21, BASE62 + "_-"),
    "base64url": lambda rng: base64.urlsafe_b64encode(rng.randbytes(18)).decode(),
    "base62": drawn(24, BASE62),
    "push": lambda rng: "-O" + drawn(18, BASE62 + "_-")(rng),
    "ulid": lambda rng: "01" + drawn(24, "0123456789ABCDEFGHJKMNPQRSTVWXYZ")(rng),
    "cuid": lambda rng: "c" + drawn(24, string.ascii_lowercase + string.digits)(rng),
    "secret": lambda rng: "sk_live_" + drawn(24, BASE62)(rng),
}


def many(kind: str, number: int = 1_000) -> list[str]:
    rng = random.Random(11)
    return [RANDOM[kind](rng) for _ in range(number)]


def written() -> list[str]:
    """Names of the standard library, of any length: attributes, constants, error codes, phrases of HTTP."""
    names = {name for module in MODULES for name in dir(importlib.import_module(module))}
    names |= {*errno.errorcode.values(), *(status.name for status in http.HTTPStatus)}
    return sorted(name for name in names if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{4,63}", name))


@pytest.mark.parametrize("kind", RANDOM)
@pytest.mark.parametrize("name", ["{}", "dm:{}", "game-{}", "room_{}_update", "/private/{}"])
def test_ids_in_names_are_data(name: str, kind: str) -> None:
    """Hardly one name in ten is left as it was, and those are few in all."""
    names = {template_of(name.format(text)) or name.format(text) for text in many(kind)}
    assert len(names) < 100


@pytest.mark.parametrize("kind", RANDOM)
def test_ids_are_no_keys_that_are_known(kind: str) -> None:
    """Whoever they are, they stand under a pattern from the first one on."""
    known = [text for text in many(kind) if (form := form_of(text)) is None or not is_secret(form)]
    assert len(known) < 80


@pytest.mark.parametrize("kind", RANDOM)
def test_ids_are_no_cases(kind: str) -> None:
    """Not one in twenty could become an enum's member."""
    assert sum(map(public_shape, many(kind))) < 50


def test_what_was_written_stays() -> None:
    """As a name without a token in it, and as a case of an enum."""
    names = written()
    assert len(names) > 1_500
    assert [name for name in names if "{token}" in (template_of(name) or "")] == []
    assert [name for name in names if form_of(name) is not None and is_secret(form_of(name) or "")] == []
    assert sum(not public_shape(name) for name in names if not re.search(r"\d\d\d", name)) < len(names) / 100


@pytest.mark.parametrize(("drawn", "mixed"), [("KkwjWlLrZrun_s_W", True), ("mostlylowercasez", False)])
def test_ids_of_sessions_are_told_by_their_counter(drawn: str, mixed: bool) -> None:
    """Whatever was drawn before it, as long as it is small; then by what was drawn too."""
    ids = {number: drawn + base64.urlsafe_b64encode(number.to_bytes(3, "big")).decode() for number in (0, 4_095, 4_096, 65_535, 65_536)}
    assert is_session_id(ids[0])
    assert is_session_id(ids[4_095])
    assert is_session_id(ids[4_096]) == is_session_id(ids[65_535]) == mixed
    assert not is_session_id(ids[65_536])
    assert is_scattered(ids[0])


def test_where_no_case_changes_fewer_turns_tell_from_16_characters_on() -> None:
    """A turn for every fourth character."""
    assert is_scattered("abcd1efghij2klmn")
    assert is_scattered("ABCD1EFGHIJ2KLMN")
    assert not is_scattered("Abcd1efghij2klmn")
    assert not is_scattered("abcd1efghij2klm")


def test_a_map_of_ids_knows_none_of_them() -> None:
    """Players by the id of their socket, some of them there always."""
    rng = random.Random(5)
    server = Server(secure=False, host="game.test", path="/socket.io/")
    catalog = Catalog()
    ids = many("session", 40)
    for number in range(60):
        players = {text: {"x": number, "hp": 100} for text in ids[: rng.randrange(2, 9)]}
        catalog.add(
            Event(
                session=number % 4, server=server, namespace="/", direction=Direction.S2C, name="state", args=[{"players": players}],
                ack_asked=False, ack=None, latency=None, size=1, time=None, origin=Origin("game.har"),
            )
        )  # fmt: skip
    text = dump(document(catalog, DocumentOptions(title="x")), "yaml")
    assert [one for one in ids if one in text] == []
    assert "hp" in text
