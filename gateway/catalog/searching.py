"""One page of a search, read from one generation of the index alone."""

from typing import Any

from tantivy import DocAddress, FieldType, Occur, Order, Query

from gateway.catalog.cursors import Cursor, fingerprint
from gateway.catalog.generations import Generation
from gateway.catalog.plans import Plan, plan
from gateway.catalog.query import ResourceSort, SearchRequest
from gateway.catalog.results import Hit, SearchPage
from schema.resources import CatalogResource

BROAD = 20_000
"""Ranked pages of results from this size on are remembered, since every match has to be weighed."""
_ORDERS = {
    ResourceSort.NEWEST: ("newest", Order.Desc),
    ResourceSort.OLDEST: ("oldest", Order.Asc),
    ResourceSort.STARTS_AT: ("starts", Order.Asc),
    ResourceSort.MOST_USED: ("used", Order.Desc),
    ResourceSort.TITLE: ("title_rank", Order.Asc),
}


def search_page(generation: Generation, request: SearchRequest, cursor: Cursor | None) -> SearchPage:
    """The page after a cursor, or the first one."""
    found = plan(generation, request, cursor.relaxation if cursor else None)
    mark = fingerprint(request)
    addresses: list[tuple[int, float | None, DocAddress]] = []
    if found.total:
        ranked = request.sort is ResourceSort.RELEVANCE
        addresses = (_ranked if ranked else _ordered)(generation, request, found, cursor)
    token = generation.token if request.sort is ResourceSort.RELEVANCE else None
    hits = tuple(
        Hit(str(Cursor(request.sort, mark, found.relaxation, position, token)), _resource(generation, address), score)
        for position, score, address in addresses[: request.first]
    )
    return SearchPage(
        hits=hits,
        total=found.total,
        has_next=len(addresses) > request.first,
        has_previous=cursor is not None,
        totals_by_platform=found.totals,
        did_you_mean=found.did_you_mean,
    )


def _resource(generation: Generation, address: DocAddress) -> CatalogResource:
    stored: Any = generation.searcher.doc(address).get_first("doc")
    return CatalogResource.model_validate_json(bytes(stored))


def _ranked(
    generation: Generation, request: SearchRequest, found: Plan, cursor: Cursor | None
) -> list[tuple[int, float | None, DocAddress]]:
    """By score; a position is how many results lie before the next one."""
    offset = cursor.position if cursor else 0
    if offset >= found.total:
        return []
    query = found.filters.applied_to(found.matched.scored)

    def hits() -> list[tuple[int, float | None, DocAddress]]:
        result = generation.searcher.search(
            query, request.first + 1, count=False, offset=offset, weight_by_field="weight"
        )
        return [(offset + place, score, address) for place, (score, address) in enumerate(result.hits, start=1)]

    if found.total < BROAD:
        return hits()
    key = ("ranked", request.query, request.filter, request.visible, found.relaxation, request.first, offset)
    return generation.remember(key, hits)


def _ordered(
    generation: Generation, request: SearchRequest, found: Plan, cursor: Cursor | None
) -> list[tuple[int, float | None, DocAddress]]:
    """By sort key; a position is the key of the result itself."""
    field, order = _ORDERS[request.sort]
    query = found.filters.applied_to(found.matched.counted)
    if cursor is not None:
        bounds: dict[str, Any] = (
            {"upper_bound": cursor.position, "include_upper": False}
            if order is Order.Desc
            else {"lower_bound": cursor.position, "include_lower": False}
        )
        rest = Query.range_query(generation.schema, field, FieldType.Unsigned, **bounds)
        query = Query.boolean_query([(Occur.Must, query), (Occur.Must, rest)])
    result = generation.searcher.search(query, request.first + 1, count=False, order_by_field=field, order=order)
    return [(int(key), None, address) for key, address in result.hits]
