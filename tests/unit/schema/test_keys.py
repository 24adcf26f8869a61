"""`infer.schema.keys`: which keys are data, and of which no one may know."""

from __future__ import annotations

import pytest

from infer.schema.keys import (
    ANY,
    LONG,
    are_of,
    form_of,
    is_identifier,
    is_mixed,
    is_pattern,
    is_secret,
    matches,
    words_of,
)

UUID = "550e8400-e29b-41d4-a716-446655440000"
FORMS = {
    "numbers": ["7", "-12", "999999999999"],
    "UUIDs": [UUID, UUID.upper()],
    "hexadecimal ids": ["deadbeef1", "507f1f77bcf86cd799439011"],
    "dates": ["2026-03", "2026-03-01", "2026-03-01T10:00:00Z", "2026-03-01 10:00"],
    "IP addresses": ["10.0.0.1", "10.0.0.1:8080", "2001:db8::1", "::1", "1:2:3:4:5:6:7:8"],
    "ids with their server": ["@ann:matrix.test", "!abc:matrix.test"],
    "paths or URLs": ["/etc/hosts", "https://a.test/x", "/"],
}
SECRET = {
    "long numbers": ["1234567890123", "4111111111111111"],
    "hexadecimal tokens": ["0123456789abcdef" * 2],
    "e-mail addresses": ["ann@a.test"],
    "JSON Web Tokens": ["eyJhbGciOiJIUzI1NiJ9.e30.x"],
    "credentials": ["AKIAIOSFODNN7EXAMPLE", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"],
    "hardware addresses": ["AA:BB:CC:11:22:33"],
    "account numbers": ["DE89370400440532013000", "GB29NWBK60161331926819"],
    "long texts": ["x" * 257, "7" * 300],
}
CHOSEN = ["status", "createdAt", "user_id", "v2", "x-y", "a.b", "mode", "größe", "$set", "deadbeef", "x" * 256, "two words", ""]


@pytest.mark.parametrize(("words", "key"), [(words, key) for each in (FORMS, SECRET) for words, found in each.items() for key in found])
def test_a_key_that_is_data_has_a_form(words: str, key: str) -> None:
    """With words for people, and a pattern that it matches."""
    form = form_of(key)
    assert form is not None
    assert words_of(form) == words
    assert matches(form, key)
    assert not matches(form, key + "\n") or words == "long texts"
    assert is_secret(form) == (words in SECRET)
    assert not is_mixed(form)
    assert is_pattern(form)


@pytest.mark.parametrize("key", CHOSEN)
def test_a_key_that_someone_chose_has_none(key: str) -> None:
    """Words in any script, and what has no form at all."""
    assert form_of(key) is None


@pytest.mark.parametrize("key", ["by ann@a.test now", "@pay 4111 1111 1111 1111:a", "to/+49 170 1234567"])
def test_a_person_in_a_name_is_known_as_a_pattern(key: str) -> None:
    """Which takes the key, is secret, and has words of its own."""
    form = form_of(key)
    assert form is not None
    assert matches(form, key)
    assert "4111" not in form
    assert "ann" not in form
    assert is_secret(form)
    assert is_mixed(form)
    assert is_pattern(form)
    assert words_of(form) == "names with data in them"


def test_what_anyone_may_write_is_no_pattern_of_keys() -> None:
    """So a state that came from elsewhere can bring in none."""
    assert [is_pattern(text) for text in ("^secret$", "^[0-9]+$", "^ann@a\\.test:[0-9A-Fa-f-]+$", "^room:[0-9A-Fa-f-]+$")] == [False] * 4
    assert is_pattern(ANY)
    assert not is_mixed(ANY)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["7", "12", "-3"], "numbers"),
        ([UUID, UUID.upper()], "UUIDs"),
        (["2026-03", "2026-03-01T10:00:00Z"], "dates"),
        (["10.0.0.1", "::1"], None),  # of one kind, by two patterns
        (["7", "7\n8"], None),
        (["7\n8"], None),
        (["7", "x"], None),
        (["7", "1234567890123"], None),
    ],
)
def test_keys_are_of_a_form_where_each_is(keys: list[str], words: str | None) -> None:
    """As it is told of each alone."""
    form = form_of(keys[0]) or LONG
    assert are_of(form, keys) == all(form_of(key) == form for key in keys) == (words is not None)


@pytest.mark.parametrize(
    ("key", "is_one"),
    [("größe", True), ("a-b.c", True), ("$ref", True), ("_x1", True), ("1x", False), ("a b", False), ("a--b", False), ("", False),
     ("x" * 256, True), ("x" * 257, False)],
)  # fmt: skip
def test_identifiers_are_what_a_programmer_could_have_chosen(key: str, is_one: bool) -> None:
    """Words in any script, dotted and hyphened ones, of a bounded length."""
    assert is_identifier(key) is is_one
