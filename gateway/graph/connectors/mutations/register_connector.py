"""`registerConnector`: a new connector, in draft."""

import strawberry

from gateway.graph.connectors.access import is_another, require_region_of
from gateway.graph.connectors.actions import act_on_connector, taken
from gateway.graph.connectors.inputs import CredentialInput, credential_values
from gateway.graph.connectors.manifests import bounded_manifest
from gateway.graph.connectors.payloads import ConnectorPayload
from gateway.graph.context import Connectors, Info
from gateway.graph.pagination import given
from gateway.registry import ConnectorOutcome


@strawberry.type
class RegisterConnector:
    """A new connector."""

    @strawberry.mutation
    async def register_connector(
        self, info: Info, manifest: str, credentials: list[CredentialInput] | None = strawberry.UNSET
    ) -> ConnectorPayload | None:
        async def register(registry: Connectors, by: str) -> ConnectorOutcome:
            text, values = bounded_manifest(manifest), credential_values(given(credentials))
            code = await require_region_of(info.context, text)
            if code is not None and await is_another(info.context, code):
                return ConnectorOutcome(refusals=(taken(code),))
            return await registry.register(manifest=text, credentials=values, by=by)

        return await act_on_connector(info.context, register)
