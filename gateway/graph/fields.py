"""Fields whose words for clients come from the public contract."""

from collections.abc import Callable
from typing import Any, cast

import strawberry
from strawberry.types.field import StrawberryField


def described(description: str) -> Callable[[Callable[..., Any]], StrawberryField]:
    """A decorator like `strawberry.field` with a description, but typed."""

    def decorate(resolver: Callable[..., Any]) -> StrawberryField:
        return strawberry.field(resolver, description=description)

    return decorate


def streamed(description: str) -> Callable[[Callable[..., Any]], Any]:
    """A decorator like `strawberry.subscription` with a description, for what yields event after event."""
    return cast("Callable[[Callable[..., Any]], Any]", strawberry.subscription(description=description))
