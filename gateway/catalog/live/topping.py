"""The catalog, topped up with live answers of platforms whose harvest is too old; one walk and one order over both."""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.catalog.live.candidates import candidates
from gateway.catalog.live.fanout import read_all
from gateway.catalog.live.harvests import harvest_outcome, harvested, is_old
from gateway.catalog.live.model import LivePage, SourceOutcome
from gateway.catalog.live.pages import Ranked, Shown, counted, follows, ranked, taken
from gateway.catalog.live.ports import Asks, HarvestAge, HarvestAges, HarvestedCatalog, LivePlatforms
from gateway.catalog.live.questions import Parting, Question, part
from gateway.catalog.live.reading import Reading, read, read_past_invalid
from gateway.catalog.live.walks import OF_CATALOG, Kind, Walk, decoded, entry, mark, read_walk
from gateway.catalog.live.windows import Window
from gateway.catalog.ports import PlatformNames
from gateway.catalog.query import ResourceSort, SearchRequest
from gateway.catalog.results import Hit
from gateway.clock import Clock

FALLBACK_SHARE = 0.1
"""Share of the time that is kept for the catalog's rows of a platform that does not answer."""
MOST_WINDOWS = 3
"""Times that the catalog is searched for one page: an honest walk needs two, since rows are given out of turn only
among those of one window, and a third where harvests have moved some. What a cursor says decides no more."""
_UNKNOWN = HarvestAge()


@dataclass(frozen=True, slots=True)
class _Parts:
    """What one page is made of."""

    question: Question
    walk: Walk
    readings: Sequence[Reading]
    window: Window | None
    page: Sequence[Shown]
    rest: Sequence[Ranked]


class TopUp:
    """Answers AUTO. Which platforms are asked is decided on the first page, so that no record changes sides."""

    def __init__(
        self,
        platforms: LivePlatforms,
        asks: Asks,
        names: PlatformNames,
        catalog: HarvestedCatalog,
        ages: HarvestAges,
        clock: Clock,
    ) -> None:
        self._platforms = platforms
        self._asks = asks
        self._names = names
        self._catalog = catalog
        self._ages = ages
        self._clock = clock

    async def page(self, request: SearchRequest, seconds: float) -> LivePage:
        """The next page; the catalog's own where no platform needs to be asked. Raises what the catalog raises."""
        question = Question.of(request, self._platforms, self._clock)
        parting = part(question, self._platforms)
        codes = [*parting.asked, *(each.platform for each in parting.skipped)]
        ages = await self._ages.ages(codes)
        if request.after is None:
            now = self._clock()
            live = [code for code in parting.asked if is_old(ages.get(code, _UNKNOWN), now)]
            walk = Walk.begin(Kind.MIXED, request, live)
        else:
            found = read_walk(request, Kind.MIXED) if decoded(request.after) is not None else None
            walk = found or Walk.begin(Kind.MIXED, request)
            live = [code for code in codes if mark(code) in walk.platforms]
        if not walk.platforms:
            return await self._of_catalog(request, codes, ages)
        parts = await self._read(question, walk, parting, live, ages, seconds)
        return self._merged(parts, [code for code in codes if code not in live], ages)

    async def _of_catalog(
        self, request: SearchRequest, codes: Sequence[str], ages: Mapping[str, HarvestAge]
    ) -> LivePage:
        page = await self._catalog.search(request)
        counts = Counter(hit.resource.platform for hit in page.hits)
        return LivePage(
            hits=page.hits,
            total=page.total,
            total_is_exact=True,
            has_next=page.has_next,
            has_previous=page.has_previous,
            sources=self._harvest_outcomes(codes, ages, page.totals_by_platform, counts),
            read=candidates(hit.resource for hit in page.hits),
            did_you_mean=page.did_you_mean,
            of_catalog=True,
        )

    async def _read(
        self,
        question: Question,
        walk: Walk,
        parting: Parting,
        live: Sequence[str],
        ages: Mapping[str, HarvestAge],
        seconds: float,
    ) -> _Parts:
        """Ask the platforms while the catalog is searched, and fill the page."""
        given = walk.given()
        failures = {each.platform: each for each in parting.skipped}

        async def one(code: str, deadline: float) -> Reading:
            before = given.get(mark(code), ())
            if (failure := failures.get(code)) is None:
                reading = await read(self._asks, question, code, before, deadline - seconds * FALLBACK_SHARE)
                if reading.answered:
                    return reading
                failure = reading.outcome
            return await harvested(self._catalog, question, failure, ages.get(code, _UNKNOWN), before)

        window = self._window(question.request, walk, live, given.get(OF_CATALOG, ()))
        wanted, deadline = question.request.first, asyncio.get_running_loop().time() + seconds
        searching = asyncio.create_task(window.read(wanted)) if window else None
        try:
            readings: Sequence[Reading] = await read_all(one, live, seconds)
            rows = await searching if searching else []
        finally:
            if searching:
                searching.cancel()
        page, rest = taken(_within_bounds(ranked(question, [*readings, *rows]), walk, live), wanted)
        again = await read_past_invalid(self._asks, question, readings, given, deadline)
        if again is not readings:
            readings = again
            page, rest = taken(_within_bounds(ranked(question, [*readings, *rows]), walk, live), wanted)
        while window and window.has_next and len(page) < wanted and window.count < MOST_WINDOWS:
            more, rest = taken(ranked(question, await window.read(wanted - len(page))), wanted - len(page))
            page += more
        return _Parts(question, walk, readings, window, page, rest)

    def _window(
        self, request: SearchRequest, walk: Walk, live: Collection[str], beyond: Collection[int]
    ) -> Window | None:
        """The catalog without the platforms that are asked; None where it has no others."""
        named = request.filter.platforms
        codes = sorted({*self._names.codes(), *self._platforms.codes()}) if named is None else dict.fromkeys(named)
        rest = tuple(code for code in codes if code not in live)
        if not rest:
            return None
        others = replace(request, filter=replace(request.filter, platforms=rest), after=None)
        return Window(self._catalog, others, walk.position, beyond)

    def _merged(self, parts: _Parts, rest: Sequence[str], ages: Mapping[str, HarvestAge]) -> LivePage:
        readings, window, page = parts.readings, parts.window, parts.page
        first = parts.question.request.first
        counts = Counter(platform for _, platform, _, _ in page)
        searched = window.page if window else None
        room = sum(counts[each.outcome.platform] for each in readings) < parts.walk.room
        deeper = room and any(each.deeper for each in readings)
        more = deeper or (window is not None and window.has_next) or follows(parts.rest)
        return LivePage(
            hits=_hits(parts),
            total=sum(each.total for each in readings) + (searched.total if searched else 0),
            total_is_exact=all(each.total_is_exact for each in readings),
            has_next=more and (bool(page) or first == 0),
            has_previous=parts.question.request.after is not None,
            sources=(
                *counted(readings, page),
                *self._harvest_outcomes(rest, ages, searched.totals_by_platform if searched else {}, counts),
            ),
            read=(
                *(one for reading in readings for one in reading.records),
                *(window.resources if window else ()),
            ),
            did_you_mean=searched.did_you_mean if searched else None,
        )

    def _harvest_outcomes(
        self,
        codes: Sequence[str],
        ages: Mapping[str, HarvestAge],
        totals: Mapping[str, int],
        counts: Mapping[str, int],
    ) -> tuple[SourceOutcome, ...]:
        now = self._clock()
        every = dict.fromkeys((*codes, *totals))
        return tuple(
            harvest_outcome(code, ages.get(code, _UNKNOWN), totals.get(code, 0), counts.get(code, 0), now)
            for code in every
        )


def _within_bounds(found: list[Ranked], walk: Walk, live: Collection[str]) -> list[Ranked]:
    """Without records of platforms beyond those that one walk may give out."""
    room = walk.room
    kept: list[Ranked] = []
    for each in found:
        if each[1] in live:
            if room <= 0:
                continue
            room -= 1
        kept.append(each)
    return kept


def _hits(parts: _Parts) -> tuple[Hit, ...]:
    """Hits whose cursors go on behind each of them, in the catalog and at the platforms."""
    walk, window = parts.walk, parts.window
    # a platform that was listed and has left since has rows of the catalog, like any that is not asked
    places = {each.outcome.platform: walk.place(each.outcome.platform) for each in parts.readings}
    entries = walk.live_entries
    scored = parts.question.request.sort is ResourceSort.RELEVANCE
    hits: list[Hit] = []
    for key, platform, native_id, resource in parts.page:
        if (place := places.get(platform)) is not None:
            entries += entry(place, mark(native_id))
        elif window:
            window.give(resource)
        beyond = window.entries if window else b""
        here = replace(walk, entries=entries + beyond, position=window.position if window else "")
        hits.append(Hit(str(here), resource, -key if scored else None))
    return tuple(hits)
