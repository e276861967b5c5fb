"""Values completed as graphql-core completes them, one by one: what generated code hands over when a value is unusual.

Whatever generated code does not recognize by its exact class comes here: nulls where none may be, exceptions as values,
awaitables, foreign row classes, values that must be coerced.
"""

from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any, Protocol, cast

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    Undefined,
)
from graphql.execution.execute import Executor as CoreExecutor
from graphql.pyutils import inspect, is_iterable
from strawberry.types.base import get_object_definition

from gateway.graph.compiled.positions import Indices, Position

PENDING: Any = object()
"""Stands in a container until the value that belongs there has been awaited."""

Container = dict[str, Any] | list[Any]
Continue = Callable[[Any], Any]
"""Makes the completed value of what was awaited."""


class Run(Protocol):
    """One execution of a plan."""

    schema: GraphQLSchema

    def is_awaitable(self, value: Any, /) -> bool:
        """Whether a value must be awaited."""
        ...

    def is_async_iterable(self, value: Any, /) -> bool:
        """Whether a value is a list that arrives bit by bit."""
        ...

    def type_resolver(self, value: Any, info: GraphQLResolveInfo[Any], abstract_type: GraphQLAbstractType, /) -> Any:
        """Finds the name of a value's type where the type itself cannot tell."""
        ...

    def wait(
        self, awaitable: Awaitable[Any], then: Continue, position: Position, at: Indices, container: Container, key: Any
    ) -> Any:
        """Put what is awaited into its container later; answers PENDING."""
        ...

    def failed(self, position: Position, error: Exception, at: Indices) -> None:
        """Collect an error of a place that may be null; raises it, located, for one that may not."""
        ...

    def raw_info(self, position: Position, at: Indices) -> GraphQLResolveInfo[Any]:
        """What graphql-core tells resolvers of the field."""
        ...


class Shape:
    """How a value of one type at one place is completed."""

    __slots__ = ("position", "required")

    def __init__(self, position: Position, *, required: bool) -> None:
        self.position = position
        self.required = required

    def settle(self, run: Run, value: Any, at: Indices, container: Container, key: Any) -> Any:
        """The completed value, or PENDING where it must be awaited first."""
        if run.is_awaitable(value):
            return run.wait(
                value, lambda told: self.complete(run, told, at, container, key), self.position, at, container, key
            )
        return self.complete(run, value, at, container, key)

    def complete(self, run: Run, value: Any, at: Indices, container: Container, key: Any) -> Any:
        """The completed value of what need not be awaited; raises where it cannot be completed."""
        if isinstance(value, Exception):
            raise value
        absent = value is None or value is Undefined
        completed = None if absent else self._present(run, value, at, container, key)
        if completed is None and self.required:
            raise TypeError(f"Cannot return null for non-nullable field {self.position.owner}.")
        return completed

    def item(self, run: Run, value: Any, at: Indices, container: list[Any], index: int) -> Any:
        """The completed value of an item, where a null of its own is one."""
        try:
            return self.settle(run, value, at, container, index)
        except Exception as error:
            run.failed(self.position, error, at)
            return None

    def _present(self, _run: Run, _value: Any, _at: Indices, _container: Container, _key: Any, /) -> Any:
        raise NotImplementedError


class LeafShape(Shape):
    """A scalar or an enum."""

    __slots__ = ("leaf",)

    def __init__(self, position: Position, leaf: GraphQLLeafType, *, required: bool) -> None:
        super().__init__(position, required=required)
        self.leaf = leaf

    def _present(self, _run: Run, value: Any, _at: Indices, _container: Container, _key: Any, /) -> Any:
        return CoreExecutor.complete_leaf_value(self.leaf, value)


class ListShape(Shape):
    """A list; a new one is made of any iterable."""

    __slots__ = ("items",)

    def __init__(self, position: Position, items: Shape, *, required: bool) -> None:
        super().__init__(position, required=required)
        self.items = items

    def _present(self, run: Run, value: Any, at: Indices, container: Container, key: Any, /) -> Any:
        if run.is_async_iterable(value):
            return run.wait(self._arrive(run, value, at), _same, self.position, at, container, key)
        if not is_iterable(value):
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{self.position.owner}'.")
        completed: list[Any] = []
        for index, item in enumerate(value):
            completed.append(PENDING)
            completed[index] = self.items.item(run, item, (at, index), completed, index)
        return completed

    async def _arrive(self, run: Run, value: AsyncIterable[Any], at: Indices) -> list[Any]:
        completed: list[Any] = []
        async for item in value:
            index = len(completed)
            completed.append(PENDING)
            completed[index] = self.items.item(run, item, (at, index), completed, index)
        return completed


Projection = Callable[[Any, Indices, Run], dict[str, Any]]
"""Generated code that completes the selected fields of an object."""


class ObjectShape(Shape):
    """An object of one type; `classes` learns the row classes that need no look any more."""

    __slots__ = ("classes", "project", "type")

    def __init__(self, position: Position, of_type: GraphQLObjectType, *, required: bool) -> None:
        super().__init__(position, required=required)
        self.type = of_type
        self.classes: set[type] = set()
        self.project: Projection

    def _present(self, run: Run, value: Any, at: Indices, container: Container, key: Any, /) -> Any:
        check = self.type.is_type_of
        if check is None:
            self.classes.add(value.__class__)
            return self.project(value, at, run)
        told = check(value, run.raw_info(self.position, at))
        if run.is_awaitable(told):
            awaited = cast("Awaitable[bool]", told)
            return run.wait(
                awaited, lambda fits: self._checked(run, value, at, fits), self.position, at, container, key
            )
        return self._checked(run, value, at, bool(told))

    def _checked(self, run: Run, value: Any, at: Indices, fits: bool) -> dict[str, Any]:
        if not fits:
            message = f"Expected value of type '{self.type}' but got: {inspect(value)}."
            raise GraphQLError(message, self.position.nodes)
        return self.project(value, at, run)


class AbstractShape(Shape):
    """An interface or a union; `classes` learns the row classes that can only be of one type."""

    __slots__ = ("_learns", "abstract", "classes", "possible")

    def __init__(
        self,
        position: Position,
        abstract: GraphQLAbstractType,
        possible: dict[str, ObjectShape],
        *,
        learns: bool,
        required: bool,
    ) -> None:
        super().__init__(position, required=required)
        self.abstract = abstract
        self.possible = possible
        self.classes: dict[type, ObjectShape] = {}
        self._learns = learns

    def _present(self, run: Run, value: Any, at: Indices, container: Container, key: Any, /) -> Any:
        info = run.raw_info(self.position, at)
        named = (self.abstract.resolve_type or run.type_resolver)(value, info, self.abstract)
        if run.is_awaitable(named):
            return run.wait(
                cast("Awaitable[str | None]", named),
                lambda told: self._of_type(run, told, value, at, info, container, key),
                self.position,
                at,
                container,
                key,
            )
        return self._of_type(run, named, value, at, info, container, key)

    def _of_type(
        self,
        run: Run,
        name: Any,
        value: Any,
        at: Indices,
        info: GraphQLResolveInfo[Any],
        container: Container,
        key: Any,
    ) -> Any:
        details = [_Detail(node) for node in self.position.nodes]
        valid = CoreExecutor.ensure_valid_runtime_type(
            cast("CoreExecutor[Any]", run), name, self.abstract, cast("Any", details), info, value
        )
        shape, row_class = self.possible[valid.name], value.__class__
        definition = get_object_definition(row_class)
        if self._learns and row_class in shape.classes and definition and not definition.is_graphql_generic:
            self.classes[row_class] = shape
        return shape.complete(run, value, at, container, key)


class _Detail:
    """A node as graphql-core's own messages read it."""

    __slots__ = ("node",)

    def __init__(self, node: Any) -> None:
        self.node = node


def _same(value: Any) -> Any:
    return value
