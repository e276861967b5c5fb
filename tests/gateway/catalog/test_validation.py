"""Requests that cannot be answered are refused with what is possible."""

from datetime import UTC, date, datetime

import pytest

from gateway.catalog import FacetDimension, ResourceFilter, SearchRequest
from gateway.errors import InvalidInput, LimitExceeded
from tests.gateway.catalog.conftest import Catalog

WRONG = [
    (ResourceFilter(regions=("500999",)), "filter.regions: '500999'.*did you mean 500000"),
    (ResourceFilter(regions=("渝中",)), r"filter.regions: '渝中'.*500103 \(渝中区\)"),
    (ResourceFilter(subjects=("mathematic",)), "filter.subjects: 'mathematic'.*did you mean 'mathematics'"),
    (ResourceFilter(subjects=("数学",)), "filter.subjects: '数学'.*did you mean 'mathematics'"),
    (ResourceFilter(grades=("G99",)), "filter.grades: 'G99'"),
    (ResourceFilter(editions=("?",)), "filter.editions: '\\?'"),
    (ResourceFilter(licenses=("cc-by-4",)), "filter.licenses: 'cc-by-4'.*cc-by-4.0"),
    (ResourceFilter(platforms=("chongqin",)), "filter.platforms.*'chongqin'; did you mean 'chongqing'"),
    (
        ResourceFilter(published_from=date(2026, 2, 1), published_to=date(2026, 1, 1)),
        "filter.publishedFrom: 2026-02-01 lies after publishedTo 2026-01-01",
    ),
    (
        ResourceFilter(starts_from=datetime(2026, 2, 1, tzinfo=UTC), starts_to=datetime(2026, 1, 1, tzinfo=UTC)),
        "filter.startsFrom.*lies after startsTo",
    ),
    (ResourceFilter(starts_from=datetime(2026, 2, 1)), "filter.startsFrom.*no zone"),  # noqa: DTZ001 - the very case
]


@pytest.mark.parametrize(("wanted", "message"), WRONG)
async def test_a_filter_that_cannot_be_meant_is_named_with_what_is_near(
    catalog: Catalog, wanted: ResourceFilter, message: str
) -> None:
    request = SearchRequest(filter=wanted)
    with pytest.raises(InvalidInput, match=message):
        await catalog.service.search(request)
    with pytest.raises(InvalidInput, match=message):
        await catalog.service.facets(request, [FacetDimension.KIND], 20)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (SearchRequest(first=101), "first: 101 is not between 0 and 100"),
        (SearchRequest(first=-1), "first: -1"),
        (SearchRequest(query="勾" * 501), "query: 501 characters"),
        (SearchRequest(filter=ResourceFilter(providers=("校",) * 501)), "filter.providers: 501 values"),
    ],
)
async def test_limits_are_stated(catalog: Catalog, request_: SearchRequest, message: str) -> None:
    with pytest.raises(LimitExceeded, match=message):
        await catalog.service.search(request_)


async def test_a_facet_limit_is_stated(catalog: Catalog) -> None:
    with pytest.raises(LimitExceeded, match="limit: 1001"):
        await catalog.service.facets(SearchRequest(), [FacetDimension.KIND], 1_001)


async def test_the_longest_query_is_answered(catalog: Catalog) -> None:
    assert (await catalog.service.search(SearchRequest(query="勾股" * 250))).total == 0
