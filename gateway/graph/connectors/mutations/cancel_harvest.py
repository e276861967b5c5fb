"""`cancelHarvest`: a run that is asked to end."""

import strawberry

from gateway.graph.connectors.actions import act_on_harvest, run_name
from gateway.graph.connectors.payloads import HarvestPayload
from gateway.graph.context import Info


@strawberry.type
class CancelHarvest:
    """A run that is asked to end."""

    @strawberry.mutation
    async def cancel_harvest(self, info: Info, run_id: strawberry.ID) -> HarvestPayload | None:
        return await act_on_harvest(info.context, lambda harvests, by: harvests.cancel(run_name(run_id), by=by))
