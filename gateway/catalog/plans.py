"""How one request is answered: at which relaxation, with how many matches. Computed once per index generation."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tantivy import Query

from gateway.catalog.filters import Filters
from gateway.catalog.generations import Generation
from gateway.catalog.matching import Matched, Relaxation, everything, match, words
from gateway.catalog.query import SearchRequest
from gateway.catalog.text import runs
from schema.regions import region_tree

MOST_VALUES = 10_000
"""Buckets asked of an aggregation, more than any dimension has, so that counts are exact."""
_MOST_WORDS = 16
_COUNTED_AS = {"region": "place"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What matches a request, and how many per platform."""

    matched: Matched
    filters: Filters
    relaxation: Relaxation
    totals: Mapping[str, int]
    did_you_mean: str | None

    @property
    def total(self) -> int:
        """Matches in all; every record has exactly one platform."""
        return sum(self.totals.values())


def count_values(generation: Generation, query: Query, fields: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """How many matches have each value, exactly, for several fields in one pass."""
    terms = {"size": MOST_VALUES, "segment_size": MOST_VALUES}
    asked = {field: {"terms": {"field": _COUNTED_AS.get(field, field), **terms}} for field in fields}
    answer = generation.searcher.aggregate(query, asked)
    counts = {
        field: {bucket["key"]: bucket["doc_count"] for bucket in answer[field]["buckets"]} if field in answer else {}
        for field in fields
    }
    if "region" in counts:
        counts["region"] = _with_surroundings(counts["region"])
    return counts


def _with_surroundings(places: Mapping[str, int]) -> dict[str, int]:
    """Counts of regions from counts of the innermost ones; a record has one, so nothing counts twice."""
    counts: Counter[str] = Counter()
    for place, count in places.items():
        for region in region_tree().path(place):
            counts[region] += count
    return dict(counts)


def plan(generation: Generation, request: SearchRequest, relaxation: Relaxation | None = None) -> Plan:
    """Decide how to answer; a later page keeps to the relaxation of the first."""
    key = ("plan", request.query, request.filter, request.visible, relaxation)
    return generation.remember(key, lambda: _plan(generation, request, relaxation))


def _plan(generation: Generation, request: SearchRequest, relaxation: Relaxation | None) -> Plan:
    filters = Filters(generation.schema, request.filter, request.visible)
    if not request.query.strip():
        return _at(generation, everything(), filters, Relaxation.NONE)
    nothing = Plan(Matched(Query.empty_query(), Query.empty_query()), filters, Relaxation.NONE, {}, None)
    for level in Relaxation if relaxation is None else (relaxation,):
        matched = match(generation.schema, request.query, level)
        if matched is None:
            return nothing
        found = _at(generation, matched, filters, level, request.query)
        if found.total or relaxation is not None:
            return found
    return nothing


def _at(generation: Generation, matched: Matched, filters: Filters, level: Relaxation, query: str = "") -> Plan:
    totals = _totals(generation, matched, filters)
    meant = None
    if level is Relaxation.WORDS:
        meant = " ".join(words(query))
    elif level is Relaxation.SOME and totals:
        meant = _what_finds_something(generation, filters, query)
    return Plan(matched, filters, level, totals, meant)


def _totals(generation: Generation, matched: Matched, filters: Filters) -> Mapping[str, int]:
    return count_values(generation, filters.applied_to(matched.counted), ("platform",))["platform"]


def _what_finds_something(generation: Generation, filters: Filters, query: str) -> str | None:
    """As many words of the query as some record holds together, else as many pairs of characters."""
    pairs = [token for run in runs(query) for token in run.tokens]
    for candidates in (words(query), list(dict.fromkeys(pairs))):
        kept: list[str] = []
        for candidate in candidates[:_MOST_WORDS]:
            matched = match(generation.schema, " ".join((*kept, candidate)))
            if matched is not None and _totals(generation, matched, filters):
                kept.append(candidate)
        if kept:
            return " ".join(kept)
    return None
