"""`infer.asyncapi.source`: JSON and YAML to trees that know their places."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infer.asyncapi.source import MAX_DEPTH, Node, parse, plain
from infer.errors import SpecError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(max_size=4), VALUES, max_size=4)


def refused(*_: Any) -> NoReturn:
    raise ValueError


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else refused()


@given(OBJECTS, st.sampled_from([None, 1, "\t", "\r\n"]), st.booleans())
def test_json_is_what_the_standard_library_reads(value: dict[str, Any], indent: Any, escaped: bool) -> None:
    """However it is laid out, and with any character written as it is or escaped."""
    text = json.dumps(value, indent=indent, ensure_ascii=escaped)
    assert plain(parse(text, "a.json")) == value
    assert plain(parse(f"\ufeff \n{text}\n", "a.json")) == value


@given(OBJECTS, st.data())
def test_damaged_json_is_refused_where_the_standard_library_refuses_it(value: dict[str, Any], data: st.DataObject) -> None:
    """And where a key stands twice; what is still JSON is read as that."""
    text = json.dumps(value)
    at = data.draw(st.integers(1, len(text)))
    text = text[:at] + data.draw(st.sampled_from([*'{}[]",:0.-etn \n\t\x01a/\\', ""])) + text[at + data.draw(st.integers(0, 1)) :]
    try:
        expected = json.loads(text, object_pairs_hook=once, parse_constant=refused)
    except ValueError:
        with pytest.raises(SpecError):
            parse(text, "a.json")
    else:
        assert plain(parse(text, "a.json")) == expected


def places(node: Node) -> dict[str, tuple[int, int]]:
    """Line and column by the path to what stands there."""
    value = node.value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = {"": (node.mark.line, node.mark.column)}
    return found | {f"/{key}{path}": at for key, child in inner for path, at in places(child).items()}


@pytest.mark.parametrize("name", ["a.json", "a.yml"])
def test_each_part_knows_its_line_and_column(name: str) -> None:
    """Of an entry those of its key, in JSON and in YAML alike."""
    text = '{"a": [1,\n  {"b": 2, "c": []}],\n "d": {"e": null}}'
    expected = {
        "": (1, 1), "/a": (1, 2), "/a/0": (1, 8), "/a/1": (2, 3), "/a/1/b": (2, 4), "/a/1/c": (2, 12), "/d": (3, 2), "/d/e": (3, 8),
    }  # fmt: skip
    assert places(parse(text, name)) == expected
    assert places(parse(text.replace('"', ""), "a.yml")).keys() == expected.keys()


@pytest.mark.parametrize(
    ("text", "name", "words", "place"),
    [
        ('{"a": 1} x', "a.json", "something follows", "a.json:1:10"),
        ('{"a" 1}', "a.json", "':' is expected", "a.json:1:6"),
        ('{"a": [1 2]}', "a.json", "',' is expected", "a.json:1:10"),
        ('{"a": 1,\n}', "a.json", "a key in double quotes", "a.json:2:1"),
        ('{"a": nul}', "a.json", "a value is expected", "a.json:1:7"),
        ('{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1), "a.json", "nested deeper", "a.json:1:"),
        ("a: &a [*a]", "a.yml", "inside its own anchor", "a.yml:1:"),
        ("a: 1\n? [b]\n: 2", "a.yml", "a key must be a plain scalar", "a.yml:2:3"),
        ("a: !!int x", "a.yml", "no valid int", "a.yml:1:1"),
        ("a: !!float x", "a.yml", "no valid float", "a.yml:1:1"),
        ("a:" + " {b:" * (MAX_DEPTH + 1) + " 1" + "}" * (MAX_DEPTH + 1), "a.yml", "nested deeper", "a.yml:1:"),
        ("a: 'x", "a.yml", "no valid YAML", "a.yml:1:"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, name: str, words: str, place: str) -> None:
    """Where a reader would look."""
    with pytest.raises(SpecError, match=words) as error:
        parse(text, name)
    assert (error.value.location or "").startswith(place)


def test_nesting_is_taken_up_to_its_limit() -> None:
    """In either syntax."""
    for text in ('{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH, "{a: " * MAX_DEPTH + "1" + "}" * MAX_DEPTH):
        assert plain(parse(text, "a.yml")) == json.loads('{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH)


def test_yaml_that_begins_like_json_is_yaml() -> None:
    """In a file that is not called JSON."""
    assert plain(parse("{a: [1, x], b: {c: yes}}", "a.yml")) == {"a": [1, "x"], "b": {"c": "yes"}}
