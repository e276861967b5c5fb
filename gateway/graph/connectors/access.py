"""Who may manage connectors, which of them, and the services that are open to those people only."""

import asyncio
import json

from gateway.access.managing import managed_regions, manages, manages_everything
from gateway.errors import Forbidden, InvalidInput
from gateway.graph.context import GraphContext
from gateway.graph.loaders import opened
from gateway.graph.ports import Connectors, Harvests
from gateway.registry import ConnectorView, served_code


def managed_connectors(context: GraphContext) -> Connectors:
    """The registry; raises Forbidden for who manages no connectors at all."""
    require_manager(context)
    return opened(context.services.connectors, "the connector registry")


def managed_harvests(context: GraphContext) -> Harvests:
    """Harvest runs and quarantine; raises Forbidden for who manages no connectors at all."""
    require_manager(context)
    return opened(context.services.harvests, "harvesting")


def require_manager(context: GraphContext) -> None:
    """Raises Forbidden, which says how to ask, for who manages no connectors at all."""
    if not managed_regions(context.principal):
        raise Forbidden(
            "this is for administrators and partners: send `Authorization: Bearer <key>` of one with such a role"
        )


def manages_view(context: GraphContext, view: ConnectorView) -> bool:
    """Whether a connector is the viewer's to manage."""
    return manages(context.principal, view.platform.region)


async def managed_view(context: GraphContext, code: str) -> ConnectorView | None:
    """The connector of a platform; None where there is none or it is another's."""
    if not managed_regions(context.principal):
        return None
    view = await context.loaders.connectors.load(code)
    return view if view is not None and manages_view(context, view) else None


async def is_managed(context: GraphContext, code: str) -> bool:
    """Whether the viewer may act on the platform with this code; who manages everything may, if it exists."""
    return manages_everything(context.principal) or await managed_view(context, code) is not None


async def is_managed_lane(context: GraphContext, lane: str) -> bool:
    """Whether what was harvested under this code, a platform's or its canary's, is the viewer's."""
    return bool(managed_regions(context.principal)) and await is_managed(context, served_code(lane))


async def is_another(context: GraphContext, code: str) -> bool:
    """Whether the platform with this code has a connector that is not the viewer's, even a retired one."""
    view = await context.loaders.connectors.load(code)
    return view is not None and not manages_view(context, view)


async def require_managed(context: GraphContext, code: str) -> None:
    """Raises InvalidInput where the viewer manages no connector with this code."""
    if not await is_managed(context, code):
        raise InvalidInput(f"connectorId: you manage no connector for platform {code[:100]!r}")


async def require_managed_run(context: GraphContext, run_id: str) -> None:
    """Raises InvalidInput for the run of another's connector, as for one that there is not."""
    if manages_everything(context.principal):
        return
    run = await context.loaders.runs.load(run_id)
    if run is None or not await is_managed_lane(context, run.platform):
        raise InvalidInput(f"run: there is no run {run_id[:100]!r}")


async def require_region_of(context: GraphContext, manifest: str) -> str | None:
    """The code of a manifest's platform; raises Forbidden where it is of a region that is not the viewer's.

    None for a text that is no usable manifest, which the registry refuses with its report, and for who manages
    everything.
    """
    if manages_everything(context.principal):
        return None
    registry = managed_connectors(context)
    async with context.services.checking:
        report = await asyncio.to_thread(registry.check, manifest)
    return _require_region(context, report.resolved, "manifest") if report.ok else None


async def require_region_to_serve(context: GraphContext, code: str, number: int | None) -> None:
    """Raises Forbidden where serving a version would move its platform out of the viewer's regions.

    Without a number any version may be meant, so that all are looked at.
    """
    if manages_everything(context.principal):
        return
    for version in await managed_connectors(context).versions(code):
        if number in (None, version.version):
            _require_region(context, version.report.resolved, "version")


def _require_region(context: GraphContext, resolved: str | None, argument: str) -> str:
    platform = json.loads(resolved or "{}").get("platform", {})
    region, code = platform.get("region"), platform.get("code")
    if not manages(context.principal, region):
        ours = ", ".join(str(each) for each in managed_regions(context.principal))
        raise Forbidden(f"{argument}: the platform would belong to region {region}; yours to manage: {ours}")
    return str(code)
