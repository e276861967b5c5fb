"""`publishConnectorVersion`: a new version of a manifest."""

import strawberry

from gateway.graph.connectors.access import require_region_of
from gateway.graph.connectors.actions import act_on_connector, connector_code
from gateway.graph.connectors.manifests import bounded_manifest
from gateway.graph.connectors.payloads import ConnectorPayload
from gateway.graph.context import Connectors, Info
from gateway.registry import ConnectorOutcome


@strawberry.type
class PublishConnectorVersion:
    """A new version."""

    @strawberry.mutation
    async def publish_connector_version(
        self, info: Info, connector_id: strawberry.ID, manifest: str, canary: bool = False
    ) -> ConnectorPayload | None:
        async def publish(registry: Connectors, by: str) -> ConnectorOutcome:
            text = bounded_manifest(manifest)
            await require_region_of(info.context, text)
            return await registry.publish(platform=connector_code(connector_id), manifest=text, canary=canary, by=by)

        return await act_on_connector(info.context, publish, on=connector_id)
