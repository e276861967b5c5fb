"""From a document to a plan: selections merged and fields collected as graphql-core does, for one choice of `@include`
and `@skip`."""

from dataclasses import dataclass
from typing import cast

import strawberry
from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLOutputType,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_fields, collect_subfields
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.union import StrawberryUnion

from gateway.graph.compiled.fields import PlannedField, plan_field
from gateway.graph.compiled.positions import Position
from gateway.graph.compiled.shapes import AbstractShape, LeafShape, ListShape, ObjectShape, Shape

MOST_FIELDS = 500
"""Fields of a plan, counted for each type that an abstract one may turn out to be; larger ones are not compiled, since
that would hold up everybody else. Our own clients' largest operation has some 80."""


class TooLarge(Exception):
    """A plan would have more fields than are worth their code."""


@dataclass(frozen=True, slots=True, eq=False)
class PlannedObject:
    """An object of the answer with its fields in their order."""

    shape: ObjectShape
    fields: list[PlannedField]


class Planner:
    """Plans one operation; `run` has its fragments, and the values of the variables that its directives name."""

    def __init__(self, schema: strawberry.Schema, run: StrawberryGraphQLCoreExecutionContext) -> None:
        self._schema = schema
        self._run = run
        self._left = MOST_FIELDS
        self.objects: list[PlannedObject] = []

    @property
    def fields(self) -> int:
        """How many fields were planned so far."""
        return MOST_FIELDS - self._left

    def plan(self) -> PlannedObject:
        """The root of the answer; every object of the plan is then in `objects`. Raises TooLarge."""
        run = self._run
        root_type = run.schema.get_root_type(run.operation.operation)
        if root_type is None:
            raise TooLarge
        grouped = collect_fields(
            run.schema, run.fragments, run.variable_values, root_type, run.operation, run.hide_suggestions
        ).grouped_field_set
        nowhere = Position(None, None, True, [], root_type, GraphQLField(root_type))
        shape = ObjectShape(nowhere, root_type, required=False)
        return self._object(shape, grouped, None)

    def _object(self, shape: ObjectShape, grouped: GroupedFieldSet, above: Position | None) -> PlannedObject:
        fields = []
        for key, details in grouped.items():
            definition = self._run.schema.get_field(shape.type, details[0].node.name.value)
            if definition is None:
                continue
            self._left -= 1
            if self._left < 0:
                raise TooLarge
            nodes: list[FieldNode] = [one.node for one in details]
            position = Position(above, key, not is_non_null_type(definition.type), nodes, shape.type, definition)
            value = self._shape(definition.type, position, details)
            fields.append(plan_field(self._schema, position, value))
        planned = PlannedObject(shape, fields)
        self.objects.append(planned)
        return planned

    def _shape(self, of_type: GraphQLOutputType, position: Position, details: FieldDetailsList) -> Shape:
        required = is_non_null_type(of_type)
        inner = of_type.of_type if is_non_null_type(of_type) else of_type
        if is_list_type(inner):
            nullable = not is_non_null_type(inner.of_type)
            items = Position(position, None, nullable, position.nodes, position.parent, position.definition)
            return ListShape(position, self._shape(inner.of_type, items, details), required=required)
        if is_leaf_type(inner):
            leaf: GraphQLLeafType = inner
            return LeafShape(position, leaf, required=required)
        if is_abstract_type(inner):
            abstract: GraphQLAbstractType = inner
            possible = {
                one.name: self._of_type(one, position, details, required=False)
                for one in self._run.schema.get_possible_types(abstract)
            }
            return AbstractShape(position, abstract, possible, learns=_learns(abstract), required=required)
        named = cast("GraphQLObjectType", inner)
        return self._of_type(named, position, details, required=required)

    def _of_type(
        self, of_type: GraphQLObjectType, position: Position, details: FieldDetailsList, *, required: bool
    ) -> ObjectShape:
        run = self._run
        shape = ObjectShape(position, of_type, required=required)
        shape.classes.update(row_classes(of_type))
        grouped = collect_subfields(
            run.schema, run.fragments, run.variable_values, run.operation, of_type, details, run.hide_suggestions
        ).grouped_field_set
        self._object(shape, grouped, position)
        return shape


def _learns(abstract: GraphQLAbstractType) -> bool:
    """Whether it is Strawberry that tells the type of a value."""
    definition = abstract.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if isinstance(definition, StrawberryObjectDefinition):
        return definition.resolve_type is None
    return isinstance(definition, StrawberryUnion)


def row_classes(of_type: GraphQLObjectType) -> set[type]:
    """The class whose objects Strawberry takes for this type without looking at them."""
    definition = of_type.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if not isinstance(definition, StrawberryObjectDefinition) or definition.is_type_of is not None:
        return set()
    return {definition.concrete_of.origin if definition.concrete_of else definition.origin}
