"""`infer.types.models` and `infer.types.python`. That modules work is held in tests/conformance."""

from __future__ import annotations

import re
import sys
import warnings
from typing import Any

import pytest

from infer.errors import UsageError
from infer.types.models import Library
from infer.types.names import attributes
from infer.types.python import NO_METHODS, python
from tests.unit.types.documents import BINARY, NULL, NUMBER, STRING, contract, items, obj, ref

Json = dict[str, Any]


def made(*messages: Json, schemas: Json | None = None, library: Library = "msgspec") -> str:
    return python(contract({"/": list(messages)}, schemas), models=library)


def type_of(schema: Json, library: Library = "msgspec", **schemas: Json) -> str:
    """The type of an event's one argument."""
    found = re.search(r"\('/', 's2c', 'e'\): \[\(\((.*),\), None\)\]", made({"name": "e", "payload": schema}, schemas=schemas, library=library))
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("schema", "msgspec", "pydantic"),
    [
        ({}, "Any", "Any"),
        ({"type": ["null", "integer"]}, "int | None", "int | None"),
        ({"type": "string", "format": "uuid"}, "str", "str"),
        ({"type": ["string", "null"], "format": "binary"}, "bytes | None", "bytes | None"),
        ({"anyOf": [STRING, BINARY]}, "Any", "str | bytes"),
        ({"anyOf": [STRING, NUMBER, NULL]}, "str | float | None", "str | float | None"),
        ({"enum": ["a", 1, None]}, "Literal['a', 1, None]", "Literal['a', 1, None]"),
        ({"const": "a"}, "Literal['a']", "Literal['a']"),
        ({"enum": [1.5]}, "Any", "Any"),
        ({"type": "array", "items": {"type": "array"}}, "list[list[Any]]", "list[list[Any]]"),
        ({"type": "object", "additionalProperties": NUMBER}, "dict[str, float]", "dict[str, float]"),
        ({"type": "object"}, "dict[str, Any]", "dict[str, Any]"),
        (obj(**{'"': STRING}), "dict[str, Any]", "dict[str, Any]"),
        ({"anyOf": [obj(a=STRING), obj(b=STRING)]}, "Any", "EArg1 | EArg2"),
        ({"anyOf": [obj(k={"const": "a"}), obj(k={"const": "b"})]}, "EArg", "EArg1 | EArg2"),
        ({"allOf": [STRING]}, "Any", "Any"),
        (ref("Point"), "Point", "Point"),
        (ref("Id"), "str", "str"),
    ],
)
def test_a_schema_is_a_type(schema: Json, msgspec: str, pydantic: str) -> None:
    """What the library can say is said; the rest is Any, or a plain dict."""
    schemas = {"Point": obj(x=NUMBER), "Id": STRING}
    assert type_of(schema, "msgspec", **schemas) == msgspec
    assert type_of(schema, "pydantic", **schemas) == pydantic


def test_a_tuple_is_of_one_length() -> None:
    """Inside a value, where Python has tuples; arguments that may be missing are lists of several lengths."""
    text = made({"name": "a", "payload": obj(at=items(NUMBER, STRING))}, {"name": "b", "payload": items(NUMBER, STRING, least=1)})
    assert "at: tuple[float, str]" in text
    assert "('/', 's2c', 'b'): [((float,), None), ((float, str), None)]" in text


def test_models_are_called_as_in_the_document() -> None:
    """Components by their key, titled objects by their title, others after their event."""
    text = made({"name": "place order", "payload": items(ref("Dish"), {**obj(a=STRING), "title": "Note"}, obj(b=STRING))}, schemas={"Dish": obj(x=NUMBER)})
    for name in ("Dish", "Note", "PlaceOrderArg2"):
        assert f"class {name}(Struct):" in text


def test_the_generator_is_heard_where_it_has_something_to_say(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """That a tuple takes no lengths is nothing: it has its own. Any other warning is a line, once, and no warning of Python's."""
    import datamodel_code_generator  # noqa: PLC0415

    generate = datamodel_code_generator.generate

    def warning(*args: Any, **options: Any) -> Any:
        for _ in range(2):
            warnings.warn("a field is called twice", stacklevel=1)
        return generate(*args, **options)

    rows = contract({"/": [{"name": "rows", "payload": ref("Rows")}]}, {"Rows": {"type": "array", "items": ref("Row")}, "Row": items(NUMBER, STRING)})
    said: list[str] = []
    python(rows, say=said.append)
    assert said == []
    monkeypatch.setattr(datamodel_code_generator, "generate", warning)
    python(rows, say=said.append)
    assert said == ["datamodel-code-generator: a field is called twice"]
    assert capfd.readouterr().err == ""


def test_events_whose_names_stand_for_many_are_said_to_have_no_methods() -> None:
    """In the classes and beside the file; what they carry is known."""
    room = {"name": "room:{id}\n", "x-socketio-template": True, "payload": NUMBER}
    said: list[str] = []
    text = python(contract({"/": [room, {"name": "other"}]}), say=said.append)
    assert text.count("    # s2c 'room:{id}\\n' has no typed methods") == 2
    assert "('/', 's2c', 'room:{id}\\n'): [((float,), None)]" in text
    assert [line.partition(": ")[2] for line in said] == ['untyped: s2c "room:{id}\n" ' + NO_METHODS]


def test_a_missing_generator_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "datamodel_code_generator", None)
    with pytest.raises(UsageError, match=r"pip install 'sio-infer\[python-types\]'"):
        made({"name": "e", "payload": obj(a=STRING)})


def test_the_same_contract_gives_the_same_bytes() -> None:
    """Nothing of the run stands in the module."""
    message = {"name": "e", "payload": obj(a=obj(b=STRING)), "ack": NUMBER}
    assert made(message) == made(message)


def test_attributes_are_called_as_their_keys_where_they_can_be() -> None:
    """Others are called after them, each differently, and none as what may not be given."""
    keys = ["class", "list", "list_", "a-b", "a b", "a_b", "\ufb01", "fi", "_x", "1", "", "model_dump_x", "model_id"]
    assert attributes(keys, {"class", "list"}, ("model_dump",)) == {
        "class": "class_", "list": "list_1", "list_": "list_", "a-b": "a_b_1", "a b": "a_b_2", "a_b": "a_b", "\ufb01": "fi_1", "fi": "fi",
        "_x": "field_x", "1": "field_1", "": "field_", "model_dump_x": "field_model_dump_x", "model_id": "model_id",
    }  # fmt: skip


def test_namespaces_with_long_names() -> None:
    """Two that begin with the same eighty letters have classes of their own."""
    long = "/" + "organisation/" * 20
    classes = re.findall(r"^class (Organisation\w+)\b", python(contract({f"{long}{end}": [{"name": "e"}] for end in "ab"})), re.MULTILINE)
    assert len(classes) == len(set(classes)) == 4
