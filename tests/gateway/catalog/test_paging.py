"""Cursor walks while the catalog changes under them."""

import random
from typing import Any

import pytest

from gateway.catalog import ResourceFilter, ResourceSort, SearchRequest
from gateway.catalog.generations import RETAINED_GENERATIONS
from gateway.errors import CursorExpired, CursorInvalid
from schema.resources import ResourceRecord
from tests.gateway.catalog.conftest import Catalog
from tests.gateway.catalog.store import record, seeded, withdraw

KEYSET = [sort for sort in ResourceSort if sort is not ResourceSort.RELEVANCE]


def some(number: int, chance: random.Random) -> ResourceRecord:
    moment = f"20{chance.randrange(10, 12)}-01-0{chance.randrange(1, 4)}T00:00:00Z"
    return record(
        f"n{number:04}",
        chance.choice(["勾股定理", "函数", "abc", "Abd", "9 课"]) + "课" * chance.randrange(3),
        published_at=moment if chance.random() < 0.8 else None,
        starts_at=moment if chance.random() < 0.8 else None,
        use_count=chance.choice([None, 0, 5, 7]),
    )


async def change(catalog: Catalog, chance: random.Random, number: int) -> None:
    """What a harvest does between two pages: new, changed and withdrawn records among the odd ones."""
    changed = [some(1 + 2 * chance.randrange(60), chance) for _ in range(4)]
    await catalog.put("chongqing", some(1_000 + number, chance), *changed)
    await withdraw(catalog.database, "chongqing", f"n{1 + 2 * chance.randrange(60):04}")
    await catalog.service.catch_up()


@pytest.mark.parametrize("sort", list(ResourceSort))
@pytest.mark.parametrize("query", ["", "课"])
async def test_a_walk_during_a_harvest_repeats_nothing_and_misses_nothing_unchanged(
    catalog: Catalog, sort: ResourceSort, query: str
) -> None:
    chance = seeded(3)
    before = [some(number, chance) for number in range(120)]
    await catalog.put("chongqing", *before)
    stable = {one.native_id for one in before[::2] if query in one.title}
    seen: list[str] = []
    after = None
    for step in range(1_000):
        page = await catalog.service.search(SearchRequest(query=query, sort=sort, first=7, after=after))
        assert page.has_previous is (step > 0)
        seen += [hit.resource.record.native_id for hit in page.hits]
        if not page.has_next:
            break
        after = page.hits[-1].cursor
        await change(catalog, chance, step)
    unchanged = [native_id for native_id in seen if native_id in stable]
    assert sorted(unchanged) == sorted(stable)
    if sort is ResourceSort.RELEVANCE:
        assert len(seen) == len(set(seen))


@pytest.mark.parametrize("sort", KEYSET)
async def test_what_has_no_value_comes_last(catalog: Catalog, sort: ResourceSort) -> None:
    moment = "2020-01-01T00:00:00Z"
    await catalog.put(
        "chongqing",
        record("none", "甲"),
        record("some", "甲", published_at=moment, starts_at=moment, use_count=0),
        record("else", "乙", published_at="2021-01-01T00:00:00Z", starts_at="2021-01-01T00:00:00Z", use_count=3),
    )
    page = await catalog.service.search(SearchRequest(sort=sort))
    order = [hit.resource.record.native_id for hit in page.hits]
    expected = {
        ResourceSort.NEWEST: ["else", "some", "none"],
        ResourceSort.OLDEST: ["some", "else", "none"],
        ResourceSort.STARTS_AT: ["some", "else", "none"],
        ResourceSort.MOST_USED: ["else", "some", "none"],
        ResourceSort.TITLE: ["none", "some", "else"],
    }
    assert order == expected[sort]


async def test_a_relevance_cursor_that_outlived_its_generation_expires(catalog: Catalog) -> None:
    await catalog.put("chongqing", *(record(str(number)) for number in range(5)))
    first = await catalog.service.search(SearchRequest(query="勾股", first=2))
    for number in range(RETAINED_GENERATIONS + 1):
        await catalog.put("chongqing", record(f"x{number}"))
        await catalog.service.search(SearchRequest(query="勾股", first=2))
    with pytest.raises(CursorExpired, match="first page"):
        await catalog.service.search(SearchRequest(query="勾股", first=2, after=first.hits[-1].cursor))


async def test_the_page_size_may_change_on_the_way(catalog: Catalog) -> None:
    await catalog.put("chongqing", *(record(str(number)) for number in range(9)))
    one = await catalog.service.search(SearchRequest(query="勾股", first=2))
    two = await catalog.service.search(SearchRequest(query="勾股", first=50, after=one.hits[-1].cursor))
    assert len({hit.resource.record.native_id for hit in one.hits + two.hits}) == 9
    assert not two.has_next


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"query": "函数"}, "another query or filter"),
        ({"filter": ResourceFilter(reviewed=True)}, "another query or filter"),
        ({"sort": ResourceSort.TITLE}, "sorted by NEWEST"),
        ({"sort": ResourceSort.RELEVANCE}, "sorted by NEWEST"),
    ],
)
async def test_a_cursor_of_another_search_is_refused(catalog: Catalog, changed: dict[str, Any], message: str) -> None:
    await catalog.put("chongqing", *(record(str(number)) for number in range(5)))
    asked: dict[str, Any] = {"query": "勾股", "sort": ResourceSort.NEWEST, "first": 2}
    page = await catalog.service.search(SearchRequest(**asked))
    with pytest.raises(CursorInvalid, match=message):
        await catalog.service.search(SearchRequest(**{**asked, **changed}, after=page.hits[-1].cursor))


@pytest.mark.parametrize("text", ["", "x", "!!!", "W10", "WzEsMiwzXQ", "é", "bnVsbA", "A" * 5_000])
async def test_text_that_is_no_cursor_is_refused(catalog: Catalog, text: str) -> None:
    with pytest.raises(CursorInvalid, match="after"):
        await catalog.service.search(SearchRequest(after=text))
