"""`infer.update.text`: what changes in the data changes in the text, and nothing else does."""

from __future__ import annotations

import copy
import difflib
import json
from typing import Any

import pytest

from infer.asyncapi.source import parse, plain
from infer.update.text import revised

DOCUMENT = """\
# Ours. Do not reformat!

info:   {title: 'A',   version: "1"}   # two quotes

# --- things ---
things: &things
    first:
        type: string     # really
        required:
        -   a            # because
        -   b

        # about the second
    second: {type: object, properties: {x: {type: integer}}}
    text: |
        Lines.

          Indented.

on: yes
again: *things

# the end
"""


def change(text: str, *path: str | int, to: Any = None, drop: bool = False) -> str:
    """The text with another value at a path, or without it."""
    old = plain(parse(text, "a.yml"))
    new = copy.deepcopy(old)
    at = new
    for step in path[:-1]:
        at = at[step]
    if drop:
        del at[path[-1]]
    else:
        at[path[-1]] = to
    result = revised(text, "a.yml", old, new)
    expected = copy.deepcopy(new)
    if path[0] == "things" and "again" in new:
        expected["again"] = expected["things"]  # an anchor's aliases follow it
    assert plain(parse(result, "a.yml")) == expected
    return result


def difference(before: str, after: str) -> list[str]:
    """Lines that went and came."""
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


def test_nothing_changed_is_every_byte() -> None:
    """The text itself."""
    data = plain(parse(DOCUMENT, "a.yml"))
    assert revised(DOCUMENT, "a.yml", data, copy.deepcopy(data)) == DOCUMENT


@pytest.mark.parametrize(
    ("path", "to", "lines"),
    [
        (("things", "third"), {"type": "null"}, ["+     third:", "+         type: 'null'"]),
        (("things", "first", "title"), "yes", ["+         title: 'yes'"]),
        (("things", "first", "required"), ["a", "b", "c"], ["+         - c"]),
        (("things", "first", "required"), ["b"], ["-         -   a            # because"]),
        (("things", "first", "required"), ["a"], ["-         -   b"]),
        (("new",), {"x": [1, {"z": 2}]}, ["+ new:", "+     x:", "+     - 1", "+     - z: 2"]),
    ],
)  # fmt: skip
def test_only_the_lines_concerned_change(path: tuple[str, ...], to: Any, lines: list[str]) -> None:
    """Comments, quotes, alignment, blank lines and the anchor stay where they are."""
    assert difference(DOCUMENT, change(DOCUMENT, *path, to=to)) == lines


def test_a_comment_stays_before_what_it_is_about() -> None:
    """What is inserted before a comment line pushes it on, as a person would."""
    text = change(DOCUMENT, "things", "first", "note", to="x")
    assert "-   b\n        note: x\n\n        # about the second\n    second:" in text
    text = change(DOCUMENT, "again", drop=True)
    assert text.endswith("on: yes\n\n# the end\n")
    text = change(DOCUMENT, "things", "first", drop=True)
    assert "# about the second\n    second:" in text
    text = change(DOCUMENT, "things", "first", "required", to=["b"])
    assert "required:\n        -   b\n\n        # about the second" in text
    text = change(DOCUMENT.replace("        -   a            # because\n", "        - a\n        # not b\n"), "things", "first", "required", to=["b"])
    assert "required:\n        # not b\n        -   b\n" in text


def test_one_type_becomes_two_on_its_line() -> None:
    """With the comment at its end."""
    text = change(DOCUMENT, "things", "first", "type", to=["string", "null"])
    (gone, came) = difference(DOCUMENT, text)
    assert gone == "-         type: string     # really"
    assert came.split() == ["+", "type:", "[string,", "'null']", "#", "really"]


def test_what_becomes_part_of_something_keeps_its_comments() -> None:
    """A schema that is now one of two alternatives is moved, not written anew."""
    text = DOCUMENT.replace("again: *things\n", "")
    first = plain(parse(text, "a.yml"))["things"]["first"]
    result = change(text, "things", "first", to={"anyOf": [first, {"type": "integer"}]})
    for comment in ("# really", "# because", "# about the second"):
        assert result.count(comment) == 1
    assert result.index("# because") < result.index("type: integer") < result.index("# about the second")


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
def test_line_endings_and_byte_order_mark_stay(ending: str) -> None:
    """Of a file from Windows too."""
    text = "\ufeff" + DOCUMENT.replace("\n", ending)
    result = change(text, "new", to=1)
    assert result == text.replace(f"again: *things{ending}", f"again: *things{ending}new: 1{ending}")


def test_a_file_without_a_last_line_feed_keeps_it_so() -> None:
    """Nothing is added at the end but what is asked for."""
    assert change("a: 1\nb: {c: 2}", "a", to=3) == "a: 3\nb: {c: 2}"


@pytest.mark.parametrize("indent", [2, 4, "\t", None])
def test_json_keeps_its_layout(indent: int | str | None) -> None:
    """Indentation, and whether other scripts are escaped."""
    data = {"a": {"b": [1, 2]}, "name": "größe"}
    text = json.dumps(data, indent=indent, ensure_ascii=indent == 4) + "\n"
    result = change(text, "a", "c", to=True)
    assert result == json.dumps({"a": {"b": [1, 2], "c": True}, "name": "größe"}, indent=indent, ensure_ascii=indent == 4) + "\n"


def test_braces_alone_do_not_make_json() -> None:
    """YAML in flow style stays YAML."""
    assert change("{a: 1,\n b: {c: 2}}\n", "b", "d", to=3) == "{a: 1, b: {c: 2, d: 3}}\n"


@pytest.mark.parametrize("head", ["---\n", "%YAML 1.2\n---\n", "# first\n---\n", ""])
@pytest.mark.parametrize("foot", ["...\n", ""])
def test_the_frame_of_a_document_stays(head: str, foot: str) -> None:
    """Directives, and the marks of its beginning and end."""
    text = f"{head}a: 1\nb:\n    - c\n{foot}"
    assert change(text, "a", to=2) == text.replace("a: 1", "a: 2")


@pytest.mark.parametrize("word", ["yes", "no", "on", "null", "~", "1e3", "0o7", "n", "1", "2024-01-01", "a: b", "- a", "#a", "", " x", "a\nb", "\u2028", "'", '"'])
def test_new_strings_are_strings_to_every_reader(word: str) -> None:
    """Of YAML 1.1 as well."""
    import yaml  # noqa: PLC0415

    result = change("a:\n  b: 1\n", "a", word, to={word: [word]})
    assert yaml.safe_load(result)["a"][word] == {word: [word]}


@pytest.mark.parametrize("value", ["2021-07-20T17:03:00.000Z", "2021-10-06 15:00:00.000Z", "2024-03-28t21:13:15.084+02:00", "2024-01-01", "=", "0x1F", "1.10"])
def test_what_other_readers_take_for_a_date_stays_as_it_was_written(value: str) -> None:
    """As does the layout around it: dates stand in examples."""
    text = f"at: {value}\nlist: [ a, b ]\n  \nkey: \n  x: 1\n"
    assert change(text, "key", "x", to=2) == text.replace("x: 1", "x: 2")


def test_a_long_document_of_lines_that_are_alike_changes_where_its_data_does() -> None:
    """However often most lines stand in it, and though the layout of lists in lists is not ruamel.yaml's."""
    common = """\
  m{0}:
    payload:
      type: array
      prefixItems:
        - type: string
          examples:
            - visitor
      items:
        not: {{}}
    examples:
      - payload:
          - Hello
"""
    odd = """\
  m{0}:
    payload:
      type: array
      prefixItems:
        - type: array
          examples:
            - - room1
              - room2
      items:
        not: {{}}
    examples:
      - payload:
          - - room1
            - room2
"""
    text = "messages:\n" + "".join((odd if number == 14 else common).format(number) for number in range(20))
    changed = odd.format(14).replace("        not: {}\n", "        not: {}\n      minItems: 1\n")
    assert change(text, "messages", "m14", "payload", "minItems", to=1) == text.replace(odd.format(14), changed)


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("a:\n    b: 1\nc:\n  - d\n", "new:\n    list:\n      - one: 1\n        two:\n          - 2\n"),
        ("a:\n    b: 1\nc:\n- d\n", "new:\n    list:\n    - one: 1\n      two:\n      - 2\n"),
        ("a:\n  b: 1\nc:\n  - d\n", "new:\n  list:\n    - one: 1\n      two:\n        - 2\n"),
        ("a: 1\n", "new:\n  list:\n  - one: 1\n    two:\n    - 2\n"),
        ("# for example:\n#      - this\n\na:   # that is:\n\n   # a note\n   b: 1\nc:\n\n - d\n", "new:\n   list:\n    - one: 1\n      two:\n       - 2\n"),
    ],
)
def test_what_is_new_stands_in_as_what_was_there(text: str, added: str) -> None:
    """By the first mapping in a mapping and the first list in one; comments and empty lines show nothing."""
    assert change(text, "new", to={"list": [{"one": 1, "two": [2]}]}) == text + added


def test_words_stay_quoted_as_they_were_on_a_line_that_changes() -> None:
    """Beside what is new there, however long the line becomes."""
    text = "a: {b: 'x', c: \"y\", d: z}\n"
    long = "word " * 60 + "word"
    assert change(text, "a", "e", to=long) == f"a: {{b: 'x', c: \"y\", d: z, e: {long}}}\n"
