"""`infer.wire.jsonp`: payloads inside scripts and forms."""

from __future__ import annotations

import pytest

from infer.wire import jsonp


@pytest.mark.parametrize(
    ("script", "payload"),
    [
        (b'___eio[0]("42[1]");', b"42[1]"),
        (b'/**/___eio[12]("4\\u20ac\\"\\n");', '4€"\n'.encode()),
        (b' ___eio[0]("a)b")', b"a)b"),
        (b"___eio[0]();", jsonp.INVALID),
        (b"___eio[0](42);", jsonp.INVALID),
        (b'___eio[0]("42', jsonp.INVALID),
        (b'___eio[0]("\xff");', jsonp.INVALID),
        (b"42[1]", None),
        (b"eio[0]('42')", None),
    ],
)
def test_answers(script: bytes, payload: object) -> None:
    """The JSON string of a call is the payload; what is no call is none of JSONP's."""
    assert jsonp.unwrap_answer(script) == payload


@pytest.mark.parametrize(
    ("form", "payload"),
    [
        (b"d=42%5B1%5D", b"42[1]"),
        (b"d=a+b%2Bc", b"a b+c"),
        (b"d=%E2%82%AC&e=1", "€".encode()),
        (b"d=line%5Cnbreak", b"line\nbreak"),  # a line feed in the payload: `\n` in two characters
        (b"d=%5C%5Cn", b"\\n"),  # an escaped one, as in the JSON string "\n": the client doubled its backslash
        (b"d=", b""),
        (b"x=1", None),
    ],
)
def test_forms(form: bytes, payload: bytes | None) -> None:
    """The field `d` is the payload, with line feeds as the client meant them."""
    assert jsonp.unwrap_form(form) == payload
