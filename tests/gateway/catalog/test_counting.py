"""What a plan counts, when, and that short cuts answer what the long way does."""

import base64
import random
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from tantivy import Searcher

from gateway.catalog import FacetDimension, ResourceFilter, ResourceSort, SearchRequest
from gateway.catalog.cursors import Cursor, written_cursors
from gateway.catalog.generations import Generation
from gateway.catalog.matching import Relaxation, match
from gateway.catalog.plans import count, count_values
from gateway.storage import open_database
from schema.stages import Stage
from tests.gateway.catalog.conftest import Catalog
from tests.gateway.catalog.store import opened, record, seeded
from tests.services.postgres import outside_the_loop

TITLES = ("勾股定理", "勾股定理 导学案", "函数的图像", "唐诗 鉴赏", "勾股 与 函数", "python 入门")
QUERIES = ("勾股定理", "勾股", "函数", "股", "唐诗 勾股", "python", "定理 量子", "")
FACETS = (FacetDimension.PLATFORM, FacetDimension.STAGE, FacetDimension.REGION)


class Counting:
    """A searcher that remembers what it was asked."""

    def __init__(self, searcher: Any) -> None:
        self._searcher = searcher
        self.asked: list[str] = []

    def search(self, *arguments: Any, **options: Any) -> Any:
        self.asked.append("search")
        return self._searcher.search(*arguments, **options)

    def aggregate(self, query: Any, asked: dict[str, Any]) -> Any:
        self.asked.append(" ".join(asked))
        return self._searcher.aggregate(query, asked)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._searcher, name)


@pytest.fixture(scope="module")
def stored(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Database and index of two platforms, to be copied."""
    folder = tmp_path_factory.mktemp("counting")
    shutil.copyfile(sqlite_template, folder / "catalog.db")

    async def fill() -> None:
        chance = seeded(3)
        async with catalog_of(folder) as catalog:
            for platform in ("chongqing", "zibo"):
                await catalog.put(platform, *[_random(chance, number) for number in range(40)])

    outside_the_loop(fill())
    return folder


@pytest.fixture
async def filled(stored: Path, tmp_path: Path) -> AsyncIterator[Catalog]:
    shutil.copytree(stored, tmp_path, dirs_exist_ok=True)
    async with catalog_of(tmp_path) as catalog:
        yield catalog


@asynccontextmanager
async def catalog_of(folder: Path) -> AsyncIterator[Catalog]:
    """The catalog whose database and index are in a folder."""
    database = open_database(f"sqlite+aiosqlite:///{folder / 'catalog.db'}")
    async with await opened(database, folder / "index") as service:
        yield Catalog(service, database, folder / "index")
    await database.aclose()


def _random(chance: random.Random, number: int) -> Any:
    stages = tuple(chance.sample(list(Stage)[:3], chance.randrange(3)))
    return record(f"n{number}", chance.choice(TITLES), summary=chance.choice((None, *TITLES)), stages=stages)


def counting(catalog: Catalog) -> Counting:
    """What is asked of the index from now on."""
    generation: Generation = catalog.service._index.generation
    watched = Counting(generation.searcher)
    generation.searcher = cast("Searcher", watched)
    return watched


async def test_a_page_and_its_facets_take_one_search_and_one_count(filled: Catalog) -> None:
    watched = counting(filled)
    request = SearchRequest("勾股")
    page = await filled.service.search(request, by_platform=False, facets=FACETS)
    facets = await filled.service.facets(request, FACETS)
    assert watched.asked == ["search", "platform stage region"]
    assert page.totals_by_platform == {}
    assert sum(bucket.count for bucket in facets[0].buckets) == page.total


async def test_totals_by_platform_are_those_of_the_facet_unless_platforms_are_a_condition(filled: Catalog) -> None:
    watched = counting(filled)
    free = SearchRequest("勾股")
    await filled.service.search(free, facets=FACETS)
    assert watched.asked == ["search", "platform stage region"]
    watched.asked.clear()
    bound = replace(free, filter=ResourceFilter(platforms=("zibo",), stages=(Stage.PRIMARY,)))
    page = await filled.service.search(bound, facets=FACETS)
    facets = await filled.service.facets(bound, FACETS)
    assert watched.asked == ["search", "platform", "stage", "region", "platform"]
    assert page.totals_by_platform == {"zibo": page.total}
    assert {bucket.value for bucket in facets[0].buckets} == {"zibo", "chongqing"}


async def test_dimensions_are_counted_once_each_whatever_they_are_asked_with(filled: Catalog) -> None:
    watched = counting(filled)
    for dimensions in (FACETS[:2], FACETS[1:], FACETS, FACETS[:1]):
        await filled.service.facets(SearchRequest("函数"), dimensions)
    assert watched.asked == ["search", "platform stage", "region"]


async def test_a_condition_that_leaves_nothing_still_shows_what_its_own_facet_would(filled: Catalog) -> None:
    request = SearchRequest("", ResourceFilter(stages=(Stage.HIGHER,)))
    page = await filled.service.search(request, facets=FACETS)
    platform, stage, region = await filled.service.facets(request, FACETS)
    assert (page.total, platform.buckets, region.buckets) == (0, (), ())
    assert sum(bucket.count for bucket in stage.buckets) > 0


@pytest.mark.parametrize("sort", list(ResourceSort))
@pytest.mark.parametrize("query", QUERIES)
async def test_a_remembered_plan_and_a_new_one_give_the_same_page(
    filled: Catalog, query: str, sort: ResourceSort
) -> None:
    request = SearchRequest(query, sort=sort, first=7)
    anew = await filled.service.search(request, facets=FACETS)
    again = await filled.service.search(request)
    assert again == replace(anew, totals_by_platform=again.totals_by_platform)
    assert sum(again.totals_by_platform.values()) == anew.total
    seen = [hit.resource.record.native_id + hit.resource.platform for hit in anew.hits]
    page = anew
    while page.has_next:
        page = await filled.service.search(replace(request, after=page.hits[-1].cursor))
        assert page.total == anew.total
        seen += [hit.resource.record.native_id + hit.resource.platform for hit in page.hits]
    assert len(seen) == len(set(seen)) == anew.total


@pytest.mark.parametrize("level", list(Relaxation))
@pytest.mark.parametrize("query", [query for query in QUERIES if query])
async def test_boosts_that_are_left_out_weigh_nothing(
    filled: Catalog, query: str, level: Relaxation, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation: Generation = filled.service._index.generation

    def scores() -> Sequence[tuple[float, Any]]:
        matched = match(generation, query, level)
        assert matched is not None
        found: Any = generation.searcher.search(matched.weighed(matched.scored), 100, weight_by_field="weight")
        assert found.count == count(generation, matched.counted)
        return [(score, (address.segment_ord, address.doc)) for score, address in found.hits]

    short = scores()
    monkeypatch.setattr(generation, "holds", lambda _field, _term: True)
    assert scores() == short


async def test_a_term_is_held_by_the_fields_it_stands_in(filled: Catalog) -> None:
    generation: Generation = filled.service._index.generation
    assert [generation.holds(field, "勾股") for field in ("text", "title", "people")] == [True, True, False]


async def test_a_count_is_the_sum_of_what_an_aggregation_counts(filled: Catalog) -> None:
    generation: Generation = filled.service._index.generation
    for query in filter(None, QUERIES):
        matched = match(generation, query)
        assert matched is not None
        totals = count_values(generation, matched.counted, ("platform",))["platform"]
        assert count(generation, matched.counted) == sum(totals.values())


@pytest.mark.parametrize("sort", list(ResourceSort))
def test_cursors_written_together_are_those_written_one_by_one(sort: ResourceSort) -> None:
    token = "0123456789abcdef" if sort is ResourceSort.RELEVANCE else None
    for relaxation in Relaxation:
        like = Cursor(sort, "a1b2c3d4e5f6", relaxation, 0, token)
        positions = (0, 1, 20, 1 << 32, (1 << 64) - 1)
        for text, position in zip(written_cursors(like, positions), positions, strict=True):
            assert text == str(replace(like, position=position))
            plain = [1, sort.value, like.fingerprint, relaxation.value, position, token]
            assert _decoded(text) == orjson.dumps(plain)


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
