"""Root fields for search and completion."""

from typing import Annotated

import strawberry

from gateway.catalog.live.model import LivePage
from gateway.catalog.query import ResourceSort, SearchRequest
from gateway.catalog.results import SearchPage
from gateway.graph.budget import CATALOG_CALL
from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.pagination import given
from gateway.graph.search.inputs import ResourceFilter, parse_filter
from gateway.graph.search.live import deadline, live_search
from gateway.graph.search.lookahead import wanted_of_page
from gateway.graph.search.types import SearchConnection, SearchMode, Suggestion


@strawberry.type
class SearchQuery:
    """Search across platforms."""

    @described("Cross-platform search. One failing platform never fails the query: see `sources`.")
    async def search(
        self,
        info: Info,
        query: str = "",
        filter: ResourceFilter | None = strawberry.UNSET,  # noqa: A002  # the contract's name
        sort: ResourceSort = ResourceSort.RELEVANCE,
        mode: SearchMode = SearchMode.CATALOG,
        first: int = 20,
        after: str | None = strawberry.UNSET,
        timeout_ms: Annotated[
            int,
            strawberry.argument(
                description="Deadline for LIVE and AUTO; platforms that miss it are reported as TIMEOUT."
            ),
        ] = 2000,
    ) -> SearchConnection | None:
        seconds = deadline(timeout_ms)
        request = SearchRequest(
            query=query,
            filter=parse_filter(given(filter)),
            sort=sort,
            first=first,
            after=given(after),
            visible=info.context.visible,
        )
        page = await _answered(info, request, mode, seconds)
        return SearchConnection.of(request, page, info.context)

    @described("Completion of titles, contributors, schools and subjects; matches Chinese and pinyin initials.")
    async def suggest(self, info: Info, prefix: str, first: int = 8) -> list[Suggestion] | None:
        info.context.budget.spend(CATALOG_CALL)
        found = await info.context.services.catalog.suggest(prefix, first, info.context.visible)
        return [Suggestion(text=one.text, kind=one.kind, count=one.count) for one in found]


async def _answered(info: Info, request: SearchRequest, mode: SearchMode, seconds: float) -> SearchPage | LivePage:
    context = info.context
    if mode is SearchMode.CATALOG:
        context.budget.spend(CATALOG_CALL)
        wanted = wanted_of_page(info)
        return await context.services.catalog.search(request, by_platform=wanted.sources, facets=wanted.facets)
    live = live_search(context, request.filter)
    answer = live.search if mode is SearchMode.LIVE else live.top_up
    return await answer(request, seconds=seconds)
