"""What several platforms contributed, merged into one page."""

from collections import Counter
from collections.abc import Iterable, Sequence

from gateway.catalog.live.candidates import Candidate
from gateway.catalog.live.model import LivePage, SourceOutcome
from gateway.catalog.live.ordering import sort_keys_of
from gateway.catalog.live.questions import Question
from gateway.catalog.live.reading import Reading
from gateway.catalog.live.walks import Walk, entry, mark
from gateway.catalog.query import ResourceSort
from gateway.catalog.results import Hit
from schema.resources import CatalogResource

Ranked = tuple[float, str, str, Candidate]
"""A record behind what it is ordered by: sort key, platform, native id."""
Shown = tuple[float, str, str, CatalogResource]
"""The same of a record that is whole."""


def ranked(question: Question, readings: Iterable[Reading]) -> list[Ranked]:
    """Every fresh record in the order of the request; equals by platform and native id."""
    keys_of = sort_keys_of(question.request.sort, question.relevance)
    found: list[Ranked] = [
        (key, one.platform, one.native_id, one)
        for reading in readings
        for key, one in zip(keys_of(reading.fresh), reading.fresh, strict=True)
    ]
    found.sort()  # no two have the same platform and id, so records are never compared
    return found


def live_page(
    question: Question, walk: Walk, readings: Sequence[Reading], skipped: Sequence[SourceOutcome]
) -> LivePage:
    """The next page of a walk over platforms alone."""
    first = question.request.first
    found = ranked(question, readings)
    page, rest = taken(found, min(first, walk.room))
    more = any(reading.deeper for reading in readings) or follows(rest)
    return LivePage(
        hits=hits(question, walk, page),
        total=sum(reading.total for reading in readings),
        total_is_exact=all(reading.total_is_exact for reading in readings),
        # a page without hits has no cursor to go on from, so nothing may follow it
        has_next=more and (bool(page) or first == 0) and len(page) < walk.room,
        has_previous=question.request.after is not None,
        sources=(*counted(readings, page), *skipped),
        read=tuple(one for reading in readings for one in reading.records),
    )


def taken(found: Sequence[Ranked], most: int) -> tuple[list[Shown], Sequence[Ranked]]:
    """The first so many valid records, made whole, and what stands behind them."""
    page: list[Shown] = []
    for place, (key, platform, native_id, one) in enumerate(found):
        if len(page) == most:
            return page, found[place:]
        if (resource := one.resource()) is not None:
            page.append((key, platform, native_id, resource))
    return page, ()


def follows(rest: Iterable[Ranked]) -> bool:
    """Whether any of these records is valid; reads no further than to the first that is."""
    return any(one.resource() is not None for *_, one in rest)


def hits(question: Question, walk: Walk, page: Sequence[Shown]) -> tuple[Hit, ...]:
    """Hits with cursors that go on behind each of them."""
    walk = walk.listing([platform for _, platform, _, _ in page])
    place = walk.place
    cursors = walk.cursors([entry(place(platform), mark(native_id)) for _, platform, native_id, _ in page])
    scored = question.request.sort is ResourceSort.RELEVANCE
    return tuple(
        Hit(cursor, one, -key if scored else None) for cursor, (key, _, _, one) in zip(cursors, page, strict=True)
    )


def counted(readings: Iterable[Reading], page: Iterable[Shown]) -> list[SourceOutcome]:
    """Each platform's outcome with its hits on this page, and what it says it found as far as that is known to hold."""
    counts = Counter([platform for _, platform, _, _ in page])
    return [_with_counts(reading.outcome, counts[reading.outcome.platform], reading.told) for reading in readings]


def _with_counts(of: SourceOutcome, count: int, total: int | None) -> SourceOutcome:
    # every platform of every page passes here, and `replace` takes three times as long
    return SourceOutcome(
        of.platform,
        of.state,
        count,
        total,
        of.latency_ms,
        of.as_of,
        of.filtered_here,
        of.error_code,
        of.message,
    )
