"""`rollbackConnector`: back to the version that was active before."""

import strawberry

from gateway.graph.connectors.actions import act_on_connector, connector_code
from gateway.graph.connectors.payloads import ConnectorPayload
from gateway.graph.context import Info


@strawberry.type
class RollbackConnector:
    """Back to the version before."""

    @strawberry.mutation
    async def rollback_connector(self, info: Info, connector_id: strawberry.ID) -> ConnectorPayload | None:
        return await act_on_connector(
            info.context, lambda registry, by: registry.rollback(platform=connector_code(connector_id), by=by)
        )
