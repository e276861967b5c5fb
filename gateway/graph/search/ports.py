"""What the graph needs of live search; the catalog's own port is in gateway/graph/ports.py."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from gateway.catalog.live.model import LiveEvent, LivePage
from gateway.catalog.query import FacetDimension, SearchRequest
from gateway.catalog.results import Facet, ResourceKey
from schema.access import Access
from schema.resources import CatalogResource


class LiveSearch(Protocol):
    """Platforms asked at this moment. One that fails is told in `sources` and never fails the search."""

    async def search(self, request: SearchRequest, *, seconds: float) -> LivePage:
        """One page of what every platform answers within so many seconds; raises CursorInvalid and InvalidInput."""
        ...

    async def top_up(self, request: SearchRequest, *, seconds: float) -> LivePage:
        """The catalog, with live answers of platforms whose harvest is older than its freshness target."""
        ...

    def stream(self, request: SearchRequest, *, seconds: float) -> AsyncIterator[LiveEvent]:
        """One event for each platform as it answers, fastest first, `request.first` hits each; the last is `done`."""
        ...

    def facets(self, page: LivePage, dimensions: Sequence[FacetDimension], limit: int) -> Sequence[Facet]:
        """Counts of what was read for a page; a sample where the page's total is not exact."""
        ...

    def recent(self, keys: Sequence[ResourceKey], visible: frozenset[Access]) -> Sequence[CatalogResource | None]:
        """Live hits of the last minutes by key, so that one that was never harvested can be fetched again."""
        ...
