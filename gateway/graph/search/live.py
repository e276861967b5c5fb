"""Searches that ask the platforms themselves: what they may be asked, and what that costs a request."""

from gateway.catalog.query import ResourceFilter
from gateway.graph.budget import CATALOG_CALL, PLATFORM_CALL
from gateway.graph.context import GraphContext
from gateway.graph.loaders import opened
from gateway.graph.pagination import bounded
from gateway.graph.search.ports import LiveSearch
from schema.platforms import Capability

MAX_TIMEOUT_MS = 10_000


def deadline(timeout_ms: int) -> float:
    """Seconds that platforms have; raises LimitExceeded for milliseconds that are none, or too many."""
    return bounded("timeoutMs", timeout_ms, MAX_TIMEOUT_MS, lowest=1) / 1_000


def live_search(context: GraphContext, wanted: ResourceFilter) -> LiveSearch:
    """Live search, paid for by every platform that it may ask; raises NotReady where it is not open."""
    live = opened(context.services.live, "live search")
    asked = [
        view
        for view in context.services.platforms.all()
        if Capability.LIVE_SEARCH in view.capabilities
        and (wanted.platforms is None or view.description.code in wanted.platforms)
    ]
    context.budget.spend(CATALOG_CALL + PLATFORM_CALL * len(asked))
    return live
