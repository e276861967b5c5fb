"""What a query finds, in which order, and what happens where it finds nothing."""

import pytest

from gateway.catalog import SearchRequest
from schema.resources import CodedTerm, Contributor, Organization
from tests.gateway.catalog.conftest import Catalog
from tests.gateway.catalog.store import record, titles


async def test_all_words_are_needed_wherever_they_stand(catalog: Catalog) -> None:
    await catalog.put(
        "chongqing",
        record("1", "勾股定理的应用", summary="初中数学微课"),
        record("2", "二次函数", summary="初中数学微课"),
    )
    assert await titles(catalog.service, "微课 勾股定理") == ["勾股定理的应用"]
    assert set(await titles(catalog.service, "数学微课")) == {"勾股定理的应用", "二次函数"}


@pytest.mark.parametrize(
    "query", ["勾", "PYTHON3", "ｐｙｔｈｏｎ3 理", "张老师", "巴蜀", "mathematics", "几何画板", "数学"]
)
async def test_titles_people_labels_and_keywords_are_searched(catalog: Catalog, query: str) -> None:
    await catalog.put(
        "chongqing",
        record(
            "1",
            "勾股定理 Python3 入门",
            subjects=(CodedTerm(code="mathematics"),),
            keywords=("几何画板",),
            contributors=(Contributor(name="张老师"),),
            provider=Organization(name="重庆市巴蜀中学"),
        ),
        record("2", "其它"),
    )
    assert await titles(catalog.service, query) == ["勾股定理 Python3 入门"]


async def test_a_match_in_the_title_comes_before_one_in_the_summary(catalog: Catalog) -> None:
    await catalog.put(
        "chongqing",
        record("1", "二次函数", summary="勾股定理"),
        record("2", "勾股定理"),
        record("3", "定理、勾股数与股定", summary="勾股定理"),
    )
    assert (await titles(catalog.service, "勾股定理"))[0] == "勾股定理"


async def test_fresh_and_approved_records_come_first_among_equals(catalog: Catalog) -> None:
    await catalog.put(
        "chongqing",
        record("old", "勾股定理甲", published_at="2010-01-01T00:00:00Z"),
        record("new", "勾股定理乙", published_at="2026-08-01T00:00:00Z"),
        record("best", "勾股定理丙", published_at="2026-08-01T00:00:00Z", review={"status": "APPROVED"}),
    )
    assert await titles(catalog.service, "勾股定理") == ["勾股定理丙", "勾股定理乙", "勾股定理甲"]


async def test_no_words_find_everything_and_punctuation_finds_nothing(catalog: Catalog) -> None:
    await catalog.put("chongqing", record("1"), record("2"))
    assert len(await titles(catalog.service, "  ")) == 2
    assert await titles(catalog.service, "？！") == []


async def test_a_query_that_finds_something_is_not_corrected(catalog: Catalog) -> None:
    await catalog.put("chongqing", record("1", "勾股定理"))
    assert (await catalog.service.search(SearchRequest(query="勾股定理"))).did_you_mean is None


@pytest.mark.parametrize("query", ["初中数学勾股定理", "量子勾股定理", "勾股定理xyz", "定理勾股"])
async def test_a_query_that_finds_nothing_is_relaxed_and_says_what_would(catalog: Catalog, query: str) -> None:
    await catalog.put("chongqing", record("1", "勾股定理", summary="初中的数学"), record("2", "唐诗"))
    page = await catalog.service.search(SearchRequest(query=query))
    assert [hit.resource.record.native_id for hit in page.hits] == ["1"]
    assert page.did_you_mean
    again = await catalog.service.search(SearchRequest(query=page.did_you_mean))
    assert again.total >= 1
    assert again.did_you_mean is None


async def test_nothing_at_all_is_an_empty_page(catalog: Catalog) -> None:
    await catalog.put("chongqing", record("1", "勾股定理"))
    page = await catalog.service.search(SearchRequest(query="量子纠缠"))
    assert (page.hits, page.total, page.has_next, page.did_you_mean, page.totals_by_platform) == (
        (),
        0,
        False,
        None,
        {},
    )


async def test_a_page_of_none_still_has_its_total(catalog: Catalog) -> None:
    await catalog.put("chongqing", record("1"), record("2"))
    page = await catalog.service.search(SearchRequest(first=0))
    assert (page.hits, page.total, page.has_next) == ((), 2, True)
