"""How a field gets its value: an attribute, a method called directly, or a resolver that only graphql-core can call."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from inspect import iscoroutinefunction
from typing import Any, cast

import strawberry
from graphql import FieldNode, GraphQLField, get_argument_values
from graphql.execution.values import VariableValues
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from gateway.graph.compiled.inputs import converter
from gateway.graph.compiled.positions import Position
from gateway.graph.compiled.shapes import Shape


class Source(Enum):
    """Where a field's value comes from."""

    TYPENAME = auto()
    ATTRIBUTE = auto()
    METHOD = auto()
    """Called directly, with arguments that were converted once for the whole operation."""
    OPAQUE = auto()
    """Called as graphql-core does: extensions of fields, resolvers that no Strawberry field made."""


class Arguments:
    """Arguments of one field, coerced by graphql-core and converted by Strawberry as ever, but once for all rows."""

    def __init__(self, schema: strawberry.Schema, definition: GraphQLField, node: FieldNode) -> None:
        self._definition = definition
        self._node = node
        field = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        arguments = field.arguments if isinstance(field, StrawberryField) else ()
        name_of = schema.config.name_converter.from_argument
        self._converted = [(name_of(one), one.python_name, converter(schema, one.type)) for one in arguments]

    def coerced(self, variables: VariableValues, *, hide_suggestions: bool) -> dict[str, Any]:
        """As graphql-core hands them to resolvers; raises GraphQLError."""
        return get_argument_values(self._definition, self._node, variables, None, hide_suggestions)

    def converted(self, variables: VariableValues, *, hide_suggestions: bool) -> dict[str, Any]:
        """As methods take them; raises GraphQLError and what conversion raises."""
        given = self.coerced(variables, hide_suggestions=hide_suggestions)
        return {python_name: convert(given[name]) for name, python_name, convert in self._converted if name in given}


@dataclass(frozen=True, slots=True, eq=False)
class PlannedField:
    """A field of the answer, ready to be written as code."""

    key: str
    position: Position
    shape: Shape
    source: Source
    attribute: str
    """Name of the attribute; empty for any other source."""
    method: Callable[..., Any] | None
    takes_self: bool
    keywords: tuple[str, ...]
    """Parameters that take the object itself."""
    takes_info: str | None
    awaits: bool
    loads: tuple[Callable[..., Any], Callable[..., Any]] | None
    """Asks a loader for an object's value, and makes of it what clients see (gateway/graph/fields.py)."""
    arguments: Arguments | None

    @property
    def strawberry_field(self) -> StrawberryField:
        """The field as Strawberry declares it."""
        field: StrawberryField = self.position.definition.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
        return field


def plan_field(schema: strawberry.Schema, position: Position, shape: Shape) -> PlannedField:
    """The field with the cheapest way to its value that keeps what graphql-core and Strawberry would do."""
    definition, node = position.definition, position.nodes[0]
    name = node.name.value
    field = definition.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    source, resolver = Source.OPAQUE, None
    if name == "__typename":
        source = Source.TYPENAME
    elif isinstance(field, StrawberryField) and _direct(schema, field):
        resolver = field.base_resolver
        source = Source.METHOD if resolver else Source.ATTRIBUTE
    has_arguments = source in (Source.METHOD, Source.OPAQUE) and (definition.args or node.arguments)
    others = (resolver.root_parameter, resolver.parent_parameter) if resolver else ()
    return PlannedField(
        key=position.key or name,
        position=position,
        shape=shape,
        source=source,
        attribute=field.python_name if isinstance(field, StrawberryField) and source is Source.ATTRIBUTE else "",
        method=cast("Callable[..., Any]", resolver.wrapped_func) if resolver else None,
        takes_self=bool(resolver and resolver.self_parameter),
        keywords=tuple(one.name for one in others if one),
        takes_info=resolver.info_parameter.name if resolver and resolver.info_parameter else None,
        awaits=bool(resolver and resolver.is_async),
        loads=getattr(resolver.wrapped_func, "loads", None) if resolver else None,
        arguments=Arguments(schema, definition, node) if has_arguments else None,
    )


def _direct(schema: strawberry.Schema, field: StrawberryField) -> bool:
    """Whether Strawberry itself would do no more than read the attribute or call the method and await it."""
    resolver = field.base_resolver
    if resolver and resolver.is_async and not iscoroutinefunction(resolver.wrapped_func):
        return False
    return not (field.extensions or field.is_subscription or schema.exception_handlers)
