"""Published figures: what platforms say of themselves, as claims with source, words and bounds."""

from collections.abc import Sequence
from typing import Self

import strawberry

from gateway.graph.context import GraphContext
from gateway.graph.nodes.types import Node
from gateway.graph.regions.types import Region
from gateway.graph.usage.arguments import known_codes
from gateway.graph.usage.measures import Measure
from gateway.graph.usage.periods import Period
from gateway.graph.usage.quantities import Quantity
from schema import published as rows
from schema.identifiers import GlobalId
from schema.measures import measures
from schema.published import FigureFilter


@strawberry.type
class DescribedFigure(Node):
    """A claim without what leads on to its platform, its program and the claims against it."""

    row: strawberry.Private[rows.PublishedFigure]
    measure: Measure
    quantity: Quantity
    region: Region | None
    as_of: Period | None = strawberry.field(description="A day, or the whole year where the text says no more.")
    source: str
    source_url: str | None
    quote: str | None

    @classmethod
    def of(cls, row: rows.PublishedFigure) -> Self:
        """The figure of its record."""
        return cls(
            id=strawberry.ID(str(GlobalId("PublishedFigure", (row.id,)))),
            row=row,
            measure=Measure.of(measures()[row.measure]),
            quantity=Quantity.of(row.quantity),
            region=Region.of(row.region),
            as_of=Period.of(row.as_of) if row.as_of else None,
            source=row.source,
            source_url=row.source_url,
            quote=row.quote,
        )


def select_figures(context: GraphContext, wanted: FigureFilter) -> list[rows.PublishedFigure]:
    """The figures of these conditions; each costs one unit of the request's budget."""
    found = rows.select_figures(wanted, lambda code: _region(context, code))
    context.budget.spend(len(found))
    return list(found)


def known_measures(codes: Sequence[str] | None) -> tuple[str, ...] | None:
    """The codes, each of which is a measure; raises InvalidInput that names the nearest."""
    return known_codes("measures", codes, measures())


def _region(context: GraphContext, platform: str) -> str | None:
    view = context.services.platforms.get(platform)
    return view.description.region if view else None
