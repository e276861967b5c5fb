"""`activateConnector`: a version that is served from now on."""

import strawberry

from gateway.graph.connectors.actions import act_on_connector, connector_code
from gateway.graph.connectors.payloads import ConnectorPayload
from gateway.graph.context import Info
from gateway.graph.pagination import given


@strawberry.type
class ActivateConnector:
    """A version that is served."""

    @strawberry.mutation
    async def activate_connector(
        self, info: Info, connector_id: strawberry.ID, version: int | None = strawberry.UNSET
    ) -> ConnectorPayload | None:
        return await act_on_connector(
            info.context,
            lambda registry, by: registry.activate(
                platform=connector_code(connector_id), version=given(version), by=by
            ),
        )
