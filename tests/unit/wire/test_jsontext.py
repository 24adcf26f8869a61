"""`infer.wire.jsontext`: JSON as real senders write it."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from infer.wire import jsontext


@pytest.mark.parametrize("text", ["[NaN, Infinity, -Infinity]", "[1e400]"])
def test_numbers_that_json_has_not(text: str) -> None:
    """Python's servers write NaN and Infinity."""
    value, fault = jsontext.parse(text)
    assert fault is None
    assert not any(map(math.isfinite, value))


def test_integers_of_any_size() -> None:
    """Beyond 64 bits a number is one all the same, until its digits are more than Python converts."""
    value, fault = jsontext.parse("[18446744073709551616]")
    assert fault is None
    assert value == [2**64]
    assert jsontext.parse("1" * 10_000)[1] in (None, jsontext.INVALID)


@pytest.mark.parametrize("number", ["18446744073709551616", "18446744073709551615", "-9223372036854775809", "-9223372036854775808", "7"])
def test_integers_are_the_same_beside_what_json_has_not(number: str) -> None:
    """Whichever parser reads them: their type tells forms of objects apart."""
    alone, beside = jsontext.parse(f"[{number}]")[0][0], jsontext.parse(f"[{number}, NaN]")[0][0]
    assert (beside, type(beside)) == (alone, type(alone))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"\\ud800"', "\ufffd"),
        ('"\\ud83d\\ude00"', "😀"),
        ('{"a\\udc00": ["\\udfff", "ok"]}', {"a\ufffd": ["\ufffd", "ok"]}),
        ('"\ud800"', "\ufffd"),
    ],
)
def test_lone_surrogates(text: str, value: Any) -> None:
    """Half of a pair becomes U+FFFD, in keys too, so that all that follows can be encoded."""
    parsed, fault = jsontext.parse(text)
    assert parsed == value
    json.dumps(parsed, ensure_ascii=False).encode()
    assert (fault is jsontext.LONE_SURROGATE) == ("\ufffd" in str(value))


@pytest.mark.parametrize("text", ["", "[", "{'a': 1}", "[1,]", "undefined", "\x00"])
def test_no_json(text: str) -> None:
    """Everything else is none."""
    assert jsontext.parse(text) == (None, jsontext.INVALID)


@pytest.mark.parametrize("depth", [900, 1_023])
def test_nesting(depth: int) -> None:
    """What orjson takes is taken, whatever the interpreter's own limit."""
    assert jsontext.parse("[" * depth + "]" * depth)[1] is None


@pytest.mark.parametrize(
    ("value", "name"), [("a", "a"), (b"a", "a"), (1, "1"), (1.0, "1"), (1.5, "1.5"), (True, "true"), (None, "null")]
)
def test_names_as_javascript_writes_them(value: object, name: str) -> None:
    """Numeric event names and MessagePack's keys."""
    assert jsontext.key_of(value) == name
