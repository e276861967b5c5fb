"""`registerConnector`: a new connector, in draft."""

import strawberry

from gateway.graph.connectors.actions import act_on_connector
from gateway.graph.connectors.inputs import CredentialInput, credential_values
from gateway.graph.connectors.manifests import bounded_manifest
from gateway.graph.connectors.payloads import ConnectorPayload
from gateway.graph.context import Info
from gateway.graph.pagination import given


@strawberry.type
class RegisterConnector:
    """A new connector."""

    @strawberry.mutation
    async def register_connector(
        self, info: Info, manifest: str, credentials: list[CredentialInput] | None = strawberry.UNSET
    ) -> ConnectorPayload | None:
        return await act_on_connector(
            info.context,
            lambda registry, by: registry.register(
                manifest=bounded_manifest(manifest), credentials=credential_values(given(credentials)), by=by
            ),
        )
