"""`setCredentials`: new values of the secrets that a manifest names."""

import strawberry

from gateway.graph.connectors.actions import act_on_connector, connector_code
from gateway.graph.connectors.inputs import CredentialInput, credential_values
from gateway.graph.connectors.payloads import ConnectorPayload
from gateway.graph.context import Info


@strawberry.type
class SetCredentials:
    """New values of secrets."""

    @strawberry.mutation
    async def set_credentials(
        self, info: Info, connector_id: strawberry.ID, credentials: list[CredentialInput]
    ) -> ConnectorPayload | None:
        return await act_on_connector(
            info.context,
            lambda registry, by: registry.set_credentials(
                platform=connector_code(connector_id), values=credential_values(credentials), by=by
            ),
            on=connector_id,
        )
