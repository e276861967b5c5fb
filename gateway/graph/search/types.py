"""A page of search results with facets, highlights and sources, one event of a streamed search, and completions."""

from collections.abc import Sequence
from enum import Enum
from typing import Self

import strawberry

from gateway.catalog import results
from gateway.catalog.live.model import LiveEvent, LivePage
from gateway.catalog.query import FacetDimension, SearchRequest
from gateway.catalog.results import Hit, SearchPage, SuggestionKind
from gateway.catalog.validation import check_limit
from gateway.graph.budget import CATALOG_CALL
from gateway.graph.context import GraphContext, Info
from gateway.graph.fields import described
from gateway.graph.linked import Resource
from gateway.graph.loaders import opened
from gateway.graph.pagination import PageInfo, page_info
from gateway.graph.rows import as_shown
from gateway.graph.search.sources import SourceStatus, catalog_sources


@strawberry.enum
class SearchMode(Enum):
    """How a search is answered."""

    CATALOG = strawberry.enum_value(
        "CATALOG", description="Harvested catalog: fast, complete, ranked across platforms."
    )
    LIVE = strawberry.enum_value("LIVE", description="Ask every platform now, within the deadline.")
    AUTO = strawberry.enum_value(
        "AUTO", description="Catalog, topped up live for platforms whose harvest is older than their freshness target."
    )


@strawberry.type
class Highlight:
    """Where a query matched."""

    field: str
    fragment: str = strawberry.field(description="HTML-escaped text with <em> around matches.")


@strawberry.type
class FacetBucket:
    """One value of a dimension."""

    value: str
    label: str
    count: int


@strawberry.type
class Facet:
    """Counts by one dimension."""

    dimension: FacetDimension
    buckets: list[FacetBucket]

    @classmethod
    def of(cls, row: results.Facet) -> "Facet":
        """The facet the catalog counted."""
        return as_shown(cls, row)


@strawberry.type
class Suggestion:
    """A completion."""

    text: str
    kind: SuggestionKind
    count: int


@strawberry.type
class SearchEdge:
    """One result."""

    query: strawberry.Private[str]
    cursor: str
    node: Resource
    score: float | None

    @strawberry.field
    def highlights(self, info: Info) -> list[Highlight]:
        found = info.context.services.catalog.highlights(self.query, self.node.stored)
        return [as_shown(Highlight, one) for one in found]

    @classmethod
    def all_of(cls, query: str, hits: Sequence[Hit], context: GraphContext) -> list[Self]:
        """The edges of hits, each of which costs a unit of the budget."""
        context.budget.spend(len(hits))
        return [
            cls(query=query, cursor=hit.cursor, node=Resource.paid(hit.resource, context), score=hit.score)
            for hit in hits
        ]


@strawberry.type
class SearchStreamEvent:
    """One platform's answer to a streamed search."""

    query: strawberry.Private[str]
    event: strawberry.Private[LiveEvent]

    @strawberry.field
    def source(self, info: Info) -> SourceStatus:
        return SourceStatus.of(self.event.source, info.context)

    @described("With scores, so that a client can merge.")
    def edges(self, info: Info) -> list[SearchEdge]:
        return SearchEdge.all_of(self.query, self.event.hits, info.context)

    @strawberry.field
    def done(self) -> bool:
        return self.event.done


@strawberry.type
class SearchConnection:
    """One page of results."""

    request: strawberry.Private[SearchRequest]
    page: strawberry.Private[SearchPage | LivePage]
    edges: list[SearchEdge]
    nodes: list[Resource]
    page_info: PageInfo
    total_count: int
    total_is_exact: bool = strawberry.field(
        description="Whether `totalCount` was counted; else it is, at least in part, what platforms say."
    )
    did_you_mean: str | None = strawberry.field(description="A corrected query when this one finds little.")

    @strawberry.field
    async def facets(self, info: Info, dimensions: list[FacetDimension], limit: int = 20) -> list[Facet] | None:
        wanted = list(dict.fromkeys(dimensions))
        services = info.context.services
        info.context.budget.spend(CATALOG_CALL)
        if isinstance(self.page, LivePage) and not self.page.of_catalog:
            check_limit(limit)
            counted = opened(services.live, "live search").facets(self.page, wanted, limit)
        else:
            counted = await services.catalog.facets(self.request, wanted, limit)
        return [Facet.of(row) for row in counted]

    @strawberry.field
    async def sources(self, info: Info) -> list[SourceStatus]:
        if isinstance(self.page, LivePage):
            return [SourceStatus.of(outcome, info.context) for outcome in self.page.sources]
        return await catalog_sources(self.request, self.page, info.context)

    @classmethod
    def of(cls, request: SearchRequest, page: SearchPage | LivePage, context: GraphContext) -> Self:
        """The page that the catalog or the platforms answered."""
        edges = SearchEdge.all_of(request.query, page.hits, context)
        return cls(
            request=request,
            page=page,
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=page_info(
                [edge.cursor for edge in edges], has_next=page.has_next, has_previous=page.has_previous
            ),
            total_count=page.total,
            total_is_exact=not isinstance(page, LivePage) or page.total_is_exact,
            did_you_mean=page.did_you_mean,
        )
