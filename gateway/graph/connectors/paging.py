"""Pages of connectors that are the viewer's, of all or of those that are in some health."""

from collections.abc import Collection
from dataclasses import replace

from gateway.access.managing import manages_everything
from gateway.errors import CursorInvalid
from gateway.graph.budget import CATALOG_CALL
from gateway.graph.connectors.access import managed_connectors, manages_view
from gateway.graph.connectors.runs import lanes
from gateway.graph.context import GraphContext
from gateway.graph.identifiers import named_by
from gateway.graph.linked import Connector
from gateway.graph.pagination import MAX_FIRST, Connection, connection
from gateway.graph.ports import HealthState
from gateway.harvesting import RunFilter
from gateway.registry import ConnectorPage, ConnectorState, ConnectorView

States = Collection[ConnectorState] | None


async def connectors_page(
    context: GraphContext, states: States, health: Collection[HealthState] | None, first: int, after: str | None
) -> Connection[Connector]:
    """One page by platform code; the cursor of a connector is its id, so that filters may change."""
    code = named_by("Connector", after) if after is not None else None
    if after is not None and code is None:
        raise CursorInvalid(f"after: {after!r} is no cursor of this list")
    if health is None and manages_everything(context.principal):
        page = await managed_connectors(context).connectors(states=states, first=first, after=code)
    else:
        page = await _picked(context, states, health, first, code)
    shown = [Connector.of(view) for view in page.items]
    return connection(
        [(one.id, one) for one in shown],
        total=page.total,
        has_next=page.has_next,
        has_previous=page.has_previous,
    )


async def only_managed(context: GraphContext, wanted: RunFilter) -> RunFilter:
    """The filter without the runs of connectors that are not the viewer's."""
    if manages_everything(context.principal):
        return wanted
    context.budget.spend(CATALOG_CALL)
    ours = {lane for view in await _every(context, None) for lane in lanes(view.code)}
    kept = ours if wanted.platforms is None else ours & set(wanted.platforms)
    return replace(wanted, platforms=sorted(kept))


async def _picked(
    context: GraphContext, states: States, health: Collection[HealthState] | None, first: int, code: str | None
) -> ConnectorPage:
    """Of health and of regions inside others the registry knows nothing, so every connector is looked at.

    There are hundreds at most.
    """
    kept = await _every(context, states)
    if health is not None:
        found = await context.loaders.platform_states.load_many([view.code for view in kept])
        kept = [view for view, state in zip(kept, found, strict=True) if state.health_state in health]
    later = [view for view in kept if code is None or view.code > code]
    return ConnectorPage(
        items=tuple(later[:first]),
        total=len(kept),
        has_next=len(later) > first,
        has_previous=len(later) < len(kept),
    )


async def _every(context: GraphContext, states: States) -> list[ConnectorView]:
    """Every connector that is the viewer's."""
    registry, views = managed_connectors(context), list[ConnectorView]()
    while True:
        last = views[-1].code if views else None
        page = await registry.connectors(states=states, first=MAX_FIRST, after=last)
        views += page.items
        if not page.has_next or not page.items:
            return [view for view in views if manages_view(context, view)]
