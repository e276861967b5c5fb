"""Root field for one resource."""

import strawberry

from gateway.graph.context import Info
from gateway.graph.identifiers import parse_id, resource_key
from gateway.graph.linked import Resource, load_resource


@strawberry.type
class ResourceQuery:
    """One resource by its global id."""

    @strawberry.field
    async def resource(self, info: Info, id: strawberry.ID) -> Resource | None:  # noqa: A002  # the contract's name
        key = resource_key(parse_id(id))
        return await load_resource(info.context, key) if key else None
