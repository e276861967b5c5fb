"""What each platform contributed to a search."""

from collections import Counter
from datetime import datetime
from typing import Self

import strawberry

from gateway.catalog.live.model import SourceOutcome, SourceState
from gateway.catalog.query import SearchRequest
from gateway.catalog.results import SearchPage
from gateway.graph.context import GraphContext
from gateway.graph.linked import Platform
from gateway.graph.platforms.description import platform_of
from gateway.graph.ports import HealthState, PlatformState


@strawberry.type
class SourceStatus:
    """One platform's part in a search."""

    platform: Platform
    state: SourceState
    count: int = strawberry.field(description="Hits that this platform contributed to this page.")
    total: int | None = strawberry.field(description="Hits that the platform reports in all, if it does.")
    latency_ms: float | None
    as_of: datetime | None = strawberry.field(description="When the data shown was true at the platform.")
    filtered_here: list[str] = strawberry.field(
        description="Filters that had to be applied by the gateway because the platform cannot."
    )
    error_code: str | None
    message: str | None

    @classmethod
    def of(cls, outcome: SourceOutcome, context: GraphContext) -> Self:
        """The part of a platform that was asked live."""
        return cls(
            platform=Platform.of(platform_of(outcome.platform, context.services)),
            state=outcome.state,
            count=outcome.count,
            total=outcome.total,
            latency_ms=None if outcome.latency_ms is None else round(outcome.latency_ms, 1),
            as_of=outcome.as_of,
            filtered_here=list(outcome.filtered_here),
            error_code=outcome.error_code,
            message=outcome.message,
        )


async def catalog_sources(request: SearchRequest, page: SearchPage, context: GraphContext) -> list[SourceStatus]:
    """A status for each platform the search was about: those of its filter, else all, and any that had hits."""
    asked = request.filter.platforms
    codes = [view.description.code for view in context.services.platforms.all()]
    if asked is not None:
        codes = [code for code in codes if code in asked]
    codes += [code for code in page.totals_by_platform if code not in codes]
    states = await context.loaders.platform_states.load_many(codes)
    on_page = Counter(hit.resource.platform for hit in page.hits)
    return [
        _status(code, state, on_page[code], page.totals_by_platform.get(code, 0), context)
        for code, state in zip(codes, states, strict=True)
    ]


def _status(code: str, state: PlatformState, count: int, total: int, context: GraphContext) -> SourceStatus:
    outcome, message = SourceState.OK, None
    if state.last_harvested_at is None:
        message = "no harvest of this platform has been completed yet"
        outcome = SourceState.STALE if total else SourceState.SKIPPED
    elif state.health_state is HealthState.DOWN:
        outcome, message = SourceState.STALE, state.last_error
    told = SourceOutcome(code, outcome, count=count, total=total, as_of=state.last_harvested_at, message=message)
    return SourceStatus.of(told, context)
