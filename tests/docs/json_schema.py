"""As much of JSON Schema (2020-12) as the published schemas use, to see what an editor would underline."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def underlined(schema: Mapping[str, Any], value: Any, root: Mapping[str, Any] | None = None, at: str = "") -> list[str]:
    """Places in a value that a schema does not take, with the keyword that refuses them."""
    return list(_problems(schema, value, schema if root is None else root, at))


def _problems(schema: Any, value: Any, root: Mapping[str, Any], at: str) -> Iterator[str]:
    if isinstance(schema, bool):
        if not schema:
            yield f"{at}: nothing may stand here"
        return
    if "$ref" in schema:
        yield from _problems(root["$defs"][schema["$ref"].rpartition("/")[2]], value, root, at)
    for part in schema.get("allOf", ()):
        yield from _problems(part, value, root, at)
    for key in ("anyOf", "oneOf"):
        options = [underlined(option, value, root, at) for option in schema.get(key, ())]
        if options and all(options):
            yield f"{at}: {key}, nearest: {min(options, key=len)[:3]}"
    yield from _plain(schema, value, at)
    if isinstance(value, dict):
        yield from _object(schema, value, root, at)
    if isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _problems(schema.get("items", True), entry, root, f"{at}/{number}")


def _plain(schema: Mapping[str, Any], value: Any, at: str) -> Iterator[str]:
    types = schema.get("type", ())
    names = [types] if isinstance(types, str) else types
    fits = [isinstance(value, _TYPES[name]) and (name == "boolean" or type(value) is not bool) for name in names]
    if fits and not any(fits):
        yield f"{at}: {value!r} is no {types}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{at}: {value!r} does not match {schema['pattern']}"
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{at}: {value!r} is out of bounds"


def _object(schema: Mapping[str, Any], value: dict[str, Any], root: Mapping[str, Any], at: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    for key in schema.get("required", ()):
        if key not in value:
            yield f"{at}: {key} is missing"
    for key, inner in value.items():
        yield from _problems(properties.get(key, schema.get("additionalProperties", True)), inner, root, f"{at}/{key}")
        if "propertyNames" in schema:
            yield from _problems(schema["propertyNames"], key, root, f"{at}/{key}")
