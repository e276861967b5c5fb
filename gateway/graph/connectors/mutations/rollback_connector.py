"""`rollbackConnector`: back to the version that was active before."""

import strawberry

from gateway.graph.connectors.access import require_region_to_serve
from gateway.graph.connectors.actions import act_on_connector, connector_code
from gateway.graph.connectors.payloads import ConnectorPayload
from gateway.graph.context import Connectors, Info
from gateway.registry import ConnectorOutcome


@strawberry.type
class RollbackConnector:
    """Back to the version before."""

    @strawberry.mutation
    async def rollback_connector(self, info: Info, connector_id: strawberry.ID) -> ConnectorPayload | None:
        async def rollback(registry: Connectors, by: str) -> ConnectorOutcome:
            code = connector_code(connector_id)
            await require_region_to_serve(info.context, code, None)
            return await registry.rollback(platform=code, by=by)

        return await act_on_connector(info.context, rollback, on=connector_id)
