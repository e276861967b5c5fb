"""How one request is answered: at which relaxation, with how many matches. Computed once per index generation."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, cast

from tantivy import Query

from gateway.catalog.documents import region_path
from gateway.catalog.filters import Filters
from gateway.catalog.generations import Generation
from gateway.catalog.matching import Matched, Relaxation, everything, match, nothing, words
from gateway.catalog.query import SearchRequest
from gateway.catalog.text import runs

MOST_VALUES = 10_000
"""Buckets asked of an aggregation, more than any dimension has, so that counts are exact."""
_MOST_WORDS = 16
_COUNTED_AS = {"region": "place"}
_UNSCORED = "newest"
"""What to order by where no order is wanted: every record has it, and nothing is scored."""

Counts = Mapping[str, int]
Look = Callable[[Matched, Filters], int]
"""How matches are counted under filters; one that shows them counts them on the way."""


class Plan:
    """What matches a request, how many, and every count of their values that was asked for so far."""

    def __init__(
        self, matched: Matched, filters: Filters, relaxation: Relaxation, total: int, did_you_mean: str | None
    ) -> None:
        self.matched = matched
        self.filters = filters
        self.relaxation = relaxation
        self.total = total
        self.did_you_mean = did_you_mean
        self._counts: dict[str, Counts] = {}
        self._platforms: Counts | None = None

    def known(self, fields: Iterable[str]) -> bool:
        """Whether `counts` of these fields are at hand."""
        return all(field in self._counts for field in fields)

    def counts(self, generation: Generation, fields: Collection[str]) -> Mapping[str, Counts]:
        """Matches by value of each field, without the filter on that field itself.

        One pass for all fields without a filter of their own, one for each other; none for what was counted before.
        """
        missing = [field for field in dict.fromkeys(fields) if field not in self._counts]
        free = [field for field in missing if not self.filters.limits(field)]
        for field in missing:
            if self.filters.limits(field):
                query = self.filters.applied_to(self.matched.counted, without=field)
                self._counts |= count_values(generation, query, (field,))
        if free:
            self._counts |= self._counted(generation, free)
        return {field: self._counts[field] for field in fields}

    def platforms(self, generation: Generation) -> Counts:
        """Matches per platform under every filter."""
        if not self.filters.limits("platform"):
            return self.counts(generation, ("platform",))["platform"]
        if self._platforms is None:
            self._platforms = self._counted(generation, ("platform",))["platform"]
        return self._platforms

    def _counted(self, generation: Generation, fields: Collection[str]) -> Mapping[str, Counts]:
        if not self.total:
            return {field: {} for field in fields}
        return count_values(generation, self.filters.applied_to(self.matched.counted), fields)


def count_values(generation: Generation, query: Query, fields: Collection[str]) -> dict[str, Counts]:
    """How many matches have each value, exactly, for several fields in one pass."""
    terms = {"size": MOST_VALUES, "segment_size": MOST_VALUES}
    asked = {field: {"terms": {"field": _COUNTED_AS.get(field, field), **terms}} for field in fields}
    answer = generation.searcher.aggregate(query, asked)
    counts: dict[str, Counts] = {
        field: {bucket["key"]: bucket["doc_count"] for bucket in answer[field]["buckets"]} if field in answer else {}
        for field in fields
    }
    if "region" in counts:
        counts["region"] = _with_surroundings(counts["region"])
    return counts


def count(generation: Generation, query: Query) -> int:
    """How many records match."""
    found: Any = generation.searcher.search(query, 1, count=True, order_by_field=_UNSCORED)
    return cast("int", found.count)


def _with_surroundings(places: Counts) -> Counts:
    """Counts of regions from counts of the innermost ones; a record has one, so nothing counts twice."""
    counts: dict[str, int] = {}
    for place, found in places.items():
        for region in region_path(place):
            counts[region] = counts.get(region, 0) + found
    return counts


def plan(
    generation: Generation, request: SearchRequest, relaxation: Relaxation | None = None, look: Look | None = None
) -> Plan:
    """Decide how to answer, unless that is remembered; a later page keeps to the relaxation of the first."""
    if relaxation is not None and (first := plan_at_hand(generation, request)) and first.relaxation is relaxation:
        return first

    def counting(matched: Matched, filters: Filters) -> int:
        return count(generation, filters.applied_to(matched.counted))

    return generation.remember(
        _key(request, relaxation), lambda: _plan(generation, request, relaxation, look or counting)
    )


def plan_at_hand(generation: Generation, request: SearchRequest) -> Plan | None:
    """The plan of a request's first page, if it is remembered."""
    return cast("Plan | None", generation.recall(_key(request, None)))


def _key(request: SearchRequest, relaxation: Relaxation | None) -> tuple[object, ...]:
    return ("plan", request.query, request.filter, request.visible, relaxation)


def _plan(generation: Generation, request: SearchRequest, relaxation: Relaxation | None, look: Look) -> Plan:
    filters = Filters(generation.schema, request.filter, request.visible)
    if not request.query.strip():
        matched = everything()
        return Plan(matched, filters, Relaxation.NONE, look(matched, filters), None)
    for level in Relaxation if relaxation is None else (relaxation,):
        found = match(generation, request.query, level)
        if found is None:
            break
        total = look(found, filters)
        if total or relaxation is not None:
            return Plan(found, filters, level, total, _meant(generation, filters, level, total, request.query))
    return Plan(nothing(), filters, Relaxation.NONE, 0, None)


def _meant(generation: Generation, filters: Filters, level: Relaxation, total: int, query: str) -> str | None:
    if level is Relaxation.WORDS:
        return " ".join(words(query))
    return _what_finds_something(generation, filters, query) if level is Relaxation.SOME and total else None


def _what_finds_something(generation: Generation, filters: Filters, query: str) -> str | None:
    """As many words of the query as some record holds together, else as many pairs of characters."""
    pairs = [token for run in runs(query) for token in run.tokens]
    for candidates in (words(query), list(dict.fromkeys(pairs))):
        kept: list[str] = []
        for candidate in candidates[:_MOST_WORDS]:
            matched = match(generation, " ".join((*kept, candidate)))
            if matched is not None and count(generation, filters.applied_to(matched.counted)):
                kept.append(candidate)
        if kept:
            return " ".join(kept)
    return None
