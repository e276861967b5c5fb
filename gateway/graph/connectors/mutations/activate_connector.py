"""`activateConnector`: a version that is served from now on."""

import strawberry

from gateway.graph.connectors.access import require_region_to_serve
from gateway.graph.connectors.actions import act_on_connector, connector_code
from gateway.graph.connectors.payloads import ConnectorPayload
from gateway.graph.context import Connectors, Info
from gateway.graph.pagination import given
from gateway.registry import ConnectorOutcome


@strawberry.type
class ActivateConnector:
    """A version that is served."""

    @strawberry.mutation
    async def activate_connector(
        self, info: Info, connector_id: strawberry.ID, version: int | None = strawberry.UNSET
    ) -> ConnectorPayload | None:
        async def activate(registry: Connectors, by: str) -> ConnectorOutcome:
            code, number = connector_code(connector_id), given(version)
            await require_region_to_serve(info.context, code, number)
            return await registry.activate(platform=code, version=number, by=by)

        return await act_on_connector(info.context, activate, on=connector_id)
