"""Fields whose words for clients come from the public contract, or whose names from another one."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

import strawberry
from strawberry.types.field import StrawberryField

from gateway.graph.context import GraphContext, Info


def described(description: str) -> Callable[[Callable[..., Any]], StrawberryField]:
    """A decorator like `strawberry.field` with a description, but typed."""

    def decorate(resolver: Callable[..., Any]) -> StrawberryField:
        return strawberry.field(resolver, description=description)

    return decorate


BRIEF = "brief"
"""Key in the metadata of a subscription's field: whether it ends by itself within seconds."""


def streamed(description: str, *, brief: bool = False) -> Callable[[Callable[..., Any]], Any]:
    """A decorator like `strawberry.subscription` with a description, for what yields event after event.

    A brief one ends by itself within seconds, so that it may go on for a moment when its process is told to end.
    """
    subscription = strawberry.subscription(description=description, metadata={BRIEF: brief})
    return cast("Callable[[Callable[..., Any]], Any]", subscription)


def loaded(
    of_type: Any,
    load: Callable[[Any, GraphContext], Awaitable[Any]],
    shape: Callable[[Any, Any, GraphContext], Any] = lambda found, _row, _context: found,
    description: str = "",
) -> Any:
    """A field that a loader answers: `load` asks it for an object's value, `shape` makes of that what clients see.

    Compiled execution asks for those of a whole page at once and awaits what the loader answers without a coroutine
    for each. Any, because Strawberry reads the type of a field from values.
    """

    async def resolve(root: Any, info: Info) -> Any:
        return shape(await load(root, info.context), root, info.context)

    resolve.__annotations__["return"] = of_type
    resolve.loads = load, shape  # type: ignore[attr-defined]  # read by gateway/graph/compiled/fields.py
    return strawberry.field(resolver=resolve, description=description or None)


def named(name: str) -> Callable[[Callable[..., Any]], StrawberryField]:
    """A decorator like `strawberry.field` with a name, but typed."""

    def decorate(resolver: Callable[..., Any]) -> StrawberryField:
        return strawberry.field(resolver, name=name)

    return decorate
