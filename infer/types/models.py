"""JSON Schemas to Python types: expressions of builtins, and models by datamodel-code-generator behind their names.

Between the two stands a smaller language, of which each form has its one Python type: `{}`, a reference to a component,
scalars, lists, tuples, maps, enums and alternatives. Only components are objects with properties. The law is that of
`typescript`: what cannot be said widens. What travels as a string stays a string (dates, UUIDs, URLs): models decode
what python-socketio hands over, and encode to what it takes.
"""

from __future__ import annotations

import ast
import json
import keyword
import re
import warnings
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final, Literal

from infer.asyncapi.contract import Contract
from infer.asyncapi.schemas import PREFIX, Schema
from infer.errors import SpecError, UsageError
from infer.types.names import Names, attributes
from infer.types.notes import Say

Json = dict[str, Any]
Library = Literal["msgspec", "pydantic"]
ANY: Final[Json] = {}
BINARY: Final[Json] = {"type": "string", "format": "binary"}
NULL: Final[Json] = {"type": "null"}
_REFERENCE: Final = "#/components/schemas/"
_SCALARS: Final = {"boolean": "bool", "integer": "int", "null": "None", "number": "float", "string": "str"}
_TYPES: Final = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
_TUPLE: Final = re.compile(r"msgspec\.Meta does not take max_length, min_length on tuple\[")
"""A warning about nothing: a tuple's length is its own."""
_TAG: Final = re.compile(r"^(class (\w+)\(Struct, tag_field=)'(\w+)'", re.MULTILINE)
RESERVED: Final = frozenset(
    {"Annotated", "Any", "Awaitable", "BaseModel", "Callable", "Client", "ConfigDict", "Dict", "Enum", "Field", "Final", "List",
     "Literal", "Meta", "Model", "Optional", "RootModel", "Sequence", "Server", "Struct", "Tuple", "TypeAdapter", "TypeAlias",
     "TypeAliasType", "Union", "UnsetType", "ValidationError", *keyword.kwlist}
)  # fmt: skip
"""Names that the file uses itself, or that the generator would not give."""
_INSIDE: Final[dict[Library, frozenset[str]]] = {
    "msgspec": frozenset({"field", *keyword.kwlist}),
    "pydantic": frozenset({"Annotated", "Any", "Field", "Literal", "bool", "bytes", "dict", "float", "int", "list", "str", "tuple", *keyword.kwlist}),
}
"""Names that no attribute may have, as a class needs them itself; types in structs the generator imports by other names."""
_PROTECTED: Final = ("model_dump", "model_validate")
"""Beginnings of names that pydantic warns of."""


class Models:
    """The types of one contract. `expression` names them, `source` is the code of all that were named."""

    def __init__(self, contract: Contract, names: Names, library: Library) -> None:
        self._contract = contract
        self._names = names
        self._library = library
        self._components: dict[str, Json] = {}
        self._of_definition: dict[str, str] = {}
        self._of_title: dict[tuple[str, str], str] = {}
        self._circular: dict[str, bool] = {}

    def expression(self, schema: Schema, name: str) -> str:
        """The type of a schema; `name` is after what a model is called that has no name of its own."""
        return _expression(self._lowered(schema, name))

    def source(self, header: str, imports: Iterable[str], say: Say) -> str:
        """The file's beginning: header, imports, models; `say` is given a line for each that the generator warns of.

        Errors: `UsageError` where the generator is not installed.
        """
        imports = list(imports)
        if not self._components:  # the generator refuses to make nothing
            lines = [f"from {module} import {name}\n" for module, _, name in (each.rpartition(".") for each in imports)]
            return f"{header}\n\nfrom __future__ import annotations\n\n{''.join(lines)}"
        code = _generated(self._components, self._library, header, imports, say)
        missing = sorted(self._components.keys() - _bound(code))
        if missing:
            raise SpecError(f"no Python type can be called {missing[0]}", None, "rename the component in the document")
        return code

    # schemas to the smaller language

    def _lowered(self, schema: Schema, name: str) -> Json:
        if "$ref" in schema:
            return self._definition(str(schema["$ref"]).removeprefix(PREFIX))
        if "const" in schema:
            return _enum([schema["const"]])
        if "enum" in schema:
            return _enum(schema["enum"])
        if "not" in schema or "allOf" in schema:
            return ANY  # no library says either
        for combinator in ("oneOf", "anyOf"):
            if combinator in schema:
                if schema.get("properties"):
                    return ANY
                parts = (self._lowered(part, f"{name} {at}") for at, part in enumerate(schema[combinator], 1))
                return self._union(parts, schema.title or name)
        return self._union((self._typed(schema, kind, name) for kind in _kinds(schema)), name)

    def _typed(self, schema: Schema, kind: str, name: str) -> Json:
        if kind == "object":
            return self._object(schema, name)
        if kind == "array":
            return self._array(schema, name)
        if kind == "string" and schema.get("format") == "binary":
            return BINARY
        return {"type": kind} if kind in _SCALARS else ANY

    def _array(self, schema: Schema, name: str) -> Json:
        places = schema.get("prefixItems")
        items = schema.get("items")
        if not places:
            return {"type": "array", "items": ANY if items is None else self._lowered(items, f"{name} item")}
        count = len(places)
        closed = schema.get("maxItems") == count or (items is not None and "not" in items)
        if not closed or schema.get("minItems") != count:
            return {"type": "array", "items": ANY}  # a tuple is of one length
        lowered = [self._lowered(place, f"{name} item {at}") for at, place in enumerate(places)]
        return {"type": "array", "prefixItems": lowered, "minItems": count, "maxItems": count}

    def _object(self, schema: Schema, name: str) -> Json:
        properties = schema.get("properties", {})
        if properties and all(map(_is_key, properties)):
            return self._model(schema, schema.title or name)
        values = schema.get("additionalProperties")
        if not values or "not" in values or properties or schema.get("patternProperties"):
            return {"type": "object", "additionalProperties": ANY}
        return {"type": "object", "additionalProperties": self._lowered(values, f"{name} value")}

    def _model(self, schema: Schema, title: str) -> Json:
        """An object as a component; equal ones of one title are one."""
        return self._component(title, self._members(schema, title))

    def _component(self, title: str, made: Json) -> Json:
        key = (title, json.dumps(made, sort_keys=True))
        if key not in self._of_title:
            self._of_title[key] = self._names.claim(title, "Model")
            self._components[self._of_title[key]] = made
        return {"$ref": _REFERENCE + self._of_title[key]}

    def _members(self, schema: Schema, name: str) -> Json:
        properties = {key: self._lowered(part, f"{name} {key}") for key, part in schema["properties"].items()}
        required = [key for key in schema.get("required", ()) if key in properties]
        return {"type": "object", "properties": properties, **({"required": required} if required else {})}

    def _definition(self, definition: str) -> Json:
        """A definition as a component, or what it says where that is little."""
        schema = self._contract.definitions[definition]
        if schema.keys() <= {"type", "format"}:
            return self._lowered(schema, definition)
        if definition not in self._of_definition:
            name = self._of_definition[definition] = self._names.claim(definition, "Model")
            self._components[name] = ANY
            if _kinds(schema) == ["object"] and schema.get("properties") and all(map(_is_key, schema["properties"])):
                alone = not schema.keys() & {"$ref", "allOf", "anyOf", "const", "enum", "not", "oneOf"}
                self._components[name] = {"type": "object", "properties": {}}  # what it is, for a union that holds it
                self._components[name] = self._members(schema, definition) if alone else ANY
            elif not self._in_circle(definition):
                self._components[name] = self._lowered(schema, definition)
        return {"$ref": _REFERENCE + self._of_definition[definition]}

    def _in_circle(self, definition: str) -> bool:
        """Whether a definition stands in itself without a class between: such an alias cannot be evaluated."""
        found: set[str] = set()
        waiting = [self._contract.definitions[definition]]
        while waiting:
            schema = waiting.pop()
            if schema.get("properties"):
                continue
            if "$ref" in schema:
                target = str(schema["$ref"]).removeprefix(PREFIX)
                if target not in found:
                    found.add(target)
                    waiting.append(self._contract.definitions[target])
            waiting.extend(part for _, part in schema.parts())
        return definition in found

    def _union(self, branches: Iterable[Json], name: str) -> Json:
        """Any of them, where the library can tell them apart."""
        flat: list[Json] = []
        for branch in branches:
            flat.extend(part for part in branch.get("anyOf", [branch]) if part not in flat)
        flat.sort(key=NULL.__eq__)  # null reads best in the last place
        if not flat or ANY in flat or (self._library == "msgspec" and not self._distinct(flat)):
            return ANY
        if self._library == "msgspec" and sum("properties" in self._resolved(branch) for branch in flat) > 1:
            return self._component(name, {"oneOf": flat})  # the generator tags what it sees in one union
        return flat[0] if len(flat) == 1 else {"anyOf": flat}

    def _distinct(self, branches: list[Json]) -> bool:
        """Whether msgspec can tell them apart: by the types of JSON, or objects by the constant of one property."""
        kinds: list[str] = []
        models: list[Json] = []
        for branch in map(self._resolved, branches):
            if branch == ANY or "anyOf" in branch or "oneOf" in branch:
                return len(branches) == 1
            if "properties" in branch:
                models.append(branch)
            elif "enum" in branch or "const" in branch:
                kinds.extend({_TYPES[type(member)] for member in branch.get("enum", [branch.get("const")])})
            else:
                kinds.append(branch["type"])
        if len(models) > 1:
            tags = list(map(_tags, models))
            telling = [key for key in set.intersection(*map(set, tags)) if len({each[key] for each in tags}) == len(tags)]
            if "object" in kinds or not telling or not all(_is_tag(key, model) for key in telling for model in models):
                return False
        elif models:
            kinds.append("object")
        return len(kinds) == len(set(kinds)) and not {"integer", "number"} <= set(kinds)

    def _resolved(self, lowered: Json) -> Json:
        while "$ref" in lowered:
            lowered = self._components[lowered["$ref"].removeprefix(_REFERENCE)]
        return lowered


def _expression(lowered: Json) -> str:
    """The Python type of a form of the smaller language."""
    if "$ref" in lowered:
        return str(lowered["$ref"]).removeprefix(_REFERENCE)
    if "enum" in lowered or "const" in lowered:
        return f"Literal[{', '.join(map(repr, lowered.get('enum', [lowered.get('const')])))}]"
    if "anyOf" in lowered:
        return " | ".join(map(_expression, lowered["anyOf"]))
    if "prefixItems" in lowered:
        return f"tuple[{', '.join(map(_expression, lowered['prefixItems']))}]"
    if lowered == BINARY:
        return "bytes"
    if lowered.get("type") == "array":
        return f"list[{_expression(lowered['items'])}]"
    if lowered.get("type") == "object":
        return f"dict[str, {_expression(lowered['additionalProperties'])}]"
    return _SCALARS.get(lowered.get("type", ""), "Any")


def _generated(components: dict[str, Json], library: Library, header: str, imports: list[str], say: Say) -> str:
    try:
        # an extra, and slow to import
        from datamodel_code_generator import InputFileType, LiteralType, generate  # noqa: PLC0415
        from datamodel_code_generator.enums import DataModelType  # noqa: PLC0415
        from datamodel_code_generator.format import Formatter, PythonVersion  # noqa: PLC0415
        from pydantic import BaseModel  # noqa: PLC0415 (the generator needs it too)
    except ImportError as error:
        raise UsageError(
            "Python types need datamodel-code-generator", None, "install it: pip install 'sio-infer[python-types]'"
        ) from error
    kinds = {"msgspec": DataModelType.MsgspecStruct, "pydantic": DataModelType.PydanticV2BaseModel}
    document = {"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": {}, "components": {"schemas": components}}
    reserved = _INSIDE[library]
    if library == "pydantic":
        reserved = reserved.union(components, dir(BaseModel))
    keys = _renamed(components, reserved, _PROTECTED if library == "pydantic" else ())
    config = {model: {"config": {"populate_by_name": True}} for model, _ in keys} if library == "pydantic" else {}
    with warnings.catch_warnings(record=True) as met:
        warnings.simplefilter("always")
        code = str(
            generate(
                json.dumps(document),
                input_file_type=InputFileType.OpenAPI,
                output_model_type=kinds[library],
                target_python_version=PythonVersion.PY_311,
                disable_timestamp=True,
                enum_field_as_literal=LiteralType.All,
                use_standard_collections=True,
                use_union_operator=True,
                use_type_alias=True,
                custom_file_header=header,
                additional_imports=imports,
                aliases={f"{model}.{key}": name for (model, name), key in keys.items()},
                extra_template_data=defaultdict(dict, config),
                formatters=[Formatter.BUILTIN],
            )
        )
    for warning in dict.fromkeys(str(each.message) for each in met):
        if not _TUPLE.match(warning):
            say(f"datamodel-code-generator: {warning}")
    if library == "pydantic":
        return _filled_by_name(code)
    # msgspec looks for a tag on the wire, where it is called by its key
    return _TAG.sub(lambda found: f"{found[1]}{keys.get((found[2], found[3]), found[3])!r}", code)


def _renamed(components: dict[str, Json], reserved: Collection[str], protected: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """Attributes that are not called as their keys, by class and name, with the keys.

    The generator's own names may hide one another: it changes some of them again where they would hide a type.
    """
    return {
        (model, name): key
        for model, schema in components.items()
        for key, name in attributes(schema.get("properties", ()), reserved, protected).items()
        if name != key
    }


def _filled_by_name(code: str) -> str:
    """The models with an argument for each attribute, called as it is.

    A type checker takes a field's `alias` for its argument's name, which for `from` or `a-b` no call can give; it knows
    nothing of the two that say the same, nor of a default that has no name.
    """
    lines = code.encode().splitlines(keepends=True)  # positions are counted in bytes

    def edit(node: ast.keyword | ast.expr, change: Callable[[bytes], bytes]) -> None:
        line = lines[node.lineno - 1]
        start, end = node.col_offset, node.end_col_offset
        lines[node.lineno - 1] = line[:start] + change(line[start:end]) + line[end:]

    fields = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Field"]
    for field in fields:  # none stands in another, and what is edited first stands last
        for alias in field.keywords:
            if alias.arg == "alias":
                edit(alias, lambda text: b"validation_%b, serialization_%b" % (text, text))
        for default in field.args:
            if not (isinstance(default, ast.Constant) and default.value is ...):
                edit(default, lambda text: b"default=" + text)
    return b"".join(lines).decode()


def _bound(code: str) -> set[str]:
    """Names that a module's own statements bind."""
    names: set[str] = set()
    for node in ast.parse(code).body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        names.update(target.id for target in targets if isinstance(target, ast.Name))
        if isinstance(node, ast.ClassDef):
            names.add(node.name)
    return names


def _enum(members: list[Any]) -> Json:
    """The members, where Python has literals for them."""
    if not all(isinstance(member, str | int | None) and _is_text(member) for member in members):
        return ANY
    return {"const": members[0]} if len(members) == 1 else {"enum": members}


def _kinds(schema: Schema) -> list[str]:
    """The types that a schema is about."""
    kinds = schema.get("type")
    if kinds is None:
        if schema.keys() & {"properties", "additionalProperties", "patternProperties"}:
            return ["object"]
        return ["array"] if schema.keys() & {"items", "prefixItems"} else []
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _tags(model: Json) -> dict[str, str]:
    """Required properties of one string, with it."""
    constants = {key: model["properties"][key].get("const") for key in model.get("required", ())}
    return {key: constant for key, constant in constants.items() if isinstance(constant, str)}


def _is_tag(key: str, model: Json) -> bool:
    """Whether the generator finds that property of a struct again, which it looks for by a name of its own."""
    among, alone = (attributes(keys, _INSIDE["msgspec"]) for keys in (model["properties"], [key]))
    return key.isascii() and key[:1] not in ("", "#") and among[key] == alone[key]


def _is_key(key: str) -> bool:
    """Whether the libraries take a property of this name."""
    return _is_text(key) and not any(c < " " or c in '"\\' for c in key)


def _is_text(member: Any) -> bool:
    return not (isinstance(member, str) and any("\ud800" <= c <= "\udfff" for c in member))
