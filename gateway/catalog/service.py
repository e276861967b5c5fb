"""The catalog's doorway: search, facets, suggestions, single resources, and keeping the index up with the database."""

import asyncio
import contextlib
import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, TypeVarTuple

from aiocache.base import BaseCache
from orjson import dumps, loads
from tantivy import Query

from gateway.catalog.catching_up import IndexKeeper
from gateway.catalog.changes import newest_change
from gateway.catalog.cursors import read_cursor
from gateway.catalog.facets import count_facets, counted
from gateway.catalog.highlights import highlight
from gateway.catalog.index import CatalogIndex
from gateway.catalog.plans import count_values
from gateway.catalog.ports import PlatformNames
from gateway.catalog.query import FacetDimension, ResourceSort, SearchRequest
from gateway.catalog.reading import read_copies, read_resources
from gateway.catalog.relating import read_related
from gateway.catalog.results import Facet, Highlight, RelatedPage, ResourceKey, SearchPage, Suggestion, SuggestionKind
from gateway.catalog.searching import search_page
from gateway.catalog.suggestions import Completions, Pace
from gateway.catalog.validation import check_first, check_limit, check_query, check_request
from gateway.clock import Clock, utc_now
from gateway.storage import Database
from schema.access import Access
from schema.relations import Relation
from schema.resources import CatalogResource

_Value = TypeVar("_Value")
_Arguments = TypeVarTuple("_Arguments")
SEARCH_THREADS = 4
SUGGEST_TTL = 300
"""Seconds; an entry dies with its index generation, this only frees the memory."""


class CatalogService:
    """Everything that is asked of the catalog.

    Searches read the index in threads; records by key come from the database. Made by `open_catalog`; closed by
    `aclose` or at the end of an `async with`.
    """

    def __init__(
        self,
        database: Database,
        keeper: IndexKeeper,
        platforms: PlatformNames,
        cache: BaseCache | None = None,
    ) -> None:
        self._database = database
        self._keeper = keeper
        self._index = keeper.index
        self._platforms = platforms
        self._cache = cache
        self._threads = ThreadPoolExecutor(SEARCH_THREADS, thread_name_prefix="catalog-search")
        self._completions: Completions | None = None
        self._completing: asyncio.Task[Completions] | None = None
        self._pace = Pace()
        self._complete_again = 0.0

    @property
    def generation(self) -> str:
        """The state of the index that is searched now, equal in every process that has it open; raises NotReady."""
        return self._index.generation.token

    async def search(
        self, request: SearchRequest, *, by_platform: bool = True, facets: Sequence[FacetDimension] = ()
    ) -> SearchPage:
        """One page; raises InvalidInput, LimitExceeded, CursorInvalid, CursorExpired or NotReady.

        Whoever needs no totals by platform leaves them out; dimensions named in `facets` are counted on the way, so
        that `facets` has them at hand.
        """
        check_request(request, self._platforms)
        cursor = read_cursor(request)
        generation = current = self._index.generation
        ranked = request.sort is ResourceSort.RELEVANCE
        if cursor is not None and ranked:
            generation = self._index.retained.find(cursor.generation, current)
        along = facets if cursor is None else ()  # facets are those of the first page's plan
        searching = functools.partial(search_page, by_platform=by_platform, facets=along)
        page = await self._in_thread(searching, generation, request, cursor)
        if ranked and page.has_next:
            self._index.retained.keep(generation)
        return page

    async def facets(
        self, request: SearchRequest, dimensions: Sequence[FacetDimension], limit: int = 20
    ) -> tuple[Facet, ...]:
        """Counts of the whole result by dimension, each ignoring the filter on its own dimension."""
        check_request(request, self._platforms)
        check_limit(limit)
        generation = self._index.generation
        if counted(generation, request, dimensions):
            return count_facets(generation, request, dimensions, limit, self._platforms)
        return await self._in_thread(count_facets, generation, request, dimensions, limit, self._platforms)

    async def suggest(self, prefix: str, first: int, visible: frozenset[Access]) -> tuple[Suggestion, ...]:
        """Completions with exact counts of visible resources; new titles join within seconds."""
        check_first(first)
        check_query(prefix, "prefix")
        completions = await self._current_completions()
        generation = self._index.generation
        key = f"suggest:{generation.token}:{completions.token}:{first}:{','.join(sorted(visible))}:{prefix}"
        remembered = await self._cache.get(key) if self._cache else None
        if remembered is not None:
            return tuple(Suggestion(text, SuggestionKind(kind), count) for text, kind, count in loads(remembered))
        found = tuple(await self._in_thread(completions.complete, generation, prefix, first, visible))
        if self._cache:
            await self._cache.set(key, dumps([[each.text, each.kind, each.count] for each in found]), ttl=SUGGEST_TTL)
        return found

    def highlights(self, query: str, resource: CatalogResource) -> tuple[Highlight, ...]:
        """Escaped fragments of a result with `<em>` around what the query matched."""
        return highlight(query, resource)

    async def resources(self, keys: Sequence[ResourceKey], visible: frozenset[Access]) -> list[CatalogResource | None]:
        """Resources in the order of their keys; None where missing, withdrawn or not to be seen."""
        return await read_resources(self._database, keys, visible)

    async def copies(
        self, keys: Sequence[ResourceKey], visible: frozenset[Access]
    ) -> list[tuple[CatalogResource, ...]]:
        """Other records of the same work for each key, in platform order."""
        return await read_copies(self._database, keys, visible)

    async def related(
        self,
        key: ResourceKey,
        relations: Collection[Relation] | None,
        first: int,
        after: str | None,
        visible: frozenset[Access],
    ) -> RelatedPage:
        """A page of the links of one resource, stated by it or at the other end."""
        check_first(first)
        return await read_related(self._database, key, relations, first, after, visible)

    async def counts_by_platform(self) -> Mapping[str, int]:
        """Live records of all tiers that the index holds for each platform."""
        generation = self._index.generation
        return await self._in_thread(
            lambda: generation.remember(
                "platforms", lambda: count_values(generation, Query.all_query(), ("platform",))["platform"]
            )
        )

    async def progress(self) -> tuple[int, int]:
        """Numbers of the last change that the index holds, and of the last one that there is in the database."""
        return self._index.sequence, await newest_change(self._database)

    async def catch_up(self) -> int:
        """Index every change since the last one; where another process writes, see what it did. Returns how many."""
        return await self._keeper.catch_up()

    async def rebuild(self) -> None:
        """Build the index anew beside the present one, which answers until the new one is ready."""
        await self._keeper.rebuild()

    async def follow(self, interval: float, stopping: asyncio.Event) -> None:
        """Catch up every so many seconds until told to stop; the first suggestions are prepared meanwhile."""
        if self._completing is None:
            self._completing = asyncio.create_task(self._complete_anew())
        await self._keeper.follow(interval, stopping)

    async def aclose(self) -> None:
        """End background work and close the index; the database stays open."""
        if self._completing is not None:
            self._pace.hurried = True
            with contextlib.suppress(Exception):
                await self._completing
        await self._keeper.aclose()
        self._threads.shutdown()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _in_thread(self, work: Callable[[*_Arguments], _Value], *arguments: *_Arguments) -> _Value:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def _current_completions(self) -> Completions:
        """The completions at hand; the first ones are waited for, newer ones are built in the background."""
        generation = self._index.generation
        if self._completions is not None and self._completions.token == generation.token:
            return self._completions
        self._pace.hurried = self._completions is None
        now = asyncio.get_running_loop().time()
        if (self._completing is None or self._completing.done()) and now >= self._complete_again:
            self._completing = asyncio.create_task(self._complete_anew())
        if self._completions is None and self._completing is not None:
            return await asyncio.shield(self._completing)
        if self._completions is None:
            return await self._complete_anew()
        return self._completions

    async def _complete_anew(self) -> Completions:
        clock = asyncio.get_running_loop().time
        began = clock()
        arguments = self._index.generation, self._pace, self._completions
        self._completions = completions = await self._in_thread(Completions, *arguments)
        self._pace.hurried = False
        self._complete_again = clock() + 3 * (clock() - began)  # with its pauses about a tenth of one thread
        return completions


async def open_catalog(
    database: Database,
    index_dir: Path,
    platforms: PlatformNames,
    clock: Clock = utc_now,
    cache: BaseCache | None = None,
) -> CatalogService:
    """Open the index, build it anew where it is missing, damaged or foreign, and bring it up to the database.

    Completions, which are asked for at every keystroke, are remembered in `cache` until the index changes.
    """
    keeper = IndexKeeper(database, CatalogIndex(index_dir, platforms), clock)
    try:
        await keeper.open()
    except BaseException:
        await keeper.aclose()
        raise
    return CatalogService(database, keeper, platforms, cache)
