"""`startHarvest`: a run that begins now."""

import strawberry

from gateway.graph.connectors.actions import act_on_harvest, connector_code
from gateway.graph.connectors.payloads import HarvestPayload
from gateway.graph.context import Info
from gateway.harvesting import HarvestKind


@strawberry.type
class StartHarvest:
    """A run that begins."""

    @strawberry.mutation
    async def start_harvest(
        self, info: Info, connector_id: strawberry.ID, kind: HarvestKind = HarvestKind.INCREMENTAL
    ) -> HarvestPayload | None:
        return await act_on_harvest(
            info.context, lambda harvests, by: harvests.start(connector_code(connector_id), kind, by=by)
        )
