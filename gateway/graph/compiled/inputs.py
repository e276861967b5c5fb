"""Arguments converted as Strawberry converts them, with the names and types of input fields looked up once."""

from collections.abc import Callable
from dataclasses import MISSING
from functools import cached_property
from typing import Any

import strawberry
from strawberry.types.arguments import convert_argument
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional, get_object_definition

Convert = Callable[[Any], Any]


def converter(schema: strawberry.Schema, of_type: Any) -> Convert:
    """Makes of a coerced value what resolvers take; what is rare is left to Strawberry."""
    if isinstance(of_type, StrawberryOptional) and not isinstance(of_type, StrawberryMaybe):
        return converter(schema, of_type.of_type)
    definition = get_object_definition(of_type)
    if definition is not None and definition.from_input is None:
        return _Input(schema, of_type).convert
    if isinstance(of_type, StrawberryList) and get_object_definition(of_type.of_type) is not None:
        items = converter(schema, of_type.of_type)
        return lambda value: value if _absent(value) else [items(one) for one in value]
    registry, config = schema.schema_converter.scalar_registry, schema.config
    return lambda value: value if _absent(value) else convert_argument(value, of_type, registry, config)


def _absent(value: Any) -> bool:
    return value is None or value is strawberry.UNSET


class _Input:
    """An input type; its fields are looked up at first use, since inputs may hold their own kind."""

    def __init__(self, schema: strawberry.Schema, of_type: Any) -> None:
        self._schema = schema
        self._type = of_type

    @cached_property
    def _fields(self) -> list[tuple[str, str, Convert]]:
        definition = get_object_definition(self._type, strict=True)
        name_of = self._schema.config.name_converter.from_field
        return [
            (name_of(one), one.python_name, converter(self._schema, one.resolve_type(type_definition=definition)))
            for one in definition.fields
        ]

    @cached_property
    def _implied(self) -> dict[str, None]:
        definition = get_object_definition(self._type, strict=True)
        without = (one for one in definition.fields if one.default_value is MISSING and one.default_factory is MISSING)
        return {one.python_name: None for one in without}

    def convert(self, value: Any) -> Any:
        if _absent(value):
            return value
        given = {python_name: convert(value[name]) for name, python_name, convert in self._fields if name in value}
        return self._type(**{**self._implied, **given})
