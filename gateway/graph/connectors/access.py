"""Who may manage connectors, and the services that are open to them only."""

from gateway.errors import Forbidden
from gateway.graph.context import GraphContext
from gateway.graph.loaders import opened
from gateway.graph.ports import Connectors, Harvests


def managed_connectors(context: GraphContext) -> Connectors:
    """The registry; raises Forbidden for who is no administrator."""
    require_administrator(context)
    return opened(context.services.connectors, "the connector registry")


def managed_harvests(context: GraphContext) -> Harvests:
    """Harvest runs and quarantine; raises Forbidden for who is no administrator."""
    require_administrator(context)
    return opened(context.services.harvests, "harvesting")


def require_administrator(context: GraphContext) -> None:
    """Raises Forbidden, which says how to ask, for who is no administrator."""
    if not context.principal.is_administrator:
        raise Forbidden("this is for the administrator: send `Authorization: Bearer <administrator key>`")
