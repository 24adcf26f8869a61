"""`infer.schema`: what each rule claims, from when on, and not before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import jsonschema_rs
import pytest

from infer.schema import RULES, Args, Built, Root, Rules, build

Call = tuple[list[Any], int]


def evidence(calls: Iterable[Call]) -> Args:
    args = Args()
    for values, session in calls:
        args.add(values, session)
    return args


def document(events: dict[str, Iterable[Call]], **rules: Any) -> Built:
    return build({name: Root(evidence(calls), (name,)) for name, calls in events.items()}, Rules(**rules), "#/")


def schema(payloads: Iterable[Any], sessions: int = 5, **rules: Any) -> Any:
    """The schema of one event's payloads, which are spread over so many sessions."""
    return document(
        {"it": [([payload], number % sessions) for number, payload in enumerate(payloads)]}, **rules
    ).schemas["it"]


def key(payloads: Iterable[Any], name: str = "mode", **rules: Any) -> Any:
    """The schema of what stands under a key."""
    return schema([{name: payload} for payload in payloads], **rules)["properties"][name]


def test_a_key_that_is_always_there_is_required() -> None:
    """From the first sample on; from the third where caution is wanted."""
    assert schema([{"a": 1, "b": 2}, {"a": 1}])["required"] == ["a"]
    assert "required" not in schema([{"a": 1}] * 2, cautious=True)
    assert schema([{"a": 1}] * 3, cautious=True)["required"] == ["a"]


def test_what_comes_and_goes_in_most_events_is_required_in_none_on_thin_evidence() -> None:
    """A key of the envelope that other events have only sometimes is not required for having been seen twice."""
    events: dict[str, Iterable[Call]] = {
        name: [([{"room": 1, name: 1}], 0), ([{name: 1}], 0)] for name in ("join", "leave")
    }
    built = document({**events, "say": [([{"room": 1, "say": 1}], 0)] * 2})
    assert built.schemas["say"] is not None
    assert built.schemas["say"]["required"] == ["say"]


def test_a_tag_is_required_in_its_branch_whatever_is_claimed_of_other_keys() -> None:
    """Else objects without it would be of every branch: one that comes and goes in most events, too, and where nothing is required."""
    asked: list[Call] = [([{"id": n, "method": name, "params": {name: n, f"{name}r": n}}], n) for n in range(5) for name in ("close", "open")]
    payloads: list[Call] = [*asked, *(([{"id": n, "result": n, "took": 1}], n) for n in range(5))]
    for off in (frozenset[str](), frozenset({"required"})):
        built = document({"here": payloads, "there": payloads}, off=off)
        made = built.schemas["here"]
        assert made is not None
        assert [branch["properties"]["method"].get("const") for branch in made["oneOf"]] == ["close", "open", None]
        assert all("method" in branch["required"] for branch in made["oneOf"][:2])
        validator = jsonschema_rs.validator_for({**made, **built.definitions})
        assert all(validator.is_valid(value) for values, _ in payloads for value in values)


def test_null_joins_the_type_and_alone_claims_nothing() -> None:
    """A field of which only null was seen may be anything."""
    assert key([None, 1])["type"] == ["integer", "null"]
    assert key([None]) == {}
    assert key([None], off=frozenset({"nullable"})) == {"type": "null"}


def test_numbers_are_integers_until_a_fraction_is_seen() -> None:
    """Also beyond what a double holds exactly."""
    assert key([1, 2**60]) == {"type": "integer"}
    assert key([1, 0.5]) == {"type": "number"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2026-03-01", "date"), ("2026-03-01T10:00:00Z", "date-time"), ("2026-03-01T10:00:00.5+01:00", "date-time"),
        ("4f5e2a9b-7c11-4d2e-8f00-0123456789ab", "uuid"), ("https://a.test/x?y=1#z", "uri"), ("https://a.test/{x}{?y,z}", "uri-template"),
        ("ann@a.test", "email"), ("10.0.0.1", "ipv4"), ("2001:db8::1", "ipv6"),
    ],
)  # fmt: skip
def test_strings_that_all_have_a_format_have_it(text: str, name: str) -> None:
    """Until one has not."""
    assert key([text] * 5) == {"type": "string", "format": name}
    assert key([text] * 5 + ["no"]) == {"type": "string"}


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-03-01T10:00:00", "1.2.3", "1.2.3.400", "a@b", "note: this", "http://a b", "12:30:45"]
)
def test_what_only_looks_like_a_format_has_none(text: str) -> None:
    """Days that do not exist, times without their zone, versions, mentions."""
    assert key([text] * 9, name="value") == {"type": "string"}


def test_a_link_needs_more_than_a_first_string() -> None:
    """Where there are links some are left empty; a date is written by no accident."""
    assert key(["https://a.test/"] * 4) == {"type": "string"}
    assert key(["2026-03-01"]) == {"type": "string", "format": "date"}


def test_few_cases_under_a_name_of_cases_are_an_enum() -> None:
    """From six samples in two sessions on."""
    assert key(["on", "off"] * 3) == {"type": "string", "enum": ["off", "on"]}
    assert key(["on", "off"] * 2) == {"type": "string"}
    assert key(["on", "off"] * 9, sessions=1) == {"type": "string"}
    assert key(["on", "off", None] * 3) == {"type": ["string", "null"], "enum": ["off", "on", None]}


def test_under_other_names_more_is_asked_for() -> None:
    """Twenty samples in three sessions."""
    assert key(["x1", "y1"] * 9, name="thing") == {"type": "string"}
    assert key(["x1", "y1"] * 10, name="thing")["enum"] == ["x1", "y1"]


def test_what_was_mostly_seen_once_is_no_enum() -> None:
    """It may have many siblings."""
    assert key(["on", "off", "slow", "fast", "eco", "max", "min"]) == {"type": "string"}


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("unit", [f"dev-{number}" for number in range(8)]),
        ("kind", ["image/png", "image/jpeg"]),
        ("tickers", ["AAPL", "MSFT"]),
        ("pair", ["XBT-USD", "ETH-USD"]),
        ("shutdown", ["core/db/close", "core/http"]),
    ],
    ids=["numbered", "media types", "symbols", "pairs", "paths"],
)
def test_what_there_are_more_of_is_no_enum(name: str, texts: list[str]) -> None:
    """Eight devices, or however many of what registries and markets have thousands of."""
    assert key(texts * 20, name=name) == {"type": "string"}


def test_cases_may_be_grouped_by_a_slash() -> None:
    """As methods of a protocol are."""
    methods = ["tools/call", "tools/list"]
    assert key(methods * 20, name="method") == {"type": "string", "enum": methods}


def test_a_few_numbered_cases_are_an_enum() -> None:
    """A program numbers some of its own."""
    steps = [f"step-{number}" for number in range(7)]
    assert key(steps * 20, name="unit") == {"type": "string", "enum": steps}


def test_a_version_is_no_address() -> None:
    """Though four numbers may be one."""
    assert key(["10.2.0.1", "10.2.1.14"] * 5, name="appVersion") == {"type": "string"}
    assert key(["10.2.0.1", "10.2.1.14"] * 5, name="app") == {"type": "string", "format": "ipv4"}


def test_one_value_is_no_enum() -> None:
    """The second was only not met yet."""
    assert key(["on"] * 40) == {"type": "string"}


@pytest.mark.parametrize(
    "name",
    ["token", "password", "name", "assignee", "email", "id", "userId", "title", "apiKey", "names", "bidder", "moderators"],
)
def test_names_of_people_and_secrets_have_no_enum(name: str) -> None:
    """However often and in however many sessions the values came."""
    assert key(["ann", "bob"] * 50, name=name) == {"type": "string"}


def test_no_values_at_all_where_none_are_wanted() -> None:
    """Neither enums nor tags."""
    made = schema([{"type": "join", "a": 1, "b": 2}, {"type": "say", "c": 1, "d": 2}] * 20, values=False)
    assert "oneOf" not in made
    assert made["properties"]["type"] == {"type": "string"}


def test_keys_of_one_object_have_their_levels_in_common() -> None:
    """Permissions and their like: each member stands under several keys."""
    levels = {"disk": "read", "net": "write", "camera": "read", "files": "write", "sound": "write"}
    assert key([levels] * 5, name="grants")["properties"]["net"]["enum"] == ["read", "write"]


def test_enums_of_one_name_are_one() -> None:
    """What one event did not show of the members another did."""
    built = document(
        {
            "a": [([{"status": status}], number) for number, status in enumerate(["new", "open", "done", "late"] * 3)],
            "b": [([{"status": status}], number) for number, status in enumerate(["new", "open", "done"] * 3)],
        }
    )
    assert {len(made["properties"]["status"]["enum"]) for made in built.schemas.values() if made} == {4}


@pytest.mark.parametrize(
    "keys",
    [
        ["1", "2"],
        ["4f5e2a9b-7c11-4d2e-8f00-0123456789ab"],
        ["4f5e2a9b7c", "5a5e2a9b7d"],
        ["2026-03-01", "2026-03-02"],
        ["/a/b", "/c"],
        ["KkwjWlLrZrun_s_WAAAL", "DcGYSouFSxTpW0ExAAAD"],
        ["AA:BB:CC:11:22:33"],
        ["2001:db8::1", "::1"],
    ],
)
def test_keys_that_are_data_make_a_map(keys: list[str]) -> None:
    """The schema says in words what they look like, and none of them."""
    made = key([dict.fromkeys(keys, 1)], name="seen")
    assert made["additionalProperties"] == {"type": "integer"}
    assert made["description"].startswith("Keys are ")
    assert "properties" not in made


def test_keys_of_one_template_make_a_map() -> None:
    """Once there are more of them than a program numbers."""
    few, many = ([dict.fromkeys((f"dev-{number:03}" for number in range(1, last)), 1)] for last in (8, 9))
    assert "dev-001" in key(few, name="seen")["properties"]
    assert key(many, name="seen")["additionalProperties"] == {"type": "integer"}


def test_a_key_that_is_always_there_beside_data_is_none() -> None:
    """What stands under it says nothing of whether it is one of the others; a record that is like theirs does."""
    ids = ["KkwjWlLrZrun_s_WAAAL", "DcGYSouFSxTpW0ExAAAD"]
    assert "total" in key([{"total": 2, **dict.fromkeys(ids, 1)}] * 3, name="seen")["properties"]
    assert "properties" not in key([{name: {"x": 1, "y": 2} for name in ("letters", *ids)}] * 3, name="seen")


def test_keys_that_come_and_go_over_records_of_one_shape_make_a_map() -> None:
    """Names are data where what they hold is always the same."""
    made = key([{name: {"x": 1, "y": 2}} for name in ("ann", "bob", "cy", "dee")], name="cursors")
    assert made["additionalProperties"]["required"] == ["x", "y"]
    assert made["additionalProperties"]["title"] == "ItCursor"


def test_the_record_of_a_name_may_sometimes_be_something_else() -> None:
    """One name of five also holds a list, which the others may hold the next time."""
    names = ("ann", "bob", "cy", "dee", "eve")
    made = key([*({name: {"x": 1, "y": 2}} for name in names), {"ann": [1]}], name="cursors")
    assert [option["type"] for option in made["additionalProperties"]["anyOf"]] == ["array", "object"]


def test_four_records_have_keys_in_common_where_there_are_four() -> None:
    """One whose keys were seen beside others whose keys are data shows nothing of the others."""
    made = key([{name: {"x": 1}} for name in ("users", "roles")] + [{name: {"7": 1}} for name in ("rooms", "channels", "members")], name="seen")
    assert set(made["properties"]) == {"users", "roles", "rooms", "channels", "members"}


PARTS = ("join", "leave", "say", "move", "turn", "kick", "ban", "mute", "draw", "pass", "bet", "fold")


def test_objects_that_have_nothing_in_common_are_no_values_of_a_map() -> None:
    """A key a case, as enums of Rust and the `oneof` of Protocol Buffers are written: there are cases, however many."""
    made = key([{part: {f"{part}{place}": 1 for place in range(3)}} for part in PARTS for _ in range(3)], name="command")
    assert set(made["properties"]) == set(PARTS)


def test_keys_that_are_mostly_new_make_a_map() -> None:
    """Whatever stands under them: what is logged beside a line, or what a person called fields."""
    words = [f"{one}{other}" for one in ("red", "blue", "pale") for other in ("fox", "owl", "cat", "hen")]
    values = [1, "x", True, [1]]
    made = key([{words[number]: values[number % 4], "user": 1} for number in range(12)])
    assert made["additionalProperties"] == {
        "anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": ["boolean", "integer", "string"]}]
    }
    assert set(key([{words[number % 6]: values[number % 3]} for number in range(12)])["properties"]) == set(words[:6])


def test_lists_of_fixed_length_and_records_without_names() -> None:
    """[x, y] from twenty on; [x, y, label] from five."""
    assert key([[1, 2]] * 20) == {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
    assert "minItems" not in key([[1, 2]] * 19)
    assert key([[1, "a"]] * 5)["items"] == [{"type": "integer"}, {"type": "string"}]
    assert "maxItems" not in key([[1, "a"]] * 4)


UNION = [{"type": "join", "who": 1, "room": 2}, {"type": "say", "text": "x", "at": 2}]


def test_objects_fall_apart_by_their_tag() -> None:
    """Each branch has its own required keys; the tag is const."""
    made = schema(UNION * 10)
    assert [branch["properties"]["type"]["const"] for branch in made["oneOf"]] == ["join", "say"]
    assert made["oneOf"][0]["required"] == ["room", "type", "who"]
    assert "oneOf" in schema(UNION * 3)
    assert "oneOf" not in schema(UNION * 2)


HEALTH, NAME = {"op": "hp", "id": 1, "value": 2}, {"op": "name", "id": 1, "value": "x"}
PLACE, MOVE = ({"type": kind, "coordinates": at} for kind, at in (("Point", [1.5, 2]), ("LineString", [[1.5, 2], [3, 4]])))


def test_of_two_keys_that_end_alike_the_shorter_one_is_the_tag() -> None:
    """The type of a part of a message tells what it is, and not the one of its file."""
    parts = [{"type": "text", "text": "x"}, {"type": "image", "mimeType": "image/png", "data": "x"}, {"type": "link", "mimeType": "text/html", "uri": "x"}]
    made = schema(parts * 5)
    assert [branch["properties"]["type"]["const"] for branch in made["oneOf"]] == ["image", "link", "text"]


def test_objects_fall_apart_by_a_tag_that_says_of_what_kind_a_key_is() -> None:
    """Each branch has the key's own kind, of lists that of their items; null is of any, and what else they share is one."""
    made = schema([HEALTH, NAME, {"op": "gone", "id": 1}, {**NAME, "value": None}] * 5)
    assert {branch["properties"]["op"]["const"]: branch["properties"].get("value") for branch in made["oneOf"]} == {
        "gone": None, "hp": {"type": "integer"}, "name": {"type": ["null", "string"]},
    }  # fmt: skip
    assert [branch["properties"]["id"] for branch in made["oneOf"]] == [{"type": "integer"}] * 3
    made = schema([PLACE, MOVE] * 10)
    kinds = {branch["properties"]["type"]["const"]: branch["properties"]["coordinates"]["items"]["type"] for branch in made["oneOf"]}
    assert kinds == {"LineString": "array", "Point": "number"}


@pytest.mark.parametrize(
    "others",
    [
        [],  # three of each: one deal in twenty
        [{**NAME, "value": 5}],  # one tag, two kinds
        [{**HEALTH, **dict.fromkeys("abcdefgh", 1)}, {**NAME, **dict.fromkeys("abcdefgh", 1)}],  # one of many keys
    ],
)
def test_a_key_whose_kind_the_tag_does_not_say_makes_no_union(others: list[Any]) -> None:
    """Nor does one among many, such as a list that is written for an empty object."""
    assert "oneOf" not in schema([HEALTH, NAME, *others] * (10 if others else 3))
    assert "oneOf" in schema([HEALTH, NAME] * 4)


def test_objects_fall_apart_by_what_stands_in_their_lists() -> None:
    """Users and rooms are no one type for being listed under one key; lists of the same make no union."""
    made = schema([{"type": "users", "data": [{"name": "x", "age": 1}]}, {"type": "rooms", "data": [{"topic": "x", "size": 1}]}] * 5)
    assert {branch["properties"]["type"]["const"]: set(branch["properties"]["data"]["items"]["properties"]) for branch in made["oneOf"]} == {
        "users": {"name", "age"}, "rooms": {"topic", "size"},
    }  # fmt: skip
    assert "oneOf" not in schema([{"type": kind, "data": [{"name": "x", "age": 1}]} for kind in ("old", "new")] * 5)
    alike = [{"type": "add", "what": 1, "data": [{"x": 1, "y": 2}]}, {"type": "end", "why": 1, "data": [{"x": 1, "y": 2}]}]
    built = document({"it": [([payload], number) for number, payload in enumerate(alike * 5)]})
    assert built.schemas["it"] is not None
    assert [branch["properties"]["data"]["items"] for branch in built.schemas["it"]["oneOf"]] == [{"$ref": "#/Datum"}] * 2


def test_objects_with_a_tag_of_their_own_are_one_type_in_all_branches() -> None:
    """Whatever tells their holders apart: a warning that had texts alone may have numbers the next time."""
    text, number = {"type": "text", "value": "x"}, {"type": "number", "description": "x", "digits": 3, "base": 2}
    calls = [{"type": "log", "args": [text, number], "at": 1}, {"type": "warning", "args": [text], "why": "x", "level": 1}]
    built = document({"it": [([payload], place) for place, payload in enumerate(calls * 5)]})
    assert built.schemas["it"] is not None
    assert [branch["properties"]["args"]["items"] for branch in built.schemas["it"]["oneOf"]] == [{"$ref": "#/Arg"}] * 2


def test_rare_tags_share_an_open_branch_where_there_may_be_more() -> None:
    """With tags that are mostly met once, an unknown one is accepted."""
    rare = [{"type": f"kind{chr(97 + number)}", "extra": number} for number in range(12)]
    assert schema([*UNION * 10, *rare])["oneOf"][-1]["properties"]["type"]["not"] == {"enum": ["join", "say"]}


def test_rare_tags_are_listed_where_the_tags_are_an_enum() -> None:
    """With hardly a tag met once, no unknown one is expected."""
    made = schema([*UNION * 30, {"type": "leave", "why": 1}, {"type": "leave", "why": 1}])
    assert made["oneOf"][-1]["properties"]["type"]["enum"] == ["leave"]


def test_tags_that_are_data_leave_room_for_more() -> None:
    """However often the few were met: tomorrow there is another channel."""
    told = {"books": {"bids": 1, "asks": 2}, "trades": {"price": 1, "size": 2}}
    made = schema([{"channel": channel, **keys} for channel, keys in told.items()] * 30)
    unmet = {"channel": {"type": "string", "not": {"enum": ["books", "trades"]}}}
    assert made["oneOf"][2:] == [{"type": "object", "title": "ItOther", "properties": unmet, "required": ["channel"]}]


OTHERS: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "null": ([None] * 5, {"type": "null"}),
    "null, once": ([None], {"type": "null"}),
    "numbers": ([1, 2, 3, 4], {"type": "integer"}),
    "booleans": ([True, False], {"type": "boolean"}),
    "lists": ([["join"]], {"type": "array", "items": {"type": "string"}}),
    "null and rare tags": ([None, "leave", "leave"], {"type": ["string", "null"], "enum": ["leave", None]}),
    "numbers and a tag that is never let out": ([1, "4f5e2a9b7c11"], {"type": ["integer", "string"], "not": {"enum": ["join", "say"]}}),
    "bytes": ([b"x"], {"type": "string", "format": "binary", "not": {"enum": ["join", "say"]}}),
    "an empty text": ([""] * 4, {"type": "string", "enum": [""]}),
}


@pytest.mark.parametrize(("tags", "expected"), OTHERS.values(), ids=OTHERS)
def test_what_is_no_tag_has_a_branch_of_its_own(tags: list[Any], expected: dict[str, Any]) -> None:
    """It says which kinds of values stand there, and none of the tags that have branches."""
    made = schema([*UNION * 30, *({"type": tag, "other": 1} for tag in tags)])
    assert [branch["properties"]["type"].get("const") for branch in made["oneOf"][:2]] == ["join", "say"]
    assert made["oneOf"][2]["properties"]["type"] == expected
    assert made["oneOf"][2]["required"] == ["other", "type"]
    assert len(made["oneOf"]) == 3


def test_objects_as_tags_are_a_branch_too() -> None:
    """An object is no tag, and needs none excluded."""
    made = schema([*UNION * 30, {"type": {"of": 1}, "other": 1}])
    assert made["oneOf"][2]["properties"]["type"]["properties"] == {"of": {"type": "integer"}}
    assert "not" not in made["oneOf"][2]["properties"]["type"]


def test_objects_without_the_tag_have_a_branch_of_their_own() -> None:
    """Whether it is another key that tells of them, or none; nothing that has the tag is of that branch."""
    for apart in ({"gone": 1}, {"kind": "gone", "gone": 1}):
        made = schema([*UNION * 10, apart])
        assert made["oneOf"][2]["required"] == sorted(apart)
        assert made["oneOf"][2]["properties"]["type"] == {"not": {}}
        validator = jsonschema_rs.validator_for(made)
        assert all(map(validator.is_valid, [*UNION, apart]))
        assert not validator.is_valid({"type": "join", **apart})


def test_objects_without_the_tag_share_a_branch_with_rare_tags() -> None:
    """Where the tag may be missing."""
    rest = schema([*UNION * 30, {"type": "leave", "why": 1}, {"type": "leave", "why": 1}, {"gone": 1}])["oneOf"][2]
    assert rest["properties"]["type"]["enum"] == ["leave"]
    assert "required" not in rest


def test_a_tag_that_most_objects_lack_makes_no_union() -> None:
    """It is not what tells them apart."""
    assert "oneOf" in schema([*UNION * 10, *[{"gone": 1}] * 20])
    assert "oneOf" not in schema([*UNION * 10, *[{"gone": 1}] * 21])
    wide = {f"user{number}@example.com": number for number in range(70)}
    assert "oneOf" not in schema([*UNION * 30, wide])


def test_objects_whose_own_tags_are_of_several_keys_fall_apart_by_that_around_them() -> None:
    """No tag of theirs tells all of them apart."""
    settings = {"type": "vars", "data": {"mode": "edit", "palette": 1, "title": 2}}
    rooms = [{"type": "room", "data": each} for each in UNION]
    assert [branch["properties"]["type"]["const"] for branch in schema([settings, *rooms] * 10)["oneOf"]] == ["room", "vars"]
    many = [{"type": "room", "data": {"type": word, f"{word}Id": 1, f"{word}At": 2}} for word in ("join", "say", "leave", "kick", "ban")]
    made = schema([settings, *many * 5] * 4)["oneOf"]
    assert [branch["properties"]["type"]["const"] for branch in made] == ["room", "vars"]
    assert len(made[0]["properties"]["data"]["oneOf"]) == 5


def test_keys_that_come_and_go_in_one_branch_alone_are_its_own() -> None:
    """Where it is no chance that no other branch had them."""
    shared = {"id": 1}
    says = [{"type": "say", **shared, **dict.fromkeys(keys, 1)} for keys in (["text"], ["edited"], ["text", "edited"]) * 4]
    joins = [{"type": "join", **shared}] * 12
    assert "oneOf" in schema([*says, *joins])
    once = [{"type": "say", **shared, "text": 1}, {"type": "say", **shared, "edited": 1}, {"type": "say", **shared}]
    assert "oneOf" not in schema([*once, *joins, *[{"type": "say", **shared}] * 9])


def test_a_tag_that_was_not_looked_at_makes_no_union() -> None:
    """Objects with very many keys are not told apart: one of them may have a tag that has a branch."""
    wide = {f"key{chr(97 + number % 26)}{chr(97 + number // 26)}": number for number in range(70)}
    no_map = frozenset({"map"})
    assert "oneOf" not in schema([*UNION * 30, {"type": "join", **wide}], off=no_map)
    assert "oneOf" not in schema([*UNION * 30, {"type": "join", **wide}, {"type": "4f5e2a9b7c11", **wide}], off=no_map)
    assert "oneOf" in schema([*UNION * 30, {"type": None, **wide}], off=no_map)


def test_keys_that_several_tags_share_tell_them_apart() -> None:
    """As in JSON Patch, where `add` and `replace` have a value, and `move` is from somewhere."""
    path = {"path": "/a"}
    operations = [
        {"op": "add", **path, "value": 1}, {"op": "replace", **path, "value": 1}, {"op": "remove", **path},
        {"op": "move", **path, "from": "/b"},
    ]  # fmt: skip
    made = schema(operations * 10)
    assert {branch["properties"]["op"]["const"]: branch["required"] for branch in made["oneOf"]} == {
        "add": ["op", "path", "value"], "move": ["from", "op", "path"], "remove": ["op", "path"], "replace": ["op", "path", "value"],
    }  # fmt: skip


def test_keys_that_only_rare_tags_have_tell_nothing_of_the_others() -> None:
    """All that the frequent ones show is one object."""
    rare = [{"type": f"kind{chr(97 + number)}", f"key{chr(97 + number)}": number} for number in range(6)]
    assert "oneOf" not in schema([*[{"type": "join"}, {"type": "say"}] * 20, *rare])


def test_free_keys_do_not_make_their_holders_a_union() -> None:
    """One label on each ticket, of many that there are: that other labels were met where they are shut says nothing of it."""
    labels = {"open": ["bug", "slow", "ui", "docs", "api"], "shut": ["api", "css", "web", "ios", "crash"]}
    tickets = [{"status": status, "labels": {label: 1}} for status, many in labels.items() for label in many * 3]
    assert "oneOf" not in schema(tickets)
    requests = [{"status": "open", "labels": {"who": 1, "why": 2}}, {"status": "shut", "labels": {"by": 1, "at": 2}}]
    assert "oneOf" in schema(requests * 12)


USER = {"id": 1, "avatar": None, "since": 2, "admin": True}


def test_lists_whose_items_are_of_another_kind_make_another_type() -> None:
    """A point is no line, though both are called geometry and have the same keys."""
    lines = document({"at": [([{"geometry": PLACE}], 0)] * 2, "route": [([{"geometry": MOVE}], 0)] * 2})
    assert lines.definitions == {}
    points = document({"at": [([{"geometry": PLACE}], 0)] * 2, "route": [([{"geometry": {**PLACE, "coordinates": []}}], 0)] * 2})
    assert list(points.definitions) == ["Geometry"]


CODES = ("x7k2pq", "0a9fz3", "qq41mn", "b8c8d1", "7hj2k0", "zz9abc", "m3n4p5", "k0kk00", "abcdef", "r2d2c3")


def test_keys_that_were_drawn_by_chance_are_data_where_there_are_many() -> None:
    """Eight of one length, with digits anywhere among their letters, though each was always there and alone might be a name."""

    def of(*keys: str) -> dict[str, Any]:
        players = {key: {"x": 1, "y": 2} for key in keys}
        schema = document({"init": [([{"players": players}], 0)]}).schemas["init"]
        assert schema is not None
        made: dict[str, Any] = schema["properties"]["players"]
        return made

    assert of(*CODES).keys() >= {"additionalProperties"}
    assert of(*(f"i{code}" for code in CODES)).keys() >= {"additionalProperties"}
    assert "properties" in of(*CODES[:7])
    assert "properties" in of(*(f"slot{number}" for number in range(1, 10)))
    assert "properties" in of("h264x", "hevc1", "vp8ab", "vp9ab", "av1ab", "mpeg4", "mpeg2", "theor")
    assert "properties" in of("width", "color", "first", "total", "level", "title", "start", "scale", "shape")


def test_objects_without_a_key_in_common_make_another_type() -> None:
    """What is measured and what it is measured against have the same keys, and are no one type for that."""
    measured = {key: {"value": 3, "unit": "C"} for key in ("temp", "hum", "co2")}
    bounds = {key: {"min": 1, "max": 9} for key in measured}
    apart = document({"reading": [([{"values": measured}], 0)] * 2, "config": [([{"limits": bounds}], 0)] * 2})
    assert apart.schemas["config"] is not None
    limits = apart.schemas["config"]["properties"]["limits"]["properties"]
    assert [limits[key]["required"] for key in measured] == [["max", "min"]] * 3
    assert not any("properties" in each and "temp" in each["properties"] for each in apart.definitions.values())
    wider = {key: {**each, "at": 1} for key, each in measured.items()}
    alike = document({"reading": [([{"values": measured}], 0)] * 2, "config": [([{"limits": wider}], 0)] * 2})
    assert any("temp" in each.get("properties", {}) for each in alike.definitions.values())


def test_what_is_one_type_is_written_once_and_judged_together() -> None:
    """A user under two names in two events; what one event showed to be null may be null in both."""
    built = document({"join": [([{"user": USER}], 0)], "say": [([{"user": {**USER, "avatar": "x"}, "text": "y"}], 1)]})
    assert list(built.definitions) == ["User"]
    assert built.definitions["User"]["properties"]["avatar"] == {"type": ["null", "string"]}
    assert built.schemas["say"] is not None
    assert built.schemas["say"]["properties"]["user"] == {"$ref": "#/User"}


def test_a_tree_refers_to_itself() -> None:
    """Not level by level."""

    def comment(depth: int) -> dict[str, Any]:
        return {"id": depth, "text": "x", "replies": [comment(depth - 1) for _ in range(2)] if depth else []}

    built = document({"comment": [([comment(4)], 0)]})
    assert built.schemas["comment"] == {"title": "Comment", "$ref": "#/Comment"}
    assert built.definitions["Comment"]["properties"]["replies"] == {"type": "array", "items": {"$ref": "#/Comment"}}


def test_trailing_arguments_may_be_missing() -> None:
    """The list has as many as there were least."""
    made = document({"move": [([1, 2], 0), ([1, 2, "fast"], 0)]}).schemas["move"]
    assert made is not None
    assert (made["minItems"], made["maxItems"], len(made["items"])) == (2, 3, 3)
    assert document({"ping": [([], 0)]}).schemas["ping"] is None


INTEGER = {"type": "integer"}


def test_a_list_that_was_spread_over_a_call_is_a_list() -> None:
    """Many arguments of one kind: the first and any that follow, however many were seen."""
    made = document({"ids": [(list(range(9)), 0), (list(range(20)), 0)]}).schemas["ids"]
    dialect = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "IdsArgs", "type": "array"}
    assert made == {**dialect, "items": [INTEGER], "minItems": 1, "additionalItems": INTEGER}
    made = document({"ids": [([], 0), (list(range(9)), 0)]}).schemas["ids"]
    assert made == {**dialect, "items": [INTEGER], "minItems": 0, "additionalItems": INTEGER}


def test_objects_that_were_spread_over_a_call_are_one_type() -> None:
    """Which is written once."""
    built = document({"users": [([{"id": 1, "on": True}] * 9, 0)]})
    assert built.schemas["users"] is not None
    assert built.schemas["users"]["items"] == [built.schemas["users"]["additionalItems"]] == [{"$ref": "#/UsersItem"}]
    assert list(built.definitions) == ["UsersItem"]


def test_more_arguments_than_are_looked_at_one_by_one_are_as_the_last_of_these() -> None:
    """Whether they are of one kind or of several."""
    made = document({"ids": [(list(range(70)), 0)]}).schemas["ids"]
    assert made is not None
    assert (made["items"], made["additionalItems"], made["minItems"]) == ([INTEGER], INTEGER, 1)
    made = document({"row": [(["first", *range(68), "last"], 0)]}).schemas["row"]
    assert made is not None
    either = {"type": ["integer", "string"]}
    assert (made["items"], made["additionalItems"]) == ([{"type": "string"}, *[INTEGER] * 62, either], either)
    assert made["minItems"] == 64
    assert "maxItems" not in made


def test_a_record_without_names_as_the_one_argument_is_not_several() -> None:
    """What `emit("at", [x, y, label])` carries is told from what `emit("at", x, y, label)` does; a list of one kind needs no more."""
    record, number, text = [1, 2, "label"], {"type": "integer"}, {"type": "string"}
    built = document(
        {
            "one": [([record], 0)] * 5,
            "one or null": [([record], 0), ([None], 0)] * 5,
            "three": [(record, 0)] * 5,
            "list": [([[1, 2, 3]], 0)] * 5,
            "either": [([record], 0), (["text"], 0)] * 5,
        }
    )
    one, nullable, three, plain, either = (built.schemas[name] or {} for name in ("one", "one or null", "three", "list", "either"))
    assert (len(one["items"]), one["minItems"], one["maxItems"], one["additionalItems"]) == (1, 1, 1, False)
    assert one["items"][0]["items"] == three["items"] == [number, number, text]
    assert (nullable["minItems"], nullable["maxItems"]) == (1, 1)
    assert nullable["items"][0]["type"] == ["array", "null"]
    assert plain == {"title": "List", "type": "array", "items": number}
    assert [option["type"] for option in either["anyOf"]] == ["array", "string"]


def test_the_evidence_of_every_property() -> None:
    """Samples, sessions and the share of objects that have it, where that is asked for."""
    made = schema([{"a": 1}, {"a": 1, "b": 1}], evidence="full")
    assert made["properties"]["b"]["x-sio-infer"] == {"samples": 1, "sessions": 1, "share": 0.5}


@pytest.mark.parametrize(
    ("rule", "claims"),
    [
        ("required", lambda: schema([{"a": 1}], off=frozenset({"required"})).get("required")),
        ("integer", lambda: key([1], off=frozenset({"integer"}))["type"] == "integer"),
        ("format", lambda: key(["2026-03-01"], off=frozenset({"format"})).get("format")),
        ("enum", lambda: key(["on", "off"] * 30, off=frozenset({"enum"})).get("enum")),
        ("map", lambda: key([{"1": 1}], off=frozenset({"map"})).get("additionalProperties")),
        ("tuple", lambda: isinstance(key([[1, "a"]] * 30, off=frozenset({"tuple"}))["items"], list)),
        ("length", lambda: key([[1, 2]] * 30, off=frozenset({"length"})).get("maxItems")),
        ("union", lambda: schema(UNION * 20, off=frozenset({"union"})).get("oneOf")),
        (
            "share",
            lambda: (
                document({"a": [([{"u": USER}], 0)], "b": [([{"u": USER}], 0)]}, off=frozenset({"share"})).definitions
            ),
        ),
        ("nullable", lambda: key([None], off=frozenset({"nullable"})) == {}),
    ],
)
def test_each_rule_can_be_switched_off(rule: str, claims: Callable[[], object]) -> None:
    """And then claims nothing."""
    assert not claims()
    assert rule in {known.name for known in RULES}
