"""`publishConnectorVersion`: a new version of a manifest."""

import strawberry

from gateway.graph.connectors.actions import act_on_connector, connector_code
from gateway.graph.connectors.manifests import bounded_manifest
from gateway.graph.connectors.payloads import ConnectorPayload
from gateway.graph.context import Info


@strawberry.type
class PublishConnectorVersion:
    """A new version."""

    @strawberry.mutation
    async def publish_connector_version(
        self, info: Info, connector_id: strawberry.ID, manifest: str, canary: bool = False
    ) -> ConnectorPayload | None:
        return await act_on_connector(
            info.context,
            lambda registry, by: registry.publish(
                platform=connector_code(connector_id), manifest=bounded_manifest(manifest), canary=canary, by=by
            ),
        )
