"""Root field of harvests that are watched."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import strawberry

from gateway.graph.connectors.access import require_managed, require_manager
from gateway.graph.connectors.actions import connector_code
from gateway.graph.connectors.progress import progress
from gateway.graph.context import Info
from gateway.graph.fields import streamed
from gateway.graph.linked import HarvestRun
from gateway.graph.pagination import given


@strawberry.type
class HarvestSubscription:
    """Harvests that are told as they go on."""

    @streamed("Progress of running harvests.")
    async def harvest_progress(
        self, info: Info, connector_id: strawberry.ID | None = strawberry.UNSET
    ) -> AsyncGenerator[HarvestRun, None]:
        require_manager(info.context)
        watched = given(connector_id)
        code = None if watched is None else connector_code(watched)
        if code is not None:
            await require_managed(info.context, code)
        async with aclosing(progress(info.context, code)) as runs:
            async for run in runs:
                yield HarvestRun.of(run)
