"""Root fields for connectors, their runs and the check of a manifest."""

import strawberry

from gateway.graph.budget import CATALOG_CALL
from gateway.graph.connectors.access import require_manager
from gateway.graph.connectors.manifests import checked
from gateway.graph.connectors.paging import connectors_page, only_managed
from gateway.graph.connectors.reports import ManifestReport
from gateway.graph.connectors.runs import HarvestRunFilter, parse_run_filter
from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.identifiers import named_by
from gateway.graph.linked import Connector, HarvestRun, load_connector, load_runs
from gateway.graph.pagination import Connection, bounded, given
from gateway.graph.ports import HealthState
from gateway.registry import ConnectorState


@strawberry.type
class ConnectorQuery:
    """What administrators and partners watch of theirs, and the check that is open to everybody."""

    @strawberry.field
    async def connectors(
        self,
        info: Info,
        states: list[ConnectorState] | None = strawberry.UNSET,
        health: list[HealthState] | None = strawberry.UNSET,
        first: int = 50,
        after: str | None = strawberry.UNSET,
    ) -> Connection[Connector] | None:
        require_manager(info.context)
        bounded("first", first)
        info.context.budget.spend(CATALOG_CALL)
        return await connectors_page(info.context, given(states), given(health), first, given(after))

    @strawberry.field
    async def connector(self, info: Info, id: strawberry.ID) -> Connector | None:  # noqa: A002  # the contract's name
        require_manager(info.context)
        code = named_by("Connector", id)
        return await load_connector(info.context, code) if code else None

    @described("Runs of every connector the viewer may see, newest first.")
    async def harvest_runs(
        self,
        info: Info,
        filter: HarvestRunFilter | None = strawberry.UNSET,  # noqa: A002  # the contract's name
        first: int = 50,
        after: str | None = strawberry.UNSET,
    ) -> Connection[HarvestRun] | None:
        require_manager(info.context)
        wanted = await only_managed(info.context, parse_run_filter(given(filter)))
        return await load_runs(info.context, wanted, first, given(after))

    @described("Offline check of a manifest: no network, no stored state.")
    async def validate_manifest(self, info: Info, manifest: str) -> ManifestReport | None:
        return await checked(info.context, manifest)
