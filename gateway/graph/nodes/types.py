"""The interface of everything that has an id of its own."""

import strawberry


@strawberry.interface
class Node:
    """Anything that may be refetched by its id."""

    id: strawberry.ID
