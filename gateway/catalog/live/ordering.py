"""One order for records of several platforms, by the catalog's own keys."""

from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.catalog.live.candidates import Candidate
from gateway.catalog.live.relevance import Relevance
from gateway.catalog.query import ResourceSort
from gateway.catalog.ranks import earliest_first, latest_first, most_first, seconds, title_rank

SortKeys = Callable[[Sequence[Candidate]], list[float]]
"""Keys of one platform's records, which are in the platform's own order; smallest first."""


def sort_keys_of(sort: ResourceSort, relevance: Relevance) -> SortKeys:
    """The keys of an order; for RELEVANCE they are negative scores."""
    if sort is ResourceSort.RELEVANCE:
        return lambda found: [-score for score in relevance.scores(found)]
    key = _KEYS[sort]
    return lambda found: [key(one) for one in found]


def _moment(moment: datetime | None) -> int | None:
    return seconds(moment) if moment else None


def _start(one: Candidate) -> float:
    """The outline does not hold it, so that the record has to be whole."""
    whole = one.resource()
    return earliest_first(_moment(whole.record.starts_at if whole else None))


_KEYS: dict[ResourceSort, Callable[[Candidate], float]] = {
    ResourceSort.NEWEST: lambda one: -latest_first(_moment(one.outline.published_at)),
    ResourceSort.OLDEST: lambda one: earliest_first(_moment(one.outline.published_at)),
    ResourceSort.STARTS_AT: _start,
    ResourceSort.MOST_USED: lambda one: -most_first(one.outline.use_count),
    ResourceSort.TITLE: lambda one: title_rank(one.outline.title),
}
