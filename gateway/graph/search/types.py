"""A page of search results with facets, highlights and sources, and completions."""

from enum import Enum

import strawberry

from gateway.catalog import results
from gateway.catalog.query import FacetDimension, SearchRequest
from gateway.catalog.results import SearchPage, SuggestionKind
from gateway.graph.budget import CATALOG_CALL
from gateway.graph.context import GraphContext, Info
from gateway.graph.linked import Resource
from gateway.graph.pagination import PageInfo, page_info
from gateway.graph.rows import as_shown
from gateway.graph.search.sources import SourceStatus, catalog_sources


@strawberry.enum(description="How a search is answered. The harvested catalog is the only way for now.")
class SearchMode(Enum):
    """LIVE and AUTO of the contract come with the live fan-out."""

    CATALOG = strawberry.enum_value(
        "CATALOG", description="Harvested catalog: fast, complete, ranked across platforms."
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


@strawberry.type
class SearchConnection:
    """One page of results."""

    request: strawberry.Private[SearchRequest]
    page: strawberry.Private[SearchPage]
    edges: list[SearchEdge]
    nodes: list[Resource]
    page_info: PageInfo
    total_count: int
    total_is_exact: bool
    did_you_mean: str | None = strawberry.field(description="A corrected query when this one finds little.")

    @strawberry.field
    async def facets(self, info: Info, dimensions: list[FacetDimension], limit: int = 20) -> list[Facet] | None:
        wanted = list(dict.fromkeys(dimensions))
        info.context.budget.spend(CATALOG_CALL)
        counted = await info.context.services.catalog.facets(self.request, wanted, limit)
        return [Facet.of(row) for row in counted]

    @strawberry.field
    async def sources(self, info: Info) -> list[SourceStatus]:
        return await catalog_sources(self.request, self.page, info.context)

    @classmethod
    def of(cls, request: SearchRequest, page: SearchPage, context: GraphContext) -> "SearchConnection":
        """The page the catalog answered."""
        context.budget.spend(len(page.hits))
        edges = [
            SearchEdge(
                query=request.query, cursor=hit.cursor, node=Resource.paid(hit.resource, context), score=hit.score
            )
            for hit in page.hits
        ]
        return cls(
            request=request,
            page=page,
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=page_info(
                [edge.cursor for edge in edges], has_next=page.has_next, has_previous=page.has_previous
            ),
            total_count=page.total,
            total_is_exact=True,
            did_you_mean=page.did_you_mean,
        )
