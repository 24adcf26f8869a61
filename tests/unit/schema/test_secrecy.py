"""`infer.schema.secrecy`: what may leave, and what never."""

from __future__ import annotations

import pytest

from infer.schema.secrecy import mask, private_name, public_shape


@pytest.mark.parametrize(
    "value",
    [
        "open",
        "in_progress",
        "IN_PROGRESS",
        "image/png",
        "webSocketFrameSent",
        "useH3Always",
        "HMAC-SHA256",
        "15m",
        "GET",
        "v1.2",
        "wxyz1234",
        "x" * 15,
        "internationalization",
    ],
)
def test_words_of_programs_are_public(value: str) -> None:
    """One of a few cases, as programmers write them."""
    assert public_shape(value)


@pytest.mark.parametrize(
    "value",
    ["", "Bob Stone", "ann@a.test", "4f5e2a9b7c", "4f5e2a9b-7c11-4d2e-8f00-0123456789ab", "AKIAIOSFODNN7EXAMPLE",
     "ghp_abcdefghijklmnopqrstuvwxyzABCDEF0123", "sk_live_4eC39HqLyjWDarjtT1zdp7dc", "eyJhbGciOiJIUzI1NiJ9.e30.x", "xKqWvbNmPzRtYuIo",
     "qwmzkxjvbnhgfdsapoiu", "+49 170 1234567", "4111111111111111", "10.0.0.1", "2026-03-01", "https://a.test/", "x" * 65, "<b>hi</b>", "wxyz12345",
     "3fa94", "12345", "DE89370400440532013000", "deadbeef99"],
)  # fmt: skip
def test_people_credentials_and_prose_are_not(value: str) -> None:
    """Whatever they stand under."""
    assert not public_shape(value)


@pytest.mark.parametrize(
    "name",
    ["token", "accessToken", "tokenType", "password", "api_key", "name", "firstName", "assignee", "owner", "from", "emails", "phone",
     "user_id", "title", "lastMessage", "ids", "user_ids", "memberIDs", "clientIps", "PINs", "userid", "roomids", "ownername",
     "useremail", "accesstoken", "displayname", "createdby", "assignedto", "", "💥", "x" * 99],
)  # fmt: skip
def test_private_names(name: str) -> None:
    """Credentials, people, what they write, and identifiers; also names that say nothing."""
    assert private_name(name)


@pytest.mark.parametrize("name", ["status", "type", "userType", "usertype", "messageKind", "eventName", "mode", "priority", "context"])
def test_public_names(name: str) -> None:
    """The last word says what a name is about."""
    assert not private_name(name)


def test_what_is_masked_shows_its_shape_alone() -> None:
    """Of a value its kind and length; keys that are data, or that no programmer would choose, are numbered."""
    value = {
        "name": "Bob Stone", "ok": True, "none": None, "n": 42, "f": 0.5, "raw": b"abc",
        "list": ["a", {"ann@a.test": "x", "status": "y", "two words": 1, "550e8400-e29b-41d4-a716-446655440000": {}}],
    }  # fmt: skip
    assert mask(value) == {
        "name": "<string 9>", "ok": True, "none": None, "n": "<integer>", "f": "<number>", "raw": "<binary 3>",
        "list": ["<string 1>", {"<key 1>": "<string 1>", "status": "<string 1>", "<key 3>": "<integer>", "<key 4>": {}}],
    }  # fmt: skip
