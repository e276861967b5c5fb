"""What the catalog knows of a platform, in place of the platform: how old it is, and its rows where asking fails."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from gateway.catalog.live.candidates import candidates
from gateway.catalog.live.model import SourceOutcome, SourceState
from gateway.catalog.live.ports import HarvestAge, HarvestedCatalog
from gateway.catalog.live.questions import Question
from gateway.catalog.live.reading import Reading, unseen
from gateway.catalog.live.walks import DEEPEST
from gateway.catalog.query import SearchRequest
from gateway.catalog.results import SearchPage
from gateway.catalog.validation import MOST_FIRST
from gateway.errors import GatewayError
from schema.resources import CatalogResource


def is_old(age: HarvestAge, now: datetime) -> bool:
    """Whether a harvest has outlived its target; what was never harvested has, what has no target never does."""
    if age.harvested_at is None:
        return True
    return age.target is not None and now - age.harvested_at > age.target


def harvest_outcome(code: str, age: HarvestAge, total: int, count: int, now: datetime) -> SourceOutcome:
    """The part in a search of a platform that the catalog answers for."""
    state, message = SourceState.OK, None
    if age.harvested_at is None:
        state = SourceState.STALE if total else SourceState.SKIPPED
        message = "no harvest of this platform has been completed yet"
    elif is_old(age, now):
        state, message = SourceState.STALE, "its harvest is older than it may become, and it cannot be asked"
    return SourceOutcome(code, state, count, total, as_of=age.harvested_at, message=message)


async def harvested(
    catalog: HarvestedCatalog, question: Question, failure: SourceOutcome, age: HarvestAge, given: Collection[int]
) -> Reading:
    """The catalog's rows of a platform that failed; the failure alone where the catalog has nothing to offer."""
    request = question.request
    depth = min(len(given) + max(request.first, 1), DEEPEST)
    own = replace(request, filter=replace(request.filter, platforms=(failure.platform,)), after=None)
    try:
        found, page = await _first_rows(catalog, own, depth)
    except GatewayError:
        return Reading(failure)
    rows = candidates(found)
    if age.harvested_at is None and not rows:
        return Reading(failure)
    outcome = replace(failure, state=SourceState.STALE, total=page.total, as_of=age.harvested_at)
    more = page.has_next
    deeper = more and depth < DEEPEST
    return Reading(outcome, rows, unseen(rows, given), complete=not more, deeper=deeper, counted=True)


async def _first_rows(
    catalog: HarvestedCatalog, request: SearchRequest, depth: int
) -> tuple[list[CatalogResource], SearchPage]:
    page = await catalog.search(replace(request, first=min(depth, MOST_FIRST)))
    rows = [hit.resource for hit in page.hits]
    while len(rows) < depth and page.has_next:
        rest = min(depth - len(rows), MOST_FIRST)
        page = await catalog.search(replace(request, first=rest, after=page.hits[-1].cursor))
        rows += [hit.resource for hit in page.hits]
    return rows, page
