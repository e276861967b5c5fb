"""Fields whose words for clients come from the public contract, or whose names from another one."""

from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField


def described(description: str) -> Callable[[Callable[..., Any]], StrawberryField]:
    """A decorator like `strawberry.field` with a description, but typed."""

    def decorate(resolver: Callable[..., Any]) -> StrawberryField:
        return strawberry.field(resolver, description=description)

    return decorate


def named(name: str) -> Callable[[Callable[..., Any]], StrawberryField]:
    """A decorator like `strawberry.field` with a name, but typed."""

    def decorate(resolver: Callable[..., Any]) -> StrawberryField:
        return strawberry.field(resolver, name=name)

    return decorate
