"""One order for records of several platforms, by the catalog's own keys."""

from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.catalog.live.relevance import Relevance
from gateway.catalog.query import ResourceSort
from gateway.catalog.ranks import earliest_first, latest_first, most_first, seconds, title_rank
from schema.resources import CatalogResource

SortKeys = Callable[[Sequence[CatalogResource]], list[float]]
"""Keys of one platform's records, which are in the platform's own order; smallest first."""


def sort_keys_of(sort: ResourceSort, relevance: Relevance) -> SortKeys:
    """The keys of an order; for RELEVANCE they are negative scores."""
    if sort is ResourceSort.RELEVANCE:
        return lambda resources: [-score for score in relevance.scores(resources)]
    key = _KEYS[sort]
    return lambda resources: [key(one) for one in resources]


def _moment(moment: datetime | None) -> int | None:
    return seconds(moment) if moment else None


_KEYS: dict[ResourceSort, Callable[[CatalogResource], float]] = {
    ResourceSort.NEWEST: lambda one: -latest_first(_moment(one.record.published_at)),
    ResourceSort.OLDEST: lambda one: earliest_first(_moment(one.record.published_at)),
    ResourceSort.STARTS_AT: lambda one: earliest_first(_moment(one.record.starts_at)),
    ResourceSort.MOST_USED: lambda one: -most_first(one.record.use_count),
    ResourceSort.TITLE: lambda one: title_rank(one.record.title),
}
