"""From a search request to the question each platform is asked, and to those that are not asked and why."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic.alias_generators import to_camel

from connectors.records import LiveQuery
from gateway.catalog.live.conditions import Conditions
from gateway.catalog.live.model import SourceOutcome, SourceState
from gateway.catalog.live.ports import LivePlatforms
from gateway.catalog.live.relevance import Relevance
from gateway.catalog.live.walks import DEEPEST
from gateway.catalog.query import ResourceFilter, ResourceSort, SearchRequest
from gateway.clock import Clock
from gateway.identity import lies_within
from schema.access import Access
from schema.vocabularies import VocabularyScheme, vocabulary

SPOKEN = ("stages", "grades", "subjects", "kinds", "teaching_modes", "editions", "languages", "regions")
"""Conditions that a platform's own search can be asked for; all others are applied here alone."""
MOST_ASKED = 200
"""Platforms that one search asks at once."""
WIDER = 3
"""How many times more records are asked for where some will be dropped here."""
_HEADING = 3
"""Subjects with so many narrower ones are headings, under which platforms file little."""
_TIERS = tuple(Access)


@dataclass(frozen=True, slots=True)
class Question:
    """A search request taken apart once, for every platform alike.

    `unspoken` are conditions, in GraphQL spelling, that no platform's search has a word for.
    """

    request: SearchRequest
    conditions: Conditions
    relevance: Relevance
    filters: Mapping[str, tuple[str, ...]]
    unspoken: tuple[str, ...]

    @classmethod
    def of(cls, request: SearchRequest, platforms: LivePlatforms, clock: Clock) -> "Question":
        """Take a request apart."""
        filters, unspoken = _taken_apart(request.filter)
        conditions = Conditions(request.filter, platforms)
        return cls(request, conditions, Relevance(request.query, clock()), filters, unspoken)

    def depth(self, given: int) -> int:
        """How many records a platform is asked for that has given so many already."""
        wanted = given + max(self.request.first, 1)
        return min(wanted * WIDER if self.unspoken else wanted, DEEPEST)

    def asked(self, first: int) -> LiveQuery:
        """What a platform is asked."""
        sort = self.request.sort
        order = None if sort is ResourceSort.RELEVANCE else sort.value
        return LiveQuery(self.request.query, self.filters, order, first)


@dataclass(frozen=True, slots=True)
class Parting:
    """The platforms a search is about: those to ask, and those that are not, with the reason."""

    asked: tuple[str, ...]
    skipped: tuple[SourceOutcome, ...]


def part(question: Question, platforms: LivePlatforms) -> Parting:
    """Decide whom to ask; platforms that the filter does not name are not part of the search."""
    listed, searchable, suspended = platforms.codes(), platforms.searchable(), platforms.suspended()
    named = question.request.filter.platforms
    codes = listed if named is None else _in_order(named, listed)
    asked: list[str] = []
    skipped: list[SourceOutcome] = []
    nothing = _nothing_matches(question)
    for code in codes:
        if code not in listed:
            reason: str | None = "it is not served at present"
        elif code not in searchable:
            reason = "it is suspended" if code in suspended else "it has no search of its own"
        else:
            reason = nothing or _excluded(question.request, code, platforms)
            if reason is None and len(asked) == MOST_ASKED:
                reason = f"one search asks {MOST_ASKED} platforms at most; name it in the filter"
        if reason is None:
            asked.append(code)
        else:
            skipped.append(SourceOutcome(code, SourceState.SKIPPED, message=reason))
    return Parting(tuple(asked), tuple(skipped))


def nobody(question: Question, platforms: LivePlatforms) -> tuple[SourceOutcome, ...]:
    """Every listed platform, for a filter that names none: a stream has no other way to say that it is over."""
    reason = _nothing_matches(question)
    return tuple(SourceOutcome(code, SourceState.SKIPPED, message=reason) for code in platforms.codes())


def _in_order(named: Sequence[str], listed: Sequence[str]) -> list[str]:
    return [code for code in listed if code in named] + [code for code in dict.fromkeys(named) if code not in listed]


def _nothing_matches(question: Question) -> str | None:
    if question.relevance.finds_nothing:
        return "the query holds nothing to look for"
    wanted = question.request.filter
    empty = next((name for name in ResourceFilter.__dataclass_fields__ if getattr(wanted, name) == ()), None)
    return f"filter.{to_camel(empty)} is an empty list, which matches nothing" if empty else None


def _excluded(request: SearchRequest, code: str, platforms: LivePlatforms) -> str | None:
    """Why none of a platform's records could be shown; None where some could."""
    narrowest = platforms.access(code)
    tiers = _TIERS[_TIERS.index(narrowest) :]
    if request.visible.isdisjoint(tiers):
        return "its resources may not be shown to this viewer"
    wanted = request.filter
    if wanted.access is not None and request.visible.intersection(wanted.access).isdisjoint(tiers):
        return f"its resources are of none of the tiers of filter.access: {', '.join(wanted.access)}"
    region = platforms.region(code)
    if wanted.regions is None or region is None:
        return None
    if any(lies_within(region, one) or lies_within(one, region) for one in wanted.regions):
        return None
    return f"its region {region} and those of filter.regions lie apart"


def _taken_apart(wanted: ResourceFilter) -> tuple[Mapping[str, tuple[str, ...]], tuple[str, ...]]:
    filters: dict[str, tuple[str, ...]] = {}
    unspoken: list[str] = []
    for name in ResourceFilter.__dataclass_fields__:
        value = getattr(wanted, name)
        if value is None or name == "platforms":
            continue
        if name in SPOKEN:
            filters[to_camel(name)] = _without_headings(name, tuple(map(str, value)))
        else:
            unspoken.append(to_camel(name))
    return filters, tuple(unspoken)


def _without_headings(name: str, codes: tuple[str, ...]) -> tuple[str, ...]:
    """Codes as platforms file under them: 英语 and 日语 beside 外语, but 数学 and 人教版 alone."""
    if name != "subjects":
        return codes
    return tuple(dict.fromkeys(one for code in codes for one in (code, *_below_heading(code))))


@functools.cache
def _below_heading(code: str) -> tuple[str, ...]:
    terms = vocabulary(VocabularyScheme.SUBJECT).terms.values()
    below = tuple(term.code for term in terms if term.broader == code)
    return below if len(below) >= _HEADING else ()
