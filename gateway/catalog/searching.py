"""One page of a search, read from one generation of the index alone."""

from collections.abc import Sequence
from typing import Any

from tantivy import DocAddress, FieldType, Occur, Order, Query

from gateway.catalog.cursors import Cursor, fingerprint, written_cursors
from gateway.catalog.fields import FACET_FIELDS
from gateway.catalog.filters import Filters
from gateway.catalog.generations import Generation
from gateway.catalog.matching import Matched
from gateway.catalog.plans import Plan, plan
from gateway.catalog.query import FacetDimension, ResourceSort, SearchRequest
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

_Found = list[tuple[float, DocAddress]]
"""Scores or sort keys with the places of what has them, one more than the page holds where there is more."""


def search_page(
    generation: Generation,
    request: SearchRequest,
    cursor: Cursor | None,
    *,
    by_platform: bool = True,
    facets: Sequence[FacetDimension] = (),
) -> SearchPage:
    """The page after a cursor, or the first one; `facets` are counted along and remembered with its plan."""
    found, addresses = _next(generation, request, cursor) if cursor else _first(generation, request)
    if facets:
        found.counts(generation, [FACET_FIELDS[dimension] for dimension in facets])
    return SearchPage(
        hits=_hits(generation, request, found, cursor, addresses[: request.first]),
        total=found.total,
        has_next=len(addresses) > request.first,
        has_previous=cursor is not None,
        totals_by_platform=found.platforms(generation) if by_platform else {},
        did_you_mean=found.did_you_mean,
    )


def _first(generation: Generation, request: SearchRequest) -> tuple[Plan, _Found]:
    """Plan and first page; where the plan is not remembered, the search that fills the page counts its matches too."""
    seen: list[_Found] = []

    def look(matched: Matched, filters: Filters) -> int:
        result = _read(generation, request, matched, filters, count=True)
        seen.append(result.hits)
        return int(result.count)

    found = plan(generation, request, look=look)
    ranked = request.sort is ResourceSort.RELEVANCE
    if found.total >= BROAD and ranked:
        key = _broad(request, found, 0)
        return found, generation.remember(key, lambda: seen[-1] if seen else _looked_up(generation, request, found))
    if seen or not found.total:
        return found, seen[-1] if seen else []
    return found, _looked_up(generation, request, found)


def _next(generation: Generation, request: SearchRequest, cursor: Cursor) -> tuple[Plan, _Found]:
    found = plan(generation, request, cursor.relaxation)
    if not found.total:
        return found, []
    if request.sort is not ResourceSort.RELEVANCE:
        return found, _looked_up(generation, request, found, cursor)
    if cursor.position >= found.total:
        return found, []
    if found.total < BROAD:
        return found, _looked_up(generation, request, found, cursor)
    key = _broad(request, found, cursor.position)
    return found, generation.remember(key, lambda: _looked_up(generation, request, found, cursor))


def _broad(request: SearchRequest, found: Plan, offset: int) -> tuple[object, ...]:
    return ("ranked", request.query, request.filter, request.visible, found.relaxation, request.first, offset)


def _looked_up(generation: Generation, request: SearchRequest, found: Plan, cursor: Cursor | None = None) -> _Found:
    hits: _Found = _read(generation, request, found.matched, found.filters, cursor, count=False).hits
    return hits


def _read(
    generation: Generation,
    request: SearchRequest,
    matched: Matched,
    filters: Filters,
    cursor: Cursor | None = None,
    *,
    count: bool,
) -> Any:
    """What stands after a cursor, by score or by sort key; a count leaves out what stands before a sort key."""
    most = request.first + 1
    if request.sort is ResourceSort.RELEVANCE:
        query, offset = matched.weighed(filters.applied_to(matched.scored)), cursor.position if cursor else 0
        return generation.searcher.search(query, most, count=count, offset=offset, weight_by_field="weight")
    field, order = _ORDERS[request.sort]
    query = filters.applied_to(matched.counted)
    if cursor is not None:
        bounds: dict[str, Any] = (
            {"upper_bound": cursor.position, "include_upper": False}
            if order is Order.Desc
            else {"lower_bound": cursor.position, "include_lower": False}
        )
        rest = Query.range_query(generation.schema, field, FieldType.Unsigned, **bounds)
        query = Query.boolean_query([(Occur.Must, query), (Occur.Must, rest)])
    return generation.searcher.search(query, most, count=count, order_by_field=field, order=order)


def _hits(
    generation: Generation, request: SearchRequest, found: Plan, cursor: Cursor | None, addresses: _Found
) -> tuple[Hit, ...]:
    """The results of a page; a position is how many lie before the next one, or the sort key of the result itself."""
    mark = fingerprint(request)
    resources = [_resource(generation, address) for _, address in addresses]
    if request.sort is ResourceSort.RELEVANCE:
        offset = cursor.position if cursor else 0
        places = range(offset + 1, offset + 1 + len(addresses))
        texts = written_cursors(Cursor(request.sort, mark, found.relaxation, offset, generation.token), places)
        scores = [score for score, _ in addresses]
        return tuple(map(Hit, texts, resources, scores))
    keys = [int(key) for key, _ in addresses]
    texts = written_cursors(Cursor(request.sort, mark, found.relaxation, 0), keys)
    return tuple(Hit(text, resource, None) for text, resource in zip(texts, resources, strict=True))


def _resource(generation: Generation, address: DocAddress) -> CatalogResource:
    stored: Any = generation.searcher.doc(address).get_first("doc")
    return CatalogResource.model_validate_json(bytes(stored))
