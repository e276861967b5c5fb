"""`startHarvest`: a run that begins now."""

import strawberry

from gateway.graph.connectors.access import require_managed
from gateway.graph.connectors.actions import act_on_harvest, connector_code
from gateway.graph.connectors.payloads import HarvestPayload
from gateway.graph.context import Harvests, Info
from gateway.harvesting import HarvestKind, HarvestRun


@strawberry.type
class StartHarvest:
    """A run that begins."""

    @strawberry.mutation
    async def start_harvest(
        self, info: Info, connector_id: strawberry.ID, kind: HarvestKind = HarvestKind.INCREMENTAL
    ) -> HarvestPayload | None:
        async def start(harvests: Harvests, by: str) -> HarvestRun:
            code = connector_code(connector_id)
            await require_managed(info.context, code)
            return await harvests.start(code, kind, by=by)

        return await act_on_harvest(info.context, start)
