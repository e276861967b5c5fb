"""What a connector is and how it stands: every field that needs no other node than a region and its versions."""

from datetime import datetime
from typing import Self

import strawberry

from gateway.graph.budget import CATALOG_CALL
from gateway.graph.connectors.access import managed_connectors, managed_harvests
from gateway.graph.connectors.versions import ManifestVersion
from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.nodes.types import Node
from gateway.graph.pagination import bounded
from gateway.graph.platforms.health import Health
from gateway.graph.regions.types import Region
from gateway.registry import ConnectorState, ConnectorView, DriftKind
from schema.identifiers import GlobalId
from schema.regions import NATION


@strawberry.type
class CredentialStatus:
    """Whether a secret that the manifest names is set."""

    name: str
    set: bool
    updated_at: datetime | None


@strawberry.type
class Drift:
    """A change of the platform's shape."""

    field: str
    kind: DriftKind
    message: str
    first_seen_at: datetime
    records: int


@strawberry.type
class UnmappedValue:
    """A value that no vocabulary table knows."""

    field: str
    value: str
    count: int
    example: str | None


@strawberry.type
class DescribedConnector(Node):
    """A connector without what leads on to its platform, runs and rejected records."""

    view: strawberry.Private[ConnectorView]
    owner: Region
    state: ConnectorState

    @described("What is served; `state` speaks of it, or of the newest version while none is active.")
    def active_version(self) -> ManifestVersion | None:
        return ManifestVersion.of(self.view.active) if self.view.active else None

    @described("A version on trial beside the active one.")
    def canary_version(self) -> ManifestVersion | None:
        return ManifestVersion.of(self.view.canary) if self.view.canary else None

    @strawberry.field
    async def versions(self, info: Info) -> list[ManifestVersion]:
        info.context.budget.spend(CATALOG_CALL)
        found = await managed_connectors(info.context).versions(self.view.code)
        return [ManifestVersion.of(row) for row in found]

    @described("Names only; values are never returned.")
    def credentials(self) -> list[CredentialStatus]:
        return [
            CredentialStatus(name=row.name, set=row.set, updated_at=row.updated_at) for row in self.view.credentials
        ]

    @strawberry.field
    async def health(self, info: Info) -> Health | None:
        return Health.of(await info.context.loaders.platform_states.load(self.view.code))

    @described("Changes of the platform's shape seen since the active version was published.")
    async def drift(self, info: Info) -> list[Drift]:
        info.context.budget.spend(CATALOG_CALL)
        found = await managed_connectors(info.context).drift(self.view.code)
        return [
            Drift(
                field=row.field,
                kind=row.kind,
                message=row.message,
                first_seen_at=row.first_seen_at,
                records=row.records,
            )
            for row in found
        ]

    @described("Most frequent first.")
    async def unmapped_values(self, info: Info, first: int = 50) -> list[UnmappedValue]:
        bounded("first", first)
        info.context.budget.spend(CATALOG_CALL)
        found = await managed_harvests(info.context).unmapped_values(self.view.code)
        return [
            UnmappedValue(field=row.field, value=row.value, count=row.count, example=row.example)
            for row in found[:first]
        ]

    @classmethod
    def of(cls, view: ConnectorView) -> Self:
        """The connector as the registry shows it."""
        return cls(
            id=strawberry.ID(str(GlobalId("Connector", (view.code,)))),
            view=view,
            owner=Region.of(view.platform.region) or Region.known(NATION),
            state=view.state,
        )
