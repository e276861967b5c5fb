"""`retireConnector`: a platform that is not asked any more."""

import strawberry

from gateway.graph.connectors.actions import act_on_connector, connector_code
from gateway.graph.connectors.payloads import ConnectorPayload
from gateway.graph.context import Info


@strawberry.type
class RetireConnector:
    """Not asked any more."""

    @strawberry.mutation
    async def retire_connector(self, info: Info, connector_id: strawberry.ID) -> ConnectorPayload | None:
        return await act_on_connector(
            info.context,
            lambda registry, by: registry.retire(platform=connector_code(connector_id), by=by),
            on=connector_id,
        )
