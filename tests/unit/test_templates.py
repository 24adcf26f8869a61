"""`infer.templates`: data in names is found by its form, and names stay names."""

from __future__ import annotations

import re

import pytest

from infer.templates import LONGEST, is_secret, of_pattern, pattern_of, public, template_of

UUID = "550e8400-e29b-41d4-a716-446655440000"


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("room:1234:update", "room:{id}:update"),
        ("room_1234_update", "room_{id}_update"),
        ("/tenant-7", "/tenant-{id}"),
        ("1", "{id}"),
        (f"{UUID}/msg", "{id}/msg"),
        ("deadbeef1/x", "{id}/x"),
        ("user:bob@example.com:update", "user:{email}:update"),
        ("t/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc-DEF", "t/{token}"),
        ("pay 4111 1111 1111 1111", "pay {card}"),
        ("pay 378282246310005", "pay {card}"),
        ("pay 5555-5555-5555-4444", "pay {card}"),
        ("order 4111111111111112", "order {id}"),
        ("call +49 170 1234567", "call {phone}"),
        ("key:ghp_16C7e42F292c6912E7710c838347Ae178B4a", "key:{token}"),
        ("user:Zm9vYmFyYmF6cXV4MTIz:x", "user:{token}:x"),
        ("dm:KkwjWlLrZrun_s_WAAAL", "dm:{token}"),
        ("private:DcGYSouFSxTpW0ExAAAD", "private:{token}"),
        ("game-V1StGXR8_Z5jdHi6B-myT", "game-{token}"),
        ("room_V1StGXR8_Z5jdHi6B-myT_update", "room_{token}_update"),
        ("room_GXR8_Z5jdHi6BmyT", "room_{token}"),
        ("Vast-GXR8Z5jdHi6BmyT", "{token}"),
        (f"game-{UUID}", "game-{id}"),
        (f"game_{UUID}_update", "game_{id}_update"),
        (f"/room-{UUID}", "/room-{id}"),
        ("doc-507f1f77bcf86cd799439011", "doc-{id}"),
        ("pre_sk_live_4eC39HqLyjWDarjtT1zdp7dc", "pre_sk_live_{token}"),
        ("dev:AA:BB:CC:11:22:33:online", "dev:{mac}:online"),
        ("host:2001:db8:0:0:8a2e:370:7334:1", "host:{ip}"),
        ("x" * LONGEST + "a1b2c3d4e5f6g7h8", "x" * LONGEST + "{text}"),
        ("words " * 10 * LONGEST, ("words " * LONGEST)[:LONGEST] + "{text}"),
        ("x" * 10 * LONGEST + "{text}", "x" * LONGEST + "{text}"),
        ("/1" * 10 * LONGEST, "/{id}" * (LONGEST // 2) + "{text}"),
    ],
)
def test_data_is_taken_out(name: str, template: str) -> None:
    """And the template is its own template."""
    assert template_of(name) == template
    assert template_of(template) == template


@pytest.mark.parametrize(
    "name",
    ["add user", "step1", "v2", "user.created.v2", "0x10", "webSocketFrameSentFromTheServerSide", "T1/T2", "😀", "", "x" * 300,
     "x" * 3 * LONGEST, "grid 4111 1111 1111 1112", "a{b}", "{a}", "CRDT_sync_update", "PydanticDeprecatedSince211",
     "AWSBatchPolicyStatement19", "createEc2SnapshotPermission2", "UNSIGNED_INT_VEC4_EXT", "registerExternalAPIs", "internationalization_settings_changed", "décès", "日本語"],
)  # fmt: skip
def test_names_stay(name: str) -> None:
    """What a programmer chose has no template."""
    assert template_of(name) is None


def test_what_is_secret() -> None:
    """Tokens and people, but not ids."""
    assert is_secret("user:{email}:update")
    assert is_secret("t/{token}")
    assert not is_secret("room:{id}:update")


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("add user", "add user"),
        ("room:1234:update", "room:1234:update"),
        ("user:bob@example.com:update", "user:{email}:update"),
        ("pay 4111 1111 1111 1111", "pay {card}"),
    ],
)
def test_only_what_no_one_may_see_is_taken_out_of_a_name_that_stands_alone(name: str, known: str) -> None:
    """An id in it may be the only one that there is."""
    assert public(name) == known


@pytest.mark.parametrize(
    ("template", "names", "others"),
    [
        ("room:{id}:update", ["room:1:update", f"room:{UUID}:update"], ["room::update", "room:x:update", "room:1:update2", "a room:1:update"]),
        ("a.b+c(d)/[{id}]-{id}", ["a.b+c(d)/[1]-2"], ["aXb+c(d)/[1]-2", "a.b+c(d)/[1]-"]),
        ("{email}", ["bob@example.com"], ["bob", "bob@example", "bob @example.com"]),
        ("to {phone}", ["to +49 170 1234567"], ["to 49 170 1234567"]),
        ("{token}{text}", ["abcdefghijklmnopq", "abcdefghijklmnop\n"], ["abcdefghijklmnop", "{token}{text}"]),
    ],
)
def test_a_template_is_a_pattern_and_back(template: str, names: list[str], others: list[str]) -> None:
    """It takes the names that the template stands for, and the template can be told from it."""
    pattern = pattern_of(template)
    assert [name for name in (*names, *others) if re.search(pattern, name)] == names
    assert of_pattern(pattern) == template


@pytest.mark.parametrize("pattern", ["^a+$", "^[0-9A-Fa-f-]+", "^plain$", r"^bob@example\.com:[0-9A-Fa-f-]+$", "", "^$"])
def test_a_pattern_of_no_template_is_none(pattern: str) -> None:
    """Nor is one that would say what no one may see."""
    assert of_pattern(pattern) is None


def test_time_is_linear() -> None:
    """Hostile names take no backtracking: this would not end otherwise."""
    for text in ("a-" * 200_000, "1 " * 200_000, "eyJ" * 200_000, "a@" * 200_000, "-" * 400_000, "+1-" * 200_000):
        template_of(text)
        template_of(text[: LONGEST - 1])
