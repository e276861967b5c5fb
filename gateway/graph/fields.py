"""Fields whose words for clients come from the public contract."""

from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField


def described(description: str) -> Callable[[Callable[..., Any]], StrawberryField]:
    """A decorator like `strawberry.field` with a description, but typed."""

    def decorate(resolver: Callable[..., Any]) -> StrawberryField:
        return strawberry.field(resolver, description=description)

    return decorate
