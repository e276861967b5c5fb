"""`verifyConnector`: tests of a version, offline and live."""

import strawberry

from gateway.graph.connectors.actions import act_on_connector, connector_code
from gateway.graph.connectors.payloads import ConnectorPayload
from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.pagination import given


@strawberry.type
class VerifyConnector:
    """Tests of a version."""

    @described("Offline tests and a live check; draft becomes verified. Default: the newest version.")
    async def verify_connector(
        self, info: Info, connector_id: strawberry.ID, version: int | None = strawberry.UNSET
    ) -> ConnectorPayload | None:
        return await act_on_connector(
            info.context,
            lambda registry, by: registry.verify(platform=connector_code(connector_id), version=given(version), by=by),
            on=connector_id,
        )
