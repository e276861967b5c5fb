"""What methods are told of the execution: cheap to make for every row, complete when they ask for more."""

from typing import Any, Protocol

import strawberry
from graphql import GraphQLResolveInfo, OperationDefinitionNode
from strawberry.types.field import StrawberryField

from gateway.graph.compiled.fields import PlannedField
from gateway.graph.compiled.positions import Indices, Position


class Told(Protocol):
    """The execution as far as resolvers may know of it."""

    context_value: Any
    operation: OperationDefinitionNode

    def raw_info(self, position: Position, at: Indices) -> GraphQLResolveInfo[Any]:
        """What graphql-core tells resolvers of a field."""
        ...


class PlannedInfo(strawberry.Info[Any, None]):
    """Strawberry's info, whose graphql-core part is made when it is first asked for."""

    def __init__(self, run: Told, field: PlannedField, at: Indices) -> None:
        self._run = run
        self._planned = field
        self._at = at

    @property
    def context(self) -> Any:
        """The context of the request."""
        return self._run.context_value

    @property
    def operation(self) -> OperationDefinitionNode:
        """The operation being executed."""
        return self._run.operation

    @property
    def _raw_info(self) -> GraphQLResolveInfo[Any]:  # type: ignore[override]  # Strawberry's is an attribute
        return self._run.raw_info(self._planned.position, self._at)

    @property
    def _field(self) -> StrawberryField:  # type: ignore[override]  # Strawberry's is an attribute
        return self._planned.strawberry_field
