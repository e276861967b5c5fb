"""Root fields that find any node by its id."""

import asyncio

import strawberry

from gateway.graph.agreements.queries import find_agreement
from gateway.graph.connectors.identifiers import find_managed
from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.identifiers import parse_id, resource_key
from gateway.graph.linked import Platform, Program, PublishedFigure, load_resource
from gateway.graph.nodes.types import Node
from gateway.graph.pagination import bounded
from gateway.graph.platforms.description import shown_platform
from gateway.graph.regions.types import Region
from gateway.graph.training.nodes import find_training
from schema.published import published_figures

TRAINING = frozenset({"Teacher", "TrainingRecord", "LedgerEntry", "CreditRule", "Certificate"})
"""Types of shared training records."""


@strawberry.type
class NodeQuery:
    """Refetching by global id."""

    @strawberry.field
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:  # noqa: A002  # the contract's name
        return await find_node(info, id)

    @described("Same order and length as `ids`, which are 100 at most; null where nothing is found or may be seen.")
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        bounded("number of ids", len(ids))
        return list(await asyncio.gather(*(find_node(info, identifier) for identifier in ids)))


async def find_node(info: Info, text: str) -> Node | None:
    """The node with this id, or None when it is malformed, unknown or hidden from the viewer."""
    context = info.context
    identifier = parse_id(text)
    if key := resource_key(identifier):
        return await load_resource(context, key)
    if identifier is None:
        return None
    match identifier.type_name, identifier.parts:
        case "Region", (code,):
            return Region.of(code)
        case "Platform", (code,):
            view = shown_platform(code, context)
            return Platform.of(view) if view else None
        case "Program", (code,):
            program = context.services.programs.get(code)
            return Program.of(program) if program else None
        case "PublishedFigure", (code,):
            figure = published_figures().get(code)
            return PublishedFigure.of(figure) if figure else None
        case "SharingAgreement", (_,):
            return await find_agreement(context, identifier)
        case name, (_,) if name in TRAINING:
            return await find_training(info, identifier)
    return await find_managed(context, identifier)
