"""`cancelHarvest`: a run that is asked to end."""

import strawberry

from gateway.graph.connectors.access import require_managed_run
from gateway.graph.connectors.actions import act_on_harvest, run_name
from gateway.graph.connectors.payloads import HarvestPayload
from gateway.graph.context import Harvests, Info
from gateway.harvesting import HarvestRun


@strawberry.type
class CancelHarvest:
    """A run that is asked to end."""

    @strawberry.mutation
    async def cancel_harvest(self, info: Info, run_id: strawberry.ID) -> HarvestPayload | None:
        async def cancel(harvests: Harvests, by: str) -> HarvestRun:
            name = run_name(run_id)
            await require_managed_run(info.context, name)
            return await harvests.cancel(name, by=by)

        return await act_on_harvest(info.context, cancel)
