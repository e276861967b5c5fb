"""One order for records of several platforms, by the catalog's own keys."""

from collections.abc import Callable
from datetime import datetime

from gateway.catalog.live.relevance import Relevance
from gateway.catalog.query import ResourceSort
from gateway.catalog.ranks import earliest_first, latest_first, most_first, seconds, title_rank
from schema.resources import CatalogResource

SortKey = Callable[[CatalogResource, int], float]
"""Smallest first; the number is the record's rank in its platform's order, from 0."""


def sort_key_of(sort: ResourceSort, relevance: Relevance) -> SortKey:
    """The key of an order; for RELEVANCE it is the negative score."""
    if sort is ResourceSort.RELEVANCE:
        score = relevance.score
        return lambda one, rank: -score(one, rank)
    return _KEYS[sort]


def _moment(moment: datetime | None) -> int | None:
    return seconds(moment) if moment else None


_KEYS: dict[ResourceSort, SortKey] = {
    ResourceSort.NEWEST: lambda one, _: -latest_first(_moment(one.record.published_at)),
    ResourceSort.OLDEST: lambda one, _: earliest_first(_moment(one.record.published_at)),
    ResourceSort.STARTS_AT: lambda one, _: earliest_first(_moment(one.record.starts_at)),
    ResourceSort.MOST_USED: lambda one, _: -most_first(one.record.use_count),
    ResourceSort.TITLE: lambda one, _: title_rank(one.record.title),
}
