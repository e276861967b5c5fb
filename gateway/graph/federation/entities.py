"""Entities that a router looks up by their keys: found as `node` finds them, a page of them together."""

from collections.abc import Mapping
from typing import Annotated, cast

import strawberry
from strawberry.federation.schema import FederationAny

from gateway.errors import InvalidInput
from gateway.graph.context import Info
from gateway.graph.federation.text import subgraph_text
from gateway.graph.fields import named
from gateway.graph.identifiers import parse_id
from gateway.graph.linked import Platform, Resource
from gateway.graph.nodes.queries import find_node
from gateway.graph.nodes.types import Node
from gateway.graph.pagination import MOST_ENTITIES, bounded
from gateway.graph.regions.types import Region
from gateway.graph.training.linked import Teacher
from schema.identifiers import GlobalId

KEYS: Mapping[str, tuple[str, ...]] = {
    "Platform": ("id", "code"),
    "Region": ("id", "code"),
    "Resource": ("id",),
    "Teacher": ("id",),
}
"""Fields by which an entity may be looked up; what else a representation holds is the other subgraph's."""
_FREE = ("Platform", "Region")
"""Entities that cost nothing where a client asks for them one by one; a router may send a thousand."""
Entity = Annotated[Platform | Region | Resource | Teacher, strawberry.union("_Entity")]


@strawberry.type(name="_Service")
class Service:
    """What a router asks a subgraph for before anything else."""

    sdl: str


@strawberry.type
class FederationQuery:
    """Root fields that Apollo Federation 2 asks of a subgraph."""

    @named("_entities")
    def entities(self, info: Info, representations: list[FederationAny]) -> list[Entity | None]:
        bounded("number of representations", len(representations), MOST_ENTITIES)
        # each is awaited on its own, so that one that is refused is null beside the others, and loaders see them all
        return cast("list[Entity | None]", [find_entity(info, each) for each in representations])

    @named("_service")
    def service(self, info: Info) -> Service:
        return Service(sdl=subgraph_text(info.schema))


async def find_entity(info: Info, representation: object) -> Node | None:
    """The entity of a key; None where it is unknown or hidden, InvalidInput where there is no key."""
    given = representation if isinstance(representation, dict) else {}
    name = str(given.get("__typename"))
    keys = KEYS.get(name, ())
    if not keys:
        raise InvalidInput(f"representations: __typename must be one of {', '.join(KEYS)}")
    if name in _FREE:
        info.context.budget.spend(1)
    key = next((each for each in keys if isinstance(given.get(each), str)), None)
    if key is None:
        raise InvalidInput(f"representations: {name} is looked up by {' or '.join(keys)} as text")
    text = given["id"] if key == "id" else str(GlobalId(name, (given[key],)))
    identifier = parse_id(text)
    return await find_node(info, text) if identifier is not None and identifier.type_name == name else None
