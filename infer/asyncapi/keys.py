"""Property names that readers of a document take for their own, said in another way.

`$ref` as a property's name is followed by reference resolvers, `__proto__` changes a JavaScript object instead of naming
a part of it, `hasOwnProperty` stands in the place of the method that resolvers call, and `<<` is YAML 1.1's merge key even
in quotes for some parsers (the official AsyncAPI parser refuses a document with any of the four). As a pattern of
`patternProperties` each says the same and is nothing but a string. A value has no other way to say it: an example with such
a name in it is left out.
"""

from __future__ import annotations

from typing import Any, Final

_PATTERNS: Final = {"$ref": r"^\$ref$", "__proto__": "^__proto__$", "hasOwnProperty": "^hasOwnProperty$", "<<": "^<<$"}
_MAPS: Final = ("properties", "patternProperties", "definitions", "$defs")
_LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems", "items")
_SCHEMAS: Final = ("items", "additionalProperties", "additionalItems", "contains", "propertyNames", "not", "if", "then", "else")


def spelled(schema: Any) -> Any:
    """The schema, in which no property bears such a name."""
    if not isinstance(schema, dict):
        return schema
    made = dict(schema)
    for keyword in _MAPS:
        if isinstance(made.get(keyword), dict):
            made[keyword] = {name: spelled(part) for name, part in made[keyword].items()}
    for keyword in _LISTS:
        if isinstance(made.get(keyword), list):
            made[keyword] = [spelled(part) for part in made[keyword]]
    for keyword in _SCHEMAS:
        if isinstance(made.get(keyword), dict):
            made[keyword] = spelled(made[keyword])
    names = _PATTERNS.keys() & made.get("properties", {}).keys()
    if names:
        properties = made["properties"]
        patterns = {_PATTERNS[name]: properties[name] for name in sorted(names)}
        made["properties"] = {name: part for name, part in properties.items() if name not in names}
        made["patternProperties"] = {**made.get("patternProperties", {}), **patterns}
    return made


def is_plain(value: Any) -> bool:
    """Whether no object in the value has such a name."""
    if isinstance(value, dict):
        return not _PATTERNS.keys() & value.keys() and all(map(is_plain, value.values()))
    return not isinstance(value, list) or all(map(is_plain, value))
