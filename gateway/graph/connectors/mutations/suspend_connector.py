"""`suspendConnector`: a platform that is not asked for now."""

import strawberry

from gateway.graph.connectors.actions import act_on_connector, connector_code
from gateway.graph.connectors.payloads import ConnectorPayload
from gateway.graph.context import Info


@strawberry.type
class SuspendConnector:
    """Not asked for now."""

    @strawberry.mutation
    async def suspend_connector(self, info: Info, connector_id: strawberry.ID, reason: str) -> ConnectorPayload | None:
        return await act_on_connector(
            info.context,
            lambda registry, by: registry.suspend(platform=connector_code(connector_id), reason=reason, by=by),
            on=connector_id,
        )
