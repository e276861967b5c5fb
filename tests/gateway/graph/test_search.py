"""Search, facets, sources and suggestions as a client sees them."""

from typing import Any

import pytest

from gateway.catalog.query import FacetDimension, ResourceSort
from gateway.identity import ADMINISTRATOR, PUBLIC_TIERS
from schema.access import Access
from schema.kinds import ResourceKind
from tests.gateway.graph.world import World


async def test_a_search_without_arguments_asks_for_the_first_twenty_by_relevance() -> None:
    world = World()
    data = await world.data("{ search { totalCount totalIsExact nodes { id } edges { cursor } didYouMean } }")
    (request,) = world.catalog.requests
    assert (request.query, request.first, request.after) == ("", 20, None)
    assert request.sort is ResourceSort.RELEVANCE
    assert request.visible == PUBLIC_TIERS
    assert len(data["search"]["nodes"]) == len(data["search"]["edges"]) == 20
    assert data["search"]["totalCount"] == 84
    assert data["search"]["totalIsExact"] is True


async def test_conditions_reach_the_catalog_and_null_or_absent_ones_ask_nothing() -> None:
    world = World()
    await world.data(
        "query($f: ResourceFilter) { search(filter: $f, sort: STARTS_AT) { totalCount } }",
        {
            "f": {
                "regions": ["500000"],
                "kinds": ["LESSON"],
                "access": [],
                "stages": None,
                "reviewed": False,
                "publishedFrom": "2026-01-01",
                "startsFrom": "2026-03-01T08:00:00+08:00",
            }
        },
    )
    (request,) = world.catalog.requests
    asked = request.filter
    assert (asked.regions, asked.kinds, asked.access, asked.stages) == (("500000",), (ResourceKind.LESSON,), (), None)
    assert asked.reviewed is False
    assert asked.published_from is not None
    assert asked.published_from.isoformat() == "2026-01-01"
    assert asked.starts_from is not None
    assert asked.starts_from.isoformat() == "2026-03-01T00:00:00+00:00"
    assert asked.programs is None


async def test_a_walk_by_cursor_sees_every_result_once() -> None:
    world, seen, after = World(), [], None
    while True:
        page = (
            await world.data(
                "query($a: String) { search(first: 30, after: $a)"
                " { edges { node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }",
                {"a": after},
            )
        )["search"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        seen += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert len(seen) == len(set(seen)) == 84


async def test_only_the_administrator_is_shown_the_narrow_tiers() -> None:
    world = World()
    query = '{ search(query: "校本") { nodes { title access openToViewer } } }'
    assert (await world.data(query))["search"]["nodes"] == []
    data = await world.data(query, principal=ADMINISTRATOR)
    assert data["search"]["nodes"] == [{"title": "校本 勾股定理", "access": "SCHOOL", "openToViewer": True}]
    assert world.catalog.requests[1].visible == frozenset(Access)


async def test_facets_come_in_the_order_asked_and_once_each() -> None:
    world = World()
    data = await world.data(
        "{ search { facets(dimensions: [KIND, STAGE, KIND], limit: 5) { dimension buckets { value count } } } }"
    )
    assert data["search"]["facets"] == [
        {"dimension": "KIND", "buckets": []},
        {"dimension": "STAGE", "buckets": [{"value": "JUNIOR_SECONDARY", "count": 82}]},
    ]


async def test_highlights_are_computed_only_when_asked_for() -> None:
    world = World()
    await world.data('{ search(query: "直播") { edges { cursor } } }')
    assert world.catalog.calls["highlights"] == 0
    data = await world.data('{ search(query: "直播") { edges { score highlights { field fragment } } } }')
    assert data["search"]["edges"] == [
        {"score": 1.0, "highlights": [{"field": "title", "fragment": "<em>直播</em> 勾股定理"}]}
    ]


async def test_every_platform_reports_what_it_contributed_and_how_old_that_is() -> None:
    data = await World().data(
        "{ search(first: 70) { sources { platform { code } state count total asOf latencyMs filteredHere message } } }"
    )
    sources = {one["platform"]["code"]: one for one in data["search"]["sources"]}
    assert {code: (one["state"], one["count"], one["total"]) for code, one in sources.items()} == {
        "chongqing": ("OK", 63, 63),
        "yuzhong": ("STALE", 7, 20),
        "zibo": ("SKIPPED", 0, 0),
        "orphaned": ("STALE", 0, 1),
    }
    assert sources["chongqing"]["asOf"] == "2026-03-01T04:00:00+00:00"
    assert sources["yuzhong"]["message"] == "login page instead of JSON"
    assert sources["zibo"]["asOf"] is None


async def test_sources_are_those_of_the_platform_filter() -> None:
    data = await World().data(
        '{ search(filter: { platforms: ["yuzhong"] }) { totalCount sources { platform { code } } } }'
    )
    assert data["search"] == {"totalCount": 20, "sources": [{"platform": {"code": "yuzhong"}}]}


async def test_suggestions_carry_kind_and_count() -> None:
    data = await World().data('{ suggest(prefix: "谢") { text kind count } }')
    assert data["suggest"] == [{"text": "谢家湾学校", "kind": "PROVIDER", "count": 1}]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ("first: 101", "LIMIT_EXCEEDED", "first: 101 is not between 0 and 100"),
        ("first: -1", "LIMIT_EXCEEDED", "first: -1 is not between 0 and 100"),
        ("timeoutMs: 10001", "LIMIT_EXCEEDED", "timeoutMs: 10001 is not between 1 and 10000"),
        ("timeoutMs: 0", "LIMIT_EXCEEDED", "timeoutMs: 0 is not between 1 and 10000"),
        ("timeoutMs: -5", "LIMIT_EXCEEDED", "timeoutMs"),
        ('after: "nonsense"', "CURSOR_INVALID", "nonsense"),
        ('filter: { regions: ["5001"] }', "INVALID_INPUT", "filter.regions: '5001' is no GB/T 2260 region code"),
        ('filter: { publishedFrom: "2026-02-01", publishedTo: "2026-01-01" }', "INVALID_INPUT", "publishedFrom"),
        (f'query: "{"长" * 501}"', "LIMIT_EXCEEDED", "query: 501 characters"),
        (f"filter: {{ grades: {str(['x'] * 501).replace(chr(39), chr(34))} }}", "LIMIT_EXCEEDED", "filter.grades"),
        ('filter: { platforms: ["chongqin"] }', "INVALID_INPUT", "did you mean 'chongqing'"),
        ("first: null", "GRAPHQL_VALIDATION_FAILED", "non-null type 'Int!'"),
        ("mode: LIVE", "NOT_READY", "live search is not open here"),
        ("mode: AUTO", "NOT_READY", "live search is not open here"),
        ("mode: FAST", "GRAPHQL_VALIDATION_FAILED", "FAST"),
        ('filter: { publishedFrom: "1 March" }', "GRAPHQL_VALIDATION_FAILED", 'is not a day such as "2026-03-01"'),
    ],
)
async def test_an_argument_that_cannot_be_used_is_refused_with_a_code(arguments: str, code: str, says: str) -> None:
    world = World()
    found, message = await world.refusal(f"{{ search({arguments}) {{ totalCount }} }}")
    assert found == code
    assert says in message
    assert world.catalog.calls["search"] == (1 if code == "CURSOR_INVALID" else 0)


async def test_the_bounds_themselves_are_allowed() -> None:
    data = await World().data(
        "{ none: search(first: 0) { nodes { id } totalCount pageInfo { startCursor endCursor } }"
        " all: search(first: 100, timeoutMs: 10000) { nodes { id } } }"
    )
    assert data["none"] == {"nodes": [], "totalCount": 84, "pageInfo": {"startCursor": None, "endCursor": None}}
    assert len(data["all"]["nodes"]) == 84


@pytest.mark.parametrize(
    ("text", "variables", "along"),
    [
        ("{ search { totalCount } }", {}, (False, ())),
        ("{ search { sources { state } } }", {}, (True, ())),
        ("{ search { ...on SearchConnection { from: sources { state } } } }", {}, (True, ())),
        ("{ search { ...A } } fragment A on SearchConnection { ...B } "
         "fragment B on SearchConnection { sources { state } }", {}, (True, ())),
        ("{ search { totalCount } search { sources { state } } }", {}, (True, ())),
        ("query($no: Boolean!) { search { sources @include(if: $no) { state } } }", {"no": False}, (True, ())),
        ("{ search { a: facets(dimensions: [STAGE, KIND]) { dimension } b: facets(dimensions: YEAR) { dimension } } }",
         {}, (False, (FacetDimension.STAGE, FacetDimension.KIND, FacetDimension.YEAR))),
        ("query($d: [FacetDimension!]!) { search { facets(dimensions: $d) { dimension } } }",
         {"d": ["REGION", "STAGE"]}, (False, (FacetDimension.REGION, FacetDimension.STAGE))),
        ("query($d: FacetDimension!) { search { facets(dimensions: [KIND, $d]) { dimension } } }",
         {"d": "STAGE"}, (False, (FacetDimension.KIND, FacetDimension.STAGE))),
    ],
)  # fmt: skip
async def test_the_catalog_counts_on_the_way_what_stands_below_the_search(
    text: str, variables: dict[str, Any], along: tuple[bool, tuple[FacetDimension, ...]]
) -> None:
    world = World()
    await world.data(text, variables)
    assert world.catalog.along == [along]
