"""Root field of a search that is answered platform by platform."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, cast

import strawberry

from gateway.catalog.live.model import LiveEvent
from gateway.catalog.query import SearchRequest
from gateway.graph.context import Info
from gateway.graph.fields import streamed
from gateway.graph.pagination import bounded, given
from gateway.graph.search.inputs import ResourceFilter, parse_filter
from gateway.graph.search.live import deadline, live_search
from gateway.graph.search.types import SearchStreamEvent


@strawberry.type
class SearchSubscription:
    """Search that is told as it happens."""

    @streamed("LIVE search that delivers each platform's answer as it arrives, fastest first.", brief=True)
    async def search_stream(
        self,
        info: Info,
        query: str = "",
        filter: ResourceFilter | None = strawberry.UNSET,  # noqa: A002  # the contract's name
        first: Annotated[int, strawberry.argument(description="Per platform.")] = 20,
        timeout_ms: int = 5000,
    ) -> AsyncGenerator[SearchStreamEvent, None]:
        seconds = deadline(timeout_ms)
        request = SearchRequest(
            query=query,
            filter=parse_filter(given(filter)),
            first=bounded("first", first),
            visible=info.context.visible,
        )
        answers = live_search(info.context, request.filter).stream(request, seconds=seconds)
        async with aclosing(cast("AsyncGenerator[LiveEvent, None]", answers)) as events:
            async for event in events:
                yield SearchStreamEvent(query=query, event=event)
