"""`testRead`: the first records through a manifest, nothing of which is stored."""
# ruff: noqa: PT028  # named by the contract; no test of pytest

import strawberry

from gateway.errors import GatewayError
from gateway.graph.connectors.access import is_managed, managed_connectors
from gateway.graph.connectors.actions import NEVER_A_REFUSAL, connector_code, not_found
from gateway.graph.connectors.inputs import CredentialInput, credential_values
from gateway.graph.connectors.manifests import bounded_manifest, checked
from gateway.graph.connectors.payloads import refusal_of
from gateway.graph.connectors.trials import TestReadPayload
from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.pagination import bounded, given
from schema.platforms import Capability

MAX_RECORDS = 50
"""Records of one test read: enough to see a shape, too few to harvest a platform with."""


@strawberry.type
class TestRead:
    """The first records through a manifest."""

    __test__ = False

    @described(
        "Reads the first records through a manifest without storing anything. With `connectorId`, the "
        "connector's sealed credentials are used, and only towards the hosts they were set for."
    )
    async def test_read(
        self,
        info: Info,
        manifest: str,
        connector_id: strawberry.ID | None = strawberry.UNSET,
        credentials: list[CredentialInput] | None = strawberry.UNSET,
        capability: Capability = Capability.HARVEST,
        limit: int = 5,
    ) -> TestReadPayload | None:
        registry = managed_connectors(info.context)
        bounded_manifest(manifest)
        bounded("limit", limit, MAX_RECORDS)
        connector = given(connector_id)
        try:
            code = connector_code(connector) if connector is not None else None
            if code is not None and not await is_managed(info.context, code):
                return TestReadPayload.refused(await checked(info.context, manifest), (not_found(code),))
            outcome = await registry.test_read(
                manifest=manifest,
                platform=code,
                credentials=credential_values(given(credentials)),
                capability=capability,
                limit=limit,
            )
        except NEVER_A_REFUSAL:
            raise
        except GatewayError as error:
            return TestReadPayload.refused(await checked(info.context, manifest), (refusal_of(error),))
        return TestReadPayload.of(outcome)
