"""AUTO: the catalog, with live answers of platforms whose harvest is too old."""

import asyncio
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.catalog import CatalogService, Hit, ResourceFilter, ResourceSort, SearchPage, SearchRequest
from gateway.catalog.documents import document_key
from gateway.catalog.live.model import LivePage, SourceState
from gateway.catalog.live.ports import HarvestAge
from gateway.catalog.live.walks import MOST_GIVEN, OF_CATALOG, Kind, Walk, entry, mark
from gateway.errors import CursorExpired, CursorInvalid, NotReady
from gateway.storage import open_database
from schema.resources import ResourceRecord
from tests.gateway.catalog.conftest import Catalog
from tests.gateway.catalog.live.world import Harvests, Platform, World, lessons, named, resource, run, service
from tests.gateway.catalog.store import NOW, opened, put, record, seeded

DAY = timedelta(days=1)
FRESH, OLD = HarvestAge(NOW - DAY / 2, DAY), HarvestAge(NOW - 2 * DAY, DAY)
REQUEST = SearchRequest("勾股", first=10)


def world_of(**platforms: Platform) -> World:
    """Platforms of the catalog's own codes."""
    return World({code: platforms.get(code, Platform()) for code in ("chongqing", "yuzhong", "zibo", "national")})


def harvests(**ages: HarvestAge) -> Harvests:
    return Harvests({**dict.fromkeys(("chongqing", "yuzhong", "zibo", "national"), FRESH), **ages})


class Counted:
    """A catalog that remembers what it was asked."""

    def __init__(self, catalog: Catalog) -> None:
        self._service = catalog.service
        self.asked: list[SearchRequest] = []

    async def search(self, request: SearchRequest) -> SearchPage:
        self.asked.append(request)
        return await self._service.search(request)


async def top_up(
    catalog: Any, world: World, ages: Harvests, request: SearchRequest = REQUEST, seconds: float = 1.0
) -> LivePage:
    searched = catalog.service if isinstance(catalog, Catalog) else catalog
    return await service(world, searched, ages).top_up(request, seconds=seconds)


async def walked(
    catalog: Any,
    world: World,
    ages: Harvests,
    request: SearchRequest,
    between: Any = None,
    seconds: float = 1.0,
) -> list[LivePage]:
    pages = []
    while True:
        pages.append(await top_up(catalog, world, ages, request, seconds))
        assert len(pages) < 500
        if not pages[-1].has_next:
            return pages
        request = replace(request, after=pages[-1].hits[-1].cursor)
        if between:
            await between()


def sources(page: LivePage) -> dict[str, tuple[SourceState, int]]:
    return {source.platform: (source.state, source.count) for source in page.sources}


@pytest.mark.parametrize("sort", list(ResourceSort))
async def test_with_no_harvest_too_old_the_page_is_the_catalogs(catalog: Catalog, sort: ResourceSort) -> None:
    await catalog.put("chongqing", *lessons(7))
    await catalog.put("zibo", *lessons(7))
    world, ages = world_of(chongqing=Platform(lessons(99))), harvests(zibo=HarvestAge(NOW - 99 * DAY))
    request = replace(REQUEST, sort=sort)
    page = await top_up(catalog, world, ages, request)
    expected = await catalog.service.search(request)
    assert page.hits == expected.hits
    assert (page.total, page.total_is_exact, page.has_next) == (14, True, True)
    assert page.of_catalog
    assert world.asked == []
    assert sum(count for _, count in sources(page).values()) == 10
    assert {state for state, _ in sources(page).values()} == {SourceState.OK}
    assert {source.as_of for source in page.sources} == {FRESH.harvested_at, NOW - 99 * DAY}
    after = await top_up(catalog, world, ages, replace(request, after=page.hits[-1].cursor))
    assert after.hits == (await catalog.service.search(replace(request, after=expected.hits[-1].cursor))).hits
    assert after.has_previous


async def test_an_old_platform_is_asked_and_the_others_come_from_the_catalog(catalog: Catalog) -> None:
    await catalog.put("chongqing", *lessons(3), record("withdrawn", "勾股定理 旧"))
    await catalog.put("zibo", *lessons(4))
    world = world_of(chongqing=Platform([*lessons(3), record("new", "勾股定理 新")]), zibo=Platform(lessons(9, "x")))
    page = await top_up(catalog, world, harvests(chongqing=OLD), replace(REQUEST, first=20))
    assert [code for code, _ in world.asked] == ["chongqing"]
    assert sorted(named(page)) == [
        *(("chongqing", native_id) for native_id in ("n0", "n1", "n2", "new")),
        *(("zibo", f"n{number}") for number in range(4)),
    ]
    assert sources(page)["chongqing"] == (SourceState.OK, 4)
    assert sources(page)["zibo"] == (SourceState.OK, 4)
    assert (page.total, page.total_is_exact, page.has_next, page.of_catalog) == (8, True, False, False)
    assert len(page.read) == 8
    scores = [hit.score for hit in page.hits]
    assert scores == sorted((score or 0 for score in scores), reverse=True)


@pytest.mark.parametrize("age", [None, HarvestAge(), HarvestAge(None, DAY)])
async def test_what_was_never_harvested_is_asked(catalog: Catalog, age: HarvestAge | None) -> None:
    ages = harvests()
    ages.known.pop("yuzhong")
    if age is not None:
        ages.known["yuzhong"] = age
    world = world_of(yuzhong=Platform(lessons(2)))
    page = await top_up(catalog, world, ages)
    assert [code for code, _ in world.asked] == ["yuzhong"]
    assert len(page.hits) == 2


@pytest.mark.parametrize("fails", [SourceState.FAILED, None])
async def test_an_old_platform_that_fails_is_answered_from_its_harvest(
    catalog: Catalog, fails: SourceState | None
) -> None:
    await catalog.put("chongqing", *lessons(25))
    await catalog.put("zibo", *lessons(2))
    world = world_of(chongqing=Platform(lessons(5), fails=fails, seconds=0.0 if fails else 1_000.0))
    pages = await walked(catalog, world, harvests(chongqing=OLD), replace(REQUEST, first=20), seconds=0.2)
    [source] = [each for each in pages[0].sources if each.platform == "chongqing"]
    assert (source.state, source.as_of, source.total) == (SourceState.STALE, OLD.harvested_at, 25)
    assert source.error_code == ("UPSTREAM_FAILURE" if fails else "UPSTREAM_TIMEOUT")
    seen = [key for page in pages for key in named(page)]
    assert len(seen) == len(set(seen)) == 27
    assert [page.total for page in pages] == [27, 27]


class Slow:
    """A catalog of one row that takes a moment."""

    async def search(self, request: SearchRequest) -> SearchPage:
        await asyncio.sleep(0.05)
        hit = Hit("cursor", resource("chongqing", record("kept")), None)
        return SearchPage((hit,), 1, has_next=False, has_previous=False, totals_by_platform={"chongqing": 1})


def test_the_harvest_stands_in_within_the_deadline() -> None:
    world = world_of(chongqing=Platform(seconds=1_000.0))

    async def timed() -> tuple[LivePage, float]:
        alone = replace(REQUEST, filter=ResourceFilter(platforms=("chongqing",)))
        page = await top_up(Slow(), world, harvests(chongqing=OLD), alone, seconds=2.0)
        return page, asyncio.get_running_loop().time()

    page, took = run(timed())
    assert took <= 2.0
    assert sources(page)["chongqing"] == (SourceState.STALE, 1)


async def test_what_fails_and_was_never_harvested_stays_failed(catalog: Catalog) -> None:
    world = world_of(yuzhong=Platform(fails=SourceState.REFUSED))
    page = await top_up(catalog, world, harvests(yuzhong=HarvestAge()))
    assert sources(page)["yuzhong"] == (SourceState.REFUSED, 0)
    assert not page.total_is_exact


async def test_an_old_platform_that_cannot_be_asked_is_stale(catalog: Catalog) -> None:
    await catalog.put("chongqing", *lessons(3))
    world = world_of(chongqing=Platform(searches=False), yuzhong=Platform(searches=False))
    page = await top_up(catalog, world, harvests(chongqing=OLD, yuzhong=HarvestAge()))
    assert page.of_catalog
    assert sources(page)["chongqing"] == (SourceState.STALE, 3)
    assert sources(page)["yuzhong"] == (SourceState.SKIPPED, 0)


def some(chance: random.Random, count: int, prefix: str) -> list[ResourceRecord]:
    return [
        record(
            f"{prefix}{number}",
            chance.choice(["勾股定理", "讲勾股", "函数"]),
            summary="勾股",
            use_count=chance.choice([None, 1, 2]),
            published_at=NOW - timedelta(days=chance.randrange(900)),
        )
        for number in range(count)
    ]


STORED, LIVE = some(seeded(1), 180, "s"), some(seeded(2), 60, "l")


@pytest.fixture(scope="module")
def library(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogService]:
    """A catalog of many records of one platform, and some of another that is asked live."""
    folder = tmp_path_factory.mktemp("library")
    shutil.copyfile(sqlite_template, folder / "catalog.db")
    database = open_database(f"sqlite+aiosqlite:///{folder / 'catalog.db'}")

    async def fill() -> CatalogService:
        await put(database, "zibo", *STORED)
        await put(database, "chongqing", *LIVE[:30])
        found = await opened(database, folder / "index")
        await database.aclose()
        return found

    service = asyncio.run(fill())
    yield service
    asyncio.run(service.aclose())


@pytest.mark.parametrize("sort", list(ResourceSort))
@pytest.mark.parametrize("first", [3, 20, 100])
def test_a_walk_over_both_sees_everything_once(library: CatalogService, sort: ResourceSort, first: int) -> None:
    world = world_of(chongqing=Platform(LIVE))
    request = replace(REQUEST, sort=sort, first=first)
    pages = asyncio.run(walked(library, world, harvests(chongqing=OLD), request))
    seen = [key for page in pages for key in named(page)]
    expected = {*(("zibo", one.native_id) for one in STORED), *(("chongqing", one.native_id) for one in LIVE)}
    assert len(seen) == len(set(seen))
    assert set(seen) == expected
    assert all(len(page.hits) == first for page in pages[:-1])
    assert max(len(hit.cursor) for page in pages for hit in page.hits) < 2_000


def test_platforms_give_a_thousand_records_to_a_walk_and_the_catalog_all_it_has(library: CatalogService) -> None:
    codes = [f"p{number}" for number in range(8)]
    world = World({**{code: Platform(lessons(300)) for code in codes}, "zibo": Platform(), "chongqing": Platform()})
    ages = harvests(**dict.fromkeys(codes, OLD))
    pages = asyncio.run(walked(library, world, ages, replace(REQUEST, first=100)))
    seen = [key for page in pages for key in named(page)]
    assert len(seen) == len(set(seen))
    assert len([code for code, _ in seen if code in codes]) == MOST_GIVEN
    assert len([code for code, _ in seen if code not in codes]) == len(STORED) + 30
    assert max(len(hit.cursor) for page in pages for hit in page.hits) < 8_192


class Long:
    """A catalog of 2,000 rows, which counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def search(self, request: SearchRequest) -> SearchPage:
        self.asked += 1
        begin = int(request.after or 0)
        rows = range(begin, min(begin + request.first, 2_000))
        hits = tuple(Hit(str(number + 1), resource("zibo", record(f"n{number}", "勾股定理")), None) for number in rows)
        return SearchPage(hits, 2_000, has_next=rows.stop < 2_000, has_previous=False, totals_by_platform={})


@pytest.mark.parametrize(("said", "searches", "hits"), [(0, 1, 1), (99, 1, 1), (150, 2, 1), (250, 3, 1), (1_100, 3, 0)])
def test_what_a_cursor_says_was_given_costs_three_searches_at_most(said: int, searches: int, hits: int) -> None:
    catalog, request = Long(), replace(REQUEST, first=1)
    entries = b"".join(entry(OF_CATALOG, mark(document_key("zibo", f"n{number}"))) for number in range(said))
    forged = replace(Walk.begin(Kind.MIXED, request, ["yuzhong"]), entries=entries)
    page = run(top_up(catalog, world_of(), harvests(), replace(request, after=str(forged))))
    assert (catalog.asked, len(page.hits), page.has_next) == (searches, hits, bool(hits))


def test_an_honest_walk_fills_its_pages_with_two_searches_each() -> None:
    catalog, world, request = Long(), world_of(yuzhong=Platform(lessons(150, "x"))), replace(REQUEST, first=100)
    for _ in range(21):
        catalog.asked = 0
        page = run(top_up(catalog, world, harvests(yuzhong=OLD), request))
        assert (len(page.hits), catalog.asked <= 2) == (100, True)
        request = replace(request, after=page.hits[-1].cursor)


async def test_a_walk_keeps_to_whom_it_asked_though_harvests_age_and_platforms_fail(catalog: Catalog) -> None:
    stored = {code: lessons(25) for code in ("zibo", "chongqing", "national")}
    for code, records in stored.items():
        await catalog.put(code, *records)
    world = world_of(**{code: Platform(records) for code, records in stored.items()})
    ages, chance = harvests(chongqing=OLD, national=OLD), seeded(5)

    async def disturb() -> None:
        ages.known["zibo"] = chance.choice([OLD, FRESH])
        ages.known["chongqing"] = chance.choice([OLD, FRESH])
        world.platforms["chongqing"].fails = chance.choice([SourceState.FAILED, None])
        world.platforms["national"].searches = chance.random() < 0.7

    pages = await walked(catalog, world, ages, replace(REQUEST, first=7), disturb)
    seen = [key for page in pages for key in named(page)]
    assert len(seen) == len(set(seen)) == 75
    assert {code for code, _ in world.asked} == {"chongqing", "national"}


async def test_a_catalog_walk_stays_one_though_a_harvest_becomes_too_old(catalog: Catalog) -> None:
    await catalog.put("chongqing", *lessons(25))
    world, ages = world_of(chongqing=Platform(lessons(40))), harvests()

    async def age() -> None:
        ages.known["chongqing"] = OLD

    pages = await walked(catalog, world, ages, REQUEST, age)
    assert sorted(key for page in pages for key in named(page)) == sorted(("chongqing", f"n{n}") for n in range(25))
    assert world.asked == []


async def test_the_catalog_is_asked_once_for_a_page_and_never_without_need(catalog: Catalog) -> None:
    await catalog.put("zibo", *lessons(50))
    counted = Counted(catalog)
    world = world_of(chongqing=Platform(lessons(50)))
    await top_up(counted, world, harvests(chongqing=OLD))
    assert [request.filter.platforms for request in counted.asked] == [("national", "yuzhong", "zibo")]
    only = replace(REQUEST, filter=ResourceFilter(platforms=("chongqing",)))
    page = await top_up(counted, world, harvests(chongqing=OLD), only)
    assert len(counted.asked) == 1
    assert len(page.hits) == 10
    assert list(sources(page)) == ["chongqing"]


async def test_nothing_follows_where_no_record_behind_the_page_is_valid(catalog: Catalog) -> None:
    await catalog.put("zibo", *lessons(4))
    records = [*lessons(6, "a"), *lessons(30, "b", summary="别的")]
    invalid = ["a0", *(f"b{number}" for number in range(30))]
    world = world_of(chongqing=Platform(records, invalid=invalid))
    page = await top_up(catalog, world, harvests(chongqing=OLD), replace(REQUEST, first=9))
    assert len(page.hits) == 9
    assert (page.total, page.total_is_exact, page.has_next) == (9, True, False)
    world = world_of(chongqing=Platform(lessons(6, "a")))
    page = await top_up(catalog, world, harvests(chongqing=OLD), replace(REQUEST, first=6))
    assert (page.total, page.total_is_exact, page.has_next) == (10, False, True)


async def test_a_corrected_query_of_the_catalog_is_passed_on(catalog: Catalog) -> None:
    await catalog.put("zibo", *lessons(2))
    page = await top_up(catalog, world_of(), harvests(chongqing=OLD), SearchRequest("勾股定律"))
    assert page.did_you_mean == "勾股"
    page = await top_up(catalog, world_of(), harvests(), SearchRequest("勾股定律"))
    assert page.did_you_mean == "勾股"


async def test_cursors_of_other_walks_are_refused(catalog: Catalog) -> None:
    await catalog.put("zibo", *lessons(20))
    world, ages = world_of(chongqing=Platform(lessons(20))), harvests(chongqing=OLD)
    page = await top_up(catalog, world, ages)
    cursor = page.hits[-1].cursor
    with pytest.raises(CursorInvalid, match="another query or filter"):
        await top_up(catalog, world, ages, replace(REQUEST, query="定理", after=cursor))
    with pytest.raises(CursorInvalid, match="another mode"):
        await service(world).search(replace(REQUEST, after=cursor), seconds=1)
    live = await service(world).search(REQUEST, seconds=1)
    with pytest.raises(CursorInvalid, match="another mode"):
        await top_up(catalog, world, ages, replace(REQUEST, after=live.hits[-1].cursor))
    with pytest.raises(CursorInvalid, match="is no cursor"):
        await top_up(catalog, world, ages, replace(REQUEST, after="nonsense"))


async def test_a_walk_expires_where_a_platform_joins(catalog: Catalog) -> None:
    await catalog.put("zibo", *lessons(20))
    world, ages = world_of(chongqing=Platform(lessons(20))), harvests(chongqing=OLD)
    joining = world.platforms.pop("national")
    page = await top_up(catalog, world, ages)
    world.platforms["national"] = joining
    with pytest.raises(CursorExpired, match="joined or left"):
        await top_up(catalog, world, ages, replace(REQUEST, after=page.hits[-1].cursor))


class Building:
    async def search(self, request: SearchRequest) -> SearchPage:
        raise NotReady("the search index is being built; try again in a moment")


async def test_without_an_index_only_searches_that_need_none_are_answered() -> None:
    world = world_of(chongqing=Platform(lessons(3)), yuzhong=Platform(fails=SourceState.FAILED))
    ages = harvests(chongqing=OLD, yuzhong=OLD)
    with pytest.raises(NotReady):
        await top_up(Building(), world, ages)
    await asyncio.sleep(0)
    assert world.waiting == 0
    alone = replace(REQUEST, filter=ResourceFilter(platforms=("chongqing", "yuzhong")))
    page = await top_up(Building(), world, ages, alone)
    assert sources(page) == {"chongqing": (SourceState.OK, 3), "yuzhong": (SourceState.FAILED, 0)}
