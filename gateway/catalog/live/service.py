"""The doorway of live search: pages of what platforms answer now, alone or over the catalog, streams and counts."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing

from gateway.catalog.live.candidates import whole
from gateway.catalog.live.counting import count_read
from gateway.catalog.live.fanout import Read, read_all, read_each
from gateway.catalog.live.model import LiveEvent, LivePage
from gateway.catalog.live.pages import counted, hits, live_page, ranked, taken
from gateway.catalog.live.ports import Asks, HarvestAges, HarvestedCatalog, LivePlatforms
from gateway.catalog.live.questions import Question, nobody, part
from gateway.catalog.live.reading import Reading, read, read_past_invalid
from gateway.catalog.live.topping import TopUp
from gateway.catalog.live.walks import Kind, Walk, mark, read_walk
from gateway.catalog.ports import PlatformNames
from gateway.catalog.query import FacetDimension, SearchRequest
from gateway.catalog.results import Facet, ResourceKey
from gateway.catalog.validation import check_limit, check_request
from gateway.clock import Clock, utc_now
from schema.access import Access
from schema.resources import CatalogResource

Recent = Callable[[Sequence[ResourceKey], frozenset[Access]], Sequence[CatalogResource | None]]
"""Live hits of the last minutes by key."""


class LiveSearchService:
    """Satisfies the graph's port `LiveSearch`; holds nothing that has to be closed."""

    def __init__(
        self,
        platforms: LivePlatforms,
        asks: Asks,
        names: PlatformNames,
        catalog: HarvestedCatalog,
        ages: HarvestAges,
        recent: Recent,
        clock: Clock = utc_now,
    ) -> None:
        self._platforms = platforms
        self._asks = asks
        self._names = names
        self._topping = TopUp(platforms, asks, names, catalog, ages, clock)
        self._recent = recent
        self._clock = clock

    async def search(self, request: SearchRequest, *, seconds: float) -> LivePage:
        """One page of what platforms answer in so many seconds; raises CursorInvalid, InvalidInput, LimitExceeded."""
        question, walk = self._begin(request)
        parting = part(question, self._platforms)
        deadline = asyncio.get_running_loop().time() + seconds
        given = walk.given()
        readings = await read_all(self._reader(question, given), parting.asked, seconds)
        page = live_page(question, walk, readings, parting.skipped)
        again = await read_past_invalid(self._asks, question, readings, given, deadline)
        return page if again is readings else live_page(question, walk, again, parting.skipped)

    async def top_up(self, request: SearchRequest, *, seconds: float) -> LivePage:
        """The catalog, with live answers of platforms whose harvest is too old; raises also what the catalog raises."""
        check_request(request, self._names)
        return await self._topping.page(request, seconds)

    async def stream(self, request: SearchRequest, *, seconds: float) -> AsyncIterator[LiveEvent]:
        """One event for each platform, those that are not asked first, then as they answer.

        Of a filter that names no platform every one is told to be skipped; no event where none is served at all.
        A hit's cursor goes on, in a search, behind this platform's hits up to it.
        """
        question, walk = self._begin(request)
        parting = part(question, self._platforms)
        skipped = parting.skipped if parting.asked or parting.skipped else nobody(question, self._platforms)
        left, given = len(parting.asked) + len(skipped), walk.given()
        deadline = asyncio.get_running_loop().time() + seconds
        for outcome in skipped:
            left -= 1
            yield LiveEvent(outcome, (), done=left == 0)
        async with aclosing(read_each(self._reader(question, given), parting.asked, seconds)) as readings:
            async for reading in readings:
                left -= 1
                most = min(request.first, walk.room)
                page, _ = taken(ranked(question, [reading]), most)
                [last] = await read_past_invalid(self._asks, question, [reading], given, deadline)
                if last is not reading:
                    page, _ = taken(ranked(question, [last]), most)
                [outcome] = counted([last], page)
                yield LiveEvent(outcome, hits(question, walk, page), done=left == 0)

    def facets(self, page: LivePage, dimensions: Sequence[FacetDimension], limit: int) -> tuple[Facet, ...]:
        """Counts of what was read for a page, a facet for each dimension in the order asked; raises LimitExceeded."""
        check_limit(limit)
        return count_read(whole(page.read), dimensions, limit, self._names)

    def recent(self, keys: Sequence[ResourceKey], visible: frozenset[Access]) -> Sequence[CatalogResource | None]:
        """Live hits of the last minutes by key; None where they are gone or not to be seen."""
        return self._recent(keys, visible)

    def _begin(self, request: SearchRequest) -> tuple[Question, Walk]:
        check_request(request, self._names)
        walk = read_walk(request, Kind.LIVE) or Walk.begin(Kind.LIVE, request)
        return Question.of(request, self._platforms, self._clock), walk

    def _reader(self, question: Question, given: Mapping[int, Collection[int]]) -> Read:
        async def one(code: str, deadline: float) -> Reading:
            return await read(self._asks, question, code, given.get(mark(code), ()), deadline)

        return one
