"""Strawberry's execution context, with compiled plans in place of graphql-core's walk."""

from asyncio import Future, get_running_loop
from collections.abc import Awaitable, Callable
from typing import Any, cast

import strawberry
from graphql import ExecutionResult, GraphQLError, GraphQLResolveInfo, located_error
from graphql.pyutils import AwaitableOrValue
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.info import Info

from gateway.graph.compiled.fields import Arguments, PlannedField
from gateway.graph.compiled.plans import Plans
from gateway.graph.compiled.positions import Indices, Position
from gateway.graph.compiled.shapes import PENDING, Container, Continue
from gateway.graph.compiled.waiting import Waiting

INCREMENTAL = ("defer", "stream")
"""Directives of a schema whose answers come in parts."""


def can_compile(schema: strawberry.Schema) -> bool:
    """Whether nothing stands between fields and their resolvers that only the stock execution would respect."""
    config = schema.config
    return (
        schema.execution_context_class is StrawberryGraphQLCoreExecutionContext
        and config.default_resolver is getattr
        and config.info_class is Info
        and not any(schema._schema.get_directive(name) for name in INCREMENTAL)
        and not any(_resolves(extension) for extension in schema.extensions)
    )


def _resolves(extension: Any) -> bool:
    """Whether an extension wraps resolvers; a factory's may, as far as one can tell."""
    kind = extension if isinstance(extension, type) else type(extension)
    if not issubclass(kind, SchemaExtension):
        return True
    return kind.resolve is not SchemaExtension.resolve


class CompiledExecution(StrawberryGraphQLCoreExecutionContext):
    """One execution: by its plan where `plans` has one, else by graphql-core."""

    def __init__(self, *args: Any, plans: Plans | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plans = plans

    def execute_operation(self, serially: bool | None = None) -> AwaitableOrValue[Any]:
        """The result of the operation, or what must be awaited for it."""
        planned = self._plans is not None and not serially and self.abort_signal is None and self.error_propagation
        project = self._plans.find(self) if self._plans is not None and planned else None
        if project is None:
            return super().execute_operation(serially)
        self._converted: dict[PlannedField, dict[str, Any]] = {}
        self.waiting = Waiting(self.collected_errors.errors, self.settle_in_background)
        try:
            data = project(self.root_value, None, self)
        except GraphQLError as error:
            self.waiting.abandon()
            self.collected_errors.add(error, None)
            return self.build_response(None)
        return self._awaited(data) if self.waiting.entries else self.build_response(data)

    async def _awaited(self, data: dict[str, Any]) -> ExecutionResult:
        return cast("ExecutionResult", self.build_response(await self.waiting.settled(data)))

    def wait(
        self, awaitable: Awaitable[Any], then: Continue, position: Position, at: Indices, container: Container, key: Any
    ) -> Any:
        """Put what is awaited into its container later."""
        self.waiting.add(awaitable, then, position, at, container, key)
        return PENDING

    def failed(self, position: Position, error: Exception, at: Indices) -> None:
        """Collect an error of a place that may be null; raises it, located, for one that may not."""
        located = located_error(error, position.nodes, position.path(at))
        if not position.nullable:
            raise located
        self.collected_errors.errors.append(located)
        self.waiting.lost = True

    def arguments(self, field: PlannedField) -> dict[str, Any]:
        """The arguments of a field, the same for all its rows; raises what coercion and conversion raise."""
        found = self._converted.get(field)
        if found is None:
            given = cast("Arguments", field.arguments)
            found = given.converted(self.variable_values, hide_suggestions=self.hide_suggestions)
            self._converted[field] = found
        return found

    def load(self, load: Callable[[Any, Any], Awaitable[Any]], source: Any) -> Awaitable[Any]:
        """What a loader answers; where it cannot be asked, that is heard of when it would have answered."""
        try:
            return load(source, self.context_value)
        except Exception as error:
            failed: Future[Any] = get_running_loop().create_future()
            failed.set_exception(error)
            return failed

    def opaque(self, field: PlannedField, source: Any, at: Indices) -> Any:
        """The value of a field whose resolver only graphql-core can call."""
        resolve = field.position.definition.resolve or self.field_resolver
        info = self.raw_info(field.position, at)
        if field.arguments is None:
            return resolve(source, info)
        coerced = field.arguments.coerced(self.variable_values, hide_suggestions=self.hide_suggestions)
        return resolve(source, info, **coerced)

    def raw_info(self, position: Position, at: Indices) -> GraphQLResolveInfo[Any]:
        """What graphql-core tells resolvers of a field."""
        return self.build_resolve_info(position.definition, position.nodes, position.parent, position.field_path(at))
